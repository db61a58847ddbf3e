use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use crate::error::{DecodeError, DecodeErrorKind};
use crate::graph_value::{Encode, GraphValue};
use crate::impls::{anonymous, same_as, view_as};
use crate::pack_type::{PackType, Shape};
use crate::raw::Plain;
use crate::schema::Type;
use crate::view::{Cursor, GraphView, ListRef, other_type};
use crate::wire::{Decoder, Encoder, Sink, to_usize};

macro_rules! map_view {
    (impl[$($hasher:ident)?] $map:ty $(where $bound:path)?) => {
        impl<K: $crate::GraphView + Ord $(+ $bound)?, V: $crate::GraphView $(, $hasher)?> $crate::GraphView for $map
        $(where $hasher: core::hash::BuildHasher + Default + 'static)?
        {
            type Ref<'a> = $crate::view::MapRef<'a, K, V>;
            const HAS_NODES: bool = K::HAS_NODES || V::HAS_NODES;

            fn check(decoder: &mut $crate::Decoder<'_>) -> Result<(), $crate::DecodeError> {
                $crate::view::check_map::<K, V>(decoder)
            }

            #[inline]
            fn read<'a>(cursor: &mut $crate::view::Cursor<'a>, last: bool) -> Self::Ref<'a> {
                $crate::view::MapRef::read(cursor, last)
            }

            fn to_owned(view: Self::Ref<'_>) -> Self {
                let entries = view.iter();
                entries.map(|(key, value)| (K::to_owned(key), V::to_owned(value))).collect()
            }

            #[inline]
            fn encode_view<Out: $crate::wire::Sink>(view: Self::Ref<'_>, encoder: &mut $crate::wire::Encoder<Out>) {
                view.encode(encoder);
            }
        }
    };
}

macro_rules! set_view {
    (impl[$($hasher:ident)?] $set:ty $(where $bound:path)?) => {
        impl<T: $crate::GraphView + Ord $(+ $bound)? $(, $hasher)?> $crate::GraphView for $set
        $(where $hasher: core::hash::BuildHasher + Default + 'static)?
        {
            type Ref<'a> = $crate::view::ListRef<'a, T>;
            const HAS_NODES: bool = T::HAS_NODES;

            fn check(decoder: &mut $crate::Decoder<'_>) -> Result<(), $crate::DecodeError> {
                $crate::view::check_set::<T>(decoder)
            }

            #[inline]
            fn read<'a>(cursor: &mut $crate::view::Cursor<'a>, last: bool) -> Self::Ref<'a> {
                $crate::view::ListRef::read(cursor, last)
            }

            fn to_owned(view: Self::Ref<'_>) -> Self {
                view.iter().map(T::to_owned).collect()
            }

            #[inline]
            fn encode_view<Out: $crate::wire::Sink>(view: Self::Ref<'_>, encoder: &mut $crate::wire::Encoder<Out>) {
                view.encode(encoder);
            }
        }
    };
}

#[cfg(any(feature = "std", feature = "indexmap"))]
pub(super) use {map_view, set_view};

impl<T: Encode> Encode for [T] {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        encoder.count(self.len());
        T::encode_list(self, encoder);
    }

    #[inline]
    fn contents(&self) -> Option<(usize, &[u8])> {
        T::PLAIN.map(|plain| (self.len(), plain.bytes(self)))
    }
}

impl<T: Encode> Encode for Vec<T> {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        self.as_slice().encode(encoder);
    }

    #[inline]
    fn contents(&self) -> Option<(usize, &[u8])> {
        self.as_slice().contents()
    }
}

impl<T: GraphValue> GraphValue for Vec<T> {
    const MIN_WIDTH: u32 = 4;

    #[inline]
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let count = decoder.count(T::MIN_WIDTH)?;
        T::decode_list(decoder, count)
    }

    #[inline]
    fn decode_contents(decoder: &mut Decoder<'_>, count: u32) -> Result<Self, DecodeError> {
        decoder.expect(count, T::MIN_WIDTH)?;
        T::decode_list(decoder, count)
    }
}

impl<T: GraphView> GraphView for Vec<T> {
    type Ref<'a> = ListRef<'a, T>;
    const HAS_NODES: bool = T::HAS_NODES;

    #[inline]
    fn check(decoder: &mut Decoder<'_>) -> Result<(), DecodeError> {
        let count = decoder.count(T::MIN_WIDTH)?;
        T::check_list(decoder, count)
    }

