use core::fmt::Debug;
use core::num::{NonZero, Wrapping};

use crate::error::{DecodeError, DecodeErrorKind};
use crate::graph_value::{Encode, GraphValue};
use crate::impls::{own_view, same_as};
use crate::raw::Plain;
use crate::view::{Cursor, GraphView};
use crate::wire::{Decoder, Encoder, FlatReader, FlatWriter, Sink};

macro_rules! non_zero {
    ($($int:ident),*) => {
        $(impl Encode for NonZero<$int> {
            #[inline]
            fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
                self.get().encode(encoder);
            }

            #[inline]
            fn flatten(&self, slots: &mut FlatWriter<'_>) {
                self.get().flatten(slots);
            }
        }

        /// Zero is refused.
        impl GraphValue for NonZero<$int> {
            const MIN_WIDTH: u32 = $int::MIN_WIDTH;

            #[inline]
            fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                let number = $int::decode(decoder)?;
                Self::new(number)
                    .ok_or_else(|| decoder.error_before(size_of::<$int>(), DecodeErrorKind::OutOfRange))
            }

            #[inline]
            fn unflatten(slots: &mut FlatReader<'_>) -> Result<Self, DecodeError> {
                Self::new($int::unflatten(slots)?)
                    .ok_or_else(|| DecodeError::new(DecodeErrorKind::OutOfRange, 0))
            }
        }

        own_view!(impl[] NonZero<$int>);
        same_as!(impl[] NonZero<$int> => $int);)*
    };
}

non_zero!(u8, u16, u32, u64, i8, i16, i32, i64);

impl<T: Encode> Encode for Wrapping<T> {
    const FIXED: Option<usize> = T::FIXED;
    const PLAIN: Option<Plain<Self>> = Plain::made_of(&T::PLAIN);

    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        self.0.encode(encoder);
    }

    #[inline]
    fn put_fixed(&self, room: &mut [u8]) {
        self.0.put_fixed(room);
    }

    #[inline]
    fn flatten(&self, slots: &mut FlatWriter<'_>) {
        self.0.flatten(slots);
    }
}

impl<T: GraphValue> GraphValue for Wrapping<T> {
    const MIN_WIDTH: u32 = T::MIN_WIDTH;

    #[inline]
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        T::decode(decoder).map(Self)
    }

    #[inline]
    fn get_fixed(bytes: &[u8]) -> Option<Self> {
        T::get_fixed(bytes).map(Self)
    }

    #[inline]
    fn unflatten(slots: &mut FlatReader<'_>) -> Result<Self, DecodeError> {
        T::unflatten(slots).map(Self)
    }
}

impl<T: for<'a> GraphView<Ref<'a> = T> + Copy + Debug> GraphView for Wrapping<T> {
    type Ref<'a> = Self;
    const HAS_NODES: bool = T::HAS_NODES;

    #[inline]
    fn check(decoder: &mut Decoder<'_>) -> Result<(), DecodeError> {
        T::check(decoder)
    }

    #[inline]
    fn read<'a>(cursor: &mut Cursor<'a>, last: bool) -> Self {
        Self(T::read(cursor, last))
    }

    #[inline]
    fn to_owned(view: Self) -> Self {
        view
    }
}

same_as!(impl[T: crate::PackType] Wrapping<T> => T);
