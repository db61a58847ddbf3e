//! The settings of a runtime.

use std::fmt;
use std::sync::Arc;

use wasmtime::{Config, Engine};

use crate::error::Error;
use crate::limits::Limits;
use crate::log::LogSink;
use crate::runtime::{Observer, Parts, Runtime, Verify};
use crate::ticker::Ticker;

/// The settings of a [`Runtime`], which [`Runtime::builder`] begins and [`build`](Self::build) ends.
///
/// ```
/// use pack_runtime::{Limits, Runtime};
///
/// let runtime = Runtime::builder()
///     .limits(Limits::default().with_memory(32 << 20))
///     .deterministic(true)
///     .build()?;
/// # Ok::<(), pack_runtime::Error>(())
/// ```
#[must_use = "`build` makes the runtime"]
#[derive(Default)]
pub struct RuntimeBuilder {
    limits: Limits,
    is_deterministic: bool,
    #[cfg(feature = "pooling")]
    pool: Option<u32>,
    verify: Option<Verify>,
    observer: Option<Observer>,
    log: Option<Arc<dyn LogSink>>,
    #[cfg(feature = "cache")]
    cache: Option<std::path::PathBuf>,
    engine: Option<Box<EngineSettings>>,
}

type EngineSettings = dyn FnOnce(&mut Config);

impl fmt::Debug for RuntimeBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuntimeBuilder")
            .field("limits", &self.limits)
            .field("is_deterministic", &self.is_deterministic)
            .finish_non_exhaustive()
    }
}

impl RuntimeBuilder {
    /// What instances may use, unless their package has limits of its own.
    ///
    /// The machine code depends on which of time and fuel are limited, and on the size of the stack: a package can have
    /// another limit of time only if there is one here.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The same arguments give the same results on every machine, if the host's functions do: not-a-number values have
    /// one form, and vector instructions whose results depend on the machine do not.
    ///
    /// Nothing else in a package can differ: it has no clock and no random numbers but those that host functions give
    /// it. Limits can: what ends a call by time or for want of memory is not the same everywhere;
    /// [`fuel`](Limits::fuel) is.
    pub fn deterministic(mut self, on: bool) -> Self {
        self.is_deterministic = on;
        self
    }

    /// Sets room for so many instances aside, all at once. That makes instances faster to make and to drop, and more
    /// than so many are refused. Each part of a composition is one. The room for memory is address space and not memory:
    /// [`Limits::memory`] for each, and at least 4 GiB on 64-bit machines.
    ///
    /// To share instances between callers is something else: [`Pool`](crate::Pool).
    #[cfg(feature = "pooling")]
    pub fn pool(mut self, instances: u32) -> Self {
        self.pool = Some(instances);
        self
    }

