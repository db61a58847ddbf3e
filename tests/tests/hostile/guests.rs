//! Guests of ordinary Rust, which do what only a compiled guest does. They come back with an error, or not at all.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use pack_runtime::{Error, Instance, LimitKind, Limits, Linker, MessageLimits, Package, Value};

use crate::cost::cost;
use crate::world::{assert_says, runtime};

/// Little memory and time, so that the worst is soon over; compiled once.
fn package() -> Package {
    static PACKAGE: OnceLock<Package> = OnceLock::new();
    let limits = Limits::DEFAULT
        .with_memory(64 << 20)
        .with_time(Some(Duration::from_secs(5)))
        .with_message(MessageLimits::DEFAULT.with_nodes(1 << 16));
    let load = || {
        runtime(limits)
            .load_file(pack_tests::guest("hostile"))
            .unwrap()
    };
    PACKAGE.get_or_init(load).clone()
}

fn instance() -> Instance<()> {
    let linker = Linker::<()>::new(&package()).unwrap();
    linker
        .link::<Instance<()>>()
        .unwrap()
        .instantiate(())
        .unwrap()
}

fn call(
    instance: &mut Instance<()>,
    function: &str,
    argument: Option<u32>,
) -> Result<Option<Value>, Error> {
    let arguments: Vec<Value> = argument.map(Value::U32).into_iter().collect();
    instance.call("$root", function, &arguments)
}

/// What becomes of a call that does not come back, and that the next instance works.
fn fails(function: &str, argument: Option<u32>) -> Error {
    let mut spoilt = instance();
    let begin = Instant::now();
    let (error, spent) = cost(|| call(&mut spoilt, function, argument).unwrap_err());
    assert!(begin.elapsed() < Duration::from_secs(20), "{function}");
    assert!(spent.peak < 1 << 20, "{function}: {spent:?}");
    assert!(spoilt.poisoned().is_some(), "{function}");
    let again = call(&mut spoilt, "recurse", Some(1)).unwrap_err();
    assert!(matches!(again, Error::Poisoned(_)), "{function}: {again}");
    assert!(call(&mut instance(), "recurse", Some(1)).is_ok());
    error
}

#[test]
fn a_guest_that_panics_while_it_panics_has_trapped() {
    let error = fails("panic-in-panic", None);
    // Nothing can be said of it but where it was.
    assert!(matches!(error, Error::Trap(_)), "{error}");
    assert_says(&error, "panic-in-panic: the package trapped: ");
    assert_says(&error, "Unprintable as core::fmt::Display>::fmt");
    // With the standard library a panic ends the guest before anything is dropped.
    let error = fails("panic-in-drop", None);
    assert!(matches!(error, Error::Panic(_)), "{error}");
    assert_says(&error, "the first");
    let error = fails("abort", None);
    assert!(matches!(error, Error::Trap(_)), "{error}");
    let Error::Panic(panic) = fails("panic-at-length", Some(10 << 20)) else {
        panic!("it panicked")
    };
    assert!(
        (1_000..=4096).contains(&panic.message.len()),
        "{}",
        panic.message.len()
    );
    assert!(panic.message.chars().all(|letter| letter == 'ü'));
}

#[test]
fn a_guest_that_recurses_without_end_is_out_of_stack() {
    for function in ["recurse", "drop-nest"] {
        let error = fails(function, Some(1_000_000));
        let is_stack = error.limit() == Some(LimitKind::Stack(512 << 10));
        // Rust's own stack, for what has an address, is in the guest's memory and may end first.
        assert!(is_stack || matches!(error, Error::Trap(_)), "{error}");
        assert_says(&error, function);
    }
}

#[test]
fn a_guest_that_takes_all_memory_is_out_of_memory() {
    let error = fails("exhaust", None);
    assert_eq!(error.limit(), Some(LimitKind::Memory(64 << 20)), "{error}");
    assert_says(
        &error,
        "exhaust: the package may use 67108864 bytes of memory",
    );
    // One that can live with less does.
    let mut modest = instance();
    assert_eq!(
        call(&mut modest, "modest", Some(128 << 20)).unwrap(),
        Some(Value::Bool(false))
    );
    assert_eq!(
        call(&mut modest, "modest", Some(1 << 20)).unwrap(),
        Some(Value::Bool(true))
    );
}

/// Forty levels, each shared twice: a hundred bytes of message, and more values than there is memory for.
#[test]
fn a_bomb_that_a_guest_has_built_hits_the_limit_of_the_host() {
    let mut guest = instance();
    let (small, spent) = cost(|| call(&mut guest, "bomb", Some(10)).unwrap());
    assert!(small.is_some());
    assert!(spent.peak < 1 << 20, "{spent:?}");
    let (error, spent) = cost(|| call(&mut guest, "bomb", Some(40)).unwrap_err());
    assert_eq!(error.limit(), Some(LimitKind::Nodes(1 << 16)), "{error}");
    assert!(spent.peak < 16 << 20, "{spent:?}");
    // The guest came back: it is only the value that is too large.
    assert!(call(&mut guest, "bomb", Some(2)).is_ok());
}

/// The guest's own library refuses to write what no host reads, and so does the host's.
#[test]
fn nesting_that_the_other_side_does_not_read_is_refused_by_the_writer() {
    let mut guest = instance();
    call(&mut guest, "nest", Some(200_000)).unwrap();
    call(&mut guest, "return-nest", Some(100)).unwrap();
    let error = call(&mut guest, "return-nest", Some(600)).unwrap_err();
    assert!(
        error.limit().is_some(),
        "dynamic values have levels of their own: {error}"
    );
    let error = fails("return-nest", Some(10_000));
    assert!(
        matches!(error, Error::Panic(_)) || error.limit().is_some(),
        "{error}"
    );
    let nest = |levels: usize| {
        (0..levels).fold(Value::Variant("empty".into(), None), |nest, _| {
            Value::Variant("inside".into(), Some(Box::new(Value::List(vec![nest]))))
        })
    };
    let mut guest = instance();
    let depth = guest.call("$root", "depth", &[nest(100)]).unwrap();
    assert_eq!(depth, Some(Value::U32(100)));
    let error = guest.call("$root", "depth", &[nest(100_000)]).unwrap_err();
    assert!(matches!(error, Error::Encode { .. }), "{error}");
    assert_eq!(
        guest.call("$root", "depth", &[nest(1)]).unwrap(),
        Some(Value::U32(1))
    );
}

/// Files, the network, the environment, processes, threads: a package has none of them.
#[test]
fn there_is_no_world_outside() {
    let outside = call(&mut instance(), "look-outside", None).unwrap();
    let nothing = Value::List(vec![Value::Bool(false); 6]);
    assert_eq!(outside, Some(nothing));
}
