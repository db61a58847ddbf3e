//! The called end of the calling convention, for exports.

use alloc::vec::Vec;
use core::ops::Deref;

use pack_abi::__private::{FlatReader, FlatWriter, check_with, text};
use pack_abi::view::{Bytes, ListForm, Message, ResultForm, Room};
use pack_abi::wire::{Decoder, Encoder, Limits, decode_with, decode_with_handles};
use pack_abi::{DecodeError, Encode, EncodeError, GraphValue};

use crate::held::Held;
use crate::memory::{self, Kept, Static};
use crate::refuse::refuse;

/// Where results are until the host has read them.
static RESULT: Kept = Kept::new();

/// The result whose contents are where the function has put them.
static HELD: Static<Option<Held>> = Static::new(None);

/// What the host hands over in one call.
#[derive(Debug)]
pub struct Call(());

impl Call {
    /// Stands for the call that is going on. If its result will be in memory, what the last one has kept is dropped first, so
    /// that this one can have its place, which is in the processor's cache.
    ///
    /// # Safety
    ///
    /// What is passed to the methods is what the host passed to the export whose signature they are made from, each once. So
    /// pointers and lengths are those of bytes that nobody else has, and that stay as they are for as long as this is there,
    /// until the export returns; and those of a string are UTF-8.
    #[inline]
    pub unsafe fn new(in_memory: bool) -> Self {
        if in_memory {
            forget_last();
        }
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

    /// A string. That it is UTF-8 is the host's to see to; where the guest is being debugged, it looks as well.
    ///
    /// # Errors
    ///
    /// If it is seen not to be UTF-8.
    #[inline]
    pub fn text(&self, pointer: i32, length: i32) -> Result<&str, DecodeError> {
        let bytes = self.pointed_to(pointer, length, 1);
        match cfg!(debug_assertions) {
            true => text(bytes),
            // SAFETY: see `new`.
            false => Ok(unsafe { str::from_utf8_unchecked(bytes) }),
        }
    }

    /// The parameter of this name, a list of elements of so many bytes each.
    ///
    /// # Errors
    ///
    /// If some are not values of their type.
    #[inline]
    pub fn elements<T, F: ListForm<T>>(
        &self,
        pointer: i32,
        count: i32,
        width: u32,
        name: &'static str,
    ) -> Result<F::Held<'_>, DecodeError> {
        // SAFETY: see `new`.
        let bytes = unsafe { memory::bytes_mut(pointer, length_of_all(count, width)) };
        let held = F::elements(Bytes::Exclusive(bytes), count.cast_unsigned(), LIMITS);
        held.map_err(|error| error.in_field(name))
    }

    /// The bytes of so many elements.
    #[inline]
    pub(crate) fn pointed_to(&self, pointer: i32, count: i32, width: u32) -> &[u8] {
        // SAFETY: see `new`.
        unsafe { memory::bytes(pointer, length_of_all(count, width)) }
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

    /// The parameters that travel in a buffer, checked, and the buffer, which those are in that are borrowed, if any are.
    ///
    /// # Errors
    ///
    /// If the bytes are not values of the parameters' types.
    #[inline]
    pub fn check<'m, T>(
        &'m self,
        pointer: i32,
        length: i32,
        any_borrowed: bool,
        check: impl Fn(&mut Decoder<'m>) -> Result<T, DecodeError>,
    ) -> Result<(T, Buffer<'m>), DecodeError> {
        let bytes = self.pointed_to(pointer, length, 1);
        if !any_borrowed {
            let values = decode_with(bytes, LIMITS, check)?;
            return Ok((values, Buffer(Message::empty())));
        }
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
    #[inline]
    pub fn answer<T, F: ResultForm<T>>(&self, result: F::Value<'_>) -> Given<T> {
        Given::Message(written::<T, F>(result))
    }

    /// A result that is a string or a list of elements of one width. Its contents stay where they are, if they are there as on
    /// the wire, and for long enough: `is_read` says whether some of what the function has borrowed was read for this call.
    #[inline]
    pub fn contents<T, F: ResultForm<T>>(&self, result: F::Value<'_>, is_read: bool) -> Given<T> {
        let goes = F::BORROWS && is_read;
        match F::contents(&result) {
            // What is in the value itself, as short texts are in some types, would move with it.
            Some((count, bytes)) if !goes && !memory::is_part_of(bytes, &result) => {
                Given::InPlace(memory::point_to_some(bytes, to_u32(count)), F::kept(result))
            }
            _ => Given::Contents(written::<T, F>(result)),
        }
    }
}

/// A result in memory, to be given when nothing else of the call is left: what is dropped may be anything, and have the host
/// call the package again, which would overwrite the result.
#[derive(Debug)]
pub enum Given<T> {
    /// A message.
    Message(Vec<u8>),
    /// A message of which the host gets the contents.
    Contents(Vec<u8>),
    /// Contents where they are, as the core result, and what has to be kept for them to be there.
    InPlace(i64, Option<T>),
}

impl<T: 'static> Given<T> {
    /// The core result, of what stays as it is until the next call.
    #[inline]
    pub fn give(self) -> i64 {
        // What a call inside this one has kept.
        forget_last();
        match self {
            Self::Message(message) => {
                let packed = memory::point_to(&message);
                RESULT.put(message);
                packed
            }
            Self::Contents(message) => {
                let packed = match message.split_first_chunk() {
                    Some((count, contents)) => {
                        memory::point_to_some(contents, u32::from_le_bytes(*count))
                    }
                    None => 0,
                };
                RESULT.put(message);
                packed
            }
            Self::InPlace(packed, kept) => {
                HELD.replace(kept.map(Held::new));
                packed
            }
        }
    }
}

/// Drops what the last result has kept.
#[inline]
fn forget_last() {
    drop(HELD.replace(None));
}

fn written<T, F: ResultForm<T>>(result: F::Value<'_>) -> Vec<u8> {
    let mut encoder = Encoder::new(RESULT.take_empty(), LIMITS);
    F::encode(&result, &mut encoder);
    sendable(encoder.finish())
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
        Err(error) => refuse!("the result cannot be sent", error),
    }
}

/// The host's own memory is at stake in neither direction: what a guest reads is what its host sent, of whatever
/// size.
pub(crate) const LIMITS: Limits = Limits::DEFAULT.with_nodes(u32::MAX).with_bytes(usize::MAX);

/// Nothing in memory is more than 32 bits can count.
fn to_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or_default()
}

/// How many bytes so many elements are.
fn length_of_all(count: i32, width: u32) -> usize {
    to_usize(count).saturating_mul(usize::try_from(width).unwrap_or_default())
}

fn to_usize(length: i32) -> usize {
    usize::try_from(length.cast_unsigned()).unwrap_or_default()
}

/// Ends an export.
#[inline]
pub fn finish<T>(outcome: Result<T, DecodeError>) -> T {
    match outcome {
        Ok(result) => result,
        Err(error) => refuse!("the arguments are not what the contract says", error),
    }
}
