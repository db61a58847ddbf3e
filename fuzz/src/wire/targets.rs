//! Rust types that messages are read as, on both roads.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::num::NonZeroU16;
use std::rc::Rc;
use std::sync::OnceLock;
use std::time::Duration;

use pack_abi::schema::Type;
use pack_abi::wire::Encoder;
use pack_abi::{Contract, DecodeError, Limits, decode, encode, schema_of};
use pack_runtime::view::View;
use pack_runtime::{GraphValue, GraphView, PackType};

/// A value of some Rust type.
pub(super) trait Written {
    fn written(&self) -> Vec<u8>;
}

impl<T: GraphValue> Written for T {
    fn written(&self) -> Vec<u8> {
        encode(self).unwrap()
    }
}

pub(super) type Read = Result<Box<dyn Written>, DecodeError>;

pub(super) struct Target {
    pub(super) name: &'static str,
    pub(super) contract: Contract,
    pub(super) ty: Type,
    pub(super) read: fn(&[u8], Limits) -> Read,
    /// Checks the message, and takes the value out of it.
    pub(super) view: fn(&[u8], Limits) -> Read,
    /// Checks the message, and writes the value from where it lies.
    pub(super) pass_on: fn(&[u8], Limits) -> Result<Vec<u8>, DecodeError>,
}

fn target<T: GraphView>() -> Target {
    let (contract, ty) = schema_of::<T>().unwrap();
    Target {
        name: std::any::type_name::<T>(),
        contract,
        ty,
        read: |message, limits| Ok(Box::new(decode::<T>(message, limits)?)),
        view: |message, limits| {
            let view = View::<T>::new(message, limits)?;
            let _ = format!("{view:?}");
            Ok(Box::new(view.to_owned()))
        },
        pass_on: |message, limits| {
            let view = View::<T>::new(message, limits)?;
            let mut encoder = Encoder::new(Vec::new(), Limits::DEFAULT);
            T::encode_view(view.get(), &mut encoder);
            Ok(encoder.finish().unwrap())
        },
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

#[derive(GraphValue, GraphView, PackType)]
enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    Array(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

#[derive(GraphValue, GraphView, PackType)]
struct Point {
    x: u16,
    y: i16,
}

#[derive(Clone, Copy, Debug, GraphValue, GraphView, PackType)]
enum Color {
    Red,
    Green,
    Blue,
}

#[derive(GraphValue, GraphView, PackType)]
enum Shape {
    Nothing,
    Circle(Vec<char>),
    Named {
        name: Result<String, Color>,
        at: Point,
    },
}

#[derive(GraphValue, GraphView, PackType)]
struct Item {
    name: String,
    sold: bool,
    letter: char,
    color: Color,
    place: Option<Point>,
    pair: (u8, Option<String>),
}

#[derive(GraphValue, GraphView, PackType)]
struct Basket {
    items: Vec<Item>,
    stock: BTreeMap<u8, String>,
    codes: BTreeSet<u16>,
    grid: [Shape; 2],
}

#[derive(GraphValue, GraphView, PackType)]
struct Tree {
    value: bool,
    children: Vec<Tree>,
}

#[derive(GraphValue, GraphView, PackType)]
enum Expr {
    Literal(i8),
    Binary(Box<Binary>),
}

#[derive(GraphValue, GraphView, PackType)]
struct Binary {
    op: Color,
    left: Expr,
    right: Expr,
}

#[derive(GraphValue, GraphView, PackType)]
#[pack(rename = "fork")]
enum RcFork {
    Leaf(u8),
    Fork(Rc<RcFork>, Rc<RcFork>),
}

#[derive(GraphValue, GraphView, PackType)]
#[pack(rename = "fork")]
enum BoxFork {
    Leaf(u8),
    Fork(Box<BoxFork>, Box<BoxFork>),
}

#[derive(GraphValue, GraphView, PackType)]
struct Numbers {
    small: Vec<(u8, i8, u16, i16)>,
    large: Vec<(u32, i32, u64, i64)>,
    floats: Vec<(f32, f64)>,
    points: Vec<Point>,
}

#[derive(GraphValue, GraphView, PackType)]
struct Empty {}
