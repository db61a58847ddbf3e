//! A package that runs in a store, and what the calling convention asks of it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use pack_abi::convention::{self, AREA_ALIGN, unpack_pointer};
use pack_abi::metadata;
use pack_abi::schema::FunctionName;
use wasmtime::{
    AsContext, AsContextMut, Func, Instance, Memory, StoreContextMut, TypedFunc, WasmParams,
    WasmResults,
};

use crate::core_func::CoreFunc;
use crate::error::{Error, LimitError, MetadataProblem};
use crate::failure::{call_site, described, internal};
use crate::function::CalledFunction;
use crate::limits::LimitKind;
use crate::mode::Mode;
use crate::package::Package;
use crate::resource::GuestResources;
use crate::state::{AreaPlace, State};

/// A package that runs in a store.
pub(crate) struct Guest {
    pub(crate) package: Package,
    /// Its number in a composition.
    pub(crate) number: usize,
    pub(crate) core: Instance,
    pub(crate) memory: Memory,
    room: Option<RoomFunctions>,
    /// Drops a resource of the guest, if it has any.
    pub(crate) drop: Option<TypedFunc<(i32,), ()>>,
    pub(crate) resources: Arc<GuestResources>,
    /// Exports that something stands around, by core name.
    mediated: OnceLock<BTreeMap<Arc<str>, Func>>,
    /// Exports that have been called by name, at their numbers.
    named: OnceLock<Box<[OnceLock<CoreFunc>]>>,
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, package) = (&self.number, &self.package);
        write!(f, "Guest({number}, {package:?})")
    }
}

/// How a package gives the host room, if its exports are such that somebody may need it.
pub(crate) struct RoomFunctions {
    pub(crate) alloc: TypedFunc<(i32,), i32>,
    pub(crate) free: TypedFunc<(i32, i32), ()>,
}

/// The room that is asked for first.
const LEAST_AREA: u32 = 4096;

/// An area larger than this is given back by the first call that uses less than a quarter of it.
const KEPT_AREA: u32 = 1 << 20;

