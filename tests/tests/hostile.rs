//! Bytes that lie. Reading them gives a value or an error, soon and with little memory, and never a panic.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::rc::Rc;
use std::time::{Duration, Instant};

use common::random::{self, Choices};
use common::{Table, function, hex, id, labels, record, variant};
use pack_abi::metadata::MetadataError;
use pack_abi::schema::diff::{Verdict, compare};
use pack_abi::schema::{
    Contract, MAX_NESTING, MAX_TYPES, Schema, SchemaError, Type, TypeDef, TypeKind, hash,
};
use pack_abi::value::{decode_value, encode_value, read_value};
use pack_abi::{
    DecodeError, DecodeErrorKind, Decoder, GraphValue, Limits, PackType, Value, decode, encode,
    metadata, schema_of,
};

/// Counts what each thread allocates.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.get() + layout.size();
        LIVE.set(live);
        PEAK.set(PEAK.get().max(live));
        LARGEST.set(LARGEST.get().max(layout.size()));
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // What another thread allocated is not counted here.
        LIVE.set(LIVE.get().saturating_sub(layout.size()));
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// What a piece of work cost.
#[derive(Debug, Clone, Copy)]
struct Cost {
    /// The largest single allocation.
    largest: usize,
    /// The most memory in use at once, beyond what was in use before.
    peak: usize,
    time: Duration,
}

fn cost<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let (start, before) = (Instant::now(), LIVE.get());
    PEAK.set(before);
    LARGEST.set(0);
    let outcome = work();
    let cost = Cost {
        largest: LARGEST.get(),
        peak: PEAK.get().saturating_sub(before),
        time: start.elapsed(),
    };
    (outcome, cost)
}

/// No allocation is larger than so many times the message, where every element takes at least one byte of it:
/// a byte becomes at most one `Value`.
const MULTIPLE: usize = 32;

/// All of the memory together, against the message: values, the names in them, and the table of nodes.
const PEAK_MULTIPLE: usize = 64;

/// Small allocations that do not depend on the length of the message: errors, the names in paths.
const SLACK: usize = 2048;

