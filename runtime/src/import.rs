//! Host functions: the called end of the calling convention.

use std::any::Any;
use std::collections::BTreeSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
#[cfg(feature = "async")]
use std::task::Poll;
use std::thread;

use pack_abi::__private::{FlatReader, FlatWriter};
use pack_abi::convention::{DROP_IMPORT, PANIC, TAKE_RESULT};
use pack_abi::wire::{Decoder, Encoder, SliceSink, decode_with, decode_with_handles};
use pack_abi::{DecodeError, DecodeErrorKind, Encode, EncodeError, GraphValue, Limits};
use wasmtime::{
    AsContext, Caller, Engine, FuncType, ImportType, InstancePre, IntoFunc, Linker, Memory, Val,
};
#[cfg(feature = "async")]
use wasmtime::{WasmRet, WasmTyList};

use crate::core_value::function_type;
use crate::error::{CallSite, Error, GuestPanic, HostProblem, LinkError, LinkProblem};
use crate::host_interface::Called;
use crate::instance::slice;
use crate::package::Package;
use crate::state::State;

/// What a host function returns to the engine.
pub type HostResult<T> = wasmtime::Result<T>;

/// Messages of guest panics are cut after so many bytes.
const LONGEST_PANIC: u32 = 64 << 10;

/// Collects the functions that a package may import.
pub struct Imports<T: 'static> {
    linker: Linker<State<T>>,
    defined: BTreeSet<(String, String)>,
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
        self.define(interface, name);
        Ok(())
    }

    fn function_type(&self, called: &Called) -> FuncType {
        let signature = &called.signature;
        let (params, result) = (signature.core_params(), signature.core_result());
        function_type(self.linker.engine(), &params, result)
    }

    /// Offers one function whose core type is known only now.
    pub(crate) fn untyped(
        &mut self,
        called: Called,
        function: impl Fn(
            &Called,
            &mut Caller<'_, State<T>>,
            &[Val],
            &mut [Val],
        ) -> Result<(), HostProblem>
        + Send
        + Sync
        + 'static,
    ) -> Result<(), Error> {
        let ty = self.function_type(&called);
        let (interface, name) = (Arc::clone(&called.interface), Arc::clone(&called.function));
        let body = move |mut caller: Caller<'_, State<T>>, params: &[Val], results: &mut [Val]| {
            host_call(&called.interface, &called.function, || {
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
        called: Called,
        function: impl for<'a> Fn(
            Arc<Called>,
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
        let ty = self.function_type(&called);
        let called = Arc::new(called);
        let (interface, name) = (Arc::clone(&called.interface), Arc::clone(&called.function));
        self.linker
            .func_new_async(&interface, &name, ty, move |caller, params, results| {
                function(Arc::clone(&called), caller, params, results)
            })
            .map_err(Error::Engine)?;
        self.define(&interface, &name);
        Ok(())
    }

    /// Connects the package's imports.
    pub(crate) fn finish(self, package: &Package) -> Result<InstancePre<State<T>>, Error> {
        let module = package.module();
        let is_missing = |import: &ImportType<'_>| {
            let names = (import.module().to_owned(), import.name().to_owned());
            !self.defined.contains(&names)
        };
        let problems: Vec<LinkProblem> = module
            .imports()
            .filter(is_missing)
            .map(|import| LinkProblem::MissingImport {
                module: import.module().to_owned(),
                name: import.name().to_owned(),
                hint: self.hint(import.module()),
            })
            .collect();
        if !problems.is_empty() {
            return Err(Error::Link(Box::new(LinkError { problems })));
        }
        self.linker.instantiate_pre(module).map_err(|error| {
            Error::Convention(format!(
                "its imports are not what they should be: {error:#}"
            ))
        })
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

/// A guest's call of a host function.
pub struct HostCall<'c, 'a, T: 'static> {
    caller: &'c mut Caller<'a, State<T>>,
    memory: Memory,
}

impl<T> fmt::Debug for HostCall<'_, '_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostCall")
    }
}

