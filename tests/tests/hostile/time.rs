//! Guests that do not come to an end, or take what they can.
//!
//! What each limit says when it is hit is in `tests/limits.rs`. Here is what might get around them.

use std::time::{Duration, Instant};

use pack_runtime::{Error, LimitKind, Limits};

use crate::cost::cost;
use crate::world::*;

/// A busy machine is slow, and a guest that is not stopped runs for ever.
const LATE: Duration = Duration::from_secs(10);

fn ends(limits: Limits, parts: &[(&str, &str)]) -> Error {
    let package = load_with(limits, parts).unwrap();
    let begin = Instant::now();
    let (error, spent) = cost(|| instance(&package).run().unwrap_err());
    assert!(begin.elapsed() < LATE, "{:?}", begin.elapsed());
    assert!(spent.peak < 16 << 20, "{spent:?}");
    next_works(&package);
    error
}

/// Ways to run for ever that are not a simple loop.
#[test]
fn time_ends_whatever_a_guest_does() {
    let run = |body: &str| format!(r#"(func $run (export "$root#run") (local $i i32) {body})"#);
    let few = "(call $listen (i32.const 0) (i32.const 0))";
    let cases = [
        ("many small calls of the host", run(&format!("(loop $again {few} (br $again))"))),
        (
            "many calls of the host that are answered",
            run("(i32.store8 (i32.const 64) (i32.const 0))
                (loop $again (drop (call $change (i32.const 64) (i32.const 1) (i32.const 128) (i32.const 200))) (br $again))"),
        ),
        (
            "many panics that are none",
            run("(loop $again (call $panic (i32.const 0) (i32.const 0x10000) (i32.const 0) (i32.const 0x10000)
                (i32.const 0) (i32.const 0)) (br $again))"),
        ),
        (
            "results that are not fetched",
            run("(i32.store8 (i32.const 64) (i32.const 0))
                (loop $again (drop (call $change (i32.const 64) (i32.const 1) (i32.const 0) (i32.const 0))) (br $again))"),
        ),
        (
            "two branches at each of many levels, without a loop",
            format!(
                r#"{} (func $fan (param i32) (if (local.get 0) (then
                    (call $fan (i32.sub (local.get 0) (i32.const 1)))
                    (call $fan (i32.sub (local.get 0) (i32.const 1))))))"#,
                run("(call $fan (i32.const 64))")
            ),
        ),
        (
            "functions that end in a call",
            format!("{} (func $tail (return_call $tail))", run("(call $tail)")),
        ),
        (
            "calls through a table",
            format!(
                "{} (table funcref (elem $a $b)) (type $none (func))
                (func $a (return_call_indirect (type $none) (i32.const 1)))
                (func $b (return_call_indirect (type $none) (i32.const 0)))",
                run("(call $a)")
            ),
        ),
        (
            "memory that is filled and copied",
            run("(drop (memory.grow (i32.const 200))) (loop $again
                (memory.fill (i32.const 0x40000) (i32.const 1) (i32.const 0x500000))
                (memory.copy (i32.const 0x40000) (i32.const 0x540000) (i32.const 0x500000)) (br $again))"),
        ),
        (
            "tables that are filled",
            format!(
                "{} (table $t 100000 funcref)",
                run("(loop $again (table.fill $t (i32.const 0) (ref.null func) (i32.const 100000)) (br $again))")
            ),
        ),
    ];
    for (what, text) in cases {
        let error = ends(SOON_OVER, &[("imports", IMPORTS), ("run", &text)]);
        assert_eq!(
            error.limit(),
            Some(LimitKind::Time(SOON)),
            "{what}: {error}"
        );
        assert_says(&error, "run: the package may use 50ms of time");
    }
}

/// The same by fuel, which ends the same guest at the same place.
#[test]
fn fuel_ends_at_the_same_place_each_time() {
    let limits = Limits::DEFAULT.with_fuel(Some(100_000)).with_time(None);
    let body = "(loop $again (call $listen (i32.const 0) (i32.const 0)) (br $again))";
    let package = running(limits, body);
    let heard = || {
        let mut hostile = instance(&package);
        let error = hostile.run().unwrap_err();
        assert_eq!(error.limit(), Some(LimitKind::Fuel(100_000)), "{error}");
        hostile.instance().host().heard.len()
    };
    let first = heard();
    assert!((1_000..100_000).contains(&first), "{first}");
    assert_eq!(heard(), first);
    next_works(&package);
}

