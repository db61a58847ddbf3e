//! What generated code names. Not part of the public interface: it changes without notice.

pub use alloc::borrow::Cow;
pub use alloc::boxed::Box;
pub use alloc::collections::BTreeMap;
pub use alloc::string::String;
pub use alloc::vec::Vec;
pub use core::clone::Clone;
pub use core::cmp::PartialEq;
pub use core::convert::Into;
pub use core::default::Default;
pub use core::marker::Copy;
pub use core::mem::offset_of;
pub use core::option::Option::{self, None, Some};
pub use core::result::Result::{self, Err, Ok};
pub use core::{column, concat, error, fmt, line, module_path, primitive};

pub use crate::derived::{
    Part, Payload, check_case, check_copied, check_record, check_variant, decode_record,
    decode_variant, encode_case, encode_record, invalid, invalid_slot, node, node_width, read_case,
    read_record, read_variant, skip_record, skip_variant,
};
pub use crate::error::{DecodeError, DecodeErrorKind, EncodeError, HandleProblem};
pub use crate::graph_value::{Encode, GraphValue, fixed_sum, least};
pub use crate::pack_type::{
    Arg, Around, CaseInfo, CoreSignature, DescribedIn, FieldInfo, FunctionInfo, Identity, Inside,
    LabelInfo, Outside, PackType, ParamInfo, Place, Shape, TypeInfo, TypeRef, Way, Within,
    assert_same, assert_sound, is_inside_itself, piece, piece_length,
};
pub use crate::raw::{Field, Plain};
pub use crate::resource::{Borrow, Own, Resource};
pub use crate::schema::Provider;
pub use crate::view::{
    Borrowed, BoxRef, Cursor, Form, GraphView, LeafLayout, ListForm, ListRef, MapRef, Owned,
    ResultForm, Sliced, SlicedMut, View, copied_fixed, other_type,
};
pub use crate::wire::{
    Decoder, Encoder, FlatReader, FlatWriter, Limits, Sink, Width, check_with, decode_with,
};

/// The bytes as text.
///
/// # Errors
///
/// If they are not UTF-8.
#[inline]
pub fn text(bytes: &[u8]) -> Result<&str, DecodeError> {
    crate::raw::text(bytes)
        .map_err(|error| DecodeError::new(DecodeErrorKind::Utf8, error.valid_up_to()))
}

/// Text of its own.
#[inline]
pub fn string(text: &str) -> String {
    crate::raw::string(text)
}

/// Writes flags, given as bits, in the least number of bytes.
#[inline]
pub fn encode_flags<S: Sink>(bits: u128, count: u32, encoder: &mut Encoder<S>) {
    let bytes = bits.to_le_bytes();
    let width = crate::wire::to_usize(count.div_ceil(8));
    encoder.write(bytes.get(..width).unwrap_or(&bytes));
}

/// Reads flags as bits.
///
/// # Errors
///
/// If the message ends, or a flag is set that the type does not have.
#[inline]
pub fn decode_flags(count: u32, decoder: &mut Decoder<'_>) -> Result<u128, DecodeError> {
    let width = crate::wire::to_usize(count.div_ceil(8));
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(decoder.slice(width)?) {
        *to = *from;
    }
    let bits = u128::from_le_bytes(bytes);
    match bits.checked_shr(count) {
        None | Some(0) => Ok(bits),
        Some(_) => Err(decoder.error_before(width, DecodeErrorKind::Flags)),
    }
}

/// Reads flags that travel as one core value.
///
/// # Errors
///
/// If a flag is set that the type does not have.
#[inline]
pub fn unflatten_flags(count: u32, slots: &mut FlatReader<'_>) -> Result<u128, DecodeError> {
    let bits = slots.next_slot()?;
    match bits.checked_shr(count) {
        None | Some(0) => Ok(u128::from(bits)),
        Some(_) => Err(DecodeError::new(DecodeErrorKind::CoreValue(bits), 0)),
    }
}

/// Writes flags as one core value.
#[inline]
pub fn flatten_flags(bits: u128, slots: &mut FlatWriter<'_>) {
    // Flags that do not fit 64 bits do not flatten, and never come here.
    slots.push(u64::try_from(bits).unwrap_or_default());
}

/// A core value as a slot.
#[inline]
pub const fn from_i32(value: i32) -> u64 {
    value.cast_unsigned() as u64
}

/// A core value as a slot.
#[inline]
pub const fn from_i64(value: i64) -> u64 {
    value.cast_unsigned()
}

/// A core value as a slot.
#[inline]
pub const fn from_f32(value: f32) -> u64 {
    value.to_bits() as u64
}

/// A core value as a slot.
#[inline]
pub const fn from_f64(value: f64) -> u64 {
    value.to_bits()
}

/// A slot as a core value.
#[inline]
pub const fn to_i32(slot: u64) -> i32 {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a slot holds 32-bit values zero-extended"
    )]
    let low = slot as u32;
    low.cast_signed()
}

/// A slot as a core value.
#[inline]
pub const fn to_i64(slot: u64) -> i64 {
    slot.cast_signed()
}

/// A slot as a core value.
#[inline]
pub const fn to_f32(slot: u64) -> f32 {
    f32::from_bits(to_i32(slot).cast_unsigned())
}

/// A slot as a core value.
#[inline]
pub const fn to_f64(slot: u64) -> f64 {
    f64::from_bits(slot)
}
