//! Typed calls: the calling end of the calling convention.

use std::fmt;
use std::marker::PhantomData;

use pack_abi::__private::{FlatReader, FlatWriter};
use pack_abi::convention::{AREA_ALIGN, unpack_pointer};
use pack_abi::schema::FunctionName;
use pack_abi::view::View;
use pack_abi::wire::{Decoder, Encoder, SliceSink, decode, decode_with_handles};
use pack_abi::{DecodeError, Encode, EncodeError, GraphValue, GraphView, Limits};
#[cfg(feature = "async")]
use wasmtime::AsContextMut as _;
use wasmtime::{TypedFunc, WasmParams, WasmResults};

use crate::error::Error;
use crate::failure::{decode_error, encode_error};
use crate::guest::slice;
use crate::instance::Instance;
use crate::mode::{Blocking, now};
#[cfg(feature = "async")]
use crate::mode::{Mode as _, Waiting};
use crate::payload::outside;
use crate::resource::Handles;

/// One exported function: its types, and its place in the calling convention. Implemented by generated markers.
pub trait ExportFunction: 'static {
    /// Its name, and that of its interface.
    const FUNCTION: FunctionName<'static>;
    /// Whether the arguments need room in guest memory, or have resources.
    const NEEDS_INSTANCE: bool;
    /// Whether the result travels in guest memory.
    const RESULT_IN_MEMORY: bool;
    /// The arguments, as the caller passes them.
    type Args<'a>: Copy;
    /// The result.
    type Output;
    /// The core parameters.
    type CoreParams: WasmParams;
    /// The core result.
    type CoreResult: WasmResults;

    /// Puts the arguments into the area and into core values.
    fn lower(args: Self::Args<'_>, area: &mut Area<'_>) -> Self::CoreParams;

    /// Reads the result.
    ///
    /// # Errors
    ///
    /// If it is not a value of the result's type.
    fn lift(
        result: Self::CoreResult,
        results: &mut Results<'_>,
    ) -> Result<Self::Output, DecodeError>;
}

/// An exported function whose result is read where it lies.
pub trait ViewFunction: ExportFunction {
    /// The bytes of each element, where the result travels as its contents.
    const CONTENTS: Option<u32>;
    /// The result.
    type View: GraphView;
}

/// The handle of an exported function.
pub struct Export<F: ExportFunction> {
    function: TypedFunc<F::CoreParams, F::CoreResult>,
    marker: PhantomData<F>,
}

impl<F: ExportFunction> fmt::Debug for Export<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Export").field(&F::FUNCTION).finish()
    }
}

impl<F: ExportFunction> Export<F> {
    pub(crate) fn new(function: TypedFunc<F::CoreParams, F::CoreResult>) -> Self {
        Self {
            function,
            marker: PhantomData,
        }
    }

