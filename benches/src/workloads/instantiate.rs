//! From nothing to the first answer, and to the end of the instance: a store, an instance, its functions, one call.

use std::fs;

use pack_runtime::Runtime;
use wasmtime::Result;
use wasmtime::{Engine, Linker, Module, Store};

use crate::component;
use crate::harness::{Bench, FLOOR, Workload};
use crate::pack;
use crate::setup::{COMPONENT, FAR_AWAY, Time, builder};

/// More than live at once.
const POOL: u32 = 16;

pub(crate) fn run(bench: &mut Bench) -> Result<()> {
    bench.workload("instantiate", |w| {
        fill(w, builder(Time::Limited, false).build()?)
    })?;
    bench.workload("instantiate, pooled", |w| {
        fill(w, builder(Time::Limited, false).pool(POOL).build()?)
    })
}

fn fill(w: &mut Workload<'_>, runtime: Runtime) -> Result<()> {
    let is_right = |sum: &i64| *sum == 42;
    let engine = runtime.engine().clone();
    w.contender(
        FLOOR,
        is_right,
        raw(&engine, env!("GUEST_FLOOR_SCALAR"), "add")?,
    );

    let packages = [
        ("Pack typed", env!("GUEST_PACK_SCALAR")),
        ("Pack, no std", env!("GUEST_PACK_LEAST")),
    ];
    for (name, path) in packages {
        let package = runtime.load_file(path)?;
        let linked = pack::scalar::Scalar::<()>::link(&package)?;
        w.contender(name, is_right, move || {
            Ok(linked.instantiate(())?.add(40, 2)?)
        });
        // What is the module's own, and not Pack's: it has data, which the floor has not.
        w.contender(
            format!("{name}: the module"),
            is_right,
            raw(&engine, path, "$root#add")?,
        );
    }

    let component = component::wrapped(&fs::read(env!("GUEST_COMPONENT_SCALAR"))?)?;
    let linked = component::scalar::ScalarPre::new(component::alone(&engine, &component)?)?;
    w.contender(COMPONENT, is_right, move || {
        let mut store = component::store(&engine);
        let scalar = linked.instantiate(&mut store)?;
        scalar.call_add(&mut store, 40, 2)
    });
    Ok(())
}

fn raw(
    engine: &Engine,
    module: &str,
    function: &'static str,
) -> Result<impl FnMut() -> Result<i64> + use<>> {
    let module = Module::from_file(engine, module)?;
    let mut linker = Linker::new(engine);
    linker.define_unknown_imports_as_traps(&module)?;
    let linked = linker.instantiate_pre(&module)?;
    let engine = engine.clone();
    Ok(move || {
        let mut store = Store::new(&engine, ());
        store.set_epoch_deadline(FAR_AWAY);
        let instance = linked.instantiate(&mut store)?;
        let add = instance.get_typed_func::<(i64, i64), i64>(&mut store, function)?;
        add.call(&mut store, (40, 2))
    })
}
