//! The Component Model's side: bindings, and instances of the components.

use wasmtime::component::{Component, HasSelf, InstancePre, Linker};
use wasmtime::{Engine, Result, Store, format_err};
use wit_component::ComponentEncoder;

mod bindings {
    wasmtime::component::bindgen!({
        path: "wit/component.wit",
        world: "calls",
        additional_derives: [PartialEq],
    });
}

/// The least component.
pub(crate) mod scalar {
    wasmtime::component::bindgen!({ path: "wit/scalar.wit", world: "scalar" });
}

/// The component that passes on what it is asked, with the one that it asks inside.
pub(crate) mod composed {
    wasmtime::component::bindgen!({ path: "wit/composed.wit", world: "composed" });
}

pub(crate) use bindings::bench::calls::types::{Entry, Flat, Point};

bench_model::flat_conversions!(Flat);

/// What components import.
#[derive(Debug)]
pub(crate) struct Host;

impl bindings::bench::calls::host::Host for Host {
    fn log_len(&mut self, text: String) -> u32 {
        crate::pack::length(&text)
    }
}

impl bindings::bench::calls::types::Host for Host {}

/// The component of a core module that wit-bindgen made.
pub(crate) fn wrapped(module: &[u8]) -> Result<Vec<u8>> {
    let encoder = ComponentEncoder::default().validate(true).module(module);
    let component = encoder.and_then(|mut encoder| encoder.encode());
    component.map_err(|error| format_err!("making a component of a module: {error:#}"))
}

/// A component, ready to be instantiated.
pub(crate) struct Calls {
    engine: Engine,
    linked: bindings::CallsPre<Host>,
}

/// An instance.
pub(crate) struct Running {
    pub(crate) store: Store<Host>,
    pub(crate) calls: bindings::Calls,
}

impl Calls {
    pub(crate) fn new(engine: &Engine, component: &[u8]) -> Result<Self> {
        let component = Component::new(engine, component)?;
        let mut linker = Linker::new(engine);
        bindings::Calls::add_to_linker::<_, HasSelf<_>>(&mut linker, |host| host)?;
        Ok(Self {
            engine: engine.clone(),
            linked: bindings::CallsPre::new(linker.instantiate_pre(&component)?)?,
        })
    }

    pub(crate) fn instantiate(&self) -> Result<Running> {
        let mut store = store(&self.engine);
        let calls = self.linked.instantiate(&mut store)?;
        Ok(Running { store, calls })
    }
}

/// A component that imports nothing, ready to be instantiated.
pub(crate) fn alone(engine: &Engine, component: &[u8]) -> Result<InstancePre<Host>> {
    let component = Component::new(engine, component)?;
    Linker::new(engine).instantiate_pre(&component)
}

/// A store whose guests may run as long as they like.
pub(crate) fn store(engine: &Engine) -> Store<Host> {
    let mut store = Store::new(engine, Host);
    store.set_epoch_deadline(crate::setup::FAR_AWAY);
    store
}