impl<'c, 'a, T: 'static> HostCall<'c, 'a, T> {
    /// The call that is going on.
    ///
    /// # Errors
    ///
    /// If the guest has no memory.
    #[inline]
    pub fn new(caller: &'c mut Caller<'a, State<T>>) -> Result<Self, HostProblem> {
        let memory = match caller.data().memory {
            Some(memory) => memory,
            // While the module's start function runs.
            None => match caller
                .get_export("memory")
                .and_then(wasmtime::Extern::into_memory)
            {
                Some(memory) => memory,
                None => return Err(HostProblem::NoMemory),
            },
        };
        Ok(Self { caller, memory })
    }

    /// The host's data.
    #[inline]
    pub fn data(&mut self) -> &mut T {
        &mut self.caller.data_mut().host
    }

    fn bytes(&self, pointer: i32, length: u32) -> Result<&[u8], HostProblem> {
        let pointer = pointer.cast_unsigned();
        slice(self.memory.data(self.caller.as_context()), pointer, length).ok_or_else(|| {
            DecodeError::new(DecodeErrorKind::OutsideMemory { pointer, length }, 0).into()
        })
    }

    pub(crate) fn limits(&self) -> Limits {
        self.caller.data().limits
    }

    /// A parameter that travels as core values.
    ///
    /// # Errors
    ///
    /// If a core value is outside its type's range.
    #[inline]
    pub fn flat<V: GraphValue>(&mut self, slots: &[u64]) -> Result<V, HostProblem> {
        let handles = &mut self.caller.data_mut().handles;
        Ok(V::unflatten(
            &mut FlatReader::new(slots).with_handles(handles),
        )?)
    }

    /// A string.
    ///
    /// # Errors
    ///
    /// If it is outside memory, not UTF-8, or past the limits.
    #[inline]
    pub fn text(&self, pointer: i32, length: i32) -> Result<String, HostProblem> {
        let bytes = self.bytes(pointer, length.cast_unsigned())?;
        Decoder::new(bytes, self.limits()).charge_bytes(bytes.len())?;
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => Err(DecodeError::new(DecodeErrorKind::Utf8, error.valid_up_to()).into()),
        }
    }

    /// A list of scalars.
    ///
    /// # Errors
    ///
    /// If it is outside memory, past the limits, or some are not values of their type.
    #[inline]
    pub fn scalars<V: GraphValue>(&self, pointer: i32, count: i32) -> Result<Vec<V>, HostProblem> {
        let count = count.cast_unsigned();
        let length = u64::from(count) * u64::from(V::MIN_WIDTH);
        let outside = DecodeErrorKind::OutsideMemory {
            pointer: pointer.cast_unsigned(),
            length: u32::MAX,
        };
        let length = u32::try_from(length).map_err(|_| DecodeError::new(outside, 0))?;
        let bytes = self.bytes(pointer, length)?;
        Ok(V::decode_list(
            &mut Decoder::new(bytes, self.limits()),
            count,
        )?)
    }

    /// The message that a string or a list of scalars would be in a buffer.
    ///
    /// # Errors
    ///
    /// If it is outside memory, or past the limits.
    pub(crate) fn counted(
        &self,
        pointer: i32,
        count: i32,
        width: u32,
    ) -> Result<Vec<u8>, HostProblem> {
        let count = count.cast_unsigned();
        let outside = || {
            let pointer = pointer.cast_unsigned();
            let length = u32::MAX;
            DecodeError::new(DecodeErrorKind::OutsideMemory { pointer, length }, 0)
        };
        let length = count.checked_mul(width).ok_or_else(outside)?;
        let bytes = self.bytes(pointer, length)?;
        Decoder::new(bytes, self.limits()).charge_bytes(bytes.len())?;
        let mut message = Vec::with_capacity(4 + bytes.len());
        message.extend(count.to_le_bytes());
        message.extend(bytes);
        Ok(message)
    }

    /// The parameters that travel in a buffer.
    ///
    /// # Errors
    ///
    /// If it is outside memory, or the bytes are not values of the parameters' types.
    #[inline]
    pub fn params<V>(
        &self,
        pointer: i32,
        length: i32,
        read: impl Fn(&mut Decoder<'_>) -> Result<V, DecodeError>,
    ) -> Result<V, HostProblem> {
        Ok(decode_with(
            self.bytes(pointer, length.cast_unsigned())?,
            self.limits(),
            read,
        )?)
    }

    /// The parameters that travel in a buffer, where they have resources.
    ///
    /// # Errors
    ///
    /// As [`params`](Self::params), or if the guest passes what it does not have.
    pub fn params_with_handles<V>(
        &mut self,
        pointer: i32,
        length: i32,
        read: impl FnOnce(&mut Decoder<'_>) -> Result<V, DecodeError>,
    ) -> Result<V, HostProblem> {
        let (pointer, length) = (pointer.cast_unsigned(), length.cast_unsigned());
        let (memory, state) = self.memory.data_and_store_mut(&mut *self.caller);
        let outside = || DecodeError::new(DecodeErrorKind::OutsideMemory { pointer, length }, 0);
        let bytes = slice(memory, pointer, length).ok_or_else(outside)?;
        Ok(decode_with_handles(
            bytes,
            state.limits,
            &mut state.handles,
            read,
        )?)
    }

    /// A result that travels as one core value.
    ///
    /// # Errors
    ///
    /// If it is a resource that cannot be given to this guest.
    #[inline]
    pub fn flatten<V: Encode>(&mut self, result: &V) -> Result<[u64; 1], HostProblem> {
        let mut slots = [0];
        let handles = &mut self.caller.data_mut().handles;
        let mut writer = FlatWriter::new(&mut slots).with_handles(handles);
        result.flatten(&mut writer);
        writer.finish()?;
        self.caller.data_mut().handles.message_sent();
        Ok(slots)
    }

    /// A result that travels in wire form: written into the space the guest offers. If it does not fit, it is kept
    /// for the guest to fetch. Returns its length.
    ///
    /// # Errors
    ///
    /// If the space is outside memory, or the result cannot be sent.
    #[inline]
    pub fn answer<V: Encode>(
        &mut self,
        result: &V,
        space: i32,
        capacity: i32,
    ) -> Result<i32, HostProblem> {
        self.answer_with(space, capacity, |encoder| {
            result.encode(encoder);
            Ok(())
        })
    }

    /// [`answer`](Self::answer), of what `write` writes.
    ///
    /// # Errors
    ///
    /// As [`answer`](Self::answer), and those of `write`.
    #[inline]
    pub(crate) fn answer_with(
        &mut self,
        space: i32,
        capacity: i32,
        write: impl Fn(&mut Encoder<SliceSink<'_>>) -> Result<(), EncodeError>,
    ) -> Result<i32, HostProblem> {
        let limits = self.limits();
        let (pointer, length) = (space.cast_unsigned(), capacity.cast_unsigned());
        let outside = || DecodeError::new(DecodeErrorKind::OutsideMemory { pointer, length }, 0);
        let (memory, state) = self.memory.data_and_store_mut(&mut *self.caller);
        let room = usize::try_from(pointer).ok().and_then(|start| {
            let end = start.checked_add(usize::try_from(length).ok()?)?;
            memory.get_mut(start..end)
        });
        let sink = SliceSink::new(room.ok_or_else(outside)?).with_handles(&mut state.handles);
        let sink = written(sink, limits, &write)?;
        let needed = pack_abi::Sink::position(&sink);
        let fits = sink.fits();
        state.pending = Vec::new();
        if !fits {
            state.pending.resize(needed, 0);
            let sink = SliceSink::new(&mut state.pending).with_handles(&mut state.handles);
            written(sink, limits, &write)?;
        }
        state.handles.message_sent();
        // Encoding refuses what is longer than 2^32-1 bytes.
        Ok(u32::try_from(needed).unwrap_or_default().cast_signed())
    }
}

fn written<'s>(
    sink: SliceSink<'s>,
    limits: Limits,
    write: &impl Fn(&mut Encoder<SliceSink<'_>>) -> Result<(), EncodeError>,
) -> Result<SliceSink<'s>, EncodeError> {
    let mut encoder = Encoder::new(sink, limits);
    write(&mut encoder)?;
    encoder.finish()
}

/// The failure of a host function, on its way through the engine.
#[derive(Debug)]
pub(crate) struct HostFailure {
    pub(crate) interface: String,
    pub(crate) function: String,
    pub(crate) problem: Arc<HostProblem>,
}

impl fmt::Display for HostFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl std::error::Error for HostFailure {}

/// Runs a host function. Its failure, or panic, ends the guest's call.
///
/// # Errors
///
/// Its own, for the engine.
#[inline]
pub fn host_call<R>(
    interface: &str,
    function: &str,
    body: impl FnOnce() -> Result<R, HostProblem>,
) -> HostResult<R> {
    // What a panic leaves half done is the host's own data. The instance is not used again.
    let outcome = catch_unwind(AssertUnwindSafe(body));
    host_result(interface, function, outcome)
}

/// Runs a host function that can wait. Its failure, or panic, ends the guest's call.
///
/// # Errors
///
/// Its own, for the engine.
#[cfg(feature = "async")]
pub async fn host_call_async<R>(
    interface: &str,
    function: &str,
    body: impl Future<Output = Result<R, HostProblem>>,
) -> HostResult<R> {
    let mut body = std::pin::pin!(body);
    let outcome = std::future::poll_fn(|context| {
        match catch_unwind(AssertUnwindSafe(|| body.as_mut().poll(context))) {
            Ok(poll) => poll.map(Ok),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    });
    host_result(interface, function, outcome.await)
}

#[inline]
fn host_result<R>(
    interface: &str,
    function: &str,
    outcome: thread::Result<Result<R, HostProblem>>,
) -> HostResult<R> {
    let problem = match outcome {
        Ok(Ok(result)) => return Ok(result),
        Ok(Err(problem)) => problem,
        Err(panic) => HostProblem::Panic(panic_message(&*panic)),
    };
    Err(wasmtime::Error::new(HostFailure {
        interface: interface.to_owned(),
        function: function.to_owned(),
        problem: Arc::new(problem),
    }))
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("with a value that is no text").to_owned()
}

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
        call.bytes(pointer, length)
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    };
    let unreadable = |_| "(the message is outside the guest's memory)".to_owned();
    let Ok(call) = HostCall::new(&mut caller) else {
        return;
    };
    let message = text(&call, message, message_length).unwrap_or_else(unreadable);
    let file = text(&call, file, file_length).unwrap_or_default();
    caller.data_mut().panic = Some(GuestPanic {
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
        let dropped = caller.data_mut().handles.drop_held(handle);
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
        let pending = std::mem::take(&mut caller.data_mut().pending);
        let (pointer, length) = (space.cast_unsigned(), length.cast_unsigned());
        let kept = pending.len();
        if usize::try_from(length) != Ok(kept) {
            let problem =
                format!("the guest fetches a result of {length} bytes, and that of {kept} is kept");
            return Err(HostProblem::Failed(problem.into()));
        }
        let call = HostCall::new(&mut caller)?;
        let room = usize::try_from(pointer).ok().and_then(|start| {
            let end = start.checked_add(kept)?;
            call.memory.data_mut(&mut *call.caller).get_mut(start..end)
        });
        let outside = || DecodeError::new(DecodeErrorKind::OutsideMemory { pointer, length }, 0);
        room.ok_or_else(outside)?.copy_from_slice(&pending);
        Ok(())
    })
}
