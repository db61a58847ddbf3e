//! Host functions that are called where a host does not expect it, calls within calls, and calls that no one waits for.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};

use pack_runtime::{Error, Limits, PoisonedBy};

use crate::world::*;

mod waiting {
    pack_runtime::bindgen!({ path: "wit/hostile.wit", async: true });
}

/// Says where it is called from: one letter.
fn say(letter: char) -> String {
    let code = u32::from(letter);
    format!(
        "(i32.store8 (i32.const 99) (i32.const {code})) (call $listen (i32.const 99) (i32.const 1))"
    )
}

/// The allocator, its other half, and the start of a guest call a function of the host, with arguments under way.
#[test]
fn host_functions_may_be_called_from_everywhere() {
    let begin = format!("(start $begin) (func $begin {})", say('s'));
    let initialize = format!(r#"(func (export "_initialize") {})"#, say('i'));
    let alloc = format!(
        r#"(func (export "__pack_alloc") (param i32) (result i32) {} (i32.const 65536))"#,
        say('a')
    );
    let free = format!(
        r#"(func (export "__pack_free") (param i32 i32) {})"#,
        say('f')
    );
    let types = crate::module::metadata_bytes().len();
    let types = format!(
        r#"(func (export "__pack_types") (result i64) {} {})"#,
        say('t'),
        crate::module::packed(crate::module::METADATA_AT, u32::try_from(types).unwrap())
    );
    // Answers whether the last byte of a text is an "x", after it has called the host.
    let send = format!(
        r#"(func (export "$root#send") (param i32 i32) (result i32) {}
        (i32.eq (i32.load8_u (i32.sub (i32.add (local.get 0) (local.get 1)) (i32.const 1))) (i32.const 120)))"#,
        say('c')
    );
    let more = format!("{begin} {initialize}");
    let parts = [
        ("imports", IMPORTS),
        ("alloc", alloc.as_str()),
        ("free", &free),
        ("types", &types),
        ("send", &send),
        ("more", &more),
    ];
    let package = load(&parts).unwrap();
    let mut hostile = instance(&package);
    assert!(hostile.send(&Json::Text("x".into())).unwrap());
    assert!(hostile.send(&Json::Text("x".repeat(10_000))).unwrap());
    assert!(
        !hostile
            .send(&Json::Text("y".repeat(2_000_000)))
            .is_ok_and(|is| is)
    );
    let heard = hostile.instance().host().heard.concat();
    assert_eq!(heard, "sitac".to_owned() + "fac" + "fa");
}

/// A host whose function calls another package, whose host does the same.
#[derive(Default)]
struct Link {
    next: Option<Box<Hostile<Link>>>,
    heard: Vec<usize>,
}

impl imports::test::hostile::Host for Link {
    fn listen(&mut self, text: String) {
        self.heard.push(text.len());
        if let Some(next) = &mut self.next {
            assert!(next.send(&Json::Text(text.repeat(2))).unwrap());
        }
    }

    fn change(&mut self, value: Json) -> Json {
        value
    }
}

/// Arguments are held in the area of one instance while the next is called, and are as they were when the call is back.
/// An instance cannot be called by its own host function: that has the host's data, which the instance owns.
#[test]
fn a_call_within_a_call_is_one_of_another_instance() {
    let send = r#"(func (export "$root#send") (param $at i32) (param $length i32) (result i32) (local $last i32)
        (local.set $last (i32.load8_u (i32.sub (i32.add (local.get $at) (local.get $length)) (i32.const 1))))
        (call $listen (i32.add (local.get $at) (i32.const 5)) (i32.sub (local.get $length) (i32.const 5)))
        (i32.eq (local.get $last)
            (i32.load8_u (i32.sub (i32.add (local.get $at) (local.get $length)) (i32.const 1)))))"#;
    let package = load(&[("imports", IMPORTS), ("send", send)]).unwrap();
    let chain = (0..8).fold(None, |next: Option<Box<Hostile<Link>>>, _| {
        let link = Link {
            next,
            heard: Vec::new(),
        };
        Some(Box::new(Hostile::instantiate(&package, link).unwrap()))
    });
    let mut first = chain.unwrap();
    for _ in 0..3 {
        assert!(first.send(&Json::Text("x".repeat(100))).unwrap());
    }
    let mut at = Some(&first);
    let mut expected = 100;
    while let Some(link) = at {
        assert_eq!(link.instance().host().heard, [expected; 3]);
        at = link.instance().host().next.as_ref();
        expected *= 2;
    }
}

/// Each call of a host function waits so often.
const WAITS: usize = 3;

struct Waiter {
    heard: Arc<AtomicUsize>,
    /// There is one for each call of a host function that is going on.
    going_on: Arc<AtomicUsize>,
}

struct GoingOn(Arc<AtomicUsize>);

