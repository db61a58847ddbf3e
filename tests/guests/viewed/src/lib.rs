//! As the guest `borrowed`; but what comes goes back as it lies there.
#![no_std]

extern crate alloc;

use alloc::string::String;
use alloc::vec::Vec;

use pack::view::{BoxRef, ListRef, MapRef};

pack::world!("../../wit/shapes.wit");

use exports::test::shapes::{Callback, Trouble};
use test::shapes::host;
use test::shapes::types::*;

struct Guest;

macro_rules! echo {
    ($($name:ident: $view:ty),* $(,)?) => {
        $(#[pack::export(exports::test::shapes::echo)]
        fn $name(v: $view) -> $view {
            v
        })*
    };
}

echo! {
    bools: bool, bytes: u8, shorts: u16, words: u32, longs: u64, sbytes: i8, sshorts: i16, swords: i32, slongs: i64,
    floats: f32, doubles: f64, chars: char, numbers: ListRef<'_, f64>, bool_list: ListRef<'_, bool>,
    char_list: ListRef<'_, char>, texts: ListRef<'_, String>, maybe: Option<&str>, maybe_maybe: Option<Option<u8>>,
    outcome: Result<&str, u32>, outcome_ok: Result<&str, ()>, outcome_none: Result<(), ()>, pair: (u8, &str),
    flat_pair: (u8, f32), points: ListRef<'_, Point>, colors: ListRef<'_, Color>, one_point: Point, one_mixed: Mixed, one_person: PersonRef<'_>,
    people: ListRef<'_, Person>, one_empty: Empty, empties: ListRef<'_, Empty>, one_color: Color, one_access: Access,
    one_many: Many, one_shape: ShapeRef<'_>, one_json: JsonRef<'_>, one_expr: ExprRef<'_>, one_tree: TreeRef<'_>,
    one_folder: FolderRef<'_>, one_chain: ChainRef<'_>, table: MapRef<'_, String, Vec<u8>>, text: &str,
    one_link: Option<BoxRef<'_, Chain>>,
}

#[pack::export(exports::test::shapes::echo)]
fn inner(v: &mut [Mixed]) -> &[Point] {
    v.reverse();
    v.first()
        .map_or(&[], |mixed| core::slice::from_ref(&mixed.inner))
}

#[pack::export(exports::test::shapes::echo)]
fn blob(v: &[u8]) -> &[u8] {
    v
}

include!("../../borrowed/src/besides.rs");
include!("../../shapes/src/besides.rs");
