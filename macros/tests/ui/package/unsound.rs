//! Types and functions that a crate can have, and a contract cannot.
#![allow(dead_code)]

use pack::{GraphValue, PackType};

pack::package!("demo:expr");

#[derive(GraphValue, PackType)]
enum Expr {
    Zero,
    Call { arguments: Vec<Expr> },
}

#[derive(GraphValue, PackType)]
struct ExprImports {
    expr: u8,
}

/// The case `Call` has a record of this name.
#[derive(GraphValue, PackType)]
struct ExprCall {
    of: u8,
}

#[derive(GraphValue, PackType)]
#[pack(rename = "tree")]
enum Renamed {
    Zero,
    Call { arguments: Vec<Renamed> },
}

#[derive(GraphValue, PackType)]
struct TreeCall {
    of: u8,
}

mod other {
    #[derive(pack::GraphValue, pack::PackType)]
    #[pack(rename = "TREE-CALL")]
    pub struct TreeCall {
        of: u8,
    }
}

#[derive(GraphValue, PackType)]
struct Endless {
    again: Box<(u8, Endless)>,
}

#[derive(GraphValue, PackType)]
#[pack(recursive = false)]
struct Wrong {
    parts: Vec<Wrong>,
}

#[derive(GraphValue, PackType)]
#[pack(interface = "demo:expr/types")]
struct Owned {
    parts: Vec<(u8, TreeCall)>,
}

#[pack::export]
fn named_as_the_world(expr: Expr) {
    drop(expr);
}

#[pack::export]
fn named_as_its_imports(expr: ExprImports) {
    drop(expr);
}

#[pack::export]
fn twins(tree: Renamed, call: TreeCall) {
    drop((tree, call));
}

#[pack::export]
fn other_case(call: TreeCall) -> other::TreeCall {
    drop(call);
    loop {}
}

#[pack::export]
fn endless(endless: Endless) {
    drop(endless);
}

#[pack::export]
fn wrong(wrong: Wrong) {
    drop(wrong);
}

#[pack::export]
fn owned(owned: Owned) {
    drop(owned);
}

#[pack::export]
#[allow(non_snake_case)]
fn one_letter(x: u8, X: u8) {
    let _ = (x, X);
}

fn main() {}
