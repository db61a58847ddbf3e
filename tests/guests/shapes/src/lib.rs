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
    flat_pair: (u8, f32), points: Vec<Point>, one_point: Point, one_mixed: Mixed, one_person: Person,
    people: Vec<Person>, one_empty: Empty, empties: Vec<Empty>, one_color: Color, one_access: Access, one_many: Many,
    one_shape: Shape, one_json: Json, one_expr: Expr, one_tree: Tree, one_folder: Folder, one_chain: Chain,
    one_link: Option<Box<Chain>>, table: BTreeMap<String, Vec<u8>>, quad: [u16; 4],
}

#[pack::export]
impl Callback for Guest {
    fn no_result(text: String) {
        host::no_result(&text);
    }

    fn sum(values: Vec<u32>) -> u64 {
        host::sum(&values)
    }

    fn flat(point: Point, color: Color) -> Color {
        host::flat(point, color)
    }

    fn nested(value: Json, person: Option<Person>) -> Json {
        host::nested(&value, person.as_ref())
    }

    fn repeat(text: String, times: u32) -> String {
        host::repeat(&text, times)
    }
}

#[pack::export]
impl Trouble for Guest {
    fn panic(message: String) {
        panic!("{message}");
    }

    fn index_out_of_bounds(at: u32) -> u32 {
        let numbers = [1, 2, 3];
        numbers[at as usize]
    }

    fn overflow_stack(depth: u32) -> u32 {
        let room = core::hint::black_box([depth; 256]);
        if depth == 0 {
            0
        } else {
            Self::overflow_stack(depth - 1) + room[3]
        }
    }

    fn fail() -> Result<u32, String> {
        Err("as asked".into())
    }

    fn deep(depth: u32) -> Vec<u8> {
        let mut value = Json::Null;
        for _ in 0..depth {
            value = Json::Array(alloc::vec![value]);
        }
        let returned = host::nested(&value, None);
        alloc::vec![u8::from(returned == value)]
    }
}

#[pack::export]
fn add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

#[pack::export]
fn greet(name: String) -> String {
    alloc::format!("Hello, {name}!")
}

#[pack::export]
fn through_world_level(value: u32) -> u32 {
    world_level(value)
}
