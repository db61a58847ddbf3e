//! Calls from one package of a composition to another: what they carry moves from memory to memory.

use std::sync::Arc;

use pack_abi::__private::{from_i32, text, to_i64};
use pack_abi::convention::{AREA_ALIGN, Return, unpack_pointer};
use pack_abi::{DecodeError, EncodeError, EncodeErrorKind};
use wasmtime::{AsContextMut as _, Caller, Memory, StoreContextMut};

use crate::core_func::CoreFunc;
use crate::core_value::Slots;
use crate::error::{Error, HostProblem};
use crate::export::contents;
use crate::failure::{CalleeFailure, HostFailure, decode_error};
use crate::function::CalledFunction;
use crate::guest::{Guest, slice, slice_mut};
use crate::host_call::HostCall;
use crate::mode::Mode;
use crate::payload::{Payload, outside};
use crate::state::State;
use crate::ticker::Allowance;

/// A function of another package.
pub(crate) struct Callee {
    /// The part that provides it.
    pub(crate) part: Arc<str>,
    pub(crate) guest: Arc<Guest>,
    /// Seen from the part.
    pub(crate) function: CalledFunction,
    pub(crate) target: CoreFunc,
}

/// What the package that calls gets back when the call ends.
struct Outer {
    number: usize,
    allowed: Option<Allowance>,
    fuel: Option<Fuel>,
}

/// Fuel of a call inside a call.
struct Fuel {
    outer: u64,
    inner: u64,
}

