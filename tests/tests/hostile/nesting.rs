//! Values and types inside each other.

use std::thread;

use pack_abi::value::{decode_value, encode_value};
use pack_abi::{DecodeError, DecodeErrorKind, Limits, Value, decode, encode, schema_of};
use pack_runtime::{Error, LimitKind};

use crate::common::hex;
use crate::samples::{Json, RcFork, Tree};
use crate::world::{self, Host, IMPORTS, dynamic, instance, load, load_with, running};

#[test]
fn nesting_is_refused_at_the_limit_and_not_by_the_stack() {
    const LEVELS: usize = 1_000_000;
    let check = |error: DecodeError| {
        assert!(
            matches!(
                error.kind(),
                DecodeErrorKind::TooDeep { .. } | DecodeErrorKind::TooManyLevels { .. }
            ),
            "{error}"
        );
        assert!(error.offset() < 10_000, "not all of it is read: {error}");
        assert!(
            error.to_string().len() < 1000,
            "long paths are shortened: {error}"
        );
    };
    let json = hex("03 01000000").repeat(LEVELS);
    check(decode::<Json>(&json, Limits::DEFAULT).unwrap_err());
    let (contract, ty) = schema_of::<Json>().unwrap();
    check(decode_value(&contract, ty, &json, Limits::DEFAULT).unwrap_err());
    let tree = hex("00 00 01000000").repeat(LEVELS);
    check(decode::<Tree>(&tree, Limits::DEFAULT).unwrap_err());
    let forks = [1].repeat(LEVELS);
    check(decode::<RcFork>(&forks, Limits::DEFAULT).unwrap_err());
}

/// What hosts with many threads give each of them.
const SMALL_STACK: usize = 256 << 10;

/// How deep values may be for a thread with so little stack, in an unoptimized build. Optimized, 400 levels fit.
const DEPTH: u32 = 100;

/// And dynamic values, of which there are three inside each other for each level. Optimized, 100 fit.
const DYNAMIC_DEPTH: u32 = 25;

pub(crate) fn on_a_small_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let builder = thread::Builder::new().stack_size(SMALL_STACK);
        let thread = builder.spawn_scoped(scope, work).unwrap();
        thread.join().unwrap()
    })
}

mod shapes {
    pack_runtime::bindgen!("wit/shapes.wit");
}

use shapes::test::shapes::types as shape;

/// The shapes of recursion, each with so many levels.
fn nested(
    levels: u32,
) -> (
    shape::Json,
    shape::Json,
    shape::Expr,
    shape::Tree,
    shape::Chain,
) {
    use shape::{Binary, Chain, Expr, Json, Tree};
    let first = (
        Json::Null,
        Json::Text("x".into()),
        Expr::Literal(1),
        Tree {
            value: 0,
            children: vec![],
        },
        Chain {
            value: 0,
            next: None,
        },
    );
    (1..levels).fold(first, |(list, object, expr, tree, chain), at| {
        // Every other level is a node of its own.
        let expr = if at % 2 == 1 {
            expr
        } else {
            let (left, right) = (Box::new(Expr::Literal(2)), Box::new(expr));
            Expr::Binary(Box::new(Binary { op: 1, left, right }))
        };
        (
            Json::Array(vec![list]),
            Json::Object(vec![("key".into(), object)]),
            expr,
            Tree {
                value: at,
                children: vec![tree],
            },
            Chain {
                value: 1,
                next: Some(Box::new(chain)),
            },
        )
    })
}