impl Drop for GoingOn {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Waiter {
    async fn wait(&self) {
        self.going_on.fetch_add(1, Relaxed);
        let _going_on = GoingOn(Arc::clone(&self.going_on));
        let mut left = WAITS;
        poll_fn(|context| {
            context.waker().wake_by_ref();
            match left.checked_sub(1) {
                Some(less) => {
                    left = less;
                    Poll::Pending
                }
                None => Poll::Ready(()),
            }
        })
        .await;
    }
}

impl waiting::imports::test::hostile::Host for Waiter {
    async fn listen(&mut self, _: String) {
        self.wait().await;
        self.heard.fetch_add(1, Relaxed);
    }

    async fn change(&mut self, value: waiting::Json) -> waiting::Json {
        self.wait().await;
        value
    }
}

/// A future that is asked so often, and then dropped: whether it was ready.
fn given_up_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
    }
    None
}

/// The start of an instance, its allocator and its function each wait in the host, three times.
#[test]
fn a_call_may_be_given_up_at_every_place_where_it_waits() {
    let alloc = r#"(func (export "__pack_alloc") (param i32) (result i32)
        (call $listen (i32.const 0) (i32.const 0)) (i32.const 65536))"#;
    let send = r#"(func (export "$root#send") (param i32 i32) (result i32)
        (call $listen (i32.const 0) (i32.const 0))
        (i32.eq (call $change (local.get 0) (local.get 1) (i32.const 128) (i32.const 100)) (local.get 1)))"#;
    let begin = "(start $begin) (func $begin (call $listen (i32.const 0) (i32.const 0)))";
    let parts = [
        ("imports", IMPORTS),
        ("alloc", alloc),
        ("send", send),
        ("more", begin),
    ];
    let package = load(&parts).unwrap();
    let (heard, going_on) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let host = || Waiter {
        heard: Arc::clone(&heard),
        going_on: Arc::clone(&going_on),
    };
    let mut polls = 0;
    let mut hostile = loop {
        polls += 1;
        let start = waiting::Hostile::instantiate(&package, host());
        if let Some(hostile) = given_up_after(polls, start) {
            break hostile.unwrap();
        }
        assert_eq!(going_on.load(Relaxed), 0, "what the host began was dropped");
    };
    // The engine may leave a guest between its instructions as well.
    assert!(polls > WAITS, "{polls}");
    let argument = waiting::Json::Text("x".into());
    let mut polls = 0;
    loop {
        polls += 1;
        let mut hostile =
            pollster::block_on(waiting::Hostile::instantiate(&package, host())).unwrap();
        if let Some(outcome) = given_up_after(polls, hostile.send(&argument)) {
            assert!(outcome.unwrap());
            break;
        }
        assert_eq!(going_on.load(Relaxed), 0, "what the host began was dropped");
        assert_eq!(hostile.instance().poisoned(), Some(PoisonedBy::Abandoned));
        let error = pollster::block_on(hostile.number()).unwrap_err();
        assert!(
            matches!(error, Error::Poisoned(PoisonedBy::Abandoned)),
            "{error}"
        );
        assert_says(&error, "an earlier call was given up before its end");
    }
    assert!(polls > 3 * WAITS, "{polls}");
    // A future that was never asked has begun nothing.
    drop(hostile.send(&argument));
    assert!(pollster::block_on(hostile.send(&argument)).unwrap());
    assert_eq!(pollster::block_on(hostile.number()).unwrap(), 7);
}

/// Many such calls at once, on one thread, of which some are given up.
#[test]
fn calls_that_are_given_up_do_not_disturb_others() {
    let package = running(
        Limits::DEFAULT,
        "(call $listen (i32.const 0) (i32.const 0))",
    );
    let (heard, going_on) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut all: Vec<_> = (0..10)
        .map(|_| {
            let host = Waiter {
                heard: Arc::clone(&heard),
                going_on: Arc::clone(&going_on),
            };
            pollster::block_on(waiting::Hostile::instantiate(&package, host)).unwrap()
        })
        .collect();
    let mut calls: Vec<_> = all
        .iter_mut()
        .map(|hostile| Some(Box::pin(hostile.run())))
        .collect();
    let mut context = Context::from_waker(Waker::noop());
    let mut done = 0;
    let mut round = 0;
    while calls.iter().any(Option::is_some) {
        for (at, slot) in calls.iter_mut().enumerate() {
            let Some(call) = slot else { continue };
            match call.as_mut().poll(&mut context) {
                Poll::Ready(outcome) => {
                    outcome.unwrap();
                    done += 1;
                    *slot = None;
                }
                Poll::Pending if at % 2 == 1 && round >= at / 4 => *slot = None,
                Poll::Pending => {}
            }
        }
        round += 1;
    }
    drop(calls);
    assert_eq!(
        (done, heard.load(Relaxed), going_on.load(Relaxed)),
        (5, 5, 0)
    );
    let spoilt = all
        .iter()
        .map(|hostile| hostile.instance().poisoned().is_some());
    assert_eq!(spoilt.filter(|is| *is).count(), 5);
}
