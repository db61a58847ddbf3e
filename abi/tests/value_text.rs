//! Dynamic values as WAVE and as JSON, there and back.
//!
//! What is said of wrong texts is in `.txt` files beside this one. Set `PACK_BLESS=1` to write them anew.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in a test, also outside of its function, a panic is a failure"
)]

#[path = "../../tests/tests/common/mod.rs"]
mod common;

use std::fmt::{Debug, Display};
use std::thread;

use pack_abi::schema::{Contract, Type, TypeKind};
use pack_abi::value::serde::ValueSeed;
use pack_abi::value::text::{Call, TextErrorKind};
use pack_abi::value::{MAX_LEVELS, encode_value};
use pack_abi::{Limits, Value};
use proptest::prelude::*;
use serde::de::DeserializeSeed;

use common::random::{self, Choices};
use common::{Table, case, function, labels, record, variant};

/// Types by the name that the tables give them.
struct Types {
    contract: Contract,
    named: Vec<(&'static str, Type)>,
}

impl Types {
    fn get(&self, name: &str) -> Type {
        let found = self.named.iter().find(|(known, _)| *known == name);
        found.unwrap_or_else(|| panic!("no type {name}")).1
    }

    fn read(&self, ty: &str, text: &str) -> Value {
        let value = Value::from_wave(&self.contract, self.get(ty), text);
        value.unwrap_or_else(|error| panic!("{ty} {text}\n{error}"))
    }
}

fn label_list(names: &[&str]) -> Vec<pack_abi::schema::Label> {
    let mut labels = labels("x", names.len());
    for (label, name) in labels.iter_mut().zip(names) {
        label.name = (*name).into();
    }
    labels
}

fn types() -> Types {
    let mut table = Table::new();
    let point = table.named("point", record(&[("x", Type::U8), ("y", Type::S16)]));
    let age = table.add(TypeKind::Option(Type::U8));
    let person = table.named(
        "person",
        record(&[("full-name", Type::String), ("age", age)]),
    );
    let empty = table.named("empty", record(&[]));
    let lazy = table.named("lazy", record(&[("age", age)]));
    let color = table.named("color", TypeKind::Enum(label_list(&["red", "none", "inf"])));
    let access = table.named(
        "access",
        TypeKind::Flags(label_list(&["read", "write", "some"])),
    );
    let shape = table.named(
        "shape",
        variant(&[
            ("nothing", None),
            ("circle", Some(Type::F32)),
            ("err", Some(point)),
        ]),
    );
    let json = common::id(table.0.types.len() + 2);
    let list = table.add(TypeKind::List(json));
    let object = table.add(TypeKind::Map(Type::String, json));
    let cases = [
        ("null", None),
        ("text", Some(Type::String)),
        ("array", Some(list)),
        ("object", Some(object)),
    ];
    assert_eq!(table.named("json", variant(&cases)), json);
    let bytes = table.add(TypeKind::List(Type::U8));
    let numbers = table.add(TypeKind::List(Type::U16));
    let two = table.add(TypeKind::FixedList(Type::U16, 2));
    let pair = table.add(TypeKind::Tuple(vec![Type::U8, Type::String]));
    let unit = table.add(TypeKind::Tuple(vec![]));
    let twice = table.add(TypeKind::Option(age));
    let outcome = table.add(TypeKind::Result {
        ok: Some(Type::U8),
        err: Some(Type::String),
    });
    let done = table.add(TypeKind::Result {
        ok: None,
        err: Some(Type::U8),
    });
    let names = table.add(TypeKind::Map(Type::String, Type::U8));
    let codes = table.add(TypeKind::Map(Type::U16, Type::Bool));
    let maybe_color = table.add(TypeKind::Option(color));
    let maybe_list = table.add(TypeKind::Option(numbers));
    let file = table.named("file", TypeKind::Resource(pack_abi::schema::Provider::Host));
    let handle = table.add(TypeKind::Own(file));
    let mut named = vec![
        ("point", point),
        ("person", person),
        ("empty", empty),
        ("lazy", lazy),
        ("color", color),
        ("access", access),
        ("shape", shape),
        ("json", json),
        ("list<json>", list),
        ("list<u8>", bytes),
        ("list<u16>", numbers),
        ("list<u16, 2>", two),
        ("tuple<u8, string>", pair),
        ("tuple", unit),
        ("option<u8>", age),
        ("option<option<u8>>", twice),
        ("result<u8, string>", outcome),
        ("result<_, u8>", done),
        ("map<string, u8>", names),
        ("map<u16, bool>", codes),
        ("option<color>", maybe_color),
        ("option<list<u16>>", maybe_list),
        ("own<file>", handle),
    ];
    let primitives = [
        Type::Bool,
        Type::U8,
        Type::U64,
        Type::S8,
        Type::S64,
        Type::F32,
        Type::F64,
        Type::Char,
        Type::String,
    ];
    named.extend(primitives.map(|ty| (ty.keyword(), ty)));
    Types {
        contract: table.contract(),
        named,
    }
}

/// NaN is equal to nothing, but is printed alike.
fn assert_same(left: &Value, right: &Value, at: &dyn Debug) {
    assert_eq!(format!("{left:?}"), format!("{right:?}"), "{at:?}");
}

#[test]
fn wave_is_read_and_printed() {
    let types = types();
    // Type, how it is printed, how else it may be written.
    let table: &[(&str, &str, &[&str])] = &[
        (
            "bool",
            "true",
            &[" true // yes", "// a comment\n\ttrue\r\n"],
        ),
        ("u8", "255", &[]),
        ("s8", "-128", &[]),
        ("u64", "18446744073709551615", &[]),
        ("s64", "-9223372036854775808", &[]),
        ("f32", "1.5", &["15e-1", "1.50", "0.15E+1"]),
        ("f32", "0.1", &[]),
        ("f32", "inf", &["1e39"]),
        ("f32", "nan", &[]),
        ("f64", "-0.0", &["-0", "-0e5"]),
        ("f64", "2.0", &["2"]),
        ("f64", "1e300", &[]),
        ("f64", "5e-324", &[]),
        ("f64", "-inf", &[]),
        ("f64", "nan", &[]),
        ("char", "'x'", &["'\\u{78}'", "'\\u{000078}'"]),
        ("char", "'\\''", &["'\\u{27}'"]),
        ("char", "'\"'", &["'\\\"'"]),
        ("char", "'\\\\'", &[]),
        ("char", "'\\n'", &[]),
        ("char", "'\\u{0}'", &[]),
        ("char", "'☃'", &["'\\u{2603}'"]),
        (
            "string",
            "\"\"",
            &["\"\"\"\n\"\"\"", "\"\"\"\r\n    \"\"\""],
        ),
        ("string", "\"it's \\\"so\\\"\"", &["\"it\\'s \\\"so\\\"\""]),
        (
            "string",
            "\"\\\\ \\t\\r\\n\\u{0}\\u{202e}\"",
            &["\"\\\\ \t\\r\\n\0\u{202e}\""],
        ),
        (
            "string",
            "\"grüße // none\"",
            &["\"gr\\u{fc}\\u{df}e // none\""],
        ),
        (
            "string",
            "\"a\\n  b\"",
            &[
                "\"\"\"\n  a\n    b\n  \"\"\"",
                "\"\"\"\r\na\r\n  b\r\n\"\"\"",
            ],
        ),
        (
            "string",
            "\"\\\"\\\"\\\" \\\\\"",
            &[
                "\"\"\"\n\"\"\\\" \\\\\n\"\"\"",
                "\"\"\"\n\"\\\"\" \\\\\n\"\"\"",
            ],
        ),
        ("string", "\"\\na\\n\"", &["\"\"\"\n\na\n\n\"\"\""]),
        ("list<u16>", "[]", &["[ ]"]),
        ("list<u16>", "[1, 2]", &["[1,2,]", "[ 1 , // one\n 2 ]"]),
        ("list<u16, 2>", "[1, 2]", &[]),
        ("list<u8>", "[]", &["b\"\""]),
        (
            "list<u8>",
            "[97, 255, 0, 195, 188, 10]",
            &["b\"a\\xff\\x00ü\\n\"", "[97,255,0,195,188,10,]"],
        ),
        ("tuple<u8, string>", "(1, \"a\")", &["(1,\"a\",)"]),
        ("tuple", "()", &[]),
        ("empty", "{:}", &["{}", "{ : }"]),
        (
            "point",
            "{x: 1, y: -2}",
            &["{y: -2, x: 1,}", "{%x:1,%y:-2}"],
        ),
        (
            "person",
            "{full-name: \"A\", age: some(3)}",
            &["{age: 3, full-name: \"A\"}"],
        ),
        (
            "person",
            "{full-name: \"A\", age: none}",
            &["{full-name: \"A\"}"],
        ),
        ("lazy", "{age: none}", &["{:}", "{}"]),
        ("color", "red", &["%red"]),
        ("color", "%none", &["none"]),
        ("option<color>", "none", &[]),
        ("option<color>", "some(%none)", &["%none", "some(none)"]),
        ("option<color>", "some(%inf)", &["inf"]),
        ("option<color>", "some(red)", &["red"]),
        ("option<list<u16>>", "some([1])", &["[1]"]),
        ("access", "{}", &[]),
        (
            "access",
            "{read, some}",
            &["{some, read,}", "{%some,%read}"],
        ),
        ("shape", "nothing", &[]),
        ("shape", "circle(1.0)", &["circle( 1 )", "%circle(1)"]),
        ("shape", "%err({x: 1, y: 2})", &["err({x: 1, y: 2})"]),
        ("option<u8>", "none", &[]),
        ("option<u8>", "some(7)", &["7"]),
        ("option<option<u8>>", "none", &[]),
        ("option<option<u8>>", "some(none)", &[]),
        ("option<option<u8>>", "some(some(7))", &["some(7)"]),
        ("result<u8, string>", "ok(7)", &["7"]),
        ("result<u8, string>", "err(\"no\")", &[]),
        ("result<_, u8>", "ok", &[]),
        ("result<_, u8>", "err(1)", &[]),
        ("map<string, u8>", "{}", &["{:}"]),
        (
            "map<string, u8>",
            "{\"b\": 2, \"a\": 1}",
            &["{\"b\":2,\"a\":1,}"],
        ),
        ("map<u16, bool>", "{1: true, 0: false}", &[]),
        (
            "json",
            "object({\"k\": array([null, text(\"v\")])})",
            &["object({\"k\":array([null,text(\"v\"),],),})"],
        ),
    ];
    for (ty, text, others) in table {
        if text.starts_with("object") {
            // A payload is one value, without a comma behind it.
            assert!(Value::from_wave(&types.contract, types.get(ty), others[0]).is_err());
        }
        let value = types.read(ty, text);
        assert_eq!(value.to_string(), *text, "{ty}");
        encode_value(&types.contract, types.get(ty), &value, Limits::DEFAULT).unwrap();
        for other in others.iter().filter(|_| !text.starts_with("object")) {
            assert_same(&types.read(ty, other), &value, &(ty, other));
        }
    }
}

#[test]
fn what_is_no_wave_is_told_so() {
    let types = types();
    let mut found = String::new();
    let table = [
        ("bool", "yes"),
        ("bool", ""),
        ("u8", "256"),
        ("u8", "-1"),
        ("u8", "007"),
        ("u8", "+7"),
        ("u8", "7.0"),
        ("u8", "\"x\""),
        ("u8", "7 8"),
        ("f64", ".5"),
        ("f64", "NaN"),
        ("char", "x"),
        ("char", "''"),
        ("char", "'ab'"),
        ("char", "'\\q'"),
        ("string", "abc"),
        ("string", "\"abc"),
        ("string", "\"a\nb\""),
        ("string", "\"\\u{d800}\""),
        ("string", "\"\\u{1234567}\""),
        ("string", "\"\\u{12\""),
        ("string", "\"\\xff\""),
        ("string", "\"\"\"abc\"\"\""),
        ("string", "\"\"\"\nabc\"\"\""),
        ("string", "\"\"\"\n a\n  \"\"\""),
        ("string", "\"\"\"\na"),
        ("list<u16>", "[1 2]"),
        ("list<u16>", "[,]"),
        ("list<u16>", "[1,,2]"),
        ("list<u16>", "(1)"),
        ("list<u16>", "[1"),
        ("list<u16, 2>", "[1]"),
        ("list<u16, 2>", "[1, 2, 3]"),
        ("list<u8>", "\"abc\""),
        ("list<u8>", "b\"\\xg0\""),
        ("tuple<u8, string>", "(1)"),
        ("tuple<u8, string>", "(1, \"a\", 2)"),
        ("point", "{x: 1, z: 2}"),
        ("point", "{x: 1, x: 2}"),
        ("point", "{x: 1}"),
        ("point", "{x 1}"),
        ("point", "{: x: 1, y: 2}"),
        ("point", "1"),
        ("person", "{\n  age: 1,\n  full_name: \"Ada\",\n}"),
        ("color", "blue"),
        ("color", "ref"),
        ("access", "{read, reed}"),
        ("access", "{read, read}"),
        ("shape", "circle"),
        ("shape", "nothing(1)"),
        ("shape", "square(1)"),
        ("option<option<u8>>", "7"),
        ("option<u8>", "some"),
        ("result<_, u8>", "7"),
        ("result<_, u8>", "ok(1)"),
        ("result<u8, string>", "err"),
        ("map<string, u8>", "{\"a\": 1, \"a\": 2}"),
        ("map<string, u8>", "{a: 1}"),
        ("json", "array([text(\"one\"), text(2)])"),
        ("own<file>", "file(1)"),
        ("u8", "\u{202e}\u{1b}[31m"),
        ("list<u16>", "[111111, 222222]"),
    ];
    for (ty, text) in table {
        let error = Value::from_wave(&types.contract, types.get(ty), text).unwrap_err();
        let span = error.span();
        assert!(text.get(span.clone()).is_some(), "{span:?} of {text}");
        found += &format!("{error}\n\n");
    }
    check("wave_errors.txt", &found);
}

/// Compares with a file next to this one; `PACK_BLESS=1` writes it.
fn check(file: &str, found: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(file);
    if std::env::var_os("PACK_BLESS").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == found,
        "{} differs; PACK_BLESS=1 writes this:\n{found}",
        path.display()
    );
}

