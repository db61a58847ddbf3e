//! Entries and elements are written in ascending order, for a hash map has none: the same value, the same bytes.

use alloc::vec::Vec;
use core::hash::{BuildHasher, Hash};
use std::collections::{HashMap, HashSet};

use super::collections::{
    decode_map, decode_set, encode_map, encode_set, map_min_width, map_view, set_view,
};
use crate::error::DecodeError;
use crate::graph_value::{Encode, GraphValue};
use crate::impls::same_as;
use crate::pack_type::PackType;
use crate::wire::{Decoder, Encoder, Sink};

impl<K: Encode + Ord, V: Encode, H> Encode for HashMap<K, V, H> {
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        let mut entries: Vec<(&K, &V)> = self.iter().collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        encode_map(entries.into_iter(), encoder);
    }
}

impl<K, V, H> GraphValue for HashMap<K, V, H>
where
    K: GraphValue + Ord + Hash,
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

map_view!(impl[H] HashMap<K, V, H> where Hash);
same_as!(impl[K: PackType, V: PackType, H] HashMap<K, V, H> => alloc::collections::BTreeMap<K, V> where H: 'static);

/// A set travels as a list; the same element twice is refused.
impl<T: Encode + Ord, H> Encode for HashSet<T, H> {
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        let mut items: Vec<&T> = self.iter().collect();
        items.sort_unstable();
        encode_set(items.into_iter(), encoder);
    }
}

impl<T, H> GraphValue for HashSet<T, H>
where
    T: GraphValue + Ord + Hash,
    H: BuildHasher + Default + 'static,
{
    const MIN_WIDTH: u32 = 4;

    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let mut set = Self::default();
        decode_set(decoder, |item| set.insert(item))?;
        Ok(set)
    }
}

set_view!(impl[H] HashSet<T, H> where Hash);
same_as!(impl[T: PackType, H] HashSet<T, H> => Vec<T> where H: 'static);
