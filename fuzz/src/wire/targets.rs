//! Rust types that messages are read as, on both roads.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::num::NonZeroU16;
use std::rc::Rc;
use std::sync::OnceLock;
use std::time::Duration;

use pack_abi::schema::Type;
use pack_abi::{Contract, DecodeError, GraphValue, Limits, PackType, decode, encode, schema_of};

/// A value of some Rust type.
pub(super) trait Written {
    fn written(&self) -> Vec<u8>;
}

impl<T: GraphValue> Written for T {
    fn written(&self) -> Vec<u8> {
        encode(self).unwrap()
    }
}

type Read = Result<Box<dyn Written>, DecodeError>;

pub(super) struct Target {
    pub(super) name: &'static str,
    pub(super) contract: Contract,
    pub(super) ty: Type,
    pub(super) read: fn(&[u8], Limits) -> Read,
}

fn target<T: GraphValue + PackType + 'static>() -> Target {
    let (contract, ty) = schema_of::<T>().unwrap();
    Target {
        name: std::any::type_name::<T>(),
        contract,
        ty,
        read: |message, limits| Ok(Box::new(decode::<T>(message, limits)?)),
    }
}

/// What is found in a corpus goes by positions: new ones are added at the end.
pub(super) fn targets() -> &'static [Target] {
    static TARGETS: OnceLock<Vec<Target>> = OnceLock::new();
    TARGETS.get_or_init(|| {
        vec![
            target::<Json>(),
            target::<Basket>(),
            target::<Tree>(),
            target::<Vec<Expr>>(),
            target::<Vec<RcFork>>(),
            target::<Vec<BoxFork>>(),
            target::<Numbers>(),
            target::<Vec<BTreeMap<u8, Tree>>>(),
            target::<HashMap<String, Option<Duration>>>(),
            target::<BTreeSet<String>>(),
            target::<Vec<NonZeroU16>>(),
            target::<Vec<Result<Option<char>, ()>>>(),
            target::<[Option<Rc<RcFork>>; 3]>(),
            target::<Vec<[Empty; 4]>>(),
            target::<Vec<u64>>(),
            target::<String>(),
        ]
    })
}

#[derive(pack_runtime::GraphValue, pack_runtime::PackType)]
enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    Array(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

#[derive(pack_runtime::GraphValue, pack_runtime::PackType)]
struct Point {
    x: u16,
    y: i16,
}

#[derive(pack_runtime::GraphValue, pack_runtime::PackType)]
enum Color {
    Red,
    Green,
    Blue,
}

#[derive(pack_runtime::GraphValue, pack_runtime::PackType)]
enum Shape {
    Nothing,
    Circle(Vec<char>),
    Named {
        name: Result<String, Color>,
        at: Point,
    },
}

#[derive(pack_runtime::GraphValue, pack_runtime::PackType)]
struct Item {
    name: String,
    sold: bool,
    letter: char,
    color: Color,
    place: Option<Point>,
    pair: (u8, Option<String>),
}

#[derive(pack_runtime::GraphValue, pack_runtime::PackType)]
struct Basket {
    items: Vec<Item>,
    stock: BTreeMap<u8, String>,
    codes: BTreeSet<u16>,
    grid: [Shape; 2],
}

#[derive(pack_runtime::GraphValue, pack_runtime::PackType)]
struct Tree {
    value: bool,
    children: Vec<Tree>,
}

#[derive(pack_runtime::GraphValue, pack_runtime::PackType)]
enum Expr {
    Literal(i8),
    Binary(Box<Binary>),
}

#[derive(pack_runtime::GraphValue, pack_runtime::PackType)]
struct Binary {
    op: Color,
    left: Expr,
    right: Expr,
}

#[derive(pack_runtime::GraphValue, pack_runtime::PackType)]
#[pack(rename = "fork")]
enum RcFork {
    Leaf(u8),
    Fork(Rc<RcFork>, Rc<RcFork>),
}

#[derive(pack_runtime::GraphValue, pack_runtime::PackType)]
#[pack(rename = "fork")]
enum BoxFork {
    Leaf(u8),
    Fork(Box<BoxFork>, Box<BoxFork>),
}

#[derive(pack_runtime::GraphValue, pack_runtime::PackType)]
struct Numbers {
    small: Vec<(u8, i8, u16, i16)>,
    large: Vec<(u32, i32, u64, i64)>,
    floats: Vec<(f32, f64)>,
    points: Vec<Point>,
}

#[derive(pack_runtime::GraphValue, pack_runtime::PackType)]
struct Empty {}
