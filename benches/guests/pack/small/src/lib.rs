//! The least Pack package and a recursive type, without the standard library.
#![no_std]

pack::world!({ path: "../../../wit/trees.wit", world: "tree" });

#[pack::export]
fn add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

#[pack::export]
fn echo(doc: Json) -> Json {
    doc
}
