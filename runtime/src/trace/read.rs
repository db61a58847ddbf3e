use std::collections::BTreeMap;
use std::io;

use pack_abi::DecodeError;
use pack_abi::wire::decode;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::format::{
    BeginRecord, EndRecord, MAGIC, OutcomeRecord, PackageRecord, RECORD_LIMITS, Record,
    TRACE_VERSION,
};
use crate::package::Digest;

/// A trace: the calls of packages, as a [`Recorder`](crate::Recorder) wrote them down.
///
/// ```
/// use pack_runtime::{Recorder, Trace};
///
/// // Of a package that nobody has called.
/// let recorder = Recorder::new(Vec::new(), 1 << 20);
/// let trace = Trace::read(&recorder.finish()?)?;
///
/// assert!(trace.is_whole());
/// assert_eq!(trace.call_count(), 0);
/// for package in trace.packages() {
///     println!("{} of {}", package.part, package.digest);
/// }
/// # Ok::<(), pack_runtime::TraceError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Trace {
    pub(super) packages: Vec<TracedPackage>,
    /// In the order in which they began.
    pub(super) calls: Vec<TracedCall>,
    is_whole: bool,
}

/// A package that a trace is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TracedPackage {
    /// Its name in a composition; otherwise that of its world.
    pub part: String,
    /// Its world's name.
    pub world: String,
    /// The SHA-256 of its bytes.
    pub digest: Digest,
    /// The SHA-256 of its metadata, which says what it imports and exports.
    pub schema: Digest,
}

#[derive(Debug, Clone)]
pub(super) struct TracedCall {
    pub(super) begin: BeginRecord,
    /// None if the trace ends before the call does.
    pub(super) outcome: Option<OutcomeRecord>,
}

/// Why a trace cannot be written or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TraceError {
    /// The bytes do not begin as a trace does.
    #[error("this is no trace: it does not begin with `PACKTRCE`")]
    NotATrace,
    /// The trace is of another version of the format.
    #[error("the trace has the format version {found}, and this library reads {TRACE_VERSION}")]
    Version {
        /// Its version.
        found: u32,
    },
    /// The trace ends before it says that it does.
    #[error("the trace is cut off after {at} bytes: who wrote it did not come to an end")]
    Cut {
        /// How many bytes there are.
        at: usize,
    },
    /// A record cannot be read.
    #[error("the record at byte {at} of the trace cannot be read: {error}")]
    Record {
        /// Where it begins.
        at: usize,
        /// What is wrong with it.
        error: DecodeError,
    },
    /// A record does not go with those before it.
    #[error("the record at byte {at} of the trace does not belong there: {problem}")]
    Misplaced {
        /// Where it begins.
        at: usize,
        /// Why not.
        problem: &'static str,
    },
    /// The bytes are not those that were written.
    #[error("the trace has been altered after it was written: its digest is another")]
    Altered,
    /// There are bytes after the end.
    #[error("there are bytes after the end of the trace, which is at byte {at}")]
    Trailing {
        /// Where it ends.
        at: usize,
    },
    /// The writer failed.
    #[error("the trace cannot be written: {0}")]
    Write(#[source] io::Error),
    /// The trace has been finished before.
    #[error("the trace has been finished already")]
    Finished,
}

impl Trace {
    /// Reads a trace.
    ///
    /// # Errors
    ///
    /// If the bytes are no trace, are cut off, or are not as they were written. That the recorder's limit has ended the trace
    /// is no error: [`is_whole`](Self::is_whole).
    pub fn read(bytes: &[u8]) -> Result<Self, TraceError> {
        let Some((magic, rest)) = bytes.split_first_chunk() else {
            return Err(TraceError::NotATrace);
        };
        if magic != MAGIC {
            return Err(TraceError::NotATrace);
        }
        let cut = TraceError::Cut { at: bytes.len() };
        let Some((version, mut rest)) = rest.split_first_chunk() else {
            return Err(cut);
        };
        let found = u32::from_le_bytes(*version);
        if found != TRACE_VERSION {
            return Err(TraceError::Version { found });
        }
        let mut reading = Reading::default();
        loop {
            let at = bytes.len() - rest.len();
            let message;
            (message, rest) = next_message(rest).ok_or(TraceError::Cut { at: bytes.len() })?;
            let record = decode::<Record>(message, RECORD_LIMITS);
            let record = record.map_err(|error| TraceError::Record { at, error })?;
            let misplaced = |problem| TraceError::Misplaced { at, problem };
            match record {
                Record::Package(package) => reading.package(package).map_err(misplaced)?,
                Record::Begin(begin) => reading.begin(begin).map_err(misplaced)?,
                Record::End(end) => reading.end(end).map_err(misplaced)?,
                Record::Finish(finish) => {
                    let before = bytes.get(..at).unwrap_or_default();
                    let hash = Sha256::new_with_prefix(before);
                    let hash = hash.chain_update([u8::from(finish.is_whole)]);
                    if *hash.finalize() != *finish.digest {
                        return Err(TraceError::Altered);
                    }
                    if !rest.is_empty() {
                        let at = bytes.len() - rest.len();
                        return Err(TraceError::Trailing { at });
                    }
                    return Ok(Self {
                        packages: reading.packages,
                        calls: reading.calls,
                        is_whole: finish.is_whole,
                    });
                }
            }
        }
    }

    /// The packages it is about.
    pub fn packages(&self) -> &[TracedPackage] {
        &self.packages
    }

    /// How many calls there are in it, of exports and of imports.
    pub fn call_count(&self) -> usize {
        self.calls.len()
    }

    /// Whether all that was called is there: not if the recorder's limit was reached.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }
}

fn next_message(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    rest.split_at_checked(length)
}

#[derive(Default)]
struct Reading {
    packages: Vec<TracedPackage>,
    calls: Vec<TracedCall>,
    /// Where calls are that have begun and not ended, by instance and number.
    open: BTreeMap<(u32, u64), usize>,
}

impl Reading {
    fn package(&mut self, record: PackageRecord) -> Result<(), &'static str> {
        let digest = |bytes: &[u8]| {
            let bytes = bytes.try_into().ok();
            bytes.map(Digest::from_bytes).ok_or("a digest has 32 bytes")
        };
        self.packages.push(TracedPackage {
            digest: digest(&record.digest)?,
            schema: digest(&record.schema)?,
            part: record.part,
            world: record.world,
        });
        Ok(())
    }

    fn begin(&mut self, begin: BeginRecord) -> Result<(), &'static str> {
        let package = usize::try_from(begin.package).ok();
        if package
            .and_then(|package| self.packages.get(package))
            .is_none()
        {
            return Err("its package has not been named");
        }
        let key = (begin.instance, begin.call);
        if self.open.insert(key, self.calls.len()).is_some() {
            return Err("a call of this number is going on");
        }
        self.calls.push(TracedCall {
            begin,
            outcome: None,
        });
        Ok(())
    }

    fn end(&mut self, end: EndRecord) -> Result<(), &'static str> {
        let at = self.open.remove(&(end.instance, end.call));
        match at.and_then(|at| self.calls.get_mut(at)) {
            Some(call) => {
                call.outcome = Some(end.outcome);
                Ok(())
            }
            None => Err("no call of this number has begun"),
        }
    }
}