/// Read, copied, compared, printed, written, dropped. None of them has a hash: floats have none.
#[test]
fn values_of_a_fitting_depth_are_handled_on_a_small_stack() {
    on_a_small_stack(|| {
        let values = nested(DEPTH);
        macro_rules! there_and_back {
            ($($at:tt: $ty:ty),*) => {
                $({
                    let bytes = encode(&values.$at).unwrap();
                    let limits = Limits::DEFAULT.with_depth(DEPTH);
                    let read = decode::<$ty>(&bytes, limits).unwrap();
                    assert!(read.clone() == values.$at);
                    assert!(!format!("{read:?}").is_empty());
                    // Half as many are too few.
                    let error = decode::<$ty>(&bytes, limits.with_depth(DEPTH / 2)).unwrap_err();
                    assert!(matches!(error.kind(), DecodeErrorKind::TooDeep { .. }), "{error}");
                })*
            };
        }
        there_and_back!(0: shape::Json, 1: shape::Json, 2: shape::Expr, 3: shape::Tree, 4: shape::Chain);
        let values = nested(DYNAMIC_DEPTH);
        macro_rules! there_and_back {
            ($($at:tt: $ty:ty),*) => {
                $({
                    let bytes = encode(&values.$at).unwrap();
                    let limits = Limits::DEFAULT.with_depth(DYNAMIC_DEPTH);
                    let (contract, ty) = schema_of::<$ty>().unwrap();
                    let value = decode_value(&contract, ty, &bytes, limits).unwrap();
                    assert!(value.clone() == value);
                    assert!(!format!("{value:?}").is_empty());
                    let text = value.to_string();
                    assert!(Value::from_wave(&contract, ty, &text).unwrap() == value);
                    assert!(encode_value(&contract, ty, &value, limits).unwrap() == bytes);
                })*
            };
        }
        there_and_back!(0: shape::Json, 1: shape::Json, 2: shape::Expr, 3: shape::Tree, 4: shape::Chain);
    });
}

/// A dynamic value of any depth is copied, compared, printed and dropped on any stack.
#[test]
fn a_dynamic_value_of_any_depth_is_handled_on_a_small_stack() {
    on_a_small_stack(|| {
        let deep = |last: u8| {
            (0..1_000_000).fold(Value::U8(last), |value, at| match at % 3 {
                0 => Value::List(vec![value]),
                1 => Value::Option(Some(Box::new(value))),
                _ => Value::Record(vec![("a".into(), value)]),
            })
        };
        let (one, other) = (deep(1), deep(2));
        assert!(one != other);
        let copy = one.clone();
        assert!(copy == one);
        assert!(one.to_string().len() > 1_000_000);
        assert!(format!("{other:?}").len() > 1_000_000);
        drop((one, other, copy));
        // Its text is not read.
        let (contract, ty) = schema_of::<Json>().unwrap();
        let text = "array([".repeat(1_000_000);
        assert!(Value::from_wave(&contract, ty, &text).is_err());
    });
}

/// A million arrays inside each other, made by the guest.
#[test]
fn a_result_of_a_million_levels_is_an_error_on_a_small_stack() {
    let tree = r#"(func (export "$root#tree") (result i64) (local $i i32)
        (drop (memory.grow (i32.const 80)))
        (loop $again
            (i32.store8 (i32.add (i32.const 0x40000) (local.get $i)) (i32.const 2))
            (i32.store offset=1 (i32.add (i32.const 0x40000) (local.get $i)) (i32.const 1))
            (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 5))) (i32.const 5000000))))
        (i64.const 0x4c4b4000040000))"#;
    let send = r#"(func (export "$root#send") (param i32 i32) (result i32)
        (drop (call $change (i32.const 0x40000) (i32.const 5000000) (i32.const 0) (i32.const 0))) (i32.const 1))"#;
    let limits = pack_runtime::Limits::DEFAULT
        .with_stack(64 << 10)
        .with_message(Limits::DEFAULT.with_depth(DYNAMIC_DEPTH));
    let parts = [("imports", IMPORTS), ("tree", tree), ("send", send)];
    let package = load_with(limits, &parts).unwrap();
    on_a_small_stack(|| {
        let (mut typed, mut by_name) = (instance(&package), dynamic(&package));
        let errors = [
            typed.tree().unwrap_err(),
            by_name.call("$root", "tree", &[]).unwrap_err(),
            // The same message as an argument of a host function.
            typed.send(&world::Json::Null).unwrap_err(),
        ];
        for error in errors {
            assert_eq!(
                error.limit(),
                Some(LimitKind::Depth(DYNAMIC_DEPTH)),
                "{error}"
            );
            assert!(error.to_string().len() < 2_000, "{error}");
        }
        // And a guest that recurses without end ends before the thread does.
        let error = instance(&running(limits, "(call $run)")).run().unwrap_err();
        assert_eq!(error.limit(), Some(LimitKind::Stack(64 << 10)), "{error}");
    });
}

