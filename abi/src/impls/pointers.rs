use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::sync::Arc;
use core::ptr;

use crate::error::DecodeError;
use crate::graph_value::{Encode, GraphValue};
use crate::pack_type::{PackType, SchemaBuilder};
use crate::schema::Type;
use crate::wire::{Decoder, Encoder, FlatWriter, Sink};

impl<T: Encode + ?Sized> Encode for &T {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        (**self).encode(encoder);
    }

    #[inline]
    fn flatten(&self, slots: &mut FlatWriter<'_>) {
        (**self).flatten(slots);
    }
}

impl<T: Encode + ?Sized> Encode for Box<T> {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        (**self).encode(encoder);
    }
}

impl<T: GraphValue> GraphValue for Box<T> {
    const MIN_WIDTH: u32 = T::MIN_WIDTH;
    const CYCLE_NEEDS_PACK_RECURSIVE: bool = T::CYCLE_NEEDS_PACK_RECURSIVE;

    #[inline]
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        decoder.charge_bytes(size_of::<T>())?;
        T::decode(decoder).map(Box::new)
    }
}

impl<T: PackType> PackType for Box<T> {
    fn describe(builder: &mut SchemaBuilder) -> Type {
        T::describe(builder)
    }
}

macro_rules! shared_pointer {
    ($pointer:ident) => {
        /// A subtree of a recursive type that has several owners is written once.
        impl<T: GraphValue> Encode for $pointer<T> {
            fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
                match T::NODE {
                    Some(width) if $pointer::strong_count(self) > 1 => {
                        let address = ptr::from_ref(&**self).addr();
                        encoder.shared::<T>(address, width, |encoder| (**self).encode(encoder));
                    }
                    _ => (**self).encode(encoder),
                }
            }
        }

        /// A subtree of a recursive type that was written once gets as many owners again.
        impl<T: GraphValue> GraphValue for $pointer<T> {
            const MIN_WIDTH: u32 = T::MIN_WIDTH;
            const CYCLE_NEEDS_PACK_RECURSIVE: bool = T::CYCLE_NEEDS_PACK_RECURSIVE;

            fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                decoder.shared($pointer::<T>::new)
            }
        }

        impl<T: PackType> PackType for $pointer<T> {
            fn describe(builder: &mut SchemaBuilder) -> Type {
                T::describe(builder)
            }
        }
    };
}

shared_pointer!(Rc);
shared_pointer!(Arc);
