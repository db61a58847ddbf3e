use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::any::{Any, TypeId};

use super::{Limits, Width};
use crate::error::{EncodeError, EncodeErrorKind};
use crate::graph_value::Encode;
use crate::raw;

/// Where bytes go.
#[diagnostic::on_unimplemented(
    message = "Pack cannot write to `{Self}`",
    label = "not a sink",
    note = "write to a `Vec<u8>`, or to a `SliceSink` over memory that is there"
)]
pub trait Sink {
    /// Appends bytes.
    fn write(&mut self, bytes: &[u8]);

    /// Appends a count, and bytes.
    #[inline]
    fn write_counted(&mut self, count: u32, bytes: &[u8]) {
        self.write(&count.to_le_bytes());
        self.write(bytes);
    }

    /// How many bytes have been written, those that found no room included.
    fn position(&self) -> usize;

    /// Appends `len` bytes that `fill` writes, all of them. `fill` is not called if there is no room.
    fn write_with(&mut self, len: usize, fill: impl FnOnce(&mut [u8]));

    /// Where the runtime keeps the resources of an instance, if this sink writes a call of it.
    fn handles(&mut self) -> Option<&mut dyn Any> {
        None
    }
}

impl Sink for Vec<u8> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        raw::append(self, bytes);
    }

    #[inline]
    fn write_counted(&mut self, count: u32, bytes: &[u8]) {
        raw::append_counted(self, count, bytes);
    }

    #[inline]
    fn position(&self) -> usize {
        self.len()
    }

    #[inline]
    fn write_with(&mut self, len: usize, fill: impl FnOnce(&mut [u8])) {
        let start = self.len();
        self.resize(start.saturating_add(len), 0);
        if let Some(room) = self.get_mut(start..) {
            fill(room);
        }
    }
}

/// Writes into a slice. What does not fit is counted and dropped, so that the caller learns how much room
/// the whole takes.
#[derive(Debug)]
pub struct SliceSink<'a> {
    room: &'a mut [u8],
    position: usize,
    handles: Option<&'a mut dyn Any>,
}

impl<'a> SliceSink<'a> {
    /// Starts at the beginning of the slice.
    #[inline]
    pub fn new(room: &'a mut [u8]) -> Self {
        Self::at(room, 0)
    }

    /// Starts at an offset into the slice.
    #[inline]
    pub fn at(room: &'a mut [u8], position: usize) -> Self {
        Self {
            room,
            position,
            handles: None,
        }
    }

    /// Lets resources be written.
    #[must_use]
    #[inline]
    pub fn with_handles(mut self, handles: &'a mut dyn Any) -> Self {
        self.handles = Some(handles);
        self
    }

    /// Whether everything found room.
    #[inline]
    pub fn fits(&self) -> bool {
        self.position <= self.room.len()
    }

    #[inline]
    fn claim(&mut self, len: usize) -> Option<&mut [u8]> {
        let start = self.position;
        self.position = start.saturating_add(len);
        self.room.get_mut(start..)?.get_mut(..len)
    }
}

impl Sink for SliceSink<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        if let Some(room) = self.claim(bytes.len()) {
            raw::copy(room, bytes);
        }
    }

    #[inline]
    fn write_counted(&mut self, count: u32, bytes: &[u8]) {
        let count = count.to_le_bytes();
        if let Some(room) = self.claim(count.len().saturating_add(bytes.len()))
            && let Some((head, room)) = room.split_first_chunk_mut()
        {
            *head = count;
            raw::copy(room, bytes);
        }
    }

    #[inline]
    fn position(&self) -> usize {
        self.position
    }

    #[inline]
    fn write_with(&mut self, len: usize, fill: impl FnOnce(&mut [u8])) {
        if let Some(room) = self.claim(len) {
            fill(room);
        }
    }

    fn handles(&mut self) -> Option<&mut dyn Any> {
        self.handles.as_deref_mut()
    }
}

/// Writes values.
///
/// ```
/// use pack_abi::{Decoder, Encode, Encoder, GraphValue, Limits};
///
/// // Two values in one message.
/// let mut encoder = Encoder::new(Vec::new(), Limits::DEFAULT);
/// 7_u16.encode(&mut encoder);
/// "seven".encode(&mut encoder);
/// let message = encoder.finish()?;
///
/// let mut decoder = Decoder::new(&message, Limits::DEFAULT);
/// assert_eq!(u16::decode(&mut decoder)?, 7);
/// assert_eq!(decoder.str()?, "seven");
/// decoder.finish()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Errors are remembered and reported by [`finish`](Self::finish), so that writing itself has no branches
/// for them; what is written after an error means nothing.
#[derive(Debug)]
pub struct Encoder<S> {
    sink: S,
    /// Where the message starts in the sink: back references count from there.
    start: usize,
    canonical_nans: bool,
    depth_left: u32,
    limits: Limits,
    error: Option<EncodeErrorKind>,
    /// The least `depth_left` since the shared node that is being written began.
    lowest: u32,
    /// Those that were written, once there are some.
    shared: Option<Box<SharedNodes>>,
}

/// Where each shared node was written, and how many levels it has: by address and type.
type SharedNodes = BTreeMap<(usize, TypeId), (u32, u32)>;

impl<S: Sink> Encoder<S> {
    /// Starts a message at the sink's present position.
    #[inline]
    pub fn new(sink: S, limits: Limits) -> Self {
        let start = sink.position();
        Self {
            sink,
            start,
            canonical_nans: false,
            depth_left: limits.depth,
            lowest: limits.depth,
            limits,
            error: None,
            shared: None,
        }
    }

