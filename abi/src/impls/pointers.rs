use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ptr;

use crate::error::DecodeError;
use crate::graph_value::{Encode, GraphValue};
use crate::impls::{same_as, view_as};
use crate::pack_type::PackType;
use crate::view::{BoxRef, Cursor, GraphView};
use crate::wire::{Decoder, Encoder, FlatReader, FlatWriter, Sink};

impl<T: Encode + ?Sized> Encode for &T {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        (**self).encode(encoder);
    }

    #[inline]
    fn flatten(&self, slots: &mut FlatWriter<'_>) {
        (**self).flatten(slots);
    }

    #[inline]
    fn contents(&self) -> Option<(usize, &[u8])> {
        (**self).contents()
    }
}

macro_rules! boxed_view {
    ($pointer:ident) => {
        impl<T: GraphView> GraphView for $pointer<T> {
            type Ref<'a> = BoxRef<'a, T>;
            const HAS_NODES: bool = T::HAS_NODES;

            #[inline]
            fn check(decoder: &mut Decoder<'_>) -> Result<(), DecodeError> {
                decoder.charge_bytes(size_of::<T>())?;
                T::check(decoder)
            }

            #[inline]
            fn read<'a>(cursor: &mut Cursor<'a>, last: bool) -> BoxRef<'a, T> {
                BoxRef::read(cursor, last)
            }

            #[inline]
            fn skip(cursor: &mut Cursor<'_>) {
                T::skip(cursor);
            }

            #[inline]
            fn to_owned(view: BoxRef<'_, T>) -> Self {
                $pointer::new(view.to_owned())
            }

            #[inline]
            fn encode_view<S: Sink>(view: BoxRef<'_, T>, encoder: &mut Encoder<S>) {
                T::encode_view(view.get(), encoder);
            }
        }
    };
}

impl<T: Encode + ?Sized> Encode for Box<T> {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        (**self).encode(encoder);
    }

    #[inline]
    fn flatten(&self, slots: &mut FlatWriter<'_>) {
        (**self).flatten(slots);
    }

    #[inline]
    fn contents(&self) -> Option<(usize, &[u8])> {
        (**self).contents()
    }
}

impl<T: GraphValue> GraphValue for Box<T> {
    const MIN_WIDTH: u32 = T::MIN_WIDTH;

    #[inline]
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        decoder.charge_bytes(size_of::<T>())?;
        T::decode(decoder).map(Box::new)
    }

    #[inline]
    fn unflatten(slots: &mut FlatReader<'_>) -> Result<Self, DecodeError> {
        T::unflatten(slots).map(Box::new)
    }
}

boxed_view!(Box);
same_as!(impl[T: PackType] Box<T> => T);

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

            #[inline]
            fn flatten(&self, slots: &mut FlatWriter<'_>) {
                (**self).flatten(slots);
            }

            #[inline]
            fn contents(&self) -> Option<(usize, &[u8])> {
                (**self).contents()
            }
        }

        /// A subtree of a recursive type that was written once gets as many owners again.
        impl<T: GraphValue> GraphValue for $pointer<T> {
            const MIN_WIDTH: u32 = T::MIN_WIDTH;

            fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                decoder.shared($pointer::<T>::new)
            }

            #[inline]
            fn unflatten(slots: &mut FlatReader<'_>) -> Result<Self, DecodeError> {
                T::unflatten(slots).map($pointer::new)
            }
        }

        boxed_view!($pointer);
        same_as!(impl[T: PackType] $pointer<T> => T);

        impl<T: Encode> Encode for $pointer<[T]> {
            #[inline]
            fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
                (**self).encode(encoder);
            }

            #[inline]
            fn contents(&self) -> Option<(usize, &[u8])> {
                (**self).contents()
            }
        }

        slice!($pointer);
    };
}

macro_rules! slice {
    ($pointer:ident) => {
        impl<T: GraphValue> GraphValue for $pointer<[T]> {
            const MIN_WIDTH: u32 = 4;

            #[inline]
            fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                Vec::decode(decoder).map(Self::from)
            }
        }

        view_as!(impl[T: GraphView] $pointer<[T]> => Vec<T>);
        same_as!(impl[T: PackType] $pointer<[T]> => Vec<T>);
    };
}

slice!(Box);
shared_pointer!(Rc);
shared_pointer!(Arc);

/// The borrowed and the owned form must be the same on the wire.
impl<B: Encode + ToOwned + ?Sized> Encode for Cow<'_, B> {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        (**self).encode(encoder);
    }

    #[inline]
    fn flatten(&self, slots: &mut FlatWriter<'_>) {
        (**self).flatten(slots);
    }

    #[inline]
    fn contents(&self) -> Option<(usize, &[u8])> {
        (**self).contents()
    }
}

/// What is read is owned.
impl<B> GraphValue for Cow<'static, B>
where
    B: Encode + ToOwned<Owned: GraphValue> + ?Sized,
{
    const MIN_WIDTH: u32 = B::Owned::MIN_WIDTH;

    #[inline]
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        B::Owned::decode(decoder).map(Cow::Owned)
    }

    #[inline]
    fn decode_contents(decoder: &mut Decoder<'_>, count: u32) -> Result<Self, DecodeError> {
        B::Owned::decode_contents(decoder, count).map(Cow::Owned)
    }

    #[inline]
    fn unflatten(slots: &mut FlatReader<'_>) -> Result<Self, DecodeError> {
        B::Owned::unflatten(slots).map(Cow::Owned)
    }
}

impl<B> GraphView for Cow<'static, B>
where
    B: Encode + ToOwned<Owned: GraphView> + ?Sized,
{
    type Ref<'a> = <B::Owned as GraphView>::Ref<'a>;
    const HAS_NODES: bool = B::Owned::HAS_NODES;

    #[inline]
    fn check(decoder: &mut Decoder<'_>) -> Result<(), DecodeError> {
        B::Owned::check(decoder)
    }

    #[inline]
    fn read<'a>(cursor: &mut Cursor<'a>, last: bool) -> Self::Ref<'a> {
        B::Owned::read(cursor, last)
    }

    #[inline]
    fn skip(cursor: &mut Cursor<'_>) {
        B::Owned::skip(cursor);
    }

    #[inline]
    fn to_owned(view: Self::Ref<'_>) -> Self {
        Cow::Owned(<B::Owned as GraphView>::to_owned(view))
    }

    #[inline]
    fn encode_view<S: Sink>(view: Self::Ref<'_>, encoder: &mut Encoder<S>) {
        B::Owned::encode_view(view, encoder);
    }

    #[inline]
    fn view_contents<'v>(view: &'v Self::Ref<'_>) -> Option<(usize, &'v [u8])> {
        B::Owned::view_contents(view)
    }

    #[inline]
    fn check_contents(decoder: &mut Decoder<'_>, count: u32) -> Result<(), DecodeError> {
        B::Owned::check_contents(decoder, count)
    }

    #[inline]
    fn read_contents(cursor: Cursor<'_>, count: u32) -> Self::Ref<'_> {
        B::Owned::read_contents(cursor, count)
    }
}

same_as!(impl[B] Cow<'static, B> => B::Owned where B: ToOwned<Owned: PackType> + ?Sized + 'static);
