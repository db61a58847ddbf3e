//! What generated code names. Not part of the public interface: it changes without notice.

pub use core::clone::Clone;
pub use core::cmp::{Eq, Ord, PartialEq, PartialOrd};
pub use core::fmt::Debug;
pub use core::hash::Hash;
pub use core::marker::{Copy, Sized};
pub use core::ops::{FnMut, FnOnce};
pub use core::unreachable;

pub use alloc::rc::Rc;
pub use bitflags;
pub use core::any::Any;

pub use pack_abi::__private::*;
pub use pack_macros::{export_checked as export, export_inferred};

#[cfg(not(target_arch = "wasm32"))]
pub use crate::answers::{ask, set, tell};
pub use crate::export::{Call, Given, finish};
pub use crate::exported::{Export, ExportedOnce, Free, Misspelled, NotProvided};
pub use crate::import::{Area, encoded_result, encoded_result_with_handles, flat_result};
pub use crate::inferred::{Answer, Core, CoreValue, Param, answer, kind, param};
pub use crate::memory::{alloc, free, point_to};
pub use crate::resource::{
    ExportedHandle, ImportedHandle, drop_held, new_resource, resource_value, this_resource,
};

/// The span of one call, entered until it is dropped.
#[cfg(feature = "tracing")]
#[doc(hidden)]
#[macro_export]
macro_rules! __pack_call_span {
    ($interface:literal, $function:literal) => {
        $crate::__private::tracing::debug_span!(
            "call",
            interface = $interface,
            function = $function
        )
        .entered()
    };
}

#[cfg(not(feature = "tracing"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __pack_call_span {
    ($interface:literal, $function:literal) => {
        ::core::compile_error!("the option `tracing` needs the feature `tracing` of pack-guest")
    };
}

pub use crate::__pack_call_span as call_span;
#[cfg(feature = "tracing")]
pub use tracing;
