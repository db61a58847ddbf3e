//! The contract between builds of Pack that never meet: what must not move by accident, and what a change to a
//! WIT file means.

mod common;

use common::{API, Table, function, id, labels, record, to_hex, variant};
use pack_abi::Contract;
use pack_abi::schema::diff::{Mismatch, Role, Verdict, compare};
use pack_abi::schema::{Provider, Schema, SchemaError, Type, TypeKind, hash};

/// A bit of everything, recursion included.
fn pinned() -> Table {
    let mut table = Table::new();
    let json = id(1);
    let list = table.add(TypeKind::List(json));
    table.named(
        "json",
        variant(&[
            ("null", None),
            ("number", Some(Type::F64)),
            ("array", Some(list)),
        ]),
    );
    let option = table.add(TypeKind::Option(Type::String));
    let access = table.named("access", TypeKind::Flags(labels("may-", 9)));
    let color = table.named("color", TypeKind::Enum(labels("color-", 3)));
    let pair = table.add(TypeKind::Tuple(vec![Type::Char, access]));
    let four = table.add(TypeKind::FixedList(Type::U16, 4));
    let outcome = table.add(TypeKind::Result {
        ok: Some(json),
        err: None,
    });
    let map = table.add(TypeKind::Map(Type::String, color));
    let person = table.named(
        "person",
        record(&[
            ("name", option),
            ("pair", pair),
            ("four", four),
            ("map", map),
        ]),
    );
    let someone = table.named("someone", TypeKind::Alias(person));
    let file = table.named("file", TypeKind::Resource(Provider::Host));
    let (own, borrow) = (
        table.add(TypeKind::Own(file)),
        table.add(TypeKind::Borrow(file)),
    );
    table.export(function(
        "run",
        &[("who", someone), ("times", Type::U32)],
        Some(outcome),
    ));
    table.export(function(
        "[method]file.copy",
        &[("self", borrow)],
        Some(own),
    ));
    table.import(function("log", &[("text", Type::String)], None));
    table
}

const WHAT_TO_DO: &str = "the canonical form of schemas has changed, so that packages and hosts built before and \
     after the change misunderstand each other. If that is meant: raise FORMAT_VERSION, then pin the new bytes; \
     if not, undo it";

#[test]
fn the_canonical_form_does_not_move() {
    let Table(schema) = pinned();
    let golden = "\
        19000000746573743a636f6e74726163742f776f726c6440312e302e300e0000000000000000050d0100000001190000 \
        00746573743a636f6e74726163742f747970657340312e302e30040000006a736f6e000000000103000000040000006e \
        756c6c0000000000060000006e756d626572010a00000000050000006172726179010d00000000000000000000000000 \
        070c0119000000746573743a636f6e74726163742f747970657340312e302e3006000000616363657373000000000309 \
        000000050000006d61792d3000000000050000006d61792d3100000000050000006d61792d3200000000050000006d61 \
        792d3300000000050000006d61792d3400000000050000006d61792d3500000000050000006d61792d36000000000500 \
        00006d61792d3700000000050000006d61792d38000000000119000000746573743a636f6e74726163742f7479706573 \
        40312e302e3005000000636f6c6f7200000000020300000007000000636f6c6f722d300000000007000000636f6c6f72 \
        2d310000000007000000636f6c6f722d3200000000000000000004020000000b0d030000000000000000060204000000 \
        000000000008010d01000000000000000000090c0d040000000119000000746573743a636f6e74726163742f74797065 \
        7340312e302e3006000000706572736f6e000000000004000000040000006e616d650d02000000000000000400000070 \
        6169720d050000000000000004000000666f75720d0600000000000000030000006d61700d0800000000000000011900 \
        0000746573743a636f6e74726163742f747970657340312e302e3007000000736f6d656f6e65000000000a0d09000000 \
        0119000000746573743a636f6e74726163742f747970657340312e302e300400000066696c65000000000b0000000000 \
        000c0d0b00000000000000000d0d0b0000000100000017000000746573743a636f6e74726163742f61706940312e302e \
        300000000001000000030000006c6f67000000000100000004000000746578740c00000100000017000000746573743a \
        636f6e74726163742f61706940312e302e3000000000020000000300000072756e00000000020000000300000077686f \
        0d0a0000000500000074696d657303010d0700000000110000005b6d6574686f645d66696c652e636f70790000000001 \
        0000000400000073656c660d0d000000010d0c00000000";
    let bytes = common::hex(golden);
    assert_eq!(to_hex(&schema.to_bytes()), to_hex(&bytes), "{WHAT_TO_DO}");
    assert_eq!(Schema::from_bytes(&bytes), Ok(schema));
}