impl Guest {
    /// Takes what has been instantiated as the guest that is current in the store, and runs what is to be run first.
    pub(crate) async fn start<M: Mode<T>, T: 'static>(
        package: &Package,
        core: Instance,
        store: &mut StoreContextMut<'_, State<T>>,
    ) -> Result<Self, Error> {
        let memory = core.get_memory(&mut *store, "memory").ok_or_else(|| {
            Error::Convention("the module exports no memory of the name `memory`".to_owned())
        })?;
        store.data_mut().guest.memory = Some(memory);
        let this = Self {
            package: package.clone(),
            number: store.data().guest.number,
            core,
            memory,
            room: RoomFunctions::of(core, store),
            drop: optional(core, store, convention::DROP_EXPORT),
            resources: Arc::clone(store.data().guest.handles.guest()),
            mediated: OnceLock::new(),
            named: OnceLock::new(),
        };
        let initialize = optional::<(), (), T>(core, store, convention::INITIALIZE);
        if let Some(initialize) = initialize {
            let done = M::call(&initialize, store.as_context_mut(), ()).await;
            this.described(store, internal(convention::INITIALIZE), done)?;
        }
        if !package.is_verified() {
            let states = this.states::<M, T>(store).await?;
            package.verify(states)?;
        }
        Ok(this)
    }

    /// Has something stand around exports. It is done once.
    pub(crate) fn mediate(&self, exports: BTreeMap<Arc<str>, Func>) {
        self.mediated.get_or_init(|| exports);
    }

    /// Whether the exports that `__pack_types` begins return the pieces of this metadata, each once.
    async fn states<M: Mode<T>, T: 'static>(
        &self,
        store: &mut StoreContextMut<'_, State<T>>,
    ) -> Result<bool, Error> {
        let pieces = metadata::pieces(self.package.metadata())
            .map_err(|error| Error::Metadata(MetadataProblem::Unreadable(error)))?;
        let mut missing: BTreeMap<&[u8], usize> = BTreeMap::new();
        for piece in pieces {
            *missing.entry(piece.bytes).or_default() += 1;
        }
        for name in self.package.types_exports() {
            let types = self
                .core
                .get_typed_func::<(), i64>(&mut *store, name)
                .map_err(|error| Error::Convention(format!("{error:#}")))?;
            let packed = M::call(&types, store.as_context_mut(), ()).await;
            let packed = self.described(store, internal(name), packed)?;
            let (pointer, length) = unpack_pointer(packed.cast_unsigned());
            let Some(bytes) = slice(self.memory.data(&*store), pointer, length) else {
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

    /// Whether something stands around its exports.
    #[inline]
    pub(crate) fn is_mediated(&self) -> bool {
        self.mediated.get().is_some()
    }

    /// An exported function, by its core name.
    pub(crate) fn export(&self, store: impl AsContextMut, name: &str) -> Result<Func, Error> {
        let mediated = self.mediated.get();
        if let Some(function) = mediated.and_then(|mediated| mediated.get(name)) {
            return Ok(*function);
        }
        let missing = || Error::Convention(format!("the module has no function `{name}`"));
        self.core.get_func(store, name).ok_or_else(missing)
    }

    /// An exported function, looked up once if it has a number.
    pub(crate) fn target(
        &self,
        mut store: impl AsContextMut,
        function: &CalledFunction,
    ) -> Result<CoreFunc, Error> {
        let named = self.named.get_or_init(|| {
            let count = self.package.function_count();
            (0..count).map(|_| OnceLock::new()).collect()
        });
        let known = function.number.and_then(|number| named.get(number));
        if let Some(target) = known.and_then(OnceLock::get) {
            return Ok(target.clone());
        }
        let target = self.export(&mut store, &function.core_name)?;
        let target = CoreFunc::new(target, function, &store)?;
        Ok(match known {
            Some(known) => known.get_or_init(|| target).clone(),
            None => target,
        })
    }

    /// The export that drops a resource, if there is one.
    pub(crate) fn drop_function(
        &self,
        mut store: impl AsContextMut,
    ) -> Result<Option<TypedFunc<(i32,), ()>>, Error> {
        let (Some(drop), Some(mediated)) = (&self.drop, self.mediated.get()) else {
            return Ok(self.drop.clone());
        };
        match mediated.get(convention::DROP_EXPORT) {
            Some(function) => Ok(Some(function.typed(&mut store).map_err(Error::Engine)?)),
            None => Ok(Some(drop.clone())),
        }
    }

    /// What it means that a call of this guest, the current one, has ended in an error.
    pub(crate) fn described<R, T>(
        &self,
        store: &mut StoreContextMut<'_, State<T>>,
        name: FunctionName<'_>,
        result: wasmtime::Result<R>,
    ) -> Result<R, Error> {
        described(store, &self.package, name, result)
    }

    /// Puts bytes into the area, in the course of a call.
    pub(crate) async fn place<M: Mode<T>, T: 'static>(
        &self,
        store: &mut StoreContextMut<'_, State<T>>,
        name: FunctionName<'_>,
        bytes: &[u8],
    ) -> Result<(u32, u32), Error> {
        let area = self.room::<M, T>(store, name, bytes.len()).await?;
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        if let Some(place) = slice_mut(self.memory.data_mut(store), area.pointer, length) {
            place.copy_from_slice(bytes);
        }
        Ok((area.pointer, length))
    }

    /// An area for so many bytes, in the course of a call.
    pub(crate) async fn room<M: Mode<T>, T: 'static>(
        &self,
        store: &mut StoreContextMut<'_, State<T>>,
        name: FunctionName<'_>,
        needed: usize,
    ) -> Result<AreaPlace, Error> {
        if !store.data().guest.area.has_room_for(needed) {
            let length = self.area_length(name, needed)?;
            self.release::<M, T>(store).await?;
            let (params, room) = ((length.cast_signed(),), self.room_functions()?);
            let pointer = M::call(&room.alloc, store.as_context_mut(), params).await;
            let pointer = self.described(store, internal(convention::ALLOC), pointer)?;
            store.data_mut().guest.area = self.area(&*store, pointer, length)?;
        }
        let area = &mut store.data_mut().guest.area;
        area.used = needed;
        Ok(*area)
    }

    /// Gives the area back, in the course of a call.
    pub(crate) async fn release<M: Mode<T>, T: 'static>(
        &self,
        store: &mut StoreContextMut<'_, State<T>>,
    ) -> Result<(), Error> {
        let area = std::mem::take(&mut store.data_mut().guest.area);
        if area.length == 0 {
            return Ok(());
        }
        let params = (area.pointer.cast_signed(), area.length.cast_signed());
        let room = self.room_functions()?;
        let freed = M::call(&room.free, store.as_context_mut(), params).await;
        self.described(store, internal(convention::FREE), freed)
    }

    /// The functions of a package that has them, as all have for which something goes through memory.
    pub(crate) fn room_functions(&self) -> Result<&RoomFunctions, Error> {
        self.room.as_ref().ok_or_else(|| {
            let name = convention::ALLOC;
            Error::Convention(format!("the module has no function `{name}`"))
        })
    }

    /// How large an area has to be that so many bytes of arguments fit into.
    pub(crate) fn area_length(&self, name: FunctionName<'_>, needed: usize) -> Result<u32, Error> {
        let limit = self.package.limits().argument_bytes;
        let fitting = u32::try_from(needed).ok().filter(|needed| *needed <= limit);
        let Some(needed) = fitting else {
            let error = Error::Limit(Box::new(LimitError {
                call: call_site(&self.package, name),
                limit: LimitKind::ArgumentBytes(limit),
                backtrace: Vec::new(),
                source: None,
            }));
            return Err(self.package.runtime().observed(error));
        };
        Ok(match needed.checked_next_power_of_two() {
            Some(rounded) if rounded <= KEPT_AREA => rounded.max(LEAST_AREA).min(limit),
            _ => needed,
        })
    }

    /// The area that the guest has given, if it is one.
    pub(crate) fn area(
        &self,
        store: impl AsContext,
        pointer: i32,
        length: u32,
    ) -> Result<AreaPlace, Error> {
        let pointer = pointer.cast_unsigned();
        let runtime = self.package.runtime();
        let wrong = |what: &str| {
            runtime.observed(Error::Convention(format!(
                "{} was asked for {length} bytes and {what}",
                convention::ALLOC
            )))
        };
        if pointer == 0 {
            return Err(runtime.observed(Error::GuestMemory { needed: length }));
        }
        let aligned = usize::try_from(pointer).is_ok_and(|pointer| pointer % AREA_ALIGN == 0);
        if !aligned {
            return Err(wrong("returned a pointer that is not aligned"));
        }
        if slice(self.memory.data(&store), pointer, length).is_none() {
            return Err(wrong("returned a place outside its memory"));
        }
        Ok(AreaPlace {
            pointer,
            length,
            used: 0,
        })
    }
}

