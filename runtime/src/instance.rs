use std::fmt;
use std::sync::Arc;

use pack_abi::convention;
use pack_abi::schema::{self, Contract, FunctionName};
use wasmtime::{AsContextMut as _, Memory, Store, TypedFunc, WasmParams, WasmResults};

use crate::error::{Error, PoisonedBy};
use crate::export::{Export, ExportFunction};
use crate::failure::{describe, internal};
use crate::guest::Guest;
use crate::limits::Usage;
use crate::mode::Mode;
use crate::package::Package;
use crate::state::State;
use crate::ticker::{Allowance, Clock};

/// A running package, with memory of its own. Owns the host's data `T`.
///
/// Bindings that [`bindgen!`](crate::bindgen) made have one inside, `instance()` and `instance_mut()`. It can also be the
/// client itself, for calls by name:
///
/// ```no_run
/// # use pack_runtime::{Error, HostInterface, Instance, Linker, Package};
/// # fn demo(package: &Package) -> Result<(), Error> {
/// let mut log = HostInterface::new("demo:log/log");
/// log.function("write", |lines: &mut Vec<String>, (line,): (String,)| lines.push(line));
/// let linked = Linker::new(package)?.offer(&log)?.link::<Instance<_>>()?;
///
/// let mut instance = linked.instantiate(Vec::new())?;
/// let sum = instance.call("demo:sums/sums", "add", &[1_u32.into(), 2_u32.into()])?;
/// println!("{sum:?}, with {} bytes of memory", instance.usage().memory);
/// println!("it has said {:?}", instance.into_host());
/// # Ok(())
/// # }
/// ```
///
/// Of a [composition](crate::Composition) it is the package that the host calls; the others are its
/// [parts](Self::part).
pub struct Instance<T: 'static> {
    pub(crate) store: Store<State<T>>,
    pub(crate) memory: Memory,
    pub(crate) guest: Arc<Guest>,
    /// All guests of a composition.
    pub(crate) parts: Arc<[Part]>,
    status: Status,
    /// Whether the engine counts fuel.
    is_metered: bool,
    /// The fuel that a call may use.
    fuel: u64,
    /// The fuel that the last call was given.
    given: u64,
    /// How it can be called, if calls go through functions that know of one way only.
    way: Option<Way>,
}

/// A guest of a composition.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) name: Arc<str>,
    pub(crate) guest: Arc<Guest>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Ready,
    /// The guest runs. It stays so if it does not come back.
    Running,
    Poisoned(PoisonedBy),
}

/// A way to call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Blocking,
    Waiting,
}

impl<T: 'static> fmt::Debug for Instance<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance")
            .field("package", self.package())
            .finish_non_exhaustive()
    }
}

