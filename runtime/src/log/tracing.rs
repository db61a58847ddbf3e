//! A sink that passes events on to the host's own.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::rate::{Bucket, Rate};
use super::text::{Fields, Spans, harmless};
use super::{Level, LogEvent, LogSink};
use crate::package::Digest;

/// Passes events on to the host's `tracing`, with the level that the guest gave them. It needs the feature `tracing`.
///
/// Their target is `pack::guest`, so that a filter can treat them apart. What the guest says is in the message and in these
/// fields, on one line and with what could steer a terminal escaped:
///
/// | field | what it is |
/// | --- | --- |
/// | `package` | the package's world |
/// | `guest.target` | the event's own target |
/// | `guest.file`, `guest.line` | where it comes from, if the guest says so |
/// | `guest.fields` | `{name=value name="text"}`, if there are any. The names of fields of `tracing` are fixed when a program is compiled |
/// | `guest.spans` | `outer{name=value}:inner`, if the event is in any |
/// | `guest.suppressed` | how many events of this package were left out before this one, if any were |
///
/// Of each package, as told by its bytes, so many events may come at once, and after that so many in a second: 500 and
/// 100, unless [`with_rate`](Self::with_rate) says otherwise. What the host's filter does not want is not counted.
///
/// ```
/// use pack_runtime::Runtime;
/// use pack_runtime::log::Tracing;
///
/// let runtime = Runtime::builder().log(Tracing::new()).build()?;
/// # Ok::<(), pack_runtime::Error>(())
/// ```
#[derive(Debug)]
pub struct Tracing {
    rate: Rate,
    packages: Mutex<HashMap<Digest, Bucket>>,
}

/// When there are more packages than this, those that were quiet are forgotten.
const MANY_PACKAGES: usize = 1024;

const TARGET: &str = "pack::guest";

impl Default for Tracing {
    fn default() -> Self {
        Self::new()
    }
}

impl Tracing {
    /// With 100 events in a second, and 500 at once.
    pub fn new() -> Self {
        Self {
            rate: Rate::new(100, 500),
            packages: Mutex::default(),
        }
    }

    /// Sets how many events of a package may come in a second, and how many at once. Each is at least 1.
    #[must_use]
    pub fn with_rate(mut self, per_second: u32, burst: u32) -> Self {
        self.rate = Rate::new(per_second, burst);
        self
    }

    /// Lets an event pass: says how many were left out before it.
    fn pass(&self, package: Digest) -> Option<u64> {
        let now = Instant::now();
        let packages = self.packages.lock();
        let mut packages = packages.unwrap_or_else(PoisonError::into_inner);
        if packages.len() >= MANY_PACKAGES && !packages.contains_key(&package) {
            packages.retain(|_, bucket| !bucket.is_new(now));
        }
        let bucket = packages.entry(package);
        bucket
            .or_insert_with(|| Bucket::new(now))
            .pass(self.rate, now)
    }
}

impl LogSink for Tracing {
    fn log(&self, event: &LogEvent<'_>) {
        // Each level is a place of its own in the program, which `tracing` looks at once and remembers.
        macro_rules! emit {
            ($level:ident) => {
                if tracing::enabled!(target: TARGET, tracing::Level::$level)
                    && let Some(suppressed) = self.pass(event.digest)
                {
                    tracing::event!(
                        target: TARGET,
                        tracing::Level::$level,
                        package = &*harmless(&event.package),
                        guest.target = &*harmless(&event.target),
                        guest.file = event.file.as_deref().map(harmless).as_deref(),
                        guest.line = event.line,
                        guest.fields = shown(&event.fields, Fields),
                        guest.spans = shown(&event.spans, Spans),
                        guest.suppressed = (suppressed > 0).then_some(suppressed),
                        "{}",
                        harmless(&event.message),
                    );
                }
            };
        }
        match event.level {
            Level::Error => emit!(ERROR),
            Level::Warn => emit!(WARN),
            Level::Info => emit!(INFO),
            Level::Debug => emit!(DEBUG),
            Level::Trace => emit!(TRACE),
        }
    }
}

/// How to show some parts, if there are any.
fn shown<'a, P, D>(
    parts: &'a [P],
    show: impl FnOnce(&'a [P]) -> D,
) -> Option<tracing::field::DisplayValue<D>>
where
    D: std::fmt::Display,
{
    (!parts.is_empty()).then(|| tracing::field::display(show(parts)))
}
