//! Does its worst, with the means of ordinary Rust.

use std::fmt;
use std::rc::Rc;

pack::package!("test:vicious");

/// Shared subtrees stay shared on their way.
#[derive(Clone, pack::GraphValue, pack::PackType)]
enum Fork {
    Leaf(u8),
    Fork(Rc<Fork>, Rc<Fork>),
}

#[derive(Clone, pack::GraphValue, pack::PackType)]
enum Nest {
    Empty,
    Inside(Vec<Nest>),
}

/// Both sides of each level are one and the same.
#[pack::export]
fn bomb(levels: u32) -> Fork {
    (0..levels).fold(Fork::Leaf(7), |fork, _| {
        let shared = Rc::new(fork);
        Fork::Fork(Rc::clone(&shared), shared)
    })
}

fn nested(levels: u32) -> Nest {
    (0..levels).fold(Nest::Empty, |nest, _| Nest::Inside(vec![nest]))
}

/// Never dropped, so that what becomes of it is not the end of the guest's stack.
#[pack::export]
fn nest(levels: u32) -> u32 {
    std::mem::forget(nested(levels));
    levels
}

#[pack::export]
fn return_nest(levels: u32) -> Nest {
    nested(levels)
}

#[pack::export]
fn drop_nest(levels: u32) {
    drop(nested(levels));
}

/// How deep the argument is.
#[pack::export]
fn depth(nest: Nest) -> u32 {
    let (mut at, mut depth) = (&nest, 0);
    while let Nest::Inside(inside) = at {
        let Some(first) = inside.first() else { break };
        (at, depth) = (first, depth + 1);
    }
    depth
}

#[pack::export]
fn recurse(levels: u32) -> u32 {
    fn go(levels: u32, more: &[u32; 64]) -> u32 {
        let mut own = *more;
        own[(levels % 64) as usize] = levels;
        if levels == 0 {
            return own.iter().sum();
        }
        go(levels - 1, std::hint::black_box(&own)) ^ own[1]
    }
    go(levels, &[1; 64])
}

/// Takes memory until there is none.
#[pack::export]
fn exhaust() -> u32 {
    let mut taken: Vec<Vec<u8>> = Vec::new();
    loop {
        taken.push(vec![1; 1 << 16]);
        std::hint::black_box(&taken);
    }
}

/// Asks for what it gets none of, and lives with less.
#[pack::export]
fn modest(bytes: u32) -> bool {
    let mut taken: Vec<u8> = Vec::new();
    std::hint::black_box(taken.try_reserve_exact(bytes as usize).is_ok())
}

struct Unprintable;

impl fmt::Display for Unprintable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("a panic in the message of a panic");
    }
}

#[pack::export]
fn panic_in_panic() {
    panic!("it is {Unprintable}");
}

struct Bad;

impl Drop for Bad {
    fn drop(&mut self) {
        panic!("a panic while dropping");
    }
}

#[pack::export]
fn panic_in_drop() {
    let _bad = Bad;
    panic!("the first");
}

#[pack::export]
fn panic_at_length(bytes: u32) {
    panic!("{}", "ü".repeat(bytes as usize / 2));
}

/// Ends without a panic.
#[pack::export]
fn abort() {
    std::process::abort();
}

/// There is no world outside.
#[pack::export]
fn look_outside() -> Vec<bool> {
    vec![
        std::fs::read("/etc/hostname").is_ok(),
        std::net::TcpStream::connect("127.0.0.1:1").is_ok(),
        std::env::var("PATH").is_ok(),
        std::env::args().next().is_some(),
        std::process::Command::new("true").status().is_ok(),
        std::thread::Builder::new().spawn(|| ()).is_ok(),
    ]
}
