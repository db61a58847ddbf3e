//! Contracts of more and more functions: from bytes to something that makes instances, and an instance of it.

use std::error::Error;
use std::fmt::Write;

use pack_abi::metadata;
use pack_codegen::wit::{self, Source};
use pack_runtime::{Instance, Linker, Runtime};
use wasmtime::component::Component;
use wasmtime::{Module, Result, Store, format_err};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

use crate::component;
use crate::harness::{Bench, FLOOR, Workload};
use crate::setup::{COMPONENT, FAR_AWAY, Time, builder};

pub(crate) fn run(bench: &mut Bench) -> Result<()> {
    for count in bench.sizes([1, 10, 100, 1000], 10) {
        let names = [
            format!("load {count} functions"),
            format!("instantiate {count} functions"),
        ];
        if !names.iter().any(|name| bench.wants(name)) {
            continue;
        }
        let [load_name, instantiate_name] = &names;
        let contract = contract(count);
        let (package, component) = (package(&contract, count)?, component_of(&contract)?);
        let runtime = builder(Time::Limited, false).build()?;
        bench.workload(load_name, |w| load(w, &runtime, &package, &component))?;
        bench.workload(instantiate_name, |w| {
            instantiate(w, &runtime, &package, &component)
        })?;
    }
    Ok(())
}

fn contract(count: usize) -> String {
    let mut text = "package bench:many; interface many {".to_owned();
    for at in 0..count {
        let _ = write!(text, "call-{at}: func(a: s64, b: s64) -> s64;");
    }
    text + "} world all { export many; }"
}

/// A package by hand, whose functions do as little as possible.
fn package(contract: &str, count: usize) -> Result<Vec<u8>> {
    let world = wit::parse(&Source::Inline(contract.to_owned()), None);
    let world = world.map_err(|error| format_err!("{error}"))?;
    let bytes = metadata::write(world.contract.schema());
    let escaped = bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "\\{byte:02x}");
        text
    });
    let packed = (bytes.len() as u64) << 32;
    let pages = bytes.len() / 65536 + 2;
    let mut text = format!(
        r#"(module
            (@custom "{section}" "{escaped}")
            (memory (export "memory") {pages})
            (data (i32.const 0) "{escaped}")
            (func (export "__pack_types") (result i64) (i64.const {packed}))
            (func (export "__pack_alloc") (param i32) (result i32) (i32.const 0))
            (func (export "__pack_free") (param i32 i32))"#,
        section = metadata::SECTION,
    );
    for at in 0..count {
        let _ = write!(
            text,
            r#"(func (export "bench:many/many#call-{at}") (param i64 i64) (result i64) (local.get {}))"#,
            at % 2
        );
    }
    Ok(wat::parse_str(text + ")")?)
}

/// A component whose functions do as little as possible.
fn component_of(contract: &str) -> Result<Vec<u8>> {
    let made = make_component(contract);
    made.map_err(|error| format_err!("making a component: {error:#}"))
}

fn make_component(contract: &str) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("many.wit", contract)?;
    let world = resolve.select_world(&[package], None)?;
    let abi = ManglingAndAbi::Legacy(wit_parser::LiftLowerAbi::Sync);
    let mut module = dummy_module(&resolve, world, abi);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    Ok(ComponentEncoder::default().module(&module)?.encode()?)
}

/// With the compiler: that is most of it.
fn load<'a>(
    w: &mut Workload<'a>,
    runtime: &'a Runtime,
    package: &'a [u8],
    component: &'a [u8],
) -> Result<()> {
    let engine = runtime.engine();
    w.contender(
        FLOOR,
        |_: &Module| true,
        move || Module::new(engine, package),
    );
    w.contender(
        "Pack",
        |_| true,
        move || {
            let package = runtime.load(package)?;
            Ok(Linker::<()>::new(&package)?.link::<Instance<()>>()?)
        },
    );
    w.contender(
        COMPONENT,
        |_| true,
        move || {
            let component = Component::new(engine, component)?;
            wasmtime::component::Linker::<()>::new(engine).instantiate_pre(&component)
        },
    );
    Ok(())
}

/// Without looking functions up.
fn instantiate(
    w: &mut Workload<'_>,
    runtime: &Runtime,
    package: &[u8],
    component: &[u8],
) -> Result<()> {
    let engine = runtime.engine().clone();
    let module = Module::new(&engine, package)?;
    let linked = wasmtime::Linker::new(&engine).instantiate_pre(&module)?;
    let own = engine.clone();
    w.contender(
        FLOOR,
        |_| true,
        move || {
            let mut store = Store::new(&own, ());
            store.set_epoch_deadline(FAR_AWAY);
            let instance = linked.instantiate(&mut store)?;
            Ok((store, instance))
        },
    );
    let package = runtime.load(package)?;
    let linked = Linker::<()>::new(&package)?.link::<Instance<()>>()?;
    w.contender("Pack", |_| true, move || Ok(linked.instantiate(())?));
    let linked = component::alone(&engine, component)?;
    w.contender(
        COMPONENT,
        |_| true,
        move || {
            let mut store = component::store(&engine);
            let instance = linked.instantiate(&mut store)?;
            Ok((store, instance))
        },
    );
    Ok(())
}
