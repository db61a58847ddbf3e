//! What a crate takes that has nothing in it.