    /// Calls the function: one transition into the guest, unless the arguments outgrow the area.
    ///
    /// # Errors
    ///
    /// If the arguments cannot be sent, the guest does not come to an end, or its result is not what the contract
    /// says.
    #[inline]
    pub fn call<T: 'static>(
        &self,
        instance: &mut Instance<T>,
        args: F::Args<'_>,
    ) -> Result<F::Output, Error> {
        let result = self.run::<T, false>(instance, args)?;
        let output = lift::<F, T>(instance, result);
        if instance.has_large_area() {
            now(instance.release_area::<Blocking>())?;
        }
        output
    }

    /// As [`call`](Self::call), of a function whose result is read where it lies: in the guest's memory, which is borrowed
    /// for as long.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    #[inline]
    pub fn view<'i, T: 'static>(
        &self,
        instance: &'i mut Instance<T>,
        args: F::Args<'_>,
    ) -> Result<View<'i, F::View>, Error>
    where
        F: ViewFunction<CoreResult = i64>,
    {
        let result = self.run::<T, true>(instance, args)?;
        view::<F, T>(instance, result)
    }

    /// Until the guest has returned. Before it calls, it releases what a view could not.
    #[inline(always)]
    fn run<T: 'static, const VIEW: bool>(
        &self,
        instance: &mut Instance<T>,
        args: F::Args<'_>,
    ) -> Result<F::CoreResult, Error> {
        instance.begin::<Blocking>()?;
        if VIEW && instance.has_large_area() {
            now(instance.release_area::<Blocking>())?;
        }
        if instance.has_dropped_resources() {
            now(instance.drop_resources::<Blocking>())?;
        }
        let params = loop {
            match lower::<F, T>(instance, args)? {
                Lowered::Ready(params) => break params,
                Lowered::Outgrown(needed) => {
                    let grown = now(instance.grow_area::<Blocking>(F::FUNCTION, needed));
                    unsent(instance, grown)?;
                }
            }
        };
        instance.enter()?;
        let result = self.function.call(&mut instance.store, params);
        instance.leave(F::FUNCTION, result)
    }

    /// Calls the function on a stack of its own, so that host functions can wait.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    #[cfg(feature = "async")]
    pub async fn call_async<T: Send + 'static>(
        &self,
        instance: &mut Instance<T>,
        args: F::Args<'_>,
    ) -> Result<F::Output, Error>
    where
        F::CoreParams: Sync,
        F::CoreResult: Sync,
    {
        let result = self.run_async::<T, false>(instance, args).await?;
        let output = lift::<F, T>(instance, result);
        if instance.has_large_area() {
            instance.release_area::<Waiting>().await?;
        }
        output
    }

    /// As [`view`](Self::view), on a stack of its own.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    #[cfg(feature = "async")]
    pub async fn view_async<'i, T: Send + 'static>(
        &self,
        instance: &'i mut Instance<T>,
        args: F::Args<'_>,
    ) -> Result<View<'i, F::View>, Error>
    where
        F: ViewFunction<CoreResult = i64>,
        F::CoreParams: Sync,
    {
        let result = self.run_async::<T, true>(instance, args).await?;
        view::<F, T>(instance, result)
    }

    /// Until the guest has returned.
    #[cfg(feature = "async")]
    async fn run_async<T: Send + 'static, const VIEW: bool>(
        &self,
        instance: &mut Instance<T>,
        args: F::Args<'_>,
    ) -> Result<F::CoreResult, Error>
    where
        F::CoreParams: Sync,
        F::CoreResult: Sync,
    {
        instance.begin::<Waiting>()?;
        if VIEW && instance.has_large_area() {
            instance.release_area::<Waiting>().await?;
        }
        if instance.has_dropped_resources() {
            instance.drop_resources::<Waiting>().await?;
        }
        let params = loop {
            match lower::<F, T>(instance, args)? {
                Lowered::Ready(params) => break params,
                Lowered::Outgrown(needed) => {
                    let grown = instance.grow_area::<Waiting>(F::FUNCTION, needed).await;
                    unsent(instance, grown)?;
                }
            }
        };
        instance.enter()?;
        let result = Waiting::call(&self.function, instance.store.as_context_mut(), params).await;
        instance.leave(F::FUNCTION, result)
    }
}

/// What becomes of arguments.
enum Lowered<P> {
    /// They are in place.
    Ready(P),
    /// They need so many bytes of room.
    Outgrown(usize),
}

/// If the guest has no room, the arguments are not sent.
fn unsent<T: 'static>(instance: &mut Instance<T>, grown: Result<(), Error>) -> Result<(), Error> {
    if grown.is_err() {
        let state = instance.store.data_mut();
        state.guest.handles.message_abandoned();
    }
    grown
}

#[inline]
fn lift<F: ExportFunction, T: 'static>(
    instance: &mut Instance<T>,
    result: F::CoreResult,
) -> Result<F::Output, Error> {
    let (memory, state) = match F::RESULT_IN_MEMORY {
        true => instance.memory.data_and_store_mut(&mut instance.store),
        false => (&mut [][..], instance.store.data_mut()),
    };
    let state = &mut *state.guest;
    if F::NEEDS_INSTANCE {
        state.handles.call_ended();
    }
    state.result_bytes = 0;
    let mut results = Results {
        memory,
        limits: state.limits,
        handles: &mut state.handles,
        used: &mut state.result_bytes,
    };
    F::lift(result, &mut results)
        .map_err(|error| decode_error(&instance.guest.package, F::FUNCTION, error))
}