    /// Writes every NaN as the one WebAssembly calls canonical, so that values that differ in nothing but the bits of
    /// their NaNs have the same bytes.
    #[must_use]
    pub fn with_canonical_nans(mut self) -> Self {
        self.canonical_nans = true;
        self
    }

    /// Whether values must not be moved as they are in memory.
    #[inline]
    pub(crate) fn canonical_nans(&self) -> bool {
        self.canonical_nans
    }

    /// Ends the message and gives the sink back.
    ///
    /// # Errors
    ///
    /// If something written was too deep or too long.
    #[inline]
    pub fn finish(self) -> Result<S, EncodeError> {
        let length = self.sink.position() - self.start;
        let too_long = u32::try_from(length)
            .is_err()
            .then_some(EncodeErrorKind::TooLong { length });
        match self.error.or(too_long) {
            Some(kind) => Err(EncodeError::new(kind)),
            None => Ok(self.sink),
        }
    }

    /// The sink, whatever became of the message.
    pub(crate) fn into_sink(self) -> S {
        self.sink
    }

    /// Where the runtime keeps the resources of the instance that is called, if one is.
    pub(crate) fn handles(&mut self) -> Option<&mut dyn Any> {
        self.sink.handles()
    }

    /// Remembers the first thing that went wrong.
    #[cold]
    pub(crate) fn fail(&mut self, kind: EncodeErrorKind) {
        self.error.get_or_insert(kind);
    }

    /// Refuses a variant that has no case on the wire.
    #[doc(hidden)]
    #[cold]
    pub fn skipped_variant(&mut self, name: &'static str) {
        self.fail(EncodeErrorKind::SkippedVariant { name });
    }

    /// Appends raw bytes.
    #[inline]
    pub fn write(&mut self, bytes: &[u8]) {
        self.sink.write(bytes);
    }

    /// Appends `len` bytes that `fill` writes.
    #[inline]
    pub fn write_with(&mut self, len: usize, fill: impl FnOnce(&mut [u8])) {
        self.sink.write_with(len, fill);
    }

    /// Writes the count of a list, string or map.
    #[inline]
    pub fn count(&mut self, length: usize) {
        match u32::try_from(length) {
            Ok(count) => self.write(&count.to_le_bytes()),
            Err(_) => self.fail(EncodeErrorKind::TooLong { length }),
        }
    }

    /// Writes a string: its length in bytes, then the bytes.
    #[inline]
    pub fn string(&mut self, text: &str) {
        match u32::try_from(text.len()) {
            Ok(count) => self.sink.write_counted(count, text.as_bytes()),
            Err(_) => self.fail(EncodeErrorKind::TooLong { length: text.len() }),
        }
    }

    /// Writes the discriminant of a variant or enum that is not recursive.
    #[inline]
    pub fn discriminant(&mut self, width: Width, case: u32) {
        let [a, b, c, d] = case.to_le_bytes();
        match width {
            Width::One => self.write(&[a]),
            Width::Two => self.write(&[a, b]),
            Width::Four => self.write(&[a, b, c, d]),
        }
    }

    /// Writes a value of a recursive type: its head, then what `body` writes.
    #[inline]
    pub fn node(&mut self, width: Width, case: u32, body: impl FnOnce(&mut Self)) {
        let Some(left) = self.depth_left.checked_sub(1) else {
            self.fail(EncodeErrorKind::TooDeep {
                limit: self.limits.depth,
            });
            return;
        };
        self.depth_left = left;
        self.lowest = self.lowest.min(left);
        self.discriminant(width, case);
        body(self);
        self.depth_left += 1;
    }

    /// Writes a node that several owners share: in full the first time, as a back reference after that.
    pub(crate) fn shared<T: 'static>(
        &mut self,
        address: usize,
        width: Width,
        body: impl FnOnce(&mut Self),
    ) {
        let key = (address, TypeId::of::<T>());
        let written = self.shared.as_ref().and_then(|shared| shared.get(&key));
        if let Some((offset, height)) = written.copied() {
            match self.depth_left.checked_sub(height) {
                Some(lowest) => self.lowest = self.lowest.min(lowest),
                // Readers count a back reference as what it leads to.
                None => self.fail(EncodeErrorKind::TooDeep {
                    limit: self.limits.depth,
                }),
            }
            self.discriminant(width, width.back_reference());
            self.write(&offset.to_le_bytes());
            return;
        }
        let offset = self.sink.position() - self.start;
        let outer_lowest = core::mem::replace(&mut self.lowest, self.depth_left);
        body(self);
        let height = self.depth_left.saturating_sub(self.lowest);
        self.lowest = self.lowest.min(outer_lowest);
        // An offset past 2^32 belongs to a message that `finish` refuses.
        if let Ok(offset) = u32::try_from(offset) {
            let shared = self.shared.get_or_insert_default();
            shared.insert(key, (offset, height));
        }
    }
}

/// The bytes of a value.
///
/// ```
/// assert_eq!(pack_abi::encode(&Some(7_u16))?, [1, 7, 0]);
/// # Ok::<(), pack_abi::EncodeError>(())
/// ```
///
/// # Errors
///
/// If the value is nested deeper than the default limit, or longer than 2^32-1 bytes.
pub fn encode<T: Encode + ?Sized>(value: &T) -> Result<Vec<u8>, EncodeError> {
    encode_into(Vec::new(), Limits::DEFAULT, value)
}

/// Writes a value to a sink and gives the sink back.
///
/// # Errors
///
/// If the value is nested deeper than the limit, or longer than 2^32-1 bytes.
pub fn encode_into<T: Encode + ?Sized, S: Sink>(
    sink: S,
    limits: Limits,
    value: &T,
) -> Result<S, EncodeError> {
    let mut encoder = Encoder::new(sink, limits);
    value.encode(&mut encoder);
    encoder.finish()
}
