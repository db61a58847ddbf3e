use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::error::{DecodeError, DecodeErrorKind};
use crate::graph_value::{Encode, GraphValue};
use crate::pack_type::{PackType, SchemaBuilder};
use crate::schema::{Type, TypeKind};
use crate::wire::{Decoder, Encoder, Sink, to_usize};

impl<T: Encode> Encode for [T] {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        encoder.count(self.len());
        T::encode_list(self, encoder);
    }
}

impl<T: Encode> Encode for Vec<T> {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        self.as_slice().encode(encoder);
    }
}

impl<T: GraphValue> GraphValue for Vec<T> {
    const MIN_WIDTH: u32 = 4;
    const CYCLE_NEEDS_PACK_RECURSIVE: bool = T::CYCLE_NEEDS_PACK_RECURSIVE;

    #[inline]
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let count = decoder.count(T::MIN_WIDTH)?;
        T::decode_list(decoder, count)
    }
}

impl<T: PackType> PackType for Vec<T> {
    fn describe(builder: &mut SchemaBuilder) -> Type {
        let inner = T::describe(builder);
        builder.anonymous(TypeKind::List(inner))
    }
}

impl<T: Encode, const N: usize> Encode for [T; N] {
    const FIXED: Option<usize> = match T::FIXED {
        Some(width) if N > 0 => Some(width * N),
        _ => None,
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
    const MIN_WIDTH: u32 = {
        assert!(
            N <= 0xffff_ffff / 64,
            "a fixed-length list this long cannot travel"
        );
        #[allow(clippy::cast_possible_truncation, reason = "asserted just above")]
        let count = N as u32;
        count.saturating_mul(T::MIN_WIDTH)
    };
    const CYCLE_NEEDS_PACK_RECURSIVE: bool = T::CYCLE_NEEDS_PACK_RECURSIVE;

    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let count = u32::try_from(N).map_err(|_| decoder.error(DecodeErrorKind::Unsupported))?;
        decoder.expect(count, T::MIN_WIDTH)?;
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

impl<T: PackType, const N: usize> PackType for [T; N] {
    fn describe(builder: &mut SchemaBuilder) -> Type {
        let inner = T::describe(builder);
        // A length that 32 bits do not hold is refused when the value's type is first used.
        builder.anonymous(TypeKind::FixedList(
            inner,
            u32::try_from(N).unwrap_or(u32::MAX),
        ))
    }
}

impl<K: Encode, V: Encode> Encode for BTreeMap<K, V> {
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        encoder.count(self.len());
        for (key, value) in self {
            key.encode(encoder);
            value.encode(encoder);
        }
    }
}

impl<K: GraphValue + Ord, V: GraphValue> GraphValue for BTreeMap<K, V> {
    const MIN_WIDTH: u32 = 4;
    const CYCLE_NEEDS_PACK_RECURSIVE: bool =
        K::CYCLE_NEEDS_PACK_RECURSIVE && V::CYCLE_NEEDS_PACK_RECURSIVE;

    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let count = decoder.count(K::MIN_WIDTH.saturating_add(V::MIN_WIDTH))?;
        decoder.charge_nodes(count)?;
        decoder.charge_bytes(to_usize(count).saturating_mul(size_of::<(K, V)>()))?;
        let mut map = Self::new();
        for index in 0..count {
            let start = decoder.position();
            let key = K::decode(decoder).map_err(|e| e.in_field("key").at_index(index))?;
            let value = V::decode(decoder).map_err(|e| e.in_field("value").at_index(index))?;
            if map.insert(key, value).is_some() {
                return Err(DecodeError::new(DecodeErrorKind::DuplicateKey, start).at_index(index));
            }
        }
        Ok(map)
    }
}

impl<K: PackType, V: PackType> PackType for BTreeMap<K, V> {
    fn describe(builder: &mut SchemaBuilder) -> Type {
        let (key, value) = (K::describe(builder), V::describe(builder));
        builder.anonymous(TypeKind::Map(key, value))
    }
}

/// A set travels as a list; the same element twice is an error.
impl<T: Encode> Encode for BTreeSet<T> {
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        encoder.count(self.len());
        for item in self {
            item.encode(encoder);
        }
    }
}

impl<T: GraphValue + Ord> GraphValue for BTreeSet<T> {
    const MIN_WIDTH: u32 = 4;
    const CYCLE_NEEDS_PACK_RECURSIVE: bool = T::CYCLE_NEEDS_PACK_RECURSIVE;

    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let items = Vec::<T>::decode(decoder)?;
        let count = items.len();
        let set = Self::from_iter(items);
        match set.len() == count {
            true => Ok(set),
            false => Err(decoder.error(DecodeErrorKind::DuplicateKey)),
        }
    }
}

impl<T: PackType> PackType for BTreeSet<T> {
    fn describe(builder: &mut SchemaBuilder) -> Type {
        Vec::<T>::describe(builder)
    }
}