impl Cost {
    fn check(self, message: &[u8], what: &dyn Debug) {
        let len = message.len();
        assert!(
            self.largest <= MULTIPLE * len + SLACK,
            "{what:?} {self:?} {len} {message:?}"
        );
        assert!(
            self.peak <= PEAK_MULTIPLE * len + 2 * SLACK,
            "{what:?} {self:?} {len} {message:?}"
        );
        assert!(
            self.time < Duration::from_secs(5),
            "{what:?} {self:?} {message:?}"
        );
    }
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
struct Point {
    x: u16,
    y: u16,
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
struct Item {
    name: String,
    sold: bool,
    letter: char,
    color: Color,
    place: Option<Point>,
    pair: (u8, Option<String>),
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
enum Color {
    Red,
    Green,
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
enum Shape {
    Nothing,
    Circle(Vec<char>),
    Named(Result<String, Color>),
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
struct Basket {
    items: Vec<Item>,
    stock: BTreeMap<u8, String>,
    grid: [Shape; 2],
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
struct Empty {}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
enum Json {
    Null,
    Bool(bool),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
struct Tree {
    value: bool,
    children: Vec<Tree>,
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
enum Expr {
    Literal(i8),
    Binary(Box<Binary>),
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
struct Binary {
    op: Color,
    left: Expr,
    right: Expr,
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
#[pack(rename = "fork")]
enum RcFork {
    Leaf(u8),
    Fork(Rc<RcFork>, Rc<RcFork>),
}

#[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
#[pack(rename = "fork")]
enum BoxFork {
    Leaf(u8),
    Fork(Box<BoxFork>, Box<BoxFork>),
}

type Rewritten = Result<Vec<u8>, DecodeError>;

/// A Rust type to attack, with messages to start from.
struct Target {
    name: &'static str,
    contract: Contract,
    ty: Type,
    messages: Vec<Vec<u8>>,
    /// Reads a message, says what it cost, and writes the value again.
    typed: fn(&[u8]) -> (Rewritten, Cost),
}

fn target<T: GraphValue + PackType>(samples: &[T]) -> Target {
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

fn item(at: u8) -> Item {
    Item {
        name: format!("item {at} ✓"),
        sold: at.is_multiple_of(2),
        letter: 'ß',
        color: Color::Green,
        place: Some(Point { x: 1, y: 2 }),
        pair: (at, Some("x".into())),
    }
}

fn basket() -> Basket {
    Basket {
        items: (0..4).map(item).collect(),
        stock: BTreeMap::from([(1, "one".into()), (2, String::new())]),
        grid: [Shape::Circle(vec!['a', 'ß']), Shape::Named(Err(Color::Red))],
    }
}

fn targets() -> Vec<Target> {
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
fn damage(choices: &mut Choices, message: &[u8]) -> Vec<u8> {
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

#[test]
fn damaged_messages_are_read_or_refused_in_the_same_way_by_both_roads() {
    let (mut read, mut refused) = (0, 0);
    for target in targets() {
        for seed in 0..2000 {
            let choices = &mut Choices::seeded(seed, 64);
            let original = choices.pick(&target.messages).clone();
            let message = damage(choices, &original);
            let (typed, typed_cost) = (target.typed)(&message);
            typed_cost.check(&message, &target.name);
            let dynamic = || decode_value(&target.contract, target.ty, &message, Limits::DEFAULT);
            let (dynamic, dynamic_cost) = cost(dynamic);
            dynamic_cost.check(&message, &target.name);
            match (typed, dynamic) {
                (Ok(_), Ok(value)) => {
                    read += 1;
                    check_canonical(&target.contract, target.ty, &message, &value);
                }
                (Err(typed), Err(dynamic)) => {
                    refused += 1;
                    let place = |error: &DecodeError| (error.kind().clone(), error.offset());
                    // A map is checked for equal keys at different moments.
                    if !target.name.contains("BTree") && !target.name.contains("Basket") {
                        assert_eq!(
                            place(&typed),
                            place(&dynamic),
                            "{} {message:?}",
                            target.name
                        );
                    }
                }
                // A set is a list to who does not know better.
                (Err(error), Ok(_)) if target.name.contains("BTreeSet") => {
                    assert_eq!(*error.kind(), DecodeErrorKind::DuplicateElement);
                }
                (typed, dynamic) => panic!("{} {message:?}: {typed:?} {dynamic:?}", target.name),
            }
        }
    }
    assert!(read > 1000 && refused > 10_000, "{read} {refused}");
}

/// Long messages of what takes the fewest bytes, in which a slack does not show.
#[test]
fn memory_is_a_small_multiple_of_the_message() {
    const MANY: usize = 20_000;
    let pairs = |at: usize| (u16::try_from(at).unwrap(), at.is_multiple_of(2));
    let leaf = Tree {
        value: true,
        children: vec![],
    };
    for target in [
        target(&[vec![1_u8; MANY]]),
        target(&[vec![true; MANY]]),
        target(&[vec![None::<u64>; MANY]]),
        target(&[vec![String::new(); MANY]]),
        target(&[vec![vec![1_u8]; MANY]]),
        target(&[vec![Point { x: 1, y: 2 }; MANY]]),
        target(&[(0..MANY).map(pairs).collect::<BTreeMap<_, _>>()]),
        target(&[(0..MANY).map(|at| pairs(at).0).collect::<BTreeSet<_>>()]),
        target(&[vec![item(0); MANY]]),
        target(&[vec![Json::Null; MANY]]),
        target(&[Json::Array(vec![Json::Bool(true); MANY])]),
        target(&[vec![leaf; MANY]]),
        target(&[vec![Color::Red; MANY]]),
    ] {
        let [message] = &target.messages[..] else {
            panic!("one message")
        };
        let (outcome, typed) = (target.typed)(message);
        assert_eq!(outcome.as_ref(), Ok(message));
        typed.check(message, &target.name);
        let (outcome, dynamic) =
            cost(|| decode_value(&target.contract, target.ty, message, Limits::DEFAULT));
        assert!(outcome.is_ok());
        dynamic.check(message, &target.name);
    }
}

/// One value, one form: what was read without back references is written as it was.
fn check_canonical(contract: &Contract, ty: Type, message: &[u8], value: &Value) {
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

#[test]
fn damaged_messages_of_random_types_are_read_or_refused() {
    // Parts without any width cost no bytes of the message: only the limits bound them.
    let limits = Limits::DEFAULT
        .with_depth(100)
        .with_nodes(10_000)
        .with_bytes(1 << 20);
    for seed in 0..300 {
        let choices = &mut Choices::seeded(seed, 6000);
        let contract = random::contract(choices);
        for ty in (0..contract.types.len()).map(id) {
            let value = random::value(choices, &contract, ty, 40);
            let original = encode_value(&contract, ty, &value, limits).unwrap();
            for _ in 0..4 {
                let message = damage(choices, &original);
                let (outcome, cost) = cost(|| decode_value(&contract, ty, &message, limits));
                assert!(cost.peak < 4 << 20, "{cost:?} {message:?}");
                assert!(cost.largest <= limits.bytes, "{cost:?} {message:?}");
                if let Ok(value) = outcome {
                    check_canonical(&contract, ty, &message, &value);
                }
            }
        }
    }
}

/// Typed and dynamic, the same words.
fn refused<T: GraphValue + PackType + Debug>(message: &[u8], words: &str) {
    let error = decode::<T>(message, Limits::DEFAULT).unwrap_err();
    assert_eq!(error.to_string(), words, "typed");
    let (contract, ty) = schema_of::<T>().unwrap();
    let error = decode_value(&contract, ty, message, Limits::DEFAULT).unwrap_err();
    assert_eq!(error.to_string(), words, "dynamic");
}

macro_rules! refused {
    ($($ty:ty: $message:literal => $words:literal;)*) => {
        $(refused::<$ty>(&hex($message), $words);)*
    };
}

#[test]
fn errors_say_where_in_the_value_and_at_which_byte() {
    refused! {
        bool: "02" => "2 stands where only 0 or 1 may (byte 0)";
        (u8, bool): "07 ff" => "1: 255 stands where only 0 or 1 may (byte 1)";
        (u8, char): "07 00d80000" => "1: 0xd800 is not a Unicode scalar value (byte 1)";
        char: "00001100" => "0x110000 is not a Unicode scalar value (byte 0)";
        u32: "010203" => "at least 4 more bytes are needed, 3 are left (byte 0)";
        u8: "01 02 03" => "2 bytes are left over after the value (byte 1)";
        String: "03000000 61 ff 62" => "the string is not valid UTF-8 (byte 5)";
        String: "03000000 61 62" => "at least 3 more bytes are needed, 2 are left (byte 4)";
        String: "ffffffff 61" => "at least 4294967295 more bytes are needed, 1 are left (byte 4)";
        Vec<u64>: "ffffffff" => "at least 34359738360 more bytes are needed, 0 are left (byte 4)";
        Vec<Point>: "02000000 0100 0200 0300 04" => "at least 8 more bytes are needed, 7 are left (byte 4)";
        Vec<String>: "02000000 01000000 61 01000000 80" => "[1]: the string is not valid UTF-8 (byte 13)";
        Vec<Vec<bool>>: "01000000 03000000 00 01 02" => "[0][2]: 2 stands where only 0 or 1 may (byte 10)";
        [String; 2]: "01000000 61 02" => "at least 8 more bytes are needed, 6 are left (byte 0)";
        [String; 2]: "00000000 01000000 80" => "[1]: the string is not valid UTF-8 (byte 8)";
        Option<u8>: "02 01" => "2 stands where only 0 or 1 may (byte 0)";
        Result<u8, bool>: "01 03" => "error: 3 stands where only 0 or 1 may (byte 1)";
        Result<bool, u8>: "00 03" => "ok: 3 stands where only 0 or 1 may (byte 1)";
        Color: "02" => "discriminant 2 stands for none of the 2 cases (byte 0)";
        Shape: "03" => "discriminant 3 stands for none of the 3 cases (byte 0)";
        Shape: "01 02000000 61000000 00d80000" => "circle[1]: 0xd800 is not a Unicode scalar value (byte 9)";
        Shape: "02 01 07" => "named.error: discriminant 7 stands for none of the 2 cases (byte 2)";
        BTreeMap<u8, u8>: "02000000 01 02 01 03" => "[1]: the map has the same key twice (byte 6)";
        BTreeMap<u8, bool>: "02000000 01 00 02 05" => "[1].value: 5 stands where only 0 or 1 may (byte 7)";
        BTreeMap<String, ()>: "01000000 01000000 ff" => "[0].key: the string is not valid UTF-8 (byte 8)";
        BTreeMap<u8, u8>: "00000080" => "at least 4294967296 more bytes are needed, 0 are left (byte 4)";
        Json: "09" => "discriminant 9 stands for none of the 5 cases (byte 0)";
        Json: "03 02000000 00 04 01000000 01000000 'k' 01 02"
            => "array[1].object[0].1.bool: 2 stands where only 0 or 1 may (byte 17)";
        Tree: "01" => "discriminant 1 stands for none of the 1 cases (byte 0)";
        Tree: "00 00 01000000 00 01 02000000 00 00 00000000 00 05 00000000"
            => "children[0].children[1].value: 5 stands where only 0 or 1 may (byte 19)";
        Vec<Empty>: "ffffffff" => "more than 16777216 nodes (the node limit) (byte 4)";
        Vec<()>: "01000001" => "more than 16777216 nodes (the node limit) (byte 4)";
    }
    let mut message = encode(&basket()).unwrap();
    let at = message
        .windows(6)
        .position(|window| window == b"item 3")
        .unwrap();
    message[at + 2] = 0xff;
    let words = format!(
        "items[3].name: the string is not valid UTF-8 (byte {})",
        at + 2
    );
    refused::<Basket>(&message, &words);
    message.truncate(at + 2);
    let words = format!("items[3].name: at least 10 more bytes are needed, 2 are left (byte {at})");
    refused::<Basket>(&message, &words);
}

#[test]
fn flags_that_the_type_does_not_have_are_refused() {
    for (count, message, fine) in [
        (0, "", true),
        (1, "01", true),
        (1, "02", false),
        (9, "ff 01", true),
        (9, "00 02", false),
    ] {
        let mut table = Table::new();
        let ty = table.named("many", TypeKind::Flags(labels("b", count)));
        let outcome = decode_value(&table.contract(), ty, &hex(message), Limits::DEFAULT);
        match outcome {
            Ok(_) => assert!(fine),
            Err(error) => {
                assert!(!fine && *error.kind() == DecodeErrorKind::Flags && error.offset() == 0)
            }
        }
    }
}

#[test]
fn nesting_is_refused_at_the_limit_and_not_by_the_stack() {
    const LEVELS: usize = 1_000_000;
    let check = |error: DecodeError| {
        assert!(
            matches!(error.kind(), DecodeErrorKind::TooDeep { .. }),
            "{error}"
        );
        assert!(error.offset() < 10_000, "not all of it is read: {error}");
        assert!(
            error.to_string().len() < 1000,
            "long paths are shortened: {error}"
        );
    };
    let json = hex("03 01000000").repeat(LEVELS);
    check(decode::<Json>(&json, Limits::DEFAULT).unwrap_err());
    let (contract, ty) = schema_of::<Json>().unwrap();
    check(decode_value(&contract, ty, &json, Limits::DEFAULT).unwrap_err());
    let tree = hex("00 00 01000000").repeat(LEVELS);
    check(decode::<Tree>(&tree, Limits::DEFAULT).unwrap_err());
    let forks = [1].repeat(LEVELS);
    check(decode::<RcFork>(&forks, Limits::DEFAULT).unwrap_err());
}

/// `levels` forks inside each other, the right side of each a back reference to its left side.
fn sharing_bomb(levels: u8) -> Vec<u8> {
    let mut message = vec![1; usize::from(levels)];
    message.extend([0, 7]);
    for left in (1..=levels).rev() {
        message.push(0xff);
        message.extend(u32::from(left).to_le_bytes());
    }
    message
}

#[test]
fn a_sharing_bomb_stays_small_or_hits_a_budget() {
    let bomb = sharing_bomb(40);
    let (outcome, rc) = cost(|| decode::<RcFork>(&bomb, Limits::DEFAULT).unwrap());
    assert!(rc.peak < 16 << 10, "{rc:?}");
    let (mut fork, mut levels) = (&outcome, 0);
    while let RcFork::Fork(left, right) = fork {
        assert!(Rc::ptr_eq(left, right));
        (fork, levels) = (left, levels + 1);
    }
    assert_eq!(levels, 40);
    // Written again it is what it was.
    assert_eq!(encode(&outcome).unwrap(), bomb);

    let limits = Limits::DEFAULT.with_nodes(1 << 18);
    let (outcome, boxed) = cost(|| decode::<BoxFork>(&bomb, limits));
    assert_eq!(
        outcome.unwrap_err().kind(),
        &DecodeErrorKind::TooManyNodes { limit: 1 << 18 }
    );
    assert!(boxed.peak < 32 << 20, "{boxed:?}");
    let (contract, ty) = schema_of::<BoxFork>().unwrap();
    let (outcome, dynamic) = cost(|| decode_value(&contract, ty, &bomb, limits));
    assert_eq!(
        outcome.unwrap_err().kind(),
        &DecodeErrorKind::TooManyNodes { limit: 1 << 18 }
    );
    assert!(dynamic.peak < 64 << 20, "{dynamic:?}");
}

/// Each element refers to the one before, so that nothing is nested in the message, and yet the value is a
/// chain as long as the list. Dropping it would take a stack as long.
#[test]
fn sharing_does_not_get_around_the_depth_limit() {
    const LENGTH: u32 = 200_000;
    fn chain(element: impl Fn(u32) -> (u32, Vec<u8>)) -> Vec<u8> {
        let mut message = LENGTH.to_le_bytes().to_vec();
        message.extend([0, 7]);
        let mut previous = 4;
        for _ in 1..LENGTH {
            let here = u32::try_from(message.len()).unwrap();
            let (head, bytes) = element(previous);
            message.extend(bytes);
            previous = here + head;
        }
        message
    }
    let message = chain(|previous| {
        let reference = [&[0xff], &previous.to_le_bytes()[..]].concat();
        (0, [&[1], &*reference, &*reference].concat())
    });
    let too_deep = &DecodeErrorKind::TooDeep { limit: 1000 };
    let outcome = decode::<Vec<Rc<RcFork>>>(&message, Limits::DEFAULT);
    assert_eq!(outcome.unwrap_err().kind(), too_deep);
    let outcome = decode::<Vec<RcFork>>(&message, Limits::DEFAULT);
    assert_eq!(outcome.unwrap_err().kind(), too_deep);
}

#[test]
fn back_references_lead_to_an_earlier_finished_value_of_the_same_type() {
    let cases = [
        ("01 ff 00000000", 1, "its own parent, unfinished"),
        ("ff 00000000", 0, "itself"),
        ("01 00 07 ff 03000000", 3, "itself, later"),
        ("01 ff 06000000 00 07", 1, "forward"),
        ("01 00 07 ff 02000000", 3, "the inside of a value"),
        ("01 00 07 ff ffffffff", 3, "outside the message"),
        ("01 00 07 ff 08000000", 3, "the end of the message"),
    ];
    let (contract, ty) = schema_of::<BoxFork>().unwrap();
    for (message, offset, what) in cases {
        let message = hex(message);
        let errors = [
            decode::<BoxFork>(&message, Limits::DEFAULT).unwrap_err(),
            decode::<RcFork>(&message, Limits::DEFAULT).unwrap_err(),
            decode_value(&contract, ty, &message, Limits::DEFAULT).unwrap_err(),
        ];
        for error in errors {
            let is_reference = matches!(error.kind(), DecodeErrorKind::BackReference { .. });
            assert!(is_reference && error.offset() == offset, "{what}: {error}");
        }
    }
    refused! {
        Vec<Expr>: "02000000 01 00 00 00 01 00 02 (a binary at byte 5) ff 05000000"
            => "[1]: back reference to byte 5, where no earlier value of the same type starts (byte 11)";
        Vec<Expr>: "01000000 01 ff 04000000"
            => "[0].binary: back reference to byte 4, where no earlier value of the same type starts (byte 5)";
    }
    let fine = hex("02000000 01 00 00 00 01 00 02 (a binary at byte 5) 01 ff 05000000");
    let values = decode::<Vec<Expr>>(&fine, Limits::DEFAULT).unwrap();
    assert_eq!(values[0], values[1]);
}

/// Back references need a table of the nodes before them, which is far larger than the nodes.
#[test]
fn the_table_of_nodes_is_part_of_the_byte_limit() {
    let count = 100_000_u32;
    let mut message = (count + 1).to_le_bytes().to_vec();
    message.extend(hex("00 07").repeat(usize::try_from(count).unwrap()));
    message.extend(hex("ff 04000000"));
    let limits = Limits::DEFAULT.with_bytes(2 << 20);
    let (outcome, cost) = cost(|| decode::<Vec<BoxFork>>(&message, limits));
    let kind = outcome.unwrap_err().kind().clone();
    assert_eq!(kind, DecodeErrorKind::TooManyBytes { limit: 2 << 20 });
    assert!(cost.peak < 4 << 20, "{cost:?}");
    let (outcome, cost) = self::cost(|| decode::<Vec<BoxFork>>(&message, Limits::DEFAULT));
    assert!(outcome.is_ok());
    cost.check(&message, &"a graph");
}

/// Parts of no width cost no bytes: budgets bound them, whatever the contract says.
#[test]
fn values_without_bytes_are_bounded_by_budgets() {
    let mut table = Table::new();
    let unit = table.add(TypeKind::Tuple(vec![]));
    let many = table.add(TypeKind::FixedList(unit, u32::MAX));
    let some = table.add(TypeKind::FixedList(unit, 1000));
    let more = table.add(TypeKind::FixedList(some, 1000));
    let most = table.add(TypeKind::FixedList(more, 1000));
    let list = table.add(TypeKind::List(most));
    let mut doubled = unit;
    for _ in 0..90 {
        doubled = table.add(TypeKind::Tuple(vec![doubled, doubled]));
    }
    let contract = table.contract();
    for (ty, message) in [
        (many, vec![]),
        (most, vec![]),
        (list, vec![0xff; 4]),
        (list, vec![1, 0, 0, 0]),
        (doubled, vec![]),
    ] {
        let limits = Limits::DEFAULT.with_bytes(16 << 20);
        let (outcome, cost) = cost(|| decode_value(&contract, ty, &message, limits));
        let kind = outcome.unwrap_err().kind().clone();
        let budget = matches!(
            kind,
            DecodeErrorKind::TooManyNodes { .. } | DecodeErrorKind::TooManyBytes { .. }
        );
        assert!(budget, "{kind:?}");
        assert!(cost.peak < 48 << 20, "{cost:?}");
    }
    assert_eq!(
        decode::<[Option<u64>; 1000]>(&[], Limits::DEFAULT)
            .unwrap_err()
            .offset(),
        0
    );
    let (_, cost) = cost(|| decode::<[Option<u64>; 1000]>(&[], Limits::DEFAULT).is_err());
    assert!(
        cost.peak < SLACK,
        "nothing is allocated for what cannot be there: {cost:?}"
    );
}

/// The metadata of a small package.
fn sound() -> Table {
    let mut table = Table::new();
    let list = table.add(TypeKind::List(id(1)));
    let tree = table.named("tree", variant(&[("leaf", None), ("fork", Some(list))]));
    table.export(function("grow", &[("tree", tree)], Some(tree)));
    table
}

/// The function `name` takes and returns a tree whose leaves have this payload.
fn piece(name: &str, leaf: Option<Type>) -> Vec<u8> {
    let mut table = Table::new();
    // So that the types have other numbers in other pieces.
    for _ in 0..name.len() {
        table.add(TypeKind::Option(Type::U8));
    }
    let tree = id(name.len() + 1);
    let list = table.add(TypeKind::List(tree));
    table.named("tree", variant(&[("leaf", leaf), ("fork", Some(list))]));
    table.export(function(name, &[("tree", tree)], Some(list)));
    metadata::write(&table.0)
}

#[test]
fn pieces_of_metadata_are_joined() {
    let [b, a] = ["b", "aaa"].map(|name| piece(name, Some(Type::U8)));
    let both = metadata::read(&[&b[..], &a].concat()).unwrap();
    let functions: Vec<_> = both.functions().map(|(_, f)| f.name.as_str()).collect();
    assert_eq!(functions, ["aaa", "b"]);
    let named = both.types.iter().filter(|def| def.name.is_some());
    assert_eq!(
        (named.count(), both.types.len()),
        (1, 3),
        "{:?}",
        both.types
    );
    for (bytes, name) in [(&a, "aaa"), (&b, "b")] {
        let alone = metadata::read(bytes).unwrap();
        let hash = |contract: &Contract| {
            let function = contract
                .export(common::API)
                .unwrap()
                .function(name)
                .unwrap();
            hash::function(contract, common::API, function)
        };
        assert_eq!(hash(&alone), hash(&both));
    }
    let elsewhere = metadata::write(&Schema {
        world: "test:other/world".into(),
        ..Schema::default()
    });
    let refused = [
        (
            piece("c", None),
            MetadataError::Type {
                owner: "test:contract/types@1.0.0".into(),
                name: "tree".into(),
            },
        ),
        (
            elsewhere,
            MetadataError::Worlds {
                first: "test:contract/world@1.0.0".into(),
                second: "test:other/world".into(),
            },
        ),
    ];
    for (other, expected) in refused {
        let error = metadata::read(&[&a[..], &other].concat()).unwrap_err();
        match (&error, &expected) {
            // Which is first is not said.
            (MetadataError::Worlds { .. }, MetadataError::Worlds { .. }) => {}
            _ => assert_eq!(error, expected),
        }
    }
}

#[test]
fn metadata_is_there_once_whole_and_of_this_version() {
    let sound = metadata::write(&sound().0);
    assert!(metadata::read(&sound).is_ok());
    let with = |at: usize, byte: u8| {
        let mut bytes = sound.clone();
        bytes[at] = byte;
        bytes
    };
    let table = [
        (vec![], MetadataError::NotMetadata),
        (b"\0asm\x01\0\0\0".to_vec(), MetadataError::NotMetadata),
        (with(0, b'Q'), MetadataError::NotMetadata),
        (with(8, 2), MetadataError::Version { found: 2 }),
        (
            with(11, 0x80),
            MetadataError::Version { found: 0x8000_0001 },
        ),
        (with(15, 0x80), MetadataError::Truncated),
        (
            [&sound[..], &sound].concat(),
            MetadataError::Function {
                name: format!("{}#grow", common::API),
            },
        ),
        (
            [&sound[..], &[0; 3]].concat(),
            MetadataError::TrailingBytes { count: 3 },
        ),
    ];
    for (bytes, expected) in table {
        assert_eq!(metadata::read(&bytes).unwrap_err(), expected);
    }
    for length in 8..sound.len() {
        let error = metadata::read(&sound[..length]).unwrap_err();
        assert_eq!(error, MetadataError::Truncated, "{length}");
    }
    let mut long = vec![0; 100 << 20];
    long[..sound.len()].copy_from_slice(&sound);
    let (outcome, cost) = cost(|| metadata::read(&long));
    assert_eq!(
        outcome.unwrap_err(),
        MetadataError::TooLong { length: 100 << 20 }
    );
    assert_eq!(cost.largest, 0, "nothing is read of it");
}

#[test]
fn damaged_metadata_is_read_or_refused() {
    let (mut read, mut refused) = (0, 0);
    for seed in 0..3000 {
        let choices = &mut Choices::seeded(seed, 3000);
        let schema = random::contract(choices).schema().clone();
        let damaged = damage(choices, &schema.to_bytes());
        let (outcome, cost) = cost(|| Schema::from_bytes(&damaged));
        cost.check(&damaged, &"a schema");
        match outcome {
            Ok(schema) => {
                read += 1;
                assert_eq!(schema.to_bytes(), damaged, "one schema, one form");
                if let (Ok(contract), _) = self::cost(|| Contract::new(schema)) {
                    use_up(&contract);
                }
            }
            Err(error) => {
                refused += 1;
                assert!(error.offset() <= damaged.len());
            }
        }
    }
    assert!(read > 100 && refused > 1000, "{read} {refused}");
}

/// A schema's bytes full of the smallest entries: what they become in memory is bounded all the same.
#[test]
fn large_metadata_takes_bounded_memory() {
    let count = 2_000_000_u32;
    let (count, entries) = (count.to_le_bytes(), usize::try_from(count).unwrap());
    let alias = hex("00 00000000 (no name, no docs) 0a 00 (alias of bool)");
    let list_of = |entry: &[u8], before: &str, after: &str| {
        [
            hex(before),
            count.to_vec(),
            entry.repeat(entries),
            hex(after),
        ]
        .concat()
    };
    for (name, body) in [
        ("types", list_of(&alias, "00000000", "00000000 00000000")),
        (
            "parts",
            list_of(
                &[0],
                "00000000 01000000 00 00000000 04",
                "00000000 00000000",
            ),
        ),
        (
            "interfaces",
            list_of(&[0; 12], "00000000 00000000", "00000000"),
        ),
    ] {
        let (_, cost) = cost(|| Schema::from_bytes(&body));
        assert!(cost.peak < 192 << 20, "{name}: {cost:?}");
    }
}

/// Everything that a host does with the contract of a package before it calls anything.
fn use_up(contract: &Contract) {
    for interface in contract.exports.iter().chain(&contract.imports) {
        for function in &interface.functions {
            let _ = hash::function(contract, &interface.name, function);
        }
        let _ = hash::interface(contract, interface);
    }
    for ty in (0..contract.types.len()).map(id) {
        assert!(contract.display(ty).to_string().len() < 100_000);
        let _ = (contract.min_width(ty), contract.is_recursive(ty));
        let _ = pack_abi::convention::flatten(contract, ty);
    }
    assert_eq!(compare(contract, contract).verdict, Verdict::Identical);
}

#[test]
fn a_schema_that_breaks_a_rule_is_refused_with_its_name() {
    let table = |build: fn(&mut Table)| {
        let mut table = Table::new();
        build(&mut table);
        table.0
    };
    let unnamed = |kind| TypeDef {
        name: None,
        kind,
        docs: String::new(),
    };
    let broken = [
        (
            table(|t| {
                t.add(TypeKind::List(id(1)));
            }),
            "a list refers to a type that the table does not have",
        ),
        (
            table(|t| {
                t.export(function("f", &[("p", id(0))], None));
            }),
            "api.f refers to a type that the table does not have",
        ),
        (
            table(|t| {
                t.add(TypeKind::List(id(0)));
            }),
            "a list leads to itself through no record or variant",
        ),
        (
            table(|t| {
                t.named("a", TypeKind::Alias(id(0)));
            }),
            "type a leads to itself through no record or variant",
        ),
        (
            table(|t| {
                t.add(TypeKind::Option(id(1)));
                t.named("a", TypeKind::Alias(id(2)));
                t.add(TypeKind::Tuple(vec![id(0)]));
            }),
            "leads to itself through no record or variant",
        ),
        (
            table(|t| {
                t.named("a", record(&[("next", id(0))]));
            }),
            "record a contains itself without end",
        ),
        (
            table(|t| {
                t.named("a", variant(&[("x", Some(id(1)))]));
                t.named("b", record(&[("y", id(0))]));
            }),
            "contains itself without end",
        ),
        (
            table(|t| {
                t.add(TypeKind::FixedList(id(1), 1));
                t.named("a", record(&[("next", id(0))]));
            }),
            "contains itself without end",
        ),
        (
            table(|t| {
                t.named("a", TypeKind::Flags(vec![]));
                t.named("a", TypeKind::Flags(vec![]));
            }),
            "type a in test:contract/types@1.0.0 is there twice",
        ),
        (
            table(|t| {
                t.named("a", record(&[("x", Type::U8), ("x", Type::U8)]));
            }),
            "x in record a is there twice",
        ),
        (
            table(|t| {
                t.named("a", variant(&[("x", None), ("x", None)]));
            }),
            "x in variant a is there twice",
        ),
        (
            table(|t| {
                t.export(function("f", &[], None))
                    .export(function("f", &[], None));
            }),
            "function f in test:contract/api@1.0.0 is there twice",
        ),
        (
            table(|t| {
                t.named("a", variant(&[]));
            }),
            "variant a has no cases",
        ),
        (
            table(|t| {
                t.named("a", TypeKind::Enum(vec![]));
            }),
            "enum a has no cases",
        ),
        (
            table(|t| {
                t.add(record(&[]));
            }),
            "a record has no name",
        ),
        (
            Schema {
                types: vec![unnamed(TypeKind::Flags(vec![])); 2],
                ..Schema::default()
            },
            "a flags has no name",
        ),
    ];
    for (schema, words) in broken {
        let error = Contract::new(schema).unwrap_err().to_string();
        assert!(error.contains(words), "{error:?} instead of {words:?}");
    }
    let nested = |levels| {
        let mut table = Table::new();
        (0..levels).fold(Type::U8, |ty, _| table.add(TypeKind::List(ty)));
        table.0
    };
    let limit = usize::try_from(MAX_NESTING).unwrap();
    assert!(Contract::new(nested(limit)).is_ok());
    for levels in [limit + 1, MAX_TYPES] {
        let error = Contract::new(nested(levels)).unwrap_err();
        assert!(matches!(error, SchemaError::TooNested { .. }), "{error}");
    }
    // As bytes: too many to be types, and too many to be read at all.
    let read = |levels| metadata::read(&metadata::write(&nested(levels))).unwrap_err();
    let too_many = SchemaError::TooManyTypes { count: 100_000 };
    assert_eq!(read(100_000), MetadataError::Schema(too_many));
    assert!(matches!(read(1_000_000), MetadataError::Decode(_)));
}

/// Tables that are sound, and built to take long.
#[test]
fn sound_tables_of_every_size_are_handled_soon() {
    fn soon(name: &str, table: &Table) {
        let (contract, cost) = cost(|| {
            let contract = metadata::read(&metadata::write(&table.0)).unwrap();
            use_up(&contract);
            contract
        });
        assert!(cost.time < Duration::from_secs(20), "{name}: {cost:?}");
        assert!(cost.peak < 256 << 20, "{name}: {cost:?}");
        drop(contract);
    }
    let wide = |table: &mut Table, parts: usize, levels: usize| {
        let mut ty = Type::U8;
        for _ in 0..levels {
            ty = table.add(TypeKind::Tuple(vec![ty; parts]));
        }
        table.export(function("f", &[("p", ty)], Some(ty)));
        ty
    };
    let mut table = Table::new();
    wide(&mut table, 2, 90);
    soon("pairs of pairs", &table);
    let mut table = Table::new();
    let ty = wide(&mut table, 1000, 8);
    soon("a thousand parts of a thousand parts", &table);
    assert!(table.contract().display(ty).to_string().len() < 10_000);

    const MANY: usize = 60_000;
    let names: Vec<String> = (0..MANY).map(|at| format!("n{at}")).collect();
    let mut table = Table::new();
    let fields: Vec<_> = names.iter().map(|name| (name.as_str(), Type::U8)).collect();
    let ty = table.named("wide", record(&fields));
    table.export(function("f", &[("p", ty)], None));
    soon("a record of 60,000 fields", &table);
    let mut table = Table::new();
    let cases: Vec<_> = names.iter().map(|name| (name.as_str(), None)).collect();
    let ty = table.named("wide", variant(&cases));
    table.export(function("f", &[("p", ty)], None));
    soon("a variant of 60,000 cases", &table);
    let mut table = Table::new();
    let ring = table.add(TypeKind::Option(id(1)));
    for (at, name) in names.iter().enumerate() {
        let next = if at + 1 == MANY { ring } else { id(at + 2) };
        table.named(name, record(&[("next", next)]));
    }
    table.export(function("f", &[("p", ring)], None));
    soon("a cycle of 60,000 records", &table);
}