impl Callee {
    /// Answers a call of the package's import.
    pub(crate) async fn call<M: Mode<T>, T: 'static>(
        &self,
        caller: &mut Caller<'_, State<T>>,
        import: &CalledFunction,
        slots: &Slots,
    ) -> wasmtime::Result<Option<u64>> {
        let refused = |problem: HostProblem| {
            wasmtime::Error::new(HostFailure {
                interface: Arc::clone(&import.interface),
                function: Arc::clone(&import.name),
                problem: Arc::new(problem),
            })
        };
        let arguments = self.arguments(caller, import, slots).map_err(refused)?;
        let outer = self.enter(caller)?;
        let mut store = caller.as_context_mut();
        let made = self.make::<M, T>(&mut store, slots, arguments).await;
        self.leave(caller, outer)?;
        let made = made.map_err(|error| self.failure(import, error))?;
        let slot = self.give(caller, import, slots, made).map_err(refused)?;
        if caller.data().guest(self.guest.number).area.is_wasteful() {
            self.tidy::<M, T>(caller, import).await?;
        }
        Ok(slot)
    }

    /// Has the callee take back what was far too large for this call.
    async fn tidy<M: Mode<T>, T: 'static>(
        &self,
        caller: &mut Caller<'_, State<T>>,
        import: &CalledFunction,
    ) -> wasmtime::Result<()> {
        let outer = self.enter(caller)?;
        let mut store = caller.as_context_mut();
        let freed = self.guest.release::<M, T>(&mut store).await;
        self.leave(caller, outer)?;
        freed.map_err(|error| self.failure(import, error))?;
        Ok(())
    }

    fn failure(&self, import: &CalledFunction, error: Error) -> CalleeFailure {
        CalleeFailure {
            interface: Arc::clone(&import.interface),
            function: Arc::clone(&import.name),
            part: Arc::clone(&self.part),
            error: Arc::new(error),
        }
    }

    /// Where the arguments are, checked against the memory of who calls.
    fn arguments<T: 'static>(
        &self,
        caller: &mut Caller<'_, State<T>>,
        import: &CalledFunction,
        slots: &Slots,
    ) -> Result<Arguments, HostProblem> {
        let call = HostCall::new(caller)?;
        let own = &self.function;
        if import.signature.params != own.signature.params {
            // Functions with more than twelve core parameters and a result in wire form: some of what comes in the buffer
            // is expected as core values.
            let limits = call.limits();
            let values = call
                .payload(import, slots, limits)?
                .arguments(import, limits)?;
            let payload = Payload::of_arguments(own, &values, limits);
            let payload = payload.map_err(|error| HostProblem::Failed(error.into()))?;
            return Ok(Arguments::Apart(Box::new(payload)));
        }
        let mut needed: usize = 0;
        for pointer in &*own.pointers {
            let (at, length) = pointer.place(slots)?;
            let bytes = call.bytes(at, length)?;
            if pointer.is_text {
                // The callee does not look at it.
                text(bytes)?;
            }
            needed = needed
                .next_multiple_of(AREA_ALIGN)
                .saturating_add(bytes.len());
        }
        Ok(Arguments::In {
            memory: call.memory(),
            needed,
        })
    }

    /// Turns to the callee, which may use what is left to the caller, and no more than it is allowed itself.
    fn enter<T: 'static>(&self, caller: &mut Caller<'_, State<T>>) -> wasmtime::Result<Outer> {
        let limits = self.guest.package.limits();
        let outer_limit = caller.data().guest.fuel;
        let is_metered = self.guest.package.runtime().limits().fuel.is_some();
        let fuel = match is_metered {
            true => {
                let outer = caller.get_fuel()?;
                let inner = limits.fuel.map_or(outer, |fuel| fuel.min(outer));
                caller.set_fuel(inner)?;
                Some(Fuel { outer, inner })
            }
            false => None,
        };
        let state = caller.data_mut();
        let number = state.switch(self.guest.number);
        state.begin_guest();
        state.guest.fuel = match (&fuel, limits.fuel) {
            (Some(fuel), Some(own)) if own <= fuel.outer => Some(own),
            _ => outer_limit,
        };
        let clock = state.clock.as_mut();
        let allowed = clock.map(|clock| clock.narrow(limits.time));
        Ok(Outer {
            number,
            allowed,
            fuel,
        })
    }

    /// Turns back to the caller.
    fn leave<T: 'static>(
        &self,
        caller: &mut Caller<'_, State<T>>,
        outer: Outer,
    ) -> wasmtime::Result<()> {
        let state = caller.data_mut();
        state.switch(outer.number);
        if let (Some(clock), Some(allowed)) = (&mut state.clock, outer.allowed) {
            clock.allow(allowed);
        }
        if let Some(fuel) = outer.fuel {
            let used = fuel.inner.saturating_sub(caller.get_fuel()?);
            caller.set_fuel(fuel.outer.saturating_sub(used))?;
        }
        Ok(())
    }

    /// The call itself. Returns its core result.
    async fn make<M: Mode<T>, T: 'static>(
        &self,
        store: &mut StoreContextMut<'_, State<T>>,
        given: &Slots,
        arguments: Arguments,
    ) -> Result<Made, Error> {
        let (guest, name) = (&*self.guest, self.function.full_name());
        let mut slots = *given;
        match arguments {
            Arguments::Apart(payload) => {
                slots = Slots::default();
                let (base, _) = guest.place::<M, T>(store, name, &payload.bytes).await?;
                for (slot, placed) in slots.iter_mut().zip(payload.slots_at(&self.function, base)) {
                    *slot = placed;
                }
            }
            Arguments::In { .. } if self.function.pointers.is_empty() => {
                store.data_mut().guest.area.used = 0;
            }
            Arguments::In { memory, needed } => {
                let base = guest.room::<M, T>(store, name, needed).await?.pointer;
                let moved = self.bring(store, (memory, &mut slots), base);
                moved.map_err(|error| decode_error(&guest.package, name, error))?;
            }
        }
        let outcome = M::call_core(&self.target, store.as_context_mut(), &slots).await;
        let slot = guest.described(store, name, outcome)?;
        // A guest may speak of a panic and go on.
        store.data_mut().guest.panic = None;
        match (self.function.signature.result, slot) {
            (Return::Flat(_), Some(slot)) => Ok(Made::Flat(slot)),
            (Return::Contents(width), Some(slot)) => {
                let bytes = guest.memory.data(&*store);
                match contents(bytes, to_i64(slot), width) {
                    Ok((_, count)) => {
                        let (pointer, _) = unpack_pointer(to_i64(slot).cast_unsigned());
                        // It is inside memory, so that it does not overflow.
                        let length = count.wrapping_mul(width);
                        Ok(Made::InMemory(Some(count), pointer, length))
                    }
                    Err(error) => Err(decode_error(&guest.package, name, error)),
                }
            }
            (Return::Encoded, Some(slot)) => {
                let (pointer, length) = unpack_pointer(to_i64(slot).cast_unsigned());
                match slice(guest.memory.data(&*store), pointer, length) {
                    Some(_) => Ok(Made::InMemory(None, pointer, length)),
                    None => {
                        let error = outside(pointer, length);
                        Err(decode_error(&guest.package, name, error))
                    }
                }
            }
            _ => Ok(Made::Nothing),
        }
    }

    /// Moves what the core values point to from the memory of who calls to the callee's area, which begins at `base`.
    fn bring<T>(
        &self,
        store: &mut StoreContextMut<'_, State<T>>,
        (memory, slots): (Memory, &mut Slots),
        base: u32,
    ) -> Result<(), DecodeError> {
        let mut used: usize = 0;
        for pointer in &*self.function.pointers {
            let (at, length) = pointer.place(slots)?;
            used = used.next_multiple_of(AREA_ALIGN);
            // There is room for all of them, so that it fits.
            let to = base.wrapping_add(u32::try_from(used).unwrap_or_default());
            copy(store, (memory, at), (self.guest.memory, to), length)?;
            if let Some(slot) = slots.get_mut(pointer.slot) {
                *slot = u64::from(to);
            }
            used = used.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
        }
        Ok(())
    }

    /// Gives the result to who called, in the space that it offers.
    fn give<T: 'static>(
        &self,
        caller: &mut Caller<'_, State<T>>,
        import: &CalledFunction,
        slots: &[u64],
        made: Made,
    ) -> Result<Option<u64>, HostProblem> {
        Ok(match made {
            Made::Nothing => None,
            Made::Flat(slot) => Some(slot),
            Made::InMemory(count, pointer, length) => {
                let (space, capacity) = import.space(slots);
                let (space, capacity) = (space.cast_unsigned(), capacity.cast_unsigned());
                let memory = HostCall::new(caller)?.memory();
                if slice(memory.data(&*caller), space, capacity).is_none() {
                    return Err(outside(space, capacity).into());
                }
                let count = count.map(u32::to_le_bytes);
                let head: &[u8] = count.as_ref().map_or(&[], |count| count);
                let head_length = u32::try_from(head.len()).unwrap_or(u32::MAX);
                let whole = length.checked_add(head_length).ok_or_else(|| {
                    let length = usize::try_from(length).unwrap_or(usize::MAX);
                    EncodeError::new(EncodeErrorKind::TooLong { length })
                })?;
                caller.data_mut().guest.pending = Vec::new();
                if whole <= capacity {
                    if let Some(place) =
                        slice_mut(memory.data_mut(&mut *caller), space, head_length)
                    {
                        place.copy_from_slice(head);
                    }
                    let (store, place) = (
                        &mut caller.as_context_mut(),
                        space.wrapping_add(head_length),
                    );
                    copy(store, (self.guest.memory, pointer), (memory, place), length)?;
                } else {
                    let bytes = slice(self.guest.memory.data(&*caller), pointer, length);
                    caller.data_mut().guest.pending = [head, bytes.unwrap_or_default()].concat();
                }
                Some(from_i32(whole.cast_signed()))
            }
        })
    }
}