/// The area stays as it is, whatever its size: to release it would be a call, after which the result may be gone. The next
/// call does it.
#[inline]
fn view<F: ViewFunction<CoreResult = i64>, T: 'static>(
    instance: &mut Instance<T>,
    result: i64,
) -> Result<View<'_, F::View>, Error> {
    let (memory, state) = instance.memory.data_and_store_mut(&mut instance.store);
    let state = &mut *state.guest;
    if F::NEEDS_INSTANCE {
        state.handles.call_ended();
    }
    state.result_bytes = 0;
    let view = match F::CONTENTS {
        None => message(memory, result).and_then(|message| {
            state.result_bytes = message.len();
            View::new(message, state.limits)
        }),
        Some(width) => contents(memory, result, width).and_then(|(bytes, count)| {
            state.result_bytes = bytes.len();
            View::contents(bytes, count, state.limits)
        }),
    };
    view.map_err(|error| decode_error(&instance.guest.package, F::FUNCTION, error))
}

#[inline]
fn lower<F: ExportFunction, T: 'static>(
    instance: &mut Instance<T>,
    args: F::Args<'_>,
) -> Result<Lowered<F::CoreParams>, Error> {
    if !F::NEEDS_INSTANCE {
        instance.store.data_mut().guest.area.used = 0;
        let params = F::lower(args, &mut Area::nowhere(Limits::DEFAULT));
        return Ok(Lowered::Ready(params));
    }
    // An interceptor may keep the arguments from the guest.
    let is_intercepted = instance.is_intercepted();
    let (memory, state) = instance.memory.data_and_store_mut(&mut instance.store);
    let state = &mut *state.guest;
    let place = state.area;
    // The place was inside the memory when it was allocated, and memories do not shrink.
    let room = usize::try_from(place.pointer).ok().and_then(|start| {
        let length = usize::try_from(place.length).ok()?;
        memory.get_mut(start..start.checked_add(length)?)
    });
    let mut area = Area {
        room: room.unwrap_or_default(),
        base: place.pointer,
        position: 0,
        limits: state.limits,
        handles: Some(&mut state.handles),
        error: None,
    };
    let params = F::lower(args, &mut area);
    let (needed, fits) = (area.position, area.position <= area.room.len());
    if let Some(error) = area.error {
        state.handles.message_abandoned();
        return Err(encode_error(&instance.guest.package, F::FUNCTION, error));
    }
    if !fits {
        state.handles.message_outgrown();
        return Ok(Lowered::Outgrown(needed));
    }
    if !is_intercepted {
        state.handles.message_sent();
    }
    state.area.used = needed;
    Ok(Lowered::Ready(params))
}

/// Where arguments are put. What does not fit is counted, so that the area can be made large enough.
#[derive(Debug)]
pub struct Area<'a> {
    room: &'a mut [u8],
    base: u32,
    position: usize,
    limits: Limits,
    handles: Option<&'a mut Handles>,
    error: Option<EncodeError>,
}

impl Area<'_> {
    fn nowhere(limits: Limits) -> Self {
        Self {
            room: &mut [],
            base: 0,
            position: 0,
            limits,
            handles: None,
            error: None,
        }
    }

    /// An argument that travels as `N` core values.
    #[inline]
    pub fn flat<const N: usize>(&mut self, value: &impl Encode) -> [u64; N] {
        let mut slots = [0; N];
        let mut writer = FlatWriter::new(&mut slots);
        if let Some(handles) = self.handles.as_deref_mut() {
            writer = writer.with_handles(handles);
        }
        value.flatten(&mut writer);
        if let Err(error) = writer.finish() {
            self.error.get_or_insert(error);
        }
        slots
    }

    /// Begins a piece. All arguments lie as they do in calls that are made again from what was recorded.
    #[inline]
    fn begin(&mut self) -> usize {
        self.position = self.position.next_multiple_of(AREA_ALIGN);
        self.position
    }

    /// A string.
    #[inline]
    pub fn text(&mut self, text: &str) -> (i32, i32) {
        let start = self.begin();
        let end = start.saturating_add(text.len());
        if let Some(room) = self.room.get_mut(start..end) {
            room.copy_from_slice(text.as_bytes());
        }
        self.position = end;
        (self.pointer(start), number(text.len()))
    }

    /// A list of elements of one width, aligned as the guest's own lists are.
    #[inline]
    pub fn elements<E: Encode>(&mut self, items: &[E]) -> (i32, i32) {
        let start = self.begin();
        self.write(|encoder| E::encode_list(items, encoder));
        (self.pointer(start), number(items.len()))
    }

    /// The arguments that travel in a buffer.
    #[inline]
    pub fn encode(&mut self, write: impl FnOnce(&mut Encoder<SliceSink<'_>>)) -> (i32, i32) {
        let start = self.begin();
        self.write(write);
        (self.pointer(start), number(self.position - start))
    }

    #[inline]
    fn write(&mut self, write: impl FnOnce(&mut Encoder<SliceSink<'_>>)) {
        let mut sink = SliceSink::at(self.room, self.position);
        if let Some(handles) = self.handles.as_deref_mut() {
            sink = sink.with_handles(handles);
        }
        let mut encoder = Encoder::new(sink, self.limits);
        write(&mut encoder);
        match encoder.finish() {
            Ok(sink) => self.position = pack_abi::Sink::position(&sink),
            Err(error) => {
                self.error.get_or_insert(error);
            }
        }
    }

    #[inline]
    fn pointer(&self, position: usize) -> i32 {
        // Outside 32 bits only if it does not fit, when the pointer is not used.
        self.base
            .wrapping_add(u32::try_from(position).unwrap_or_default())
            .cast_signed()
    }
}

/// A length as a core value. Lengths past 32 bits are refused when the area cannot grow so large.
fn number(length: usize) -> i32 {
    u32::try_from(length).unwrap_or_default().cast_signed()
}

/// Where results are read.
#[derive(Debug)]
pub struct Results<'a> {
    memory: &'a [u8],
    limits: Limits,
    handles: &'a mut Handles,
    /// How many bytes were read in wire form.
    used: &'a mut usize,
}

