//! Nothing but the call.

use pack_runtime::Value;
use wasmtime::Result;

use crate::harness::{Bench, FLOOR};
use crate::setup::Setup;

/// `suffix` is said of the names of workloads.
pub(crate) fn run(bench: &mut Bench, setup: &Setup, suffix: &str) -> Result<()> {
    bench.workload(&format!("nop{suffix}"), |w| {
        let mut floor = setup.floor.instantiate()?;
        w.contender(
            FLOOR,
            |()| true,
            move || floor.nop.call(&mut floor.store, ()),
        );
        let mut floor = setup.floor.instantiate()?;
        w.waiting(
            "floor async",
            |()| true,
            async move || Ok(floor.nop.call_async(&mut floor.store, ()).await?),
        );
        let mut pack = setup.borrowed.typed()?;
        w.contender("Pack typed", |()| true, move || Ok(pack.nop()?));
        let mut pack = setup.borrowed.waiting()?;
        w.waiting(
            "Pack typed async",
            |()| true,
            async move || Ok(pack.nop().await?),
        );
        let mut pack = setup.borrowed.dynamic()?;
        w.contender("Pack Value", Option::is_none, move || {
            Ok(pack.call("$root", "nop", &[])?)
        });
        for (name, component) in setup.components() {
            let mut component = component.instantiate()?;
            w.contender(
                name,
                |()| true,
                move || component.calls.call_nop(&mut component.store),
            );
        }
        Ok(())
    })?;
    bench.workload(&format!("add{suffix}"), |w| {
        let is_right = |sum: &i64| *sum == 42;
        let mut floor = setup.floor.instantiate()?;
        w.contender(FLOOR, is_right, move || {
            floor.add.call(&mut floor.store, (40, 2))
        });
        let mut floor = setup.floor.instantiate()?;
        w.waiting("floor async", is_right, async move || {
            floor.add.call_async(&mut floor.store, (40, 2)).await
        });
        let mut pack = setup.borrowed.typed()?;
        w.contender("Pack typed", is_right, move || Ok(pack.add(40, 2)?));
        let mut pack = setup.borrowed.waiting()?;
        w.waiting("Pack typed async", is_right, async move || {
            Ok(pack.add(40, 2).await?)
        });
        let mut pack = setup.borrowed.dynamic()?;
        let is_right_value = |sum: &Option<Value>| *sum == Some(Value::S64(42));
        w.contender("Pack Value", is_right_value, move || {
            Ok(pack.call("$root", "add", &[Value::S64(40), Value::S64(2)])?)
        });
        for (name, component) in setup.components() {
            let mut component = component.instantiate()?;
            w.contender(name, is_right, move || {
                component.calls.call_add(&mut component.store, 40, 2)
            });
        }
        Ok(())
    })
}
