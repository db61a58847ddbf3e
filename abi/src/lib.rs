//! The contract between Pack hosts and guests.
//!
//! This crate knows types, bytes and names; it knows nothing of WebAssembly engines or of Rust syntax.
//!
//! Packages use what is in here through `pack-guest`, and hosts through `pack-runtime`; the derives are there as well.
//! This crate by itself is for tools that read the contract of a package, compare contracts, or read and write values
//! without calling anything:
//!
//! ```
//! use pack_abi::{Limits, Value, decode, encode, schema_of, value::decode_value};
//!
//! let message = encode(&vec![Some(1_u16), None])?;
//! assert_eq!(decode::<Vec<Option<u16>>>(&message, Limits::DEFAULT)?, [Some(1), None]);
//!
//! // The same bytes, read by a type that is known at run time only.
//! let (contract, ty) = schema_of::<Vec<Option<u16>>>()?;
//! let value = decode_value(&contract, ty, &message, Limits::DEFAULT)?;
//! assert_eq!(value, Value::List(vec![Some(1_u16).into(), None::<u16>.into()]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | what it owns |
//! | --- | --- |
//! | [`schema`] | the model of a package's types and functions, their hashes and their comparison |
//! | [`wire`] | bytes: [`Encoder`], [`Decoder`], [`Limits`] |
//! | [`Encode`], [`GraphValue`] | Rust types that travel |
//! | [`PackType`] | Rust types that describe themselves as a schema |
//! | [`GraphView`], [`view`] | values read where they lie in a message |
//! | [`resource`] | handles of values that stay where they are |
//! | [`value`] | [`Value`]: data whose type is known only at run time, as text and in other formats |
//! | [`convention`] | which core WebAssembly signature a function has |
//! | [`log`] | what guests tell the log of their host |
//! | [`metadata`] | the schema as a package carries it |
//! | [`mod@printable`] | words of others, in what people read |
//!
//! Features: `std`, the hash maps and sets of the standard library; `wasm`, finding the metadata in the file of a package;
//! `text`, [`Value`]s from text; `serde` and `json`, [`Value`]s in other formats; `simd`, long text looked at with whatever
//! the processor has; `bytes`, `indexmap`, `smol_str`, `uuid`, types of these crates.
//!
//! The normative text of the wire format and the calling convention is `docs/abi.md`.
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

#[doc(hidden)]
pub mod __private;
pub mod convention;
mod derived;
mod error;
mod graph_value;
mod impls;
pub mod log;
pub mod metadata;
mod pack_type;
pub mod printable;
#[allow(unsafe_code, reason = "measured, and all of it in one place")]
mod raw;
pub mod resource;
pub mod schema;
#[cfg(feature = "wasm")]
mod section;
pub mod value;
pub mod view;
pub mod wire;

pub use error::{
    DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, HandleProblem, Segment,
};
pub use graph_value::{Encode, GraphValue};
pub use pack_type::{PackType, SchemaBuilder, schema_of};
pub use raw::Plain;
pub use resource::{Borrow, Resource};
pub use schema::{Contract, Schema};
pub use value::Value;
pub use view::GraphView;
pub use wire::{Decoder, Encoder, Limits, Sink, decode, encode};
