//! Instances after the worst has happened: they are not used again, by whatever road, and the package is as good as before.

use std::time::Duration;

use pack_runtime::wasmtime::Val;
use pack_runtime::{
    Error, LimitKind, Limits, Linked, Package, PoisonedBy, Pool, PoolPolicy, PoolSettings, Value,
};

use crate::world::*;

/// Ways to end for good: what `run` does, what the host does, and what it comes to.
fn ends() -> Vec<(&'static str, Deed, PoisonedBy)> {
    let listen = "(call $listen (i32.const 0) (i32.const 0)) (call $run)";
    let say = "(call $panic (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)) unreachable";
    let limit = PoisonedBy::Limit;
    vec![
        ("unreachable", Deed::Nothing, PoisonedBy::Trap),
        (
            "(drop (i32.load (i32.const -1)))",
            Deed::Nothing,
            PoisonedBy::Trap,
        ),
        (say, Deed::Nothing, PoisonedBy::Panic),
        (SPIN, Deed::Nothing, limit(LimitKind::Time(SOON))),
        (
            "(call $run)",
            Deed::Nothing,
            limit(LimitKind::Stack(64 << 10)),
        ),
        (
            "(drop (memory.grow (i32.const 1000))) unreachable",
            Deed::Nothing,
            limit(LimitKind::Memory(1 << 20)),
        ),
        (listen, Deed::Panic, PoisonedBy::HostFunction),
        (
            listen,
            Deed::Sleep(Duration::from_millis(150)),
            limit(LimitKind::Time(SOON)),
        ),
        (
            "(call $listen (i32.const -1) (i32.const 1))",
            Deed::Nothing,
            PoisonedBy::HostFunction,
        ),
    ]
}

fn limits() -> Limits {
    SOON_OVER.with_memory(1 << 20).with_stack(64 << 10)
}

#[test]
fn an_instance_that_did_not_come_back_is_not_used_again() {
    for (body, deed, by) in ends() {
        let package = running(limits(), body);
        let mut hostile = Hostile::instantiate(&package, Host::that(deed)).unwrap();
        hostile.send(&Json::Null).unwrap();
        hostile.run().unwrap_err();
        assert_eq!(hostile.instance().poisoned(), Some(by), "{body}");
        let heard = hostile.instance().host().heard.len();
        // Typed, with and without arguments, with such that need more room; by name; by core name.
        let again = [
            hostile.run().unwrap_err(),
            hostile.number().unwrap_err(),
            hostile.tree().unwrap_err(),
            hostile.send(&Json::Null).unwrap_err(),
            hostile.send(&Json::Text("x".repeat(100_000))).unwrap_err(),
            hostile
                .instance_mut()
                .call("$root", "number", &[])
                .unwrap_err(),
            hostile
                .instance_mut()
                .call("$root", "send", &[Value::Variant("null".into(), None)])
                .unwrap_err(),
            hostile
                .instance_mut()
                .call_core("$root#run", &[])
                .unwrap_err(),
            hostile
                .instance_mut()
                .call_core("__pack_alloc", &[Val::I32(1)])
                .unwrap_err(),
        ];
        for error in again {
            assert!(
                matches!(error, Error::Poisoned(found) if found == by),
                "{body}: {error}"
            );
            assert_says(&error, "this instance cannot be used any more, because ");
            assert_says(&error, "instantiate the package again");
        }
        // What is the host's is there; nothing more has run.
        assert_eq!(hostile.instance().host().heard.len(), heard);
        assert_eq!(hostile.instance().memory().len(), 4 << 16);
        next_works(&package);
    }
}

/// A pool takes back what its users have spoilt, and gives it to no one.
#[test]
fn a_pool_gives_out_no_instance_that_did_not_come_back() {
    for (body, deed, by) in ends() {
        let package = running(limits(), body);
        let pool = pool(&package, deed);
        let mut spoilt = pool.get().unwrap();
        spoilt.run().unwrap_err();
        assert_eq!(spoilt.instance().poisoned(), Some(by), "{body}");
        drop(spoilt);
        assert_eq!((pool.stats().ready, pool.stats().spoilt), (0, 1), "{body}");
        assert_eq!(pool.get().unwrap().number().unwrap(), 7);
        assert_eq!((pool.stats().made, pool.stats().ready), (2, 1), "{body}");
    }
}

/// The host's own panic, with an instance of the pool in hand that nothing is wrong with.
#[test]
fn a_panic_of_the_hosts_own_spoils_nothing() {
    let package = running(limits(), "");
    let pool = pool(&package, Deed::Nothing);
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut instance = pool.get().unwrap();
        instance.number().unwrap();
        panic!("the host's own");
    }));
    outcome.unwrap_err();
    assert_eq!(pool.stats().in_use, 0);
    assert_eq!(pool.get().unwrap().number().unwrap(), 7);
}

fn pool(package: &Package, deed: Deed) -> Pool<Hostile<Host>> {
    let linked: Linked<Hostile<Host>> = Hostile::link(package).unwrap();
    let policy = PoolPolicy::Restart {
        first: Duration::ZERO,
        longest: Duration::ZERO,
    };
    let settings = PoolSettings::DEFAULT.with_instances(1).with_policy(policy);
    Pool::new(linked, settings, move || Host::that(deed))
}
