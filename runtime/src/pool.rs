//! Ready instances for many callers.

use std::collections::VecDeque;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use thiserror::Error;

use crate::error::Error;
#[cfg(feature = "async")]
use crate::linked::AsyncWorld;
use crate::linked::{BlockingWorld, Client, Linked};

/// How a [`Pool`] behaves.
///
/// ```
/// use pack_runtime::{PoolPolicy, PoolSettings};
///
/// // Each caller gets a new instance, and after three failures in a row nobody gets one.
/// let settings = PoolSettings::default()
///     .with_instances(4)
///     .with_uses(Some(1))
///     .with_policy(PoolPolicy::FailClosed { failures: 3 });
/// assert_eq!(settings.queue, 1024);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolSettings {
    /// How many instances there may be at once.
    pub instances: usize,
    /// How many callers may wait for one. More are refused.
    pub queue: usize,
    /// How long a caller of [`Pool::get`] waits.
    pub wait: Duration,
    /// After how many uses an instance is replaced; `None` for never. With 1, no caller meets what another has left behind.
    pub uses: Option<u64>,
    /// What happens when instances are spoilt.
    pub policy: PoolPolicy,
}

impl PoolSettings {
    /// 16 instances, 1,024 callers that wait up to 10 seconds, instances that are used as long as they work, and
    /// [`PoolPolicy::DEFAULT`].
    pub const DEFAULT: Self = Self {
        instances: 16,
        queue: 1024,
        wait: Duration::from_secs(10),
        uses: None,
        policy: PoolPolicy::DEFAULT,
    };

    /// Sets how many instances there may be.
    #[must_use]
    pub const fn with_instances(mut self, instances: usize) -> Self {
        self.instances = instances;
        self
    }

    /// Sets how many callers may wait.
    #[must_use]
    pub const fn with_queue(mut self, queue: usize) -> Self {
        self.queue = queue;
        self
    }

    /// Sets how long a caller waits.
    #[must_use]
    pub const fn with_wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// Sets after how many uses an instance is replaced; `None` for never.
    #[must_use]
    pub const fn with_uses(mut self, uses: Option<u64>) -> Self {
        self.uses = uses;
        self
    }

    /// Sets what happens when instances are spoilt.
    #[must_use]
    pub const fn with_policy(mut self, policy: PoolPolicy) -> Self {
        self.policy = policy;
        self
    }
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What a [`Pool`] does when instances are spoilt, or cannot be made. A use that ends well begins the count anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PoolPolicy {
    /// No new instance is made for a while: `first` after one failure, twice as long after each further one, up to
    /// `longest`.
    Restart {
        /// After the first failure. Zero for no pause at all.
        first: Duration,
        /// At most so long.
        longest: Duration,
    },
    /// After so many failures in a row nothing is given out any more, until the host [opens](Pool::reopen) the pool
    /// again.
    FailClosed {
        /// How many failures are one too many.
        failures: u32,
    },
}

impl PoolPolicy {
    /// [`Restart`](Self::Restart) after 10 ms, up to 10 seconds.
    pub const DEFAULT: Self = Self::Restart {
        first: Duration::from_millis(10),
        longest: Duration::from_secs(10),
    };
}

/// Why a pool gives out nothing.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PoolError {
    /// A new instance cannot be made.
    #[error(transparent)]
    Instantiate(#[from] Error),
    /// As many callers wait as may.
    #[error("all instances are in use, and {waiting} callers wait for one already")]
    Full {
        /// How many wait.
        waiting: usize,
    },
    /// No instance came free in time.
    #[error("no instance came free within {waited:?}")]
    TimedOut {
        /// How long the caller has waited.
        waited: Duration,
    },
    /// Too many instances were spoilt lately.
    #[error("{failures} instances in a row were spoilt; the next is made in {retry_after:?}")]
    BackOff {
        /// How many there were.
        failures: u32,
        /// When it makes sense to ask again.
        retry_after: Duration,
    },
    /// Too many instances were spoilt.
    #[error("{failures} instances in a row were spoilt, and the pool is closed")]
    Closed {
        /// How many there were.
        failures: u32,
    },
}

/// What a pool has, and what it has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStats {
    /// Instances that wait for a caller.
    pub ready: usize,
    /// Instances that a caller has.
    pub in_use: usize,
    /// Callers that wait for an instance.
    pub waiting: usize,
    /// Instances made so far.
    pub made: u64,
    /// Instances that were spoilt.
    pub spoilt: u64,
    /// Instances that were replaced because of [`PoolSettings::uses`].
    pub retired: u64,
    /// Callers that were refused, for whichever of the reasons that [`PoolError`] has.
    pub refused: u64,
    /// Failures since the last use that ended well.
    pub failures: u32,
}