impl RoomFunctions {
    fn of<T>(core: Instance, store: &mut StoreContextMut<'_, State<T>>) -> Option<Self> {
        Some(Self {
            alloc: optional(core, store, convention::ALLOC)?,
            free: optional(core, store, convention::FREE)?,
        })
    }
}

impl AreaPlace {
    /// Whether it is unusually large, and too large for what it is used for.
    #[inline]
    pub(crate) fn is_wasteful(&self) -> bool {
        let large = self.length > KEPT_AREA;
        large && usize::try_from(self.length / 4).is_ok_and(|quarter| self.used < quarter)
    }

    /// Whether so many bytes fit into it.
    pub(crate) fn has_room_for(&self, bytes: usize) -> bool {
        usize::try_from(self.length).is_ok_and(|length| bytes <= length)
    }
}

/// A function that not all have. Asked for by type, what is not there is an error of the engine, which may cost a
/// backtrace.
fn optional<P: WasmParams, R: WasmResults, T>(
    core: Instance,
    store: &mut StoreContextMut<'_, State<T>>,
    name: &str,
) -> Option<TypedFunc<P, R>> {
    let function = core.get_func(&mut *store, name)?;
    function.typed(&*store).ok()
}

/// The part of a memory that a guest points to.
#[inline]
pub(crate) fn slice(memory: &[u8], pointer: u32, length: u32) -> Option<&[u8]> {
    let start = usize::try_from(pointer).ok()?;
    memory.get(start..start.checked_add(usize::try_from(length).ok()?)?)
}

/// The same, to write to.
#[inline]
pub(crate) fn slice_mut(memory: &mut [u8], pointer: u32, length: u32) -> Option<&mut [u8]> {
    let start = usize::try_from(pointer).ok()?;
    memory.get_mut(start..start.checked_add(usize::try_from(length).ok()?)?)
}
