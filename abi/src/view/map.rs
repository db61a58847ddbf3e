use alloc::collections::BTreeSet;
use core::fmt;
use core::iter::FusedIterator;
use core::marker::PhantomData;

use super::{Cursor, GraphView};
use crate::error::{DecodeError, DecodeErrorKind};
use crate::graph_value::GraphValue;
use crate::wire::{Decoder, Encoder, Sink, to_usize};

/// A map in a message.
pub struct MapRef<'a, K, V> {
    cursor: Cursor<'a>,
    count: u32,
    of: PhantomData<fn() -> (K, V)>,
}

impl<'a, K: GraphView, V: GraphView> MapRef<'a, K, V> {
    #[inline]
    pub(crate) fn read(cursor: &mut Cursor<'a>, last: bool) -> Self {
        let count = cursor.count();
        let entries = *cursor;
        if !last {
            for _ in 0..count {
                K::skip(cursor);
                V::skip(cursor);
            }
        }
        Self {
            cursor: entries,
            count,
            of: PhantomData,
        }
    }

    /// Writes the map.
    pub(crate) fn encode<S: Sink>(self, encoder: &mut Encoder<S>) {
        encoder.count(self.len());
        for (key, value) in self.iter() {
            K::encode_view(key, encoder);
            V::encode_view(value, encoder);
        }
    }

    /// How many entries it has.
    #[inline]
    pub fn len(&self) -> usize {
        to_usize(self.count)
    }

    /// Whether it has none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The entries, in the order of the message. No key is there twice.
    #[inline]
    pub fn iter(&self) -> MapIter<'a, K, V> {
        MapIter {
            cursor: self.cursor,
            left: self.count,
            of: PhantomData,
        }
    }
}

impl<K, V> Clone for MapRef<'_, K, V> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for MapRef<'_, K, V> {}

impl<K: GraphView, V: GraphView> fmt::Debug for MapRef<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<'a, K: GraphView, V: GraphView> IntoIterator for MapRef<'a, K, V> {
    type Item = (K::Ref<'a>, V::Ref<'a>);
    type IntoIter = MapIter<'a, K, V>;

    #[inline]
    fn into_iter(self) -> MapIter<'a, K, V> {
        self.iter()
    }
}

impl<'a, K: GraphView, V: GraphView> IntoIterator for &MapRef<'a, K, V> {
    type Item = (K::Ref<'a>, V::Ref<'a>);
    type IntoIter = MapIter<'a, K, V>;

    #[inline]
    fn into_iter(self) -> MapIter<'a, K, V> {
        self.iter()
    }
}

/// The entries of a [`MapRef`].
pub struct MapIter<'a, K, V> {
    cursor: Cursor<'a>,
    left: u32,
    of: PhantomData<fn() -> (K, V)>,
}

impl<'a, K: GraphView, V: GraphView> Iterator for MapIter<'a, K, V> {
    type Item = (K::Ref<'a>, V::Ref<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let key = K::read(&mut self.cursor, false);
        Some((key, V::read(&mut self.cursor, false)))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = to_usize(self.left);
        (left, Some(left))
    }

    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(mut self, first: B, mut next: F) -> B {
        let mut folded = first;
        for _ in 0..self.left {
            let key = K::read(&mut self.cursor, false);
            folded = next(folded, (key, V::read(&mut self.cursor, false)));
        }
        folded
    }
}

impl<K: GraphView, V: GraphView> ExactSizeIterator for MapIter<'_, K, V> {}

impl<K: GraphView, V: GraphView> FusedIterator for MapIter<'_, K, V> {}

impl<K, V> Clone for MapIter<'_, K, V> {
    #[inline]
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<K: GraphView, V: GraphView> fmt::Debug for MapIter<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.clone()).finish()
    }
}

/// Checks a map, as decoding it does. Keys are made, to compare them: WIT has only small ones.
pub(crate) fn check_map<K: GraphValue + Ord, V: GraphView>(
    decoder: &mut Decoder<'_>,
) -> Result<(), DecodeError> {
    let count = decoder.count(K::MIN_WIDTH.saturating_add(V::MIN_WIDTH))?;
    decoder.charge_nodes(count)?;
    decoder.charge_bytes(to_usize(count).saturating_mul(size_of::<(K, V)>()))?;
    let mut keys = BTreeSet::new();
    for index in 0..count {
        let start = decoder.position();
        let key = K::decode(decoder).map_err(|e| e.in_field("key").at_index(index))?;
        V::check(decoder).map_err(|e| e.in_field("value").at_index(index))?;
        if !keys.insert(key) {
            return Err(DecodeError::new(DecodeErrorKind::DuplicateKey, start).at_index(index));
        }
    }
    Ok(())
}

/// Checks a set, as decoding it does. Elements are made, to compare them.
pub(crate) fn check_set<T: GraphView + Ord>(decoder: &mut Decoder<'_>) -> Result<(), DecodeError> {
    const {
        assert!(
            !T::HAS_NODES,
            "a set of values of a recursive type has no view: to see whether all are different, they are made"
        );
    }
    let count = decoder.count(T::MIN_WIDTH)?;
    decoder.charge_nodes(count)?;
    decoder.charge_bytes(to_usize(count).saturating_mul(size_of::<T>()))?;
    let mut items = BTreeSet::new();
    for index in 0..count {
        let start = decoder.position();
        let item = T::decode(decoder).map_err(|e| e.at_index(index))?;
        if !items.insert(item) {
            return Err(DecodeError::new(DecodeErrorKind::DuplicateElement, start).at_index(index));
        }
    }
    Ok(())
}