impl Results<'_> {
    /// A result that travels as one core value.
    ///
    /// # Errors
    ///
    /// If the core value is outside its type's range.
    #[inline]
    pub fn flat<T: GraphValue>(&mut self, slot: u64) -> Result<T, DecodeError> {
        T::unflatten(&mut FlatReader::new(&[slot]).with_handles(self.handles))
    }

    /// A string, or a list of elements of so many bytes each, that travels as its contents.
    ///
    /// # Errors
    ///
    /// If pointer and count lead outside the memory, or the bytes are not a value of the type.
    #[inline]
    pub fn contents<T: GraphValue>(&mut self, packed: i64, width: u32) -> Result<T, DecodeError> {
        let (bytes, count) = contents(self.memory, packed, width)?;
        *self.used = bytes.len();
        let mut decoder = Decoder::new(bytes, self.limits);
        let value = T::decode_contents(&mut decoder, count)?;
        decoder.finish().map(|()| value)
    }

    /// A result that travels in wire form.
    ///
    /// # Errors
    ///
    /// If pointer and length lead outside the memory, or the bytes are not a value of the type.
    #[inline]
    pub fn encoded<T: GraphValue>(&mut self, packed: i64) -> Result<T, DecodeError> {
        let message = message(self.memory, packed)?;
        *self.used = message.len();
        decode(message, self.limits)
    }

    /// A result that travels in wire form and has resources.
    ///
    /// # Errors
    ///
    /// As [`encoded`](Self::encoded), or if the guest gives what it does not have.
    pub fn encoded_with_handles<T: GraphValue>(&mut self, packed: i64) -> Result<T, DecodeError> {
        let message = message(self.memory, packed)?;
        *self.used = message.len();
        decode_with_handles(message, self.limits, self.handles, T::decode)
    }
}

/// The contents that a packed pointer and count of elements of so many bytes stand for, and the count.
#[inline]
pub(crate) fn contents(
    memory: &[u8],
    packed: i64,
    width: u32,
) -> Result<(&[u8], u32), DecodeError> {
    let (pointer, count) = unpack_pointer(packed.cast_unsigned());
    Ok((all(memory, pointer, count, width)?, count))
}

/// The bytes of so many elements of so many bytes each.
#[inline]
pub(crate) fn all(
    memory: &[u8],
    pointer: u32,
    count: u32,
    width: u32,
) -> Result<&[u8], DecodeError> {
    let length = count.checked_mul(width);
    let bytes = length.and_then(|length| slice(memory, pointer, length));
    bytes.ok_or_else(|| outside(pointer, length.unwrap_or(u32::MAX)))
}

/// The bytes that a packed pointer and length stand for.
#[inline]
pub(crate) fn message(memory: &[u8], packed: i64) -> Result<&[u8], DecodeError> {
    let (pointer, length) = unpack_pointer(packed.cast_unsigned());
    slice(memory, pointer, length).ok_or_else(|| outside(pointer, length))
}
