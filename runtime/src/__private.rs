//! What generated code names. Not part of the public interface: it changes without notice.

pub use core::clone::Clone;
pub use core::cmp::{Eq, Ord, PartialEq, PartialOrd};
pub use core::fmt::Debug;
pub use core::future::Future;
pub use core::hash::Hash;
pub use core::marker::{Copy, Send};
pub use core::ops::FnOnce;

pub use bitflags;
pub use core::any::Any;

pub use pack_abi::__private::*;
pub use wasmtime::Caller;

pub use pack_abi::schema::FunctionName;

pub use crate::error::Error;
pub use crate::error::HostProblem;
pub use crate::export::{Area, Export, ExportFunction, Results, ViewFunction};
#[cfg(feature = "async")]
pub use crate::host_call::host_call_async;
pub use crate::host_call::{HostCall, HostResult, host_call};
pub use crate::host_interface::HostError;
pub use crate::import::Imports;
pub use crate::instance::Instance;
pub use crate::linked::{AsyncWorld, BlockingWorld, Client, HostContract, Linked, World};
pub use crate::linker::Linker;
pub use crate::package::Package;
pub use crate::resource::{
    GuestHandle, HostHandle, into_value, lock_resource, new_resource, with_resource,
};
pub use crate::state::State;

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

/// A future in the span of a call.
#[cfg(feature = "tracing")]
#[doc(hidden)]
#[macro_export]
macro_rules! __pack_future_in_call_span {
    ($interface:literal, $function:literal, $future:expr) => {
        $crate::__private::tracing::Instrument::instrument(
            $future,
            $crate::__private::tracing::debug_span!(
                "call",
                interface = $interface,
                function = $function
            ),
        )
    };
}

#[cfg(not(feature = "tracing"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __pack_call_span {
    ($interface:literal, $function:literal) => {
        ::core::compile_error!("the option `tracing` needs the feature `tracing` of pack-runtime")
    };
}

#[cfg(not(feature = "tracing"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __pack_future_in_call_span {
    ($interface:literal, $function:literal, $future:expr) => {
        ::core::compile_error!("the option `tracing` needs the feature `tracing` of pack-runtime")
    };
}

pub use crate::__pack_call_span as call_span;
pub use crate::__pack_future_in_call_span as future_in_call_span;
#[cfg(feature = "tracing")]
pub use tracing;
