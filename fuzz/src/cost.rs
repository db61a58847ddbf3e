//! What a piece of work costs.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt::Debug;
use std::time::{Duration, Instant};

/// The system's allocator, which counts what each thread has. In a program without it, memory costs nothing.
#[derive(Debug)]
pub struct Counting;

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.get().saturating_add(layout.size());
        LIVE.set(live);
        PEAK.set(PEAK.get().max(live));
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

/// No work takes longer, in builds without optimization and on busy machines either.
const SOON: Duration = Duration::from_secs(10);

/// Does the work, and panics if it took more than so many bytes at once beyond what was there before, or long.
pub(crate) fn bounded<T>(bytes: usize, what: &dyn Debug, work: impl FnOnce() -> T) -> T {
    let (start, before) = (Instant::now(), LIVE.get());
    PEAK.set(before);
    let outcome = work();
    let (peak, time) = (PEAK.get().saturating_sub(before), start.elapsed());
    assert!(peak <= bytes, "{peak} bytes instead of {bytes}: {what:?}");
    assert!(time < SOON, "{time:?}: {what:?}");
    outcome
}