impl<T: 'static> Instance<T> {
    /// What runs in a store: the guests, of which the host calls one.
    pub(crate) fn new(
        store: Store<State<T>>,
        parts: Arc<[Part]>,
        guest: Arc<Guest>,
        way: Option<Way>,
    ) -> Self {
        let mut this = Self {
            memory: guest.memory,
            is_metered: guest.package.runtime().limits().fuel.is_some(),
            fuel: u64::MAX,
            given: u64::MAX,
            status: Status::Ready,
            store,
            guest,
            parts,
            way,
        };
        this.attend();
        this
    }

    /// Makes a guest of the composition the one that is called. Returns the one that was.
    pub(crate) fn turn_to(&mut self, guest: Arc<Guest>) -> Arc<Guest> {
        let before = std::mem::replace(&mut self.guest, guest);
        self.attend();
        before
    }

    /// Has the store know which guest is called.
    fn attend(&mut self) {
        let limits = self.guest.package.limits();
        self.memory = self.guest.memory;
        self.fuel = limits.fuel.unwrap_or(u64::MAX);
        let state = self.store.data_mut();
        state.switch(self.guest.number);
        state.guest.fuel = limits.fuel;
        if let Some(clock) = &mut state.clock {
            clock.allow(Allowance::of(limits.time));
        }
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
        &self.guest.package
    }

    /// The types, imports and exports of the package.
    pub fn types(&self) -> &Contract {
        self.package().types()
    }

    /// Finds a function, once; calling it then needs no look-up.
    #[doc(hidden)]
    pub fn bind<F: ExportFunction>(&mut self) -> Result<Export<F>, Error> {
        let name = schema::core_export_name(F::FUNCTION.interface, F::FUNCTION.function);
        let function = self.guest.export(&mut self.store, &name)?;
        let function = function.typed(&self.store);
        function
            .map(Export::new)
            .map_err(|error| Error::Convention(format!("`{name}`: {error:#}")))
    }

    /// What the instance has used; of a composition, the package that the host calls.
    pub fn usage(&self) -> Usage {
        let state = self.store.data();
        let guest = state.guest(self.guest.number);
        let limits = self.package().limits();
        let left = self.store.get_fuel().unwrap_or_default();
        Usage {
            memory: guest.resources.memory(),
            table_elements: guest.resources.table_elements(),
            time: state.clock.as_ref().map(Clock::elapsed),
            fuel: limits.fuel.map(|_| self.given.saturating_sub(left)),
            argument_bytes: guest.area.used,
            result_bytes: guest.result_bytes,
            log_bytes: guest.log_bytes.used(),
        }
    }

    /// Whether interceptors see its calls.
    #[inline]
    pub(crate) fn is_intercepted(&self) -> bool {
        self.guest.is_mediated()
    }

    /// Why the instance cannot be used any more, if that is so. Every further call is [`Error::Poisoned`].
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
        let result = M::call(function, self.store.as_context_mut(), params).await;
        self.leave(internal(name), result)
    }

    /// Begins a call: its time and fuel are those of all that the guest does for it, be it to make room for arguments
    /// or to drop resources.
    #[inline]
    pub(crate) fn begin<M: Mode<T>>(&mut self) -> Result<(), Error> {
        if self.way.is_some_and(|way| way != M::WAY) {
            return Err(self.refuse());
        }
        begin::<M, T>(&mut self.store);
        self.given = self.fuel;
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
        if let Some(by) = self.poisoned() {
            return Error::Poisoned(by);
        }
        match self.way {
            Some(Way::Waiting) => Error::Setting {
                setting: "Instance::call",
                problem: "this instance waits in its host functions, or was made by `instantiate_async` and has \
                          interceptors or other parts: use `call_async`",
            },
            _ => Error::Setting {
                setting: "Instance::call_async",
                problem: "this instance was made by `instantiate` and has interceptors or other parts: use `call`, or \
                          make it with `instantiate_async`",
            },
        }
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
                self.store.data_mut().guest.panic = None;
                Ok(result)
            }
            Err(error) => Err(self.fail(name, error)),
        }
    }

    #[cold]
    fn fail(&mut self, name: FunctionName<'_>, error: wasmtime::Error) -> Error {
        let state = self.store.data_mut();
        // The call may have ended in another guest.
        state.switch(self.guest.number);
        state.calls.open.clear();
        let error = describe(&mut state.guest, &self.guest.package, name, error);
        if let Error::Interceptor { .. } = error
            && !state.calls.has_entered
        {
            self.status = Status::Ready;
            return error;
        }
        // Where there was no stack for it, the call has not begun.
        if let Error::NoRoom { .. } = error {
            self.status = Status::Ready;
            return error;
        }
        self.status = Status::Poisoned(PoisonedBy::of(&error));
        error
    }

    /// Whether the guest has to be told of resources that the host has dropped.
    #[inline]
    pub(crate) fn has_dropped_resources(&self) -> bool {
        self.guest.resources.has_dropped()
    }

    /// Tells the guest which of its resources the host has dropped since the last call.
    #[cold]
    pub(crate) async fn drop_resources<M: Mode<T>>(&mut self) -> Result<(), Error> {
        while let Some(number) = self.guest.resources.next_dropped() {
            if let Some(drop) = self.guest.drop_function(&mut self.store)? {
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
        let length = self.guest.area_length(name, needed)?;
        self.release_area::<M>().await?;
        let alloc = self.guest.room_functions()?.alloc.clone();
        let pointer = self
            .run::<M, _, _>(convention::ALLOC, &alloc, (length.cast_signed(),))
            .await?;
        let area = self.guest.area(&self.store, pointer, length)?;
        self.store.data_mut().guest.area = area;
        Ok(())
    }

    pub(crate) async fn release_area<M: Mode<T>>(&mut self) -> Result<(), Error> {
        let area = std::mem::take(&mut self.store.data_mut().guest.area);
        if area.length == 0 {
            return Ok(());
        }
        let free = self.guest.room_functions()?.free.clone();
        let params = (area.pointer.cast_signed(), area.length.cast_signed());
        self.run::<M, _, _>(convention::FREE, &free, params).await
    }

    /// Whether the area is unusually large, and too large for what it is used for.
    #[inline]
    pub(crate) fn has_large_area(&self) -> bool {
        self.store.data().guest.area.is_wasteful()
    }
}

/// What a store is told before its guest runs.
#[inline]
pub(crate) fn begin<M: Mode<T>, T: 'static>(store: &mut Store<State<T>>) {
    let state = store.data_mut();
    state.turn += 1;
    state.calls.has_entered = false;
    state.begin_guest();
    state.can_yield = M::WAY == Way::Waiting;
    if let Some(clock) = &mut state.clock {
        clock.start();
    }
}
