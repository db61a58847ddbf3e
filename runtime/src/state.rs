//! What a store holds, and what the engine asks it while a guest runs.

use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};

use pack_abi::Limits as MessageLimits;
use wasmtime::{Memory, Store, StoreContextMut, UpdateDeadline};

use crate::error::{Error, GuestPanic};
use crate::failure::OutOfTime;
use crate::limits::{Limits, Resources};
use crate::log::LogBytes;
use crate::package::Package;
use crate::resource::Handles;
use crate::runtime::Runtime;
use crate::ticker::Clock;

/// What the store of an instance holds: the host's data, and what the runtime keeps.
#[derive(Debug)]
pub struct State<T> {
    pub(crate) host: T,
    /// There is one if time is limited.
    pub(crate) clock: Option<Clock>,
    /// Whether the call that is going on can let others run.
    pub(crate) can_yield: bool,
    /// Counts the host's calls.
    pub(crate) turn: u64,
    /// Counts the calls that interceptors see.
    pub(crate) calls: Calls,
    /// What is known of the guest that runs or, while none does, of the one that the host calls.
    pub(crate) guest: Box<GuestState>,
    /// Of the other guests of a composition, each at its number.
    others: Vec<Option<Box<GuestState>>>,
}

/// What a store holds for one of its guests.
#[derive(Debug)]
pub(crate) struct GuestState {
    /// Its number in a composition.
    pub(crate) number: usize,
    pub(crate) limits: MessageLimits,
    pub(crate) resources: Resources,
    pub(crate) log_bytes: LogBytes,
    /// The host's call in which it ran last.
    pub(crate) turn: u64,
    /// The limit of fuel that holds for it: its own, or that of who called it.
    pub(crate) fuel: Option<u64>,
    /// Known once the guest has started.
    pub(crate) memory: Option<Memory>,
    /// Where arguments are put.
    pub(crate) area: AreaPlace,
    /// Bytes of the last result that was in guest memory.
    pub(crate) result_bytes: usize,
    /// What the guest said about its panic; a trap follows.
    pub(crate) panic: Option<GuestPanic>,
    /// The result of a host function that did not fit the space the guest offered.
    pub(crate) pending: Vec<u8>,
    pub(crate) handles: Handles,
}

/// Where in guest memory arguments are put. Allocated by the guest when first needed, then kept.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AreaPlace {
    pub(crate) pointer: u32,
    pub(crate) length: u32,
    /// How much of it the last call used.
    pub(crate) used: usize,
}

/// Tells calls apart.
#[derive(Debug)]
pub(crate) struct Calls {
    /// The number of the store.
    pub(crate) instance: u64,
    /// How many there have been.
    pub(crate) count: u64,
    /// Those that are going on, innermost last.
    pub(crate) open: Vec<u64>,
    /// Whether a guest has been entered in this call of the host.
    pub(crate) has_entered: bool,
}

impl Default for Calls {
    fn default() -> Self {
        static INSTANCES: AtomicU64 = AtomicU64::new(0);
        Self {
            instance: INSTANCES.fetch_add(1, Ordering::Relaxed),
            count: 0,
            open: Vec::new(),
            has_entered: false,
        }
    }
}

impl GuestState {
    fn new(number: usize, limits: &Limits, guests: usize) -> Box<Self> {
        Box::new(Self {
            number,
            limits: limits.message,
            resources: Resources::new(limits, guests),
            log_bytes: LogBytes::new(limits.log_bytes),
            turn: 0,
            fuel: limits.fuel,
            memory: None,
            area: AreaPlace::default(),
            result_bytes: 0,
            panic: None,
            pending: Vec::new(),
            handles: Handles::default(),
        })
    }
}

impl<T> State<T> {
    /// The host's data.
    pub fn host(&self) -> &T {
        &self.host
    }

    /// The host's data.
    pub fn host_mut(&mut self) -> &mut T {
        &mut self.host
    }

    /// A guest begins to run. What it may use in a call of the host is counted anew if it is the first time in this one.
    #[inline]
    pub(crate) fn begin_guest(&mut self) {
        let guest = &mut *self.guest;
        guest.resources.refused = None;
        if guest.turn != self.turn {
            guest.turn = self.turn;
            guest.log_bytes.begin();
        }
    }

    /// What is known of a guest, whether it runs or not.
    pub(crate) fn guest(&self, number: usize) -> &GuestState {
        let other = self.others.get(number).and_then(Option::as_deref);
        other.unwrap_or(&self.guest)
    }

    /// Makes another guest the one that runs. Returns the number of the one that did.
    pub(crate) fn switch(&mut self, number: usize) -> usize {
        let from = self.guest.number;
        if from != number
            && let Some(guest) = self.others.get_mut(number).and_then(Option::take)
        {
            let previous = mem::replace(&mut self.guest, guest);
            if let Some(place) = self.others.get_mut(from) {
                *place = Some(previous);
            }
        }
        from
    }
}

/// A deadline that does not come.
const NEVER: u64 = 1 << 62;

/// A store for one instance of each package, with their limits. The first is the one that runs.
pub(crate) fn new_store<'p, T: 'static>(
    runtime: &Runtime,
    packages: impl ExactSizeIterator<Item = &'p Package> + Clone,
    host: T,
) -> Result<Store<State<T>>, Error> {
    let count = packages.len();
    let limits = packages.map(Package::limits);
    let mut times = limits.clone().map(|limits| limits.time);
    let first = times.clone().next().flatten();
    let clock = match runtime.ticker() {
        Some(ticker) if times.any(|time| time.is_some()) => {
            Some(ticker.clock(first).map_err(Error::Thread)?)
        }
        _ => None,
    };
    let mut guests = limits
        .enumerate()
        .map(|(number, limits)| GuestState::new(number, &limits, count));
    let first = guests.next();
    let state = State {
        host,
        clock,
        can_yield: false,
        turn: 0,
        calls: Calls::default(),
        guest: first.unwrap_or_else(|| GuestState::new(0, &runtime.limits(), 1)),
        others: std::iter::once(None).chain(guests.map(Some)).collect(),
    };
    let mut store = Store::new(runtime.engine(), state);
    store.limiter(|state| &mut state.guest.resources);
    if store.data().clock.is_some() {
        store.epoch_deadline_callback(look_at_the_clock);
        store.set_epoch_deadline(1);
    } else {
        store.set_epoch_deadline(NEVER);
    }
    Ok(store)
}

/// The engine calls this at every tick while guest code runs.
#[allow(clippy::needless_pass_by_value, reason = "the engine's signature")]
fn look_at_the_clock<T>(
    context: StoreContextMut<'_, State<T>>,
) -> wasmtime::Result<UpdateDeadline> {
    let state = context.data();
    if let Some(limit) = state.clock.as_ref().and_then(Clock::over) {
        return Err(OutOfTime(limit).into());
    }
    #[cfg(feature = "async")]
    if state.can_yield {
        return Ok(UpdateDeadline::Yield(1));
    }
    Ok(UpdateDeadline::Continue(1))
}