    /// Has every package looked at before anything else is done with it. What the check refuses is not loaded:
    /// [`Error::Refused`].
    ///
    /// It sees the bytes of the `.wasm`. It can compare their digest with a list, or look for a signature.
    ///
    /// ```
    /// use pack_runtime::{Digest, Runtime};
    ///
    /// let known = [Digest::of(b"a package that somebody has looked at")];
    /// let runtime = Runtime::builder()
    ///     .verify(move |wasm| match known.contains(&Digest::of(wasm)) {
    ///         true => Ok(()),
    ///         false => Err("it is not on the list"),
    ///     })
    ///     .build()?;
    ///
    /// let error = runtime.load(b"another package").unwrap_err();
    /// assert_eq!(error.to_string(), "the host's own check refuses the package: it is not on the list");
    /// # Ok::<(), pack_runtime::Error>(())
    /// ```
    pub fn verify<E>(
        mut self,
        check: impl Fn(&[u8]) -> Result<(), E> + Send + Sync + 'static,
    ) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.verify = Some(Box::new(move |wasm| check(wasm).map_err(Into::into)));
        self
    }

    /// Is told of every error that ends a call, or the start of a package, where it happens: of a package of a
    /// [composition](crate::Composition) that another one called, before it is an error of that one. For logs and counts:
    /// also the errors that whoever called throws away come here, with their causes. A panic of it is ignored.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// use pack_runtime::Runtime;
    ///
    /// let failures = Arc::new(AtomicU64::new(0));
    /// let count = Arc::clone(&failures);
    /// let runtime = Runtime::builder()
    ///     .observe_errors(move |error| {
    ///         count.fetch_add(1, Ordering::Relaxed);
    ///         eprintln!("{}: {error}", error.code());
    ///     })
    ///     .build()?;
    /// # Ok::<(), pack_runtime::Error>(())
    /// ```
    pub fn observe_errors(mut self, observer: impl Fn(&Error) + Send + Sync + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Says where goes what packages [log](crate::log), unless a [link](crate::Linker::log) has a place of its own.
    /// Without one it goes nowhere.
    pub fn log(mut self, sink: impl LogSink + 'static) -> Self {
        self.log = Some(Arc::new(sink));
        self
    }

    /// Keeps machine code in a folder, so that a package is compiled once. The folder is made when it is first needed.
    ///
    /// It belongs to the host: who can write there can have the host run what he likes. Packages cannot. Nothing in
    /// it is ever removed; any file may be removed at any time. Files of other machines, settings and versions do no
    /// harm. A file that cannot be read or written is no error: then the package is compiled.
    #[cfg(feature = "cache")]
    pub fn cache(mut self, folder: impl Into<std::path::PathBuf>) -> Self {
        self.cache = Some(folder.into());
        self
    }

    /// Changes settings of the engine. What Pack sets itself (time, fuel, stack, determinism, the pool) it sets after
    /// that.
    pub fn engine(mut self, change: impl FnOnce(&mut Config) + 'static) -> Self {
        self.engine = Some(Box::new(change));
        self
    }

    /// Makes the runtime.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`] if the engine does not support these settings, or this machine.
    pub fn build(self) -> Result<Runtime, Error> {
        let limits = self.limits;
        let mut config = Config::new();
        if let Some(change) = self.engine {
            change(&mut config);
        }
        config
            .epoch_interruption(limits.time.is_some())
            .consume_fuel(limits.fuel.is_some())
            .max_wasm_stack(limits.stack);
        #[cfg(feature = "async")]
        config.async_stack_size(limits.stack.saturating_add(HOST_STACK));
        if self.is_deterministic {
            #[cfg(feature = "compiler")]
            config.cranelift_nan_canonicalization(true);
            config.relaxed_simd_deterministic(true);
        }
        #[cfg(feature = "pooling")]
        if let Some(instances) = self.pool {
            config.allocation_strategy(pool(instances, &limits));
        }
        let engine = Engine::new(&config).map_err(Error::Engine)?;
        Ok(Runtime::from_parts(Parts {
            ticker: limits.time.map(|_| Ticker::new(engine.clone())),
            #[cfg(feature = "cache")]
            cache: self
                .cache
                .map(|folder| crate::cache::Cache::new(folder, &engine)),
            engine,
            limits,
            verify: self.verify,
            observer: self.observer,
            log: self.log,
        }))
    }
}

/// Bytes of stack that host functions have in asynchronous calls, besides the guest's. It is what a thread of the
/// standard library has besides [`Limits::DEFAULT`]'s.
#[cfg(feature = "async")]
const HOST_STACK: usize = 1536 << 10;

#[cfg(feature = "pooling")]
fn pool(instances: u32, limits: &Limits) -> wasmtime::PoolingAllocationConfig {
    let mut pool = wasmtime::PoolingAllocationConfig::new();
    pool.total_core_instances(instances)
        .total_memories(instances)
        .total_tables(instances)
        .max_memory_size(limits.memory)
        .table_elements(limits.table_elements);
    #[cfg(feature = "async")]
    // A call that waits takes one; through an interceptor, one more on the way to the guest, and one on the way out.
    pool.total_stacks(instances.saturating_mul(3));
    pool
}
