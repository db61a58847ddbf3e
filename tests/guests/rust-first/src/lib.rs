//! A package without WIT: what it exports are Rust functions, one for each way that parameters and results travel.
#![no_std]

extern crate alloc;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

pack::package!("test:rust-first@0.2.0");

/// A person among persons.
#[derive(pack::GraphValue, pack::PackType)]
struct Person {
    /// Full name.
    name: String,
    friends: Vec<Person>,
}

#[derive(pack::GraphValue, pack::PackType)]
enum Color {
    Red,
    DeepBlue,
}

#[derive(pack::GraphValue, pack::PackType)]
struct Point {
    x: f32,
    y: f64,
    color: Color,
}

#[derive(pack::GraphValue, pack::PackType)]
enum Tree<T> {
    Leaf(T),
    Fork(Box<Tree<T>>, Box<Tree<T>>),
}

/// Says hello to a person with friends.
#[pack::export]
fn greet(person: Person) -> Result<String, u32> {
    match person.friends.as_slice() {
        [] => Err(404),
        friends => Ok(format!("{} and {} more", person.name, friends.len())),
    }
}

#[pack::export]
fn nothing() {}

#[pack::export]
fn add(a: u8, b: i64) -> i64 {
    i64::from(a) + b
}

#[pack::export]
fn halve(value: f32) -> f32 {
    value / 2.0
}

#[pack::export]
fn shout(text: String, times: u32) -> String {
    assert!(times > 0, "nobody shouts");
    assert!(times < 100, "nobody shouts {times} times");
    (0..times).map(|_| text.to_uppercase()).collect()
}

#[pack::export]
fn sum(numbers: Vec<f64>, signs: Box<[bool]>) -> f64 {
    let signed = numbers.iter().zip(&signs);
    signed.map(|(n, minus)| if *minus { -n } else { *n }).sum()
}

#[pack::export]
fn mirror(point: Point) -> Point {
    let color = match point.color {
        Color::Red => Color::DeepBlue,
        Color::DeepBlue => Color::Red,
    };
    Point {
        x: point.y as f32,
        y: f64::from(point.x),
        color,
    }
}

#[pack::export]
fn is_blue(color: Color) -> bool {
    matches!(color, Color::DeepBlue)
}

#[pack::export]
fn leaves(tree: Tree<u16>, names: Tree<String>) -> (u32, Vec<String>) {
    fn collect<T>(tree: Tree<T>, into: &mut Vec<T>) {
        match tree {
            Tree::Leaf(leaf) => into.push(leaf),
            Tree::Fork(left, right) => {
                collect(*left, into);
                collect(*right, into);
            }
        }
    }
    let (mut numbers, mut texts) = (Vec::new(), Vec::new());
    collect(tree, &mut numbers);
    collect(names, &mut texts);
    (numbers.into_iter().map(u32::from).sum(), texts)
}

/// More than 16 core values: some go into the buffer, and later ones still find room.
#[pack::export]
fn many(
    a: u8,
    b: u16,
    c: u32,
    d: u64,
    e: i8,
    f: i16,
    g: i32,
    h: i64,
    i: f32,
    j: f64,
    k: char,
    l: bool,
    m: String,
    n: Point,
    o: Option<u8>,
    p: BTreeMap<String, u8>,
    q: u8,
) -> String {
    let (x, y, p) = (n.x, n.y, p.into_iter().collect::<Vec<_>>());
    format!("{a} {b} {c} {d} {e} {f} {g} {h} {i} {j} {k} {l} {m} {x} {y} {o:?} {p:?} {q}")
}

mod inner {
    use super::*;

    #[pack::export]
    fn of_a_module(person: Option<Person>) -> String {
        person.map_or_else(|| "nobody".to_string(), |person| person.name)
    }
}
