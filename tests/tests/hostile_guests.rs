//! Modules that no `pack::world!` made: refused when loaded or linked, or answered with an error when called.
//! Nothing here may panic, and the host goes on working.

#[path = "common/module.rs"]
mod module;

use module::{escaped, metadata_bytes, module};
use pack_abi::metadata;
use pack_runtime::{Error, LimitKind, Limits, MessageLimits, Package, Runtime};

pack_runtime::bindgen!("wit/hostile.wit");

#[derive(Debug, Default)]
struct Host {
    heard: Vec<String>,
}

impl imports::test::hostile::Host for Host {
    fn listen(&mut self, text: String) {
        self.heard.push(text);
    }

    fn change(&mut self, value: Json) -> Json {
        Json::Array(vec![value, Json::Text("x".repeat(100))])
    }
}

fn load(parts: &[(&str, &str)]) -> Result<Package, Error> {
    Runtime::new()
        .unwrap()
        .load(&wat::parse_str(module(parts)).unwrap())
}

fn start(parts: &[(&str, &str)]) -> Result<Hostile<Host>, Error> {
    Hostile::instantiate(&load(parts)?, Host::default())
}

fn assert_says(error: &Error, words: &str) {
    let text = error.to_string();
    assert!(text.contains(words), "{words}\nis not in\n{text}");
}

#[test]
fn a_module_that_keeps_to_the_convention_works() {
    let mut hostile = start(&[]).unwrap();
    hostile.run().unwrap();
    assert_eq!(hostile.number().unwrap(), 7);
    assert_eq!(hostile.text().unwrap(), "");
    assert_eq!(hostile.tree().unwrap(), Json::Null);
    assert!(hostile.send(&Json::Null).unwrap());
}

#[test]
fn what_is_no_package_is_refused_when_loaded() {
    let runtime = Runtime::new().unwrap();
    let good = wat::parse_str(module(&[])).unwrap();
    let truncated = &good[..good.len() - 40];
    let bare = wat::parse_str("(module)").unwrap();
    let cases: [(&[u8], &str); 6] = [
        (b"", "not a WebAssembly module: it is 0 bytes"),
        (
            b"#!/bin/sh\n",
            "it is 10 bytes that begin with \"#!/bin/s\"",
        ),
        (b"\0asm", "not a WebAssembly module"),
        (truncated, "not a WebAssembly module"),
        (
            b"\0asm\x0d\0\x01\0",
            "it is a component; a package is a core module",
        ),
        (&bare, "There is none. Either this is no Pack package"),
    ];
    for (bytes, words) in cases {
        let error = runtime.load(bytes).unwrap_err().to_string();
        assert!(
            error.to_lowercase().contains(&words.to_lowercase()),
            "{words}\nis not in\n{error}"
        );
    }
    let error = runtime.load_file("no/such/package.wasm").unwrap_err();
    assert_says(&error, "cannot read no/such/package.wasm: ");
}

