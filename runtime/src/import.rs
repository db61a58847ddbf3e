//! What packages may import: the functions that a host offers, and those of the calling convention.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use pack_abi::convention::{DROP_IMPORT, PANIC, TAKE_RESULT};
use pack_abi::{DecodeError, DecodeErrorKind};
use wasmtime::{
    Caller, Engine, Extern, FuncType, ImportType, InstancePre, IntoFunc, Linker, StoreContextMut,
    UnknownImportError, Val,
};
#[cfg(feature = "async")]
use wasmtime::{WasmRet, WasmTyList};

use crate::error::{CallSite, Error, GuestPanic, HostProblem, LinkError, LinkProblem};
use crate::function::CalledFunction;
use crate::guest::slice_mut;
use crate::host_call::{HostCall, HostResult, host_call};
use crate::log::{self, LogSink};
use crate::package::Package;
use crate::payload::outside;
use crate::state::State;

/// Messages of guest panics are cut after so many bytes.
const LONGEST_PANIC: u32 = 64 << 10;

/// Collects the functions that a package may import.
pub struct Imports<T: 'static> {
    linker: Linker<State<T>>,
    defined: BTreeSet<(String, String)>,
    /// Whether some of the functions wait.
    pub(crate) has_waiting: bool,
    /// Where events go, if not where those of the runtime do.
    pub(crate) log: Option<Arc<dyn LogSink>>,
}

impl<T> fmt::Debug for Imports<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Imports")
            .field("defined", &self.defined)
            .finish_non_exhaustive()
    }
}

impl<T: 'static> Imports<T> {
    /// What every package may import, which belongs to the calling convention.
    pub(crate) fn new(engine: &Engine) -> Result<Self, Error> {
        let mut this = Self {
            linker: Linker::new(engine),
            defined: BTreeSet::new(),
            has_waiting: false,
            log: None,
        };
        this.function(PANIC.0, PANIC.1, report_panic::<T>)?;
        this.function(TAKE_RESULT.0, TAKE_RESULT.1, take_result::<T>)?;
        this.function(DROP_IMPORT.0, DROP_IMPORT.1, drop_resource::<T>)?;
        Ok(this)
    }

    fn define(&mut self, interface: &str, name: &str) {
        self.defined.insert((interface.to_owned(), name.to_owned()));
    }

    /// Offers one function.
    ///
    /// # Errors
    ///
    /// If it has been offered already.
    pub fn function<P, R>(
        &mut self,
        interface: &str,
        name: &str,
        function: impl IntoFunc<State<T>, P, R>,
    ) -> Result<(), Error> {
        self.linker
            .func_wrap(interface, name, function)
            .map_err(Error::Engine)?;
        self.define(interface, name);
        Ok(())
    }

    /// Offers one function that can wait.
    ///
    /// # Errors
    ///
    /// If it has been offered already.
    #[cfg(feature = "async")]
    pub fn function_async<P: WasmTyList, R: WasmRet>(
        &mut self,
        interface: &str,
        name: &str,
        function: impl for<'a> Fn(Caller<'a, State<T>>, P) -> Box<dyn Future<Output = R> + Send + 'a>
        + Send
        + Sync
        + 'static,
    ) -> Result<(), Error>
    where
        T: Send,
    {
        self.linker
            .func_wrap_async(interface, name, function)
            .map_err(Error::Engine)?;
        self.has_waiting = true;
        self.define(interface, name);
        Ok(())
    }

    /// Offers one function whose core type is known only now.
    pub(crate) fn untyped(
        &mut self,
        called: CalledFunction,
        function: impl Fn(
            &CalledFunction,
            &mut Caller<'_, State<T>>,
            &[Val],
            &mut [Val],
        ) -> Result<(), HostProblem>
        + Send
        + Sync
        + 'static,
    ) -> Result<(), Error> {
        let ty = called.core_type(self.linker.engine());
        let (interface, name) = (Arc::clone(&called.interface), Arc::clone(&called.name));
        let body = move |mut caller: Caller<'_, State<T>>, params: &[Val], results: &mut [Val]| {
            host_call(&called.interface, &called.name, || {
                function(&called, &mut caller, params, results)
            })
        };
        self.linker
            .func_new(&interface, &name, ty, body)
            .map_err(Error::Engine)?;
        self.define(&interface, &name);
        Ok(())
    }

    /// Offers one function that can wait, whose core type is known only now.
    #[cfg(feature = "async")]
    pub(crate) fn untyped_async(
        &mut self,
        called: CalledFunction,
        function: impl for<'a> Fn(
            Arc<CalledFunction>,
            Caller<'a, State<T>>,
            &'a [Val],
            &'a mut [Val],
        ) -> Answer<'a>
        + Send
        + Sync
        + 'static,
    ) -> Result<(), Error>
    where
        T: Send,
    {
        let ty = called.core_type(self.linker.engine());
        let called = Arc::new(called);
        let (interface, name) = (Arc::clone(&called.interface), Arc::clone(&called.name));
        self.linker
            .func_new_async(&interface, &name, ty, move |caller, params, results| {
                function(Arc::clone(&called), caller, params, results)
            })
            .map_err(Error::Engine)?;
        self.has_waiting = true;
        self.define(&interface, &name);
        Ok(())
    }

    /// Holds the place of a function that another package provides.
    pub(crate) fn wired(&mut self, function: &CalledFunction) -> Result<(), Error> {
        let ty = function.core_type(self.linker.engine());
        let nowhere = |_: Caller<'_, State<T>>, _: &[Val], _: &mut [Val]| {
            wasmtime::bail!("another package provides this function")
        };
        self.linker
            .func_new(&function.interface, &function.name, ty, nowhere)
            .map_err(Error::Engine)?;
        self.define(&function.interface, &function.name);
        Ok(())
    }

    /// What is offered for an import.
    pub(crate) fn get(
        &self,
        store: &mut StoreContextMut<'_, State<T>>,
        import: &ImportType<'_>,
    ) -> Result<Extern, Error> {
        let found = self.linker.get_by_import(store, import);
        found.ok_or_else(|| {
            let (module, name) = (import.module(), import.name());
            Error::Convention(format!("nothing is offered for `{name}` of `{module}`"))
        })
    }

    /// Connects the package's imports.
    pub(crate) fn finish(&mut self, package: &Package) -> Result<InstancePre<State<T>>, Error> {
        let sink = self.log.take();
        let sink = sink.or_else(|| package.runtime().log().cloned());
        log::offer(self, package, sink)?;
        let error = match self.linker.instantiate_pre(package.module()) {
            Ok(pre) => return Ok(pre),
            Err(error) => error,
        };
        if !error.is::<UnknownImportError>() {
            return Err(Error::Convention(format!(
                "its imports are not what they should be: {error:#}"
            )));
        }
        // The engine names one. What the caller defined himself is found by defining it again.
        let mut probe = self.linker.clone();
        let ty = FuncType::new(self.linker.engine(), [], []);
        let mut is_missing = |import: &ImportType<'_>| {
            let nothing = |_: Caller<'_, State<T>>, _: &[Val], _: &mut [Val]| Ok(());
            let defined = probe.func_new(import.module(), import.name(), ty.clone(), nothing);
            defined.is_ok()
        };
        let imports = package.module().imports();
        let missing = imports.filter(|import| is_missing(import));
        let problems = missing.map(|import| LinkProblem::MissingImport {
            module: import.module().to_owned(),
            name: import.name().to_owned(),
            hint: self.hint(import.module()),
        });
        let problems = problems.collect();
        Err(Error::Link(Box::new(LinkError { problems })))
    }

    /// The engine's own linker.
    pub(crate) fn engine_linker(&mut self) -> &mut Linker<State<T>> {
        &mut self.linker
    }

    fn hint(&self, module: &str) -> String {
        if module.starts_with("wasi") {
            return "; it was built for WASI: build it for wasm32-unknown-unknown".to_owned();
        }
        if module.starts_with("__wbindgen") {
            return "; it was built for wasm-bindgen, and a crate it uses expects a browser"
                .to_owned();
        }
        let defined = self.defined.iter().filter(|(m, _)| m == module);
        let functions: Vec<&str> = defined.map(|(_, name)| name.as_str()).collect();
        match functions.is_empty() {
            true => String::new(),
            false => format!("; of that interface it provides {}", functions.join(", ")),
        }
    }
}

