//! The traits of types that travel.
//!
//! ```text
//! Encode                 can be written: also borrowed forms such as &str, &[T], Option<&T>
//! └── GraphValue         can be read back: owned types; what `#[derive(GraphValue)]` implements
//! ```

use alloc::vec::Vec;

use crate::error::{DecodeError, DecodeErrorKind};
use crate::pack_type::PackType;
use crate::raw::Plain;
use crate::wire::{Decoder, Encoder, FlatReader, FlatWriter, Sink, Width};

/// A value that can be written to the wire.
///
/// Implemented by `#[derive(GraphValue)]`, together with [`GraphValue`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent through Pack",
    label = "not a Pack value",
    note = "add `#[derive(GraphValue)]` to the type; for a type of another crate, wrap it in one of your own"
)]
pub trait Encode {
    /// The width in bytes, if every value has the same and every pattern of so many bytes is a value.
    /// Lists of such types are read in one go, and nothing in them can be wrong.
    const FIXED: Option<usize> = None;

    /// There, if values are in memory as they are on the wire, so that lists of them move in one piece. The derive finds out.
    const PLAIN: Option<Plain<Self>> = None;

    /// Appends the value.
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>);

    /// Appends several values, without a count.
    #[inline]
    fn encode_list<S: Sink>(items: &[Self], encoder: &mut Encoder<S>)
    where
        Self: Sized,
    {
        match (Self::PLAIN, Self::FIXED) {
            (Some(plain), _) if !encoder.canonical_nans() => encoder.write(plain.bytes(items)),
            (None, Some(width)) if !encoder.canonical_nans() => {
                encoder.write_with(items.len().saturating_mul(width), |room| {
                    for (room, item) in room.chunks_exact_mut(width).zip(items) {
                        item.put_fixed(room);
                    }
                })
            }
            _ => {
                for item in items {
                    item.encode(encoder);
                }
            }
        }
    }

    /// The contents of a string or list, and how many elements they are, if they lie in memory as they do on the wire.
    #[inline]
    fn contents(&self) -> Option<(usize, &[u8])> {
        None
    }

    /// Writes a value of a [`FIXED`](Self::FIXED) type into that many bytes.
    #[inline]
    fn put_fixed(&self, room: &mut [u8]) {
        let _ = room;
    }

    /// Writes the value as core WebAssembly values, if its type [flattens](crate::convention).
    #[inline]
    fn flatten(&self, slots: &mut FlatWriter<'_>) {
        let _ = slots;
    }
}

/// A value that travels between host and guest, written and read without any intermediate form.
///
/// Derive it, together with [`PackType`], which says what its wire form is: `#[derive(GraphValue, PackType)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel through Pack",
    label = "not a Pack value",
    note = "add `#[derive(GraphValue, PackType)]` to the type; for a type of another crate, wrap it in one of your own, \
            or say `#[pack(with = module)]` on the field"
)]
pub trait GraphValue: Encode + PackType + Sized {
    /// The fewest bytes a value takes on the wire; counts are checked against it before anything is
    /// allocated. For a recursive type, the width of its head.
    const MIN_WIDTH: u32;

    /// The width of the node head, for a record or variant that lies on a cycle of types.
    const NODE: Option<Width> = None;

    /// Reads a value.
    ///
    /// # Errors
    ///
    /// If the bytes are not a value of this type, or a limit is reached.
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError>;

    /// Reads `count` values. The caller has checked the count against the bytes left.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    #[inline]
    fn decode_list(decoder: &mut Decoder<'_>, count: u32) -> Result<Vec<Self>, DecodeError> {
        match (Self::PLAIN, Self::FIXED) {
            (Some(plain), _) => decode_plain_list(decoder, count, &plain),
            (None, Some(width)) => decode_fixed_list(decoder, count, width),
            (None, None) => decode_each(decoder, count),
        }
    }

