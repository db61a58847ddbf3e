//! What a guest says when it panics, and guests that do not end where they should.

use std::time::{Duration, Instant};

use pack_runtime::{Error, LimitKind, Limits, PoisonedBy};

use crate::cost::cost;
use crate::module::{AREA_AT, METADATA_AT};
use crate::world::*;

/// A panic with this message and file name, of which only pointer and length are there; then a trap.
fn panics(message: (i64, i64), file: (i64, i64)) -> String {
    let [message, file] =
        [message, file].map(|(at, length)| format!("(i32.const {at}) (i32.const {length})"));
    format!("(call $panic {message} {file} (i32.const 3) (i32.const -1)) unreachable")
}

#[test]
fn whatever_is_wrong_with_a_panic_message_it_is_a_panic() {
    let outside = "the package panicked: (the message is outside the guest's memory)";
    let cases = [
        (panics((-1, -1), (-1, -1)), outside),
        (panics((0x40000, 1), (0x40000, 1)), outside),
        (panics((0x3ffff, 2), (0, 0)), outside),
        (panics((0x7fff_ffff, 0x7fff_ffff), (0, 0)), outside),
        (panics((0x40000, 0), (0, 0)), "the package panicked: "),
        (
            format!(
                "(i32.store8 (i32.const 9) (i32.const 255)) {}",
                panics((9, 1), (9, 1))
            ),
            "the package panicked at \u{fffd}:3:4294967295: \u{fffd}",
        ),
        // What a guest says does not steer the host's terminal, nor pass for a line of the host's.
        (
            format!(
                "(i64.store (i32.const 0) (i64.const 0x630a624a325b1b61)) {}",
                panics((0, 8), (0, 1))
            ),
            "run: the package panicked at a:3:4294967295: a\u{fffd}[2Jb\n      c",
        ),
        // Nor the order in which it is read: "a", what turns the order round, "b".
        (
            format!(
                "(i64.store (i32.const 0) (i64.const 0x62ae80e261)) {}",
                panics((0, 5), (0, 1))
            ),
            "3:4294967295: a\u{fffd}b",
        ),
    ];
    for (body, words) in cases {
        let package = running(Limits::DEFAULT, &body);
        let mut hostile = instance(&package);
        let error = hostile.run().unwrap_err();
        assert!(matches!(error, Error::Panic(_)), "{error}");
        assert_says(&error, words);
        assert_eq!(hostile.instance().poisoned(), Some(PoisonedBy::Panic));
        next_works(&package);
    }
}

/// A message of a gibibyte, in a memory that has none; one of the whole memory; one of 16 MiB that is there.
#[test]
fn a_long_panic_message_is_cut() {
    const LONGEST: usize = 3 * (64 << 10);
    let large = format!(
        "(drop (memory.grow (i32.const 256))) {}",
        panics((0, 16 << 20), (0, 16 << 20))
    );
    for body in [
        panics((0, 1 << 30), (0, 0)),
        panics((0, -1), (0, -1)),
        panics((0, 0x3ffff), (0, 0)),
        large,
    ] {
        let mut hostile = instance(&running(Limits::DEFAULT, &body));
        let (error, spent) = cost(|| hostile.run().unwrap_err());
        let Error::Panic(panic) = &error else {
            panic!("{error}")
        };
        assert!(panic.message.len() <= LONGEST && panic.file.len() <= LONGEST);
        assert!(error.to_string().len() <= 7 * LONGEST);
        assert!(spent.peak < 2 << 20, "{spent:?}");
    }
}

/// A guest that speaks of panics and goes on has not panicked; nor is what it traps of later one.
#[test]
fn a_panic_that_is_only_spoken_of_is_none() {
    let speak = "(call $panic (i32.const 0) (i32.const 0x3ffff) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))";
    let often = format!(
        "(local.set $i (i32.const 1000)) (loop $again {speak}
        (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))"
    );
    let mut hostile = instance(&running(Limits::DEFAULT, &often));
    let (outcome, spent) = cost(|| hostile.run());
    outcome.unwrap();
    assert!(spent.peak < 2 << 20, "{spent:?}");
    assert_eq!(hostile.number().unwrap(), 7);
    let otherwise = format!("{speak} (drop (i32.div_u (i32.const 1) (i32.const 0)))");
    let error = instance(&running(Limits::DEFAULT, &otherwise))
        .run()
        .unwrap_err();
    assert!(matches!(error, Error::Trap(_)), "{error}");
    assert_says(&error, "integer divide by zero");
}

