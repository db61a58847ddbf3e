//! What a host survives: messages that lie, packages that no `pack::world!` made, and guests that do their worst. Each ends
//! in an error that says what it was, soon and with little memory; nothing panics, and the next instance works.
//!
//! `docs/security.md` has a table of all this, with the names of the tests.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/module.rs"]
mod module;

mod bounds;
mod cost;
mod samples;
mod world;

mod allocator;
mod arguments;
mod compositions;
mod contracts;
mod counts;
mod document;
mod guests;
mod handles;
mod messages;
mod metadata;
mod nesting;
mod panics;
mod poison;
mod reentry;
mod results;
mod sharing;
mod time;
