//! As the guest `shapes`; but what comes is read where it lies, by functions that are exported one by one.
#![no_std]

extern crate alloc;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use pack::GraphView;
use pack::view::{ListRef, MapRef};

pack::world!("../../wit/shapes.wit");

use exports::test::shapes::{Callback, Trouble};
use test::shapes::host;
use test::shapes::types::*;

struct Guest;

macro_rules! echo {
    ($($name:ident: $view:ty => $ty:ty),* $(,)?) => {
        $(#[pack::export(exports::test::shapes::echo)]
        fn $name(v: $view) -> $ty {
            <$ty as GraphView>::to_owned(v)
        })*
    };
}

echo! {
    bools: bool => bool, bytes: u8 => u8, shorts: u16 => u16, words: u32 => u32, longs: u64 => u64, sbytes: i8 => i8,
    sshorts: i16 => i16, swords: i32 => i32, slongs: i64 => i64, floats: f32 => f32, doubles: f64 => f64,
    chars: char => char, char_list: ListRef<'_, char> => Vec<char>, texts: ListRef<'_, String> => Vec<String>,
    maybe: Option<&str> => Option<String>, maybe_maybe: Option<Option<u8>> => Option<Option<u8>>,
    outcome: Result<&str, u32> => Result<String, u32>, outcome_ok: Result<&str, ()> => Result<String, ()>,
    outcome_none: Result<(), ()> => Result<(), ()>, pair: (u8, &str) => (u8, String), flat_pair: (u8, f32) => (u8, f32),
    one_point: Point => Point, one_mixed: Mixed => Mixed,
    one_person: PersonRef<'_> => Person, people: ListRef<'_, Person> => Vec<Person>, one_empty: Empty => Empty,
    empties: ListRef<'_, Empty> => Vec<Empty>, one_color: Color => Color, one_access: Access => Access,
    one_many: Many => Many, one_shape: ShapeRef<'_> => Shape, one_json: JsonRef<'_> => Json, one_expr: ExprRef<'_> => Expr,
    one_tree: TreeRef<'_> => Tree, one_folder: FolderRef<'_> => Folder, one_chain: ChainRef<'_> => Chain,
    table: MapRef<'_, String, Vec<u8>> => BTreeMap<String, Vec<u8>>,
}

#[pack::export(exports::test::shapes::echo)]
fn text(v: &str) -> &str {
    v
}

#[pack::export(exports::test::shapes::echo)]
fn blob(v: &mut [u8]) -> &[u8] {
    v.reverse();
    v.reverse();
    v
}

#[pack::export(exports::test::shapes::echo)]
fn numbers(v: &[f64]) -> &[f64] {
    v
}

#[pack::export(exports::test::shapes::echo)]
fn points(v: &mut [Point]) -> &[Point] {
    v.sort_by(|a, b| a.x.total_cmp(&b.x));
    v
}

/// These are not in memory as on the wire.
#[pack::export(exports::test::shapes::echo)]
fn bool_list(v: &[bool]) -> Vec<bool> {
    v.into()
}

#[pack::export(exports::test::shapes::echo)]
fn colors(v: &mut [Color]) -> Vec<Color> {
    v.sort_by_key(|color| *color as u8);
    v.to_vec()
}

/// A part of what is gone when the host reads the result.
#[pack::export(exports::test::shapes::echo)]
fn inner(v: &[Mixed]) -> &[Point] {
    v.last()
        .map_or(&[], |mixed| core::slice::from_ref(&mixed.inner))
}

#[pack::export(exports::test::shapes::echo)]
fn one_link(v: Option<pack::view::BoxRef<'_, Chain>>) -> Option<Box<Chain>> {
    v.map(|chain| Box::new(chain.to_owned()))
}

include!("besides.rs");
include!("../../shapes/src/besides.rs");
