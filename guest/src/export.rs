//! The called end of the calling convention, for exports.

use core::ops::Deref;

use pack_abi::__private::{FlatReader, FlatWriter, check_with, text};
use pack_abi::view::{Elements, Message, Room};
use pack_abi::wire::{Decoder, Encoder, Limits, decode_with, decode_with_handles};
use pack_abi::{DecodeError, Encode, EncodeError, GraphValue, GraphView};

use crate::memory::{self, Kept, Static};

/// Where results are until the host has read them.
static RESULT: Kept = Kept::new();

/// What the host hands over in one call.
#[derive(Debug)]
pub struct Call(());

impl Call {
    /// Stands for the call that is going on.
    ///
    /// # Safety
    ///
    /// What is passed to the methods is what the host passed to the export whose signature they are made from, so that
    /// pointers and lengths are those of bytes that stay as they are for as long as this is there: until the export returns.
    pub unsafe fn new() -> Self {
        Self(())
    }

    /// A parameter that travels as core values.
    ///
    /// # Errors
    ///
    /// If a core value is outside its type's range.
    #[inline]
    pub fn flat<T: GraphValue>(&self, slots: &[u64]) -> Result<T, DecodeError> {
        T::unflatten(&mut FlatReader::new(slots))
    }

    /// A string.
    ///
    /// # Errors
    ///
    /// If it is not UTF-8.
    #[inline]
    pub fn text(&self, pointer: i32, length: i32) -> Result<&str, DecodeError> {
        text(self.contents(pointer, length, 1))
    }

    /// A list of bytes.
    ///
    /// # Errors
    ///
    /// Never. The type is that of the steps around it.
    #[inline]
    pub fn bytes(&self, pointer: i32, count: i32) -> Result<&[u8], DecodeError> {
        Ok(self.contents(pointer, count, 1))
    }

    /// A list of other scalars.
    ///
    /// # Errors
    ///
    /// Never; what the elements are is found out later. The type is that of the steps around it.
    #[inline]
    pub fn list<T: GraphView>(
        &self,
        pointer: i32,
        count: i32,
    ) -> Result<Elements<'_, T>, DecodeError> {
        let width = usize::try_from(T::MIN_WIDTH).unwrap_or_default();
        let bytes = self.contents(pointer, count, width);
        Ok(Elements::new(bytes, count.cast_unsigned(), LIMITS))
    }

    /// The bytes of a list of so many elements.
    #[inline]
    pub(crate) fn contents(&self, pointer: i32, count: i32, width: usize) -> &[u8] {
        // SAFETY: see `new`.
        unsafe { memory::bytes(pointer, to_usize(count).saturating_mul(width)) }
    }

    /// The parameters that travel in a buffer.
    ///
    /// # Errors
    ///
    /// If the bytes are not values of the parameters' types.
    #[inline]
    pub fn params<T>(
        &self,
        pointer: i32,
        length: i32,
        read: impl Fn(&mut Decoder<'_>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        // SAFETY: see `new`.
        let bytes = unsafe { memory::bytes(pointer, to_usize(length)) };
        decode_with(bytes, LIMITS, read)
    }

    /// The parameters that travel in a buffer, checked, and the buffer, which those that are borrowed are in.
    ///
    /// # Errors
    ///
    /// If the bytes are not values of the parameters' types.
    #[inline]
    pub fn check<'m, T>(
        &'m self,
        pointer: i32,
        length: i32,
        check: impl Fn(&mut Decoder<'m>) -> Result<T, DecodeError>,
    ) -> Result<(T, Buffer<'m>), DecodeError> {
        let bytes = self.contents(pointer, length, 1);
        let (held, message) = check_with(bytes, LIMITS, ROOM.replace(Room::EMPTY), check)?;
        Ok((held, Buffer(message)))
    }

    /// The parameters that travel in a buffer, where they have resources: those are taken only once.
    ///
    /// # Errors
    ///
    /// As [`params`](Self::params), or if a resource is not the host's to pass.
    pub fn params_with_handles<T>(
        &self,
        pointer: i32,
        length: i32,
        read: impl FnOnce(&mut Decoder<'_>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        // SAFETY: see `new`.
        let bytes = unsafe { memory::bytes(pointer, to_usize(length)) };
        decode_with_handles(bytes, LIMITS, &mut (), read)
    }

    /// A result that travels as one core value.
    ///
    /// # Errors
    ///
    /// Never; a result that cannot be sent is a panic. The type is that of the steps before it.
    #[inline]
    pub fn flatten<T: Encode>(&self, result: &T) -> Result<[u64; 1], DecodeError> {
        let mut slots = [0];
        let mut writer = FlatWriter::new(&mut slots);
        result.flatten(&mut writer);
        sendable(writer.finish());
        Ok(slots)
    }

    /// A result that travels in wire form.
    ///
    /// # Errors
    ///
    /// Never; a result that cannot be written is a panic. The type is that of the steps before it.
    #[inline]
    pub fn answer<T: Encode>(&self, result: &T) -> Result<i64, DecodeError> {
        let mut encoder = Encoder::new(RESULT.take_empty(), LIMITS);
        result.encode(&mut encoder);
        let bytes = sendable(encoder.finish());
        let packed = memory::point_to(&bytes);
        RESULT.put(bytes);
        Ok(packed)
    }
}

/// Where the ends of nodes are kept that borrowed parameters need.
static ROOM: Static<Room> = Static::new(Room::EMPTY);

/// The buffer of a call, which has been checked.
#[derive(Debug)]
pub struct Buffer<'m>(Message<'m>);

impl<'m> Deref for Buffer<'m> {
    type Target = Message<'m>;

    #[inline]
    fn deref(&self) -> &Message<'m> {
        &self.0
    }
}

impl Drop for Buffer<'_> {
    #[inline]
    fn drop(&mut self) {
        let room = self.0.take_room();
        if room.size() <= memory::KEPT_AT_MOST {
            ROOM.replace(room);
        }
    }
}

fn sendable<T>(result: Result<T, EncodeError>) -> T {
    match result {
        Ok(result) => result,
        #[allow(
            clippy::panic,
            reason = "the host gets the message, as it does for the guest's own panics"
        )]
        Err(error) => panic!("the result cannot be sent: {error}"),
    }
}

/// The host's own memory is at stake in neither direction: what a guest reads is what its host sent, of whatever
/// size.
pub(crate) const LIMITS: Limits = Limits::DEFAULT.with_nodes(u32::MAX).with_bytes(usize::MAX);

fn to_usize(length: i32) -> usize {
    usize::try_from(length.cast_unsigned()).unwrap_or_default()
}

/// Ends an export.
#[inline]
pub fn finish<T>(outcome: Result<T, DecodeError>) -> T {
    match outcome {
        Ok(result) => result,
        #[allow(
            clippy::panic,
            reason = "the host gets the message, as it does for the guest's own panics"
        )]
        Err(error) => panic!("the arguments are not what the contract says: {error}"),
    }
}