/// Gives out instances of one package, and takes them back. Cheap to clone: all clones are one pool.
///
/// Callers on any number of threads get an instance each; when all are in use they wait in a queue. An instance that is
/// [poisoned](crate::Instance::poisoned) when it comes back is dropped, and another is made when it is needed.
///
/// ```no_run
/// use pack_runtime::{Pool, PoolSettings};
/// # pack_runtime::bindgen!({ inline: "
/// #     package demo:greeting;
/// #     world greeting { export greet: func(name: string) -> string; }
/// # " });
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let package = pack_runtime::Runtime::new()?.load_file("greeting.wasm")?;
///
/// let pool = Pool::new(Greeting::link(&package)?, PoolSettings::default(), || ());
/// let answer = pool.get()?.greet("you")?;
/// # Ok(())
/// # }
/// ```
///
/// An instance keeps its state between callers. Where that must not be, [`PoolSettings::uses`] is 1.
pub struct Pool<C: Client>(Arc<Shared<C>>);

struct Shared<C: Client> {
    linked: Linked<C>,
    settings: PoolSettings,
    host: Box<dyn Fn() -> C::Host + Send + Sync>,
    state: Mutex<State<C>>,
}

struct State<C> {
    ready: Vec<Ready<C>>,
    /// Those who wait, first come first served.
    queue: VecDeque<Arc<Waiter>>,
    /// No instance is made before that.
    paused_until: Option<Instant>,
    stats: PoolStats,
}

struct Ready<C> {
    client: C,
    uses: u64,
}

impl<C: Client> Clone for Pool<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C: Client> fmt::Debug for Pool<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("settings", &self.0.settings)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

