//! The data of the bench, and what it is made of.

use borsh::{BorshDeserialize, BorshSerialize};

/// A tree like JSON.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "host",
    derive(
        pack_runtime::GraphValue,
        pack_runtime::GraphView,
        pack_runtime::PackType,
        rkyv::Archive,
        rkyv::Serialize,
        rkyv::Deserialize,
        serde::Serialize,
        serde::Deserialize,
    ),
    pack(recursive),
    rkyv(
        serialize_bounds(__S: rkyv::ser::Writer + rkyv::ser::Allocator, __S::Error: rkyv::rancor::Source),
        deserialize_bounds(__D::Error: rkyv::rancor::Source),
        bytecheck(bounds(__C: rkyv::validation::ArchiveContext, __C::Error: rkyv::rancor::Source)),
    )
)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A string.
    Text(String),
    /// The elements of an array.
    Array(#[cfg_attr(feature = "host", rkyv(omit_bounds))] Vec<Json>),
    /// The members of an object.
    Object(#[cfg_attr(feature = "host", rkyv(omit_bounds))] Vec<(String, Json)>),
}

/// A place.
#[derive(Debug, Clone, Copy, PartialEq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "host",
    derive(
        pack_runtime::GraphValue,
        pack_runtime::GraphView,
        pack_runtime::PackType
    ),
    pack(copy)
)]
#[allow(missing_docs, reason = "coordinates")]
pub struct Point {
    pub x: f64,
    pub y: f64,
    pub z: f64,
}

/// A record of text and numbers.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "host",
    derive(
        bitcode::Encode,
        bitcode::Decode,
        pack_runtime::GraphValue,
        pack_runtime::GraphView,
        pack_runtime::PackType,
        rkyv::Archive,
        rkyv::Serialize,
        rkyv::Deserialize,
        serde::Serialize,
        serde::Deserialize,
    )
)]
#[allow(missing_docs, reason = "any fields")]
pub struct Entry {
    pub id: u64,
    pub name: String,
    pub tags: Vec<String>,
    pub score: Option<f64>,
}

impl Json {
    /// The sum of all numbers.
    pub fn total(&self) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Array(items) => items.iter().map(Self::total).sum(),
            Self::Object(members) => members.iter().map(|(_, value)| value.total()).sum(),
            Self::Null | Self::Boolean(_) | Self::Text(_) => 0.0,
        }
    }

    /// How many values it is, with itself.
    pub fn nodes(&self) -> usize {
        1 + match self {
            Self::Array(items) => items.iter().map(Self::nodes).sum(),
            Self::Object(members) => members.iter().map(|(_, value)| value.nodes()).sum(),
            _ => 0,
        }
    }
}

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }

    fn word(&mut self, least: usize, most: usize) -> String {
        let length = least + self.next(most - least + 1);
        (0..length)
            .map(|_| char::from(b'a' + self.next(26) as u8))
            .collect()
    }

    fn tree(&mut self, nodes: usize) -> Json {
        if nodes == 1 {
            return match self.next(5) {
                0 => Json::Null,
                1 => Json::Boolean(self.next(2) == 0),
                2 | 3 => Json::Number(self.next(1_000_000) as f64 / 8.0),
                _ => Json::Text(self.word(4, 12)),
            };
        }
        let inside = nodes - 1;
        let count = (2 + self.next(7)).min(inside);
        let mut parts: Vec<Json> = Vec::with_capacity(count);
        for index in 0..count {
            let share = inside / count + usize::from(index < inside % count);
            parts.push(self.tree(share));
        }
        match self.next(2) {
            0 => Json::Array(parts),
            _ => Json::Object(
                parts
                    .into_iter()
                    .map(|part| (self.word(3, 8), part))
                    .collect(),
            ),
        }
    }
}

/// A tree of so many nodes: half of what has parts are arrays, half objects, each of 2 to 8 parts.
pub fn tree(nodes: usize) -> Json {
    Numbers(nodes as u64).tree(nodes)
}

/// So many records, with names of 8 to 24 bytes and up to 4 tags.
pub fn entries(count: usize) -> Vec<Entry> {
    let mut numbers = Numbers(7);
    let mut entry = |id| Entry {
        id,
        name: numbers.word(8, 24),
        tags: (0..numbers.next(5)).map(|_| numbers.word(3, 10)).collect(),
        score: (numbers.next(2) == 0).then(|| numbers.next(1000) as f64),
    };
    (0..count as u64).map(&mut entry).collect()
}

/// So many points.
pub fn points(count: usize) -> Vec<Point> {
    let point = |at| Point {
        x: f64::from(at),
        y: 0.5,
        z: -f64::from(at),
    };
    (0..count as u32).map(point).collect()
}

/// Functions `flatten` and `unflatten`, between [`Json`] and a `Vec` of the type that the WIT calls `flat`, which each
/// side of the Component Model generates for itself.
#[macro_export]
macro_rules! flat_conversions {
    ($flat:ident) => {
        /// The nodes of a tree, each after its parts.
        pub(crate) fn flatten(tree: &$crate::Json) -> Vec<$flat> {
            let mut nodes = Vec::new();
            add_flat(tree, &mut nodes);
            nodes
        }

        /// Returns the place of the node.
        fn add_flat(tree: &$crate::Json, nodes: &mut Vec<$flat>) -> u32 {
            let node = match tree {
                $crate::Json::Null => $flat::Null,
                $crate::Json::Boolean(value) => $flat::Boolean(*value),
                $crate::Json::Number(number) => $flat::Number(*number),
                $crate::Json::Text(text) => $flat::Text(text.clone()),
                $crate::Json::Array(items) => {
                    $flat::Array(items.iter().map(|item| add_flat(item, nodes)).collect())
                }
                $crate::Json::Object(members) => {
                    let member = |(key, value): &(String, $crate::Json)| {
                        (key.clone(), add_flat(value, nodes))
                    };
                    $flat::Object(members.iter().map(member).collect())
                }
            };
            nodes.push(node);
            nodes.len() as u32 - 1
        }

        /// The tree again. Each node is a part of one other.
        pub(crate) fn unflatten(nodes: Vec<$flat>) -> $crate::Json {
            let mut done: Vec<$crate::Json> = Vec::with_capacity(nodes.len());
            for node in nodes {
                let mut take =
                    |at: u32| std::mem::replace(&mut done[at as usize], $crate::Json::Null);
                let tree = match node {
                    $flat::Null => $crate::Json::Null,
                    $flat::Boolean(value) => $crate::Json::Boolean(value),
                    $flat::Number(number) => $crate::Json::Number(number),
                    $flat::Text(text) => $crate::Json::Text(text),
                    $flat::Array(items) => {
                        $crate::Json::Array(items.into_iter().map(take).collect())
                    }
                    $flat::Object(members) => {
                        let member = |(key, at)| (key, take(at));
                        $crate::Json::Object(members.into_iter().map(member).collect())
                    }
                };
                done.push(tree);
            }
            done.pop().unwrap_or($crate::Json::Null)
        }
    };
}
