use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::any::Any;

use super::nodes::{Node, NodePlace, NodeTable};
use super::{Limits, Width};
use crate::error::{DecodeError, DecodeErrorKind};
use crate::graph_value::GraphValue;
use crate::pack_type::PackType;
use crate::raw;
use crate::schema;
use crate::view::{LeafLayout, Message, Place, Room};

/// Reads values from one message, trusting nothing in it.
///
/// A message is read as a tree first: nothing is recorded about it. Only when a back reference turns up is
/// it read again with a table of the nodes met so far; [`decode_with`] does that.
#[derive(Debug)]
pub struct Decoder<'a> {
    message: &'a [u8],
    rest: &'a [u8],
    depth_left: u32,
    nodes_left: u32,
    bytes_left: usize,
    limits: Limits,
    sharing: Sharing,
    /// The least `depth_left` since the node that is being read began. Kept up only when reading a graph.
    lowest: u32,
    handles: Option<&'a mut dyn Any>,
    /// Where the nodes of a tree end that have been checked.
    ends: Vec<NodeEnd>,
}

#[derive(Debug)]
enum Sharing {
    /// Reading a tree; back references are refused.
    Tree,
    /// A back reference was refused: the message has to be read as a graph.
    Met,
    /// Reading a graph.
    Graph(NodeTable),
}

/// How a node of a graph begins.
enum Head {
    Node(GraphHead),
    BackReference(u32),
}

/// A node that has begun, and how things were before.
struct GraphHead {
    case: u32,
    /// The place in the table of nodes, unless it is read again.
    place: Option<NodePlace>,
    depth_left: u32,
    lowest: u32,
    nodes_left: u32,
    bytes_left: usize,
}

/// The table of nodes takes less room if it need not be exact.
const BLOCK: usize = 16;

fn blocks(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(BLOCK)).unwrap_or(u32::MAX)
}

/// Where a node of a tree ends: what comes after it. The nodes inside of it have the numbers in between.
pub(crate) type NodeEnd = Place;

/// What a node is a value of: a back reference must find the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodeKey {
    /// A Rust type, by the number of its identity. Rust types of one schema type are one here, too.
    Rust(u64),
    /// A type of a schema.
    Schema(schema::TypeId),
}

impl NodeKey {
    pub(crate) fn of<T: PackType>() -> Self {
        Self::Rust(T::IDENTITY.id())
    }
}

impl<'a> Decoder<'a> {
    /// Starts at the first byte of a message. A message with shared subtrees needs [`decode_with`].
    #[inline]
    pub fn new(message: &'a [u8], limits: Limits) -> Self {
        Self {
            message,
            rest: message,
            depth_left: limits.depth,
            nodes_left: limits.nodes,
            bytes_left: limits.bytes,
            limits,
            sharing: Sharing::Tree,
            lowest: limits.depth,
            handles: None,
            ends: Vec::new(),
        }
    }

    /// Keeps a table of the nodes, to which back references lead.
    #[cold]
    fn of_graph(message: &'a [u8], limits: Limits) -> Self {
        let mut this = Self::new(message, limits);
        this.sharing = Sharing::Graph(NodeTable::default());
        this
    }

    /// Whether there was a back reference, so that the message is to be read as a graph.
    fn has_met_sharing(&self) -> bool {
        matches!(self.sharing, Sharing::Met)
    }

    /// Where the runtime keeps the resources of the instance that the message comes from, if there is one.
    pub(crate) fn handles(&mut self) -> Option<&mut dyn Any> {
        self.handles.as_deref_mut()
    }

    /// Ends the message.
    ///
    /// # Errors
    ///
    /// If bytes are left over.
    #[inline]
    pub fn finish(self) -> Result<(), DecodeError> {
        match self.rest.len() {
            0 => Ok(()),
            count => Err(self.error(DecodeErrorKind::TrailingBytes { count })),
        }
    }

    /// The offset of the next byte, from the start of the message.
    #[inline]
    pub fn position(&self) -> usize {
        self.message.len() - self.rest.len()
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The bytes read since an earlier position.
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        self.message.get(start..self.position()).unwrap_or_default()
    }