impl<C: Client> Pool<C> {
    /// A pool, still without instances. `host` makes the host's data of each.
    pub fn new(
        linked: Linked<C>,
        settings: PoolSettings,
        host: impl Fn() -> C::Host + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Shared {
            linked,
            settings,
            host: Box::new(host),
            state: Mutex::new(State {
                ready: Vec::new(),
                queue: VecDeque::new(),
                paused_until: None,
                stats: PoolStats::default(),
            }),
        }))
    }

    /// Gives out an instance, when there is one.
    ///
    /// # Errors
    ///
    /// [`PoolError::Full`] if too many wait already, and [`PoolError::TimedOut`] if none comes free in time;
    /// [`PoolError::Instantiate`] if none can be made; [`PoolError::BackOff`] or [`PoolError::Closed`] after failures, as
    /// [`PoolSettings::policy`] says.
    pub fn get(&self) -> Result<Pooled<C>, PoolError>
    where
        C: BlockingWorld,
    {
        let start = Instant::now();
        let mut ticket = self.enter()?;
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        while ticket.poll(&mut Context::from_waker(&waker)).is_pending() {
            let waited = start.elapsed();
            match self.0.settings.wait.checked_sub(waited) {
                Some(left) if !left.is_zero() => thread::park_timeout(left),
                _ => return Err(self.refuse(PoolError::TimedOut { waited })),
            }
        }
        match ticket.take()? {
            Some(ready) => Ok(self.give(ready)),
            None => {
                let made = self.0.linked.instantiate((self.0.host)());
                self.made(ticket, made)
            }
        }
    }

    /// Gives out an instance, when there is one. A caller that waits does not block its thread. Dropping the future gives
    /// up the place in the queue.
    ///
    /// [`PoolSettings::wait`] does not apply: whoever runs the future has timers.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get), but for [`PoolError::TimedOut`].
    #[cfg(feature = "async")]
    pub async fn get_async(&self) -> Result<Pooled<C>, PoolError>
    where
        C: AsyncWorld,
    {
        let mut ticket = self.enter()?;
        std::future::poll_fn(|context| ticket.poll(context)).await;
        match ticket.take()? {
            Some(ready) => Ok(self.give(ready)),
            None => {
                let made = self.0.linked.instantiate_async((self.0.host)()).await;
                self.made(ticket, made)
            }
        }
    }

    /// What the pool has, and what it has done.
    pub fn stats(&self) -> PoolStats {
        let state = self.0.lock();
        PoolStats {
            ready: state.ready.len(),
            waiting: state.queue.len(),
            ..state.stats
        }
    }

    /// Forgets the failures so far, and goes on: opens a pool that is closed, and ends a pause.
    pub fn reopen(&self) {
        let mut state = self.0.lock();
        state.stats.failures = 0;
        state.paused_until = None;
    }

    /// Takes a place, in the queue if need be.
    fn enter(&self) -> Result<Ticket<'_, C>, PoolError> {
        let mut state = self.0.lock();
        let pool = &*self.0;
        // While callers wait there is no place: one that comes free is the first one's.
        if state.stats.in_use < pool.settings.instances {
            state.stats.in_use += 1;
            let claim = Claim::Held;
            return Ok(Ticket { pool, claim });
        }
        let waiting = state.queue.len();
        if waiting >= pool.settings.queue {
            state.stats.refused += 1;
            return Err(PoolError::Full { waiting });
        }
        let waiter = Arc::new(Waiter::default());
        state.queue.push_back(Arc::clone(&waiter));
        let claim = Claim::Queued(waiter);
        Ok(Ticket { pool, claim })
    }

    fn refuse(&self, error: PoolError) -> PoolError {
        self.0.lock().stats.refused += 1;
        error
    }

    fn give(&self, ready: Ready<C>) -> Pooled<C> {
        Pooled {
            ready: Some(ready),
            pool: Arc::clone(&self.0),
        }
    }

    fn made(
        &self,
        mut ticket: Ticket<'_, C>,
        made: Result<C, Error>,
    ) -> Result<Pooled<C>, PoolError> {
        let mut state = self.0.lock();
        match made {
            Ok(client) => {
                state.stats.made += 1;
                drop(state);
                ticket.claim = Claim::Passed;
                Ok(self.give(Ready { client, uses: 0 }))
            }
            Err(error) => {
                if error.is_of_the_package() {
                    state.failed(self.0.settings.policy);
                }
                state.stats.refused += 1;
                Err(PoolError::Instantiate(error))
            }
        }
    }
}

impl<C: Client> Shared<C> {
    fn lock(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C> State<C> {
    /// A place comes free: the first in the queue gets it.
    fn leave(&mut self) {
        match self.queue.pop_front() {
            Some(next) => next.come(),
            None => self.stats.in_use -= 1,
        }
    }

    fn failed(&mut self, policy: PoolPolicy) {
        self.stats.failures = self.stats.failures.saturating_add(1);
        if let PoolPolicy::Restart { first, longest } = policy {
            let doublings = (self.stats.failures - 1).min(31);
            let pause = first.saturating_mul(1 << doublings).min(longest);
            self.paused_until = Instant::now().checked_add(pause);
        }
    }

    fn may_go_on(&self, policy: PoolPolicy) -> Result<(), PoolError> {
        let failures = self.stats.failures;
        match policy {
            PoolPolicy::FailClosed { failures: most } if failures >= most => {
                Err(PoolError::Closed { failures })
            }
            _ => Ok(()),
        }
    }

    fn may_make(&self) -> Result<(), PoolError> {
        let left = |until: Instant| until.saturating_duration_since(Instant::now());
        match self.paused_until.map(left) {
            Some(retry_after) if !retry_after.is_zero() => Err(PoolError::BackOff {
                failures: self.stats.failures,
                retry_after,
            }),
            _ => Ok(()),
        }
    }
}

/// A caller's claim to one place of the pool.
struct Ticket<'p, C: Client> {
    pool: &'p Shared<C>,
    claim: Claim,
}

enum Claim {
    /// The caller waits for a place.
    Queued(Arc<Waiter>),
    /// The place is the caller's.
    Held,
    /// The place is that of the instance that the caller has got.
    Passed,
}

impl<C: Client> Ticket<'_, C> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Claim::Queued(waiter) = &self.claim {
            if waiter.poll(context).is_pending() {
                return Poll::Pending;
            }
            self.claim = Claim::Held;
        }
        Poll::Ready(())
    }

    /// An instance; `None` if one has to be made.
    fn take(&mut self) -> Result<Option<Ready<C>>, PoolError> {
        let mut state = self.pool.lock();
        let policy = self.pool.settings.policy;
        if let Err(error) = state.may_go_on(policy) {
            state.stats.refused += 1;
            return Err(error);
        }
        if let Some(ready) = state.ready.pop() {
            self.claim = Claim::Passed;
            return Ok(Some(ready));
        }
        if let Err(error) = state.may_make() {
            state.stats.refused += 1;
            return Err(error);
        }
        Ok(None)
    }
}

