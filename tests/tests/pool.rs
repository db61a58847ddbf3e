//! A pool of instances, under callers that come all at once and packages that do not keep working.

#[path = "common/module.rs"]
mod module;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use module::module;
use pack_runtime::{
    Error, HostInterface, Instance, Linked, Linker, Package, Pool, PoolError, PoolPolicy,
    PoolSettings, Runtime, Value,
};

/// `run` traps; `number` counts the calls of the instance.
fn package() -> Package {
    package_in(&Runtime::new().unwrap())
}

fn package_in(runtime: &Runtime) -> Package {
    let parts = [
        ("run", r#"(func (export "$root#run") unreachable)"#),
        (
            "number",
            r#"(global $n (mut i32) (i32.const 0)) (func (export "$root#number") (result i32)
                (global.set $n (i32.add (global.get $n) (i32.const 1))) (i32.and (global.get $n) (i32.const 255)))"#,
        ),
    ];
    let wasm = wat::parse_str(module(&parts)).unwrap();
    runtime.load(&wasm).unwrap()
}

fn linked(package: &Package) -> Linked<Instance<u32>> {
    let mut host = HostInterface::new("test:hostile/host");
    for name in ["listen", "change"] {
        host.dynamic_function(name, |_: &mut u32, _| Err("no one calls it"));
    }
    let linker = Linker::new(package).unwrap().offer(&host).unwrap();
    linker.link().unwrap()
}

/// The host's data is the number of the instance.
fn pool(settings: PoolSettings) -> Pool<Instance<u32>> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    Pool::new(linked(&package()), settings, || NEXT.fetch_add(1, Relaxed))
}

fn number(instance: &mut Instance<u32>) -> u8 {
    match instance.call("$root", "number", &[]) {
        Ok(Some(Value::U8(number))) => number,
        other => panic!("{other:?}"),
    }
}

const NO_PAUSE: PoolPolicy = PoolPolicy::Restart {
    first: Duration::ZERO,
    longest: Duration::ZERO,
};

const ONE: PoolSettings = PoolSettings::DEFAULT
    .with_instances(1)
    .with_policy(NO_PAUSE);

#[test]
fn instances_are_used_again_until_they_are_spoilt() {
    let pool = pool(ONE);
    let first = *pool.get().unwrap().host();
    assert_eq!(number(&mut pool.get().unwrap()), 1);
    assert_eq!(number(&mut pool.get().unwrap()), 2);
    let error = pool.get().unwrap().call("$root", "run", &[]).unwrap_err();
    assert!(matches!(error, Error::Trap(_)), "{error}");
    let mut next = pool.get().unwrap();
    assert_ne!(*next.host(), first);
    assert_eq!(number(&mut next), 1);
    let stats = pool.stats();
    assert_eq!((stats.ready, stats.in_use, stats.made), (0, 1, 2));
    assert_eq!((stats.spoilt, stats.retired, stats.failures), (1, 0, 1));
    drop(next);
    assert_eq!(
        (
            pool.stats().ready,
            pool.stats().in_use,
            pool.stats().failures
        ),
        (1, 0, 0)
    );
}

#[test]
fn instances_can_be_replaced_after_some_uses() {
    let pool = pool(ONE.with_uses(Some(2)));
    let numbers: Vec<u8> = (0..5).map(|_| number(&mut pool.get().unwrap())).collect();
    assert_eq!(numbers, [1, 2, 1, 2, 1]);
    assert_eq!((pool.stats().made, pool.stats().retired), (3, 2));
}

#[test]
fn callers_share_a_few_instances() {
    let pool = pool(ONE.with_instances(3));
    let seen = Mutex::new(BTreeSet::new());
    let uses = AtomicU32::new(0);
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let mut instance = pool.get().unwrap();
                    seen.lock().unwrap().insert(*instance.host());
                    number(&mut instance);
                    uses.fetch_add(1, Relaxed);
                }
            });
        }
    });
    assert_eq!(uses.into_inner(), 320);
    assert!(seen.lock().unwrap().len() <= 3);
    let stats = pool.stats();
    assert_eq!((stats.in_use, stats.waiting, stats.refused), (0, 0, 0));
    assert_eq!(u64::try_from(stats.ready).unwrap(), stats.made);
}

#[test]
fn a_queue_has_an_end_and_a_caller_patience() {
    let pool = pool(ONE.with_queue(1).with_wait(Duration::from_millis(200)));
    let held = pool.get().unwrap();
    thread::scope(|scope| {
        let waits = scope.spawn(|| pool.get().map(|_| ()));
        while pool.stats().waiting == 0 {
            thread::yield_now();
        }
        let error = pool.get().unwrap_err();
        assert!(matches!(error, PoolError::Full { waiting: 1 }), "{error}");
        let error = waits.join().unwrap().unwrap_err();
        assert!(matches!(error, PoolError::TimedOut { .. }), "{error}");
    });
    assert_eq!((pool.stats().waiting, pool.stats().refused), (0, 2));
    drop(held);
    pool.get().unwrap();
}