#[test]
fn a_module_that_breaks_its_own_promises_is_refused() {
    let section =
        |bytes: &[u8]| format!(r#"(@custom "{}" "{}")"#, metadata::SECTION, escaped(bytes));
    let good = metadata_bytes();
    let twice = [good.clone(), good.clone()].concat();
    let newer = [&good[..8], &[9, 0, 0, 0], &good[12..]].concat();
    let (good, twice, newer) = (section(&good), section(&twice), section(&newer));
    let several = format!("{good}{good}");
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("section", "")], "there is none"),
        (&[("section", &several)], "there are 2 such sections"),
        (&[("section", &twice)], "twice that the package has it"),
        (
            &[("section", &newer)],
            "it is of format version 9, this host reads version 1",
        ),
        (&[("section", &section(b"PACKMETA"))], "it ends too early"),
        (
            &[("section", &section(b"something"))],
            "it does not begin as Pack metadata does",
        ),
        (
            &[("types", "")],
            "the module has no function `__pack_types`",
        ),
        (
            &[("memory", "(memory 4)")],
            "the module has no memory `memory`",
        ),
        (
            &[("alloc", "")],
            "the module has no function `__pack_alloc`, which `pack::world!` and `pack::package!` emit",
        ),
        (
            &[("run", "")],
            "the module has no function `$root#run`, which its metadata says it exports",
        ),
        (
            &[(
                "number",
                r#"(func (export "$root#number") (result f64) (f64.const 0))"#,
            )],
            "`$root#number` has the core type () -> (f64), where the calling convention asks for () -> (i32)",
        ),
        (
            &[("data", "")],
            "what `__pack_types` returns are not the same",
        ),
        (
            &[(
                "more",
                r#"(func (export "__pack_types:more") (result i64) (i64.const 0))"#,
            )],
            "what `__pack_types` returns are not the same",
        ),
        (
            &[(
                "types",
                r#"(func (export "__pack_types") (result i64) (i64.const -1))"#,
            )],
            "__pack_types returned bytes outside its memory",
        ),
        (
            &[(
                "imports",
                r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))"#,
            )],
            "the module imports `fd_write` from `wasi_snapshot_preview1`, which the host does not provide; it was built \
             for WASI",
        ),
        (
            &[("imports", r#"(import "test:hostile/host" "shout" (func))"#)],
            "which the host does not provide; of that interface it provides change, listen",
        ),
        (
            &[(
                "imports",
                r#"(import "test:hostile/host" "listen" (func (param i64)))"#,
            )],
            "`test:hostile/host#listen` has the core type (i64) -> (), where the calling convention asks for (i32, i32) -> ()",
        ),
        (
            &[("more", "(func $start unreachable) (start $start)")],
            "the package trapped: wasm trap: ",
        ),
        (
            &[("more", r#"(func (export "_initialize") unreachable)"#)],
            "_initialize: the package trapped: wasm trap: ",
        ),
    ];
    for (parts, words) in cases {
        assert_says(&start(parts).unwrap_err(), words);
    }
}

#[test]
fn results_that_lie_are_errors() {
    let text =
        |packed: &str| format!(r#"(func (export "$root#text") (result i64) (i64.const {packed}))"#);
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
        (
            "0x00000000_00000000",
            "at least 4 more bytes are needed, 0 are left",
        ),
        (
            "0x00000005_00000000",
            "1 bytes are left over after the value",
        ),
        // The count is the metadata's magic number.
        ("0x00000008_00001000", "more bytes are needed, 4 are left"),
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

#[test]
fn an_allocator_that_lies_is_an_error() {
    let alloc =
        |body: &str| format!(r#"(func (export "__pack_alloc") (param i32) (result i32) {body})"#);
    let cases = [
        (
            "(i32.const 0)",
            "the package has no memory for arguments of 4096 bytes",
        ),
        (
            "(i32.const 65537)",
            "returned a pointer that is not aligned",
        ),
        ("(i32.const -16)", "returned a place outside its memory"),
        ("(i32.const 262144)", "returned a place outside its memory"),
        ("unreachable", "__pack_alloc: the package trapped"),
    ];
    for (body, words) in cases {
        let mut hostile = start(&[("alloc", &alloc(body))]).unwrap();
        assert_says(&hostile.send(&Json::Text("x".into())).unwrap_err(), words);
    }
    // More than the memory holds.
    let mut hostile = start(&[]).unwrap();
    let error = hostile.send(&Json::Text("x".repeat(1 << 20))).unwrap_err();
    assert_says(&error, "returned a place outside its memory");
}

#[test]
fn calls_of_host_functions_that_lie_are_errors() {
    let imports = r#"
        (import "test:hostile/host" "listen" (func $listen (param i32 i32)))
        (import "test:hostile/host" "change" (func $change (param i32 i32 i32 i32) (result i32)))
        (import "$pack" "take-result" (func $take (param i32 i32)))
        (import "$pack" "panic" (func $panic (param i32 i32 i32 i32 i32 i32)))
    "#;
    let run = |body: &str| format!(r#"(func (export "$root#run") {body})"#);
    let change = |space: &str| {
        // The metadata's page begins with "P", the host's answer is longer than four bytes.
        format!(
            "(i32.store8 (i32.const 64) (i32.const 0)) (drop (call $change (i32.const 64) (i32.const 1) {space}))"
        )
    };
    let kept = change("(i32.const 128) (i32.const 4)");
    let cases = [
        ("(call $listen (i32.const -1) (i32.const 1))".to_owned(), "are outside the guest's memory"),
        ("(call $listen (i32.const 0) (i32.const -1))".to_owned(), "are outside the guest's memory"),
        (
            "(i32.store8 (i32.const 9) (i32.const 255)) (call $listen (i32.const 8) (i32.const 3))".to_owned(),
            "the host function `listen` of `test:hostile/host` failed: the guest's arguments are not what the contract \
             says: the string is not valid UTF-8 (byte 1)",
        ),
        (
            "(drop (call $change (i32.const 4096) (i32.const 3) (i32.const 0) (i32.const 0)))".to_owned(),
            "value: discriminant 80 stands for none of the 3 cases (byte 0)",
        ),
        (change("(i32.const 262140) (i32.const 8)"), "are outside the guest's memory"),
        ("(call $take (i32.const 0) (i32.const 8))".to_owned(), "are outside the guest's memory"),
        (format!("{kept} (call $take (i32.const 128) (i32.const 4))"), "are outside the guest's memory"),
        (format!("{kept} (call $take (i32.const 262140) (i32.const 111))"), "are outside the guest's memory"),
        (
            "(call $panic (i32.const -1) (i32.const -1) (i32.const -1) (i32.const -1) (i32.const 0) (i32.const 0)) unreachable"
                .to_owned(),
            "the package panicked: (the message is outside the guest's memory)",
        ),
        (
            "(i32.store8 (i32.const 9) (i32.const 255))
             (call $panic (i32.const 9) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)) unreachable"
                .to_owned(),
            "the package panicked: \u{fffd}",
        ),
    ];
    for (body, words) in cases {
        let mut hostile = start(&[("imports", imports), ("run", &run(&body))]).unwrap();
        assert_says(&hostile.run().unwrap_err(), words);
        assert!(matches!(hostile.number(), Err(Error::Poisoned(_))));
    }
    // What a guest says does not steer the host's terminal.
    let bell = r#"(data (i32.const 0) "a\1b[2Jb\nc") (func (export "$root#run")
        (call $panic (i32.const 0) (i32.const 8) (i32.const 0) (i32.const 1) (i32.const 3) (i32.const 4)) unreachable)"#;
    let mut hostile = start(&[("imports", imports), ("run", bell)]).unwrap();
    assert_says(
        &hostile.run().unwrap_err(),
        "run: the package panicked at a:3:4: a\u{fffd}[2Jb\nc",
    );
    // A panic message of the whole memory is cut.
    let huge = "(call $panic (i32.const 0) (i32.const 0x3ffff) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)) unreachable";
    let mut hostile = start(&[("imports", imports), ("run", &run(huge))]).unwrap();
    let Error::Panic(panic) = hostile.run().unwrap_err() else {
        panic!()
    };
    assert!(panic.message.len() <= 3 * 65536, "{}", panic.message.len());
    // And what is fetched as it should be arrives.
    let fetched = run(&format!(
        "{kept} (call $take (i32.const 128) (i32.const 111)) (call $listen (i32.const 139) (i32.const 3))"
    ));
    let mut hostile = start(&[("imports", imports), ("run", &fetched)]).unwrap();
    hostile.run().unwrap();
    assert_eq!(hostile.instance().host().heard, ["xxx"]);
}
