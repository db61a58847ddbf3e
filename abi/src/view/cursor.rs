use alloc::vec::Vec;
use core::fmt;

use super::Room;
use crate::graph_value::GraphValue;
use crate::raw;
use crate::wire::{Decoder, Limits, NodeEnd, Width, to_usize};

/// A message that was checked, and where its nodes end.
pub struct Message<'m> {
    bytes: &'m [u8],
    nodes: Nodes,
}

enum Nodes {
    /// Of a tree: in the order in which they begin.
    Tree(Vec<NodeEnd>),
    /// Of a message with back references: the byte at which each begins, and that at which it ends.
    Graph(Vec<(u32, u32)>),
}

/// Where something begins in a message: the byte, and the number of the next node.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place {
    pub(crate) byte: u32,
    pub(crate) node: u32,
}

impl<'m> Message<'m> {
    pub(crate) fn tree(bytes: &'m [u8], ends: Vec<NodeEnd>) -> Self {
        Self {
            bytes,
            nodes: Nodes::Tree(ends),
        }
    }

    pub(crate) fn graph(bytes: &'m [u8], ends: Vec<(u32, u32)>) -> Self {
        Self {
            bytes,
            nodes: Nodes::Graph(ends),
        }
    }

    /// One that nothing is read from.
    pub fn empty() -> Self {
        Self::flat(&[])
    }

    /// Bytes without nodes.
    pub(crate) fn flat(bytes: &'m [u8]) -> Self {
        Self::tree(bytes, Vec::new())
    }

    /// Reads from a place on, which was that of a value when it was checked.
    #[inline]
    pub fn at(&self, place: Place) -> Cursor<'_> {
        Cursor {
            message: self,
            byte: to_usize(place.byte),
            node: to_usize(place.node),
        }
    }

    /// The room that the ends of the nodes took, for another message. This one cannot be read any more.
    pub fn take_room(&mut self) -> Room {
        match &mut self.nodes {
            Nodes::Tree(ends) => Room(core::mem::take(ends)),
            Nodes::Graph(_) => Room::EMPTY,
        }
    }
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({} bytes)", self.bytes.len())
    }
}

/// A place in a message that was checked. It reads without errors: where the bytes were another value than is asked for, what
/// comes out means nothing.
#[derive(Debug, Clone, Copy)]
pub struct Cursor<'a> {
    message: &'a Message<'a>,
    byte: usize,
    node: usize,
}

