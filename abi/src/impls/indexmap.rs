//! Entries and elements are written in their own order, and keep the order of the message when they are read.

use alloc::vec::Vec;
use core::hash::{BuildHasher, Hash};

use ::indexmap::{IndexMap, IndexSet};

use super::collections::{
    decode_map, decode_set, encode_map, encode_set, map_min_width, map_view, set_view,
};
use crate::error::DecodeError;
use crate::graph_value::{Encode, GraphValue};
use crate::impls::same_as;
use crate::pack_type::PackType;
use crate::wire::{Decoder, Encoder, Sink};

impl<K: Encode, V: Encode, H> Encode for IndexMap<K, V, H> {
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        encode_map(self.iter(), encoder);
    }
}

impl<K, V, H> GraphValue for IndexMap<K, V, H>
where
    K: GraphValue + Eq + Hash,
    V: GraphValue,
    H: BuildHasher + Default + 'static,
{
    const MIN_WIDTH: u32 = map_min_width::<K>();

    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let mut map = Self::default();
        decode_map(decoder, |key, value| map.insert(key, value).is_none())?;
        Ok(map)
    }
}

map_view!(impl[H] IndexMap<K, V, H> where Hash);
same_as!(impl[K: PackType, V: PackType, H] IndexMap<K, V, H> => alloc::collections::BTreeMap<K, V> where H: 'static);

/// A set travels as a list; the same element twice is refused.
impl<T: Encode, H> Encode for IndexSet<T, H> {
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        encode_set(self.iter(), encoder);
    }
}

impl<T, H> GraphValue for IndexSet<T, H>
where
    T: GraphValue + Eq + Hash,
    H: BuildHasher + Default + 'static,
{
    const MIN_WIDTH: u32 = 4;

    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let mut set = Self::default();
        decode_set(decoder, |item| set.insert(item))?;
        Ok(set)
    }
}

set_view!(impl[H] IndexSet<T, H> where Hash);
same_as!(impl[T: PackType, H] IndexSet<T, H> => Vec<T> where H: 'static);