/// Wherever a guest does not end, its time does.
#[test]
fn a_guest_that_does_not_end_is_ended_wherever_that_is() {
    let spin_forever = format!("{SPIN} unreachable");
    let handler = format!(
        r#"(func (export "$root#run") (call $panic (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 0)) {SPIN})"#
    );
    let begins = [
        (
            "more",
            format!("(start $begin) (func $begin {SPIN})"),
            "the start of the package",
        ),
        (
            "more",
            format!(r#"(func (export "_initialize") {SPIN})"#),
            "_initialize",
        ),
        (
            "types",
            format!(r#"(func (export "__pack_types") (result i64) {spin_forever})"#),
            "__pack_types",
        ),
        (
            "more",
            format!(r#"(func (export "__pack_types:more") (result i64) {spin_forever})"#),
            "__pack_types:more",
        ),
    ];
    let words = |place: &str| format!("{place}: the package may use 50ms of time, and needs more");
    for (part, text, place) in begins {
        let package = load_with(SOON_OVER, &[(part, &text)]).unwrap();
        let begin = Instant::now();
        let error = Hostile::instantiate(&package, Host::default()).unwrap_err();
        assert!(begin.elapsed() < Duration::from_secs(20));
        assert_eq!(error.limit(), Some(LimitKind::Time(SOON)));
        assert_says(&error, &words(place));
    }
    let package = load_with(SOON_OVER, &[("imports", IMPORTS), ("run", &handler)]).unwrap();
    let mut hostile = instance(&package);
    let error = hostile.run().unwrap_err();
    assert_says(&error, &words("run"));
    assert_eq!(error.limit(), Some(LimitKind::Time(SOON)));
    next_works(&package);
}

/// Everything that a guest does while it is started is one use of its time, not one each.
#[test]
fn the_time_of_a_start_is_that_of_all_its_parts() {
    // Each takes three quarters of the limit; together they are over it.
    let limit = Duration::from_millis(400);
    let package = |parts: &[(&str, &str)]| {
        let limits = Limits::DEFAULT
            .with_time(Some(limit))
            .with_fuel(Some(u64::MAX));
        load_with(limits, parts).unwrap()
    };
    let imports = format!(
        r#"{IMPORTS} (start $begin) (func $begin (call $listen (i32.const {AREA_AT}) (i32.const 0)))"#
    );
    let initialize = format!(
        r#"(func (export "_initialize") (call $listen (i32.const {METADATA_AT}) (i32.const 0)))"#
    );
    let host = || Host::that(Deed::Sleep(Duration::from_millis(300)));
    let one = package(&[("imports", IMPORTS), ("more", &initialize)]);
    Hostile::instantiate(&one, host()).unwrap();
    // The first look at the clock is at the next function that begins.
    let both = package(&[("imports", &imports), ("more", &initialize)]);
    let error = Hostile::instantiate(&both, host()).unwrap_err();
    assert_eq!(error.limit(), Some(LimitKind::Time(limit)), "{error}");
}

/// Names in a backtrace: one of a mebibyte, and one of a few bytes that stands for 2^40 types, as compilers write names.
#[test]
fn names_of_functions_are_cut() {
    // Pairs of pairs: each `B…_` is the place of the pair before, in base 62 and one less than it says.
    let mut bomb = "INvC1a1f".to_owned();
    let mut pair = None;
    for _ in 0..40 {
        let at = bomb.len();
        let part = pair.map_or_else(|| "m".to_owned(), back_reference);
        bomb += &format!("T{part}{part}E");
        pair = Some(at);
    }
    let bomb = format!("_R{bomb}E");
    assert!(bomb.len() < 512, "{bomb}");
    for (name, shown) in [
        ("x".repeat(1 << 20), "xxx"),
        (bomb, "a::f::<(u32, u32), ((u32, u32), (u32, u32))"),
    ] {
        let down = format!(
            r#"(func $run (export "$root#run") (call $down (i32.const 15)))
            (func $down (@name "{name}") (param i32)
                (if (i32.eqz (local.get 0)) (then unreachable))
                (call $down (i32.sub (local.get 0) (i32.const 1))))"#
        );
        let mut hostile = start(&[("run", &down)]).unwrap();
        let (error, spent) = cost(|| hostile.run().unwrap_err());
        let Error::Trap(trap) = &error else {
            panic!("{error}")
        };
        assert!(trap.backtrace.len() > 10);
        assert!(
            trap.backtrace[0].starts_with(shown),
            "{}",
            trap.backtrace[0]
        );
        let longest = trap.backtrace.iter().map(String::len).max();
        assert!((100..=512).contains(&longest.unwrap()), "{longest:?}");
        assert!(error.to_string().len() < 10_000);
        // The engine has each name once for each of its calls.
        assert!(
            spent.peak < 32 << 20 && spent.time < Duration::from_secs(5),
            "{spent:?}"
        );
    }
}

fn back_reference(to: usize) -> String {
    const DIGITS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let digit = |at: usize| char::from(DIGITS[at]);
    match to {
        0 => "B_".to_owned(),
        1..=62 => format!("B{}_", digit(to - 1)),
        _ => format!("B{}{}_", digit((to - 1) / 62), digit((to - 1) % 62)),
    }
}
