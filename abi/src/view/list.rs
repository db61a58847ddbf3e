use alloc::vec::Vec;
use core::fmt;
use core::iter::FusedIterator;
use core::marker::PhantomData;
use core::ops::Deref;

use super::{Cursor, GraphView, Message, Place};
use crate::error::DecodeError;
use crate::wire::{Decoder, Encoder, Limits, Sink, to_usize};

/// A list in a message.
pub struct ListRef<'a, T> {
    cursor: Cursor<'a>,
    count: u32,
    of: PhantomData<fn() -> T>,
}

impl<'a, T: GraphView> ListRef<'a, T> {
    /// A list with its count.
    #[inline]
    pub(crate) fn read(cursor: &mut Cursor<'a>, last: bool) -> Self {
        let count = cursor.count();
        Self::of(cursor, count, last)
    }

    /// A list of so many elements.
    #[inline]
    pub(crate) fn of(cursor: &mut Cursor<'a>, count: u32, last: bool) -> Self {
        let elements = *cursor;
        if !last {
            skip_all::<T>(cursor, to_usize(count));
        }
        Self {
            cursor: elements,
            count,
            of: PhantomData,
        }
    }

    /// How many elements it has.
    #[inline]
    pub fn len(&self) -> usize {
        to_usize(self.count)
    }

    /// Whether it has none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The elements, in order.
    #[inline]
    pub fn iter(&self) -> ListIter<'a, T> {
        ListIter {
            fixed: self.bytes(),
            cursor: self.cursor,
            left: self.count,
            of: PhantomData,
        }
    }

    /// The element at an index, from 0. It is found by going past those before it, unless all have the same width.
    pub fn get(&self, index: usize) -> Option<T::Ref<'a>> {
        self.iter().nth(index)
    }

    /// The first element.
    pub fn first(&self) -> Option<T::Ref<'a>> {
        self.iter().next()
    }

    /// The elements themselves.
    pub fn to_vec(&self) -> Vec<T> {
        if let Some(plain) = T::PLAIN {
            return plain.list(self.bytes());
        }
        self.iter().map(T::to_owned).collect()
    }

    /// Writes the list.
    pub(crate) fn encode<S: Sink>(self, encoder: &mut Encoder<S>) {
        encoder.count(self.len());
        self.encode_elements(encoder);
    }

    /// Writes the elements without their count.
    pub(crate) fn encode_elements<S: Sink>(self, encoder: &mut Encoder<S>) {
        let mut end = self.cursor;
        skip_all::<T>(&mut end, self.len());
        match self.cursor.until(end) {
            Some(bytes) if !encoder.canonical_nans() => encoder.write(bytes),
            _ => self.iter().for_each(|item| T::encode_view(item, encoder)),
        }
    }

    /// How many elements there are, and their bytes, if all have the same width.
    #[inline]
    pub(crate) fn contents(&self) -> Option<(usize, &'a [u8])> {
        T::FIXED.map(|_| (self.len(), self.bytes()))
    }

    /// The elements as they are on the wire, if all have the same width.
    #[inline]
    fn bytes(&self) -> &'a [u8] {
        let mut cursor = self.cursor;
        cursor.slice(self.len().saturating_mul(T::FIXED.unwrap_or_default()))
    }
}

#[inline]
fn skip_all<T: GraphView>(cursor: &mut Cursor<'_>, count: usize) {
    match T::FIXED {
        Some(width) => cursor.advance(count.saturating_mul(width)),
        None => (0..count).for_each(|_| T::skip(cursor)),
    }
}

/// A list of bytes is a slice.
impl Deref for ListRef<'_, u8> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.bytes()
    }
}

impl<'a> ListRef<'a, u8> {
    /// The bytes, for as long as the message is there.
    #[inline]
    pub fn as_slice(&self) -> &'a [u8] {
        self.bytes()
    }
}

impl<T> Clone for ListRef<'_, T> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for ListRef<'_, T> {}

