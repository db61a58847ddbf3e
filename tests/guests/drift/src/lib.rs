//! What the contract says, done in the plainest way. The code is in a file of its own, so that it can be compiled with
//! edited contracts too.

extern crate alloc;

pack::world!("../../wit/drift.wit");

include!("guest.rs");
