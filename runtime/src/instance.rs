use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use pack_abi::convention::{self, AREA_ALIGN, unpack_pointer};
use pack_abi::schema::{self, Contract, ROOT};
use pack_abi::{Limits, metadata};
use wasmtime::{
    Instance as CoreInstance, InstancePre, Memory, Store, TypedFunc, WasmBacktrace, WasmParams,
    WasmResults,
};

use crate::error::{Error, GuestPanic, HostFunctionError, MetadataProblem, Trap};
use crate::export::{Export, ExportFunction};
use crate::import::HostFailure;
use crate::mode::Mode;
use crate::package::Package;
use crate::resource::{GuestResources, Handles};

/// What a store holds besides the host's own data.
#[derive(Debug)]
pub struct State<T> {
    pub(crate) host: T,
    pub(crate) limits: Limits,
    /// Known once the instance has started.
    pub(crate) memory: Option<Memory>,
    /// What the guest said about its panic; a trap follows.
    pub(crate) panic: Option<GuestPanic>,
    /// The result of a host function that did not fit the space the guest offered.
    pub(crate) pending: Vec<u8>,
    pub(crate) handles: Handles,
}

/// A running package, with memory of its own. Owns the host's data `T`.
pub struct Instance<T: 'static> {
    pub(crate) store: Store<State<T>>,
    pub(crate) core: CoreInstance,
    pub(crate) memory: Memory,
    package: Package,
    alloc: TypedFunc<(i32,), i32>,
    free: TypedFunc<(i32, i32), ()>,
    /// Drops a resource of the guest, if it has any.
    drop: Option<TypedFunc<(i32,), ()>>,
    resources: Arc<GuestResources>,
    pub(crate) area: AreaPlace,
    /// How much of the area the last call used.
    pub(crate) area_used: usize,
    /// Set while the guest runs, and so for ever if it does not come back.
    running: bool,
}

/// Where in guest memory arguments are put. Allocated by the guest when first needed, then kept.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AreaPlace {
    pub(crate) pointer: u32,
    pub(crate) length: u32,
}

/// The room that is asked for first.
const LEAST_AREA: u32 = 4096;

/// An area larger than this is given back by the first call that uses less than a quarter of it.
const KEPT_AREA: u32 = 1 << 20;

impl<T: 'static> fmt::Debug for Instance<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance")
            .field("package", &self.package)
            .finish_non_exhaustive()
    }
}