/// Ten million calls of the host, and no limit on them: they cost the host nothing that stays.
#[test]
fn many_small_calls_leave_nothing_behind() {
    let calls = if cfg!(debug_assertions) {
        200_000
    } else {
        10_000_000
    };
    let body = format!(
        "(local.set $i (i32.const {calls})) (loop $again
        (call $panic (i32.const 0) (i32.const 10) (i32.const 0) (i32.const 10) (i32.const 0) (i32.const 0))
        (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))"
    );
    let mut hostile = instance(&running(Limits::DEFAULT.with_time(None), &body));
    let (outcome, spent) = cost(|| hostile.run());
    outcome.unwrap();
    assert!(spent.peak < 1 << 20, "{spent:?}");
}

/// All memories and tables of a module count together, and those it begins with count.
#[test]
fn memory_is_counted_wherever_it_is() {
    let limits = Limits::DEFAULT
        .with_memory(1 << 20)
        .with_table_elements(1000);
    let memory = Some(LimitKind::Memory(1 << 20));
    let elements = Some(LimitKind::TableElements(1000));
    let table = |at: usize| format!("(table $t{at} 300 funcref)");
    let begins = [
        ("(memory 13)".to_owned(), memory),
        ("(memory 5) (memory 5) (memory 5)".to_owned(), memory),
        ("(memory 0) ".repeat(20) + "(memory 65536)", memory),
        ("(memory i64 0x1000000)".to_owned(), memory),
        ((0..4).map(table).collect(), elements),
        ("(table 0xffffffff funcref)".to_owned(), elements),
    ];
    for (text, limit) in begins {
        let package = load_with(limits, &[("more", &text)]).unwrap();
        let error = Hostile::instantiate(&package, Host::default()).unwrap_err();
        assert_eq!(error.limit(), limit, "{text}: {error}");
    }
    let grows = [
        (
            "(memory $m 5)",
            "(drop (memory.grow $m (i32.const 8)))",
            memory,
        ),
        (
            "(memory $m 5)",
            "(drop (memory.grow $m (i32.const 3))) (drop (memory.grow (i32.const 5)))",
            memory,
        ),
        (
            "(memory $m 5)",
            "(drop (memory.grow $m (i32.const -1)))",
            memory,
        ),
        (
            "(table $t 500 funcref)",
            "(drop (table.grow $t (ref.null func) (i32.const 501)))",
            elements,
        ),
        (
            "(table $t 500 funcref)",
            "(drop (table.grow $t (ref.null func) (i32.const -1)))",
            elements,
        ),
    ];
    for (text, body, limit) in grows {
        let run = format!(r#"(func (export "$root#run") {body} unreachable)"#);
        let error = ends(limits, &[("run", &run), ("more", text)]);
        assert_eq!(error.limit(), limit, "{body}: {error}");
    }
}

/// A call's time is one, however often the guest is entered for it.
#[test]
fn the_time_of_a_call_is_that_of_all_its_parts() {
    let limits = Limits::DEFAULT.with_time(Some(Duration::from_millis(400)));
    let alloc = r#"(func (export "__pack_alloc") (param i32) (result i32)
        (call $listen (i32.const 0) (i32.const 0)) (i32.const 65536))"#;
    let free = r#"(func (export "__pack_free") (param i32 i32) (call $listen (i32.const 0) (i32.const 0)))"#;
    let parts = [("imports", IMPORTS), ("alloc", alloc), ("free", free)];
    let package = load_with(limits, &parts).unwrap();
    let sleeps = Host::that(Deed::Sleep(Duration::from_millis(250)));
    let mut hostile = Hostile::instantiate(&package, sleeps).unwrap();
    // One sleep for its room.
    assert!(hostile.send(&Json::Null).unwrap());
    assert!(hostile.send(&Json::Null).unwrap());
    // One for giving it back and one for more.
    let error = hostile.send(&Json::Text("x".repeat(10_000))).unwrap_err();
    assert_eq!(
        error.limit(),
        Some(LimitKind::Time(Duration::from_millis(400))),
        "{error}"
    );
    // By name as well, and in fuel.
    let spends = "(local $i i32) (local.set $i (i32.const 200))
        (loop $again (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))";
    let alloc = format!(
        r#"(func (export "__pack_alloc") (param i32) (result i32) {spends} (i32.const 65536))"#
    );
    let free = format!(r#"(func (export "__pack_free") (param i32 i32) {spends})"#);
    let limits = Limits::DEFAULT.with_fuel(Some(1_200));
    let package = load_with(limits, &[("alloc", &alloc), ("free", &free)]).unwrap();
    let mut by_name = dynamic(&package);
    let text = |length| {
        [pack_runtime::Value::Variant(
            "text".into(),
            Some(Box::new("x".repeat(length).as_str().into())),
        )]
    };
    by_name.call("$root", "send", &text(1)).unwrap();
    by_name.call("$root", "send", &text(1)).unwrap();
    let error = by_name.call("$root", "send", &text(10_000)).unwrap_err();
    assert_eq!(error.limit(), Some(LimitKind::Fuel(1_200)), "{error}");
}
