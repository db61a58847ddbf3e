//! A guest calls its host. What is reported is one such call.

use wasmtime::Result;

use crate::harness::{Bench, FLOOR};
use crate::setup::Setup;

const CALLS: u32 = 1000;

pub(crate) fn run(bench: &mut Bench, setup: &Setup) -> Result<()> {
    bench.workload("host function", |w| {
        w.per(CALLS);
        let is_right = |sum: &u64| *sum == 16 * u64::from(CALLS);
        // The host gets the numbers and looks at nothing.
        let mut floor = setup.floor.instantiate()?;
        w.contender(FLOOR, is_right, move || {
            floor.log_all.call(&mut floor.store, (CALLS,))
        });
        let mut floor = setup.floor.instantiate()?;
        floor.read_texts();
        w.contender("hand-written", is_right, move || {
            floor.log_all.call(&mut floor.store, (CALLS,))
        });
        let mut pack = setup.owned.typed()?;
        w.contender("Pack owned", is_right, move || Ok(pack.log_all(CALLS)?));
        let mut pack = setup.owned.viewed()?;
        w.contender("Pack typed", is_right, move || Ok(pack.log_all(CALLS)?));
        let mut pack = setup.owned.waiting()?;
        w.waiting("Pack typed async", is_right, async move || {
            Ok(pack.log_all(CALLS).await?)
        });
        for (name, component) in setup.components() {
            let mut component = component.instantiate()?;
            w.contender(name, is_right, move || {
                component.calls.call_log_all(&mut component.store, CALLS)
            });
        }
        Ok(())
    })
}
