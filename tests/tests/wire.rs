//! The bytes of every type, written out by hand.

mod common;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::rc::Rc;
use std::sync::Arc;

use common::{Table, case, hex, labels, to_hex, variant};
use pack_abi::schema::{Type, TypeKind};
use pack_abi::value::{decode_value, encode_value};
use pack_abi::{
    Contract, DecodeErrorKind, GraphValue, Limits, PackType, Value, decode, encode, schema_of,
};

/// Typed and dynamic, in both directions: one form.
fn check<T: GraphValue + PackType + PartialEq + Debug>(value: &T, golden: &str) {
    let bytes = hex(golden);
    assert_eq!(to_hex(&encode(value).unwrap()), to_hex(&bytes), "{value:?}");
    assert_eq!(decode::<T>(&bytes, Limits::DEFAULT).as_ref(), Ok(value));
    let (contract, ty) = schema_of::<T>().unwrap();
    check_dynamic(&contract, ty, None, &bytes);
}

/// The dynamic road reads the bytes, as the value if one is given, and writes the same again.
fn check_dynamic(contract: &Contract, ty: Type, value: Option<Value>, bytes: &[u8]) {
    let read = decode_value(contract, ty, bytes, Limits::DEFAULT).unwrap();
    if let Some(value) = value {
        assert_eq!(read, value);
    }
    let written = encode_value(contract, ty, &read, Limits::DEFAULT).unwrap();
    assert_eq!(to_hex(&written), to_hex(bytes), "{read:?}");
}

macro_rules! golden {
    ($($value:expr => $bytes:literal;)*) => {
        $(check(&$value, $bytes);)*
    };
}

#[test]
fn scalars_travel_at_their_width_little_endian() {
    golden! {
        false => "00";
        true => "01";
        0_u8 => "00";
        u8::MAX => "ff";
        0x0102_u16 => "0201";
        u16::MAX => "ffff";
        0x0102_0304_u32 => "04030201";
        u32::MAX => "ffffffff";
        0x0102_0304_0506_0708_u64 => "0807060504030201";
        u64::MAX => "ffffffffffffffff";
        -1_i8 => "ff";
        i8::MIN => "80";
        i8::MAX => "7f";
        -2_i16 => "feff";
        i16::MIN => "0080";
        -2_i32 => "feffffff";
        i32::MIN => "00000080";
        -2_i64 => "feffffffffffffff";
        i64::MIN => "0000000000000080";
        i64::MAX => "ffffffffffffff7f";
        1.5_f32 => "0000c03f";
        f32::MIN_POSITIVE => "00008000";
        f32::NEG_INFINITY => "000080ff";
        1.5_f64 => "000000000000f83f";
        f64::MAX => "ffffffffffffef7f";
        f64::INFINITY => "000000000000f07f";
        '\0' => "00000000";
        'a' => "61000000";
        '\u{d7ff}' => "ffd70000";
        '\u{10ffff}' => "ffff1000";
    }
}

/// NaN is equal to nothing, and -0 to 0: their bits are compared.
#[test]
fn floats_keep_their_bits() {
    for bits in [0x8000_0000, 0x7fc0_0000, 0x7f80_0001, 0xffff_ffff_u32] {
        let bytes = encode(&f32::from_bits(bits)).unwrap();
        assert_eq!(bytes, bits.to_le_bytes());
        let read: f32 = decode(&bytes, Limits::DEFAULT).unwrap();
        assert_eq!(read.to_bits(), bits);
        check_dynamic(&Table::new().contract(), Type::F32, None, &bytes);
    }
    for bits in [
        1 << 63,
        0x7ff8_0000_0000_0000,
        0x7ff0_0000_0000_0001,
        u64::MAX,
    ] {
        let bytes = encode(&f64::from_bits(bits)).unwrap();
        assert_eq!(bytes, bits.to_le_bytes());
        let read: f64 = decode(&bytes, Limits::DEFAULT).unwrap();
        assert_eq!(read.to_bits(), bits);
        check_dynamic(&Table::new().contract(), Type::F64, None, &bytes);
    }
}

