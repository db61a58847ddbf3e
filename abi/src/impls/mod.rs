//! The traits for the types of the language, its standard library, and a few widespread crates.

mod collections;
mod numbers;
mod option_result;
mod pointers;
mod scalars;
mod text;
mod time;
mod tuples;

#[cfg(feature = "bytes")]
mod bytes;
#[cfg(feature = "std")]
mod hash;
#[cfg(feature = "indexmap")]
mod indexmap;
#[cfg(feature = "smol_str")]
mod smol_str;
#[cfg(feature = "uuid")]
mod uuid;

/// Describes a type as a primitive.
macro_rules! primitive {
    ($rust:ty, $wit:ident) => {
        impl $crate::PackType for $rust {
            const IDENTITY: &'static $crate::pack_type::Identity =
                &$crate::pack_type::Identity::primitive($crate::schema::Type::$wit);
            const INFO: $crate::pack_type::TypeRef = $crate::pack_type::TypeRef::new(
                const {
                    &$crate::pack_type::TypeInfo::new(
                        Self::IDENTITY,
                        $crate::pack_type::Shape::Primitive($crate::schema::Type::$wit),
                    )
                },
            );
            type In<A: $crate::pack_type::Around> = Self;
        }
    };
}

/// Describes a type as another that has the same form on the wire.
macro_rules! same_as {
    (impl[$($param:ident $(: $bound:path)?),*] $rust:ty => $other:ty $(where $($clause:tt)*)?) => {
        impl<$($param $(: $bound)?),*> $crate::PackType for $rust $(where $($clause)*)? {
            const IDENTITY: &'static $crate::pack_type::Identity =
                <$other as $crate::PackType>::IDENTITY;
            const INFO: $crate::pack_type::TypeRef = <$other as $crate::PackType>::INFO;
            type In<A: $crate::pack_type::Around> = <$other as $crate::PackType>::In<A>;
        }
    };
}

/// Describes a generic type of WIT: itself with other parameters, its word, its parameters, its shape.
macro_rules! anonymous {
    (impl[$($param:ident),* $(; const $n:ident)?] $rust:ty, in $around:ident: $inside:ty => $word:literal [$($arg:expr),*] $shape:expr) => {
        impl<$($param: $crate::PackType,)* $(const $n: usize)?> $crate::PackType for $rust {
            const IDENTITY: &'static $crate::pack_type::Identity = {
                #[allow(unused_imports, reason = "the empty tuple has no parameters")]
                use $crate::pack_type::Arg::{Number, Type};
                &$crate::pack_type::Identity::anonymous($word, const { &[$($arg),*] })
            };
            const INFO: $crate::pack_type::TypeRef = $crate::pack_type::TypeRef::new(
                const { &$crate::pack_type::TypeInfo::new(Self::IDENTITY, $shape) },
            );
            type In<$around: $crate::pack_type::Around> = $inside;
        }
    };
}

/// Makes a type its own view.
macro_rules! own_view {
    (impl[$($param:ident $(: $bound:path)?),*] $rust:ty) => {
        impl<$($param $(: $bound)?),*> $crate::GraphView for $rust {
            type Ref<'a> = Self;
            const HAS_NODES: bool = false;

            #[inline]
            fn check(decoder: &mut $crate::Decoder<'_>) -> Result<(), $crate::DecodeError> {
                <Self as $crate::GraphValue>::decode(decoder).map(drop)
            }

            #[inline]
            fn read(cursor: &mut $crate::view::Cursor<'_>, _: bool) -> Self {
                cursor.copied()
            }

            #[inline]
            fn read_fixed(bytes: &[u8], cursor: $crate::view::Cursor<'_>) -> Self {
                $crate::view::copied_fixed(bytes, cursor)
            }

            #[inline]
            fn to_owned(view: Self) -> Self {
                view
            }
        }
    };
}

/// Gives a type the view of another that has the same form on the wire, and says how it is made of that.
macro_rules! view_as {
    (impl[$($param:ident $(: $bound:path)?),*] $rust:ty => $other:ty $(where $($clause:tt)*)?) => {
        impl<$($param $(: $bound)?),*> $crate::GraphView for $rust $(where $($clause)*)? {
            type Ref<'a> = <$other as $crate::GraphView>::Ref<'a>;
            const HAS_NODES: bool = <$other as $crate::GraphView>::HAS_NODES;

            #[inline]
            fn check(decoder: &mut $crate::Decoder<'_>) -> Result<(), $crate::DecodeError> {
                <$other as $crate::GraphView>::check(decoder)
            }

            #[inline]
            fn read<'a>(cursor: &mut $crate::view::Cursor<'a>, last: bool) -> Self::Ref<'a> {
                <$other as $crate::GraphView>::read(cursor, last)
            }

            #[inline]
            fn skip(cursor: &mut $crate::view::Cursor<'_>) {
                <$other as $crate::GraphView>::skip(cursor)
            }

            #[inline]
            fn to_owned(view: Self::Ref<'_>) -> Self {
                Self::from(<$other as $crate::GraphView>::to_owned(view))
            }

            #[inline]
            fn encode_view<Out: $crate::wire::Sink>(view: Self::Ref<'_>, encoder: &mut $crate::wire::Encoder<Out>) {
                <$other as $crate::GraphView>::encode_view(view, encoder);
            }

            #[inline]
            fn view_contents<'v>(view: &'v Self::Ref<'_>) -> Option<(usize, &'v [u8])> {
                <$other as $crate::GraphView>::view_contents(view)
            }

            #[inline]
            fn check_contents(decoder: &mut $crate::Decoder<'_>, count: u32) -> Result<(), $crate::DecodeError> {
                <$other as $crate::GraphView>::check_contents(decoder, count)
            }

            #[inline]
            fn read_contents(cursor: $crate::view::Cursor<'_>, count: u32) -> Self::Ref<'_> {
                <$other as $crate::GraphView>::read_contents(cursor, count)
            }
        }
    };
}

use {anonymous, own_view, primitive, same_as, view_as};
