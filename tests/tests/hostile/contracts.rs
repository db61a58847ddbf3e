//! Contracts that are almost the same, and types at the edges of their discriminants.

use pack_abi::schema::diff::{Verdict, compare};
use pack_abi::schema::hash;
use pack_codegen::wit::{self, Source};
use pack_runtime::{Contract, Error, Limits, Value};

use crate::world::{assert_says, dynamic, other};

fn parse(text: &str) -> Contract {
    let world = wit::parse(&Source::Inline(text.into()), None);
    world
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
        .contract
}

/// Two types that lead to each other, and a function that takes and returns the first.
fn mutual(first: &str, second: &str) -> Contract {
    parse(&format!(
        "package a:b; interface i {{ {first} {second} f: func(p: first) -> first; }} world w {{ export i; }}"
    ))
}

/// The same two names, the same two edges: what differs is on which of them the cycle can end.
#[test]
fn cycles_that_differ_in_which_member_closes_them_do_not_fit() {
    let ways = [
        (
            "record first { next: option<second> }",
            "record second { next: first }",
        ),
        (
            "record first { next: second }",
            "record second { next: option<first> }",
        ),
        (
            "record first { next: option<second> }",
            "record second { next: option<first> }",
        ),
        (
            "record first { next: list<second> }",
            "record second { next: first }",
        ),
        (
            "record first { next: second }",
            "record second { next: list<first> }",
        ),
        (
            "variant first { next(second), end }",
            "record second { next: first }",
        ),
        (
            "record first { next: second }",
            "variant second { next(first), end }",
        ),
        (
            "variant first { next(first), end(second) }",
            "record second { next: list<second> }",
        ),
        (
            "record first { next: list<first>, end: second }",
            "variant second { next(second), end }",
        ),
        (
            "record first { next: list<first>, end: second }",
            "variant second { next(first), end }",
        ),
    ];
    let contracts: Vec<Contract> = ways.iter().map(|(a, b)| mutual(a, b)).collect();
    let digest = |contract: &Contract| {
        let interface = &contract.exports[0];
        hash::function(contract, &interface.name, &interface.functions[0])
    };
    for (at, host) in contracts.iter().enumerate() {
        for (other, package) in contracts.iter().enumerate() {
            let verdict = compare(host, package).verdict;
            let expected = if at == other {
                Verdict::Identical
            } else {
                Verdict::Breaking
            };
            assert_eq!(verdict, expected, "{:?} {:?}", ways[at], ways[other]);
            assert_eq!(digest(host) == digest(package), at == other);
        }
    }
}

const TWO: &str = "package test:two;
    interface first { get: func() -> u8; }
    interface second { get: func() -> u8; }
    world two { export first; export second; }";

/// A function is found by its interface and its name.
#[test]
fn two_interfaces_may_have_one_function_name() {
    let exports = r#"
        (func (export "test:two/first#get") (result i32) (i32.const 1))
        (func (export "test:two/second#get") (result i32) (i32.const 2))"#;
    let package = other(TWO, Limits::DEFAULT, &[("more", exports)]);
    let mut instance = dynamic(&package);
    for (interface, number) in [("test:two/first", 1), ("test:two/second", 2)] {
        let result = instance.call(interface, "get", &[]).unwrap();
        assert_eq!(result, Some(Value::U8(number)));
    }
    let error = instance.call("test:two/third", "get", &[]).unwrap_err();
    assert!(matches!(error, Error::NoSuchFunction { .. }));
    assert_says(&error, "it exports test:two/first#get, test:two/second#get");
    // In one of them it is another function.
    let host = parse(&TWO.replace(
        "interface second { get: func() -> u8",
        "interface second { get: func() -> u16",
    ));
    let error = package.check(&host).unwrap_err();
    assert_says(&error, "second.get: result: host has u16, package has u8");
    let swapped = parse(
        &TWO.replace("first", "third")
            .replace("second", "first")
            .replace("third", "second"),
    );
    package.check(&swapped).unwrap();
    let digests = |contract: &Contract| {
        contract
            .functions()
            .map(|(interface, function)| hash::function(contract, &interface.name, function))
            .collect::<Vec<_>>()
    };
    let both = digests(&parse(TWO));
    assert_ne!(both[0], both[1]);
}

