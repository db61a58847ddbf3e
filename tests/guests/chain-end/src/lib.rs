//! The end of the chain: does what it is asked to.

pack::world!({ path: "../../wit/chain.wit", world: "end" });

use std::sync::atomic::{AtomicU32, Ordering};

use exports::test::chain::stage;
use test::chain::log;
use test::chain::stage::{Branch, Tree};

static COUNT: AtomicU32 = AtomicU32::new(0);

// Tests change these in the bytes of the package, to have another build.
static SETTING: [u8; 16] = *b"SETTING: quiet..";
static LABEL: [u8; 10] = *b"LABEL: end";

fn is_loud() -> bool {
    std::hint::black_box(&SETTING)[9] == b'l'
}

#[pack::export(stage)]
fn name() -> String {
    "end".to_owned()
}

#[pack::export(stage)]
fn add(a: i32, b: i32) -> i32 {
    a.wrapping_add(b)
}

#[pack::export(stage)]
fn echo(text: String) -> String {
    let _ = log::write(&text);
    text
}

#[pack::export(stage)]
fn grow(tree: Tree) -> Tree {
    pack::log::write(pack::log::Level::Info, "end", "it grows", &[]);
    Tree::Branch(Branch {
        label: String::from_utf8_lossy(&std::hint::black_box(&LABEL)[7..]).into_owned(),
        children: vec![tree],
    })
}

#[pack::export(stage)]
fn reverse(mut data: Vec<u8>) -> Vec<u8> {
    data.reverse();
    data
}

#[pack::export(stage)]
fn scale(points: Vec<f64>, by: f64) -> Vec<f64> {
    if is_loud() {
        let _ = log::write("scaled");
    }
    points.into_iter().map(|point| point * by).collect()
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
    format!("{a} {b} {c} {d} {e} {f} {g} {h} {i} {j} {k} {l} {m:?}")
}

#[pack::export(stage)]
fn fail(how: String) -> u32 {
    match how.as_str() {
        "panic" => panic!("the end panics"),
        "trap" => std::process::abort(),
        "spin" => loop {
            std::hint::black_box(());
        },
        "memory" => vec![1_u8; 1 << 30].into_iter().map(u32::from).sum(),
        _ => log::write(&how).unwrap_or(0),
    }
}

#[pack::export(stage)]
fn count() -> u32 {
    COUNT.fetch_add(1, Ordering::Relaxed) + 1
}
