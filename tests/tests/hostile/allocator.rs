//! A guest's allocator that does not keep to what it is asked for.

use std::time::Instant;

use pack_runtime::{Error, LimitKind, Limits, PoisonedBy, Value};

use crate::bounds;
use crate::world::*;

fn alloc(body: &str) -> String {
    format!(r#"(func (export "__pack_alloc") (param i32) (result i32) {body})"#)
}

/// What the memory of an instance has at its beginning, where no one may write.
const GUARD: &str = r#"(data (i32.const 0) "guard")"#;

#[test]
fn an_allocator_that_lies_is_an_error() {
    let cases = [
        (
            "(i32.const 0)",
            "the package has no memory for arguments of 4096 bytes",
        ),
        (
            "(i32.const 65537)",
            "returned a pointer that is not aligned",
        ),
        ("(i32.const -1)", "returned a pointer that is not aligned"),
        ("(i32.const -16)", "returned a place outside its memory"),
        ("(i32.const 262144)", "returned a place outside its memory"),
        ("(i32.const 262128)", "returned a place outside its memory"),
    ];
    for (body, words) in cases {
        let package = load(&[("alloc", &alloc(body)), ("more", GUARD)]).unwrap();
        let mut hostile = instance(&package);
        let error = hostile.send(&Json::Text("x".into())).unwrap_err();
        assert!(
            matches!(
                error,
                Error::GuestMemory { needed: 4096 } | Error::Convention(_)
            ),
            "{error}"
        );
        assert_says(&error, words);
        // Nothing was written anywhere, and the guest came back: the instance is still good.
        assert_eq!(hostile.instance().read_memory(0, 5).unwrap(), b"guard");
        assert_eq!(hostile.number().unwrap(), 7);
        let argument = Value::Variant("text".into(), Some(Box::new("x".into())));
        let error = dynamic(&package)
            .call("$root", "send", &[argument])
            .unwrap_err();
        assert_says(&error, words);
    }
    // More than the memory holds.
    let mut hostile = start(&[]).unwrap();
    let error = hostile.send(&Json::Text("x".repeat(1 << 20))).unwrap_err();
    assert_says(&error, "returned a place outside its memory");
}

#[test]
fn an_allocator_that_does_not_come_back_ends_the_instance() {
    let cases = [
        (
            "unreachable",
            None,
            "__pack_alloc: the package trapped: wasm trap: ",
        ),
        (
            "(loop $again (br $again)) unreachable",
            Some(LimitKind::Time(SOON)),
            "__pack_alloc: the package may use 50ms of time, and needs more",
        ),
    ];
    for (body, limit, words) in cases {
        let package = load_with(SOON_OVER, &[("alloc", &alloc(body))]).unwrap();
        let mut hostile = instance(&package);
        let begin = Instant::now();
        let error = hostile.send(&Json::Null).unwrap_err();
        assert!(begin.elapsed().as_secs() < 20);
        assert_eq!(error.limit(), limit, "{error}");
        assert_says(&error, words);
        let by = limit.map_or(PoisonedBy::Trap, PoisonedBy::Limit);
        assert_eq!(hostile.instance().poisoned(), Some(by));
        assert!(matches!(hostile.number(), Err(Error::Poisoned(found)) if found == by));
        next_works(&package);
    }
}

/// What is taken back was given once: the same place, the same length, and nothing in between.
#[test]
fn the_host_gives_back_what_it_was_given_once() {
    let strict = r#"
        (global $at (mut i32) (i32.const 0)) (global $length (mut i32) (i32.const 0))
        (global $next (mut i32) (i32.const 65536))
        (func (export "__pack_alloc") (param i32) (result i32)
            (if (global.get $length) (then unreachable))
            (global.set $at (global.get $next))
            (global.set $length (local.get 0))
            (global.set $next (i32.and (i32.add (i32.add (global.get $next) (local.get 0)) (i32.const 31)) (i32.const -16)))
            (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536))) (then
                (drop (memory.grow (i32.add (i32.shr_u (local.get 0) (i32.const 16)) (i32.const 1))))))
            (global.get $at))"#;
    let free = r#"(func (export "__pack_free") (param i32 i32)
        (if (i32.ne (local.get 0) (global.get $at)) (then unreachable))
        (if (i32.ne (local.get 1) (global.get $length)) (then unreachable))
        (global.set $length (i32.const 0)))"#;
    let package = load(&[("alloc", strict), ("free", free)]).unwrap();
    let mut hostile = instance(&package);
    // Small, larger, past what is kept, small again.
    for length in [1, 10_000, 3_000_000, 1, 1, 2_000_000, 5_000] {
        assert!(hostile.send(&Json::Text("x".repeat(length))).unwrap());
    }
    let argument = |length| {
        [Value::Variant(
            "text".into(),
            Some(Box::new(Value::String("x".repeat(length)))),
        )]
    };
    let mut by_name = dynamic(&package);
    for length in [1, 10_000, 3_000_000, 1, 1, 2_000_000, 5_000] {
        by_name.call("$root", "send", &argument(length)).unwrap();
    }
}

