//! Many instances at once: the memory that each takes, as the system counts it (resident pages), once it has answered.

use std::process::{Command, Stdio};
use std::{env, fs};

use wasmtime::error::Context;
use wasmtime::{Linker, Module, Store};
use wasmtime::{Result, ensure};

use crate::component;
use crate::harness::{Bench, FLOOR};
use crate::pack;
use crate::setup::{COMPONENT, FAR_AWAY, Time, builder};

/// The option of this program that measures one contender, in a process of its own: what one leaves behind in the
/// allocator would be missing in the next.
pub(crate) const OPTION: &str = "--memory-of";

const CONTENDERS: [&str; 3] = [FLOOR, "Pack typed", COMPONENT];

pub(crate) fn run(bench: &mut Bench) -> Result<()> {
    for count in bench.sizes([1, 10, 100, 1000, 10_000], 100) {
        let name = format!("memory of {count} instances, each");
        if bench.wants(&name) {
            eprintln!("{name}");
            let mut sizes = Vec::new();
            for contender in CONTENDERS {
                let output = Command::new(env::current_exe()?)
                    .args([OPTION, contender, &count.to_string()])
                    .stderr(Stdio::inherit())
                    .output()?;
                ensure!(output.status.success(), "measuring `{name}` of {contender}");
                let bytes = String::from_utf8(output.stdout)?.trim().parse()?;
                sizes.push((contender, bytes));
            }
            bench.report.sizes(&name, &sizes);
        }
    }
    Ok(())
}

/// What each of so many instances takes, in bytes.
pub(crate) fn measure(contender: &str, count: usize) -> Result<u64> {
    let runtime = builder(Time::Limited, false).build()?;
    let engine = runtime.engine();
    match contender {
        FLOOR => {
            let module = Module::from_file(engine, env!("GUEST_FLOOR_SCALAR"))?;
            let linked = Linker::new(engine).instantiate_pre(&module)?;
            grown(count, || {
                let mut store = Store::new(engine, ());
                store.set_epoch_deadline(FAR_AWAY);
                let instance = linked.instantiate(&mut store)?;
                let add = instance.get_typed_func::<(i64, i64), i64>(&mut store, "add")?;
                ensure!(add.call(&mut store, (40, 2))? == 42, "the answer is wrong");
                Ok((store, add))
            })
        }
        COMPONENT => {
            let component = component::wrapped(&fs::read(env!("GUEST_COMPONENT_SCALAR"))?)?;
            let linked = component::alone(engine, &component)?;
            let linked = component::scalar::ScalarPre::new(linked)?;
            grown(count, || {
                let mut store = component::store(engine);
                let scalar = linked.instantiate(&mut store)?;
                ensure!(
                    scalar.call_add(&mut store, 40, 2)? == 42,
                    "the answer is wrong"
                );
                Ok((store, scalar))
            })
        }
        _ => {
            let package = runtime.load_file(env!("GUEST_PACK_SCALAR"))?;
            let linked = pack::scalar::Scalar::<()>::link(&package)?;
            grown(count, || {
                let mut scalar = linked.instantiate(())?;
                ensure!(scalar.add(40, 2)? == 42, "the answer is wrong");
                Ok(scalar)
            })
        }
    }
}

/// Bytes for each of so many, all alive.
fn grown<T>(count: usize, mut make: impl FnMut() -> Result<T>) -> Result<u64> {
    // What is there once for all is not counted.
    drop(make()?);
    let mut alive = Vec::with_capacity(count);
    let before = resident()?;
    for _ in 0..count {
        alive.push(make()?);
    }
    Ok(resident()?.saturating_sub(before) / count as u64)
}

/// Bytes of this process that are in memory.
fn resident() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/smaps_rollup")
        .context("only Linux says what is resident")?;
    let line = status.lines().find_map(|line| line.strip_prefix("Rss:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kib.context("there is no size")?.trim().parse::<u64>()? * 1024)
}