#[test]
fn the_hashes_do_not_move() {
    let Table(schema) = pinned();
    let (exports, imports) = (&schema.exports[0], &schema.imports[0]);
    for (found, golden) in [
        (
            hash::function(&schema, API, &exports.functions[0]),
            "0bdf0e2532ce0a2d50fa5badf27ff1aedc1ef346d29e24ebb03a678ccc5bd23e",
        ),
        (
            hash::function(&schema, API, &imports.functions[0]),
            "ab34b173bfc82edff2ba0a215a902b4fd92c4feaf48aa08c8cc900ef75fbf727",
        ),
        (
            hash::interface(&schema, exports),
            "6cc11956c6f33cfb3241b946ad4681b353d4520b40d037d8669eb0c6b05638fc",
        ),
    ] {
        assert_eq!(to_hex(&found), golden, "{WHAT_TO_DO}");
    }
    assert_eq!(pack_abi::schema::FORMAT_VERSION, 1, "{WHAT_TO_DO}");
}

/// Rules that WIT has as well, and a package from elsewhere may break.
#[test]
fn handles_are_of_resources_and_borrowed_ones_stay_in_the_call() {
    type Make = fn(&mut Table, Type) -> Option<Type>;
    let rules: [(Make, &str); 8] = [
        (|table, file| Some(table.add(TypeKind::Own(file))), ""),
        (
            |table, file| {
                let alias = table.named("alias", TypeKind::Alias(file));
                let own = table.add(TypeKind::Own(alias));
                Some(table.add(TypeKind::List(own)))
            },
            "",
        ),
        (|_, file| Some(file), "handle"),
        (
            |table, file| Some(table.add(TypeKind::List(file))),
            "handle",
        ),
        (
            |table, _| Some(table.add(TypeKind::Own(Type::U32))),
            "handle",
        ),
        (
            |table, file| {
                let own = table.add(TypeKind::Own(file));
                Some(table.add(TypeKind::Borrow(own)))
            },
            "handle",
        ),
        (
            |table, file| Some(table.add(TypeKind::Borrow(file))),
            "borrowed result",
        ),
        (
            |table, file| {
                let borrow = table.add(TypeKind::Borrow(file));
                Some(table.named("pair", record(&[("a", Type::U8), ("b", borrow)])))
            },
            "borrowed result",
        ),
    ];
    for (at, (make, expected)) in rules.into_iter().enumerate() {
        let mut table = Table::new();
        let file = table.named("file", TypeKind::Resource(Provider::Package));
        let result = make(&mut table, file);
        table.export(function("f", &[], result));
        let found = match Contract::new(table.0) {
            Ok(_) => "",
            Err(SchemaError::Handle { .. }) => "handle",
            Err(SchemaError::BorrowedResult { .. }) => "borrowed result",
            Err(other) => panic!("{at}: {other}"),
        };
        assert_eq!(found, expected, "{at}");
    }
}