impl<T: 'static> Instance<T> {
    pub(crate) async fn start<M: Mode<T>>(
        package: &Package,
        pre: &InstancePre<State<T>>,
        host: T,
    ) -> Result<Self, Error> {
        let limits = package.runtime().limits();
        let state = State {
            host,
            limits,
            memory: None,
            panic: None,
            pending: Vec::new(),
            handles: Handles::default(),
        };
        let resources = Arc::clone(state.handles.guest());
        let mut store = Store::new(package.runtime().engine(), state);
        let core = match M::instantiate(pre, &mut store).await {
            Ok(core) => core,
            Err(error) => return Err(failure(&mut store, "the start of the package", error)),
        };
        let missing = |error: wasmtime::Error| Error::Convention(format!("{error:#}"));
        let memory = core.get_memory(&mut store, "memory").ok_or_else(|| {
            Error::Convention("the module exports no memory of the name `memory`".to_owned())
        })?;
        store.data_mut().memory = Some(memory);
        let alloc = core
            .get_typed_func(&mut store, convention::ALLOC)
            .map_err(missing)?;
        let free = core
            .get_typed_func(&mut store, convention::FREE)
            .map_err(missing)?;
        let drop = core
            .get_typed_func(&mut store, convention::DROP_EXPORT)
            .ok();
        let mut this = Self {
            store,
            core,
            memory,
            package: package.clone(),
            alloc,
            free,
            drop,
            resources,
            area: AreaPlace::default(),
            area_used: 0,
            running: false,
        };
        if let Ok(initialize) =
            core.get_typed_func::<(), ()>(&mut this.store, convention::INITIALIZE)
        {
            this.run::<M, _, _>(convention::INITIALIZE, &initialize, ())
                .await?;
        }
        if !package.is_verified() {
            let states = this.states::<M>(package).await?;
            package.verify(states)?;
        }
        Ok(this)
    }

    /// Whether the exports that `__pack_types` begins return the pieces of this metadata, each once.
    async fn states<M: Mode<T>>(&mut self, package: &Package) -> Result<bool, Error> {
        let pieces = metadata::pieces(package.metadata())
            .map_err(|error| Error::Metadata(MetadataProblem::Unreadable(error)))?;
        let mut missing: BTreeMap<&[u8], usize> = BTreeMap::new();
        for piece in pieces {
            *missing.entry(piece.bytes).or_default() += 1;
        }
        for name in package.types_exports() {
            let types = self
                .core
                .get_typed_func::<(), i64>(&mut self.store, name)
                .map_err(|error| Error::Convention(format!("{error:#}")))?;
            let packed = self.run::<M, _, _>(name, &types, ()).await?;
            let (pointer, length) = unpack_pointer(packed.cast_unsigned());
            let Some(bytes) = slice(self.memory.data(&self.store), pointer, length) else {
                let message = format!("{name} returned bytes outside its memory");
                return Err(Error::Convention(message));
            };
            match missing.get_mut(bytes) {
                Some(count) if *count > 0 => *count -= 1,
                _ => return Ok(false),
            }
        }
        Ok(missing.values().all(|count| *count == 0))
    }

    /// The host's data.
    pub fn host(&self) -> &T {
        &self.store.data().host
    }

    /// The host's data.
    pub fn host_mut(&mut self) -> &mut T {
        &mut self.store.data_mut().host
    }

    /// Ends the instance and gives the host's data back. Nothing of the guest runs: what it keeps goes with its memory.
    pub fn into_host(self) -> T {
        self.store.into_data().host
    }

    /// The package.
    pub fn package(&self) -> &Package {
        &self.package
    }

    /// The types, imports and exports of the package.
    pub fn types(&self) -> &Contract {
        self.package.types()
    }

    /// Finds a function, once; calling it then needs no look-up.
    #[doc(hidden)]
    pub fn bind<F: ExportFunction>(&mut self) -> Result<Export<F>, Error> {
        let name = schema::core_export_name(F::INTERFACE, F::NAME);
        let function = self.core.get_typed_func(&mut self.store, &name);
        function
            .map(Export::new)
            .map_err(|error| Error::Convention(format!("`{name}`: {error:#}")))
    }

    /// Calls a function of the guest.
    async fn run<M: Mode<T>, P: WasmParams + Sync, R: WasmResults + Sync>(
        &mut self,
        name: &str,
        function: &TypedFunc<P, R>,
        params: P,
    ) -> Result<R, Error> {
        self.enter()?;
        let result = M::call(function, &mut self.store, params).await;
        self.leave(name, result)
    }

    /// Begins to run guest code. If it does not come to an end, be it that no one waits for it any more, the instance
    /// is not used again.
    #[inline]
    pub(crate) fn enter(&mut self) -> Result<(), Error> {
        if std::mem::replace(&mut self.running, true) {
            return Err(Error::Poisoned);
        }
        Ok(())
    }

    /// Ends what [`enter`](Self::enter) began.
    #[inline]
    pub(crate) fn leave<R>(
        &mut self,
        function: impl fmt::Display,
        result: wasmtime::Result<R>,
    ) -> Result<R, Error> {
        match result {
            Ok(result) => {
                self.running = false;
                // A guest may speak of a panic and go on.
                self.store.data_mut().panic = None;
                Ok(result)
            }
            Err(error) => Err(failure(&mut self.store, function, error)),
        }
    }

    /// Whether the guest has to be told of resources that the host has dropped.
    #[inline]
    pub(crate) fn has_dropped_resources(&self) -> bool {
        self.resources.has_dropped()
    }

    /// Tells the guest which of its resources the host has dropped since the last call.
    #[cold]
    pub(crate) async fn drop_resources<M: Mode<T>>(&mut self) -> Result<(), Error> {
        while let Some(number) = self.resources.next_dropped() {
            if let Some(drop) = self.drop.clone() {
                self.run::<M, _, _>(convention::DROP_EXPORT, &drop, (number.cast_signed(),))
                    .await?;
            }
        }
        Ok(())
    }

    /// Makes the area at least so large.
    #[cold]
    pub(crate) async fn grow_area<M: Mode<T>>(&mut self, needed: usize) -> Result<(), Error> {
        let too_large = || {
            Error::Convention(format!(
                "arguments of {needed} bytes do not fit 32-bit memory"
            ))
        };
        let needed = u32::try_from(needed).map_err(|_| too_large())?;
        let length = match needed.checked_next_power_of_two() {
            Some(rounded) if rounded <= KEPT_AREA => rounded.max(LEAST_AREA),
            _ => needed,
        };
        self.release_area::<M>().await?;
        let alloc = self.alloc.clone();
        let pointer = self
            .run::<M, _, _>(convention::ALLOC, &alloc, (length.cast_signed(),))
            .await?;
        let pointer = pointer.cast_unsigned();
        let wrong = |what: &str| {
            Error::Convention(format!(
                "{} was asked for {length} bytes and {what}",
                convention::ALLOC
            ))
        };
        if pointer == 0 {
            return Err(Error::GuestMemory { needed: length });
        }
        let aligned = usize::try_from(pointer).is_ok_and(|pointer| pointer % AREA_ALIGN == 0);
        if !aligned {
            return Err(wrong("returned a pointer that is not aligned"));
        }
        if slice(self.memory.data(&self.store), pointer, length).is_none() {
            return Err(wrong("returned a place outside its memory"));
        }
        self.area = AreaPlace { pointer, length };
        Ok(())
    }

    pub(crate) async fn release_area<M: Mode<T>>(&mut self) -> Result<(), Error> {
        let AreaPlace { pointer, length } = std::mem::take(&mut self.area);
        if length == 0 {
            return Ok(());
        }
        let free = self.free.clone();
        let params = (pointer.cast_signed(), length.cast_signed());
        self.run::<M, _, _>(convention::FREE, &free, params).await
    }

    /// Whether the area is unusually large, and too large for what it is used for.
    #[inline]
    pub(crate) fn has_large_area(&self) -> bool {
        let large = self.area.length > KEPT_AREA;
        large && usize::try_from(self.area.length / 4).is_ok_and(|quarter| self.area_used < quarter)
    }
}

