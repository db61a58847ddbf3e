//! Results: where they are, how long they are, and what is in them.

use pack_runtime::{Error, LimitKind, Limits, MessageLimits, Value};

use crate::bounds;
use crate::world::*;

#[test]
fn results_that_lie_are_errors() {
    let text =
        |packed: &str| format!(r#"(func (export "$root#text") (result i64) (i64.const {packed}))"#);
    // Nothing is nothing, wherever it is in memory.
    for packed in ["0x00000000_00000000", "0x00000000_00040000"] {
        assert_eq!(
            start(&[("text", &text(packed))]).unwrap().text().unwrap(),
            ""
        );
    }
    // A tree is a message.
    for (packed, words) in [
        (
            "0x00000000_00040000",
            "at least 1 more bytes are needed, 0 are left",
        ),
        (
            "0x00000005_00000000",
            "4 bytes are left over after the value",
        ),
    ] {
        let tree = format!(r#"(func (export "$root#tree") (result i64) (i64.const {packed}))"#);
        let error = start(&[("tree", &tree)]).unwrap().tree().unwrap_err();
        assert!(matches!(error, Error::Decode { .. }), "{error}");
        assert_says(&error, words);
    }
    // Pointer in the low half, length in the high half; four pages of memory end at 0x40000.
    let cases = [
        ("-1", "bytes at 0xffffffff are outside the guest's memory"),
        ("0x7fffffff_7fffffff", "are outside the guest's memory"),
        (
            "0x00000001_00040000",
            "1 bytes at 0x40000 are outside the guest's memory",
        ),
        ("0x00000002_0003ffff", "are outside the guest's memory"),
        ("0xffffffff_00000001", "are outside the guest's memory"),
        ("0x80000000_80000000", "are outside the guest's memory"),
        (
            "0x00000000_7fffffff",
            "0 bytes at 0x7fffffff are outside the guest's memory",
        ),
        // What is behind the metadata's magic number: a version, lengths and names.
        ("0x00000100_00001008", "the string is not valid UTF-8"),
    ];
    for (packed, words) in cases {
        let mut hostile = start(&[("text", &text(packed))]).unwrap();
        let error = hostile.text().unwrap_err();
        assert!(matches!(error, Error::Decode { .. }), "{error}");
        assert_says(&error, words);
        // The guest came back: the instance is still good.
        assert_eq!(hostile.number().unwrap(), 7);
    }
    let mut hostile = start(&[(
        "number",
        r#"(func (export "$root#number") (result i32) (i32.const 256))"#,
    )])
    .unwrap();
    assert_says(
        &hostile.number().unwrap_err(),
        "the core value 0x100 is outside the range of its type",
    );
}

#[test]
fn limits_of_the_runtime_hold_for_results() {
    // An array of one null: discriminant 2, count 1, discriminant 0.
    let tree = r#"(data (i32.const 0) "\02\01\00\00\00\00") (func (export "$root#tree") (result i64) (i64.const 0x0000000600000000))"#;
    let limits = Limits::DEFAULT.with_message(MessageLimits::DEFAULT.with_depth(1));
    let package = load(&[("tree", tree)])
        .unwrap()
        .with_limits(limits)
        .unwrap();
    let mut hostile = Hostile::instantiate(&package, Host::default()).unwrap();
    let error = hostile.tree().unwrap_err();
    assert_says(
        &error,
        "tree: the package may use 1 values of recursive types inside each other, and needs more (the limit is \
         `Limits::message.depth`): array[0]: more than 1 values",
    );
    assert_eq!(error.limit(), Some(LimitKind::Depth(1)));
}

/// The guest answers with the room that the host has put its arguments into.
#[test]
fn a_result_may_lie_where_the_arguments_are() {
    let package = bounds::package(Limits::DEFAULT, &[], "");
    let (mut typed, mut dynamic) = (bounds::typed(&package), bounds::put_together(&package));
    for length in [0, 10, 5_000, 100_000, 10] {
        let text = "x".repeat(length);
        let value = bounds::Json::Array(vec![bounds::Json::Text(text.clone())]);
        assert_eq!(typed.echo(&value).unwrap(), value);
        let text = Value::Variant("text".into(), Some(Box::new(Value::String(text))));
        let value = Value::Variant("array".into(), Some(Box::new(Value::List(vec![text]))));
        let arguments = [value];
        let echoed = dynamic.call("$root", "echo", &arguments).unwrap();
        assert_eq!(echoed.as_ref(), arguments.first());
    }
}

/// And with a part of it: what the host wrote is read as something else, and judged as such.
#[test]
fn a_result_may_overlap_the_arguments() {
    const WIT: &str =
        "package test:cut; world cut { export cut: func(text: string, at: u32) -> string; }";
    let cut = r#"(func (export "$root#cut") (param i32 i32 i32) (result i64) (i64.or
        (i64.extend_i32_u (i32.add (local.get 0) (local.get 2)))
        (i64.shl (i64.extend_i32_u (i32.sub (local.get 1) (local.get 2))) (i64.const 32))))"#;
    let mut instance = dynamic(&other(WIT, Limits::DEFAULT, &[("more", cut)]));
    let mut cut = |from: u32| {
        let text = Value::String("abé".into());
        instance.call("$root", "cut", &[text, Value::U32(from)])
    };
    assert_eq!(cut(2).unwrap(), Some(Value::String("é".into())));
    for (from, words) in [
        (3, "the string is not valid UTF-8"),
        (10, "are outside the guest's memory"),
    ] {
        let error = cut(from).unwrap_err();
        assert!(matches!(error, Error::Decode { .. }), "{error}");
        assert_says(&error, words);
    }
    assert_eq!(cut(2).unwrap(), Some(Value::String("é".into())));
}

/// What the host knows of the memory is asked anew after every call.
#[test]
fn a_result_may_lie_in_memory_that_the_call_has_added() {
    let text = r#"(func (export "$root#text") (result i64) (local $at i32)
        (local.set $at (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))
        (i32.store16 (local.get $at) (i32.const 0x6968))
        (i64.or (i64.extend_i32_u (local.get $at)) (i64.const 0x200000000)))"#;
    let package = load(&[("text", text)]).unwrap();
    let (mut typed, mut dynamic) = (instance(&package), dynamic(&package));
    for _ in 0..20 {
        assert_eq!(typed.text().unwrap(), "hi");
        assert!(typed.send(&Json::Text("x".repeat(100))).unwrap());
        let text = dynamic.call("$root", "text", &[]).unwrap();
        assert_eq!(text, Some(Value::String("hi".into())));
    }
}
