//! Compositions whose host functions wait.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use pack_runtime::{
    Composition, Error, HostInterface, Instance, Linker, Package, PoisonedBy, Value,
};
use pack_tests::load;

use super::interceptors::{Blank, NO_ANSWER, Witness};
use super::{Lines, STAGE, log};

mod bindings {
    pack_runtime::bindgen!({ path: "wit/chain.wit", world: "link", async: true });
}

use bindings::Link;

/// Waits three times before it writes.
fn slow_log() -> HostInterface<Lines> {
    let mut log = HostInterface::new("test:chain/log");
    log.async_function("write", |lines: &mut Lines, (line,): (String,)| {
        Box::pin(async move {
            for _ in 0..3 {
                yield_once().await;
            }
            lines.push(line);
            Ok::<u32, String>(1)
        })
    });
    log
}

async fn yield_once() {
    let mut is_first = true;
    poll_fn(|context| {
        if std::mem::take(&mut is_first) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    })
    .await;
}

fn linker(package: &Package) -> Linker<Lines> {
    Linker::new(package).unwrap().offer(&slow_log()).unwrap()
}

fn chain() -> Composition<Lines> {
    Composition::new()
        .part("end", linker(&load("chain-end")))
        .part("middle", linker(&load("chain-link")))
        .part("first", linker(&load("chain-link")))
        .wire("first", STAGE, "middle")
        .wire("middle", STAGE, "end")
}

#[test]
fn a_chain_can_wait_at_its_end() {
    let witness = Arc::new(Witness::default());
    for composition in [chain(), chain().intercept(Arc::clone(&witness))] {
        let linked = composition.link::<Link<Lines>>("first").unwrap();
        pollster::block_on(async {
            let mut link = linked.instantiate_async(Vec::new()).await.unwrap();
            assert_eq!(link.stage().echo("slow").await.unwrap(), "slow");
            assert_eq!(link.stage().name().await.unwrap(), "link(link(end))");
            let text = "t".repeat(100_000);
            assert_eq!(link.stage().echo(&text).await.unwrap(), text);
            assert_eq!(link.instance().host().len(), 2);
            let instance = link.instance_mut();
            let mut end = instance.part("end").unwrap();
            let name = end.call_async(STAGE, "name", &[]).await.unwrap();
            assert_eq!(name, Some(Value::from("end")));
            drop(end);
            // What was made to wait cannot be called without.
            let error = instance.call(STAGE, "name", &[]).unwrap_err();
            assert!(error.to_string().contains("`call_async`"), "{error}");
            let error = link.stage().fail("panic").await.unwrap_err();
            assert!(matches!(error, Error::Callee(_)), "{error}");
        });
    }
    assert!(witness.take().len() > 30);
}

#[test]
fn an_answer_without_a_core_value_is_refused_as_in_calls_that_block() {
    for is_import in [false, true] {
        let linked = chain().intercept(Blank { is_import });
        let linked = linked.link::<Link<Lines>>("first").unwrap();
        pollster::block_on(async {
            let mut link = linked.instantiate_async(Vec::new()).await.unwrap();
            let error = link.stage().add(1, 2).await.unwrap_err();
            assert!(error.to_string().contains(NO_ANSWER), "{error}");
        });
    }
}

#[test]
fn an_instance_that_was_made_to_block_says_how_to_make_one_that_waits() {
    let composition = Composition::new()
        .part(
            "end",
            Linker::new(&load("chain-end"))
                .unwrap()
                .offer(&log())
                .unwrap(),
        )
        .part(
            "link",
            Linker::new(&load("chain-link"))
                .unwrap()
                .offer(&log())
                .unwrap(),
        )
        .wire("link", STAGE, "end");
    let linked = composition.link::<Instance<Lines>>("link").unwrap();
    let mut instance = linked.instantiate(Vec::new()).unwrap();
    let error = pollster::block_on(instance.call_async(STAGE, "name", &[])).unwrap_err();
    assert!(error.to_string().contains("`instantiate_async`"), "{error}");
    assert!(instance.call(STAGE, "name", &[]).is_ok());
    assert_eq!(instance.poisoned(), None);
}

#[test]
fn a_call_can_be_given_up_wherever_it_waits() {
    let witness = Arc::new(Witness::default());
    let linked = chain().intercept(Arc::clone(&witness));
    let linked = linked.link::<Link<Lines>>("first").unwrap();
    let (mut polls, mut deepest) = (0, 0);
    loop {
        let mut link = pollster::block_on(linked.instantiate_async(Vec::new())).unwrap();
        witness.take();
        let mut stage = link.stage();
        let mut call = Box::pin(stage.echo("x"));
        let mut context = Context::from_waker(Waker::noop());
        let is_done = (0..polls).any(|_| pin!(&mut call).poll(&mut context).is_ready());
        drop(call);
        let seen = witness.take();
        if is_done {
            assert_eq!(link.instance().poisoned(), None);
            break;
        }
        if polls > 0 {
            assert_eq!(link.instance().poisoned(), Some(PoisonedBy::Abandoned));
            let error = pollster::block_on(link.stage().add(1, 2)).unwrap_err();
            assert!(matches!(error, Error::Poisoned(_)), "{error}");
            // What has begun and not ended, from the inside to the outside.
            let (abandoned, seen): (Vec<_>, Vec<_>) =
                seen.iter().partition(|line| line.ends_with(" abandoned"));
            let number = |line: &&String| line.split(' ').next().unwrap().to_owned();
            let mut open: Vec<String> = Vec::new();
            for line in &seen {
                match line.contains(" returned") {
                    true => assert_eq!(open.pop(), Some(number(line))),
                    false => open.push(number(line)),
                }
            }
            open.reverse();
            assert_eq!(abandoned.iter().map(number).collect::<Vec<_>>(), open);
            deepest = deepest.max(open.len());
        }
        polls += 1;
    }
    assert!(polls > 3, "{polls}");
    assert_eq!(deepest, 6);
}
