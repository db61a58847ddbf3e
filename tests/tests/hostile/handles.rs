//! Handles that mean nothing, in both directions, from guests that are written by hand.
//!
//! What a compiled guest can do with handles, and how hosts drop resources, is in `tests/resources.rs`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use pack_runtime::{Borrow, Error, HandleProblem, LimitKind, Limits, Package};

use crate::cost::cost;
use crate::world::{SOON, SOON_OVER, SPIN, assert_says, other};

pack_runtime::bindgen!("wit/handles.wit");

use test::handles::files::{File, Token};

/// How many files there are.
#[derive(Debug, Default, Clone)]
struct Census(Arc<AtomicUsize>);

#[derive(Debug)]
struct OpenFile(Census);

impl OpenFile {
    fn open(census: &Census) -> File {
        census.0.fetch_add(1, Relaxed);
        File::new(Self(census.clone()))
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Relaxed);
    }
}

#[derive(Default)]
struct Host {
    census: Census,
    kept: Vec<File>,
    looked_at: usize,
}

impl imports::test::handles::Files for Host {
    fn open(&mut self) -> File {
        OpenFile::open(&self.census)
    }

    fn keep(&mut self, file: File) {
        self.kept.push(file);
    }

    fn look(&mut self, file: Borrow<File>) {
        file.with(|_: &mut OpenFile| self.looked_at += 1).unwrap();
    }
}

const IMPORTS: &str = r#"
    (import "test:handles/files" "open" (func $open (result i32)))
    (import "test:handles/files" "keep" (func $keep (param i32)))
    (import "test:handles/files" "look" (func $look (param i32)))
    (import "$pack" "drop" (func $drop (param i32)))
"#;