    #[inline]
    fn read<'a>(cursor: &mut Cursor<'a>, last: bool) -> ListRef<'a, T> {
        ListRef::read(cursor, last)
    }

    #[inline]
    fn to_owned(view: ListRef<'_, T>) -> Self {
        view.to_vec()
    }

    #[inline]
    fn encode_view<S: Sink>(view: ListRef<'_, T>, encoder: &mut Encoder<S>) {
        view.encode(encoder);
    }

    #[inline]
    fn view_contents<'v>(view: &'v ListRef<'_, T>) -> Option<(usize, &'v [u8])> {
        view.contents()
    }

    #[inline]
    fn check_contents(decoder: &mut Decoder<'_>, count: u32) -> Result<(), DecodeError> {
        decoder.expect(count, T::MIN_WIDTH)?;
        T::check_list(decoder, count)
    }

    #[inline]
    fn read_contents(mut cursor: Cursor<'_>, count: u32) -> ListRef<'_, T> {
        ListRef::of(&mut cursor, count, true)
    }
}

anonymous!(impl[T] Vec<T>, in Outer: Vec<T::In<Outer>> => "list" [Type(T::IDENTITY)] Shape::List(T::INFO));

impl<T: Encode> Encode for VecDeque<T> {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        let (front, back) = self.as_slices();
        encoder.count(self.len());
        T::encode_list(front, encoder);
        T::encode_list(back, encoder);
    }
}

impl<T: GraphValue> GraphValue for VecDeque<T> {
    const MIN_WIDTH: u32 = 4;

    #[inline]
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Vec::decode(decoder).map(Self::from)
    }
}

view_as!(impl[T: GraphView] VecDeque<T> => Vec<T>);
same_as!(impl[T: PackType] VecDeque<T> => Vec<T>);

impl<T: Encode, const N: usize> Encode for [T; N] {
    const FIXED: Option<usize> = match T::FIXED {
        Some(width) if N > 0 => Some(width * N),
        _ => None,
    };
    const PLAIN: Option<Plain<Self>> = match N {
        0 => None,
        _ => Plain::made_of(&T::PLAIN),
    };

    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        T::encode_list(self, encoder);
    }

    #[inline]
    fn put_fixed(&self, room: &mut [u8]) {
        let mut room = room;
        for item in self {
            room = crate::graph_value::put_part(item, room);
        }
    }
}

impl<T: GraphValue, const N: usize> GraphValue for [T; N] {
    const MIN_WIDTH: u32 = fixed_count(N).saturating_mul(T::MIN_WIDTH);

    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let count = const { fixed_count(N) };
        decoder.expect(count, T::MIN_WIDTH)?;
        if let Some(width) = Self::FIXED {
            // None of it is on the heap.
            let bytes = decoder.slice(width)?;
            return Self::get_fixed(bytes)
                .ok_or_else(|| decoder.error(DecodeErrorKind::Unsupported));
        }
        let items = T::decode_list(decoder, count)?;
        Self::try_from(items).map_err(|_| decoder.error(DecodeErrorKind::Unsupported))
    }

    #[inline]
    fn get_fixed(bytes: &[u8]) -> Option<Self> {
        let items: Vec<T> = bytes
            .chunks_exact(T::FIXED?)
            .map_while(T::get_fixed)
            .collect();
        Self::try_from(items).ok()
    }
}

impl<T: GraphView, const N: usize> GraphView for [T; N] {
    type Ref<'a> = ListRef<'a, T>;
    const HAS_NODES: bool = T::HAS_NODES;

    fn check(decoder: &mut Decoder<'_>) -> Result<(), DecodeError> {
        let count = const { fixed_count(N) };
        decoder.expect(count, T::MIN_WIDTH)?;
        match Self::FIXED {
            Some(width) => decoder.slice(width).map(drop),
            None => T::check_list(decoder, count),
        }
    }

    #[inline]
    fn read<'a>(cursor: &mut Cursor<'a>, last: bool) -> ListRef<'a, T> {
        ListRef::of(cursor, const { fixed_count(N) }, last)
    }

    #[inline]
    fn to_owned(view: ListRef<'_, T>) -> Self {
        let mut items = view.iter();
        core::array::from_fn(|_| match items.next() {
            Some(item) => T::to_owned(item),
            None => other_type(),
        })
    }

    #[inline]
    fn encode_view<S: Sink>(view: ListRef<'_, T>, encoder: &mut Encoder<S>) {
        view.encode_elements(encoder);
    }
}

