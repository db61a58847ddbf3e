//! What packages have to say while they run.
//!
//! A guest tells its host's log of events through the calling convention and not through its contract, so that whatever is
//! in it may do so. In a Rust guest these are lines of the crate `log`, events of `tracing`, and calls of
//! `pack::log::write`. A host that has no [`LogSink`] hears nothing of them.
//!
//! ```
//! use pack_runtime::Runtime;
//! use pack_runtime::log::{LogEvent, LogSink};
//!
//! struct Lines;
//!
//! impl LogSink for Lines {
//!     fn log(&self, event: &LogEvent<'_>) {
//!         eprintln!("{} {}: {:?}", event.level, event.package, event.message);
//!     }
//! }
//!
//! let runtime = Runtime::builder().log(Lines).build()?;
//! # Ok::<(), pack_runtime::Error>(())
//! ```
//!
//! `Tracing`, with the feature `tracing`, passes them on to the host's own `tracing`, not more than so many in a second;
//! [`Collector`] keeps them, for tests. How much a package may log in one call is limited by
//! [`Limits::log_bytes`](crate::Limits::log_bytes), whether anyone listens or not.
//!
//! All text is the guest's: it may hold what steers a terminal, and lines that look like another's.

mod collector;
mod import;
#[cfg(feature = "tracing")]
mod rate;
#[cfg(feature = "tracing")]
mod text;
#[cfg(feature = "tracing")]
mod tracing;

use std::borrow::Cow;
use std::sync::Arc;

use pack_abi::log::{Record, own, own_fields};

use crate::failure::LimitHit;
use crate::limits::LimitKind;
use crate::package::Digest;

pub use self::collector::Collector;
#[cfg(feature = "tracing")]
pub use self::tracing::Tracing;
pub(crate) use import::offer;
pub use pack_abi::log::{Field, FieldValue, Level, Span};

/// Where the events of packages go. It is set for all packages of a runtime by
/// [`RuntimeBuilder::log`](crate::RuntimeBuilder::log), or for one link by [`Linker::log`](crate::Linker::log).
///
/// It is called while the guest waits, on the thread that called the guest; several instances may do so at once. If it
/// panics, the guest's call ends with [`HostProblem::Panic`](crate::HostProblem::Panic), as it does of any host
/// function.
pub trait LogSink: Send + Sync {
    /// Takes an event.
    fn log(&self, event: &LogEvent<'_>);
}

impl<S: LogSink + ?Sized> LogSink for Arc<S> {
    fn log(&self, event: &LogEvent<'_>) {
        (**self).log(event);
    }
}

/// An event of a package.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LogEvent<'a> {
    /// The package's world, with its version: `demo:json-query/json-query@1.0.0`.
    pub package: Cow<'a, str>,
    /// The SHA-256 of the package's bytes, which tells packages of one world apart.
    pub digest: Digest,
    /// How much it matters, as the guest sees it.
    pub level: Level,
    /// Which part of the guest speaks; of a Rust guest, the path of a module.
    pub target: Cow<'a, str>,
    /// The text.
    pub message: Cow<'a, str>,
    /// The source file, as the guest's compiler knew it.
    pub file: Option<Cow<'a, str>>,
    /// The line in that file, from 1.
    pub line: Option<u32>,
    /// What else the guest says of it, by name. A name may be there more than once.
    pub fields: Vec<Field<'a>>,
    /// What was going on in the guest, outermost first.
    pub spans: Vec<Span<'a>>,
}

impl<'a> LogEvent<'a> {
    fn new(package: &'a str, digest: Digest, record: Record<'a>) -> Self {
        Self {
            package: package.into(),
            digest,
            level: record.level,
            target: record.target,
            message: record.message,
            file: record.file,
            line: record.line,
            fields: record.fields,
            spans: record.spans,
        }
    }

    /// The same event, of a life of its own: to be kept, or sent to another thread.
    pub fn into_owned(self) -> LogEvent<'static> {
        LogEvent {
            package: own(self.package),
            digest: self.digest,
            level: self.level,
            target: own(self.target),
            message: own(self.message),
            file: self.file.map(own),
            line: self.line,
            fields: own_fields(self.fields),
            spans: self.spans.into_iter().map(Span::into_owned).collect(),
        }
    }
}

/// Counts what a call logs.
#[derive(Debug)]
pub(crate) struct LogBytes {
    used: usize,
    limit: usize,
}

impl LogBytes {
    pub(crate) fn new(limit: usize) -> Self {
        Self { used: 0, limit }
    }

    /// A call begins.
    #[inline]
    pub(crate) fn begin(&mut self) {
        self.used = 0;
    }

    /// Bytes of the messages of this call or the last.
    pub(crate) fn used(&self) -> usize {
        self.used
    }

    /// Counts a message before it is read.
    fn charge(&mut self, length: u32) -> Result<(), LimitHit> {
        let used = usize::try_from(length).ok();
        let used = used.and_then(|length| self.used.checked_add(length));
        match used.filter(|used| *used <= self.limit) {
            Some(used) => {
                self.used = used;
                Ok(())
            }
            None => Err(LimitHit(LimitKind::LogBytes(self.limit))),
        }
    }
}
