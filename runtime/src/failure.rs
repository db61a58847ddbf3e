//! What the engine's errors mean.

use std::fmt::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use pack_abi::schema::FunctionName;
use pack_abi::{DecodeError, EncodeError};
use wasmtime::{StoreContextMut, WasmBacktrace};

use crate::error::{
    CallSite, CalleeError, Error, GuestPanic, HostFunctionError, HostProblem, LimitError, Trap,
};
use crate::limits::LimitKind;
use crate::package::Package;
use crate::state::{GuestState, State};

/// Longer names of guest functions are cut.
const LONGEST_NAME: usize = 512;

/// Ends a call whose time is over, on its way through the engine.
#[derive(Debug)]
pub(crate) struct OutOfTime(pub(crate) Duration);

impl fmt::Display for OutOfTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the time of the call, {:?}, is over", self.0)
    }
}

impl std::error::Error for OutOfTime {}

/// The failure of a host function, on its way through the engine.
#[derive(Debug)]
pub(crate) struct HostFailure {
    pub(crate) interface: Arc<str>,
    pub(crate) function: Arc<str>,
    pub(crate) problem: Arc<HostProblem>,
}

impl fmt::Display for HostFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl std::error::Error for HostFailure {}

/// The failure of a package that another one has called, on its way through the engine.
#[derive(Debug)]
pub(crate) struct CalleeFailure {
    pub(crate) interface: Arc<str>,
    pub(crate) function: Arc<str>,
    /// Its name in the composition.
    pub(crate) part: Arc<str>,
    pub(crate) error: Arc<Error>,
}

impl fmt::Display for CalleeFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for CalleeFailure {}

/// An error that has been described already, on its way through the engine.
#[derive(Debug)]
pub(crate) struct Described(pub(crate) Error);

impl fmt::Display for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Described {}

/// What a failed call of an import was, if the import is what failed.
pub(crate) fn import_error(call: &CallSite, error: &wasmtime::Error) -> Option<Error> {
    if let Some(failure) = error.downcast_ref::<HostFailure>() {
        return Some(Error::HostFunction(Box::new(HostFunctionError {
            call: call.clone(),
            import_interface: failure.interface.to_string(),
            import_function: failure.function.to_string(),
            problem: Arc::clone(&failure.problem),
        })));
    }
    let failure = error.downcast_ref::<CalleeFailure>()?;
    Some(Error::Callee(Box::new(CalleeError {
        call: call.clone(),
        import_interface: failure.interface.to_string(),
        import_function: failure.function.to_string(),
        part: failure.part.to_string(),
        error: Arc::clone(&failure.error),
    })))
}

/// Ends a call that has hit a limit which the host counts itself, on its way through the engine.
#[derive(Debug)]
pub(crate) struct LimitHit(pub(crate) LimitKind);

impl fmt::Display for LimitHit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the call needs more than {}", self.0)
    }
}

impl std::error::Error for LimitHit {}

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

/// What a failed call was, if nobody has said.
pub(crate) fn unknown(call: CallSite, error: &wasmtime::Error) -> Error {
    if let Some(problem) = no_room(error) {
        return Error::NoRoom { call, problem };
    }
    let backtrace = backtrace(error);
    if let Some(OutOfTime(limit)) = error.downcast_ref() {
        let limit = LimitKind::Time(*limit);
        return Error::Limit(Box::new(LimitError {
            call,
            limit,
            backtrace,
            source: None,
        }));
    }
    let code = error.downcast_ref::<wasmtime::Trap>().copied();
    Error::Trap(Box::new(Trap {
        call,
        code,
        message: error.root_cause().to_string(),
        backtrace,
    }))
}

/// What the engine's pool has not enough of, if that is why there is no instance, or no stack for a call.
#[cfg(feature = "pooling")]
fn no_room(error: &wasmtime::Error) -> Option<String> {
    let full = error.downcast_ref::<wasmtime::PoolConcurrencyLimitError>()?;
    Some(full.to_string())
}

#[cfg(not(feature = "pooling"))]
fn no_room(_: &wasmtime::Error) -> Option<String> {
    None
}

/// What it means that a call has ended in an error of the engine.
#[cold]
pub(crate) fn describe(
    guest: &mut GuestState,
    package: &Package,
    name: FunctionName<'_>,
    error: wasmtime::Error,
) -> Error {
    match error.downcast::<Described>() {
        Ok(Described(error)) => error,
        Err(error) => package
            .runtime()
            .observed(meaning(guest, package, name, &error)),
    }
}

fn meaning(
    guest: &mut GuestState,
    package: &Package,
    name: FunctionName<'_>,
    error: &wasmtime::Error,
) -> Error {
    let (panic, refused) = (guest.panic.take(), guest.resources.refused.take());
    let call = call_site(package, name);
    if let Some(problem) = no_room(error) {
        return Error::NoRoom { call, problem };
    }
    let backtrace = backtrace(error);
    if let Some(error) = import_error(&call, error) {
        let limit = match &error {
            Error::HostFunction(failure) => match &*failure.problem {
                HostProblem::Arguments(error) => LimitKind::of_value(error.kind()),
                _ => None,
            },
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
    let over = error
        .downcast_ref::<OutOfTime>()
        .map(|OutOfTime(limit)| *limit);
    let code = error.downcast_ref::<wasmtime::Trap>().copied();
    let limits = package.limits();
    let counted = error.downcast_ref::<LimitHit>().map(|hit| hit.0);
    let limit = counted.or(match code {
        _ if over.is_some() => over.map(LimitKind::Time),
        Some(wasmtime::Trap::OutOfFuel) => guest.fuel.map(LimitKind::Fuel),
        Some(wasmtime::Trap::StackOverflow) => Some(LimitKind::Stack(limits.stack)),
        _ => None,
    });
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

/// A result of the engine, where the guest is the current one.
pub(crate) fn described<R, T>(
    store: &mut StoreContextMut<'_, State<T>>,
    package: &Package,
    name: FunctionName<'_>,
    result: wasmtime::Result<R>,
) -> Result<R, Error> {
    let guest = &mut store.data_mut().guest;
    result.map_err(|error| describe(guest, package, name, error))
}

/// What it means that a result cannot be read.
#[cold]
pub(crate) fn decode_error(package: &Package, name: FunctionName<'_>, error: DecodeError) -> Error {
    package.runtime().observed(unreadable(package, name, error))
}

/// [`decode_error`], where whoever called will find it as well.
pub(crate) fn unreadable(package: &Package, name: FunctionName<'_>, error: DecodeError) -> Error {
    let call = call_site(package, name);
    let limit = LimitKind::of_value(error.kind());
    let error = Error::Decode {
        call: call.clone(),
        error,
    };
    match limit {
        None => error,
        Some(limit) => Error::Limit(Box::new(LimitError {
            call,
            limit,
            backtrace: Vec::new(),
            source: Some(Box::new(error)),
        })),
    }
}

/// What it means that arguments cannot be written.
#[cold]
pub(crate) fn encode_error(package: &Package, name: FunctionName<'_>, error: EncodeError) -> Error {
    let call = call_site(package, name);
    package.runtime().observed(Error::Encode { call, error })
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
