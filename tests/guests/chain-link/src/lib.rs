//! A link of the chain: asks the next one.

pack::world!({ path: "../../wit/chain.wit", world: "link" });

use exports::test::chain::stage;
use test::chain::stage as next;
use test::chain::stage::{Branch, Tree};

#[pack::export(stage)]
fn name() -> String {
    format!("link({})", next::name())
}

#[pack::export(stage)]
fn add(a: i32, b: i32) -> i32 {
    next::add(a, b)
}

#[pack::export(stage)]
fn echo(text: String) -> String {
    next::echo(&text)
}

#[pack::export(stage)]
fn grow(tree: Tree) -> Tree {
    Tree::Branch(Branch {
        label: "link".to_owned(),
        children: vec![next::grow(&tree)],
    })
}

#[pack::export(stage)]
fn reverse(data: Vec<u8>) -> Vec<u8> {
    next::reverse(&data)
}

#[pack::export(stage)]
fn scale(points: Vec<f64>, by: f64) -> Vec<f64> {
    next::scale(&points, by)
}

#[pack::export(stage)]
#[allow(clippy::too_many_arguments, reason = "that is what it is for")]
fn wide(
    a: i32,
    b: i32,
    c: i32,
    d: i32,
    e: i32,
    f: i32,
    g: i32,
    h: i32,
    i: i64,
    j: f64,
    k: u8,
    l: String,
    m: Vec<u16>,
) -> String {
    next::wide(a, b, c, d, e, f, g, h, i, j, k, &l, &m)
}

#[pack::export(stage)]
fn fail(how: String) -> u32 {
    next::fail(&how)
}

#[pack::export(stage)]
fn count() -> u32 {
    next::count()
}