/// A caller who goes without an instance leaves the place to the next.
impl<C: Client> Drop for Ticket<'_, C> {
    fn drop(&mut self) {
        let mut state = self.pool.lock();
        let has_place = match &self.claim {
            Claim::Passed => false,
            Claim::Held => true,
            Claim::Queued(own) => {
                let place = state
                    .queue
                    .iter()
                    .position(|waiter| Arc::ptr_eq(waiter, own));
                match place {
                    Some(place) => {
                        state.queue.remove(place);
                        false
                    }
                    // It was called, and did not come to see it.
                    None => true,
                }
            }
        };
        if has_place {
            state.leave();
        }
    }
}

/// A caller that waits for its turn.
#[derive(Default)]
struct Waiter(Mutex<Turn>);

#[derive(Default)]
enum Turn {
    #[default]
    NotYet,
    Waiting(Waker),
    /// There is a place, which no one else takes.
    Come,
}

impl Waiter {
    fn lock(&self) -> MutexGuard<'_, Turn> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut turn = self.lock();
        if matches!(*turn, Turn::Come) {
            return Poll::Ready(());
        }
        *turn = Turn::Waiting(context.waker().clone());
        Poll::Pending
    }

    fn come(&self) {
        let before = std::mem::replace(&mut *self.lock(), Turn::Come);
        if let Turn::Waiting(waker) = before {
            waker.wake();
        }
    }
}

/// Wakes a thread that waits.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// An instance that a caller has for a while: [`Pool::get`]. When it is dropped, the pool has it back.
pub struct Pooled<C: Client> {
    /// There until the pool has it back.
    ready: Option<Ready<C>>,
    pool: Arc<Shared<C>>,
}

impl<C: Client + fmt::Debug> fmt::Debug for Pooled<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pooled").field(&**self).finish()
    }
}

const GONE: &str = "only the end of the value takes the instance from it";

impl<C: Client> Deref for Pooled<C> {
    type Target = C;

    fn deref(&self) -> &C {
        match &self.ready {
            Some(ready) => &ready.client,
            None => unreachable!("{GONE}"),
        }
    }
}

impl<C: Client> DerefMut for Pooled<C> {
    fn deref_mut(&mut self) -> &mut C {
        match &mut self.ready {
            Some(ready) => &mut ready.client,
            None => unreachable!("{GONE}"),
        }
    }
}

impl<C: Client> Drop for Pooled<C> {
    fn drop(&mut self) {
        let Some(mut ready) = self.ready.take() else {
            return;
        };
        ready.uses += 1;
        let is_spoilt = Client::instance(&ready.client).poisoned().is_some();
        let is_retired = self
            .pool
            .settings
            .uses
            .is_some_and(|most| ready.uses >= most);
        let mut state = self.pool.lock();
        let dropped = if is_spoilt {
            state.stats.spoilt += 1;
            state.failed(self.pool.settings.policy);
            Some(ready)
        } else {
            // What is closed stays so: others may have been in use meanwhile.
            if state.may_go_on(self.pool.settings.policy).is_ok() {
                state.stats.failures = 0;
                state.paused_until = None;
            }
            if is_retired {
                state.stats.retired += 1;
                Some(ready)
            } else {
                state.ready.push(ready);
                None
            }
        };
        drop(state);
        // Its memory is given back before another instance may be made, and not while others wait for the lock.
        drop(dropped);
        self.pool.lock().leave();
    }
}
