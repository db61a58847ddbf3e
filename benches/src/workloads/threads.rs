//! Two threads that call at the same time, an instance each: whether they are in each other's way.

use wasmtime::Result;

use crate::harness::{Bench, FLOOR};
use crate::setup::{COMPONENT, Setup};

const THREADS: usize = 2;

pub(crate) fn run(bench: &mut Bench, setup: &Setup) -> Result<()> {
    bench.workload("add, 2 threads", |w| {
        let is_right = |sum: &i64| *sum == 42;
        let mut calls = Vec::new();
        for _ in 0..THREADS {
            let mut floor = setup.floor.instantiate()?;
            calls.push(move || floor.add.call(&mut floor.store, (40, 2)));
        }
        w.threads(FLOOR, is_right, calls);
        let mut calls = Vec::new();
        for _ in 0..THREADS {
            let mut pack = setup.borrowed.typed()?;
            calls.push(move || Ok(pack.add(40, 2)?));
        }
        w.threads("Pack typed", is_right, calls);
        let mut calls = Vec::new();
        for _ in 0..THREADS {
            let mut component = setup.component.instantiate()?;
            calls.push(move || component.calls.call_add(&mut component.store, 40, 2));
        }
        w.threads(COMPONENT, is_right, calls);
        Ok(())
    })?;
    bench.workload("echo tree of 10000, 2 threads", |w| {
        let tree = &bench_model::tree(10_000);
        let is_right = {
            let tree = tree.clone();
            move |answer: &bench_model::Json| *answer == tree
        };
        let clones = (0..THREADS).map(|_| {
            let tree = tree.clone();
            move || Ok(tree.clone())
        });
        w.threads(FLOOR, is_right.clone(), clones.collect());
        let mut calls = Vec::new();
        for _ in 0..THREADS {
            let mut pack = setup.borrowed.typed()?;
            let tree = tree.clone();
            calls.push(move || Ok(pack.echo_json(&tree)?));
        }
        w.threads("Pack typed", is_right, calls);
        Ok(())
    })
}
