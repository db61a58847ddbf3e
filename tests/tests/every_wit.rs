//! The bindings of every WIT text of the tests of `pack-codegen`, for both sides; see `build.rs`. That they compile,
//! without a warning, is what is tested.
#![deny(warnings, clippy::pedantic, reason = "users see them")]
#![allow(dead_code, missing_docs, unreachable_pub, reason = "no user uses it")]

include!(concat!(env!("OUT_DIR"), "/every_wit.rs"));
