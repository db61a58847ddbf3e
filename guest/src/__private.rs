//! What generated code names. Not part of the public interface: it changes without notice.

pub use core::clone::Clone;
pub use core::cmp::{Eq, Ord, PartialEq, PartialOrd};
pub use core::fmt::Debug;
pub use core::hash::Hash;
pub use core::marker::Copy;

pub use bitflags;
pub use pack_abi::__private::*;

pub use crate::export::{Call, finish};
pub use crate::import::{Area, encoded_result, flat_result, outside_wasm};
pub use crate::memory::{alloc, free, point_to};
