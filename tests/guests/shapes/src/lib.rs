//! Sends every shape of type back, calls the host, and goes wrong on demand.
#![no_std]

extern crate alloc;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

pack::world!("../../wit/shapes.wit");

use exports::test::shapes::{Callback, Echo, Trouble};
use test::shapes::host;
use test::shapes::types::*;

struct Guest;

macro_rules! echo {
    ($($name:ident: $ty:ty),* $(,)?) => {
        #[pack::export]
        impl Echo for Guest {
            $(fn $name(v: $ty) -> $ty { v })*
            fn nothing() {}
            fn inner(v: Vec<Mixed>) -> Vec<Point> {
                v.last().map(|mixed| mixed.inner).into_iter().collect()
            }
            fn many_params(
                a: u8, b: u16, c: u32, d: u64, e: i8, f: i16, g: i32, h: i64, i: f32, j: f64, k: char, l: bool,
                m: String, n: Vec<u32>, o: Option<u8>, p: Color, q: Point,
            ) -> String {
                alloc::format!("{a} {b} {c} {d} {e} {f} {g} {h} {i} {j} {k} {l} {m} {n:?} {o:?} {p:?} {q:?}")
            }
        }
    };
}

echo! {
    bools: bool, bytes: u8, shorts: u16, words: u32, longs: u64, sbytes: i8, sshorts: i16, swords: i32, slongs: i64,
    floats: f32, doubles: f64, chars: char, text: String, blob: Vec<u8>, numbers: Vec<f64>, bool_list: Vec<bool>,
    char_list: Vec<char>, texts: Vec<String>, maybe: Option<String>, maybe_maybe: Option<Option<u8>>,
    outcome: Result<String, u32>, outcome_ok: Result<String, ()>, outcome_none: Result<(), ()>, pair: (u8, String),
    flat_pair: (u8, f32), points: Vec<Point>, colors: Vec<Color>, one_point: Point, one_mixed: Mixed, one_person: Person,
    people: Vec<Person>, one_empty: Empty, empties: Vec<Empty>, one_color: Color, one_access: Access, one_many: Many,
    one_shape: Shape, one_json: Json, one_expr: Expr, one_tree: Tree, one_folder: Folder, one_chain: Chain,
    one_link: Option<Box<Chain>>, table: BTreeMap<String, Vec<u8>>, quad: [u16; 4],
}

include!("besides.rs");