    /// The limits this decoder was made with.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// An error at the next byte.
    #[cold]
    #[inline(never)]
    pub fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError::new(kind, self.position())
    }

    #[cold]
    #[inline(never)]
    fn too_short(&self, needed: u64) -> DecodeError {
        self.error(DecodeErrorKind::UnexpectedEnd {
            needed,
            remaining: self.rest.len(),
        })
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    ///
    /// If fewer are left.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        match self.rest.split_first_chunk() {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(*bytes)
            }
            None => Err(self.too_short(u64::try_from(N).unwrap_or(u64::MAX))),
        }
    }

    /// The next `len` bytes, in place.
    ///
    /// # Errors
    ///
    /// If fewer are left.
    #[inline]
    pub fn slice(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        match self.rest.split_at_checked(len) {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(bytes)
            }
            None => Err(self.too_short(u64::try_from(len).unwrap_or(u64::MAX))),
        }
    }

    /// Reads the count of a list or map, and checks it against the bytes that are left: each element takes
    /// at least `min_width` of them.
    ///
    /// # Errors
    ///
    /// If the elements cannot all be there.
    #[inline]
    pub fn count(&mut self, min_width: u32) -> Result<u32, DecodeError> {
        let count = u32::from_le_bytes(self.array()?);
        self.expect(count, min_width)?;
        Ok(count)
    }

    /// Checks a number of elements against the bytes that are left.
    #[inline]
    pub(crate) fn expect(&self, count: u32, min_width: u32) -> Result<(), DecodeError> {
        let needed = u64::from(count) * u64::from(min_width);
        if needed > u64::try_from(self.rest.len()).unwrap_or(u64::MAX) {
            return Err(self.too_short(needed));
        }
        Ok(())
    }

    /// Reads a string in place.
    ///
    /// # Errors
    ///
    /// If it is longer than the bytes that are left, or not UTF-8.
    #[inline]
    pub fn str(&mut self) -> Result<&'a str, DecodeError> {
        let count = u32::from_le_bytes(self.array()?);
        self.text(count)
    }

    /// Reads text of so many bytes in place.
    #[inline]
    pub(crate) fn text(&mut self, count: u32) -> Result<&'a str, DecodeError> {
        let Some((text, rest)) = raw::split_text(self.rest, to_usize(count)) else {
            return Err(self.too_short(u64::from(count)));
        };
        match text {
            Ok(text) => {
                self.rest = rest;
                Ok(text)
            }
            Err(error) => Err(self.not_text(error.valid_up_to())),
        }
    }

    #[cold]
    #[inline(never)]
    fn not_text(&self, valid: usize) -> DecodeError {
        DecodeError::new(DecodeErrorKind::Utf8, self.position().saturating_add(valid))
    }

    /// Reads a string.
    ///
    /// # Errors
    ///
    /// As [`str`](Self::str), or if it takes too much memory.
    #[inline]
    pub fn string(&mut self) -> Result<String, DecodeError> {
        let text = self.str()?;
        self.charge_bytes(text.len())?;
        Ok(raw::string(text))
    }

    /// Reads what is left with its count before it, as it is in messages.
    pub(crate) fn counted<T>(
        &mut self,
        count: u32,
        read: impl Fn(&mut Decoder<'_>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let contents = core::mem::take(&mut self.rest);
        let mut message = Vec::with_capacity(contents.len().saturating_add(size_of::<u32>()));
        message.extend(count.to_le_bytes());
        message.extend(contents);
        decode_with(&message, self.limits, read)
    }

    /// Reads a byte that is 0 or 1: a bool, or the head of an option or result.
    ///
    /// # Errors
    ///
    /// If it is neither.
    #[inline]
    pub fn bool(&mut self) -> Result<bool, DecodeError> {
        match self.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            [other] => Err(self.error_before(1, DecodeErrorKind::Bool(other))),
        }
    }

    /// An error at the bytes just read.
    #[cold]
    #[inline(never)]
    pub fn error_before(&self, width: usize, kind: DecodeErrorKind) -> DecodeError {
        DecodeError::new(kind, self.position().saturating_sub(width))
    }

    #[inline]
    fn raw_discriminant(&mut self, width: Width) -> Result<u32, DecodeError> {
        Ok(match width {
            Width::One => u32::from(u8::from_le_bytes(self.array()?)),
            Width::Two => u32::from(u16::from_le_bytes(self.array()?)),
            Width::Four => u32::from_le_bytes(self.array()?),
        })
    }

    /// Reads the discriminant of a variant or enum that is not recursive.
    ///
    /// # Errors
    ///
    /// If it stands for none of the cases.
    #[inline]
    pub fn discriminant(&mut self, width: Width, cases: u32) -> Result<u32, DecodeError> {
        let found = self.raw_discriminant(width)?;
        if found < cases {
            Ok(found)
        } else {
            Err(self.bad_discriminant(width, found, cases))
        }
    }

    #[cold]
    #[inline(never)]
    fn bad_discriminant(&self, width: Width, found: u32, cases: u32) -> DecodeError {
        self.error_before(
            to_usize(width.bytes()),
            DecodeErrorKind::Discriminant { found, cases },
        )
    }

    /// How much heap memory the limits leave.
    pub(crate) fn bytes_left(&self) -> usize {
        self.bytes_left
    }

    /// Accounts for heap memory before it is allocated.
    ///
    /// # Errors
    ///
    /// If that is more than the limits leave.
    #[inline]
    pub fn charge_bytes(&mut self, bytes: usize) -> Result<(), DecodeError> {
        match self.bytes_left.checked_sub(bytes) {
            Some(left) => {
                self.bytes_left = left;
                Ok(())
            }
            None => Err(self.error(DecodeErrorKind::TooManyBytes {
                limit: self.limits.bytes,
            })),
        }
    }

    /// Accounts for nodes before they are read.
    ///
    /// # Errors
    ///
    /// If those are more than the limits leave.
    #[inline]
    pub fn charge_nodes(&mut self, nodes: u32) -> Result<(), DecodeError> {
        match self.nodes_left.checked_sub(nodes) {
            Some(left) => {
                self.nodes_left = left;
                Ok(())
            }
            None => Err(self.error(DecodeErrorKind::TooManyNodes {
                limit: self.limits.nodes,
            })),
        }
    }

    /// Room for so many elements, accounted for.
    #[inline(never)]
    pub(crate) fn room_for<T>(&mut self, count: u32) -> Result<Vec<T>, DecodeError> {
        let length = to_usize(count);
        self.charge_nodes(count)?;
        self.charge_bytes(length.saturating_mul(size_of::<T>()))?;
        Ok(Vec::with_capacity(length))
    }

    #[inline]
    fn enter(&mut self) -> Result<(), DecodeError> {
        self.charge_nodes(1)?;
        match self.depth_left.checked_sub(1) {
            Some(left) => {
                self.depth_left = left;
                Ok(())
            }
            None => Err(self.error(DecodeErrorKind::TooDeep {
                limit: self.limits.depth,
            })),
        }
    }

    /// Reads a value of the recursive type `T`: its head, then what `body` reads for the case found.
    ///
    /// # Errors
    ///
    /// If the discriminant stands for none of the cases, a limit is reached, or `body` fails.
    #[inline]
    pub fn node<T: GraphValue>(
        &mut self,
        width: Width,
        cases: u32,
        body: impl FnOnce(&mut Self, u32) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        self.keyed_node(NodeKey::of::<T>(), width, cases, body, T::decode)
    }

    /// Reads a value of a recursive type; `again` reads another copy of it, head included, for a back
    /// reference.
    #[inline]
    pub(crate) fn keyed_node<T>(
        &mut self,
        key: NodeKey,
        width: Width,
        cases: u32,
        body: impl FnOnce(&mut Self, u32) -> Result<T, DecodeError>,
        again: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        if let Sharing::Graph(_) = self.sharing {
            return self.graph_node(key, width, cases, body, again);
        }
        let found = self.tree_head(key, width, cases)?;
        // On the stack once for every level of a value: without `?`, there is less of it.
        let value = body(self, found);
        if value.is_ok() {
            self.depth_left += 1;
        }
        value
    }

    /// Goes past a case, of which it is known what it holds, if that is a leaf and nothing is wrong with it. Says whether it
    /// did.
    #[inline]
    pub(crate) fn skip_leaf(&mut self, leaves: &[LeafLayout], is_node: bool) -> bool {
        let node = u32::from(is_node);
        let Some((case, payload)) = self.rest.split_first() else {
            return false;
        };
        let Some(leaf) = leaves.get(usize::from(*case)) else {
            return false;
        };
        if self.depth_left < node || !matches!(self.sharing, Sharing::Tree) {
            return false;
        }
        match self.nodes_left.checked_sub(node) {
            Some(left) if self.skip(payload, *leaf) => {
                self.nodes_left = left;
                true
            }
            _ => false,
        }
    }

    /// Goes past text, if it is short, ASCII and in order. Says whether it did.
    #[inline]
    pub(crate) fn skip_text(&mut self) -> bool {
        self.skip(self.rest, LeafLayout::TEXT)
    }

    /// Goes past a leaf, with which these bytes begin.
    #[inline]
    fn skip(&mut self, bytes: &'a [u8], leaf: LeafLayout) -> bool {
        let measured = bytes.first_chunk().and_then(|block| leaf.measure(block));
        let Some((width, text)) = measured else {
            return false;
        };
        let (Some(rest), Some(left)) = (bytes.get(width..), self.bytes_left.checked_sub(text))
        else {
            return false;
        };
        self.rest = rest;
        self.bytes_left = left;
        true
    }

    /// Checks a value of a recursive type: its head, then what `body` checks for the case found, within
    /// [`check_inside`](Self::check_inside) if there may be other nodes.
    #[inline(always)]
    pub(crate) fn check_node(
        &mut self,
        key: NodeKey,
        width: Width,
        cases: u32,
        body: impl FnOnce(&mut Self, u32) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let graph = match self.sharing {
            Sharing::Graph(_) => match self.graph_head(key, width, cases)? {
                Head::Node(head) => Some(head),
                Head::BackReference(target) => return self.charge_again(target),
            },
            Sharing::Tree | Sharing::Met => None,
        };
        let found = match &graph {
            Some(head) => head.case,
            None => {
                let found = self.tree_head(key, width, cases)?;
                self.depth_left += 1;
                found
            }
        };
        // In one place, for the sake of its size.
        body(self, found)?;
        if let Some(head) = graph {
            self.graph_end(key, head);
        }
        Ok(())
    }

    /// Checks what is in a node that has others in it. It is known where the others, of which there may be many, end: that
    /// of a leaf is quick to find out.
    #[inline(always)]
    pub(crate) fn check_inside(
        &mut self,
        body: impl FnOnce(&mut Self) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        if let Sharing::Graph(_) = self.sharing {
            return body(self);
        }
        self.depth_left -= 1;
        self.charge_bytes(size_of::<NodeEnd>())?;
        let node = self.ends.len();
        self.ends.push(NodeEnd::default());
        body(self)?;
        self.depth_left += 1;
        let end = self.place();
        if let Some(place) = self.ends.get_mut(node) {
            *place = end;
        }
        Ok(())
    }

    /// Where the next value begins, for when it will have been checked.
    #[inline]
    pub fn place(&self) -> Place {
        // Checked messages are shorter than 2^32 bytes, and have fewer nodes than bytes.
        Place {
            byte: u32::try_from(self.position()).unwrap_or(u32::MAX),
            node: u32::try_from(self.ends.len()).unwrap_or(u32::MAX),
        }
    }

    /// Enters a node of a tree.
    #[inline]
    fn tree_head(&mut self, key: NodeKey, width: Width, cases: u32) -> Result<u32, DecodeError> {
        let start = self.position();
        self.enter()?;
        let found = self.raw_discriminant(width)?;
        // In a tree a back reference is always an error.
        if found < cases {
            Ok(found)
        } else {
            Err(self.no_case(key, start, width, found, cases))
        }
    }

    /// The same when reading a graph: the node is entered into the table, and may be a back reference.
    #[cold]
    fn graph_node<T>(
        &mut self,
        key: NodeKey,
        width: Width,
        cases: u32,
        body: impl FnOnce(&mut Self, u32) -> Result<T, DecodeError>,
        again: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        match self.graph_head(key, width, cases)? {
            // What it leads to is counted when it is read again.
            Head::BackReference(target) => self.copy_of(target, again),
            Head::Node(head) => {
                let value = body(self, head.case)?;
                self.graph_end(key, head);
                Ok(value)
            }
        }
    }

    /// Enters a node of a graph, unless it is a back reference.
    #[cold]
    #[inline(never)]
    fn graph_head(&mut self, key: NodeKey, width: Width, cases: u32) -> Result<Head, DecodeError> {
        let start = self.position();
        let case = self.raw_discriminant(width)?;
        if case >= cases {
            if case != width.back_reference() {
                return Err(self.bad_discriminant(width, case, cases));
            }
            return self.target(key, start).map(Head::BackReference);
        }
        // Messages have fewer than 2^32 bytes as far as back references lead.
        let place = match (&mut self.sharing, u32::try_from(start)) {
            (Sharing::Graph(nodes), Ok(start)) => nodes.begin(start),
            _ => None,
        };
        let head = GraphHead {
            case,
            place,
            depth_left: self.depth_left,
            lowest: self.lowest,
            nodes_left: self.nodes_left,
            bytes_left: self.bytes_left,
        };
        self.enter()?;
        self.lowest = self.depth_left;
        // The table of nodes takes memory as well.
        self.charge_bytes(NodeTable::NODE_SIZE)?;
        Ok(Head::Node(head))
    }

    /// Leaves a node of a graph, which from now on can be referred to.
    #[cold]
    #[inline(never)]
    fn graph_end(&mut self, key: NodeKey, head: GraphHead) {
        let node = Node {
            key,
            end: self.place().byte,
            height: head.depth_left.saturating_sub(self.lowest),
            nodes: head.nodes_left.saturating_sub(self.nodes_left),
            blocks: blocks(head.bytes_left.saturating_sub(self.bytes_left)),
            pointer: None,
        };
        // A node read again through a back reference keeps the pointer of the first reading.
        if let (Sharing::Graph(nodes), Some(place)) = (&mut self.sharing, head.place) {
            nodes.complete(place, node);
        }
        self.lowest = self.lowest.min(head.lowest);
        self.depth_left = head.depth_left;
    }

    /// The error for a discriminant that stands for no case; for a back reference, remembers that there is one.
    #[cold]
    fn no_case(
        &mut self,
        key: NodeKey,
        start: usize,
        width: Width,
        found: u32,
        cases: u32,
    ) -> DecodeError {
        if found != width.back_reference() {
            return self.bad_discriminant(width, found, cases);
        }
        match self.target(key, start) {
            Err(error) => error,
            Ok(_) => self.bad_discriminant(width, found, cases),
        }
    }

    /// Reads the offset of a back reference whose head is at `head`, and checks that a completed node of
    /// that type starts there.
    #[cold]
    fn target(&mut self, key: NodeKey, head: usize) -> Result<u32, DecodeError> {
        let target = u32::from_le_bytes(self.array()?);
        match &self.sharing {
            Sharing::Graph(nodes) if nodes.get(target).is_some_and(|node| node.key == key) => {
                return Ok(target);
            }
            Sharing::Graph(_) => {}
            Sharing::Tree | Sharing::Met => self.sharing = Sharing::Met,
        }
        Err(DecodeError::new(
            DecodeErrorKind::BackReference { target },
            head,
        ))
    }

    /// Accounts for what a back reference leads to as if it had been read again.
    #[cold]
    fn charge_again(&mut self, target: u32) -> Result<(), DecodeError> {
        let Sharing::Graph(nodes) = &self.sharing else {
            return Ok(());
        };
        let Some(&Node {
            height,
            nodes,
            blocks,
            ..
        }) = nodes.get(target)
        else {
            return Ok(());
        };
        self.charge_nodes(nodes)?;
        self.charge_bytes(to_usize(blocks).saturating_mul(BLOCK))?;
        self.lower_to(height)
    }

    /// Accounts for so many levels below this one.
    fn lower_to(&mut self, height: u32) -> Result<(), DecodeError> {
        match self.depth_left.checked_sub(height) {
            Some(lowest) => {
                self.lowest = self.lowest.min(lowest);
                Ok(())
            }
            None => Err(self.error(DecodeErrorKind::TooDeep {
                limit: self.limits.depth,
            })),
        }
    }

    #[cold]
    fn copy_of<T>(
        &mut self,
        target: u32,
        again: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let after = self.rest;
        self.rest = self.message.get(to_usize(target)..).unwrap_or_default();
        let value = again(self)?;
        self.rest = after;
        Ok(value)
    }

    /// Reads a `T` into a shared pointer `P`, reusing the pointer an earlier back reference target was
    /// read into.
    ///
    /// # Errors
    ///
    /// As `T::decode`.
    pub(crate) fn shared<T: GraphValue, P: Clone + 'static>(
        &mut self,
        new: impl Fn(T) -> P,
    ) -> Result<P, DecodeError> {
        self.charge_bytes(size_of::<T>())?;
        let (Some(width), Sharing::Graph(_)) = (T::NODE, &self.sharing) else {
            return T::decode(self).map(new);
        };
        let start = self.position();
        let mut ahead = self.rest;
        let head = self.raw_discriminant(width)?;
        let target = if head == width.back_reference() {
            let target = self.target(NodeKey::of::<T>(), start)?;
            if let Some((pointer, height)) = self.pointer(target) {
                // Sharing saves memory, not depth: what comes out is as deep as its unfolding.
                self.lower_to(height)?;
                return Ok(pointer);
            }
            let value = self.copy_of(target, T::decode)?;
            (target, new(value))
        } else {
            core::mem::swap(&mut self.rest, &mut ahead);
            let value = T::decode(self)?;
            (u32::try_from(start).unwrap_or(u32::MAX), new(value))
        };
        if let Sharing::Graph(nodes) = &mut self.sharing
            && let Some(node) = nodes.get_mut(target.0)
        {
            node.pointer = Some(Box::new(target.1.clone()));
        }
        Ok(target.1)
    }

    fn pointer<P: Clone + 'static>(&self, target: u32) -> Option<(P, u32)> {
        let Sharing::Graph(nodes) = &self.sharing else {
            return None;
        };
        let node = nodes.get(target)?;
        Some((
            node.pointer.as_ref()?.downcast_ref::<P>().cloned()?,
            node.height,
        ))
    }
}