mod waiting {
    pack_runtime::bindgen!({ path: "wit/hostile.wit", async: true });
}

impl waiting::imports::test::hostile::Host for Host {
    async fn listen(&mut self, _: String) {}

    async fn change(&mut self, value: waiting::Json) -> waiting::Json {
        assert!(value.clone() == value);
        value
    }
}

/// The guest uses up nearly all of its stack, and then calls the host with a value as deep as may be. The host has what
/// the thread has besides: on a thread of the standard library, and in a call on a stack of its own.
#[test]
fn the_host_has_stack_left_when_the_guest_has_none() {
    // So many levels of the guest's own before it calls, with an argument of 900 levels, which it gets back.
    let send = r#"(func (export "$root#send") (param i32 i32) (result i32) (local $i i32)
        (loop $again
            (i32.store8 (i32.add (i32.const 0x10000) (local.get $i)) (i32.const 2))
            (i32.store offset=1 (i32.add (i32.const 0x10000) (local.get $i)) (i32.const 1))
            (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 5))) (i32.const 4500))))
        (i32.store8 (i32.const 70036) (i32.const 0))
        (call $down (i32.load offset=1 (local.get 0)))
        (i32.const 1))
        (func $down (param i32) (if (local.get 0)
            (then (call $down (i32.sub (local.get 0) (i32.const 1))))
            (else (drop (call $change (i32.const 0x10000) (i32.const 4501) (i32.const 0) (i32.const 0))))))"#;
    // The length of the text is how deep the guest goes.
    let alloc = r#"(func (export "__pack_alloc") (param i32) (result i32) (i32.const 0x20000))"#;
    let parts = [
        ("imports", IMPORTS),
        ("memory", r#"(memory (export "memory") 8)"#),
        ("alloc", alloc),
        ("send", send),
    ];
    let package = load(&parts).unwrap();
    let deepest = |works: &dyn Fn(usize) -> bool| {
        let (mut low, mut high) = (0, 1 << 17);
        while low + 1 < high {
            let middle = (low + high) / 2;
            match works(middle) {
                true => low = middle,
                false => high = middle,
            }
        }
        low
    };
    let is_fine = |outcome: Result<bool, Error>| match outcome {
        Ok(done) => done,
        Err(error) => {
            assert_eq!(error.limit(), Some(LimitKind::Stack(512 << 10)), "{error}");
            false
        }
    };
    thread::scope(|scope| {
        let on_thread = || {
            deepest(&|levels| {
                let argument = world::Json::Text("x".repeat(levels));
                is_fine(instance(&package).send(&argument))
            })
        };
        let levels = thread::Builder::new()
            .spawn_scoped(scope, on_thread)
            .unwrap()
            .join()
            .unwrap();
        assert!(levels > 1_000, "{levels}");
        let on_its_own = || {
            deepest(&|levels| {
                let argument = waiting::Json::Text("x".repeat(levels));
                let start = waiting::Hostile::instantiate(&package, Host::default());
                is_fine(pollster::block_on(async {
                    start.await?.send(&argument).await
                }))
            })
        };
        let levels = thread::Builder::new()
            .spawn_scoped(scope, on_its_own)
            .unwrap()
            .join()
            .unwrap();
        assert!(levels > 1_000, "{levels}");
    });
}