anonymous!(impl[T; const N] [T; N], in Outer: [T::In<Outer>; N] => "list" [Number(fixed_count(N) as u64), Type(T::IDENTITY)]
    Shape::FixedList(T::INFO, fixed_count(N)));

const fn fixed_count(length: usize) -> u32 {
    assert!(
        length as u64 <= u32::MAX as u64,
        "a fixed-length list this long cannot travel"
    );
    #[allow(clippy::cast_possible_truncation, reason = "asserted just above")]
    let count = length as u32;
    count
}

impl<K: Encode, V: Encode> Encode for BTreeMap<K, V> {
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        encode_map(self.iter(), encoder);
    }
}

impl<K: GraphValue + Ord, V: GraphValue> GraphValue for BTreeMap<K, V> {
    const MIN_WIDTH: u32 = map_min_width::<K>();

    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let mut map = Self::new();
        decode_map(decoder, |key, value| map.insert(key, value).is_none())?;
        Ok(map)
    }
}

map_view!(impl[] BTreeMap<K, V>);
anonymous!(impl[K, V] BTreeMap<K, V>, in Outer: BTreeMap<K::In<Outer>, V::In<Outer>> => "map" [Type(K::IDENTITY), Type(V::IDENTITY)] Shape::Map(K::INFO, V::INFO));

/// A set travels as a list; the same element twice is refused.
impl<T: Encode> Encode for BTreeSet<T> {
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        encode_set(self.iter(), encoder);
    }
}

impl<T: GraphValue + Ord> GraphValue for BTreeSet<T> {
    const MIN_WIDTH: u32 = 4;

    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let mut set = Self::new();
        decode_set(decoder, |item| set.insert(item))?;
        Ok(set)
    }
}

set_view!(impl[] BTreeSet<T>);
same_as!(impl[T: PackType] BTreeSet<T> => Vec<T>);

/// The width of the count; and a word to the author of a map with other keys than WIT has.
pub(super) const fn map_min_width<K: PackType>() -> u32 {
    assert!(
        matches!(K::INFO.get().shape, Shape::Primitive(ty) if !matches!(ty, Type::F32 | Type::F64)),
        "the keys of a map are of type bool, char, String or an integer type, or of a struct with one unnamed field of \
         such a type"
    );
    4
}

pub(super) fn encode_map<'a, K: Encode + 'a, V: Encode + 'a, S: Sink>(
    entries: impl ExactSizeIterator<Item = (&'a K, &'a V)>,
    encoder: &mut Encoder<S>,
) {
    encoder.count(entries.len());
    for (key, value) in entries {
        key.encode(encoder);
        value.encode(encoder);
    }
}

/// Reads a map. `insert` says whether the key is new.
pub(super) fn decode_map<K: GraphValue, V: GraphValue>(
    decoder: &mut Decoder<'_>,
    mut insert: impl FnMut(K, V) -> bool,
) -> Result<(), DecodeError> {
    let count = decoder.count(K::MIN_WIDTH.saturating_add(V::MIN_WIDTH))?;
    decoder.charge_nodes(count)?;
    decoder.charge_bytes(to_usize(count).saturating_mul(size_of::<(K, V)>()))?;
    for index in 0..count {
        let start = decoder.position();
        let key = K::decode(decoder).map_err(|e| e.in_field("key").at_index(index))?;
        let value = V::decode(decoder).map_err(|e| e.in_field("value").at_index(index))?;
        if !insert(key, value) {
            return Err(DecodeError::new(DecodeErrorKind::DuplicateKey, start).at_index(index));
        }
    }
    Ok(())
}

pub(super) fn encode_set<'a, T: Encode + 'a, S: Sink>(
    items: impl ExactSizeIterator<Item = &'a T>,
    encoder: &mut Encoder<S>,
) {
    encoder.count(items.len());
    for item in items {
        item.encode(encoder);
    }
}

/// Reads a set. `insert` says whether the element is new.
pub(super) fn decode_set<T: GraphValue>(
    decoder: &mut Decoder<'_>,
    mut insert: impl FnMut(T) -> bool,
) -> Result<(), DecodeError> {
    let count = decoder.count(T::MIN_WIDTH)?;
    decoder.charge_nodes(count)?;
    decoder.charge_bytes(to_usize(count).saturating_mul(size_of::<T>()))?;
    for index in 0..count {
        let start = decoder.position();
        let item = T::decode(decoder).map_err(|e| e.at_index(index))?;
        if !insert(item) {
            return Err(DecodeError::new(DecodeErrorKind::DuplicateElement, start).at_index(index));
        }
    }
    Ok(())
}