impl<'a> Cursor<'a> {
    /// All bytes from here on.
    #[inline]
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.message.bytes.get(self.byte..).unwrap_or_default()
    }

    /// Goes past so many bytes, in which no node begins.
    #[inline]
    pub(crate) fn advance(&mut self, bytes: usize) {
        self.byte = self.byte.saturating_add(bytes);
    }

    /// The bytes from here to there, in which nothing leads elsewhere; if that is known.
    #[inline]
    pub(crate) fn until(&self, end: Self) -> Option<&'a [u8]> {
        match self.message.nodes {
            Nodes::Tree(_) => self.message.bytes.get(self.byte..end.byte),
            Nodes::Graph(_) => None,
        }
    }

    /// The next `N` bytes.
    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> [u8; N] {
        let bytes = self.rest().first_chunk().copied();
        self.advance(N);
        bytes.unwrap_or([0; N])
    }

    /// The next bytes.
    #[inline]
    pub(crate) fn slice(&mut self, length: usize) -> &'a [u8] {
        let bytes = self.rest().get(..length).unwrap_or_default();
        self.advance(length);
        bytes
    }

    /// The count of a list or map.
    #[inline]
    pub(crate) fn count(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    /// Text. Whether it is UTF-8 is found out again, for this may be called at any place.
    #[inline]
    pub(crate) fn str(&mut self) -> &'a str {
        let count = self.count();
        self.text(count)
    }

    /// Text of so many bytes.
    #[inline]
    pub(crate) fn text(&mut self, count: u32) -> &'a str {
        let length = to_usize(count);
        let text = raw::split_text(self.rest(), length);
        self.advance(length);
        match text {
            Some((Ok(text), _)) => text,
            _ => "",
        }
    }

    /// The head of an option or result.
    #[inline]
    pub(crate) fn bool(&mut self) -> bool {
        self.array::<1>() != [0]
    }

    /// The number of a case.
    #[inline]
    pub fn discriminant(&mut self, width: Width) -> u32 {
        match width {
            Width::One => u32::from(u8::from_le_bytes(self.array())),
            Width::Two => u32::from(u16::from_le_bytes(self.array())),
            Width::Four => u32::from_le_bytes(self.array()),
        }
    }

    /// A value that is its own view.
    #[inline]
    pub fn copied<T: GraphValue>(&mut self) -> T {
        if let Some(width) = T::FIXED {
            let value = self.rest().get(..width).and_then(T::get_fixed);
            self.advance(width);
            return value.unwrap_or_else(|| other_type());
        }
        let mut decoder = Decoder::new(self.rest(), Limits::DEFAULT);
        match T::decode(&mut decoder) {
            Ok(value) => {
                self.advance(decoder.position());
                value
            }
            Err(_) => other_type(),
        }
    }

    /// Reads a node: its head, then what `body` reads for the case found, within [`inside`](Self::inside) if it was checked
    /// so.
    #[inline(always)]
    pub(crate) fn node<R>(
        &mut self,
        width: Width,
        last: bool,
        body: impl FnOnce(&mut Self, bool, u32) -> R,
    ) -> R {
        let mut inner;
        let (cursor, case, last) = match self.message.nodes {
            Nodes::Tree(_) => {
                let case = self.discriminant(width);
                (self, case, last)
            }
            Nodes::Graph(_) => {
                let (case, inside) = self.graph_node(width);
                inner = inside;
                (&mut inner, case, true)
            }
        };
        // In one place, for the sake of its size.
        body(cursor, last, case)
    }

    /// Reads what is in a node that has others in it; and goes past it, unless it is the last.
    #[inline(always)]
    pub(crate) fn inside<R>(&mut self, last: bool, body: impl FnOnce(&mut Self, bool) -> R) -> R {
        let mut inner = *self;
        if let Nodes::Tree(ends) = &self.message.nodes {
            inner.node = self.node.saturating_add(1);
            if !last && let Some(end) = ends.get(self.node) {
                *self = self.message.at(*end);
            }
        }
        body(&mut inner, true)
    }

    /// Goes past a node: to where it is known to end, if it has others in it, and otherwise past what `leaf` goes past for the
    /// case found.
    #[inline]
    pub(crate) fn skip_node(
        &mut self,
        width: Width,
        has_nodes: impl FnOnce(u32) -> bool,
        leaf: impl FnOnce(&mut Self, u32),
    ) {
        let message = self.message;
        let Nodes::Tree(ends) = &message.nodes else {
            self.graph_node(width);
            return;
        };
        let case = self.discriminant(width);
        match ends.get(self.node) {
            Some(end) if has_nodes(case) => *self = message.at(*end),
            _ => leaf(self, case),
        }
    }

    #[cold]
    #[inline(never)]
    fn graph_node(&mut self, width: Width) -> (u32, Cursor<'a>) {
        let Nodes::Graph(ends) = &self.message.nodes else {
            return (0, *self);
        };
        let mut inner = *self;
        let mut case = inner.discriminant(width);
        if case == width.back_reference() {
            let target = u32::from_le_bytes(inner.array());
            *self = inner;
            inner.byte = to_usize(target);
            case = inner.discriminant(width);
        } else if let Ok(start) = u32::try_from(self.byte)
            && let Ok(found) = ends.binary_search_by_key(&start, |(start, _)| *start)
            && let Some((_, end)) = ends.get(found)
        {
            self.byte = to_usize(*end);
        }
        (case, inner)
    }
}

/// A value that is its own view, and has these bytes to itself.
#[inline]
pub fn copied_fixed<T: GraphValue>(bytes: &[u8], cursor: Cursor<'_>) -> T {
    T::get_fixed(bytes).unwrap_or_else(|| {
        let mut cursor = cursor;
        cursor.copied()
    })
}

/// Where another type is read than was checked.
#[cold]
#[inline(never)]
#[allow(
    clippy::panic,
    reason = "only an implementation of `GraphView` that checks another value than it reads comes here"
)]
pub fn other_type() -> ! {
    panic!("a value is read that was not checked")
}
