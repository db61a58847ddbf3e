//! Long lists in, a number out.

use pack_runtime::Value;
use wasmtime::Result;

use crate::harness::{Bench, FLOOR, Workload};
use crate::setup::{COMPONENT, Setup};

pub(crate) fn run(bench: &mut Bench, setup: &Setup) -> Result<()> {
    bench.workload("sum 1 MiB", |w| sum_bytes(w, setup))?;
    let counts = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000];
    for count in bench.sizes(counts, 1000) {
        bench.workload(&format!("sum of {count} u32"), |w| {
            sum_numbers(w, setup, count)
        })?;
    }
    Ok(())
}

fn sum_bytes(w: &mut Workload<'_>, setup: &Setup) -> Result<()> {
    let bytes: Vec<u8> = (0..1 << 20).map(|at: u32| (at % 251) as u8).collect();
    let expected: u64 = bytes.iter().map(|byte| u64::from(*byte)).sum();
    let is_right = move |sum: &u64| *sum == expected;
    let mut floor = setup.floor.instantiate()?;
    let at = floor.room(bytes.len())?;
    let data = bytes.clone();
    w.contender(FLOOR, is_right, move || {
        floor.put(at, &data);
        floor.sum.call(&mut floor.store, (at, data.len() as u32))
    });
    let mut pack = setup.owned.typed()?;
    let data = bytes.clone();
    w.contender("Pack owned", is_right, move || Ok(pack.sum(&data)?));
    let mut pack = setup.borrowed.typed()?;
    let data = bytes.clone();
    w.contender("Pack typed", is_right, move || Ok(pack.sum(&data)?));
    let mut pack = setup.borrowed.waiting()?;
    let data = bytes.clone();
    w.waiting("Pack typed async", is_right, async move || {
        Ok(pack.sum(&data).await?)
    });
    let mut pack = setup.borrowed.dynamic()?;
    let data = [Value::Bytes(bytes.clone())];
    w.contender(
        "Pack Value",
        move |sum: &Option<Value>| *sum == Some(Value::U64(expected)),
        move || Ok(pack.call("$root", "sum", &data)?),
    );
    for (name, component) in setup.components() {
        let mut component = component.instantiate()?;
        let data = bytes.clone();
        w.contender(name, is_right, move || {
            component.calls.call_sum(&mut component.store, &data)
        });
    }
    Ok(())
}

fn sum_numbers(w: &mut Workload<'_>, setup: &Setup, count: usize) -> Result<()> {
    let numbers: Vec<u32> = (0..count as u32).collect();
    let expected: u64 = numbers.iter().map(|number| u64::from(*number)).sum();
    let is_right = move |sum: &u64| *sum == expected;
    let mut floor = setup.floor.instantiate()?;
    let at = floor.room(4 * count)?;
    let bytes: Vec<u8> = numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    w.contender(FLOOR, is_right, move || {
        floor.put(at, &bytes);
        floor.sum_numbers.call(&mut floor.store, (at, count as u32))
    });
    let mut pack = setup.owned.typed()?;
    let data = numbers.clone();
    w.contender("Pack owned", is_right, move || Ok(pack.sum_numbers(&data)?));
    let mut pack = setup.borrowed.typed()?;
    let data = numbers.clone();
    w.contender("Pack typed", is_right, move || Ok(pack.sum_numbers(&data)?));
    let mut component = setup.component.instantiate()?;
    w.contender(COMPONENT, is_right, move || {
        component
            .calls
            .call_sum_numbers(&mut component.store, &numbers)
    });
    Ok(())
}