/// Longer names of guest functions are cut.
const LONGEST_NAME: usize = 512;

/// The part of a memory that a guest points to.
#[inline]
pub(crate) fn slice(memory: &[u8], pointer: u32, length: u32) -> Option<&[u8]> {
    let start = usize::try_from(pointer).ok()?;
    memory.get(start..start.checked_add(usize::try_from(length).ok()?)?)
}

/// The name of a function in errors. Put together only when there is one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FunctionName {
    interface: &'static str,
    function: &'static str,
}

impl FunctionName {
    pub(crate) fn of<F: ExportFunction>() -> Self {
        Self {
            interface: F::INTERFACE,
            function: F::NAME,
        }
    }
}

impl fmt::Display for FunctionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.interface == ROOT {
            return f.write_str(self.function);
        }
        write!(
            f,
            "{}.{}",
            schema::short_name(self.interface),
            self.function
        )
    }
}

/// What the engine's error means.
#[cold]
fn failure<T>(
    store: &mut Store<State<T>>,
    function: impl fmt::Display,
    error: wasmtime::Error,
) -> Error {
    describe_failure(store.data_mut().panic.take(), function.to_string(), &error)
}

#[cold]
fn describe_failure(panic: Option<GuestPanic>, function: String, error: &wasmtime::Error) -> Error {
    let backtrace = error
        .downcast_ref::<WasmBacktrace>()
        .map_or_else(Vec::new, |backtrace| {
            let name = |frame: &wasmtime::FrameInfo| match frame.func_name() {
                // Names come from the module, and may be of any length.
                Some(name) => {
                    let name = name
                        .get(..name.floor_char_boundary(LONGEST_NAME))
                        .unwrap_or_default();
                    format!("{:#}", rustc_demangle::demangle(name))
                }
                None => "an unnamed function".to_owned(),
            };
            backtrace.frames().iter().map(name).collect()
        });
    if let Some(HostFailure {
        interface,
        function: import,
        reason,
    }) = error.downcast_ref::<HostFailure>()
    {
        return Error::HostFunction(Box::new(HostFunctionError {
            function,
            import_interface: (*interface).to_owned(),
            import_function: (*import).to_owned(),
            reason: reason.clone(),
        }));
    }
    // A panic ends in this trap. A guest that speaks of one and then traps otherwise has trapped.
    let unreachable = error.downcast_ref() == Some(&wasmtime::Trap::UnreachableCodeReached);
    if let Some(panic) = panic.filter(|_| unreachable) {
        return Error::Panic(Box::new(GuestPanic {
            function,
            backtrace,
            ..panic
        }));
    }
    let code = error.downcast_ref::<wasmtime::Trap>().copied();
    let message = code.map_or_else(|| error.root_cause().to_string(), |code| code.to_string());
    Error::Trap(Box::new(Trap {
        function,
        code,
        message,
        backtrace,
    }))
}