#[test]
fn text_and_collections_are_counted() {
    golden! {
        String::new() => "00000000";
        "abc".to_owned() => "03000000 'abc'";
        "grüße".to_owned() => "07000000 'gr' c3bc c39f 'e' (bytes, not characters)";
        Cow::Borrowed("abc") => "03000000 'abc'";
        Vec::<u8>::new() => "00000000";
        vec![1_u8, 255] => "02000000 01 ff";
        vec![1_u16, 0x0203] => "02000000 0100 0302";
        vec![-1_i64] => "01000000 ffffffffffffffff";
        vec![1.5_f32] => "01000000 0000c03f";
        vec![true, false] => "02000000 01 00";
        vec!['a'] => "01000000 61000000";
        vec!["a".to_owned(), String::new()] => "02000000 01000000 'a' 00000000";
        vec![vec![1_u8], vec![]] => "02000000 01000000 01 00000000";
        vec![(), (), ()] => "03000000 (three times nothing)";
        BTreeSet::from([3_u8, 1, 2]) => "03000000 01 02 03";
        BTreeMap::<String, u32>::new() => "00000000";
        BTreeMap::from([("b".to_owned(), 2_u32), ("a".to_owned(), 1)])
            => "02000000 01000000 'a' 01000000 01000000 'b' 02000000";
        BTreeMap::from([(7_u8, vec![1_u16])]) => "01000000 07 01000000 0100";
        [1_u16, 2, 3] => "0100 0200 0300 (no count)";
        ["a".to_owned(), "b".to_owned()] => "01000000 'a' 01000000 'b'";
        [[1_u8, 2], [3, 4]] => "01 02 03 04";
        [true; 2] => "01 01";
        [0_u8; 0] => "";
        vec![[1_u8, 2], [3, 4]] => "02000000 01 02 03 04";
    }
}