#[test]
fn json_is_read_and_written() {
    let types = types();
    // Type, WAVE, JSON, what else is read.
    let table: &[(&str, &str, &str, &[&str])] = &[
        ("bool", "true", "true", &[]),
        (
            "u8",
            "255",
            "255",
            &[r#"{"$serde_json::private::Number": "255"}"#],
        ),
        (
            "u64",
            "18446744073709551615",
            "18446744073709551615",
            &[r#""18446744073709551615""#],
        ),
        (
            "s64",
            "-9223372036854775808",
            "-9223372036854775808",
            &[r#""-9223372036854775808""#],
        ),
        ("s8", "-1", "-1", &[]),
        ("f32", "0.1", "0.1", &["1e-1"]),
        ("f32", "2.0", "2.0", &["2"]),
        (
            "f32",
            "7.038531e-26",
            "7.038530691851209e-26",
            &["7.0385306918512091e-26"],
        ),
        ("f64", "-0.0", "-0.0", &["-0"]),
        ("f64", "-2.0", "-2.0", &["-2"]),
        ("f64", "5e-324", "5e-324", &[]),
        ("f64", "nan", r#""NaN""#, &[]),
        ("f64", "inf", r#""Infinity""#, &[]),
        ("f32", "-inf", r#""-Infinity""#, &[]),
        ("char", "'☃'", r#""☃""#, &[r#""\u2603""#]),
        ("string", "\"a\\n\\u{0}\"", r#""a\n\u0000""#, &[]),
        ("list<u16>", "[1, 2]", "[1,2]", &[]),
        ("list<u16, 2>", "[1, 2]", "[1,2]", &[]),
        ("list<u8>", "[]", r#""""#, &["[]"]),
        (
            "list<u8>",
            "[255, 254, 97, 0]",
            r#""//5hAA==""#,
            &["[255,254,97,0]"],
        ),
        ("tuple<u8, string>", "(1, \"a\")", r#"[1,"a"]"#, &[]),
        ("tuple", "()", "[]", &[]),
        ("empty", "{:}", "{}", &[]),
        (
            "point",
            "{x: 1, y: -2}",
            r#"{"x":1,"y":-2}"#,
            &[r#"{"y": -2, "x": 1}"#],
        ),
        (
            "person",
            "{full-name: \"A\", age: none}",
            r#"{"full-name":"A","age":null}"#,
            &[r#"{"full-name":"A"}"#],
        ),
        (
            "person",
            "{full-name: \"A\", age: some(3)}",
            r#"{"full-name":"A","age":3}"#,
            &[],
        ),
        ("color", "%none", r#""none""#, &[]),
        ("access", "{}", "[]", &[]),
        (
            "access",
            "{read, some}",
            r#"["read","some"]"#,
            &[r#"["some","read"]"#],
        ),
        ("shape", "nothing", r#""nothing""#, &[]),
        (
            "shape",
            "circle(1.0)",
            r#"{"circle":1.0}"#,
            &[r#"{"circle":1}"#],
        ),
        ("option<u8>", "none", "null", &[]),
        ("option<u8>", "some(7)", "7", &[]),
        ("option<option<u8>>", "none", "null", &[]),
        ("option<option<u8>>", "some(none)", r#"{"some":null}"#, &[]),
        ("option<option<u8>>", "some(some(7))", r#"{"some":7}"#, &[]),
        ("result<u8, string>", "ok(7)", r#"{"ok":7}"#, &[]),
        ("result<u8, string>", "err(\"no\")", r#"{"err":"no"}"#, &[]),
        ("result<_, u8>", "ok", r#""ok""#, &[]),
        ("map<string, u8>", "{}", "{}", &[]),
        (
            "map<string, u8>",
            "{\"b\": 2, \"a\": 1}",
            r#"{"b":2,"a":1}"#,
            &[],
        ),
        (
            "map<u16, bool>",
            "{1: true, 0: false}",
            "[[1,true],[0,false]]",
            &[],
        ),
        (
            "json",
            "object({\"k\": array([null, text(\"v\")])})",
            r#"{"object":{"k":{"array":["null",{"text":"v"}]}}}"#,
            &[],
        ),
    ];
    for (ty, wave, json, others) in table {
        let (value, contract, ty) = (types.read(ty, wave), &types.contract, types.get(ty));
        assert_eq!(value.to_json(contract, ty).unwrap(), *json);
        for text in others.iter().chain([json]) {
            let read = Value::from_json(contract, ty, text);
            let read = read.unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_same(&read, &value, text);
        }
    }
}

#[test]
fn what_is_no_json_of_a_type_is_told_so() {
    let types = types();
    let table = [
        ("bool", "1", "expected bool, found 1"),
        ("u8", "256", "256 is outside the range of u8"),
        ("u8", "-1", "-1 is outside the range of u8"),
        ("u8", "1.0", "expected u8, found 1.0"),
        ("u8", "\"1\"", "expected u8, found \"1\""),
        ("u64", "\"+1\"", "expected u64, found \"+1\""),
        ("u64", "\"-1\"", "-1 is outside the range of u64"),
        ("u8", "{\"a\": 1}", "expected u8, found an object"),
        ("u8", "null", "expected u8, found null"),
        ("u8", "", "EOF while parsing a value"),
        ("u8", "1 2", "trailing characters"),
        ("f32", "1e39", "1e39 is outside the range of f32"),
        ("f64", "\"nan\"", "expected f64, found \"nan\""),
        ("char", "\"ab\"", "expected char, found \"ab\""),
        (
            "list<u16>",
            "{}",
            "expected list<u16> (an array), found an object",
        ),
        ("list<u16>", "[1, \"x\"]", "[1]: expected u16, found \"x\""),
        (
            "list<u16, 2>",
            "[1]",
            "list<u16, 2> has 2 elements, not fewer",
        ),
        (
            "list<u16, 2>",
            "[1,2,3]",
            "list<u16, 2> has 2 elements, not more",
        ),
        (
            "tuple<u8, string>",
            "[1]",
            "tuple<u8, string> has 2 elements, not fewer",
        ),
        (
            "tuple<u8, string>",
            "[1,\"\",3]",
            "tuple<u8, string> has 2 elements, not more",
        ),
        (
            "list<u8>",
            "\"a\"",
            "this is no base64 with padding: Invalid input length: 1",
        ),
        (
            "list<u8>",
            "[1, 256]",
            "[1]: 256 is outside the range of u8",
        ),
        (
            "list<u8>",
            "true",
            "expected list<u8> (base64 in a string, or an array of numbers), found true",
        ),
        (
            "point",
            "[1, 2]",
            "expected record point (an object), found an array",
        ),
        (
            "point",
            "{\"x\": 1}",
            "the field `y` of record point is missing: add it, s16; only options may be left out",
        ),
        (
            "point",
            "{\"x\": 1, \"x\": 2}",
            "the field `x` is there twice",
        ),
        (
            "person",
            "{\"full_name\": 1}",
            "record person has no field `full_name`: did you mean `full-name`?",
        ),
        (
            "person",
            "{\"full-name\": 1}",
            "full-name: expected string, found 1",
        ),
        (
            "color",
            "\"blue\"",
            "enum color has no case `blue`: there is `red`, `none`, `inf`",
        ),
        (
            "color",
            "{\"red\": null}",
            "expected enum color (a string), found an object",
        ),
        (
            "access",
            "[\"read\", \"reed\"]",
            "flags access has no flag `reed`: did you mean `read`?",
        ),
        (
            "access",
            "[\"read\", \"read\"]",
            "the flag `read` is there twice",
        ),
        ("access", "[1]", "[0]: expected string, found 1"),
        (
            "shape",
            "\"circle\"",
            "`circle` needs a payload: write {\"circle\": …} with f32 inside",
        ),
        (
            "shape",
            "{\"nothing\": 1}",
            "`nothing` has no payload: write \"nothing\" alone",
        ),
        (
            "shape",
            "{}",
            "expected variant shape (\"case\", or {\"case\": payload}), found an empty object",
        ),
        (
            "shape",
            "{\"circle\": 1, \"nothing\": 1}",
            "expected variant shape (\"case\", or {\"case\": payload}), found an object with more than one case",
        ),
        (
            "shape",
            "{\"err\": {\"x\": 1, \"y\": 1e9}}",
            "err.y: expected s16, found 1000000000.0",
        ),
        ("option<u8>", "\"x\"", "expected u8, found \"x\""),
        (
            "option<option<u8>>",
            "7",
            "expected option<u8> (null, or {\"some\": payload}), found 7",
        ),
        (
            "option<option<u8>>",
            "{\"none\": 1}",
            "expected option<u8> (null, or {\"some\": payload}), found another object",
        ),
        (
            "result<_, u8>",
            "\"err\"",
            "`err` needs a payload: write {\"err\": …} with u8 inside",
        ),
        (
            "result<u8, string>",
            "{\"error\": 1}",
            "result<u8, string> has no case `error`: there is `ok`, `err`",
        ),
        (
            "map<string, u8>",
            "[]",
            "expected map<string, u8> (an object), found an array",
        ),
        (
            "map<string, u8>",
            "{\"a\": 1, \"a\": 2}",
            "the key `a` is there twice",
        ),
        (
            "map<string, u8>",
            "{\"a\": 1, \"b\": true}",
            "[1].value: expected u8, found true",
        ),
        (
            "map<u16, bool>",
            "{}",
            "expected map<u16, bool> (an array of [key, value]), found an object",
        ),
        (
            "map<u16, bool>",
            "[[1]]",
            "[0]: an entry is [key, value], not less",
        ),
        (
            "map<u16, bool>",
            "[[1, true, 2]]",
            "[0]: an entry is [key, value], not more",
        ),
        (
            "map<u16, bool>",
            "[[1, true], [1, true]]",
            "the key 1 is there twice",
        ),
        (
            "map<u16, bool>",
            "[[-1, true]]",
            "[0].key: -1 is outside the range of u16",
        ),
        (
            "json",
            "{\"array\": [\"null\", {\"text\": 1}]}",
            "array[1].text: expected string, found 1",
        ),
        (
            "own<file>",
            "1",
            "a resource can be passed only in a typed call of a running instance",
        ),
    ];
    let mut wrong = String::new();
    for (ty, text, expected) in table {
        let error = Value::from_json(&types.contract, types.get(ty), text).unwrap_err();
        // Where that is, serde_json adds.
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap();
        if message != expected || error.line() != 1 {
            wrong += &format!("{ty} {text}\n  expected {expected}\n  found    {error}\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn values_of_another_type_are_not_written() {
    let types = types();
    let key = |at: u16| (Value::U16(at), Value::Bool(true));
    let named = |at: &str| (Value::from(at), Value::U8(1));
    let table = [
        ("u8", Value::U16(1), "expected u8, found a u16"),
        (
            "list<u16>",
            vec![Value::U16(1), Value::U8(1)].into(),
            "[1]: expected u16, found a u8",
        ),
        (
            "point",
            Value::Record(vec![("x".into(), 1_u8.into())]),
            "expected record point, found a record of (x)",
        ),
        (
            "color",
            Value::Enum("blue".into()),
            "expected enum color, found the case blue",
        ),
        (
            "access",
            Value::Flags(vec!["blue".into()]),
            "expected flags access, found the flags (blue)",
        ),
        (
            "shape",
            case("circle", None),
            "expected variant shape, found the case circle",
        ),
        (
            "shape",
            case("circle", Some(Value::Bool(true))),
            "circle: expected f32, found a bool",
        ),
        (
            "shape",
            case("square", None),
            "expected variant shape, found the case square",
        ),
        (
            "result<_, u8>",
            Value::Result(Err(None)),
            "expected result<_, u8>, found a result",
        ),
        (
            "map<u16, bool>",
            Value::Map(vec![key(1), key(1)]),
            "[1]: the map has the same key twice",
        ),
        (
            "map<string, u8>",
            Value::Map(vec![named("a"), named("a")]),
            "[1]: the map has the same key twice",
        ),
        (
            "map<string, u8>",
            Value::Map(vec![key(1)]),
            "[0].key: expected string, found a u16",
        ),
        (
            "map<u16, bool>",
            Value::Map(vec![named("a")]),
            "[0].key: expected u16, found a string",
        ),
        (
            "own<file>",
            Value::U32(1),
            "a resource can be passed only in a typed call of a running instance",
        ),
    ];
    for (ty, value, expected) in table {
        let error = value.to_json(&types.contract, types.get(ty)).unwrap_err();
        assert_eq!(error.to_string(), expected, "{ty}");
    }
}

#[test]
fn debugging_shows_what_a_derived_impl_would() {
    let table = [
        (Value::from(Some(1_u8)), "Option(Some(U8(1)))"),
        (Value::Option(None), "Option(None)"),
        (Value::Result(Ok(None)), "Result(Ok(None))"),
        (
            Value::from(Err::<u8, _>("x")),
            "Result(Err(Some(String(\"x\"))))",
        ),
        (case("a", None), "Variant(\"a\", None)"),
        (
            case("a", Some(Value::List(vec![]))),
            "Variant(\"a\", Some(List([])))",
        ),
        (Value::Record(vec![]), "Record([])"),
        (
            Value::Record(vec![
                ("a".into(), 1_u8.into()),
                ("b".into(), Value::Tuple(vec![true.into(), 'x'.into()])),
            ]),
            "Record([(\"a\", U8(1)), (\"b\", Tuple([Bool(true), Char('x')]))])",
        ),
        (Value::Map(vec![]), "Map([])"),
        (
            Value::Map(vec![
                (1_u8.into(), 2_u8.into()),
                (3_u8.into(), Value::from(&b"ab"[..])),
            ]),
            "Map([(U8(1), U8(2)), (U8(3), Bytes([97, 98]))])",
        ),
        (Value::Flags(vec!["a".into()]), "Flags([\"a\"])"),
        (f64::NAN.into(), "F64(NaN)"),
    ];
    for (value, expected) in table {
        assert_eq!(format!("{value:?}"), expected);
    }
}

#[test]
fn values_can_be_looked_into() {
    let types = types();
    let person = types.read("person", "{full-name: \"Ada\", age: 36}");
    assert_eq!(
        person.field("full-name").and_then(Value::as_str),
        Some("Ada")
    );
    assert_eq!(
        person
            .field("age")
            .and_then(Value::payload)
            .and_then(Value::as_u64),
        Some(36)
    );
    assert_eq!(person.field("full_name"), None);
    let shape = types.read("shape", "circle(1.5)");
    assert_eq!(shape.case(), Some("circle"));
    assert_eq!(shape.payload().and_then(Value::as_f64), Some(1.5));
    assert_eq!(types.read("access", "{read}").has_flag("read"), Some(true));
    assert_eq!(
        types.read("access", "{read}").has_flag("write"),
        Some(false)
    );
    assert_eq!(shape.has_flag("read"), None);
    assert_eq!(
        types
            .read("list<u16>", "[1, 2]")
            .as_list()
            .map(<[Value]>::len),
        Some(2)
    );
    assert_eq!(
        types.read("list<u8>", "[1, 2]").as_bytes(),
        Some(&[1, 2][..])
    );
    assert_eq!(
        types.read("map<u16, bool>", "{1: true}").as_map(),
        Some(&[(1_u16.into(), true.into())][..])
    );
    assert_eq!(Value::from('x').as_char(), Some('x'));
    assert_eq!(Value::from(true).as_bool(), Some(true));
    let integers = [
        (Value::from(u64::MAX), Some(u64::MAX), None),
        (Value::from(-1_i8), None, Some(-1)),
        (Value::from(7_u16), Some(7), Some(7)),
        (Value::from(7.0_f32), None, None),
    ];
    for (value, unsigned, signed) in integers {
        assert_eq!(
            (value.as_u64(), value.as_i64()),
            (unsigned, signed),
            "{value}"
        );
    }
}

#[test]
fn calls_are_read() {
    let types = types();
    let (point, age) = (types.get("point"), types.get("option<u8>"));
    let eval = function("eval", &[("at", point), ("age", age), ("other", age)], None);
    let now = function("now", &[], None);
    let read = |text: &'static str| {
        let call = Call::parse(text)?;
        let function = if call.name() == "now" { &now } else { &eval };
        call.arguments(&types.contract, function)
    };
    let table = [
        ("now()", ""),
        (" now ( ) // now", ""),
        (
            "eval({x: 1, y: 2}, some(1), none)",
            "{x: 1, y: 2} some(1) none",
        ),
        (
            "demo:a/b@1.0.0#eval({x: 1, y: 2}, 1,)",
            "{x: 1, y: 2} some(1) none",
        ),
        (
            "[method]r.eval(\n  {x: 1, y: 2}\n)",
            "{x: 1, y: 2} none none",
        ),
    ];
    for (text, expected) in table {
        let values = read(text).unwrap_or_else(|error| panic!("{text}\n{error}"));
        let values: Vec<String> = values.iter().map(Value::to_string).collect();
        assert_eq!(values.join(" "), expected, "{text}");
    }
    assert_eq!(Call::parse(" a:b/c#d (1)").unwrap().name(), "a:b/c#d");
    let mut found = String::new();
    for text in [
        "",
        "eval",
        "(1)",
        "a b(1)",
        "eval()",
        "eval({x: 1, y: 2}, 1, 2, 3)",
        "now(1)",
        "now() now()",
        "eval({x: 1, y: 2}",
        "eval({x: 1, y: x})",
    ] {
        found += &format!("{}\n\n", read(text).unwrap_err());
    }
    check("call_errors.txt", &found);
}

/// A variant that contains itself in every way there is.
fn deep() -> (Contract, Type) {
    let mut table = Table::new();
    let deep = common::id(9);
    let list = table.add(TypeKind::List(deep));
    let object = table.add(TypeKind::Map(Type::String, deep));
    let pairs = table.add(TypeKind::Map(Type::U16, deep));
    let tuple = table.add(TypeKind::Tuple(vec![deep]));
    let fixed = table.add(TypeKind::FixedList(deep, 1));
    let outcome = table.add(TypeKind::Result {
        ok: None,
        err: Some(deep),
    });
    let some = table.add(TypeKind::Option(deep));
    let twice = table.add(TypeKind::Option(some));
    let chain = table.named("chain", record(&[("next", some)]));
    let cases = [
        ("end", None),
        ("list", Some(list)),
        ("object", Some(object)),
        ("pairs", Some(pairs)),
        ("tuple", Some(tuple)),
        ("fixed", Some(fixed)),
        ("outcome", Some(outcome)),
        ("twice", Some(twice)),
        ("chain", Some(chain)),
        ("itself", Some(deep)),
    ];
    assert_eq!(table.named("deep", variant(&cases)), deep);
    (table.contract(), deep)
}

/// Puts a value of `deep` into another in the way of that name; also says how many values that adds.
fn around(case_name: &str, value: Value) -> (Value, u32) {
    let some = |value: Value| Value::Option(Some(Box::new(value)));
    let (payload, levels) = match case_name {
        "list" | "fixed" => (Value::List(vec![value]), 2),
        "object" => (Value::Map(vec![("key".into(), value)]), 2),
        "pairs" => (Value::Map(vec![(7_u16.into(), value)]), 2),
        "tuple" => (Value::Tuple(vec![value]), 2),
        "outcome" => (Value::Result(Err(Some(Box::new(value)))), 2),
        "twice" => (some(some(value)), 3),
        "chain" => (Value::Record(vec![("next".into(), some(value))]), 3),
        _ => (value, 1),
    };
    (case(case_name, Some(payload)), levels)
}

const WAYS: [&str; 9] = [
    "list", "object", "pairs", "tuple", "fixed", "outcome", "twice", "chain", "itself",
];

/// A value with at most so many values inside each other.
fn nested(way: &str, most: u32) -> Value {
    let (mut value, mut levels) = (case("end", None), 1);
    loop {
        let (_, more) = around(way, Value::Bool(true));
        levels += more;
        if levels > most {
            return value;
        }
        (value, _) = around(way, value);
    }
}

fn with_stack<T: Send>(bytes: usize, run: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(bytes);
        thread.spawn_scoped(scope, run).unwrap().join().unwrap()
    })
}

const SMALL_STACK: usize = 64 << 10;

/// What a thread has if nobody says otherwise. What serde calls is on the thread's stack.
const STACK: usize = 2 << 20;

#[test]
fn the_deepest_values_fit_small_stacks() {
    let (contract, ty) = deep();
    for way in WAYS {
        with_stack(SMALL_STACK, || {
            let value = nested(way, MAX_LEVELS);
            let text = value.to_string();
            let read = Value::from_wave(&contract, ty, &text).unwrap();
            assert!(read == value);
            assert!(read.clone() == value);
            assert!(!format!("{read:?}").is_empty());
        });
        with_stack(STACK, || {
            let value = nested(way, MAX_LEVELS);
            assert!(encode_value(&contract, ty, &value, Limits::DEFAULT).is_ok());
            let text = value.to_json(&contract, ty).unwrap();
            assert!(Value::from_json(&contract, ty, &text).unwrap() == value);
            let tree = serde_json::to_value(value.typed(&contract, ty)).unwrap();
            let seed = ValueSeed::new(&contract, ty);
            assert!(seed.deserialize(&tree).unwrap() == value);
            assert!(seed.deserialize(tree).unwrap() == value);
        });
    }
}

#[test]
fn deeper_values_are_refused() {
    let (contract, ty) = deep();
    let limit = MAX_LEVELS;
    let message = "more than 512 values are inside each other";
    for way in WAYS {
        let value = nested(way, limit + 3);
        with_stack(SMALL_STACK, || {
            let error = Value::from_wave(&contract, ty, &value.to_string()).unwrap_err();
            assert_eq!(error.kind(), &TextErrorKind::TooDeep { limit }, "{way}");
        });
        with_stack(STACK, || {
            let error = value.to_json(&contract, ty).unwrap_err().to_string();
            assert!(error.contains(message), "{way}: {error}");
        });
    }
    let list = |count| "{\"list\":[".repeat(count) + "\"end\"" + &"]}".repeat(count);
    with_stack(STACK, || {
        assert!(Value::from_json(&contract, ty, &list(255)).is_ok());
        for count in [256, 500_000] {
            let error = Value::from_json(&contract, ty, &list(count)).unwrap_err();
            assert!(error.to_string().contains(message), "{error}");
        }
    });
}

#[test]
fn values_of_any_depth_do_no_harm() {
    let types = types();
    let (contract, ty) = deep();
    with_stack(SMALL_STACK, || {
        for way in WAYS {
            let value = nested(way, 300_000);
            assert!(value.clone() == value);
            assert!(value != nested(way, 299_990));
            assert!(format!("{value:?}").starts_with("Variant(\""));
            let text = value.to_string();
            assert!(Value::from_wave(&contract, ty, &text).is_err());
            assert!(Value::from_wave(&contract, ty, &text[..text.len() / 2]).is_err());
        }
        for text in [
            "[", "{", "(", "some(", "ok(", "\"", "'", "\"\"\"", "{:", "//", "%", "-",
        ] {
            let text = text.repeat(1_000_000);
            for (_, ty) in &types.named {
                assert!(Value::from_wave(&types.contract, *ty, &text).is_err());
                assert!(Value::from_json(&types.contract, *ty, &text).is_err());
            }
        }
    });
}

#[test]
fn little_text_does_not_become_much_memory() {
    let mut table = Table::new();
    let some = table.add(TypeKind::Option(Type::U8));
    let names: Vec<String> = (0..1000).map(|at| format!("f{at}")).collect();
    let fields: Vec<(&str, Type)> = names.iter().map(|name| (name.as_str(), some)).collect();
    let lazy = table.named("lazy", record(&fields));
    let list = table.add(TypeKind::List(lazy));
    let contract = table.contract();
    let text = format!("[{}]", vec!["{}"; 20_000].join(","));
    let limit = Limits::DEFAULT.bytes;
    let error = Value::from_wave(&contract, list, &text).unwrap_err();
    assert_eq!(error.kind(), &TextErrorKind::TooLarge { limit });
    let error = Value::from_json(&contract, list, &text)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("the value takes more than 268435456 bytes of memory"),
        "{error}"
    );
}

/// What WAVE itself does not have.
fn is_plain_wave(value: &Value, depth: usize) -> bool {
    let inside = |part: &Value| is_plain_wave(part, depth + 1);
    depth < 90
        && match value {
            Value::Map(_) => false,
            Value::Tuple(parts) => !parts.is_empty() && parts.iter().all(inside),
            Value::List(parts) => parts.iter().all(inside),
            Value::Record(fields) => fields.iter().all(|(_, part)| inside(part)),
            other => other.payload().is_none_or(inside),
        }
}

fn same<E: Display>(
    read: Result<Value, E>,
    value: &Value,
    text: &dyn Display,
) -> Result<(), TestCaseError> {
    match read {
        Ok(read) => prop_assert_eq!(&read, value, "{}", text),
        Err(error) => prop_assert!(false, "{}\n{}", text, error),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_value_comes_back(bytes in prop::collection::vec(any::<u8>(), 0..400), places in prop::collection::vec(any::<(u16, u8)>(), 4)) {
        let mut choices = Choices::new(bytes);
        let contract = random::contract(&mut choices);
        for at in 0..contract.types.len() {
            let ty = common::id(at);
            let value = random::value(&mut choices, &contract, ty, 30);
            prop_assert_eq!(&value.clone(), &value);

            let wave = value.to_string();
            same(Value::from_wave(&contract, ty, &wave), &value, &wave)?;
            if is_plain_wave(&value, 0) {
                let read = wasm_wave::untyped::UntypedValue::parse(&wave);
                prop_assert!(read.is_ok(), "{} {:?}", wave, read.err());
            }

            let json = value.to_json(&contract, ty).unwrap();
            same(Value::from_json(&contract, ty, &json), &value, &json)?;
            let tree = serde_json::to_value(value.typed(&contract, ty)).unwrap();
            let read = ValueSeed::new(&contract, ty).deserialize(&tree).unwrap();
            prop_assert_eq!(serde_json::to_value(read.typed(&contract, ty)).unwrap(), tree);

            // A binary format, with bytes of its own.
            let packed = rmp_serde::to_vec(&value.typed(&contract, ty)).unwrap();
            let mut reader = rmp_serde::Deserializer::from_read_ref(&packed);
            same(ValueSeed::new(&contract, ty).deserialize(&mut reader), &value, &json)?;

            // Whatever is read of a damaged text is a value of the type.
            for (place, byte) in &places {
                for (text, is_wave) in [(&wave, true), (&json, false)] {
                    let mut text = text.clone().into_bytes();
                    let at = usize::from(*place) % (text.len() + 1);
                    let signs = b"(){}[],:\"'%\\ 0-x.\n";
                    let sign = signs[usize::from(*byte) % signs.len()];
                    match byte / 86 {
                        0 if at < text.len() => text[at] = sign,
                        1 if at < text.len() => { text.remove(at); }
                        _ => text.insert(at, sign),
                    }
                    let text = String::from_utf8_lossy(&text);
                    let read = match is_wave {
                        true => Value::from_wave(&contract, ty, &text).map_err(|error| {
                            assert!(text.get(error.span()).is_some());
                            assert!(!error.to_string().is_empty());
                        }),
                        false => Value::from_json(&contract, ty, &text).map_err(drop),
                    };
                    if let Ok(read) = read {
                        prop_assert!(encode_value(&contract, ty, &read, Limits::DEFAULT).is_ok());
                    }
                }
            }
        }
    }

    #[test]
    fn every_float_comes_back(double in any::<u64>(), single in any::<u32>()) {
        let types = types();
        for (value, ty) in [(Value::F64(f64::from_bits(double)), Type::F64), (Value::F32(f32::from_bits(single)), Type::F32)] {
            let wave = Value::from_wave(&types.contract, ty, &value.to_string()).unwrap();
            let json = Value::from_json(&types.contract, ty, &value.to_json(&types.contract, ty).unwrap()).unwrap();
            for read in [wave, json] {
                let bits = |value: &Value| value.as_f64().map(|v| if v.is_nan() { 0 } else { v.to_bits() });
                prop_assert_eq!(bits(&read), bits(&value));
            }
        }
    }
}
