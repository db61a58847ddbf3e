use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;

use super::identity::Around;
use super::{Identity, PackType, TypeRef};
use crate::error::{DecodeError, DecodeErrorKind};
use crate::graph_value::{Encode, GraphValue};
use crate::wire::{Decoder, Encoder, Sink};

/// A type parameter `T` of the generic type `Outer`, while that is being described. It stands for `T` in the types of
/// the fields:
///
/// ```text
/// struct Spanned<T> { node: T, inner: Option<Box<Kind<T>>> }
///
/// Spanned<T>::INFO = record { node: Within<T, Spanned<T>>, inner: option<Kind<Within<T, Spanned<T>>>> }
/// ```
///
/// So generic types that refer to each other pass on which of them are being described, and the one that is met a
/// second time is mentioned only. A static for each would do the same; but there are no generic statics.
///
/// There are no values of it. It has the traits that a parameter is likely to need.
#[doc(hidden)]
pub struct Within<T, Outer>(PhantomData<fn() -> (T, Outer)>);

impl<T: PackType, Outer: PackType> PackType for Within<T, Outer> {
    const IDENTITY: &'static Identity = &Identity {
        around: Some(&Around {
            id: Outer::IDENTITY.id,
            rest: T::IDENTITY.around,
        }),
        ..*T::IDENTITY
    };
    const INFO: TypeRef = T::INFO;
}

impl<T: PackType, Outer: PackType> Encode for Within<T, Outer> {
    fn encode<S: Sink>(&self, _: &mut Encoder<S>) {}
}

impl<T: PackType, Outer: PackType> GraphValue for Within<T, Outer> {
    const MIN_WIDTH: u32 = 0;

    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Err(decoder.error(DecodeErrorKind::Unsupported))
    }
}

impl<T, Outer> Clone for Within<T, Outer> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, Outer> Copy for Within<T, Outer> {}

impl<T, Outer> Default for Within<T, Outer> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, Outer> fmt::Debug for Within<T, Outer> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Within")
    }
}

impl<T, Outer> PartialEq for Within<T, Outer> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T, Outer> Eq for Within<T, Outer> {}

impl<T, Outer> PartialOrd for Within<T, Outer> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T, Outer> Ord for Within<T, Outer> {
    fn cmp(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
}

impl<T, Outer> Hash for Within<T, Outer> {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}
