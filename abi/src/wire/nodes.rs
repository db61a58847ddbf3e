//! The nodes of a message that is read as a graph.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::Any;

use super::decode::NodeKey;

/// The nodes met so far, in the order in which they begin.
#[derive(Debug, Default)]
pub(super) struct NodeTable(Vec<(u32, Option<Node>)>);

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
    pub(super) const NODE_SIZE: usize = size_of::<(u32, Option<Node>)>();

    /// A node begins. Its place in the table, unless it is there already, for it is read again.
    pub(super) fn begin(&mut self, start: u32) -> Option<usize> {
        if self.0.last().is_some_and(|(last, _)| *last >= start) {
            return None;
        }
        self.0.push((start, None));
        Some(self.0.len() - 1)
    }

    /// The node at a place in the table is complete.
    pub(super) fn complete(&mut self, place: usize, node: Node) {
        if let Some((_, room)) = self.0.get_mut(place) {
            *room = Some(node);
        }
    }

    fn place(&self, start: u32) -> Option<usize> {
        self.0
            .binary_search_by_key(&start, |(start, _)| *start)
            .ok()
    }

    /// The complete node that begins there.
    pub(super) fn get(&self, start: u32) -> Option<&Node> {
        self.0.get(self.place(start)?)?.1.as_ref()
    }

    /// The same.
    pub(super) fn get_mut(&mut self, start: u32) -> Option<&mut Node> {
        let place = self.place(start)?;
        self.0.get_mut(place)?.1.as_mut()
    }

    /// Where each node begins, and where it ends.
    pub(super) fn ends(&self) -> Vec<(u32, u32)> {
        let complete = |(start, node): &(u32, Option<Node>)| Some((*start, node.as_ref()?.end));
        self.0.iter().filter_map(complete).collect()
    }
}
