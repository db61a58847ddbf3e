//! Bytes: writing them, reading them back, and how much of either is allowed.

mod decode;
mod encode;
mod flat;
mod limits;
mod nodes;

#[doc(hidden)]
pub use decode::check_with;
pub use decode::{Decoder, decode, decode_with, decode_with_handles};
pub(crate) use decode::{NodeEnd, NodeKey, to_usize};
pub use encode::{Encoder, Sink, SliceSink, encode, encode_into};
pub use flat::{FlatReader, FlatWriter};
pub use limits::Limits;

/// The width of a discriminant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Width {
    /// One byte.
    One,
    /// Two bytes.
    Two,
    /// Four bytes.
    Four,
}

impl Width {
    /// The least width that tells so many values apart.
    pub const fn for_values(count: usize) -> Self {
        if count <= 1 << 8 {
            Self::One
        } else if count <= 1 << 16 {
            Self::Two
        } else {
            Self::Four
        }
    }

    /// The width in bytes.
    pub const fn bytes(self) -> u32 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Four => 4,
        }
    }

    /// The discriminant that marks a back reference in a recursive type: all ones.
    pub const fn back_reference(self) -> u32 {
        match self {
            Self::One => 0xff,
            Self::Two => 0xffff,
            Self::Four => 0xffff_ffff,
        }
    }
}
