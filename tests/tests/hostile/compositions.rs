//! Packages that lie to each other: the one that calls, and the one that is called.

use std::time::Duration;

use pack_runtime::{
    Action, Call, Composition, Error, HostError, Instance, Interceptor, LimitKind, Limits, Linker,
    Package, Runtime,
};

use crate::module::{METADATA_AT, module_of};

const CLIENT: &str = "package test:wired;
    interface service { ask: func(text: string, numbers: list<u32>) -> string; count: func() -> u32; }
    world client { import service; export run: func(); }";

const SERVER: &str = "package test:wired;
    interface service { ask: func(text: string, numbers: list<u32>) -> string; count: func() -> u32; }
    world server { export service; }";

const SERVICE: &str = "test:wired/service";

/// The service's text lies at 64, and is `hello` as a result.
const ANSWER: &str = r#"(data (i32.const 64) "\05\00\00\00hello")"#;

fn client(runtime: &Runtime, body: &str) -> Package {
    let imports = r#"
        (import "test:wired/service" "ask" (func $ask (param i32 i32 i32 i32 i32 i32) (result i32)))
        (import "test:wired/service" "count" (func $count (result i32)))
        (import "$pack" "take-result" (func $take (param i32 i32)))"#;
    let run = format!(r#"(func (export "$root#run") {body})"#);
    let wasm = module_of(CLIENT, &[("imports", imports), ("more", &run)]);
    runtime.load(&wat::parse_str(wasm).unwrap()).unwrap()
}

fn server(runtime: &Runtime, ask: &str, more: &[(&str, &str)]) -> Package {
    let functions = format!(
        r#"(func (export "test:wired/service#ask") (param i32 i32 i32 i32) (result i64) {ask})
        (func (export "test:wired/service#count") (result i32) (i32.const 7))
        {ANSWER}"#
    );
    let mut parts = vec![("more", functions.as_str())];
    parts.extend(more);
    let wasm = module_of(SERVER, &parts);
    runtime.load(&wat::parse_str(wasm).unwrap()).unwrap()
}

/// The right answer.
const HELLO: &str = "(i64.const 0x0000000500000044)";

/// Asks with nothing, and has room for the answer.
const ASK: &str = "(drop (call $ask (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 128) (i32.const 9)))";

fn run(client: &Package, server: &Package) -> (Result<(), Error>, Instance<()>) {
    run_with(client, Linker::new(server).unwrap())
}

fn run_with(client: &Package, server: Linker<()>) -> (Result<(), Error>, Instance<()>) {
    let linked = Composition::new()
        .part("server", server)
        .part("client", Linker::new(client).unwrap())
        .wire("client", SERVICE, "server")
        .link::<Instance<()>>("client")
        .unwrap_or_else(|error| panic!("{error}"));
    let mut instance = linked.instantiate(()).unwrap();
    let outcome = instance.call("$root", "run", &[]).map(|_| ());
    (outcome, instance)
}

/// Sees that calls are made, and lets them.
struct Onlooker;

impl Interceptor<()> for Onlooker {}

/// Where nothing lies in the memory of who calls may be outside of that of who is called.
#[test]
fn nothing_lies_inside_of_the_memory_of_who_is_called() {
    let runtime = Runtime::new().unwrap();
    // Its answer is its text, where that lies.
    let text = "(i64.or (i64.extend_i32_u (local.get 0)) (i64.shl (i64.extend_i32_u (local.get 1)) (i64.const 32)))";
    let server = server(&runtime, text, &[]);
    let imports = r#"
        (import "test:wired/service" "ask" (func $ask (param i32 i32 i32 i32 i32 i32) (result i32)))"#;
    let run = r#"(func (export "$root#run") (if (i32.ne (i32.const 4)
        (call $ask (i32.const 600000) (i32.const 0) (i32.const 655360) (i32.const 0) (i32.const 128) (i32.const 9)))
        (then unreachable)))"#;
    let memory = r#"(memory (export "memory") 10)"#;
    let parts = [("imports", imports), ("memory", memory), ("more", run)];
    let wasm = wat::parse_str(module_of(CLIENT, &parts)).unwrap();
    let client = runtime.load(&wasm).unwrap();
    let linkers = [
        Linker::new(&server).unwrap(),
        Linker::new(&server).unwrap().intercept(Onlooker),
    ];
    for linker in linkers {
        let (outcome, _) = run_with(&client, linker);
        outcome.unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn a_package_that_lies_to_another_is_the_one_that_fails() {
    let runtime = Runtime::new().unwrap();
    let server = server(&runtime, HELLO, &[]);
    let ask = |arguments: &str, space: &str| format!("(drop (call $ask {arguments} {space}))");
    let space = "(i32.const 128) (i32.const 9)";
    let nothing = "(i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)";
    let cases = [
        (
            ask(
                "(i32.const -1) (i32.const 1) (i32.const 0) (i32.const 0)",
                space,
            ),
            "1 bytes at 0xffffffff are outside",
        ),
        (
            ask(
                "(i32.const 0) (i32.const -1) (i32.const 0) (i32.const 0)",
                space,
            ),
            "4294967295 bytes at 0x0 are outside",
        ),
        (
            ask(
                "(i32.const 0) (i32.const 0) (i32.const 4) (i32.const 0x10000)",
                space,
            ),
            "262144 bytes at 0x4 are outside",
        ),
        (
            ask(
                "(i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0x40000000)",
                space,
            ),
            "bytes at 0x0 are outside",
        ),
        // Who is called does not look whether text is such.
        (
            format!(
                "(i32.store8 (i32.const 9) (i32.const 255)) {}",
                ask(
                    "(i32.const 8) (i32.const 3) (i32.const 0) (i32.const 0)",
                    space
                )
            ),
            "the string is not valid UTF-8 (byte 1)",
        ),
        (
            ask(nothing, "(i32.const 262140) (i32.const 9)"),
            "9 bytes at 0x3fffc are outside",
        ),
        (ask(nothing, "(i32.const -1) (i32.const -1)"), "are outside"),
        (
            "(call $take (i32.const 0) (i32.const 9))".to_owned(),
            "the guest fetches a result of 9 bytes, and that of 0 is kept",
        ),
        (
            format!(
                "{} (call $take (i32.const 128) (i32.const 8))",
                ask(nothing, "(i32.const 128) (i32.const 8)")
            ),
            "the guest fetches a result of 8 bytes, and that of 9 is kept",
        ),
    ];
    for (body, words) in &cases {
        let (outcome, mut instance) = run(&client(&runtime, body), &server);
        let error = outcome.unwrap_err();
        assert!(matches!(error, Error::HostFunction(_)), "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(instance.poisoned().is_some());
        let error = instance
            .part("server")
            .unwrap()
            .call(SERVICE, "count", &[])
            .unwrap_err();
        assert!(matches!(error, Error::Poisoned(_)), "{error}");
    }
    let kept = format!(
        "{} (call $take (i32.const 128) (i32.const 9))",
        ask(nothing, "(i32.const 0) (i32.const 0)")
    );
    let (outcome, instance) = run(&client(&runtime, &kept), &server);
    outcome.unwrap();
    assert_eq!(instance.read_memory(128, 9).unwrap(), b"\x05\0\0\0hello");
    let (outcome, instance) = run(&client(&runtime, ASK), &server);
    outcome.unwrap();
    assert_eq!(instance.read_memory(128, 9).unwrap(), b"\x05\0\0\0hello");
}

#[test]
fn a_package_that_answers_with_lies_is_the_one_that_is_named() {
    let runtime = Runtime::builder()
        .limits(Limits::DEFAULT.with_time(Some(Duration::from_millis(300))))
        .build()
        .unwrap();
    let spin = "(loop $again (br $again)) unreachable";
    let alloc =
        |body: &str| format!(r#"(func (export "__pack_alloc") (param i32) (result i32) {body})"#);
    // Arguments for which there has to be room.
    let loaded = "(drop (call $ask (i32.const 0) (i32.const 16) (i32.const 0) (i32.const 0) (i32.const 128) (i32.const 9)))";
    let (zero, odd, far, dead) = (
        alloc("(i32.const 0)"),
        alloc("(i32.const 65537)"),
        alloc("(i32.const 262128)"),
        alloc("unreachable"),
    );
    let endless = alloc(spin);
    let cases: [(&str, &str, Option<&str>, &str); 10] = [
        ("(i64.const -1)", ASK, None, "outside the guest's memory"),
        (
            "(i64.const 0x0000000a0003fff8)",
            ASK,
            None,
            "10 bytes at 0x3fff8 are outside",
        ),
        (
            "(i64.const 0x7fffffff00000000)",
            ASK,
            None,
            "2147483647 bytes at 0x0 are outside",
        ),
        ("unreachable", ASK, None, "the package trapped"),
        (spin, ASK, None, "300ms of time"),
        (
            HELLO,
            loaded,
            Some(&zero),
            "has no memory for arguments of 4096 bytes",
        ),
        (
            HELLO,
            loaded,
            Some(&odd),
            "returned a pointer that is not aligned",
        ),
        (
            HELLO,
            loaded,
            Some(&far),
            "returned a place outside its memory",
        ),
        (
            HELLO,
            loaded,
            Some(&dead),
            "__pack_alloc: the package trapped",
        ),
        (
            HELLO,
            loaded,
            Some(&endless),
            "__pack_alloc: the package may use 300ms of time",
        ),
    ];
    for (ask, body, alloc, words) in cases {
        let more: Vec<(&str, &str)> = alloc.map(|alloc| ("alloc", alloc)).into_iter().collect();
        let (outcome, instance) = run(&client(&runtime, body), &server(&runtime, ask, &more));
        let error = outcome.unwrap_err();
        let Error::Callee(callee) = &error else {
            panic!("{error}");
        };
        assert_eq!(callee.part, "server");
        assert!(error.to_string().contains(words), "{words}: {error}");
        assert!(instance.poisoned().is_some());
        // The packages are none the worse.
        let (outcome, _) = run(&client(&runtime, ASK), &server_that_works(&runtime));
        outcome.unwrap();
    }
}

fn server_that_works(runtime: &Runtime) -> Package {
    server(runtime, HELLO, &[])
}

#[test]
fn arguments_for_another_package_are_limited_by_its_limits() {
    let runtime = Runtime::new().unwrap();
    let limits = Limits::DEFAULT.with_argument_bytes(1000);
    let server = server_that_works(&runtime).with_limits(limits).unwrap();
    let long = "(drop (call $ask (i32.const 0) (i32.const 1001) (i32.const 0) (i32.const 0) (i32.const 128) (i32.const 9)))";
    let (outcome, _) = run(&client(&runtime, long), &server);
    let error = outcome.unwrap_err();
    assert_eq!(
        error.limit(),
        Some(LimitKind::ArgumentBytes(1000)),
        "{error}"
    );
}

#[test]
fn what_runs_when_packages_are_instantiated_may_call_others() {
    let runtime = Runtime::new().unwrap();
    let start = format!("(func $start (drop (call $count)) {ASK}) (start $start)");
    let imports = r#"
        (import "test:wired/service" "ask" (func $ask (param i32 i32 i32 i32 i32 i32) (result i32)))
        (import "test:wired/service" "count" (func $count (result i32)))"#;
    let more = format!(r#"(func (export "$root#run")) {start}"#);
    let wasm = module_of(CLIENT, &[("imports", imports), ("more", &more)]);
    let client = runtime.load(&wat::parse_str(wasm).unwrap()).unwrap();
    let (outcome, instance) = run(&client, &server_that_works(&runtime));
    outcome.unwrap();
    assert_eq!(instance.read_memory(128, 9).unwrap(), b"\x05\0\0\0hello");
}

/// Reads everything that it sees.
struct Reader;

impl Interceptor<()> for Reader {
    fn before(&self, (): &mut (), call: &Call<'_>) -> Result<Action, HostError> {
        let _ = call.arguments();
        Ok(Action::Continue)
    }
}

#[test]
fn interceptors_meet_lies_before_they_are_passed_on() {
    let runtime = Runtime::new().unwrap();
    let metadata = format!("(i32.const {METADATA_AT}) (i32.const 8)");
    let text = format!(
        "(i32.store8 (i32.const 9) (i32.const 255))
        (drop (call $ask (i32.const 8) (i32.const 3) (i32.const 0) (i32.const 0) {metadata}))"
    );
    let cases = [
        (
            "(drop (call $ask (i32.const -1) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))",
            HELLO,
            true,
        ),
        // Who is called takes it for text.
        (text.as_str(), HELLO, true),
        (ASK, "(i64.const -1)", true),
    ];
    for (body, ask, fails) in cases {
        let linked = Composition::new()
            .part("server", Linker::new(&server(&runtime, ask, &[])).unwrap())
            .part("client", Linker::new(&client(&runtime, body)).unwrap())
            .wire("client", SERVICE, "server")
            .intercept(Reader)
            .link::<Instance<()>>("client")
            .unwrap();
        let mut instance = linked.instantiate(()).unwrap();
        let outcome = instance.call("$root", "run", &[]);
        assert_eq!(outcome.is_err(), fails, "{body}: {outcome:?}");
    }
}
