//! A guest's call of a host function: how the function finds its arguments and answers, and what becomes of it if it fails.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
#[cfg(feature = "async")]
use std::task::Poll;
use std::thread;

use pack_abi::__private::{FlatReader, FlatWriter, check_with, from_i32, string, text, to_i32};
use pack_abi::convention::Return;
use pack_abi::view::{Bytes, ListForm, Message, Room};
use pack_abi::wire::{Decoder, Encoder, SliceSink, decode_with, decode_with_handles};
use pack_abi::{DecodeError, Encode, EncodeError, EncodeErrorKind, GraphValue, Limits};
use wasmtime::{AsContext, Caller, Memory};

use crate::error::HostProblem;
use crate::export::all;
use crate::failure::HostFailure;
use crate::function::CalledFunction;
use crate::guest::{slice, slice_mut};
use crate::payload::{Payload, outside};
use crate::state::State;

/// What a host function returns to the engine.
pub type HostResult<T> = wasmtime::Result<T>;

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
        let memory = match caller.data().guest.memory {
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

    pub(crate) fn memory_mut(&mut self) -> &mut [u8] {
        self.memory.data_mut(&mut *self.caller)
    }

    pub(crate) fn memory(&self) -> Memory {
        self.memory
    }

    /// The host's data.
    #[inline]
    pub fn data(&mut self) -> &mut T {
        &mut self.caller.data_mut().host
    }

    /// The host's data, and the arguments where they lie.
    #[inline]
    pub fn borrow(&mut self) -> (&mut T, BorrowedArguments<'_>) {
        let (memory, state) = self.memory.data_and_store_mut(&mut *self.caller);
        let arguments = BorrowedArguments {
            memory,
            limits: state.guest.limits,
        };
        (&mut state.host, arguments)
    }

    /// Some of the guest's memory.
    #[inline]
    pub(crate) fn bytes(&self, pointer: u32, length: u32) -> Result<&[u8], HostProblem> {
        slice(self.memory.data(self.caller.as_context()), pointer, length)
            .ok_or_else(|| outside_memory(pointer, length))
    }

    #[inline]
    pub(crate) fn limits(&self) -> Limits {
        self.caller.data().guest.limits
    }

    /// A parameter that travels as core values.
    ///
    /// # Errors
    ///
    /// If a core value is outside its type's range.
    #[inline]
    pub fn flat<V: GraphValue>(&mut self, slots: &[u64]) -> Result<V, HostProblem> {
        let handles = &mut self.caller.data_mut().guest.handles;
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
        let bytes = self.bytes(pointer.cast_unsigned(), length.cast_unsigned())?;
        Decoder::new(bytes, self.limits()).charge_bytes(bytes.len())?;
        Ok(string(text(bytes)?))
    }

    /// The parameter of this name, a list of elements of so many bytes each.
    ///
    /// # Errors
    ///
    /// If it is outside memory, past the limits, or some are not values of their type.
    #[inline]
    pub fn elements<V, F: ListForm<V>>(
        &self,
        pointer: i32,
        count: i32,
        width: u32,
        name: &'static str,
    ) -> Result<F::Held<'_>, HostProblem> {
        let memory = self.memory.data(self.caller.as_context());
        elements::<V, F>((memory, self.limits()), pointer, count, width, name)
    }

    /// A string, or a list of elements of so many bytes each.
    ///
    /// # Errors
    ///
    /// If it is outside memory, past the limits, or not a value of the type.
    #[inline]
    pub(crate) fn contents<V: GraphValue>(
        &self,
        pointer: u64,
        count: u64,
        width: u32,
    ) -> Result<V, HostProblem> {
        let [pointer, count] = [pointer, count].map(|slot| to_i32(slot).cast_unsigned());
        let memory = self.memory.data(self.caller.as_context());
        let bytes = all(memory, pointer, count, width)?;
        // Types that do not know how to read contents copy them first.
        Decoder::new(bytes, self.limits()).charge_bytes(bytes.len())?;
        let mut decoder = Decoder::new(bytes, self.limits());
        let value = V::decode_contents(&mut decoder, count)?;
        decoder.finish()?;
        Ok(value)
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
            self.bytes(pointer.cast_unsigned(), length.cast_unsigned())?,
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
        let state = &mut *state.guest;
        let bytes = slice(memory, pointer, length).ok_or_else(|| outside(pointer, length))?;
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
        let handles = &mut self.caller.data_mut().guest.handles;
        let mut writer = FlatWriter::new(&mut slots).with_handles(handles);
        result.flatten(&mut writer);
        writer.finish()?;
        self.caller.data_mut().guest.handles.message_sent();
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
        let (memory, state) = self.memory.data_and_store_mut(&mut *self.caller);
        let state = &mut *state.guest;
        let room = slice_mut(memory, pointer, length).ok_or_else(|| outside(pointer, length))?;
        let sink = SliceSink::new(room).with_handles(&mut state.handles);
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

    /// The arguments, apart from the guest's memory.
    pub(crate) fn payload(
        &self,
        function: &CalledFunction,
        slots: &[u64],
        limits: Limits,
    ) -> Result<Payload, HostProblem> {
        let slots = slots.get(..function.argument_slots()).unwrap_or(slots);
        let memory = self.memory.data(self.caller.as_context());
        Ok(Payload::read_arguments(function, slots, memory, limits)?)
    }

    /// A result, where the guest expects it: as a core value, or in the space it offers.
    pub(crate) fn answer_payload(
        &mut self,
        function: &CalledFunction,
        slots: &[u64],
        result: Payload,
    ) -> Result<Option<u64>, HostProblem> {
        Ok(match function.signature.result {
            Return::Nothing => None,
            Return::Flat(_) => Some(result.core_value()?),
            // Of imports there is none that returns contents.
            Return::Contents(_) | Return::Encoded => {
                let (space, capacity) = function.space(slots);
                Some(from_i32(self.answer_bytes(
                    result.bytes,
                    space,
                    capacity,
                )?))
            }
        })
    }

    /// The bytes of an answer that was given: how many there are, the guest gets to know.
    pub(crate) fn answered(
        &self,
        function: &CalledFunction,
        slots: &[u64],
        length: Option<u64>,
    ) -> Result<Vec<u8>, HostProblem> {
        let (space, capacity) = function.space(slots);
        let length = u32::try_from(length.unwrap_or_default()).unwrap_or(u32::MAX);
        if length > capacity.cast_unsigned() {
            return Ok(self.caller.data().guest.pending.clone());
        }
        Ok(self.bytes(space.cast_unsigned(), length)?.to_vec())
    }

    fn answer_bytes(
        &mut self,
        bytes: Vec<u8>,
        space: i32,
        capacity: i32,
    ) -> Result<i32, HostProblem> {
        let (pointer, room) = (space.cast_unsigned(), capacity.cast_unsigned());
        let (memory, state) = self.memory.data_and_store_mut(&mut *self.caller);
        let space = slice_mut(memory, pointer, room).ok_or_else(|| outside(pointer, room))?;
        let too_long = || {
            EncodeError::new(EncodeErrorKind::TooLong {
                length: bytes.len(),
            })
        };
        let length = u32::try_from(bytes.len()).map_err(|_| too_long())?;
        state.guest.pending = Vec::new();
        match space.get_mut(..bytes.len()) {
            Some(space) => space.copy_from_slice(&bytes),
            None => state.guest.pending = bytes,
        }
        Ok(length.cast_signed())
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

/// The arguments of a host function that borrows them.
#[derive(Debug, Clone, Copy)]
pub struct BorrowedArguments<'m> {
    memory: &'m [u8],
    limits: Limits,
}

impl<'m> BorrowedArguments<'m> {
    /// A parameter that travels as core values.
    ///
    /// # Errors
    ///
    /// If a core value is outside its type's range.
    #[inline]
    pub fn flat<V: GraphValue>(self, slots: &[u64]) -> Result<V, HostProblem> {
        Ok(V::unflatten(&mut FlatReader::new(slots))?)
    }

    /// A string.
    ///
    /// # Errors
    ///
    /// If it is outside memory, or not UTF-8.
    #[inline]
    pub fn text(self, pointer: i32, length: i32) -> Result<&'m str, HostProblem> {
        Ok(text(self.bytes(pointer, length)?)?)
    }

    /// The parameter of this name, a list of elements of so many bytes each.
    ///
    /// # Errors
    ///
    /// If it is outside memory, past the limits, or some are not values of their type.
    #[inline]
    pub fn elements<V, F: ListForm<V>>(
        self,
        pointer: i32,
        count: i32,
        width: u32,
        name: &'static str,
    ) -> Result<F::Held<'m>, HostProblem> {
        elements::<V, F>((self.memory, self.limits), pointer, count, width, name)
    }

    #[inline]
    fn bytes(self, pointer: i32, length: i32) -> Result<&'m [u8], HostProblem> {
        let (pointer, length) = (pointer.cast_unsigned(), length.cast_unsigned());
        slice(self.memory, pointer, length).ok_or_else(|| outside_memory(pointer, length))
    }

    /// The parameters that travel in a buffer, checked, and the buffer, which those are in that are borrowed, if any are.
    ///
    /// # Errors
    ///
    /// If it is outside memory, or the bytes are not values of the parameters' types.
    #[inline]
    pub fn check<V>(
        self,
        pointer: i32,
        length: i32,
        any_borrowed: bool,
        check: impl Fn(&mut Decoder<'m>) -> Result<V, DecodeError>,
    ) -> Result<(V, Message<'m>), HostProblem> {
        let bytes = self.bytes(pointer, length)?;
        if !any_borrowed {
            let values = decode_with(bytes, self.limits, check)?;
            return Ok((values, Message::empty()));
        }
        Ok(check_with(bytes, self.limits, Room::EMPTY, check)?)
    }

    /// The same, where no parameter is borrowed.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    #[inline]
    pub fn params<V>(
        self,
        pointer: i32,
        length: i32,
        read: impl Fn(&mut Decoder<'m>) -> Result<V, DecodeError>,
    ) -> Result<V, HostProblem> {
        Ok(decode_with(
            self.bytes(pointer, length)?,
            self.limits,
            read,
        )?)
    }
}

fn outside_memory(pointer: u32, length: u32) -> HostProblem {
    outside(pointer, length).into()
}

/// A list of elements in a guest's memory.
#[inline]
fn elements<'m, V, F: ListForm<V>>(
    (memory, limits): (&'m [u8], Limits),
    pointer: i32,
    count: i32,
    width: u32,
    name: &'static str,
) -> Result<F::Held<'m>, HostProblem> {
    let (pointer, count) = (pointer.cast_unsigned(), count.cast_unsigned());
    let bytes = Bytes::Shared(all(memory, pointer, count, width)?);
    Ok(F::elements(bytes, count, limits).map_err(|error| error.in_field(name))?)
}

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
        interface: interface.into(),
        function: function.into(),
        problem: Arc::new(problem),
    }))
}

pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("with a value that is no text").to_owned()
}