#[test]
fn what_is_not_supported_yet_has_a_place_in_the_schema() {
    let stream = |table: &mut Table| {
        let ty = table.add(TypeKind::Stream(Some(Type::U8)));
        table.export(function("f", &[("p", ty)], None));
    };
    let future = |table: &mut Table| {
        let ty = table.add(TypeKind::Future(None));
        table.export(function("f", &[], Some(ty)));
    };
    let is_async = |table: &mut Table| {
        let mut function = function("f", &[], None);
        function.is_async = true;
        table.import(function);
    };
    type Put<'a> = &'a dyn Fn(&mut Table);
    let cases: [(Put<'_>, &str); 3] = [
        (&stream, "a stream: `stream` is not supported yet"),
        (&future, "a future: `future` is not supported yet"),
        (&is_async, "api.f: `async func` is not supported yet"),
    ];
    for (put, words) in cases {
        let mut table = Table::new();
        put(&mut table);
        let bytes = table.0.to_bytes();
        assert_eq!(Schema::from_bytes(&bytes), Ok(table.0.clone()));
        assert_eq!(Contract::new(table.0).unwrap_err().to_string(), words);
    }
}

/// `sent-…` travel to the package only, `got-…` to the host only, everything else both ways.
const BASE: &str = "
    package test:contract@1.0.0;

    interface types {
        enum sent-enum { a, b, c }
        variant sent-variant { a, b(u32), c }
        flags sent-flags { a, b, c }
        enum got-enum { a, b, c }
        variant got-variant { a, b(u32), c }
        flags got-flags { a, b, c }
        enum both { a, b, c }
        flags eight { a, b, c, d, e, f, g, h }
        record point { x: f64, y: f64 }
        record tree { value: u32, children: list<tree> }
        variant json { null, number(f64), array(list<json>) }
        variant expr { literal(s64), binary(binary) }
        record binary { op: both, sides: list<expr> }
        type label = string;
    }

    interface api {
        use types.{sent-enum, sent-variant, sent-flags, got-enum, got-variant, got-flags, both};
        use types.{eight, point, tree, json, expr, label};
        send: func(e: sent-enum, v: sent-variant, f: sent-flags, w: eight);
        get: func() -> tuple<got-enum, got-variant, got-flags>;
        echo: func(e: both, p: point, t: tree) -> tuple<both, point, tree>;
        evaluate: func(x: expr, j: json) -> result<json, string>;
        misc: func(m: map<string, u32>, four: list<u16, 4>, maybe: option<u8>, pair: tuple<u8, label>) -> result;
    }

    interface log {
        enum level { info, error }
        enum answer { fine, stop }
        write: func(level: level, text: string) -> answer;
    }

    world app {
        import log;
        export api;
        export stop: func();
    }
";

#[derive(Debug, PartialEq)]
enum Fit {
    Same,
    Fits,
    /// The first mismatch.
    Breaks(String),
}
use Fit::{Fits, Same};

fn breaks(mismatch: &str) -> Fit {
    Fit::Breaks(mismatch.into())
}

fn parse(wit: &str) -> Contract {
    let source = pack_codegen::wit::Source::Inline(wit.into());
    let world = pack_codegen::wit::parse(&source, None);
    world
        .unwrap_or_else(|error| panic!("{error}\n{wit}"))
        .contract
}

fn fit(host: &Contract, package: &Contract) -> Fit {
    let comparison = compare(host, package);
    match comparison.verdict {
        Verdict::Identical => Same,
        Verdict::Compatible => Fits,
        Verdict::Breaking => Fit::Breaks(comparison.mismatches[0].to_string()),
    }
}

struct Row {
    edit: (&'static str, &'static str),
    /// The package has the edit, the host does not.
    in_package: Fit,
    /// The host has the edit, the package does not.
    in_host: Fit,
}

#[test]
fn what_an_edit_of_the_contract_means() {
    let base = parse(BASE);
    let mut wrong = Vec::new();
    for Row {
        edit: (old, new),
        in_package,
        in_host,
    } in table()
    {
        assert_eq!(BASE.matches(old).count(), 1, "{old}");
        let edited = parse(&BASE.replace(old, new));
        for (side, expected, found) in [
            ("package", in_package, fit(&base, &edited)),
            ("host", in_host, fit(&edited, &base)),
        ] {
            if found != expected {
                wrong.push(format!(
                    "{old} -> {new}, in {side}:\n  found    {found:?}\n  expected {expected:?}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where an interface is imported and exported, each of its resources is two. Which of the two is meant, the side says.
#[test]
fn a_resource_is_the_same_whatever_else_has_its_interface() {
    let wit = |world: &str| {
        parse(&format!(
            "package a:b;
            interface i {{ resource r; f: func(r: r); }}
            interface j {{ use i.{{r}}; record s {{ r: r }} g: func(s: s) -> list<r>; }}
            world w {{ {world} }}"
        ))
    };
    let both = wit("import i; export i; import j; export j;");
    let (exports, imports) = (wit("export i; export j;"), wit("import i; import j;"));
    assert_eq!(fit(&both, &exports), Fits);
    assert_eq!(
        fit(&both, &imports),
        breaks("a:b/i: host has interface, package has no such interface")
    );
    assert_eq!(
        fit(&exports, &both),
        breaks("a:b/i: host has no such interface, package has interface")
    );
    // `j` has the resource of an `i` that only the host provides.
    let of_host = wit("import i; export j;");
    assert_eq!(
        fit(&of_host, &exports),
        breaks(
            r#"j.g: record s, field "r": host has resource a:b/i/r of the host, package has resource a:b/i/r of the package"#
        )
    );
}

fn table() -> Vec<Row> {
    let row = |old, new, in_package, in_host| Row {
        edit: (old, new),
        in_package,
        in_host,
    };
    vec![
        // Names of types and parameters, and docs, do not matter; nor does the order of declarations.
        row(
            "variant json { null,",
            "variant json { /// Nothing.\n null,",
            Same,
            Same,
        ),
        row(
            "write: func(level: level, text: string)",
            "write: func(at: level, what: string)",
            Same,
            Same,
        ),
        row(
            "type label = string;",
            "type label = string; record unused { a: u8 }",
            Same,
            Same,
        ),
        row("tuple<u8, label>", "tuple<u8, string>", Same, Same),
        row(
            "record tree { value: u32, children: list<tree> }",
            "record forest { value: u32, children: list<forest> } type tree = forest;",
            Same,
            Same,
        ),
        // Functions and interfaces.
        row(
            "export stop: func();",
            "export stop: func(); export start: func();",
            Fits,
            breaks("start: host has function, package has no such function"),
        ),
        row(
            "export stop: func();",
            "",
            breaks("stop: host has function, package has no such function"),
            Fits,
        ),
        row(
            "write: func(",
            "flush: func(); write: func(",
            breaks("log.flush: host has no such function, package has function"),
            Fits,
        ),
        row(
            "write: func(",
            "write-line: func(",
            breaks("log.write-line: host has no such function, package has function"),
            breaks("log.write: host has no such function, package has function"),
        ),
        row(
            "import log;",
            "import log: interface { write: func(); }",
            breaks(
                "log: host has no such interface; it has test:contract/log@1.0.0, package has interface",
            ),
            breaks(
                "test:contract/log@1.0.0: host has no such interface; it has log, package has interface",
            ),
        ),
        row(
            "import log;",
            "",
            Fits,
            breaks("test:contract/log@1.0.0: host has no such interface, package has interface"),
        ),
        row(
            "echo: func(",
            "echo-back: func(",
            breaks("api.echo: host has function, package has no such function"),
            breaks("api.echo-back: host has function, package has no such function"),
        ),
        row(
            "export stop: func();",
            "export stop: func(hard: bool);",
            breaks("stop: parameters: host has (), package has (hard: bool)"),
            breaks("stop: parameters: host has (hard: bool), package has ()"),
        ),
        row(
            "export stop: func();",
            "export stop: func() -> bool;",
            breaks("stop: result: host has none, package has bool"),
            breaks("stop: result: host has bool, package has none"),
        ),
        row(
            "get: func() -> tuple<got-enum, got-variant, got-flags>;",
            "get: func();",
            breaks(
                "api.get: result: host has tuple<got-enum, got-variant, got-flags>, package has none",
            ),
            breaks(
                "api.get: result: host has none, package has tuple<got-enum, got-variant, got-flags>",
            ),
        ),
        row(
            "four: list<u16, 4>, maybe: option<u8>",
            "maybe: option<u8>, four: list<u16, 4>",
            breaks(r#"api.misc: parameter "four": host has list<u16, 4>, package has option<u8>"#),
            breaks(r#"api.misc: parameter "maybe": host has option<u8>, package has list<u16, 4>"#),
        ),
        row(
            "package test:contract@1.0.0;",
            "package test:contract@1.1.0;",
            breaks(
                "test:contract/api@1.0.0: host has interface, package has no such interface; it has test:contract/api@1.1.0",
            ),
            breaks(
                "test:contract/api@1.1.0: host has interface, package has no such interface; it has test:contract/api@1.0.0",
            ),
        ),
        // Cases and flags at the end: only the side that receives may have more.
        row(
            "sent-enum { a, b, c }",
            "sent-enum { a, b, c, d }",
            Fits,
            breaks(r#"api.send: enum sent-enum, case "d": host has it, package has no such case"#),
        ),
        row(
            "sent-variant { a, b(u32), c }",
            "sent-variant { a, b(u32), c, d(string) }",
            Fits,
            breaks(
                r#"api.send: variant sent-variant, case "d": host has it, package has no such case"#,
            ),
        ),
        row(
            "sent-flags { a, b, c }",
            "sent-flags { a, b, c, d }",
            Fits,
            breaks(
                r#"api.send: flags sent-flags, flag "d": host has it, package has no such flag"#,
            ),
        ),
        row(
            "got-enum { a, b, c }",
            "got-enum { a, b, c, d }",
            breaks(r#"api.get: enum got-enum, case "d": host has no such case, package has it"#),
            Fits,
        ),
        row(
            "got-variant { a, b(u32), c }",
            "got-variant { a, b(u32), c, d(string) }",
            breaks(
                r#"api.get: variant got-variant, case "d": host has no such case, package has it"#,
            ),
            Fits,
        ),
        row(
            "got-flags { a, b, c }",
            "got-flags { a, b, c, d }",
            breaks(r#"api.get: flags got-flags, flag "d": host has no such flag, package has it"#),
            Fits,
        ),
        row(
            "enum both { a, b, c }",
            "enum both { a, b, c, d }",
            breaks(r#"api.echo: enum both, case "d": host has no such case, package has it"#),
            breaks(r#"api.echo: enum both, case "d": host has it, package has no such case"#),
        ),
        row(
            "level { info, error }",
            "level { info, error, panic }",
            breaks(r#"log.write: enum level, case "panic": host has no such case, package has it"#),
            Fits,
        ),
        row(
            "answer { fine, stop }",
            "answer { fine, stop, ask }",
            Fits,
            breaks(r#"log.write: enum answer, case "ask": host has it, package has no such case"#),
        ),
        // A flag too many for the byte.
        row(
            "f, g, h }",
            "f, g, h, i }",
            breaks(
                "api.send: flags eight, width of the flags: host has 1 byte, package has 2 bytes",
            ),
            breaks(r#"api.send: flags eight, flag "i": host has it, package has no such flag"#),
        ),
        // Anywhere else they are other cases.
        row(
            "sent-enum { a, b, c }",
            "sent-enum { d, a, b, c }",
            breaks(r#"api.send: enum sent-enum, case "d": host has no such case, package has it"#),
            breaks(r#"api.send: enum sent-enum, case "d": host has it, package has no such case"#),
        ),
        row(
            "sent-enum { a, b, c }",
            "sent-enum { b, a, c }",
            breaks(
                r#"api.send: enum sent-enum, case number 1: host has case "a", package has case "b""#,
            ),
            breaks(
                r#"api.send: enum sent-enum, case number 1: host has case "b", package has case "a""#,
            ),
        ),
        row(
            "got-variant { a, b(u32), c }",
            "got-variant { a, bb(u32), c }",
            breaks(
                r#"api.get: variant got-variant, case "b": host has it, package has no such case"#,
            ),
            breaks(
                r#"api.get: variant got-variant, case "bb": host has it, package has no such case"#,
            ),
        ),
        row(
            "got-variant { a, b(u32), c }",
            "got-variant { a, b(s32), c }",
            breaks(r#"api.get: variant got-variant, case "b": host has u32, package has s32"#),
            breaks(r#"api.get: variant got-variant, case "b": host has s32, package has u32"#),
        ),
        row(
            "got-variant { a, b(u32), c }",
            "got-variant { a, b, c }",
            breaks(
                r#"api.get: variant got-variant, case "b": host has u32, package has no payload"#,
            ),
            breaks(
                r#"api.get: variant got-variant, case "b": host has no payload, package has u32"#,
            ),
        ),
        // Records.
        row(
            "x: f64, y: f64 }",
            "x: f64, y: f64, z: f64 }",
            breaks(r#"api.echo: record point, field "z": host has no such field, package has it"#),
            breaks(r#"api.echo: record point, field "z": host has it, package has no such field"#),
        ),
        row(
            "x: f64, y: f64 }",
            "y: f64, x: f64 }",
            breaks(
                r#"api.echo: record point, field number 1: host has field "x", package has field "y""#,
            ),
            breaks(
                r#"api.echo: record point, field number 1: host has field "y", package has field "x""#,
            ),
        ),
        row(
            "x: f64, y: f64 }",
            "x: f64, why: f64 }",
            breaks(r#"api.echo: record point, field "y": host has it, package has no such field"#),
            breaks(
                r#"api.echo: record point, field "why": host has it, package has no such field"#,
            ),
        ),
        row(
            "x: f64, y: f64 }",
            "x: f64, y: f32 }",
            breaks(r#"api.echo: record point, field "y": host has f64, package has f32"#),
            breaks(r#"api.echo: record point, field "y": host has f32, package has f64"#),
        ),
        row(
            "record point { x: f64, y: f64 }",
            "type point = tuple<f64, f64>;",
            breaks("api.echo: parameter \"p\": host has record point, package has tuple<f64, f64>"),
            breaks(
                r#"api.echo: parameter "p": host has tuple<f64, f64>, package has record point"#,
            ),
        ),
        // Recursion and its heads.
        row(
            "record tree { value: u32, children: list<tree> }",
            "record leaf { value: u32 } record tree { value: u32, children: list<leaf> }",
            breaks("api.echo: record tree: host has a recursive type, package has a plain type"),
            breaks("api.echo: record tree: host has a plain type, package has a recursive type"),
        ),
        row(
            "record tree { value: u32, children: list<tree> }",
            "record tree { value: u32, children: list<tree>, parent: option<tree> }",
            breaks(
                r#"api.echo: record tree, field "parent": host has no such field, package has it"#,
            ),
            breaks(
                r#"api.echo: record tree, field "parent": host has it, package has no such field"#,
            ),
        ),
        row(
            "array(list<json>) }",
            "array(list<json>), object(list<tuple<string, json>>) }",
            breaks(
                r#"api.evaluate: variant json, case "object": host has no such case, package has it"#,
            ),
            breaks(
                r#"api.evaluate: variant json, case "object": host has it, package has no such case"#,
            ),
        ),
        row(
            "array(list<json>) }",
            "array(list<f64>) }",
            breaks(
                "api.evaluate: variant json: host has a recursive type, package has a plain type",
            ),
            breaks(
                "api.evaluate: variant json: host has a plain type, package has a recursive type",
            ),
        ),
        row(
            "sent-variant { a, b(u32), c }",
            "sent-variant { a, b(u32), c, d(list<sent-variant>) }",
            Fits,
            breaks(
                "api.send: variant sent-variant: host has a recursive type, package has a plain type",
            ),
        ),
        row(
            "got-variant { a, b(u32), c }",
            "got-variant { a, b(u32), c, d(list<got-variant>) }",
            breaks(
                "api.get: variant got-variant: host has a plain type, package has a recursive type",
            ),
            Fits,
        ),
        row(
            "op: both, sides: list<expr>",
            "op: both, sides: list<expr, 2>",
            breaks(
                r#"api.evaluate: record binary, field "sides": host has list<expr>, package has list<expr, 2>"#,
            ),
            breaks(
                r#"api.evaluate: record binary, field "sides": host has list<expr, 2>, package has list<expr>"#,
            ),
        ),
        row(
            "op: both, sides: list<expr>",
            "op: string, sides: list<expr>",
            breaks(
                r#"api.evaluate: record binary, field "op": host has enum both, package has string"#,
            ),
            breaks(
                r#"api.evaluate: record binary, field "op": host has string, package has enum both"#,
            ),
        ),
        row(
            "literal(s64), binary(binary) }",
            "binary(binary), literal(s64) }",
            breaks(
                r#"api.evaluate: variant expr, case number 1: host has case "literal", package has case "binary""#,
            ),
            breaks(
                r#"api.evaluate: variant expr, case number 1: host has case "binary", package has case "literal""#,
            ),
        ),
        // Anonymous types.
        row(
            "m: map<string, u32>",
            "m: map<string, u64>",
            breaks(r#"api.misc: parameter "m", value: host has u32, package has u64"#),
            breaks(r#"api.misc: parameter "m", value: host has u64, package has u32"#),
        ),
        row(
            "m: map<string, u32>",
            "m: list<tuple<string, u32>>",
            breaks(
                r#"api.misc: parameter "m": host has map<string, u32>, package has list<tuple<string, u32>>"#,
            ),
            breaks(
                r#"api.misc: parameter "m": host has list<tuple<string, u32>>, package has map<string, u32>"#,
            ),
        ),
        row(
            "list<u16, 4>",
            "list<u16, 5>",
            breaks(
                r#"api.misc: parameter "four": host has list<u16, 4>, package has list<u16, 5>"#,
            ),
            breaks(
                r#"api.misc: parameter "four": host has list<u16, 5>, package has list<u16, 4>"#,
            ),
        ),
        row(
            "list<u16, 4>",
            "list<u16>",
            breaks(r#"api.misc: parameter "four": host has list<u16, 4>, package has list<u16>"#),
            breaks(r#"api.misc: parameter "four": host has list<u16>, package has list<u16, 4>"#),
        ),
        row(
            "option<u8>",
            "option<option<u8>>",
            breaks(r#"api.misc: parameter "maybe", some: host has u8, package has option<u8>"#),
            breaks(r#"api.misc: parameter "maybe", some: host has option<u8>, package has u8"#),
        ),
        row(
            "tuple<u8, label>",
            "tuple<u8, label, u8>",
            breaks(
                r#"api.misc: parameter "pair": host has tuple<u8, label>, package has tuple<u8, label, u8>"#,
            ),
            breaks(
                r#"api.misc: parameter "pair": host has tuple<u8, label, u8>, package has tuple<u8, label>"#,
            ),
        ),
        row(
            "result<json, string>",
            "result<json>",
            breaks("api.evaluate: result: host has result<json, string>, package has result<json>"),
            breaks("api.evaluate: result: host has result<json>, package has result<json, string>"),
        ),
        row(
            "-> result;",
            "-> result<u8>;",
            breaks("api.misc: result: host has result, package has result<u8>"),
            breaks("api.misc: result: host has result<u8>, package has result"),
        ),
    ]
}

#[test]
fn what_does_no_harm_is_said_as_well() {
    let world = |levels: &str, more: &str| {
        parse(&format!(
            "package a:b;
            interface log {{ enum level {{ {levels} }} write: func(level: level); }}
            world w {{ import log; export run: func(); {more} }}"
        ))
    };
    let host = world("low, high", "import unused: func();");
    let package = world("low", "export more: func();");
    let comparison = compare(&host, &package);
    assert_eq!(comparison.verdict, Verdict::Compatible);
    let said: Vec<String> = comparison
        .harmless
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        said,
        [
            "log.write: enum level, case \"high\": host has it, package has no such case",
            "more: host has no such function, package has function",
            "unused: host has function, package has no such function",
        ]
    );
    // The package sends what the host does not know.
    let comparison = compare(&package, &host);
    assert_eq!(comparison.verdict, Verdict::Breaking);
    assert_eq!(
        comparison.mismatches[0].to_string(),
        "more: host has function, package has no such function"
    );
}

#[test]
fn each_function_says_that_it_breaks() {
    let world = |field: &str| {
        parse(&format!(
            "package a:b;
            interface shop {{
                record item {{ name: string, price: {field} }}
                record order {{ items: list<item>, note: string }}
                find: func(name: string) -> option<item>;
                place: func(order: order, first: item);
                count: func() -> u32;
            }}
            world w {{ export shop; }}"
        ))
    };
    let comparison = compare(&world("u32"), &world("u64"));
    let said = comparison.mismatches.iter().map(ToString::to_string);
    assert_eq!(
        said.collect::<Vec<_>>(),
        [
            r#"shop.find: record item, field "price": host has u32, package has u64"#,
            // The other direction is looked at once more.
            r#"shop.place: record item, field "price": host has u32, package has u64"#,
        ]
    );
    let both = |field: &str| {
        parse(&format!(
            "package a:b;
            interface shop {{
                record item {{ name: string, price: {field} }}
                find: func(name: string) -> option<item>;
                all: func() -> list<item>;
                count: func() -> u32;
                dearest: func(least: u32) -> tuple<u32, item>;
            }}
            world w {{ export shop; }}"
        ))
    };
    let comparison = compare(&both("u32"), &both("u64"));
    let said = comparison.mismatches.iter().map(ToString::to_string);
    assert_eq!(
        said.collect::<Vec<_>>(),
        [
            r#"shop.find: record item, field "price": host has u32, package has u64"#,
            "shop.all: result: host has list<item>, package has list<item>, which differs as in shop.find",
            "shop.dearest: result: host has tuple<u32, item>, package has tuple<u32, item>, which differs as in shop.find",
        ]
    );
}

#[test]
fn a_type_may_be_read_as_two_in_two_messages() {
    let world = |function: &str| {
        parse(&format!(
            "package a:b;
            interface e {{
                variant a {{ leaf, n(list<a>) }}
                variant b {{ leaf, n(list<b>) }}
                {function}
            }}
            world w {{ export e; }}"
        ))
    };
    let one = world("f: func(x: a); g: func(x: a);");
    let two = world("f: func(x: a); g: func(x: b);");
    assert_eq!(fit(&one, &two), Same);
    assert_eq!(fit(&two, &one), Same);
    // In one message nodes may be shared.
    let one = world("f: func(x: a, y: a); g: func(x: a);");
    let two = world("f: func(x: a, y: b); g: func(x: a);");
    assert_eq!(
        fit(&one, &two),
        breaks(
            "e.f: variant a: host has variant a in all places, package has variant b in some and variant a in others, \
             which cannot share nodes"
        )
    );
    assert_eq!(fit(&two, &one), Same);
}

#[test]
fn the_same_interface_on_both_sides_breaks_on_both() {
    let world = |field: &str| {
        parse(&format!(
            "package a:b;
            interface e {{ record r {{ x: {field} }} f: func(x: r) -> r; g: func(y: list<r>); }}
            world w {{ import e; export e; }}"
        ))
    };
    let comparison = compare(&world("u8"), &world("u16"));
    let said: Vec<(Role, String)> = comparison
        .mismatches
        .iter()
        .map(|mismatch| (mismatch.role, mismatch.to_string()))
        .collect();
    let field = r#"e.f: record r, field "x": host has u8, package has u16"#;
    let there = |place: &str, ty: &str, also: &str| {
        format!("{place}: host has {ty}, package has {ty}, which differs as in e.f{also}")
    };
    assert_eq!(
        said,
        [
            (Role::Export, field.to_owned()),
            (Role::Export, there(r#"e.g: parameter "y""#, "list<r>", "")),
            (
                Role::Import,
                there(r#"e.f: parameter "x""#, "r", ", which the package exports")
            ),
            (
                Role::Import,
                there("e.f: result", "r", ", which the package exports")
            ),
            (
                Role::Import,
                there(
                    r#"e.g: parameter "y""#,
                    "list<r>",
                    ", which the package exports"
                )
            ),
        ]
    );
}

#[test]
fn another_version_of_an_interface_is_another_interface() {
    let world = |version: &str| {
        parse(&format!(
            "package a:b@{version};
            interface e {{ f: func(); g: func(); }}
            world w {{ export e; }}"
        ))
    };
    let comparison = compare(&world("1.0.0"), &world("1.1.0"));
    let said =
        |list: &[Mismatch]| -> Vec<String> { list.iter().map(ToString::to_string).collect() };
    assert_eq!(
        said(&comparison.mismatches),
        ["a:b/e@1.0.0: host has interface, package has no such interface; it has a:b/e@1.1.0"]
    );
    assert_eq!(
        said(&comparison.harmless),
        ["a:b/e@1.1.0: host has no such interface, package has interface"]
    );
}
