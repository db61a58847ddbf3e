//! The passing of time, for calls that may take only so long: a thread that ticks while there are instances with such a
//! limit. A tick makes every guest that runs look at the clock (the engine's epochs), and wakes the futures of calls that
//! wait in a host function.

#[cfg(feature = "async")]
use std::collections::BTreeMap;
use std::fmt;
use std::io;
#[cfg(feature = "async")]
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
#[cfg(feature = "async")]
use std::task::Waker;
use std::thread;
use std::time::{Duration, Instant};

use wasmtime::Engine;

/// How often the clock is looked at.
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// After so many ticks without an instance the thread waits for the next: hosts that make one instance after the other
/// should not pay for waking it each time.
const LINGER: u32 = 100;

/// Owns the thread. When it is dropped, so is the thread.
pub(crate) struct Ticker(Arc<Shared>);

struct Shared {
    engine: Engine,
    start: Instant,
    /// Ticks that have passed since `start`, as far as the thread has noticed.
    ticks: AtomicU64,
    /// How many want ticks.
    users: AtomicUsize,
    /// Whether the thread ticks by itself. If not, it waits to be told, or does not exist yet.
    is_ticking: AtomicBool,
    thread: Mutex<Thread>,
    changed: Condvar,
}

#[derive(Default)]
struct Thread {
    exists: bool,
    stop: bool,
    #[cfg(feature = "async")]
    sleepers: BTreeMap<u64, Sleeper>,
    #[cfg(feature = "async")]
    next_sleeper: u64,
}

#[cfg(feature = "async")]
impl Thread {
    /// Who wants to be woken now.
    fn due(&mut self, now: u64) -> Vec<Waker> {
        let due = self
            .sleepers
            .extract_if(.., |_, sleeper| sleeper.until <= now);
        due.map(|(_, sleeper)| sleeper.waker).collect()
    }
}

#[cfg(feature = "async")]
struct Sleeper {
    until: u64,
    waker: Waker,
}

impl fmt::Debug for Ticker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticker")
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.0.lock().stop = true;
        self.0.changed.notify_all();
    }
}

impl Ticker {
    pub(crate) fn new(engine: Engine) -> Self {
        Self(Arc::new(Shared {
            engine,
            start: Instant::now(),
            ticks: AtomicU64::new(0),
            users: AtomicUsize::new(0),
            is_ticking: AtomicBool::new(false),
            thread: Mutex::default(),
            changed: Condvar::new(),
        }))
    }

    /// Makes time pass as long as the clock exists.
    ///
    /// # Errors
    ///
    /// If the thread cannot be made.
    pub(crate) fn clock(&self, limit: Option<Duration>) -> io::Result<Clock> {
        let shared = Arc::clone(&self.0);
        shared.users.fetch_add(1, Ordering::SeqCst);
        let clock = Clock {
            shared,
            limit: Allowance::of(limit),
            started: 0,
            stopped: 0,
        };
        if !self.0.is_ticking.load(Ordering::SeqCst) {
            Shared::wake(&self.0)?;
        }
        Ok(clock)
    }
}

/// Rounded up, and one more: the first may end as soon as it has begun.
fn ticks_of(time: Duration) -> u64 {
    let ticks = time.as_nanos().div_ceil(TICK.as_nanos());
    u64::try_from(ticks).unwrap_or(u64::MAX).saturating_add(1)
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Thread> {
        self.thread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    fn now(&self) -> u64 {
        self.ticks.load(Ordering::Relaxed)
    }

    fn look_at_the_clock(&self) -> u64 {
        let ticks = self.start.elapsed().as_nanos() / TICK.as_nanos();
        let ticks = u64::try_from(ticks).unwrap_or(u64::MAX);
        self.ticks.store(ticks, Ordering::Relaxed);
        ticks
    }

    #[cold]
    fn wake(this: &Arc<Self>) -> io::Result<()> {
        let mut thread = this.lock();
        this.look_at_the_clock();
        if !thread.exists {
            let shared = Arc::clone(this);
            thread::Builder::new()
                .name("pack-ticker".to_owned())
                .spawn(move || shared.tick())?;
            thread.exists = true;
        }
        this.changed.notify_all();
        Ok(())
    }

    fn is_wanted(&self) -> bool {
        self.users.load(Ordering::SeqCst) > 0
    }

    /// What the thread does.
    fn tick(&self) {
        let mut thread = self.lock();
        let mut idle = 0;
        self.is_ticking.store(true, Ordering::SeqCst);
        while !thread.stop {
            idle = if self.is_wanted() { 0 } else { idle + 1 };
            if idle > LINGER {
                // Who comes in between sees that nothing ticks, and takes the lock to say so.
                self.is_ticking.store(false, Ordering::SeqCst);
                while !thread.stop && !self.is_wanted() {
                    let wait = self.changed.wait(thread);
                    thread = wait.unwrap_or_else(PoisonError::into_inner);
                }
                self.is_ticking.store(true, Ordering::SeqCst);
                idle = 0;
            }
            let wait = self.changed.wait_timeout(thread, TICK);
            (thread, _) = wait.unwrap_or_else(PoisonError::into_inner);
            let now = self.look_at_the_clock();
            #[cfg(not(feature = "async"))]
            let _ = now;
            self.engine.increment_epoch();
            #[cfg(feature = "async")]
            {
                let due: Vec<Waker> = thread.due(now);
                // Wakers are other people's code.
                drop(thread);
                for waker in due {
                    // Should one panic, the others are woken all the same, and time passes.
                    let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
                }
                thread = self.lock();
            }
        }
    }
}

/// How long a call may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    ticks: u64,
    time: Duration,
}

