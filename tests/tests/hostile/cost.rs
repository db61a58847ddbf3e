//! What a piece of work costs: memory, as an allocator that counts sees it, and time.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt::Debug;
use std::time::{Duration, Instant};

/// Counts what each thread allocates.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.get() + layout.size();
        LIVE.set(live);
        PEAK.set(PEAK.get().max(live));
        LARGEST.set(LARGEST.get().max(layout.size()));
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // What another thread allocated is not counted here.
        LIVE.set(LIVE.get().saturating_sub(layout.size()));
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// What a piece of work cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// The largest single allocation.
    pub(crate) largest: usize,
    /// The most memory in use at once, beyond what was in use before.
    pub(crate) peak: usize,
    pub(crate) time: Duration,
}

pub(crate) fn cost<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let (start, before) = (Instant::now(), LIVE.get());
    PEAK.set(before);
    LARGEST.set(0);
    let outcome = work();
    let cost = Cost {
        largest: LARGEST.get(),
        peak: PEAK.get().saturating_sub(before),
        time: start.elapsed(),
    };
    (outcome, cost)
}

/// No allocation is larger than so many times the message, where every element takes at least one byte of it:
/// a byte becomes at most one `Value`.
pub(crate) const MULTIPLE: usize = 32;

/// All of the memory together, against the message: values, the names in them, and the table of nodes.
pub(crate) const PEAK_MULTIPLE: usize = 64;

/// Small allocations that do not depend on the length of the message: errors, the names in paths.
pub(crate) const SLACK: usize = 2048;

impl Cost {
    pub(crate) fn check(self, message: &[u8], what: &dyn Debug) {
        let len = message.len();
        assert!(
            self.largest <= MULTIPLE * len + SLACK,
            "{what:?} {self:?} {len} {message:?}"
        );
        assert!(
            self.peak <= PEAK_MULTIPLE * len + 2 * SLACK,
            "{what:?} {self:?} {len} {message:?}"
        );
        assert!(
            self.time < Duration::from_secs(5),
            "{what:?} {self:?} {message:?}"
        );
    }
}
