/// How much of a value is read or written before giving up.
///
/// Reading never allocates more than a small multiple of what the limits allow, whatever the bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Values of recursive types (records and variants on a cycle) inside each other.
    pub depth: u32,
    /// Elements of lists and maps whose elements are not plain numbers, plus values of recursive types.
    /// A shared subtree counts once for each time it is copied.
    pub nodes: u32,
    /// Bytes of heap memory for strings, list elements and shared subtrees of a decoded value.
    pub bytes: usize,
}

impl Limits {
    /// 1,000 levels, 2^24 nodes, 256 MiB.
    ///
    /// The depth is chosen so that reading, comparing, printing and dropping fit a thread's default stack
    /// of 2 MiB also in unoptimized builds.
    pub const DEFAULT: Self = Self {
        depth: 1_000,
        nodes: 1 << 24,
        bytes: 256 << 20,
    };

    /// Sets the depth.
    #[must_use]
    pub const fn with_depth(mut self, depth: u32) -> Self {
        self.depth = depth;
        self
    }

    /// Sets the number of nodes.
    #[must_use]
    pub const fn with_nodes(mut self, nodes: u32) -> Self {
        self.nodes = nodes;
        self
    }

    /// Sets the bytes of heap memory.
    #[must_use]
    pub const fn with_bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