impl Allowance {
    pub(crate) fn of(limit: Option<Duration>) -> Self {
        Self {
            ticks: limit.map_or(u64::MAX, ticks_of),
            time: limit.unwrap_or(Duration::MAX),
        }
    }
}

/// The time of one instance's calls.
pub(crate) struct Clock {
    shared: Arc<Shared>,
    limit: Allowance,
    /// When the call began.
    started: u64,
    /// When it ended.
    stopped: u64,
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.shared.users.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Clock {
    /// A call begins.
    #[inline]
    pub(crate) fn start(&mut self) {
        self.started = self.shared.now();
    }

    /// A call ends.
    #[inline]
    pub(crate) fn stop(&mut self) {
        self.stopped = self.shared.now();
    }

    /// How long the last call took, rounded down.
    pub(crate) fn elapsed(&self) -> Duration {
        let ticks = self.stopped.saturating_sub(self.started);
        TICK.saturating_mul(u32::try_from(ticks).unwrap_or(u32::MAX))
    }

    /// The limit, if the call has taken longer.
    pub(crate) fn over(&self) -> Option<Duration> {
        let taken = self.shared.now().saturating_sub(self.started);
        (taken >= self.limit.ticks).then_some(self.limit.time)
    }

    /// Allows the calls to come another time. Returns what was allowed.
    pub(crate) fn allow(&mut self, limit: Allowance) -> Allowance {
        std::mem::replace(&mut self.limit, limit)
    }

    /// Allows what begins now, inside the call that is going on, no more than this. Returns what the call is allowed.
    pub(crate) fn narrow(&mut self, limit: Option<Duration>) -> Allowance {
        let outer = self.limit;
        let inner = Allowance::of(limit);
        let taken = self.shared.now().saturating_sub(self.started);
        let ticks = taken.saturating_add(inner.ticks);
        if ticks < outer.ticks {
            self.limit = Allowance { ticks, ..inner };
        }
        outer
    }

    /// For a call that waits.
    #[cfg(feature = "async")]
    pub(crate) fn deadline(&self) -> Deadline {
        Deadline {
            shared: Arc::clone(&self.shared),
            until: self.started.saturating_add(self.limit.ticks),
            time: self.limit.time,
            sleeper: None,
        }
    }
}

/// The end of the time of a call, for its future.
#[cfg(feature = "async")]
pub(crate) struct Deadline {
    shared: Arc<Shared>,
    until: u64,
    time: Duration,
    sleeper: Option<u64>,
}

#[cfg(feature = "async")]
impl Deadline {
    /// The limit, if the call has taken longer.
    pub(crate) fn over(&self) -> Option<Duration> {
        (self.shared.now() >= self.until).then_some(self.time)
    }

    /// Has the waker called when the time is over.
    pub(crate) fn wake_at_end(&mut self, waker: &Waker) {
        let mut thread = self.shared.lock();
        let number = *self.sleeper.get_or_insert_with(|| {
            thread.next_sleeper += 1;
            thread.next_sleeper
        });
        let sleeper = Sleeper {
            until: self.until,
            waker: waker.clone(),
        };
        thread.sleepers.insert(number, sleeper);
    }
}

#[cfg(feature = "async")]
impl Drop for Deadline {
    fn drop(&mut self) {
        if let Some(number) = self.sleeper {
            self.shared.lock().sleepers.remove(&number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticker() -> Ticker {
        Ticker::new(Engine::default())
    }

    fn wait_for(what: impl Fn() -> bool) {
        let start = Instant::now();
        while !what() {
            assert!(start.elapsed() < Duration::from_secs(30));
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn time_passes_only_while_there_are_clocks() {
        let ticker = ticker();
        let mut clock = ticker.clock(Some(Duration::from_millis(25))).unwrap();
        clock.start();
        assert!(clock.over().is_none());
        wait_for(|| clock.over().is_some());
        clock.stop();
        assert!(clock.elapsed() >= Duration::from_millis(25));
        drop(clock);
        wait_for(|| !ticker.0.is_ticking.load(Ordering::SeqCst));
        let stopped = ticker.0.now();
        thread::sleep(3 * TICK);
        assert_eq!(ticker.0.now(), stopped);
        // The time in which nothing ticked is not held against the next.
        let mut clock = ticker.clock(Some(Duration::from_millis(25))).unwrap();
        clock.start();
        assert!(clock.started > stopped);
        wait_for(|| clock.over().is_some());
    }

    #[test]
    #[cfg(feature = "async")]
    fn a_waker_that_panics_does_not_stop_time() {
        struct Bomb;

        impl std::task::Wake for Bomb {
            fn wake(self: Arc<Self>) {
                panic!("nobody is to be woken");
            }
        }

        let ticker = ticker();
        let mut clock = ticker.clock(Some(TICK)).unwrap();
        clock.start();
        let mut deadline = clock.deadline();
        deadline.wake_at_end(&Waker::from(Arc::new(Bomb)));
        wait_for(|| clock.over().is_some());
        for _ in 0..3 {
            clock.start();
            wait_for(|| clock.over().is_some());
        }
    }

    #[test]
    fn the_thread_ends_with_its_owner() {
        let ticker = ticker();
        let clock = ticker.clock(Some(TICK)).unwrap();
        let shared = Arc::downgrade(&ticker.0);
        drop((clock, ticker));
        wait_for(|| shared.strong_count() == 0);
    }

    #[test]
    fn a_limit_is_never_less_than_it_says() {
        for (time, ticks) in [(0, 1), (1, 2), (10, 2), (11, 3), (1000, 101)] {
            assert_eq!(ticks_of(Duration::from_millis(time)), ticks, "{time} ms");
        }
        assert_eq!(ticks_of(Duration::MAX), u64::MAX);
    }
}