    /// Reads a string or list whose count is known from elsewhere, and whose contents are all that is left.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    fn decode_contents(decoder: &mut Decoder<'_>, count: u32) -> Result<Self, DecodeError> {
        decoder.counted(count, Self::decode)
    }

    /// Reads a value of a [`FIXED`](Encode::FIXED) type from that many bytes.
    #[inline]
    fn get_fixed(bytes: &[u8]) -> Option<Self> {
        let _ = bytes;
        None
    }

    /// Reads what [`flatten`](Encode::flatten) wrote.
    ///
    /// # Errors
    ///
    /// If a core value is outside its type's range, or the type does not flatten.
    #[inline]
    fn unflatten(slots: &mut FlatReader<'_>) -> Result<Self, DecodeError> {
        let _ = slots;
        Err(DecodeError::new(DecodeErrorKind::Unsupported, 0))
    }
}

/// Reads values that are in memory as they are on the wire.
fn decode_plain_list<T: GraphValue>(
    decoder: &mut Decoder<'_>,
    count: u32,
    plain: &Plain<T>,
) -> Result<Vec<T>, DecodeError> {
    let length = crate::wire::to_usize(count).saturating_mul(size_of::<T>());
    decoder.charge_bytes(length)?;
    Ok(plain.list(decoder.slice(length)?))
}

/// Reads values that all have the same width.
fn decode_fixed_list<T: GraphValue>(
    decoder: &mut Decoder<'_>,
    count: u32,
    width: usize,
) -> Result<Vec<T>, DecodeError> {
    let length = crate::wire::to_usize(count);
    decoder.charge_bytes(length.saturating_mul(size_of::<T>()))?;
    let bytes = decoder.slice(length.saturating_mul(width))?;
    let mut items = Vec::with_capacity(length);
    items.extend(bytes.chunks_exact(width).map_while(T::get_fixed));
    match items.len() == length {
        true => Ok(items),
        false => Err(decoder.error(DecodeErrorKind::Unsupported)),
    }
}

/// Reads values one by one. Recursive types come through here on every level: what it keeps on the stack counts.
fn decode_each<T: GraphValue>(
    decoder: &mut Decoder<'_>,
    count: u32,
) -> Result<Vec<T>, DecodeError> {
    let mut items = decoder.room_for(count)?;
    for index in 0..count {
        match T::decode(decoder) {
            Ok(item) => items.push(item),
            Err(error) => return Err(error.at_index(index)),
        }
    }
    Ok(items)
}

/// The width of a sequence of parts, if all of them are fixed. A sequence of no bytes is not: lists of it
/// could not be cut into pieces.
#[doc(hidden)]
pub const fn fixed_sum(parts: &[Option<usize>]) -> Option<usize> {
    let mut sum = 0;
    let mut rest = parts;
    while let [part, tail @ ..] = rest {
        match part {
            Some(width) => sum += *width,
            None => return None,
        }
        rest = tail;
    }
    if sum == 0 { None } else { Some(sum) }
}

/// The least of several widths; 0 for none.
#[doc(hidden)]
pub const fn least(widths: &[u32]) -> u32 {
    let mut rest = widths;
    let mut least = match rest {
        [] => return 0,
        [first, ..] => *first,
    };
    while let [width, tail @ ..] = rest {
        if *width < least {
            least = *width;
        }
        rest = tail;
    }
    least
}

/// Puts one part into the room of a fixed-width whole, and gives back the room after it.
#[inline]
pub(crate) fn put_part<'a, T: Encode>(part: &T, room: &'a mut [u8]) -> &'a mut [u8] {
    match T::FIXED.and_then(|width| room.split_at_mut_checked(width)) {
        Some((own, rest)) => {
            part.put_fixed(own);
            rest
        }
        None => &mut [],
    }
}

/// Gets one part of a fixed-width whole, and moves past it.
#[inline]
pub(crate) fn get_part<T: GraphValue>(bytes: &mut &[u8]) -> Option<T> {
    let (own, rest) = bytes.split_at_checked(T::FIXED?)?;
    *bytes = rest;
    T::get_fixed(own)
}
