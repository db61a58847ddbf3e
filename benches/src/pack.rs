//! Pack's side: bindings, and instances of the packages.

use pack_runtime::{Instance, Linked, Package};
use wasmtime::Result;

/// Bindings whose host functions return at once.
pub(crate) mod blocking {
    pack_runtime::bindgen!({
        path: "wit/calls.wit",
        with: {
            "json": ::bench_model::Json,
            "point": ::bench_model::Point,
            "entry": ::bench_model::Entry,
        },
    });
}

/// Bindings of a host that reads values where they lie.
pub(crate) mod viewing {
    pack_runtime::bindgen!({ path: "wit/calls.wit", views: ["*"] });
}

/// Bindings whose host functions can wait.
pub(crate) mod waiting {
    pack_runtime::bindgen!({
        path: "wit/calls.wit",
        async: true,
        with: {
            "json": ::bench_model::Json,
            "point": ::bench_model::Point,
            "entry": ::bench_model::Entry,
        },
    });
}

/// The least package.
pub(crate) mod scalar {
    pack_runtime::bindgen!("wit/scalar.wit");
}

/// The package that passes on what it is asked.
pub(crate) mod relay {
    pack_runtime::bindgen!({ path: "wit/composed.wit", world: "relay" });
}

/// What packages import.
#[derive(Debug)]
pub(crate) struct Host;

impl blocking::imports::bench::calls::Host for Host {
    fn log_len(&mut self, text: String) -> u32 {
        length(&text)
    }
}

impl viewing::imports::bench::calls::Host for Host {
    fn log_len(&mut self, text: &str) -> u32 {
        length(text)
    }
}

impl waiting::imports::bench::calls::Host for Host {
    async fn log_len(&mut self, text: String) -> u32 {
        length(&text)
    }
}

/// The length of a text in bytes.
pub(crate) fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

/// A package, and what is made of it.
#[derive(Debug)]
pub(crate) struct Pack {
    pub(crate) package: Package,
    linked: Linked<blocking::Calls<Host>>,
    linked_viewing: Linked<viewing::Calls<Host>>,
    linked_waiting: Linked<waiting::Calls<Host>>,
}

impl Pack {
    pub(crate) fn new(package: Package) -> Result<Self> {
        Ok(Self {
            linked: blocking::Calls::link(&package)?,
            linked_viewing: viewing::Calls::link(&package)?,
            linked_waiting: waiting::Calls::link(&package)?,
            package,
        })
    }

    /// An instance to be called with types.
    pub(crate) fn typed(&self) -> Result<blocking::Calls<Host>> {
        Ok(self.linked.instantiate(Host)?)
    }

    /// The same, of which values are read where they lie.
    pub(crate) fn viewed(&self) -> Result<viewing::Calls<Host>> {
        Ok(self.linked_viewing.instantiate(Host)?)
    }

    /// The same, to be waited for.
    pub(crate) fn waiting(&self) -> Result<waiting::Calls<Host>> {
        Ok(pollster::block_on(
            self.linked_waiting.instantiate_async(Host),
        )?)
    }

    /// An instance to be called by name, with `Value`s.
    pub(crate) fn dynamic(&self) -> Result<Instance<Host>> {
        let linker =
            pack_runtime::Linker::new(&self.package)?.offer_world::<blocking::Calls<Host>>()?;
        Ok(linker.link::<Instance<Host>>()?.instantiate(Host)?)
    }
}
