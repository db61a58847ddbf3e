//! The floor: wasmtime's typed core functions, and bytes copied by hand.

use wasmtime::error::Context;
use wasmtime::{
    Caller, Engine, InstancePre, Linker, Memory, Module, Result, Store, TypedFunc, format_err,
};

/// A hand-written module, ready to be instantiated.
pub(crate) struct Calls {
    engine: Engine,
    linked: InstancePre<Host>,
}

/// What the module's host function needs.
#[derive(Debug, Default)]
pub(crate) struct Host {
    /// If it is to read the text as a `String`.
    memory: Option<Memory>,
}

/// An instance.
pub(crate) struct Running {
    pub(crate) store: Store<Host>,
    pub(crate) memory: Memory,
    pub(crate) nop: TypedFunc<(), ()>,
    pub(crate) add: TypedFunc<(i64, i64), i64>,
    pub(crate) echo: TypedFunc<(u32, u32), u64>,
    pub(crate) echo_owned: TypedFunc<(u32, u32), u64>,
    pub(crate) release_text: TypedFunc<(u32, u32), ()>,
    pub(crate) sum: TypedFunc<(u32, u32), u64>,
    pub(crate) sum_numbers: TypedFunc<(u32, u32), u64>,
    pub(crate) translate: TypedFunc<(u32, u32, f64, f64, f64), ()>,
    pub(crate) log_all: TypedFunc<(u32,), u64>,
    room: TypedFunc<(u32,), u32>,
}

impl Calls {
    pub(crate) fn new(engine: &Engine, module: &[u8]) -> Result<Self> {
        let module = Module::new(engine, module)?;
        let mut linker = Linker::new(engine);
        linker.func_wrap(
            "host",
            "log_len",
            |caller: Caller<'_, Host>, text: u32, length: u32| -> Result<u32> {
                let Some(memory) = caller.data().memory else {
                    return Ok(length);
                };
                let text = text as usize..text as usize + length as usize;
                let bytes = memory.data(&caller).get(text);
                let bytes = bytes.ok_or_else(|| format_err!("outside of memory"))?;
                let text = String::from_utf8(bytes.to_vec())?;
                Ok(crate::pack::length(&text))
            },
        )?;
        let linked = linker.instantiate_pre(&module)?;
        Ok(Self {
            engine: engine.clone(),
            linked,
        })
    }

    pub(crate) fn instantiate(&self) -> Result<Running> {
        let mut store = Store::new(&self.engine, Host::default());
        store.set_epoch_deadline(crate::setup::FAR_AWAY);
        let instance = self.linked.instantiate(&mut store)?;
        let memory = instance.get_memory(&mut store, "memory");
        macro_rules! function {
            ($name:literal) => {
                instance.get_typed_func(&mut store, $name)?
            };
        }
        Ok(Running {
            memory: memory.context("the module has no memory")?,
            nop: function!("nop"),
            add: function!("add"),
            echo: function!("echo"),
            echo_owned: function!("echo_owned"),
            release_text: function!("release_text"),
            sum: function!("sum"),
            sum_numbers: function!("sum_numbers"),
            translate: function!("translate"),
            log_all: function!("log_all"),
            room: function!("room"),
            store,
        })
    }
}

impl Running {
    /// Room for bytes, for as long as the instance lives.
    pub(crate) fn room(&mut self, length: usize) -> Result<u32> {
        let length = u32::try_from(length)?;
        self.room.call(&mut self.store, (length,))
    }

    /// Has the host function read its argument as a `String`.
    pub(crate) fn read_texts(&mut self) {
        self.store.data_mut().memory = Some(self.memory);
    }

    /// Copies bytes in.
    pub(crate) fn put(&mut self, at: u32, bytes: &[u8]) {
        let at = at as usize;
        self.memory.data_mut(&mut self.store)[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// Bytes, where they are.
    pub(crate) fn bytes(&self, at: u32, length: usize) -> &[u8] {
        let at = at as usize;
        &self.memory.data(&self.store)[at..at + length]
    }
}

/// Where an answer is, and how long.
pub(crate) fn place(packed: u64) -> (u32, usize) {
    (packed as u32, (packed >> 32) as usize)
}
