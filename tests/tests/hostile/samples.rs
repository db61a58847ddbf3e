//! Types to attack, and messages of them, whole and damaged.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::rc::Rc;

use pack_abi::schema::{Contract, Type};
use pack_abi::value::{decode_value, encode_value, read_value};
use pack_abi::{
    DecodeError, Decoder, GraphValue, Limits, PackType, Value, decode, encode, schema_of,
};

use crate::common::random::Choices;
use crate::cost::{Cost, cost};

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
pub(crate) struct Point {
    pub(crate) x: u16,
    pub(crate) y: u16,
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) sold: bool,
    pub(crate) letter: char,
    pub(crate) color: Color,
    pub(crate) place: Option<Point>,
    pub(crate) pair: (u8, Option<String>),
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
pub(crate) enum Color {
    Red,
    Green,
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
pub(crate) enum Shape {
    Nothing,
    Circle(Vec<char>),
    Named(Result<String, Color>),
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
pub(crate) struct Basket {
    pub(crate) items: Vec<Item>,
    pub(crate) stock: BTreeMap<u8, String>,
    pub(crate) grid: [Shape; 2],
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
pub(crate) struct Empty {}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
pub(crate) struct Tree {
    pub(crate) value: bool,
    pub(crate) children: Vec<Tree>,
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
pub(crate) enum Expr {
    Literal(i8),
    Binary(Box<Binary>),
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
pub(crate) struct Binary {
    pub(crate) op: Color,
    pub(crate) left: Expr,
    pub(crate) right: Expr,
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
#[pack(rename = "fork")]
pub(crate) enum RcFork {
    Leaf(u8),
    Fork(Rc<RcFork>, Rc<RcFork>),
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::GraphView, pack::PackType)]
#[pack(rename = "fork")]
pub(crate) enum BoxFork {
    Leaf(u8),
    Fork(Box<BoxFork>, Box<BoxFork>),
}

pub(crate) type Rewritten = Result<Vec<u8>, DecodeError>;

/// A Rust type to attack, with messages to start from.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) contract: Contract,
    pub(crate) ty: Type,
    pub(crate) messages: Vec<Vec<u8>>,
    /// Reads a message, says what it cost, and writes the value again.
    pub(crate) typed: fn(&[u8]) -> (Rewritten, Cost),
}

pub(crate) fn target<T: GraphValue + PackType>(samples: &[T]) -> Target {
    let (contract, ty) = schema_of::<T>().unwrap();
    Target {
        name: std::any::type_name::<T>(),
        contract,
        ty,
        messages: samples
            .iter()
            .map(|sample| encode(sample).unwrap())
            .collect(),
        typed: |message| {
            let (outcome, cost) = cost(|| decode::<T>(message, Limits::DEFAULT));
            (outcome.map(|value| encode(&value).unwrap()), cost)
        },
    }
}

pub(crate) fn item(at: u8) -> Item {
    Item {
        name: format!("item {at} ✓"),
        sold: at.is_multiple_of(2),
        letter: 'ß',
        color: Color::Green,
        place: Some(Point { x: 1, y: 2 }),
        pair: (at, Some("x".into())),
    }
}

pub(crate) fn basket() -> Basket {
    Basket {
        items: (0..4).map(item).collect(),
        stock: BTreeMap::from([(1, "one".into()), (2, String::new())]),
        grid: [Shape::Circle(vec!['a', 'ß']), Shape::Named(Err(Color::Red))],
    }
}

pub(crate) fn targets() -> Vec<Target> {
    let json = Json::Object(vec![
        (
            "k".into(),
            Json::Array(vec![Json::Null, Json::Bool(true), Json::Array(vec![])]),
        ),
        ("ü".into(), Json::Text("grüße".into())),
    ]);
    let leaf = Tree {
        value: true,
        children: vec![],
    };
    let tree = Tree {
        value: false,
        children: vec![
            leaf.clone(),
            Tree {
                value: true,
                children: vec![leaf],
            },
        ],
    };
    let binary = |left, right| {
        Expr::Binary(Box::new(Binary {
            op: Color::Red,
            left,
            right,
        }))
    };
    let shared = Rc::new(RcFork::Leaf(7));
    let shared = Rc::new(RcFork::Fork(shared.clone(), shared));
    let boxed = |value| Box::new(BoxFork::Leaf(value));
    vec![
        target(&[vec![1_u8, 2, 3], vec![]]),
        target(&[vec![1_u64, u64::MAX]]),
        target(&[vec![true, false]]),
        target(&["grüße, 世界".to_owned()]),
        target(&[vec!["a".to_owned(), "ß".into(), String::new()]]),
        target(&[vec![Point { x: 1, y: 2 }; 5]]),
        target(&[
            Some(Ok::<Option<char>, String>(Some('a'))),
            Some(Err("e".into())),
            None,
        ]),
        target(&[["a".to_owned(), "bc".into()]]),
        target(&[BTreeMap::from([
            ("a".to_owned(), vec![1_u16]),
            ("b".into(), vec![]),
        ])]),
        target(&[BTreeSet::from([1_u16, 2, 700])]),
        target(&[vec![BTreeMap::from([(1_u8, 2_u8), (3, 4)]); 2]]),
        target(&[basket()]),
        target(&[json.clone(), Json::Array(vec![json; 3])]),
        target(&[tree]),
        target(&[binary(
            Expr::Literal(1),
            binary(Expr::Literal(2), Expr::Literal(3)),
        )]),
        target(&[RcFork::Fork(shared.clone(), shared)]),
        target(&[BoxFork::Fork(
            boxed(1),
            Box::new(BoxFork::Fork(boxed(2), boxed(3))),
        )]),
    ]
}

/// Damages a message in one to three ways.
pub(crate) fn damage(choices: &mut Choices, message: &[u8]) -> Vec<u8> {
    let mut message = message.to_vec();
    for _ in 0..=choices.below(3) {
        let at = choices.below(message.len() + 1);
        let length = u32::try_from(message.len()).unwrap();
        match choices.below(9) {
            0 => message.truncate(at),
            1 => message.insert(at, choices.byte()),
            2 => message.extend(choices.bytes::<3>()),
            3 => {
                let end = (at + choices.below(6)).min(message.len());
                message.drain(at..end);
            }
            // A number in a place where a count, length or offset may be.
            4 | 5 => {
                let near = u32::from(choices.byte());
                let number =
                    *choices.pick(&[u32::MAX, 1 << 31, i32::MAX.cast_unsigned(), length, near]);
                let end = (at + 4).min(message.len());
                message.splice(at..end, number.to_le_bytes());
            }
            // A back reference.
            6 => {
                let target = u32::from(choices.byte()) % (length + 2);
                let end = (at + choices.below(6)).min(message.len());
                message.splice(at..end, [0xff].into_iter().chain(target.to_le_bytes()));
            }
            7 if at < message.len() => {
                message[at] = *choices.pick(&[0, 1, 2, 0x7f, 0x80, 0xfe, 0xff])
            }
            _ if at < message.len() => message[at] ^= 1 << choices.below(8),
            _ => {}
        }
    }
    message
}

/// One value, one form: what was read without back references is written as it was.
pub(crate) fn check_canonical(contract: &Contract, ty: Type, message: &[u8], value: &Value) {
    let mut as_tree = Decoder::new(message, Limits::DEFAULT);
    let written = encode_value(contract, ty, value, Limits::DEFAULT).unwrap();
    if read_value(contract, ty, &mut as_tree).is_ok() {
        assert_eq!(written, message);
    } else {
        assert!(
            written.len() >= message.len() - 4,
            "{written:?} {message:?}"
        );
    }
}

/// Typed and dynamic, the same words.
pub(crate) fn check_refused<T: GraphValue + PackType + Debug>(message: &[u8], words: &str) {
    let error = decode::<T>(message, Limits::DEFAULT).unwrap_err();
    assert_eq!(error.to_string(), words, "typed");
    let (contract, ty) = schema_of::<T>().unwrap();
    let error = decode_value(&contract, ty, message, Limits::DEFAULT).unwrap_err();
    assert_eq!(error.to_string(), words, "dynamic");
}

macro_rules! refused {
    ($($ty:ty: $message:literal => $words:literal;)*) => {
        $($crate::samples::check_refused::<$ty>(&$crate::common::hex($message), $words);)*
    };
}
pub(crate) use refused;
