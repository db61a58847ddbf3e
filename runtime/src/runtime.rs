use std::error::Error as StdError;
use std::fmt;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use wasmtime::{Engine, Module};

use crate::error::Error;
use crate::limits::Limits;
use crate::log::LogSink;
use crate::package::{Package, PackageInfo};
use crate::settings::RuntimeBuilder;
use crate::ticker::Ticker;

/// Loads packages. Cheap to clone: all clones share one engine. One is enough for a program, also for one of several
/// threads.
///
/// ```no_run
/// use pack_runtime::{Error, Runtime};
///
/// fn main() -> Result<(), Error> {
///     let runtime = Runtime::new()?;
///     let package = runtime.load_file("greeting.wasm")?;
///     println!("{} exports:", package.types().world);
///     for interface in &package.types().exports {
///         for function in &interface.functions {
///             println!("{} of {}", function.name, interface.name);
///         }
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct Runtime(Arc<Parts>);

/// What a host's own check of packages is.
pub(crate) type Verify =
    Box<dyn Fn(&[u8]) -> Result<(), Box<dyn StdError + Send + Sync>> + Send + Sync>;

/// Who is told of errors.
pub(crate) type Observer = Box<dyn Fn(&Error) + Send + Sync>;

pub(crate) struct Parts {
    pub(crate) engine: Engine,
    pub(crate) limits: Limits,
    /// There is one if time is limited.
    pub(crate) ticker: Option<Ticker>,
    pub(crate) verify: Option<Verify>,
    pub(crate) observer: Option<Observer>,
    pub(crate) log: Option<Arc<dyn LogSink>>,
    #[cfg(feature = "cache")]
    pub(crate) cache: Option<crate::cache::Cache>,
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("limits", &self.0.limits)
            .finish_non_exhaustive()
    }
}

impl Runtime {
    /// A runtime with default settings: [`Limits::DEFAULT`], no cache.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`] if the engine does not support this machine.
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Begins a runtime with other settings.
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder::default()
    }

    pub(crate) fn from_parts(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// What instances may use, unless their package has limits of its own.
    pub fn limits(&self) -> Limits {
        self.0.limits
    }

    /// The engine, for what is done without Pack: modules that are compiled for [`wrap`](Self::wrap), for example.
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(crate) fn ticker(&self) -> Option<&Ticker> {
        self.0.ticker.as_ref()
    }

    /// Tells of an error.
    pub(crate) fn observed(&self, error: Error) -> Error {
        if let Some(observer) = &self.0.observer {
            // This may be inside of a guest's call. There is nobody to tell of a panic.
            let _ = catch_unwind(AssertUnwindSafe(|| observer(&error)));
        }
        error
    }

    pub(crate) fn log(&self) -> Option<&Arc<dyn LogSink>> {
        self.0.log.as_ref()
    }

    /// Loads a package from a file.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] if the file cannot be read; otherwise as [`load`](Self::load).
    pub fn load_file(&self, path: impl AsRef<Path>) -> Result<Package, Error> {
        let path = path.as_ref();
        let wasm = fs::read(path).map_err(|source| Error::Read {
            path: path.to_owned(),
            source,
        })?;
        self.load(&wasm)
    }

    /// Loads a package: reads the types it carries, and compiles it. Nothing of it runs.
    ///
    /// ```
    /// use pack_runtime::{Error, Runtime};
    ///
    /// let error = Runtime::new()?.load(b"no module").unwrap_err();
    /// assert!(matches!(error, Error::NotWasm { .. }));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the host's own check refuses it; [`Error::NotWasm`] if the bytes are not a WebAssembly module;
    /// [`Error::Metadata`] if they carry no sound metadata; [`Error::Compile`] if the engine cannot compile them;
    /// [`Error::Link`] if the module does not have what its metadata says; [`Error::Setting`] if there is no compiler in
    /// this program.
    pub fn load(&self, wasm: &[u8]) -> Result<Package, Error> {
        let _span = span!("load", bytes = wasm.len()).entered();
        let info = self.inspect(wasm)?;
        let module = self.compile(wasm, &info)?;
        Package::new(self, module, info)
    }

    /// Makes a package of a module that was compiled already. `wasm` are the bytes that it was compiled from.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] if the module was compiled by another engine than [this](Self::engine); otherwise as
    /// [`load`](Self::load).
    pub fn wrap(&self, wasm: &[u8], module: Module) -> Result<Package, Error> {
        if !Engine::same(module.engine(), &self.0.engine) {
            return Err(Error::Setting {
                setting: "Runtime::wrap",
                problem: "the module was compiled by another engine; compile it with `Runtime::engine`",
            });
        }
        Package::new(self, module, self.inspect(wasm)?)
    }

    /// The machine code of a package, for [`load_precompiled`](Self::load_precompiled) of a runtime with the same
    /// settings, on a machine of the same kind, of the same version of this library.
    ///
    /// ```no_run
    /// # use pack_runtime::{Error, Runtime};
    /// # fn demo(runtime: &Runtime, wasm: &[u8]) -> Result<(), Error> {
    /// let code = runtime.precompile(wasm)?;
    /// // SAFETY: it is what `precompile` has made of this package, and nobody else has had it.
    /// let package = unsafe { runtime.load_precompiled(wasm, &code)? };
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    #[cfg(feature = "compiler")]
    pub fn precompile(&self, wasm: &[u8]) -> Result<Vec<u8>, Error> {
        self.inspect(wasm)?;
        self.engine()
            .precompile_module(wasm)
            .map_err(Error::Compile)
    }

    /// Loads a package whose machine code was [made](Self::precompile) beforehand. So a program needs no compiler in
    /// it.
    ///
    /// # Errors
    ///
    /// [`Error::Compile`] if the code is of another version, machine or settings; otherwise as [`load`](Self::load).
    ///
    /// # Safety
    ///
    /// The code runs in this process with all its rights, and is not checked. It must be what
    /// [`precompile`](Self::precompile) made, for this `wasm`; never take it from where the package comes from.
    #[allow(unsafe_code, reason = "the caller promises what cannot be checked")]
    pub unsafe fn load_precompiled(&self, wasm: &[u8], code: &[u8]) -> Result<Package, Error> {
        let info = self.inspect(wasm)?;
        // SAFETY: the caller's promise.
        let module = unsafe { Module::deserialize(self.engine(), code) };
        Package::new(self, module.map_err(Error::Compile)?, info)
    }

    fn inspect(&self, wasm: &[u8]) -> Result<PackageInfo, Error> {
        if let Some(verify) = &self.0.verify {
            verify(wasm).map_err(Error::Refused)?;
        }
        PackageInfo::read(wasm)
    }

    fn compile(&self, wasm: &[u8], info: &PackageInfo) -> Result<Module, Error> {
        #[cfg(feature = "cache")]
        if let Some(cache) = &self.0.cache {
            return cache.module(&self.0.engine, info.digest(), || self.compile_now(wasm));
        }
        let _ = info;
        self.compile_now(wasm)
    }

    #[cfg(feature = "compiler")]
    fn compile_now(&self, wasm: &[u8]) -> Result<Module, Error> {
        Module::new(&self.0.engine, wasm).map_err(Error::Compile)
    }

    #[cfg(not(feature = "compiler"))]
    fn compile_now(&self, _: &[u8]) -> Result<Module, Error> {
        Err(Error::Setting {
            setting: "Runtime::load",
            problem: "there is no compiler in this program (the feature `compiler` of pack-runtime); use \
                      `load_precompiled`",
        })
    }
}
