//! What a store holds, and what the engine asks it while a guest runs.

use pack_abi::Limits as MessageLimits;
use wasmtime::{Memory, Store, StoreContextMut, UpdateDeadline};

use crate::error::{Error, GuestPanic};
use crate::failure::OutOfTime;
use crate::limits::Resources;
use crate::log::LogBytes;
use crate::package::Package;
use crate::resource::Handles;
use crate::ticker::Clock;

/// What a store holds besides the host's own data.
#[derive(Debug)]
pub struct State<T> {
    pub(crate) host: T,
    pub(crate) limits: MessageLimits,
    pub(crate) resources: Resources,
    pub(crate) log_bytes: LogBytes,
    /// There is one if time is limited.
    pub(crate) clock: Option<Clock>,
    /// Whether the call that is going on can let others run.
    pub(crate) can_yield: bool,
    /// Known once the instance has started.
    pub(crate) memory: Option<Memory>,
    /// What the guest said about its panic; a trap follows.
    pub(crate) panic: Option<GuestPanic>,
    /// The result of a host function that did not fit the space the guest offered.
    pub(crate) pending: Vec<u8>,
    pub(crate) handles: Handles,
}

/// A deadline that does not come.
const NEVER: u64 = 1 << 62;

/// A store for one instance of the package, with its limits.
pub(crate) fn new_store<T: 'static>(package: &Package, host: T) -> Result<Store<State<T>>, Error> {
    let (runtime, limits) = (package.runtime(), package.limits());
    let clock = match (limits.time, runtime.ticker()) {
        (Some(time), Some(ticker)) => Some(ticker.clock(time).map_err(Error::Thread)?),
        _ => None,
    };
    let state = State {
        host,
        limits: limits.message,
        resources: Resources::new(&limits),
        log_bytes: LogBytes::new(limits.log_bytes),
        clock,
        can_yield: false,
        memory: None,
        panic: None,
        pending: Vec::new(),
        handles: Handles::default(),
    };
    let mut store = Store::new(runtime.engine(), state);
    store.limiter(|state| &mut state.resources);
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
    if state.clock.as_ref().is_some_and(Clock::is_over) {
        return Err(OutOfTime.into());
    }
    #[cfg(feature = "async")]
    if state.can_yield {
        return Ok(UpdateDeadline::Yield(1));
    }
    Ok(UpdateDeadline::Continue(1))
}