/// The future of a host function, as the engine has it.
#[cfg(feature = "async")]
pub(crate) type Answer<'a> = Box<dyn Future<Output = HostResult<()>> + Send + 'a>;

/// Keeps what the guest says about its panic. Whatever is wrong with the pointers, the trap that follows is
/// reported.
fn report_panic<T: 'static>(
    mut caller: Caller<'_, State<T>>,
    message: i32,
    message_length: i32,
    file: i32,
    file_length: i32,
    line: i32,
    column: i32,
) {
    let text = |call: &HostCall<'_, '_, T>, pointer: i32, length: i32| {
        let length = length.cast_unsigned().min(LONGEST_PANIC);
        call.bytes(pointer.cast_unsigned(), length)
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    };
    let unreadable = |_| "(the message is outside the guest's memory)".to_owned();
    let Ok(call) = HostCall::new(&mut caller) else {
        return;
    };
    let message = text(&call, message, message_length).unwrap_or_else(unreadable);
    let file = text(&call, file, file_length).unwrap_or_default();
    caller.data_mut().guest.panic = Some(GuestPanic {
        call: CallSite::default(),
        message,
        file,
        line: line.cast_unsigned(),
        column: column.cast_unsigned(),
        backtrace: Vec::new(),
    });
}

/// Drops a resource of the host that the guest owns.
fn drop_resource<T: 'static>(mut caller: Caller<'_, State<T>>, handle: i32) -> HostResult<()> {
    let handle = handle.cast_unsigned();
    // The host's own destructor runs here.
    host_call(DROP_IMPORT.0, DROP_IMPORT.1, || {
        let dropped = caller.data_mut().guest.handles.drop_held(handle);
        let kind = |problem| DecodeErrorKind::Handle { handle, problem };
        Ok(dropped.map_err(|problem| DecodeError::new(kind(problem), 0))?)
    })
}

/// Hands over a result that did not fit.
fn take_result<T: 'static>(
    mut caller: Caller<'_, State<T>>,
    space: i32,
    length: i32,
) -> HostResult<()> {
    host_call(TAKE_RESULT.0, TAKE_RESULT.1, || {
        let pending = std::mem::take(&mut caller.data_mut().guest.pending);
        let (pointer, length) = (space.cast_unsigned(), length.cast_unsigned());
        let kept = pending.len();
        if usize::try_from(length) != Ok(kept) {
            let problem =
                format!("the guest fetches a result of {length} bytes, and that of {kept} is kept");
            return Err(HostProblem::Failed(problem.into()));
        }
        let mut call = HostCall::new(&mut caller)?;
        let room = slice_mut(call.memory_mut(), pointer, length);
        room.ok_or_else(|| outside(pointer, length))?
            .copy_from_slice(&pending);
        Ok(())
    })
}
