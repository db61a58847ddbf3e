//! The drift matrix: a contract that is edited on one side only, in every kind of way, and where that is caught.
//!
//! The guest `drift` is written for `wit/drift.wit`. For each edit of that file there are three questions: does the
//! unchanged guest still compile with the edited contract; does a host of the edited contract compile when it names the
//! unchanged package; and is that package refused when such a host loads it. None of the edits reaches a call.

use std::fs;
use std::path::Path;
use std::process::Command;

use pack_abi::schema::{Interface, hash};
use pack_abi::{Contract, metadata};
use pack_codegen::wit::{self, Source};
use pack_codegen::{Config, Side};
use pack_runtime::__private::HostContract;
use pack_runtime::Linker;

const WIT: &str = include_str!("../wit/drift.wit");

/// What an edit leads to.
enum Caught {
    /// Nothing: it means the same, or what is new is not needed.
    Never,
    /// An error with these words.
    With(&'static str),
}

use Caught::{Never, With};

struct Edit {
    what: &'static str,
    /// Each text that is replaced, and the text in its place.
    changes: &'static [(&'static str, &'static str)],
    /// Where the unchanged guest is compiled with the edited contract.
    guest: Caught,
    /// Where a host of the edited contract meets the unchanged package: while it is compiled, and when it loads it.
    host: Caught,
}

fn edits() -> Vec<Edit> {
    let edit = |what, changes, guest, host| Edit {
        what,
        changes,
        guest,
        host,
    };
    vec![
        edit(
            "a function is renamed",
            &[("area: func", "surface: func")],
            With("`area` is not a function of the interface `test:drift/api@1.0.0`"),
            With("api.surface: host has function, package has no such function"),
        ),
        edit(
            "a function is removed",
            &[("    reset: func();\n", "")],
            With("`reset` is not a function of the interface `test:drift/api@1.0.0`"),
            Never,
        ),
        edit(
            "a function is added",
            &[(
                "    reset: func();\n",
                "    reset: func();\n    again: func(times: u32);\n",
            )],
            With("this `impl` lacks `again`"),
            With("api.again: host has function, package has no such function"),
        ),
        edit(
            "functions change places",
            &[(
                "reset: func();\n    count: func() -> u32;",
                "count: func() -> u32;\n    reset: func();",
            )],
            Never,
            Never,
        ),
        edit(
            "a parameter is added",
            &[("reset: func()", "reset: func(hard: bool)")],
            With("`reset` has 1 parameter in the WIT, and none here"),
            With("api.reset: parameters: host has (hard: bool), package has ()"),
        ),
        edit(
            "a parameter is removed",
            &[("func(point: point, by: f32)", "func(point: point)")],
            With("`move_to` has 1 parameter in the WIT, and 2 here"),
            With(
                "api.move-to: parameters: host has (point: point), package has (point: point, by: f32)",
            ),
        ),
        edit(
            "a parameter is renamed",
            &[(
                "func(point: point, by: f32)",
                "func(point: point, distance: f32)",
            )],
            Never,
            Never,
        ),
        edit(
            "parameters change places",
            &[("func(point: point, by: f32)", "func(by: f32, point: point)")],
            With("parameter `by` of `move_to` must be `f32`"),
            With(r#"api.move-to: parameter "by": host has f32, package has record point"#),
        ),
        edit(
            "a parameter is wider",
            &[("by: f32", "by: f64")],
            With("parameter `by` of `move_to` must be `f64`, not `f32`"),
            With(r#"api.move-to: parameter "by": host has f64, package has f32"#),
        ),
        edit(
            "a parameter has a sign",
            &[(
                "move-to: func(point: point, by: f32)",
                "move-to: func(point: point, by: s32)",
            )],
            With("parameter `by` of `move_to` must be `i32`, not `f32`"),
            With(r#"api.move-to: parameter "by": host has s32, package has f32"#),
        ),
        edit(
            "a result is added",
            &[("reset: func()", "reset: func() -> bool")],
            With("the result of `reset` must be `bool`, and there is none"),
            With("api.reset: result: host has bool, package has none"),
        ),
        edit(
            "a result is removed",
            &[("count: func() -> u32", "count: func()")],
            With("the result of `count` must be `()`, not `u32`"),
            With("api.count: result: host has none, package has u32"),
        ),
        edit(
            "a result is wider",
            &[("count: func() -> u32", "count: func() -> u64")],
            With("the result of `count` must be `u64`, not `u32`"),
            With("api.count: result: host has u64, package has u32"),
        ),
        edit(
            "a result is an option",
            &[("count: func() -> u32", "count: func() -> option<u32>")],
            With("the result of `count` must be `Option<u32>`, not `u32`"),
            With("api.count: result: host has option<u32>, package has u32"),
        ),
        edit(
            "a result is no option any more",
            &[("-> option<user>", "-> user")],
            With("the result of `look_up` must be `"),
            With("api.look-up: result: host has record user, package has option<user>"),
        ),
        edit(
            "the error of a result is of another type",
            &[("-> result<string, string>", "-> result<string, u32>")],
            With(
                "the result of `greet` must be `Result<String, u32>`, not `Result<String, String>`",
            ),
            With("api.greet: result, error: host has u32, package has string"),
        ),
        edit(
            "the error of a result has no payload",
            &[("-> result<string, string>", "-> result<string>")],
            With(
                "the result of `greet` must be `Result<String, ()>`, not `Result<String, String>`",
            ),
            With("api.greet: result: host has result<string>, package has result<string, string>"),
        ),
        edit(
            "a result can fail",
            &[(
                "area: func(shape: shape) -> f64",
                "area: func(shape: shape) -> result<f64, string>",
            )],
            With("the result of `area` must be `Result<f64, String>`, not `f64`"),
            With("api.area: result: host has result<f64, string>, package has f64"),
        ),
        edit(
            "a field is renamed",
            &[("nick: option<string>", "alias: option<string>")],
            With("no field `nick`"),
            With(
                r#"api.greet: record user, field "alias": host has it, package has no such field"#,
            ),
        ),
        edit(
            "a field is added",
            &[(
                "nick: option<string> }",
                "nick: option<string>, email: string }",
            )],
            With("missing field `email`"),
            With(
                r#"api.greet: record user, field "email": host has it, package has no such field"#,
            ),
        ),
        edit(
            "a field is removed",
            &[("age: u32, nick: option<string> }", "age: u32 }")],
            With("no field `nick`"),
            With(r#"api.greet: record user, field "nick": host has no such field, package has it"#),
        ),
        edit(
            "fields change places",
            &[("{ x: f64, y: f64 }", "{ y: f64, x: f64 }")],
            Never,
            With(
                r#"api.move-to: record point, field number 1: host has field "y", package has field "x""#,
            ),
        ),
        edit(
            "a field is of another type",
            &[("age: u32", "age: string")],
            With("expected `u32`, found `String`"),
            With(r#"api.greet: record user, field "age": host has string, package has u32"#),
        ),
        edit(
            "a field is narrower",
            &[(
                "record point { x: f64, y: f64 }",
                "record point { x: f32, y: f32 }",
            )],
            With("expected `f32`, found `f64`"),
            With(r#"api.move-to: record point, field "x": host has f32, package has f64"#),
        ),
        edit(
            "a field is optional",
            &[("age: u32", "age: option<u32>")],
            With("expected `u32`, found `Option<u32>`"),
            With(r#"api.greet: record user, field "age": host has option<u32>, package has u32"#),
        ),
        edit(
            "a field is not optional any more",
            &[("nick: option<string>", "nick: string")],
            With("expected `String`, found `Option<_>`"),
            With(
                r#"api.greet: record user, field "nick": host has string, package has option<string>"#,
            ),
        ),
        edit(
            "a field is a list",
            &[(
                "record leaf { value: u32 }",
                "record leaf { value: list<u32> }",
            )],
            With("the trait bound `u64: From<Vec<u32>>` is not satisfied"),
            With(r#"api.total: record leaf, field "value": host has list<u32>, package has u32"#),
        ),
        edit(
            "a case is added at the end",
            &[(
                "polygon(list<point>), nothing }",
                "polygon(list<point>), nothing, square(f64) }",
            )],
            With("non-exhaustive patterns"),
            With(
                r#"api.area: variant shape, case "square": host has it, package has no such case"#,
            ),
        ),
        edit(
            "a case is removed",
            &[("polygon(list<point>), nothing }", "polygon(list<point>) }")],
            With("no variant or associated item named `Nothing`"),
            Never,
        ),
        edit(
            "a case is renamed",
            &[("circle(f64)", "disc(f64)")],
            With("no variant or associated item named `Circle`"),
            With(r#"api.area: variant shape, case "disc": host has it, package has no such case"#),
        ),
        edit(
            "cases change places",
            &[(
                "circle(f64), polygon(list<point>), nothing",
                "nothing, circle(f64), polygon(list<point>)",
            )],
            Never,
            With(
                r#"api.area: variant shape, case number 1: host has case "nothing", package has case "circle""#,
            ),
        ),
        edit(
            "a case loses its payload",
            &[("circle(f64)", "circle")],
            With("expected tuple struct or tuple variant, found unit variant `Shape::Circle`"),
            With(r#"api.area: variant shape, case "circle": host has no payload, package has f64"#),
        ),
        edit(
            "a case gets a payload",
            &[("nothing }", "nothing(u8) }")],
            With(
                "expected unit struct, unit variant or constant, found tuple variant `Shape::Nothing`",
            ),
            With(r#"api.area: variant shape, case "nothing": host has u8, package has no payload"#),
        ),
        edit(
            "the payload of a case changes",
            &[("circle(f64)", "circle(f32)")],
            With("expected `f64`, found `f32`"),
            With(r#"api.area: variant shape, case "circle": host has f32, package has f64"#),
        ),
        edit(
            "a case of an enum is added",
            &[("enum level { low, high }", "enum level { low, high, top }")],
            Never,
            With(r#"api.set-level: enum level, case "top": host has it, package has no such case"#),
        ),
        edit(
            "a case of an enum is removed",
            &[("enum level { low, high }", "enum level { low }")],
            Never,
            With(
                r#"api.set-level: enum level, case "high": host has no such case, package has it"#,
            ),
        ),
        edit(
            "cases of an enum change places",
            &[("enum level { low, high }", "enum level { high, low }")],
            Never,
            With(
                r#"api.set-level: enum level, case number 1: host has case "high", package has case "low""#,
            ),
        ),
        edit(
            "an enum has more cases than a byte",
            &[("enum level { low, high }", "enum level { low, high, MANY }")],
            Never,
            With(
                r#"api.set-level: enum level, case "case0": host has it, package has no such case"#,
            ),
        ),
        edit(
            "a flag is added",
            &[(
                "flags access { read, write }",
                "flags access { read, write, execute }",
            )],
            Never,
            With(
                r#"api.allow: flags access, flag "execute": host has it, package has no such flag"#,
            ),
        ),
        edit(
            "a flag is renamed",
            &[(
                "flags access { read, write }",
                "flags access { read, change }",
            )],
            Never,
            With(
                r#"api.allow: flags access, flag "change": host has it, package has no such flag"#,
            ),
        ),
        edit(
            "flags change places",
            &[(
                "flags access { read, write }",
                "flags access { write, read }",
            )],
            Never,
            With(
                r#"api.allow: flags access, flag number 1: host has flag "write", package has flag "read""#,
            ),
        ),
        edit(
            "a record is a tuple",
            &[(
                "record point { x: f64, y: f64 }",
                "type point = tuple<f64, f64>;",
            )],
            With("expected struct, variant or union type, found `(f64, f64)`"),
            With(
                r#"api.move-to: parameter "point": host has tuple<f64, f64>, package has record point"#,
            ),
        ),
        edit(
            "a record is a variant",
            &[("record leaf { value: u32 }", "variant leaf { value(u32) }")],
            With("no field `value` on type `Leaf`"),
            With(
                r#"api.total: record tree, field "leaf": host has variant leaf, package has record leaf"#,
            ),
        ),
        edit(
            "an enum is flags",
            &[("enum level { low, high }", "flags level { low, high }")],
            Never,
            With(
                r#"api.set-level: parameter "level": host has flags level, package has enum level"#,
            ),
        ),
        edit(
            "a type has another name",
            &[(
                "record user { name: string, age: u32, nick: option<string> }",
                "record person { name: string, age: u32, nick: option<string> }\n    type user = person;",
            )],
            Never,
            Never,
        ),
        edit(
            "an alias means something else",
            &[("type id = u64;", "type id = u32;")],
            With("parameter `id` of `look_up` must be `u32`, not `u64`"),
            With(r#"api.look-up: parameter "id": host has u32, package has u64"#),
        ),
        edit(
            "an alias is written out",
            &[("type id = u64;", "type id = u64;\n    type unused = u8;")],
            Never,
            Never,
        ),
        edit(
            "recursion is added",
            &[(
                "record leaf { value: u32 }",
                "record leaf { value: u32, more: list<leaf> }",
            )],
            Never,
            With("api.total: record leaf: host has a recursive type, package has a plain type"),
        ),
        edit(
            "recursion is removed",
            &[("children: list<tree> }", "children: list<leaf> }")],
            With("type mismatch in function arguments"),
            With("api.total: record tree: host has a plain type, package has a recursive type"),
        ),
        edit(
            "recursion goes another way",
            &[("children: list<tree> }", "children: option<tree> }")],
            With("type mismatch in function arguments"),
            With(
                r#"api.total: record tree, field "children": host has option<tree>, package has list<tree>"#,
            ),
        ),
        edit(
            "a list is nested",
            &[("keys: list<string>", "keys: list<list<string>>")],
            With("parameter `keys` of `look_up` must be `Vec<Vec<String>>`, not `Vec<String>`"),
            With(
                r#"api.look-up: parameter "keys", element: host has list<string>, package has string"#,
            ),
        ),
        edit(
            "a list has a fixed length",
            &[("keys: list<string>", "keys: list<string, 2>")],
            With("parameter `keys` of `look_up` must be `[String; 2]`, not `Vec<String>`"),
            With(
                r#"api.look-up: parameter "keys": host has list<string, 2>, package has list<string>"#,
            ),
        ),
        edit(
            "a fixed length changes",
            &[("bytes: list<u8, 4>", "bytes: list<u8, 5>")],
            With("parameter `bytes` of `fixed` must be `[u8; 5]`, not `[u8; 4]`"),
            With(r#"api.fixed: parameter "bytes": host has list<u8, 5>, package has list<u8, 4>"#),
        ),
        edit(
            "a tuple is longer",
            &[("pair: tuple<u8, string>", "pair: tuple<u8, string, bool>")],
            With("parameter `pair` of `pair` must be `(u8, String, bool)`, not `(u8, String)`"),
            With(
                r#"api.pair: parameter "pair": host has tuple<u8, string, bool>, package has tuple<u8, string>"#,
            ),
        ),
        edit(
            "the key of a map changes",
            &[("-> map<string, u32>", "-> map<u32, u32>")],
            With("the result of `pair` must be `BTreeMap<u32, u32>`, not `BTreeMap<String, u32>`"),
            With("api.pair: result, key: host has u32, package has string"),
        ),
        edit(
            "a map is a list of pairs",
            &[("-> map<string, u32>", "-> list<tuple<string, u32>>")],
            With("the result of `pair` must be `Vec<(String, u32)>`, not `BTreeMap<String, u32>`"),
            With(
                "api.pair: result: host has list<tuple<string, u32>>, package has map<string, u32>",
            ),
        ),
        edit(
            "an import is added",
            &[(
                "lines: func() -> u32;",
                "lines: func() -> u32;\n    flush: func();",
            )],
            Never,
            Never,
        ),
        edit(
            "an import is removed",
            &[("    lines: func() -> u32;\n", "")],
            With("cannot find function `lines` in module `log`"),
            With("log.lines: host has no such function, package has function"),
        ),
        edit(
            "an import changes",
            &[(
                "write: func(level: level, text: string)",
                "write: func(level: level, text: list<u8>)",
            )],
            With("expected `&[u8]`, found `&str`"),
            With(r#"log.write: parameter "text": host has list<u8>, package has string"#),
        ),
        edit(
            "an import has another result",
            &[("lines: func() -> u32", "lines: func() -> u64")],
            With("expected `u32`, found `u64`"),
            With("log.lines: result: host has u64, package has u32"),
        ),
        edit(
            "an imported interface is gone",
            &[("    import log;\n", "")],
            With("unresolved import `test::drift::log`"),
            With("test:drift/log@1.0.0: host has no such interface, package has interface"),
        ),
        edit(
            "an exported interface is gone",
            &[("    export jobs;\n", "")],
            With("unresolved import `exports::test::drift::jobs`"),
            Never,
        ),
        edit(
            "an exported interface is new",
            &[
                (
                    "    export jobs;\n",
                    "    export jobs;\n    export extra;\n",
                ),
                (
                    "interface jobs {",
                    "interface extra { more: func(); }\n\ninterface jobs {",
                ),
            ],
            With(
                "the world exports the interface `test:drift/extra@1.0.0`, and nothing in this crate provides it",
            ),
            With("test:drift/extra@1.0.0: host has interface, package has no such interface"),
        ),
        edit(
            "an interface is renamed",
            &[
                ("interface api {", "interface calls {"),
                ("export api;", "export calls;"),
            ],
            With("unresolved import `exports::test::drift::Api`"),
            With("test:drift/calls@1.0.0: host has interface, package has no such interface"),
        ),
        edit(
            "a function of the world is gone",
            &[("    export ping: func(text: string) -> string;\n", "")],
            With("`ping` is not a function the world exports; it exports none"),
            Never,
        ),
        edit(
            "a function of the world changes",
            &[(
                "export ping: func(text: string) -> string;",
                "export ping: func(text: list<u8>) -> string;",
            )],
            With(
                "parameter `text` of `ping` must be `Vec<u8>`, `&[u8]` or `&mut [u8]`, not `String`",
            ),
            With(r#"ping: parameter "text": host has list<u8>, package has string"#),
        ),
        edit(
            "an export is an import",
            &[("    export ping:", "    import ping:")],
            With("the name `ping` is defined multiple times"),
            Never,
        ),
        edit(
            "the package has another version",
            &[("test:drift@1.0.0", "test:drift@2.0.0")],
            Never,
            With(
                "test:drift/api@2.0.0: host has interface, package has no such interface; it has test:drift/api@1.0.0",
            ),
        ),
        edit(
            "the package has another name",
            &[("package test:drift@1.0.0", "package test:shift@1.0.0")],
            With("cannot find `drift` in `test`"),
            With(
                "test:shift/api@1.0.0: host has interface, package has no such interface; it has test:drift/api@1.0.0",
            ),
        ),
        edit(
            "a method is renamed",
            &[(
                "        get: func() -> u32;",
                "        value: func() -> u32;",
            )],
            With("no method named `get`"),
            With("store.cell.get: host has no such function, package has function"),
        ),
        edit(
            "a method is added",
            &[(
                "        get: func() -> u32;",
                "        get: func() -> u32;\n        clear: func();",
            )],
            Never,
            Never,
        ),
        edit(
            "a method is static",
            &[(
                "        name: func() -> string;",
                "        name: static func() -> string;",
            )],
            With(
                "an exported function cannot take `self`: what a package keeps between calls is in its statics",
            ),
            With("jobs.job.name: host has function, package has no such function"),
        ),
        edit(
            "a constructor changes",
            &[(
                "constructor(name: string);",
                "constructor(name: string, size: u32);",
            )],
            With("`new` has 2 parameters in the WIT, and 1 here"),
            With(
                "jobs.job.constructor: parameters: host has (name: string, size: u32), package has (name: string)",
            ),
        ),
        edit(
            "a constructor can fail",
            &[(
                "constructor(name: string);",
                "constructor(name: string) -> result<job, string>;",
            )],
            With("the result of `new` must be `Result<Named, String>`, not `Named`"),
            With(
                "jobs.job.constructor: result: host has result<own<job>, string>, package has own<job>",
            ),
        ),
        edit(
            "a resource is renamed",
            &[
                ("resource job {", "resource task {"),
                ("finish: func(job: job)", "finish: func(job: task)"),
            ],
            With("unresolved import `exports::test::drift::jobs::JobResource`"),
            With("jobs.task.constructor: host has function, package has no such function"),
        ),
        edit(
            "a handle is borrowed",
            &[("finish: func(job: job)", "finish: func(job: borrow<job>)")],
            With("parameter `job` of `finish` must be `"),
            With(r#"jobs.finish: parameter "job": host has borrow<job>, package has own<job>"#),
        ),
        edit(
            "a handle is owned",
            &[("swap: func(one: borrow<cell>,", "swap: func(one: cell,")],
            With("expected `Cell`, found `&Cell`"),
            With(r#"store.swap: parameter "one": host has own<cell>, package has borrow<cell>"#),
        ),
        edit(
            "what is exported is imported as well",
            &[("    import store;", "    import store;\n    import jobs;")],
            With("parameter `job` of `finish` must be `exports::test::drift::jobs::Job`"),
            Never,
        ),
        edit(
            "documentation changes",
            &[("record leaf {", "/// Of a tree.\n    record leaf {")],
            Never,
            Never,
        ),
    ]
}

impl Edit {
    fn wit(&self) -> String {
        self.changes
            .iter()
            .fold(WIT.to_owned(), |text, (old, new)| {
                assert_eq!(text.matches(old).count(), 1, "{}: {old}", self.what);
                // A byte has room for 256.
                let many: String = (0..300).map(|at| format!("case{at},")).collect();
                text.replace(old, &new.replace("MANY", &many))
            })
    }
}

fn contract(wit: &str) -> Contract {
    wit::parse(&Source::Inline(wit.to_owned()), None)
        .unwrap()
        .contract
}

/// What `bindgen!` would put into a host of this contract.
fn host_contract(contract: &Contract) -> HostContract {
    let hashes = |interfaces: &[Interface]| {
        let functions = interfaces.iter().flat_map(|interface| {
            interface.functions.iter().map(move |function| {
                let hash = hash::function(contract, &interface.name, function);
                (leak(&interface.name), leak(&function.name), hash)
            })
        });
        &*functions.collect::<Vec<_>>().leak()
    };
    HostContract {
        world: leak(&contract.world),
        metadata: metadata::write(contract.schema()).leak(),
        imports: hashes(&contract.imports),
        exports: hashes(&contract.exports),
    }
}

fn leak(text: &str) -> &'static str {
    text.to_owned().leak()
}

#[test]
fn a_host_of_an_edited_contract_meets_the_package() {
    let package = pack_tests::load("drift");
    let file = pack_tests::guest("drift");
    for edit in edits() {
        let wit = edit.wit();
        let compiled = Config::inline(&wit).package(&file).generate(Side::Host);
        let compiled = compiled.map(|_| ()).map_err(|error| error.to_string());
        let loaded = Linker::<()>::new(&package)
            .unwrap()
            .check(&host_contract(&contract(&wit)));
        let loaded = loaded.map_err(|error| error.to_string());
        for (stage, outcome) in [("compiled", compiled), ("loaded", loaded)] {
            match (&edit.host, outcome) {
                (Never, Ok(())) => {}
                (With(words), Err(error)) => {
                    assert!(error.contains(words), "{}, {stage}:\n{error}", edit.what);
                }
                (Never, Err(error)) => panic!("{}, {stage}: {error}", edit.what),
                (With(words), Ok(())) => panic!("{}, {stage}: not {words}", edit.what),
            }
        }
    }
}

/// Compiles the unchanged guest with the edited contract of each edit: the compiler's errors, by edit.
fn compile_guests(edits: &[Edit]) -> Vec<Vec<String>> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("drift");
    let sources = folder.join("src/bin");
    let _ = fs::remove_dir_all(&sources);
    fs::create_dir_all(&sources).unwrap();
    let root = tests.parent().unwrap();
    let manifest = format!(
        "[package]\nname = \"drift\"\nedition = \"2024\"\n\n[dependencies]\n\
         pack-guest = {{ path = {:?} }}\n\n[workspace]\n",
        root.join("guest")
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let guest = tests.join("guests/drift/src/guest.rs");
    for (at, edit) in edits.iter().enumerate() {
        fs::write(folder.join(format!("{at}.wit")), edit.wit()).unwrap();
        let source =
            format!("pack::world!(\"{at}.wit\");\n\ninclude!({guest:?});\n\nfn main() {{}}\n");
        fs::write(sources.join(format!("edit{at}.rs")), source).unwrap();
    }
    let output = Command::new(env!("CARGO"))
        .args([
            "check",
            "--offline",
            "--keep-going",
            "--message-format=json",
        ])
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .output()
        .unwrap();
    let mut errors = vec![Vec::new(); edits.len()];
    let mut compiled = 0;
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let name = line["target"]["name"].as_str().unwrap_or_default();
        let Some(at) = name.strip_prefix("edit") else {
            continue;
        };
        let at: usize = at.parse().unwrap();
        let message = &line["message"];
        if line["reason"] == "compiler-artifact" {
            compiled += 1;
        } else if message["level"] == "error" && message["spans"] != serde_json::json!([]) {
            errors[at].push(message["rendered"].as_str().unwrap().to_owned());
        }
    }
    let failed = errors.iter().filter(|errors| !errors.is_empty()).count();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(compiled + failed, edits.len(), "{said}");
    errors
}

#[test]
fn the_guest_meets_an_edited_contract() {
    let edits = edits();
    for (edit, errors) in edits.iter().zip(compile_guests(&edits)) {
        let said = errors.concat();
        match &edit.guest {
            Never => assert!(errors.is_empty(), "{}:\n{said}", edit.what),
            With(words) => assert!(said.contains(words), "{}: {words}\n{said}", edit.what),
        }
    }
}