/// The exports, but for `parts`, which replace the default of the same name.
fn package(limits: Limits, parts: &[(&str, &str)]) -> Package {
    let export =
        |name: &str, rest: &str| format!(r#"(func (export "test:handles/things#{name}") {rest})"#);
    let find = |name: &str, default: &str| {
        let part = parts.iter().find(|(part, _)| *part == name);
        part.map_or_else(|| default.to_owned(), |(_, part)| (*part).to_owned())
    };
    let mut more = [
        ("run", "(local $a i32) (local $b i32)", ""),
        ("one", "(result i32)", "(i32.const 5)"),
        ("two", "(result i64)", "(i64.const 0x800000000)"),
        ("many", "(result i64)", "(i64.const 0x400000000)"),
        ("check", "(param i32) (result i32)", "(local.get 0)"),
        ("hand-over", "(param i32 i32 i32)", ""),
        ("show", "(param i32 i32 i32)", ""),
    ]
    .map(|(name, ty, body)| export(name, &format!("{ty} {}", find(name, body))))
    .concat();
    more += &format!(
        r#"(func (export "__pack_drop") (param i32) {}) {}"#,
        find("drop", ""),
        find("more", "")
    );
    let memory = find("memory", r#"(memory (export "memory") 4)"#);
    let mut all = vec![
        ("imports", IMPORTS),
        ("memory", memory.as_str()),
        ("more", &more),
    ];
    let alloc = find("alloc", "");
    if !alloc.is_empty() {
        all.push(("alloc", &alloc));
    }
    other(include_str!("../../wit/handles.wit"), limits, &all)
}

fn start(package: &Package) -> Handles<Host> {
    Handles::instantiate(package, Host::default()).unwrap()
}

/// More than the room for arguments that there is at first.
fn long() -> Vec<String> {
    vec!["x".repeat(10_000)]
}

const GONE: &str = "the resource was dropped or given away, or never existed";

/// A guest has one file, and says other numbers.
#[test]
fn a_handle_that_is_guessed_means_nothing() {
    for guess in [
        0,
        2,
        3,
        0xfffff,
        0x10_0001,
        0x20_0001,
        0x7fff_ffff,
        u32::MAX,
    ] {
        for function in ["keep", "look", "drop"] {
            let body = format!("(drop (call $open)) (call ${function} (i32.const {guess}))");
            let package = package(Limits::DEFAULT, &[("run", &body)]);
            let mut handles = start(&package);
            let error = handles.things().run().unwrap_err();
            assert!(matches!(error, Error::HostFunction(_)), "{error}");
            assert_says(&error, &format!("handle {guess}: {GONE}"));
            let host = handles.instance().host();
            assert_eq!((host.kept.len(), host.looked_at), (0, 0));
            let census = host.census.clone();
            assert_eq!(census.0.load(Relaxed), 1, "it is the guest's as before");
            drop(handles);
            assert_eq!(census.0.load(Relaxed), 0);
            start(&package).things().one().unwrap();
        }
    }
}

/// What a number meant once it does not mean again, though its place in the table is used for another.
#[test]
fn a_handle_that_is_stale_is_not_the_next_one() {
    for end in ["drop", "keep"] {
        for then in ["drop", "keep", "look"] {
            let body = format!(
                "(local.set $a (call $open)) (call ${end} (local.get $a)) (local.set $b (call $open))
                 (call $look (local.get $b)) (call ${then} (local.get $a))"
            );
            let mut handles = start(&package(Limits::DEFAULT, &[("run", &body)]));
            assert_says(&handles.things().run().unwrap_err(), GONE);
            assert_eq!(handles.instance().host().looked_at, 1);
        }
    }
}

#[test]
fn a_host_that_is_wrong_about_its_own_value_is_refused() {
    let mut handles = start(&package(
        Limits::DEFAULT,
        &[("hand-over", "(call $look (local.get 0))")],
    ));
    let token = Token::new("a token");
    let error = token.with(|_: &mut OpenFile| ()).unwrap_err();
    assert_eq!(error, HandleProblem::OtherType);
    // The host works on it with a type that it is not of, and panics.
    let error = handles
        .things()
        .hand_over(File::new("no open file"), &[])
        .unwrap_err();
    assert_says(
        &error,
        "the host function `look` of `test:handles/files` failed: it panicked: ",
    );
    assert_says(&error, "OtherType");
}

/// Lent for a call, and then given away, dropped, or used after it.
#[test]
fn a_handle_that_is_lent_ends_with_the_call() {
    let lent = "the resource is only lent for the call: it can neither be given away nor dropped";
    let cases = [
        ("(call $keep (local.get 0))", "", lent),
        ("(call $drop (local.get 0))", "", lent),
        (
            "(global.set $kept (local.get 0))",
            "(call $look (global.get $kept))",
            GONE,
        ),
        (
            "(global.set $kept (local.get 0))",
            "(call $drop (global.get $kept))",
            GONE,
        ),
    ];
    for (show, run, words) in cases {
        let global = "(global $kept (mut i32) (i32.const 0))";
        let parts = [("show", show), ("run", run), ("more", global)];
        let mut handles = start(&package(Limits::DEFAULT, &parts));
        let file = OpenFile::open(&handles.instance().host().census);
        let shown = handles.things().show(&file, &[]);
        let error = shown.and_then(|()| handles.things().run()).unwrap_err();
        assert_says(&error, words);
        // It is the host's as before.
        file.with(|_: &mut OpenFile| ()).unwrap();
        let census = handles.instance().host().census.clone();
        drop((handles, file));
        assert_eq!(census.0.load(Relaxed), 0);
    }
}

/// Arguments that are long are written twice: once to see how much room they need. What they give and lend is not the
/// guest's while it makes the room, even if it guesses the numbers.
#[test]
fn what_a_call_gives_is_not_there_before_the_call() {
    let alloc = |body: &str| {
        format!(
            r#"(func (export "__pack_alloc") (param i32) (result i32) {body} (i32.const 65536))"#
        )
    };
    for function in ["keep", "look", "drop"] {
        let early = alloc(&format!("(call ${function} (i32.const 1))"));
        let package = package(Limits::DEFAULT, &[("alloc", &early)]);
        for lends in [false, true] {
            let mut handles = start(&package);
            let census = handles.instance().host().census.clone();
            let file = OpenFile::open(&census);
            let error = match lends {
                true => handles.things().show(&file, &long()).unwrap_err(),
                false => handles.things().hand_over(file, &long()).unwrap_err(),
            };
            assert!(matches!(error, Error::HostFunction(_)), "{error}");
            assert_says(&error, &format!("handle 1: {GONE}"));
            let host = handles.instance().host();
            assert_eq!((host.kept.len(), host.looked_at), (0, 0));
            assert_eq!(
                census.0.load(Relaxed),
                usize::from(lends),
                "the host has parted with what it gives"
            );
        }
    }
    // And one that keeps to itself gets it, once.
    let package = package(
        Limits::DEFAULT,
        &[("hand-over", "(call $keep (local.get 0))")],
    );
    let mut handles = start(&package);
    let file = OpenFile::open(&handles.instance().host().census);
    handles.things().hand_over(file, &long()).unwrap();
    assert_eq!(handles.instance().host().kept.len(), 1);
}

/// 0 is no handle, whoever says it.
#[test]
fn nothing_is_not_a_resource_of_the_guest() {
    let parts = [("one", "(i32.const 0)"), ("two", "(i64.const 0x800001000)")];
    let mut handles = start(&package(Limits::DEFAULT, &parts));
    let error = handles.things().one().unwrap_err();
    assert!(matches!(error, Error::Decode { .. }), "{error}");
    assert_says(&error, &format!("handle 0: {GONE}"));
    // The guest came back.
    handles.things().run().unwrap();
}

/// The guest gives one of its own twice. The host drops both, as it must; what becomes of that is the guest's affair.
#[test]
fn a_resource_that_a_guest_gives_twice_is_dropped_twice() {
    let parts = [
        (
            "two",
            "(i32.store (i32.const 0) (i32.const 5)) (i32.store (i32.const 4) (i32.const 5)) (i64.const 0x800000000)",
        ),
        (
            "drop",
            "(if (global.get $dropped) (then unreachable)) (global.set $dropped (local.get 0))",
        ),
        ("more", "(global $dropped (mut i32) (i32.const 0))"),
    ];
    let package = package(Limits::DEFAULT, &parts);
    let mut handles = start(&package);
    let (first, second) = handles.things().two().unwrap();
    assert_eq!(handles.things().check(&first).unwrap(), 5);
    drop(first);
    assert_eq!(handles.things().check(&second).unwrap(), 5);
    drop(second);
    let error = handles.things().run().unwrap_err();
    assert!(matches!(error, Error::Trap(_)), "{error}");
    assert_says(&error, "__pack_drop: the package trapped");
    assert!(matches!(handles.things().run(), Err(Error::Poisoned(_))));
    start(&package).things().run().unwrap();
}

#[test]
fn a_resource_is_not_used_with_another_instance_nor_after_its_own() {
    let package = package(Limits::DEFAULT, &[]);
    let (mut one, mut other) = (start(&package), start(&package));
    let thing = one.things().one().unwrap();
    let elsewhere = "the resource belongs to another instance";
    assert_says(&other.things().check(&thing).unwrap_err(), elsewhere);
    drop(one);
    assert_says(&other.things().check(&thing).unwrap_err(), elsewhere);
    drop(thing);
    other.things().run().unwrap();
}

/// A guest without a table can give numbers for ever. Each is memory of the host's.
#[test]
fn a_guest_gives_only_so_many_resources() {
    const MANY: u32 = 300_000;
    let fill = format!(
        r#"(local $i i32)
        (i32.store (i32.const 0x10000) (i32.const {MANY}))
        (loop $again
            (i32.store (i32.add (i32.const 0x10004) (i32.mul (local.get $i) (i32.const 4))) (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const {MANY}))))
        (i64.const {})"#,
        (i64::from(MANY * 4 + 4) << 32) | 0x10000
    );
    let parts = [
        ("memory", r#"(memory (export "memory") 32)"#),
        ("many", fill.as_str()),
    ];
    let mut handles = start(&package(Limits::DEFAULT, &parts));
    let mut held = Vec::new();
    let (error, spent) = cost(|| {
        for _ in 0..10 {
            match handles.things().many() {
                Ok(things) => held.push(things),
                Err(error) => return error,
            }
        }
        panic!("it gives as many as it likes")
    });
    assert_eq!(held.len(), 3);
    assert_says(
        &error,
        "[148575]: handle 148576: the instance has as many handles as it may have",
    );
    assert!(spent.peak < 160 << 20, "{spent:?}");
    // Those that are dropped make room.
    held.pop();
    held.push(handles.things().many().unwrap());
}

/// The host drops many resources, and the guest takes its time over each: all of it is time of the next call.
#[test]
fn the_time_of_dropping_is_that_of_one_call() {
    const MANY: u32 = 1_000;
    let fill = format!(
        r#"(local $i i32)
        (i32.store (i32.const 0) (i32.const {MANY}))
        (loop $again
            (i32.store offset=4 (i32.mul (local.get $i) (i32.const 4)) (i32.const 7))
            (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const {MANY}))))
        (i64.const {})"#,
        i64::from(MANY * 4 + 4) << 32
    );
    let slow = "(local $i i32) (local.set $i (i32.const 20000000))
        (loop $again (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))";
    for drop_body in [slow, SPIN] {
        let package = package(SOON_OVER, &[("many", &fill), ("drop", drop_body)]);
        let mut handles = start(&package);
        drop(handles.things().many().unwrap());
        let begin = Instant::now();
        let error = handles.things().run().unwrap_err();
        assert_eq!(error.limit(), Some(LimitKind::Time(SOON)), "{error}");
        assert_says(&error, "__pack_drop: the package may use 50ms of time");
        assert!(
            begin.elapsed() < Duration::from_secs(5),
            "{:?}",
            begin.elapsed()
        );
        assert!(matches!(handles.things().run(), Err(Error::Poisoned(_))));
        start(&package).things().run().unwrap();
    }
    // Fuel as well.
    let limits = Limits::DEFAULT.with_fuel(Some(200_000));
    let some = "(local $i i32) (local.set $i (i32.const 100))
        (loop $again (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))";
    let package = package(limits, &[("many", &fill), ("drop", some)]);
    let mut handles = start(&package);
    drop(handles.things().many().unwrap());
    let error = handles.things().run().unwrap_err();
    assert_eq!(error.limit(), Some(LimitKind::Fuel(200_000)), "{error}");
}

/// A guest's destructor that calls the host, and one that traps.
#[test]
fn a_destructor_may_call_the_host_and_may_fail() {
    let parts = [("drop", "(call $keep (call $open))")];
    let mut handles = start(&package(Limits::DEFAULT, &parts));
    drop(handles.things().one().unwrap());
    assert_eq!(
        handles.instance().host().kept.len(),
        0,
        "the guest is told before the next call"
    );
    handles.things().run().unwrap();
    assert_eq!(handles.instance().host().kept.len(), 1);
    let failing = package(Limits::DEFAULT, &[("drop", "unreachable")]);
    let mut handles = start(&failing);
    let file = OpenFile::open(&handles.instance().host().census);
    drop(handles.things().one().unwrap());
    let error = handles.things().hand_over(file, &[]).unwrap_err();
    assert_says(&error, "__pack_drop: the package trapped");
    assert_eq!(
        handles.instance().host().census.0.load(Relaxed),
        0,
        "what the call would have given is dropped"
    );
    start(&failing).things().run().unwrap();
}