#[test]
fn options_and_results_have_one_byte() {
    golden! {
        None::<u32> => "00";
        Some(1_u32) => "01 01000000";
        Some(None::<u8>) => "01 00";
        Some(Some(9_u8)) => "01 01 09";
        Some(()) => "01";
        Some("a".to_owned()) => "01 01000000 'a'";
        Ok::<u8, String>(7) => "00 07";
        Err::<u8, String>("e".into()) => "01 01000000 'e'";
        Ok::<(), ()>(()) => "00";
        Err::<(), ()>(()) => "01";
        Ok::<(), u16>(()) => "00";
        Err::<(), u16>(2) => "01 0200";
        Ok::<u16, ()>(2) => "00 0200";
        Err::<u16, ()>(()) => "01";
        Ok::<Result<u8, ()>, ()>(Err(())) => "00 01";
        vec![Some(1_u8), None] => "02000000 01 01 00";
    }
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
struct Point {
    x: f64,
    y: f64,
}

#[derive(Debug, PartialEq, pack::GraphValue, pack::PackType)]
struct Person {
    id: u8,
    #[pack(rename = "call-me")]
    name: String,
    home: Point,
    away: Option<Point>,
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
struct Empty {}

#[derive(Debug, PartialEq, pack::GraphValue, pack::PackType)]
struct Unit;

#[derive(Debug, PartialEq, pack::GraphValue, pack::PackType)]
struct Meters(u16);

#[derive(Debug, PartialEq, pack::GraphValue, pack::PackType)]
struct Pair<A, B>(A, B);

#[derive(Debug, PartialEq, pack::GraphValue, pack::PackType)]
struct Named<T> {
    name: String,
    value: T,
}

#[test]
fn tuples_and_records_are_their_parts() {
    let point = Point { x: 1.0, y: -2.0 };
    golden! {
        () => "";
        (7_u8,) => "07";
        (1_u8, 2_u16, "a".to_owned()) => "01 0200 01000000 'a'";
        (1_u8, 2_u8, 3_u8, 4_u8, 5_u8, 6_u8, 7_u8, 8_u8, 9_u8, 10_u8, 11_u8, 12_u8) => "0102030405060708090a0b0c";
        ((1_u8, (2_u8,)), ()) => "01 02";
        Empty {} => "";
        Unit => "";
        vec![Empty {}; 2] => "02000000";
        Meters(5) => "0500 (a newtype is what it holds)";
        vec![Meters(5)] => "01000000 0500";
        Pair(1_u8, "a".to_owned()) => "01 01000000 'a'";
        Named { name: "n".into(), value: vec![Meters(1)] } => "01000000 'n' 01000000 0100";
        point.clone() => "000000000000f03f 00000000000000c0";
        Person { id: 1, name: "Al".into(), home: point.clone(), away: None }
            => "01 02000000 'Al' 000000000000f03f 00000000000000c0 00";
        Person { id: 1, name: String::new(), home: point.clone(), away: Some(point.clone()) }
            => "01 00000000 000000000000f03f 00000000000000c0 01 000000000000f03f 00000000000000c0";
    }
}

#[derive(Debug, PartialEq, pack::GraphValue, pack::PackType)]
struct Packed {
    tag: u8,
    at: (u16, Meters),
    color: [u8; 3],
}

#[derive(Debug, PartialEq, pack::GraphValue, pack::PackType)]
struct Padded {
    tag: u8,
    number: u32,
}

#[derive(Debug, PartialEq, pack::GraphValue, pack::PackType)]
struct Nested {
    points: [Point; 2],
    meters: (u64, Meters64),
}

#[derive(Debug, PartialEq, pack::GraphValue, pack::PackType)]
struct Meters64(u64);

#[derive(Debug, PartialEq, pack::GraphValue, pack::PackType)]
struct Noted {
    number: u32,
    #[pack(skip)]
    note: u32,
}

#[derive(Debug, PartialEq, pack::GraphValue, pack::PackType)]
struct Doubtful {
    number: u8,
    is_sure: bool,
}

#[derive(Debug, PartialEq, pack::GraphValue, pack::PackType)]
#[repr(align(32))]
struct Spacious([u64; 4]);

/// Lists of what has a fixed width move in one piece; the bytes are the same as one by one.
#[test]
fn lists_of_fixed_width_have_no_padding() {
    use pack_abi::Encode;
    assert_eq!((Point::FIXED, Packed::FIXED), (Some(16), Some(8)));
    let plain = [
        (Point::PLAIN.is_some(), true),
        (Nested::PLAIN.is_some(), true),
        (<[Nested; 3]>::PLAIN.is_some(), true),
        (<(u32, f32)>::PLAIN.is_some(), true),
        (Padded::PLAIN.is_some(), false),
        (Noted::PLAIN.is_some(), false),
        (Doubtful::PLAIN.is_some(), false),
        (<(u8, u16)>::PLAIN.is_some(), false),
        (<(bool, u8)>::PLAIN.is_some(), false),
        (<[Nested; 0]>::PLAIN.is_some(), false),
        (Empty::PLAIN.is_some(), false),
    ];
    for (at, (found, expected)) in plain.into_iter().enumerate() {
        assert_eq!(found, expected && cfg!(target_endian = "little"), "{at}");
    }
    // Whether slices have to be read: if not plain, or if more aligned than arguments are.
    fn is_read<T: GraphValue>() -> [bool; 2] {
        use pack_abi::view::{ListForm, Sliced, SlicedMut};
        [
            <Sliced as ListForm<T>>::IS_READ,
            <SlicedMut as ListForm<T>>::IS_READ,
        ]
    }
    assert_eq!(is_read::<Point>(), [false; 2]);
    assert_eq!(is_read::<Padded>(), [true; 2]);
    assert!(Spacious::PLAIN.is_some());
    assert_eq!(is_read::<Spacious>(), [true; 2]);
    let nested = |number| Nested {
        points: [Point { x: 0.0, y: 1.0 }, Point { x: 1.0, y: 0.0 }],
        meters: (number, Meters64(3)),
    };
    let packed = |tag| Packed {
        tag,
        at: (2, Meters(3)),
        color: [4, 5, 6],
    };
    golden! {
        vec![Point { x: 0.0, y: 1.0 }, Point { x: 1.0, y: 0.0 }]
            => "02000000 0000000000000000 000000000000f03f 000000000000f03f 0000000000000000";
        vec![packed(1), packed(9)] => "02000000 01 0200 0300 040506 09 0200 0300 040506";
        [packed(1), packed(9)] => "01 0200 0300 040506 09 0200 0300 040506";
        vec![(1_u8, 2_u16); 2] => "02000000 01 0200 01 0200";
        vec![Padded { tag: 1, number: 2 }, Padded { tag: 3, number: 4 }]
            => "02000000 01 02000000 03 04000000";
        vec![Noted { number: 1, note: 0 }, Noted { number: 2, note: 0 }] => "02000000 01000000 02000000";
        vec![Doubtful { number: 9, is_sure: true }] => "01000000 09 01";
        vec![nested(1), nested(2)]
            => "02000000 0000000000000000 000000000000f03f 000000000000f03f 0000000000000000 0100000000000000
                0300000000000000 0000000000000000 000000000000f03f 000000000000f03f 0000000000000000
                0200000000000000 0300000000000000";
    }
    // A bool has patterns that are no values: it is read with care.
    assert_eq!(<(bool, u8)>::FIXED, None);
}

#[derive(Debug, PartialEq, pack::GraphValue, pack::PackType)]
enum Shape {
    Nothing,
    Circle(f32),
    Polygon(Vec<Point>),
    Labelled(String, Color),
    #[pack(rename = "a-unit")]
    Unit(()),
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
enum Color {
    Red,
    Green,
}

#[test]
fn variants_and_enums_have_a_discriminant() {
    golden! {
        Color::Red => "00";
        Color::Green => "01";
        vec![Color::Green; 3] => "03000000 01 01 01";
        Shape::Nothing => "00";
        Shape::Circle(1.5) => "01 0000c03f";
        Shape::Polygon(vec![]) => "02 00000000";
        Shape::Labelled("a".into(), Color::Green) => "03 01000000 'a' 01";
        Shape::Unit(()) => "04";
    }
}

pack_runtime::bindgen!({ inline: "
    package test:wire;
    interface types {
        flags one { a }
        flags eight { a, b, c, d, e, f, g, h }
        flags nine { a, b, c, d, e, f, g, h, i }
        flags seventy {
            b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15, b16, b17, b18, b19, b20, b21,
            b22, b23, b24, b25, b26, b27, b28, b29, b30, b31, b32, b33, b34, b35, b36, b37, b38, b39, b40, b41,
            b42, b43, b44, b45, b46, b47, b48, b49, b50, b51, b52, b53, b54, b55, b56, b57, b58, b59, b60, b61,
            b62, b63, b64, b65, b66, b67, b68, b69,
        }
    }
    world wire { use types.{one, eight, nine, seventy}; }
" });

#[test]
fn flags_take_the_least_bytes() {
    use test::wire::types::{Eight, Nine, One, Seventy};
    golden! {
        One::empty() => "00";
        One::A => "01";
        Eight::all() => "ff";
        Eight::B | Eight::H => "82";
        Nine::H => "80 00";
        Nine::I => "00 01";
        Nine::all() => "ff 01";
        Seventy::B0 | Seventy::B8 | Seventy::B69 => "01 01 00 00 00 00 00 00 20";
        Seventy::all() => "ffffffffffffffff 3f";
    }
    // No flags take no bytes; any number of them works by name, also more than Rust has bits for.
    for (count, set, golden) in [
        (0, vec![], ""),
        (1, vec![0], "01"),
        (70, vec![0, 8, 69], "01 01 00 00 00 00 00 00 20"),
        (130, vec![129], "00000000 00000000 00000000 00000000 02"),
    ] {
        let mut table = Table::new();
        let ty = table.named("many", TypeKind::Flags(labels("b", count)));
        let value = Value::Flags(set.into_iter().map(|at| format!("b{at}")).collect());
        check_dynamic(&table.contract(), ty, Some(value), &hex(golden));
    }
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
enum Json {
    Null,
    Bool(bool),
    Array(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
struct Tree {
    value: u16,
    children: Vec<Tree>,
}

#[derive(Debug, PartialEq, pack::GraphValue, pack::PackType)]
struct Chain {
    next: Option<Box<Chain>>,
    value: u8,
}

#[derive(Debug, PartialEq, pack::GraphValue, pack::PackType)]
#[pack(recursive)]
enum Expr {
    Literal(i8),
    Binary(Box<Binary>),
    Call(Result<Box<Expr>, ()>, [Box<Expr>; 1]),
}

#[derive(Debug, PartialEq, pack::GraphValue, pack::PackType)]
#[pack(recursive)]
struct Binary {
    op: char,
    sides: (Expr, Expr),
}

/// Every record and variant on a cycle has a head: for a record one byte, 0.
#[test]
fn recursive_types_have_a_node_head() {
    let leaf = |value| Tree {
        value,
        children: vec![],
    };
    let chain = Chain {
        next: Some(Box::new(Chain {
            next: None,
            value: 2,
        })),
        value: 1,
    };
    let binary = Binary {
        op: '+',
        sides: (Expr::Literal(1), Expr::Literal(-1)),
    };
    golden! {
        Json::Null => "00";
        Json::Array(vec![Json::Bool(true), Json::Null]) => "02 02000000 (case, count) 01 01 00";
        Json::Object(BTreeMap::from([("k".into(), Json::Array(vec![]))])) => "03 01000000 01000000 'k' 02 00000000";
        Tree { value: 1, children: vec![leaf(2), leaf(3)] }
            => "00 0100 02000000 (head, value, count) 00 0200 00000000 00 0300 00000000";
        chain => "00 01 00 00 02 01 (head, some, head, none, 2, 1)";
        Expr::Literal(-1) => "00 ff";
        Expr::Binary(Box::new(binary)) => "01 00 2b000000 00 01 00 ff (case, head, op, sides)";
        Expr::Call(Ok(Box::new(Expr::Literal(1))), [Box::new(Expr::Literal(2))]) => "02 00 00 01 00 02";
        Expr::Call(Err(()), [Box::new(Expr::Literal(2))]) => "02 01 00 02";
    }
}

macro_rules! shared_tree {
    ($name:ident, $pointer:ident) => {
        #[derive(Debug, PartialEq, pack::GraphValue, pack::PackType)]
        #[pack(rename = "tree")]
        enum $name {
            Leaf(u8),
            Fork($pointer<$name>, $pointer<$name>),
        }

        impl $name {
            fn sides(&self) -> (&$pointer<Self>, &$pointer<Self>) {
                match self {
                    Self::Fork(left, right) => (left, right),
                    Self::Leaf(_) => panic!("a leaf"),
                }
            }

            fn check_sharing() {
                let leaf = $pointer::new(Self::Leaf(7));
                let inner = $pointer::new(Self::Fork(leaf.clone(), leaf));
                let graph = Self::Fork(inner.clone(), inner);
                let golden = "01 01 00 07 (fork, fork at 1, leaf at 2) ff 02000000 ff 01000000";
                assert_eq!(to_hex(&encode(&graph).unwrap()), to_hex(&hex(golden)));
                let read: Self = decode(&hex(golden), Limits::DEFAULT).unwrap();
                assert_eq!(read, graph);
                let (left, right) = read.sides();
                assert!($pointer::ptr_eq(left, right), "the inner fork is shared");
                let (left, right) = left.sides();
                assert!($pointer::ptr_eq(left, right), "the leaf is shared");
                // Without sharing it is a tree, which is the same value.
                let tree = "01 01 00 07 00 07 01 00 07 00 07";
                assert_eq!(decode::<Self>(&hex(tree), Limits::DEFAULT), Ok(graph));
                let (contract, ty) = schema_of::<Self>().unwrap();
                let value = decode_value(&contract, ty, &hex(golden), Limits::DEFAULT).unwrap();
                check_dynamic(&contract, ty, Some(value), &hex(tree));
            }
        }
    };
}

shared_tree!(RcTree, Rc);
shared_tree!(ArcTree, Arc);

#[derive(Debug, PartialEq, pack::GraphValue, pack::PackType)]
#[pack(rename = "tree")]
enum BoxTree {
    Leaf(u8),
    Fork(Box<BoxTree>, Box<BoxTree>),
}

#[test]
fn shared_subtrees_are_written_once() {
    RcTree::check_sharing();
    ArcTree::check_sharing();
    let bytes = hex("01 00 07 ff 01000000");
    let fork = BoxTree::Fork(Box::new(BoxTree::Leaf(7)), Box::new(BoxTree::Leaf(7)));
    assert_eq!(
        decode::<BoxTree>(&bytes, Limits::DEFAULT),
        Ok(fork),
        "what has one owner gets a copy"
    );
}

/// The head of a back reference is all ones at the width of the type, and its offset counts from the start
/// of the message, whatever the sink held before.
#[test]
fn back_references_count_from_the_start_of_the_message() {
    let shared = Rc::new(RcTree::Leaf(7));
    let value = (0x55_u8, RcTree::Fork(shared.clone(), shared));
    let bytes = pack_abi::wire::encode_into(vec![0xee; 9], Limits::DEFAULT, &value).unwrap();
    assert_eq!(to_hex(&bytes[9..]), to_hex(&hex("55 01 00 07 ff 02000000")));
}

/// 253 cases without a payload, between others.
macro_rules! wide {
    ($($name:ident { $($first:ident),* } { $($last:ident $(($payload:ty))?),* };)*) => {
        $(wide! { @one $name [$($first)*] [$($last $(($payload))?,)*]
            A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 B0 B1 B2 B3 B4 B5 B6 B7 B8 B9 C0 C1 C2 C3 C4 C5 C6 C7 C8 C9
            D0 D1 D2 D3 D4 D5 D6 D7 D8 D9 E0 E1 E2 E3 E4 E5 E6 E7 E8 E9 F0 F1 F2 F3 F4 F5 F6 F7 F8 F9
            G0 G1 G2 G3 G4 G5 G6 G7 G8 G9 H0 H1 H2 H3 H4 H5 H6 H7 H8 H9 I0 I1 I2 I3 I4 I5 I6 I7 I8 I9
            J0 J1 J2 J3 J4 J5 J6 J7 J8 J9 K0 K1 K2 K3 K4 K5 K6 K7 K8 K9 L0 L1 L2 L3 L4 L5 L6 L7 L8 L9
            M0 M1 M2 M3 M4 M5 M6 M7 M8 M9 N0 N1 N2 N3 N4 N5 N6 N7 N8 N9 O0 O1 O2 O3 O4 O5 O6 O7 O8 O9
            P0 P1 P2 P3 P4 P5 P6 P7 P8 P9 Q0 Q1 Q2 Q3 Q4 Q5 Q6 Q7 Q8 Q9 R0 R1 R2 R3 R4 R5 R6 R7 R8 R9
            S0 S1 S2 S3 S4 S5 S6 S7 S8 S9 T0 T1 T2 T3 T4 T5 T6 T7 T8 T9 U0 U1 U2 U3 U4 U5 U6 U7 U8 U9
            V0 V1 V2 V3 V4 V5 V6 V7 V8 V9 W0 W1 W2 W3 W4 W5 W6 W7 W8 W9 X0 X1 X2 X3 X4 X5 X6 X7 X8 X9
            Y0 Y1 Y2 Y3 Y4 Y5 Y6 Y7 Y8 Y9 Z0 Z1 Z2
        })*
    };
    (@one $name:ident [$($first:ident)*] [$($last:tt)*] $($case:ident)*) => {
        #[derive(Debug, PartialEq, pack::GraphValue, pack::PackType)]
        #[allow(dead_code, reason = "most cases are there to be counted")]
        enum $name { $($first,)* $($case,)* $($last)* }
    };
}

wide! {
    Enum255 { First } { Last };
    Enum256 { First, Second } { Last };
    Enum257 { First, Second } { Third, Last };
    Variant256 { First, Second } { Last(u8) };
    Variant257 { First, Second } { Third, Last(u8) };
    Recursive254 { } { Last(Vec<Recursive254>) };
    Recursive255 { First } { Last(Vec<Recursive255>) };
    Recursive256 { First, Second } { Last(Vec<Recursive256>) };
}

#[test]
fn discriminants_grow_with_the_cases_and_a_recursive_head_counts_as_one() {
    golden! {
        Enum255::First => "00";
        Enum255::Last => "fe";
        Enum256::Last => "ff";
        Enum257::First => "0000";
        Enum257::Last => "0001";
        Variant256::Last(7) => "ff 07";
        Variant257::Second => "0100";
        Variant257::Last(7) => "0001 07";
        Recursive254::Last(vec![Recursive254::A0]) => "fd 01000000 00";
        Recursive255::Last(vec![Recursive255::First]) => "fe 01000000 00";
        Recursive256::Last(vec![Recursive256::First]) => "ff00 01000000 0000";
    }
    // By name, at every edge. The first recursive case holds a list of the type itself.
    for (cases, recursive, last) in [
        (1, false, "00"),
        (255, false, "fe"),
        (256, false, "ff"),
        (257, false, "0001"),
        (65_535, false, "feff"),
        (65_536, false, "ffff"),
        (65_537, false, "00000100"),
        (254, true, "fd"),
        (255, true, "fe"),
        (256, true, "ff00"),
        (257, true, "0001"),
        (65_535, true, "feff"),
        (65_536, true, "ffff0000"),
        (65_537, true, "00000100"),
    ] {
        let mut table = Table::new();
        let list = table.add(TypeKind::List(common::id(1)));
        let names: Vec<String> = (0..cases).map(|at| format!("c{at}")).collect();
        let mut kind: Vec<_> = names.iter().map(|name| (name.as_str(), None)).collect();
        kind[0].1 = recursive.then_some(list);
        let ty = table.named("wide", variant(&kind));
        let contract = table.contract();
        let of_last = |payload| case(&names[cases - 1], payload);
        if cases > 1 {
            check_dynamic(&contract, ty, Some(of_last(None)), &hex(last));
        }
        if recursive {
            let value = case("c0", Some(Value::List(vec![of_last(None)])));
            let zero = "00".repeat(last.len() / 2);
            let bytes = hex(&format!("{zero} 01000000 {last}"));
            check_dynamic(&contract, ty, Some(value), &bytes);
        }
        // One past the last is no case; all ones is a back reference where there is one.
        let past = (u32::try_from(cases).unwrap()).to_le_bytes();
        let width = last.len() / 2;
        let outcome = decode_value(&contract, ty, &past[..width], Limits::DEFAULT);
        match (
            recursive,
            cases,
            outcome.as_ref().map_err(|error| error.kind()),
        ) {
            (true, 255 | 65_535, Err(DecodeErrorKind::UnexpectedEnd { needed: 4, .. })) => {}
            (false, 256 | 65_536, Ok(_)) => {} // The number does not fit, and became 0.
            (_, _, Err(DecodeErrorKind::Discriminant { .. })) => {}
            _ => panic!("{cases}: {outcome:?}"),
        }
        let mut table = Table::new();
        let ty = table.named("wide", TypeKind::Enum(labels("c", cases)));
        if !recursive {
            let value = Value::Enum(names[cases - 1].clone());
            check_dynamic(&table.contract(), ty, Some(value), &hex(last));
        }
    }
}

#[test]
fn nans_are_kept_unless_canonical_ones_are_asked_for() {
    let odd = (
        f32::from_bits(0xffc0_1234),
        vec![(f64::from_bits(0x7ff0_0000_0000_0001), 1_u8); 2],
        [f64::NAN; 1],
    );
    let kept = pack_abi::encode(&odd).unwrap();
    assert_eq!(&kept[..4], 0xffc0_1234_u32.to_le_bytes());
    let mut encoder =
        pack_abi::Encoder::new(Vec::new(), pack_abi::Limits::DEFAULT).with_canonical_nans();
    pack_abi::Encode::encode(&odd, &mut encoder);
    let canonical = encoder.finish().unwrap();
    let (nan_32, nan_64) = (
        0x7fc0_0000_u32.to_le_bytes(),
        0x7ff8_0000_0000_0000_u64.to_le_bytes(),
    );
    let list: Vec<u8> = [&nan_64[..], &[1]].concat();
    assert_eq!(
        canonical,
        [&nan_32[..], &[2, 0, 0, 0], &list, &list, &nan_64].concat()
    );
    assert_eq!(canonical.len(), kept.len());
}
