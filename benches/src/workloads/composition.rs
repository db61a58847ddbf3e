//! A call that goes through one package to another.

use std::fs;

use pack_runtime::{Composition, Linker};
use wasm_encoder::{ComponentBuilder, ComponentExportKind};
use wasmtime::Result;
use wasmtime::error::Context;
use wasmtime::{Engine, Module, Store};

use crate::component;
use crate::harness::{Bench, FLOOR, Workload};
use crate::pack::relay::Relay;
use crate::setup::{COMPONENT, FAR_AWAY, Time, builder};

/// What both packages do, by hand. The text is not copied: both use one memory.
const BY_HAND: [&str; 2] = [
    r#"(module
        (memory (export "memory") 4)
        (func (export "add") (param i64 i64) (result i64) (i64.add (local.get 0) (local.get 1)))
        (func (export "echo") (param i32 i32) (result i32) (local.get 0)))"#,
    r#"(module
        (import "provider" "add" (func $add (param i64 i64) (result i64)))
        (import "provider" "echo" (func $echo (param i32 i32) (result i32)))
        (func (export "add") (param i64 i64) (result i64) (call $add (local.get 0) (local.get 1)))
        (func (export "echo") (param i32 i32) (result i32) (call $echo (local.get 0) (local.get 1))))"#,
];

const TEXT: &str = "sixteen bytes ..";

const INTERFACE: &str = "bench:composed/arithmetic";

pub(crate) fn run(bench: &mut Bench) -> Result<()> {
    bench.workload("add through a package", add)?;
    bench.workload("echo 16 B through a package", echo)
}

fn add(w: &mut Workload<'_>) -> Result<()> {
    let is_right = |sum: &i64| *sum == 42;
    let runtime = builder(Time::Limited, false).build()?;
    let engine = runtime.engine();
    let (mut store, relay) = by_hand(engine)?;
    let function = relay.get_typed_func::<(i64, i64), i64>(&mut store, "add")?;
    w.contender(FLOOR, is_right, move || function.call(&mut store, (40, 2)));
    let mut relay = packages(&runtime)?;
    w.contender("Pack typed", is_right, move || Ok(relay.add(40, 2)?));
    let (mut store, relay) = components(engine)?;
    w.contender(COMPONENT, is_right, move || {
        relay.call_add(&mut store, 40, 2)
    });
    Ok(())
}

fn echo(w: &mut Workload<'_>) -> Result<()> {
    let is_right = |answer: &String| answer == TEXT;
    let runtime = builder(Time::Limited, false).build()?;
    let engine = runtime.engine();
    let (mut store, relay) = by_hand(engine)?;
    let function = relay.get_typed_func::<(u32, u32), u32>(&mut store, "echo")?;
    let provider = store.data().context("there is no provider")?;
    let memory = provider
        .get_memory(&mut store, "memory")
        .context("there is no memory")?;
    w.contender(
        FLOOR,
        |answer: &Vec<u8>| answer == TEXT.as_bytes(),
        move || {
            memory.data_mut(&mut store)[..TEXT.len()].copy_from_slice(TEXT.as_bytes());
            let at = function.call(&mut store, (0, TEXT.len() as u32))? as usize;
            Ok(memory.data(&store)[at..at + TEXT.len()].to_vec())
        },
    );
    let mut relay = packages(&runtime)?;
    w.contender("Pack typed", is_right, move || Ok(relay.echo(TEXT)?));
    let (mut store, relay) = components(engine)?;
    w.contender(COMPONENT, is_right, move || {
        relay.call_echo(&mut store, TEXT)
    });
    Ok(())
}

/// The one that is called; the store knows the other.
fn by_hand(engine: &Engine) -> Result<(Store<Option<wasmtime::Instance>>, wasmtime::Instance)> {
    let mut store = Store::new(engine, None);
    store.set_epoch_deadline(FAR_AWAY);
    let mut linker = wasmtime::Linker::new(engine);
    let [provider, relay] = BY_HAND.map(|text| Module::new(engine, wat::parse_str(text)?));
    let provider = linker.instantiate(&mut store, &provider?)?;
    linker.instance(&mut store, "provider", provider)?;
    *store.data_mut() = Some(provider);
    let relay = linker.instantiate(&mut store, &relay?)?;
    Ok((store, relay))
}

fn packages(runtime: &pack_runtime::Runtime) -> Result<Relay<()>> {
    let provider = runtime.load_file(env!("GUEST_PACK_PROVIDER"))?;
    let relay = runtime.load_file(env!("GUEST_PACK_RELAY"))?;
    let linked = Composition::new()
        .part("provider", Linker::new(&provider)?)
        .part("relay", Linker::new(&relay)?)
        .wire("relay", INTERFACE, "provider")
        .link::<Relay<()>>("relay")?;
    Ok(linked.instantiate(())?)
}

/// A component with both inside, and what the outer one of them exports.
fn components(engine: &Engine) -> Result<(Store<component::Host>, component::composed::Composed)> {
    let provider = component::wrapped(&fs::read(env!("GUEST_COMPONENT_PROVIDER"))?)?;
    let relay = component::wrapped(&fs::read(env!("GUEST_COMPONENT_RELAY"))?)?;
    let mut outer = ComponentBuilder::default();
    let provider = outer.component_raw(None, &provider);
    let relay = outer.component_raw(None, &relay);
    let none: [(&str, ComponentExportKind, u32); 0] = [];
    let provider = outer.instantiate(None, provider, none);
    let kind = ComponentExportKind::Instance;
    let arithmetic = outer.alias_export(provider, INTERFACE, kind);
    let relay = outer.instantiate(None, relay, [(INTERFACE, kind, arithmetic)]);
    for name in ["add", "echo"] {
        let kind = ComponentExportKind::Func;
        let function = outer.alias_export(relay, name, kind);
        outer.export(name, kind, function, None);
    }
    let linked = component::alone(engine, &outer.finish())?;
    let mut store = component::store(engine);
    let composed = component::composed::ComposedPre::new(linked)?.instantiate(&mut store)?;
    Ok((store, composed))
}
