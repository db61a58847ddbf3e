//! What the engine's errors mean.

use std::fmt::{self, Write};
use std::sync::Arc;

use pack_abi::schema::FunctionName;
use pack_abi::{DecodeError, EncodeError};
use wasmtime::WasmBacktrace;

use crate::error::{CallSite, Error, GuestPanic, HostFunctionError, HostProblem, LimitError, Trap};
use crate::import::HostFailure;
use crate::limits::LimitKind;
use crate::package::Package;
use crate::state::State;

/// Longer names of guest functions are cut.
const LONGEST_NAME: usize = 512;

/// Ends a call whose time is over, on its way through the engine.
#[derive(Debug)]
pub(crate) struct OutOfTime;

impl fmt::Display for OutOfTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time of the call is over")
    }
}

impl std::error::Error for OutOfTime {}

pub(crate) fn call_site(package: &Package, name: FunctionName<'_>) -> CallSite {
    CallSite::new(&package.types().world, name)
}

/// What is no function of the contract.
pub(crate) fn internal(function: &str) -> FunctionName<'_> {
    FunctionName {
        interface: "",
        function,
    }
}

/// What it means that a call has ended in an error of the engine.
#[cold]
pub(crate) fn describe<T>(
    state: &mut State<T>,
    package: &Package,
    name: FunctionName<'_>,
    error: &wasmtime::Error,
) -> Error {
    let call = call_site(package, name);
    let (panic, refused) = (state.panic.take(), state.resources.refused.take());
    let backtrace = backtrace(error);
    if let Some(failure) = error.downcast_ref::<HostFailure>() {
        let error = Error::HostFunction(Box::new(HostFunctionError {
            call: call.clone(),
            import_interface: failure.interface.clone(),
            import_function: failure.function.clone(),
            problem: Arc::clone(&failure.problem),
        }));
        let limit = match &*failure.problem {
            HostProblem::Arguments(error) => LimitKind::of_value(error.kind()),
            _ => None,
        };
        let Some(limit) = limit else {
            return error;
        };
        return Error::Limit(Box::new(LimitError {
            call,
            limit,
            backtrace,
            source: Some(Box::new(error)),
        }));
    }
    let code = error.downcast_ref::<wasmtime::Trap>().copied();
    let limits = package.limits();
    let limit = match code {
        _ if error.is::<OutOfTime>() => limits.time.map(LimitKind::Time),
        Some(wasmtime::Trap::OutOfFuel) => limits.fuel.map(LimitKind::Fuel),
        Some(wasmtime::Trap::StackOverflow) => Some(LimitKind::Stack(limits.stack)),
        _ => None,
    };
    if let Some(limit) = limit {
        return Error::Limit(Box::new(LimitError {
            call,
            limit,
            backtrace,
            source: None,
        }));
    }
    // A panic ends in this trap. A guest that speaks of one and then traps otherwise has trapped.
    let panic = panic.filter(|_| code == Some(wasmtime::Trap::UnreachableCodeReached));
    let own = match panic {
        Some(panic) => Error::Panic(Box::new(GuestPanic {
            call: call.clone(),
            backtrace: backtrace.clone(),
            ..panic
        })),
        None => Error::Trap(Box::new(Trap {
            call: call.clone(),
            code,
            message: code.map_or_else(|| error.root_cause().to_string(), |code| code.to_string()),
            backtrace: backtrace.clone(),
        })),
    };
    match refused {
        // The guest was refused memory in this call, and this is how it took it.
        Some(limit) => Error::Limit(Box::new(LimitError {
            call,
            limit,
            backtrace,
            source: Some(Box::new(own)),
        })),
        None => own,
    }
}

/// What it means that a result cannot be read.
#[cold]
pub(crate) fn decode_error(package: &Package, name: FunctionName<'_>, error: DecodeError) -> Error {
    let call = call_site(package, name);
    let Some(limit) = LimitKind::of_value(error.kind()) else {
        return Error::Decode { call, error };
    };
    Error::Limit(Box::new(LimitError {
        call: call.clone(),
        limit,
        backtrace: Vec::new(),
        source: Some(Box::new(Error::Decode { call, error })),
    }))
}

/// What it means that arguments cannot be written.
#[cold]
pub(crate) fn encode_error(package: &Package, name: FunctionName<'_>, error: EncodeError) -> Error {
    let call = call_site(package, name);
    Error::Encode { call, error }
}

/// The guest's functions that were running, innermost first.
fn backtrace(error: &wasmtime::Error) -> Vec<String> {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else {
        return Vec::new();
    };
    let name = |frame: &wasmtime::FrameInfo| match frame.func_name() {
        Some(name) => {
            let mut cut = Cut(String::new());
            // Names come from the module, and may be of any length; a short one may stand for a very long one.
            let name = name.get(..name.floor_char_boundary(LONGEST_NAME));
            let name = rustc_demangle::demangle(name.unwrap_or_default());
            // An error means that the name was cut.
            let _ = write!(cut, "{name:#}");
            cut.0
        }
        None => "an unnamed function".to_owned(),
    };
    backtrace.frames().iter().map(name).collect()
}

/// Text of at most [`LONGEST_NAME`] bytes.
struct Cut(String);

impl Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let fitting = text.floor_char_boundary(LONGEST_NAME.saturating_sub(self.0.len()));
        self.0.push_str(text.get(..fitting).unwrap_or_default());
        if fitting < text.len() {
            return Err(fmt::Error);
        }
        Ok(())
    }
}
