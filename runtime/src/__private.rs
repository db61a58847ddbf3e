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

pub use crate::error::Error;
pub use crate::export::{Area, Export, ExportFunction, Results};
pub use crate::import::{HostCall, HostCallError, HostResult, Imports, host_result};
pub use crate::instance::{Instance, State};
pub use crate::linked::{AsyncWorld, BlockingWorld, HostContract, Linked, World};
pub use crate::package::Package;
pub use crate::resource::{
    GuestHandle, HostHandle, into_value, lock_resource, new_resource, with_resource,
};
