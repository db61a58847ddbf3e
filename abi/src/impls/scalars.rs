use crate::error::{DecodeError, DecodeErrorKind};
use crate::graph_value::{Encode, GraphValue};
use crate::impls::{own_view, primitive};
use crate::raw::Plain;
use crate::view::{Cursor, GraphView, LeafLayout};
use crate::wire::{Decoder, Encoder, FlatReader, FlatWriter, Sink};

macro_rules! number {
    ($rust:ty, $width:literal, $wit:ident, $bytes:path, |$value:ident| $to_bits:expr, |$slots:ident| $from_slots:expr) => {
        impl Encode for $rust {
            const FIXED: Option<usize> = Some($width);
            const PLAIN: Option<Plain<Self>> = Plain::number();

            #[inline]
            fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
                encoder.write(&$bytes(*self, encoder.canonical_nans()));
            }

            #[inline]
            fn put_fixed(&self, room: &mut [u8]) {
                if let Some(room) = room.first_chunk_mut() {
                    *room = self.to_le_bytes();
                }
            }

            #[inline]
            fn flatten(&self, slots: &mut FlatWriter<'_>) {
                let $value = *self;
                slots.push($to_bits);
            }
        }

        impl GraphValue for $rust {
            const MIN_WIDTH: u32 = $width;

            #[inline]
            fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                decoder.array().map(<$rust>::from_le_bytes)
            }

            #[inline]
            fn get_fixed(bytes: &[u8]) -> Option<Self> {
                bytes
                    .first_chunk()
                    .map(|chunk| <$rust>::from_le_bytes(*chunk))
            }

            #[inline]
            fn unflatten($slots: &mut FlatReader<'_>) -> Result<Self, DecodeError> {
                $from_slots
            }
        }

        impl GraphView for $rust {
            type Ref<'a> = Self;
            const HAS_NODES: bool = false;

            #[inline]
            fn check(decoder: &mut Decoder<'_>) -> Result<(), DecodeError> {
                decoder.array::<$width>().map(drop)
            }

            #[inline]
            fn read(cursor: &mut Cursor<'_>, _: bool) -> Self {
                <$rust>::from_le_bytes(cursor.array())
            }

            #[inline]
            fn read_fixed(bytes: &[u8], _: Cursor<'_>) -> Self {
                bytes
                    .first_chunk()
                    .map_or_else(Self::default, |chunk| <$rust>::from_le_bytes(*chunk))
            }

            #[inline]
            fn to_owned(view: Self) -> Self {
                view
            }
        }

        primitive!($rust, $wit);
    };
}

/// The bytes of integers, which have no NaNs.
mod integer {
    macro_rules! bytes {
        ($($int:ident),*) => {
            $(#[inline]
            pub(super) fn $int(value: $int, _: bool) -> [u8; size_of::<$int>()] {
                value.to_le_bytes()
            })*
        };
    }

    bytes!(u8, u16, u32, u64, i8, i16, i32, i64);
}

/// The canonical NaNs of the WebAssembly core specification (its section on floating-point values): of the payload, only
/// the topmost bit is set.
const CANONICAL_NAN_32: u32 = 0x7fc0_0000;
const CANONICAL_NAN_64: u64 = 0x7ff8_0000_0000_0000;

#[inline]
fn f32_bytes(value: f32, canonical_nans: bool) -> [u8; 4] {
    let bits = if canonical_nans && value.is_nan() {
        CANONICAL_NAN_32
    } else {
        value.to_bits()
    };
    bits.to_le_bytes()
}

#[inline]
fn f64_bytes(value: f64, canonical_nans: bool) -> [u8; 8] {
    let bits = if canonical_nans && value.is_nan() {
        CANONICAL_NAN_64
    } else {
        value.to_bits()
    };
    bits.to_le_bytes()
}

number!(u8, 1, U8, integer::u8, |v| u64::from(v), |slots| slots
    .unsigned());
number!(u16, 2, U16, integer::u16, |v| u64::from(v), |slots| slots
    .unsigned());
number!(u32, 4, U32, integer::u32, |v| u64::from(v), |slots| slots
    .unsigned());
number!(u64, 8, U64, integer::u64, |v| v, |slots| slots.next_slot());
number!(
    i8,
    1,
    S8,
    integer::i8,
    |v| u64::from(i32::from(v).cast_unsigned()),
    |slots| slots.signed()
);
number!(
    i16,
    2,
    S16,
    integer::i16,
    |v| u64::from(i32::from(v).cast_unsigned()),
    |slots| slots.signed()
);
number!(
    i32,
    4,
    S32,
    integer::i32,
    |v| u64::from(v.cast_unsigned()),
    |slots| slots.signed()
);
number!(i64, 8, S64, integer::i64, |v| v.cast_unsigned(), |slots| {
    slots.next_slot().map(u64::cast_signed)
});
number!(
    f32,
    4,
    F32,
    f32_bytes,
    |v| u64::from(v.to_bits()),
    |slots| slots.unsigned().map(f32::from_bits)
);
number!(f64, 8, F64, f64_bytes, |v| v.to_bits(), |slots| slots
    .next_slot()
    .map(f64::from_bits));

impl Encode for bool {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        encoder.write(&[u8::from(*self)]);
    }

    #[inline]
    fn flatten(&self, slots: &mut FlatWriter<'_>) {
        slots.push(u64::from(*self));
    }
}

impl GraphValue for bool {
    const MIN_WIDTH: u32 = 1;

    #[inline]
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        decoder.bool()
    }

    #[inline]
    fn unflatten(slots: &mut FlatReader<'_>) -> Result<Self, DecodeError> {
        match slots.next_slot()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(DecodeError::new(DecodeErrorKind::CoreValue(other), 0)),
        }
    }
}

impl GraphView for bool {
    type Ref<'a> = Self;
    const HAS_NODES: bool = false;
    const LEAF: LeafLayout = LeafLayout::BOOL;

    #[inline]
    fn check(decoder: &mut Decoder<'_>) -> Result<(), DecodeError> {
        decoder.bool().map(drop)
    }

    #[inline]
    fn read(cursor: &mut Cursor<'_>, _: bool) -> Self {
        cursor.bool()
    }

    #[inline]
    fn to_owned(view: Self) -> Self {
        view
    }
}

primitive!(bool, Bool);

impl Encode for char {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        encoder.write(&u32::from(*self).to_le_bytes());
    }

    #[inline]
    fn flatten(&self, slots: &mut FlatWriter<'_>) {
        slots.push(u64::from(u32::from(*self)));
    }
}

impl GraphValue for char {
    const MIN_WIDTH: u32 = 4;

    #[inline]
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let number = u32::from_le_bytes(decoder.array()?);
        char::from_u32(number).ok_or_else(|| decoder.error_before(4, DecodeErrorKind::Char(number)))
    }

    #[inline]
    fn unflatten(slots: &mut FlatReader<'_>) -> Result<Self, DecodeError> {
        let number = slots.unsigned()?;
        char::from_u32(number).ok_or_else(|| DecodeError::new(DecodeErrorKind::Char(number), 0))
    }
}

own_view!(impl[] char);
primitive!(char, Char);