pub(crate) fn to_usize(number: u32) -> usize {
    // Pack runs where addresses have 32 bits or more; elsewhere the slice operations refuse this.
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Reads one value that takes up the whole message.
///
/// ```
/// use pack_abi::{Limits, decode};
///
/// assert_eq!(decode::<Option<u16>>(&[1, 7, 0], Limits::DEFAULT)?, Some(7));
/// assert!(decode::<Option<u16>>(&[1, 7, 0, 9], Limits::DEFAULT).is_err());
/// # Ok::<(), pack_abi::DecodeError>(())
/// ```
///
/// # Errors
///
/// The first place where the bytes are not a value of the type, or where a limit is reached.
pub fn decode<T: GraphValue>(message: &[u8], limits: Limits) -> Result<T, DecodeError> {
    decode_with(message, limits, T::decode)
}

/// Reads a whole message with a function, which is called a second time if the message turns out to have
/// shared subtrees.
///
/// # Errors
///
/// Those of `read`; or if it leaves bytes over.
#[inline]
pub fn decode_with<'a, T>(
    message: &'a [u8],
    limits: Limits,
    read: impl Fn(&mut Decoder<'a>) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let mut decoder = Decoder::new(message, limits);
    // In one place, for the sake of its size.
    loop {
        match read(&mut decoder) {
            Ok(value) => return decoder.finish().map(|()| value),
            Err(_) if decoder.has_met_sharing() => decoder = Decoder::of_graph(message, limits),
            Err(error) => return Err(error),
        }
    }
}

/// Checks a whole message with a function, which is called a second time if the message turns out to have shared subtrees.
/// What it gives back leads into the message that comes with it. There is room for the ends of its nodes.
///
/// # Errors
///
/// Those of `check`; or if it leaves bytes over.
#[inline]
pub fn check_with<'a, T>(
    message: &'a [u8],
    limits: Limits,
    room: Room,
    check: impl Fn(&mut Decoder<'a>) -> Result<T, DecodeError>,
) -> Result<(T, Message<'a>), DecodeError> {
    let mut decoder = Decoder::new(message, limits);
    if u32::try_from(message.len()).is_err() {
        return Err(decoder.error(DecodeErrorKind::TooManyBytes {
            limit: limits.bytes,
        }));
    }
    decoder.ends = room.0;
    decoder.ends.clear();
    loop {
        match check(&mut decoder) {
            Ok(value) => {
                let checked = match &decoder.sharing {
                    Sharing::Graph(nodes) => Message::graph(message, nodes.ends()),
                    Sharing::Tree | Sharing::Met => {
                        Message::tree(message, core::mem::take(&mut decoder.ends))
                    }
                };
                decoder.finish()?;
                return Ok((value, checked));
            }
            Err(_) if decoder.has_met_sharing() => decoder = Decoder::of_graph(message, limits),
            Err(error) => return Err(error),
        }
    }
}

/// Reads a whole message that may have resources. It is read once, shared subtrees or not: a resource can be taken
/// only once.
///
/// # Errors
///
/// Those of `read`; or if it leaves bytes over.
pub fn decode_with_handles<'a, T>(
    message: &'a [u8],
    limits: Limits,
    handles: &'a mut dyn Any,
    read: impl FnOnce(&mut Decoder<'a>) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let mut decoder = Decoder::of_graph(message, limits);
    decoder.handles = Some(handles);
    let value = read(&mut decoder)?;
    decoder.finish()?;
    Ok(value)
}