impl<T: GraphView> fmt::Debug for ListRef<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, T: GraphView> IntoIterator for ListRef<'a, T> {
    type Item = T::Ref<'a>;
    type IntoIter = ListIter<'a, T>;

    #[inline]
    fn into_iter(self) -> ListIter<'a, T> {
        self.iter()
    }
}

impl<'a, T: GraphView> IntoIterator for &ListRef<'a, T> {
    type Item = T::Ref<'a>;
    type IntoIter = ListIter<'a, T>;

    #[inline]
    fn into_iter(self) -> ListIter<'a, T> {
        self.iter()
    }
}

/// The elements of a [`ListRef`].
pub struct ListIter<'a, T> {
    /// The bytes of what is left, if all elements have the same width.
    fixed: &'a [u8],
    cursor: Cursor<'a>,
    /// How many are left, otherwise.
    left: u32,
    of: PhantomData<fn() -> T>,
}

impl<'a, T: GraphView> Iterator for ListIter<'a, T> {
    type Item = T::Ref<'a>;

    #[inline]
    fn next(&mut self) -> Option<T::Ref<'a>> {
        if let Some(width) = T::FIXED {
            // Its own bytes say how many there are.
            let (bytes, rest) = self.fixed.split_at_checked(width)?;
            self.fixed = rest;
            let cursor = self.cursor;
            self.cursor.advance(width);
            return Some(T::read_fixed(bytes, cursor));
        }
        self.left = self.left.checked_sub(1)?;
        Some(T::read(&mut self.cursor, false))
    }

    #[inline]
    fn nth(&mut self, count: usize) -> Option<T::Ref<'a>> {
        let skipped = self.len().min(count);
        if let Some(width) = T::FIXED {
            let skipped = skipped.saturating_mul(width);
            self.fixed = self.fixed.get(skipped..).unwrap_or_default();
        }
        skip_all::<T>(&mut self.cursor, skipped);
        self.left = self
            .left
            .saturating_sub(u32::try_from(skipped).unwrap_or(u32::MAX));
        self.next()
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match T::FIXED {
            Some(width) => self.fixed.len() / width,
            None => to_usize(self.left),
        };
        (left, Some(left))
    }

    /// Without an `Option` around each element: sums take a twentieth less.
    #[inline]
    fn fold<B, F: FnMut(B, T::Ref<'a>) -> B>(mut self, first: B, mut next: F) -> B {
        let mut folded = first;
        if T::FIXED.is_some() {
            for item in self {
                folded = next(folded, item);
            }
        } else {
            for _ in 0..self.left {
                folded = next(folded, T::read(&mut self.cursor, false));
            }
        }
        folded
    }
}

impl<T: GraphView> ExactSizeIterator for ListIter<'_, T> {}

impl<T: GraphView> FusedIterator for ListIter<'_, T> {}

impl<T> Clone for ListIter<'_, T> {
    #[inline]
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<T: GraphView> fmt::Debug for ListIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// The elements of a list without its count, which is known from elsewhere.
#[derive(Debug)]
pub struct Elements<'m, T> {
    message: Message<'m>,
    count: u32,
    of: PhantomData<fn() -> T>,
}

impl<'m, T: GraphView> Elements<'m, T> {
    /// Checks so many elements, which are all that the bytes are, and are no nodes.
    ///
    /// # Errors
    ///
    /// If some are not values of their type.
    #[inline]
    pub fn check(bytes: &'m [u8], count: u32, limits: Limits) -> Result<Self, DecodeError> {
        let mut decoder = Decoder::new(bytes, limits);
        Vec::<T>::check_contents(&mut decoder, count)?;
        decoder.finish()?;
        Ok(Self {
            message: Message::flat(bytes),
            count,
            of: PhantomData,
        })
    }

    /// The list.
    #[inline]
    pub fn view(&self) -> ListRef<'_, T> {
        let mut cursor = self.message.at(Place::default());
        ListRef::of(&mut cursor, self.count, true)
    }
}