/// The arguments of a call, on their way.
enum Arguments {
    /// In the memory of who calls.
    In {
        memory: Memory,
        /// Bytes of room.
        needed: usize,
    },
    /// In no memory.
    Apart(Box<Payload>),
}

/// The result of a call.
enum Made {
    Nothing,
    Flat(u64),
    /// Its bytes are in the callee's memory, at a pointer and so many; with their count, if the message begins with one that
    /// is not there.
    InMemory(Option<u32>, u32, u32),
}

/// Copies from memory to memory.
fn copy<T>(
    store: &mut StoreContextMut<'_, State<T>>,
    from: (Memory, u32),
    to: (Memory, u32),
    length: u32,
) -> Result<(), DecodeError> {
    match length {
        0..=512 => copy_by::<T, 512>(store, from, to, length),
        _ => copy_by::<T, { 16 << 10 }>(store, from, to, length),
    }
}

/// Two memories of a store cannot be borrowed at once, so that bytes go through a small buffer, which stays in the
/// processor's cache.
fn copy_by<T, const CHUNK: usize>(
    store: &mut StoreContextMut<'_, State<T>>,
    (from, mut source): (Memory, u32),
    (to, mut target): (Memory, u32),
    length: u32,
) -> Result<(), DecodeError> {
    let mut buffer = [0; CHUNK];
    let mut left = length;
    while left > 0 {
        let count = u32::try_from(CHUNK).unwrap_or(u32::MAX).min(left);
        let bytes = slice(from.data(&*store), source, count);
        let bytes = bytes.ok_or_else(|| outside(source, count))?;
        let chunk = buffer.get_mut(..bytes.len()).unwrap_or_default();
        chunk.copy_from_slice(bytes);
        let place = slice_mut(to.data_mut(&mut *store), target, count);
        let place = place.ok_or_else(|| outside(target, count))?;
        place.copy_from_slice(chunk);
        source = source.wrapping_add(count);
        target = target.wrapping_add(count);
        left -= count;
    }
    Ok(())
}
