//! The least Pack package, and two recursive types.

pack::world!({ path: "../../../wit/trees.wit", world: "trees" });

#[pack::export]
fn add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

#[pack::export]
fn echo(doc: Json) -> Json {
    doc
}

#[pack::export]
fn echo_section(doc: Section) -> Section {
    doc
}
