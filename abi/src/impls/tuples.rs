use core::mem::offset_of;

use crate::error::DecodeError;
use crate::graph_value::{Encode, GraphValue, fixed_sum, get_part, put_part};
use crate::impls::anonymous;
use crate::pack_type::Shape;
use crate::raw::{Field, Plain};
use crate::view::{Cursor, GraphView};
use crate::wire::{Decoder, Encoder, FlatReader, FlatWriter, Sink};

macro_rules! tuple {
    ($($name:ident $index:tt $field:literal),*) => {
        #[allow(unused_variables, reason = "the empty tuple writes and reads nothing")]
        #[allow(clippy::unused_unit, reason = "the empty tuple")]
        impl<$($name: Encode),*> Encode for ($($name,)*) {
            const FIXED: Option<usize> = fixed_sum(&[$($name::FIXED),*]);
            const PLAIN: Option<Plain<Self>> =
                Plain::fields(&[$(Field::new(offset_of!(Self, $index), |this: &Self| &this.$index, &$name::PLAIN)),*]);

            #[inline]
            fn encode<Out: Sink>(&self, encoder: &mut Encoder<Out>) {
                $(self.$index.encode(encoder);)*
            }

            #[inline]
            fn put_fixed(&self, room: &mut [u8]) {
                $(let room = put_part(&self.$index, room);)*
            }

            #[inline]
            fn flatten(&self, slots: &mut FlatWriter<'_>) {
                $(self.$index.flatten(slots);)*
            }
        }

        #[allow(unused_variables, unused_mut, reason = "the empty tuple writes and reads nothing")]
        impl<$($name: GraphValue),*> GraphValue for ($($name,)*) {
            const MIN_WIDTH: u32 = 0_u32 $(.saturating_add($name::MIN_WIDTH))*;

            #[inline]
            fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                Ok(($(match $name::decode(decoder) {
                    Ok(part) => part,
                    Err(error) => return Err(error.in_field($field)),
                },)*))
            }

            #[inline]
            fn get_fixed(bytes: &[u8]) -> Option<Self> {
                let mut bytes = bytes;
                Some(($(get_part::<$name>(&mut bytes)?,)*))
            }

            #[inline]
            fn unflatten(slots: &mut FlatReader<'_>) -> Result<Self, DecodeError> {
                Ok(($($name::unflatten(slots)?,)*))
            }
        }

        #[allow(dead_code, unused_variables, reason = "the empty tuple has nothing to read")]
        #[allow(clippy::unused_unit, reason = "the empty tuple")]
        impl<$($name: GraphView),*> GraphView for ($($name,)*) {
            type Ref<'a> = ($($name::Ref<'a>,)*);
            const HAS_NODES: bool = false $(|| $name::HAS_NODES)*;

            #[inline]
            fn check(decoder: &mut Decoder<'_>) -> Result<(), DecodeError> {
                $(if let Err(error) = $name::check(decoder) {
                    return Err(error.in_field($field));
                })*
                Ok(())
            }

            #[inline]
            fn read<'a>(cursor: &mut Cursor<'a>, last: bool) -> Self::Ref<'a> {
                const COUNT: usize = <[&str]>::len(&[$($field),*]);
                ($($name::read(cursor, last && $index + 1 == COUNT),)*)
            }

            #[inline]
            fn skip(cursor: &mut Cursor<'_>) {
                $($name::skip(cursor);)*
            }

            #[inline]
            fn to_owned(view: Self::Ref<'_>) -> Self {
                ($($name::to_owned(view.$index),)*)
            }

            #[inline]
            fn encode_view<Out: Sink>(view: Self::Ref<'_>, encoder: &mut Encoder<Out>) {
                $($name::encode_view(view.$index, encoder);)*
            }
        }

        anonymous!(impl[$($name),*] ($($name,)*), in Outer: ($($name::In<Outer>,)*) => "tuple" [$(Type($name::IDENTITY)),*] Shape::Tuple(const { &[$($name::INFO),*] }));
    };
}

tuple!();
tuple!(A 0 "0");
tuple!(A 0 "0", B 1 "1");
tuple!(A 0 "0", B 1 "1", C 2 "2");
tuple!(A 0 "0", B 1 "1", C 2 "2", D 3 "3");
tuple!(A 0 "0", B 1 "1", C 2 "2", D 3 "3", E 4 "4");
tuple!(A 0 "0", B 1 "1", C 2 "2", D 3 "3", E 4 "4", F 5 "5");
tuple!(A 0 "0", B 1 "1", C 2 "2", D 3 "3", E 4 "4", F 5 "5", G 6 "6");
tuple!(A 0 "0", B 1 "1", C 2 "2", D 3 "3", E 4 "4", F 5 "5", G 6 "6", H 7 "7");
tuple!(A 0 "0", B 1 "1", C 2 "2", D 3 "3", E 4 "4", F 5 "5", G 6 "6", H 7 "7", I 8 "8");
tuple!(A 0 "0", B 1 "1", C 2 "2", D 3 "3", E 4 "4", F 5 "5", G 6 "6", H 7 "7", I 8 "8", J 9 "9");
tuple!(A 0 "0", B 1 "1", C 2 "2", D 3 "3", E 4 "4", F 5 "5", G 6 "6", H 7 "7", I 8 "8", J 9 "9", K 10 "10");
tuple!(A 0 "0", B 1 "1", C 2 "2", D 3 "3", E 4 "4", F 5 "5", G 6 "6", H 7 "7", I 8 "8", J 9 "9", K 10 "10", L 11 "11");
