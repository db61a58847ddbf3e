//! The nodes of a message that is read as a graph.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::Any;

use super::decode::NodeKey;

/// The nodes met so far, in the order in which they begin.
///
/// They are in pieces of [`PIECE`] nodes, so that none of them moves when there are more.
#[derive(Debug, Default)]
pub(super) struct NodeTable(Vec<Vec<Entry>>);

/// Where a node begins, and the node, when it is complete.
type Entry = (u32, Option<Node>);

const PIECE: usize = 512;

/// A place in the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct NodePlace {
    piece: usize,
    at: usize,
}

/// A node that is complete.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) key: NodeKey,
    /// Where it ends.
    pub(super) end: u32,
    /// How many levels the node has. A back reference stands for all of them.
    pub(super) height: u32,
    /// What it took of the limits: nodes, and blocks of 16 bytes.
    pub(super) nodes: u32,
    pub(super) blocks: u32,
    /// The `Rc` or `Arc` the node was decoded into, if it was.
    pub(super) pointer: Option<Box<dyn Any>>,
}

impl NodeTable {
    /// What a node takes here.
    pub(super) const NODE_SIZE: usize = size_of::<Entry>();

    /// A node begins. Its place in the table, unless it is there already, for it is read again.
    pub(super) fn begin(&mut self, start: u32) -> Option<NodePlace> {
        let last = self.0.last();
        if last
            .and_then(|piece| piece.last())
            .is_some_and(|(last, _)| *last >= start)
        {
            return None;
        }
        if last.is_none_or(|piece| piece.len() == PIECE) {
            // The first one grows as it has to.
            let room = if last.is_some() { PIECE } else { 0 };
            self.0.push(Vec::with_capacity(room));
        }
        let piece = self.0.len().checked_sub(1)?;
        let entries = self.0.last_mut()?;
        entries.push((start, None));
        let at = entries.len().checked_sub(1)?;
        Some(NodePlace { piece, at })
    }

    /// The node at a place in the table is complete.
    pub(super) fn complete(&mut self, place: NodePlace, node: Node) {
        let entries = self.0.get_mut(place.piece);
        if let Some((_, room)) = entries.and_then(|entries| entries.get_mut(place.at)) {
            *room = Some(node);
        }
    }

    fn place(&self, start: u32) -> Option<NodePlace> {
        let begins = |piece: &Vec<Entry>| piece.first().is_some_and(|(first, _)| *first <= start);
        let piece = self.0.partition_point(begins).checked_sub(1)?;
        let entries = self.0.get(piece)?;
        let at = entries
            .binary_search_by_key(&start, |(start, _)| *start)
            .ok()?;
        Some(NodePlace { piece, at })
    }

    /// The complete node that begins there.
    pub(super) fn get(&self, start: u32) -> Option<&Node> {
        let NodePlace { piece, at } = self.place(start)?;
        self.0.get(piece)?.get(at)?.1.as_ref()
    }

    /// The same.
    pub(super) fn get_mut(&mut self, start: u32) -> Option<&mut Node> {
        let NodePlace { piece, at } = self.place(start)?;
        self.0.get_mut(piece)?.get_mut(at)?.1.as_mut()
    }

    /// Where each node begins, and where it ends.
    pub(super) fn ends(&self) -> Vec<(u32, u32)> {
        let complete = |(start, node): &Entry| Some((*start, node.as_ref()?.end));
        self.0.iter().flatten().filter_map(complete).collect()
    }
}
