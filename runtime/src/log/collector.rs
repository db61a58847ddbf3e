//! A sink that keeps what it hears.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{LogEvent, LogSink};

/// Keeps events, for tests. All clones have the same events.
///
/// ```
/// use pack_runtime::Runtime;
/// use pack_runtime::log::Collector;
///
/// let log = Collector::new();
/// let runtime = Runtime::builder().log(log.clone()).build()?;
/// // Packages are loaded and called, and then:
/// assert!(log.take().iter().all(|event| event.message != "this is wrong"));
/// # Ok::<(), pack_runtime::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Collector {
    kept: Arc<Mutex<Kept>>,
    most: usize,
}

#[derive(Debug, Default)]
struct Kept {
    events: VecDeque<LogEvent<'static>>,
    forgotten: u64,
}

impl Default for Collector {
    fn default() -> Self {
        Self::new()
    }
}

impl Collector {
    /// Keeps 1,024 events; when there are more, the latest.
    pub fn new() -> Self {
        Self::with_most(1024)
    }

    /// Keeps so many events; when there are more, the latest.
    pub fn with_most(events: usize) -> Self {
        Self {
            kept: Arc::default(),
            most: events,
        }
    }

    /// The events, the oldest first.
    pub fn events(&self) -> Vec<LogEvent<'static>> {
        self.kept().events.iter().cloned().collect()
    }

    /// The events, the oldest first. They are not kept any longer, and the count of forgotten ones begins anew.
    pub fn take(&self) -> Vec<LogEvent<'static>> {
        std::mem::take(&mut *self.kept()).events.into()
    }

    /// How many events there were that are not kept because there were too many.
    pub fn forgotten(&self) -> u64 {
        self.kept().forgotten
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LogSink for Collector {
    fn log(&self, event: &LogEvent<'_>) {
        let event = event.clone().into_owned();
        let mut kept = self.kept();
        kept.events.push_back(event);
        while kept.events.len() > self.most {
            kept.events.pop_front();
            kept.forgotten += 1;
        }
    }
}
