use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use pack_abi::convention::{self, AREA_ALIGN, unpack_pointer};
use pack_abi::metadata;
use pack_abi::schema::{self, Contract, FunctionName};
use wasmtime::{
    Instance as CoreInstance, InstancePre, Memory, Store, TypedFunc, WasmParams, WasmResults,
};

use crate::error::{Error, LimitError, MetadataProblem, PoisonedBy};
use crate::export::{Export, ExportFunction};
use crate::failure::{call_site, describe, internal};
use crate::limits::{LimitKind, Usage};
use crate::mode::Mode;
use crate::package::Package;
use crate::resource::GuestResources;
use crate::state::{State, new_store};
use crate::ticker::Clock;

/// A running package, with memory of its own. Owns the host's data `T`.
pub struct Instance<T: 'static> {
    pub(crate) store: Store<State<T>>,
    pub(crate) core: CoreInstance,
    pub(crate) memory: Memory,
    pub(crate) package: Package,
    alloc: TypedFunc<(i32,), i32>,
    free: TypedFunc<(i32, i32), ()>,
    /// Drops a resource of the guest, if it has any.
    drop: Option<TypedFunc<(i32,), ()>>,
    resources: Arc<GuestResources>,
    pub(crate) area: AreaPlace,
    /// How much of the area the last call used.
    pub(crate) area_used: usize,
    status: Status,
    /// Whether the engine counts fuel.
    is_metered: bool,
    /// The fuel that the last call was given.
    fuel: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Ready,
    /// The guest runs. It stays so if it does not come back.
    Running,
    Poisoned(PoisonedBy),
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
        let mut store = new_store(package, host)?;
        let resources = Arc::clone(store.data().handles.guest());
        let is_metered = package.runtime().limits().fuel.is_some();
        let fuel = package.limits().fuel.unwrap_or(u64::MAX);
        begin::<M, T>(&mut store);
        if is_metered {
            store.set_fuel(fuel).map_err(Error::Engine)?;
        }
        let core = match M::instantiate(pre, &mut store).await {
            Ok(core) => core,
            Err(error) => {
                let name = internal("the start of the package");
                return Err(describe(store.data_mut(), package, name, &error));
            }
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
        // Asked for by type, what is not there is an error of the engine, which may cost a backtrace.
        let drop = core.get_func(&mut store, convention::DROP_EXPORT);
        let drop = drop.and_then(|drop| drop.typed::<(i32,), ()>(&store).ok());
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
            status: Status::Ready,
            is_metered,
            fuel,
        };
        let initialize = core.get_func(&mut this.store, convention::INITIALIZE);
        let initialize =
            initialize.and_then(|initialize| initialize.typed::<(), ()>(&this.store).ok());
        if let Some(initialize) = initialize {
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
        let name = schema::core_export_name(F::FUNCTION.interface, F::FUNCTION.function);
        let function = self.core.get_typed_func(&mut self.store, &name);
        function
            .map(Export::new)
            .map_err(|error| Error::Convention(format!("`{name}`: {error:#}")))
    }

    /// What the instance has used.
    pub fn usage(&self) -> Usage {
        let state = self.store.data();
        let limits = self.package.limits();
        let left = self.store.get_fuel().unwrap_or_default();
        Usage {
            memory: state.resources.memory(),
            table_elements: state.resources.table_elements(),
            time: state.clock.as_ref().map(Clock::elapsed),
            fuel: limits.fuel.map(|_| self.fuel.saturating_sub(left)),
            argument_bytes: self.area_used,
        }
    }

    /// Why the instance cannot be used any more, if that is so.
    pub fn poisoned(&self) -> Option<PoisonedBy> {
        match self.status {
            Status::Ready => None,
            Status::Running => Some(PoisonedBy::Abandoned),
            Status::Poisoned(by) => Some(by),
        }
    }

    /// Calls a function of the guest that is not in its contract.
    async fn run<M: Mode<T>, P: WasmParams + Sync, R: WasmResults + Sync>(
        &mut self,
        name: &str,
        function: &TypedFunc<P, R>,
        params: P,
    ) -> Result<R, Error> {
        self.enter()?;
        let result = M::call(function, &mut self.store, params).await;
        self.leave(internal(name), result)
    }

    /// Begins a call: its time and fuel are those of all that the guest does for it, be it to make room for arguments
    /// or to drop resources.
    #[inline]
    pub(crate) fn begin<M: Mode<T>>(&mut self) -> Result<(), Error> {
        begin::<M, T>(&mut self.store);
        if self.is_metered {
            // It cannot fail: the engine counts.
            self.store.set_fuel(self.fuel).map_err(Error::Engine)?;
        }
        Ok(())
    }

    /// Begins to run guest code. If it does not come to an end, be it that no one waits for it any more, the instance
    /// is not used again.
    #[inline]
    pub(crate) fn enter(&mut self) -> Result<(), Error> {
        if self.status != Status::Ready {
            return Err(self.refuse());
        }
        self.status = Status::Running;
        Ok(())
    }

    #[cold]
    fn refuse(&self) -> Error {
        Error::Poisoned(self.poisoned().unwrap_or(PoisonedBy::Abandoned))
    }

    /// Ends what [`enter`](Self::enter) began.
    #[inline]
    pub(crate) fn leave<R>(
        &mut self,
        name: FunctionName<'_>,
        result: wasmtime::Result<R>,
    ) -> Result<R, Error> {
        if let Some(clock) = &mut self.store.data_mut().clock {
            clock.stop();
        }
        match result {
            Ok(result) => {
                self.status = Status::Ready;
                // A guest may speak of a panic and go on.
                self.store.data_mut().panic = None;
                Ok(result)
            }
            Err(error) => Err(self.fail(name, &error)),
        }
    }

    #[cold]
    fn fail(&mut self, name: FunctionName<'_>, error: &wasmtime::Error) -> Error {
        let error = describe(self.store.data_mut(), &self.package, name, error);
        self.status = Status::Poisoned(PoisonedBy::of(&error));
        error
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
    pub(crate) async fn grow_area<M: Mode<T>>(
        &mut self,
        name: FunctionName<'_>,
        needed: usize,
    ) -> Result<(), Error> {
        let limit = self.package.limits().argument_bytes;
        let fitting = u32::try_from(needed).ok().filter(|needed| *needed <= limit);
        let Some(needed) = fitting else {
            return Err(Error::Limit(Box::new(LimitError {
                call: call_site(&self.package, name),
                limit: LimitKind::ArgumentBytes(limit),
                backtrace: Vec::new(),
                source: None,
            })));
        };
        let length = match needed.checked_next_power_of_two() {
            Some(rounded) if rounded <= KEPT_AREA => rounded.max(LEAST_AREA).min(limit),
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

/// What a store is told before its guest runs.
#[inline]
fn begin<M: Mode<T>, T: 'static>(store: &mut Store<State<T>>) {
    let state = store.data_mut();
    state.resources.refused = None;
    state.can_yield = M::CAN_YIELD;
    if let Some(clock) = &mut state.clock {
        clock.start();
    }
}

/// The part of a memory that a guest points to.
#[inline]
pub(crate) fn slice(memory: &[u8], pointer: u32, length: u32) -> Option<&[u8]> {
    let start = usize::try_from(pointer).ok()?;
    memory.get(start..start.checked_add(usize::try_from(length).ok()?)?)
}