/// Names that the type does not have, from the host's side.
#[test]
fn unknown_names_in_values_are_refused_before_the_call() {
    const WIT: &str = "package test:names;
        interface i {
            record point { x: u8, y: u8 } variant shape { dot, circle(u8) } enum color { red } flags rights { read }
            f: func(p: point, s: shape, c: color, r: rights);
        }
        world names { export i; }";
    // A call that reaches the guest is a trap.
    let export = r#"(func (export "test:names/i#f") (param i32 i32 i32 i32 i32 i32) unreachable)"#;
    let mut instance = dynamic(&other(WIT, Limits::DEFAULT, &[("more", export)]));
    let name = |name: &str| name.to_owned();
    let point =
        |fields: &[&str]| Value::Record(fields.iter().map(|f| (name(f), Value::U8(1))).collect());
    let shape = |case: &str, payload: bool| {
        Value::Variant(name(case), payload.then(|| Box::new(Value::U8(1))))
    };
    let good = || {
        [
            point(&["x", "y"]),
            shape("dot", false),
            Value::Enum(name("red")),
            Value::Flags(vec![name("read")]),
        ]
    };
    let cases: [(usize, Value, &str); 8] = [
        (0, point(&["x", "z"]), "p"),
        (0, point(&["y", "x"]), "p"),
        (0, point(&["x"]), "p"),
        (1, shape("square", false), "square"),
        (1, shape("circle", false), "circle"),
        (1, shape("dot", true), "dot"),
        (2, Value::Enum(name("mauve")), "mauve"),
        (3, Value::Flags(vec![name("write")]), "write"),
    ];
    for (at, value, words) in cases {
        let mut arguments = good();
        arguments[at] = value;
        let error = instance.call("test:names/i", "f", &arguments).unwrap_err();
        assert!(matches!(error, Error::Encode { .. }), "{error}");
        assert_says(&error, "i.f: the arguments cannot be sent: ");
        assert_says(&error, words);
    }
    let error = instance.call("test:names/i", "f", &good()).unwrap_err();
    assert!(matches!(error, Error::Trap(_)), "{error}");
}

/// 255, 256 and 257 cases, recursive or not, there and back through a call. The guest gives back what it got.
#[test]
fn the_last_of_256_cases_is_not_taken_for_another() {
    for count in [255, 256, 257] {
        let list =
            |each: &dyn Fn(usize) -> String| (0..count).map(each).collect::<Vec<_>>().join(", ");
        let wit = format!(
            "package test:many;
            interface i {{
                enum plain {{ {} }}
                variant open {{ {} }}
                variant knot {{ {}, c{}(list<knot>) }}
                e: func(v: plain) -> plain;
                v: func(v: open) -> open;
                k: func(v: knot) -> knot;
                width: func(v: knot) -> u32;
            }}
            world many {{ export i; }}",
            list(&|at| format!("c{at}")),
            list(&|at| format!("c{at}(u8)")),
            (0..count - 1)
                .map(|at| format!("c{at}"))
                .collect::<Vec<_>>()
                .join(", "),
            count - 1,
        );
        let echo = |name: &str| {
            format!(
                r#"(func (export "test:many/i#{name}") (param i32 i32) (result i64) (i64.or
                (i64.extend_i32_u (local.get 0)) (i64.shl (i64.extend_i32_u (local.get 1)) (i64.const 32))))"#
            )
        };
        let exports = format!(
            r#"(func (export "test:many/i#e") (param i32) (result i32) (local.get 0)) {} {}
            (func (export "test:many/i#width") (param i32 i32) (result i32) (local.get 1))"#,
            echo("v"),
            echo("k"),
        );
        let package = other(&wit, Limits::DEFAULT, &[("more", &exports)]);
        let mut instance = dynamic(&package);
        let mut call = |function: &str, value: &Value| {
            instance
                .call("test:many/i", function, std::slice::from_ref(value))
                .unwrap()
                .unwrap()
        };
        for at in [0, 1, 127, 128, 253, 254, 255, 256]
            .into_iter()
            .filter(|at| *at < count)
        {
            let case = format!("c{at}");
            let plain = Value::Enum(case.clone());
            assert_eq!(call("e", &plain), plain);
            let open = Value::Variant(case.clone(), Some(Box::new(Value::U8(7))));
            assert_eq!(call("v", &open), open);
            let leaf = if at + 1 == count {
                let last = Value::Variant("c0".into(), None);
                Value::Variant(case, Some(Box::new(Value::List(vec![last; 3]))))
            } else {
                Value::Variant(case, None)
            };
            assert_eq!(call("k", &leaf), leaf);
        }
        // A recursive variant needs room for one more.
        let head = if count < 256 { 1 } else { 2 };
        assert_eq!(
            call("width", &Value::Variant("c1".into(), None)),
            Value::U32(head)
        );
        // What stands for no case is none of them.
        let none = format!(
            r#"(func (export "test:many/i#e") (param i32) (result i32) (i32.const {count}))"#
        );
        let exports = exports.replace(
            r#"(func (export "test:many/i#e") (param i32) (result i32) (local.get 0))"#,
            &none,
        );
        let mut instance = dynamic(&other(&wit, Limits::DEFAULT, &[("more", &exports)]));
        let first = Value::Enum("c0".into());
        let error = instance.call("test:many/i", "e", &[first]).unwrap_err();
        assert_says(
            &error,
            &format!("the core value {count:#x} is outside the range of its type"),
        );
    }
}
