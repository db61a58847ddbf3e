//! Traces: what went into a package and came out of it, so that it can be run again.

mod format;
mod read;
mod record;
mod replay;

pub use format::{TRACE_VERSION, TracedFailure};
pub use read::{Trace, TraceError, TracedPackage};
pub use record::Recorder;
pub use replay::{Divergence, Replay, ReplayError, Replayed};