#[test]
fn a_place_that_comes_free_is_the_first_ones() {
    let pool = pool(ONE);
    let held = pool.get().unwrap();
    let order = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for at in 0..4 {
            let (pool, order) = (&pool, &order);
            scope.spawn(move || {
                let _instance = pool.get().unwrap();
                order.lock().unwrap().push(at);
            });
            while pool.stats().waiting <= at {
                thread::yield_now();
            }
        }
        drop(held);
    });
    assert_eq!(order.into_inner().unwrap(), [0, 1, 2, 3]);
}

#[test]
fn a_package_that_keeps_failing_is_started_ever_less_often() {
    let policy = PoolPolicy::Restart {
        first: Duration::from_millis(100),
        longest: Duration::from_millis(150),
    };
    let pool = pool(ONE.with_policy(policy));
    let spoil = || {
        pool.get()
            .map(|mut instance| instance.call("$root", "run", &[]).unwrap_err())
    };
    spoil().unwrap();
    for (failures, longest) in [(1, 100), (2, 150), (3, 150)] {
        let Err(PoolError::BackOff {
            failures: found,
            retry_after,
        }) = spoil()
        else {
            panic!("{failures}")
        };
        assert_eq!(found, failures);
        assert!(
            retry_after <= Duration::from_millis(longest),
            "{retry_after:?}"
        );
        let begin = Instant::now();
        while spoil().is_err() {
            assert!(begin.elapsed() < Duration::from_secs(20));
            thread::sleep(Duration::from_millis(5));
        }
    }
    assert_eq!(pool.stats().spoilt, 4);
    pool.reopen();
    number(&mut pool.get().unwrap());
    assert_eq!(pool.stats().failures, 0);
}

#[test]
fn a_pool_can_fail_closed() {
    let policy = PoolPolicy::FailClosed { failures: 2 };
    let pool = pool(ONE.with_instances(2).with_policy(policy));
    let healthy = pool.get().unwrap();
    for _ in 0..2 {
        pool.get().unwrap().call("$root", "run", &[]).unwrap_err();
    }
    let error = pool.get().unwrap_err();
    assert!(
        matches!(error, PoolError::Closed { failures: 2 }),
        "{error}"
    );
    // One that was in use meanwhile, and works, does not open it.
    drop(healthy);
    assert!(matches!(pool.get(), Err(PoolError::Closed { failures: 2 })));
    pool.reopen();
    pool.get().unwrap();
}

#[test]
fn instances_that_cannot_be_made_count_as_failures() {
    let parts = [("more", "(start $begin) (func $begin unreachable)")];
    let wasm = wat::parse_str(module(&parts)).unwrap();
    let package = Runtime::new().unwrap().load(&wasm).unwrap();
    let policy = PoolPolicy::FailClosed { failures: 1 };
    let pool = Pool::new(linked(&package), ONE.with_policy(policy), || 0);
    assert!(matches!(
        pool.get(),
        Err(PoolError::Instantiate(Error::Trap(_)))
    ));
    assert!(matches!(pool.get(), Err(PoolError::Closed { failures: 1 })));
    assert_eq!((pool.stats().in_use, pool.stats().refused), (0, 2));
}

#[test]
fn a_caller_that_waits_does_not_need_a_thread() {
    let pool = pool(ONE);
    pollster::block_on(async {
        let mut held = pool.get_async().await.unwrap();
        held.call_async("$root", "number", &[]).await.unwrap();
        let (waits, gives_up) = (pool.get_async(), pool.get_async());
        let mut gives_up = Box::pin(gives_up);
        assert!(now(gives_up.as_mut()).is_none());
        let mut waits = Box::pin(waits);
        assert!(now(waits.as_mut()).is_none());
        assert_eq!(pool.stats().waiting, 2);
        // The place comes to one who has lost interest, and goes on to the next.
        drop(held);
        drop(gives_up);
        let mut got = waits.await.unwrap();
        got.call_async("$root", "number", &[]).await.unwrap();
        drop(got);
        assert_eq!((pool.stats().in_use, pool.stats().ready), (0, 1));
    });
}

/// What a future says when it is asked once.
fn now<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}

#[test]
fn that_the_engine_is_full_is_no_fault_of_the_package() {
    let runtime = Runtime::builder().pool(1).build().unwrap();
    let linked = linked(&package_in(&runtime));
    let only = linked.instantiate(0).unwrap();
    let settings = ONE.with_policy(PoolPolicy::FailClosed { failures: 1 });
    let pool = Pool::new(linked, settings, || 0);
    for _ in 0..3 {
        let error = pool.get().unwrap_err();
        assert!(
            matches!(error, PoolError::Instantiate(Error::NoRoom { .. })),
            "{error}"
        );
    }
    drop(only);
    assert_eq!(number(&mut pool.get().unwrap()), 1);
}