#[test]
fn a_guest_that_does_not_take_back_what_it_gave_ends_the_instance() {
    let cases = [
        (
            "unreachable",
            None,
            "__pack_free: the package trapped: wasm trap: ",
        ),
        (
            SPIN,
            Some(LimitKind::Time(SOON)),
            "__pack_free: the package may use 50ms of time, and needs more",
        ),
    ];
    for (body, limit, words) in cases {
        let free = format!(r#"(func (export "__pack_free") (param i32 i32) {body})"#);
        let package = load_with(SOON_OVER, &[("free", &free)]).unwrap();
        let mut hostile = instance(&package);
        assert!(hostile.send(&Json::Null).unwrap());
        let error = hostile.send(&Json::Text("x".repeat(5_000))).unwrap_err();
        assert_eq!(error.limit(), limit, "{error}");
        assert_says(&error, words);
        assert!(matches!(hostile.number(), Err(Error::Poisoned(_))));
        next_works(&package);
    }
}

/// The same place each time, and one that the guest uses itself: what the host writes there is the guest's own loss.
#[test]
fn an_allocator_that_gives_a_place_twice_harms_no_one_else() {
    let package = load(&[("alloc", &alloc("(i32.const 4096)"))]).unwrap();
    let mut hostile = instance(&package);
    for length in [1, 5_000, 100_000, 1] {
        assert!(hostile.send(&Json::Text("x".repeat(length))).unwrap());
    }
    assert_ne!(
        hostile.instance().read_memory(4096, 8).unwrap(),
        b"PACKMETA"
    );
    next_works(&package);
    // Its result is there as well.
    let package = bounds::package(Limits::DEFAULT, &[], "");
    let mut echo = bounds::typed(&package);
    let one = bounds::Json::Text("one".into());
    assert_eq!(echo.echo(&one).unwrap(), one);
    let two = bounds::Json::Text("two".repeat(3_000));
    assert_eq!(echo.echo(&two).unwrap(), two);
}

/// The host looks at the memory again after the allocator has run.
#[test]
fn an_allocator_may_add_memory() {
    let grows = alloc(
        "(i32.mul (memory.grow (i32.add (i32.shr_u (local.get 0) (i32.const 16)) (i32.const 1))) (i32.const 65536))",
    );
    let first = r#"(func (export "$root#send") (param i32 i32) (result i32)
        (i32.eq (i32.load8_u offset=5 (local.get 0)) (i32.const 0x78)))"#;
    let package = load(&[("alloc", &grows), ("send", first)]).unwrap();
    let mut hostile = instance(&package);
    for length in [1, 10_000, 300_000, 2_000_000, 1] {
        assert!(hostile.send(&Json::Text("x".repeat(length))).unwrap());
        assert!(!hostile.send(&Json::Text("y".repeat(length))).unwrap());
    }
    // Where there is no more memory, the call fails and the instance does not.
    let limits = Limits::DEFAULT.with_memory(1 << 20);
    let none = alloc(
        "(if (result i32) (i32.eq (memory.grow (i32.const 100)) (i32.const -1)) (then (i32.const 0)) (else (i32.const 65536)))",
    );
    let package = load_with(limits, &[("alloc", &none)]).unwrap();
    let mut hostile = instance(&package);
    let error = hostile.send(&Json::Null).unwrap_err();
    assert!(
        matches!(error, Error::GuestMemory { needed: 4096 }),
        "{error}"
    );
    assert_eq!(hostile.number().unwrap(), 7);
}
