use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pack_abi::wire::encode_into;
use sha2::{Digest as _, Sha256};

use super::format::{
    BeginRecord, EndRecord, FinishRecord, MAGIC, OutcomeRecord, PackageRecord, RECORD_LIMITS,
    Record, TRACE_VERSION, TracedFailure,
};
use super::read::TraceError;
use crate::host_interface::HostError;
use crate::interceptor::{Action, Call, Interceptor, Outcome};
use crate::package::Digest;

/// Writes down the calls of packages, in both directions: an [`Interceptor`], which is put around a package or a whole
/// composition. What it writes is a trace, which [`Trace`](crate::Trace) reads and [`Replay`](crate::Replay) runs again.
///
/// A replay runs what was next to the package. So the recorder belongs there: it is put around last, inside of interceptors
/// that answer or stop calls.
///
/// Clones write to the same trace. Calls of several instances can go into one. What is written goes to the writer at
/// once; how much that may be is the recorder's limit, and when it is reached, the trace ends there and says so. An error
/// of the writer does no harm to the calls: it ends the trace, and [`finish`](Self::finish) returns it.
///
/// ```no_run
/// # use pack_runtime::{Error, Instance, Linker, Package, Recorder};
/// # fn demo(package: &Package) -> Result<(), Box<dyn std::error::Error>> {
/// let recorder = Recorder::new(Vec::new(), 64 << 20);
/// let linker = Linker::new(package)?.intercept(recorder.clone());
/// let mut instance = linker.link::<Instance<()>>()?.instantiate(())?;
/// instance.call("$root", "run", &[])?;
/// std::fs::write("run.trace", recorder.finish()?)?;
/// # Ok(())
/// # }
/// ```
pub struct Recorder<W: Write>(Arc<Mutex<Writing<W>>>);

impl<W: Write> Clone for Recorder<W> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<W: Write> fmt::Debug for Recorder<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let writing = self.lock();
        f.debug_struct("Recorder")
            .field("bytes", &writing.written)
            .field("limit", &writing.limit)
            .finish_non_exhaustive()
    }
}

struct Writing<W: Write> {
    /// Until the trace is finished.
    writer: Option<W>,
    limit: u64,
    written: u64,
    hash: Sha256,
    packages: Vec<(String, Digest)>,
    /// Their numbers, by those they have here.
    instances: BTreeMap<u64, u32>,
    /// Calls that have begun and not ended, by instance and number.
    open: BTreeSet<(u64, u64)>,
    is_finished: bool,
    is_full: bool,
    failed: Option<io::Error>,
}

impl<W: Write> Recorder<W> {
    /// A recorder that writes at most `limit` bytes, besides a few that say that there are more.
    pub fn new(writer: W, limit: u64) -> Self {
        let mut writing = Writing {
            writer: Some(writer),
            limit,
            written: 0,
            hash: Sha256::new(),
            packages: Vec::new(),
            instances: BTreeMap::new(),
            open: BTreeSet::new(),
            is_finished: false,
            is_full: false,
            failed: None,
        };
        writing.put(MAGIC);
        writing.put(&TRACE_VERSION.to_le_bytes());
        Self(Arc::new(Mutex::new(writing)))
    }

    /// Ends the trace, and gives the writer back. What is called later is not written any more.
    ///
    /// A trace that is not finished is finished when the last clone of its recorder goes.
    ///
    /// # Errors
    ///
    /// [`TraceError::Write`] if the writer has failed, [`TraceError::Finished`] if the trace has been finished before.
    pub fn finish(&self) -> Result<W, TraceError> {
        let mut writing = self.lock();
        writing.finish(true);
        if let Some(error) = writing.failed.take() {
            return Err(TraceError::Write(error));
        }
        writing.writer.take().ok_or(TraceError::Finished)
    }

    /// Whether there was more than the limit has room for, so that the trace ends before the calls do.
    pub fn is_full(&self) -> bool {
        self.lock().is_full
    }

    fn lock(&self) -> MutexGuard<'_, Writing<W>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Write> Drop for Writing<W> {
    fn drop(&mut self) {
        self.finish(true);
    }
}

impl<W: Write> Writing<W> {
    /// Whether there will be no more.
    fn is_over(&self) -> bool {
        self.is_finished || self.failed.is_some()
    }

    fn put(&mut self, bytes: &[u8]) {
        if self.failed.is_some() {
            return;
        }
        let Some(writer) = &mut self.writer else {
            return;
        };
        if let Err(error) = writer.write_all(bytes) {
            self.failed = Some(error);
            return;
        }
        self.hash.update(bytes);
        self.written += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    }

    fn record(&mut self, record: &Record) {
        if self.is_over() {
            return;
        }
        let message = encode_into(Vec::new(), RECORD_LIMITS, record).ok();
        let length = message.as_ref().and_then(|m| u32::try_from(m.len()).ok());
        let room = self.limit.saturating_sub(self.written);
        match (message, length) {
            (Some(message), Some(length)) if u64::from(length) + 4 <= room => {
                self.put(&length.to_le_bytes());
                self.put(&message);
            }
            _ => self.finish(false),
        }
    }

    fn finish(&mut self, is_whole: bool) {
        if self.is_over() {
            return;
        }
        self.is_finished = true;
        self.is_full = !is_whole;
        self.hash.update([u8::from(is_whole)]);
        let digest = self.hash.clone().finalize().to_vec();
        let finish = Record::Finish(FinishRecord { is_whole, digest });
        if let Ok(message) = encode_into(Vec::new(), RECORD_LIMITS, &finish) {
            let length = u32::try_from(message.len()).unwrap_or_default();
            self.put(&length.to_le_bytes());
            self.put(&message);
        }
        if let Some(writer) = &mut self.writer
            && let Err(error) = writer.flush()
        {
            self.failed.get_or_insert(error);
        }
    }

    /// The number of an instance.
    fn instance(&mut self, instance: u64) -> u32 {
        let next = u32::try_from(self.instances.len()).unwrap_or(u32::MAX);
        *self.instances.entry(instance).or_insert(next)
    }

    fn package(&mut self, call: &Call<'_>) -> u32 {
        let (part, package) = (call.part(), call.package());
        let key = (part.to_owned(), package.digest());
        let known = self.packages.iter().position(|known| *known == key);
        let number = known.unwrap_or(self.packages.len());
        if known.is_none() {
            self.record(&Record::Package(PackageRecord {
                part: part.to_owned(),
                world: package.types().world.clone(),
                digest: package.digest().as_bytes().to_vec(),
                schema: Digest::of(package.metadata()).as_bytes().to_vec(),
            }));
            self.packages.push(key);
        }
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    fn begin(&mut self, call: &Call<'_>) {
        // A call that is there already has met this recorder in another place.
        if self.is_over() || !self.open.insert((call.instance, call.id())) {
            return;
        }
        let record = BeginRecord {
            package: self.package(call),
            instance: self.instance(call.instance),
            call: call.id(),
            parent: call.parent(),
            is_import: call.is_import(),
            interface: call.interface().to_owned(),
            function: call.function().to_owned(),
            arguments: call.payload().into(),
        };
        self.record(&Record::Begin(record));
    }

    fn end(&mut self, call: &Call<'_>, outcome: OutcomeRecord) {
        if self.is_over() || !self.open.remove(&(call.instance, call.id())) {
            return;
        }
        let record = EndRecord {
            instance: self.instance(call.instance),
            call: call.id(),
            outcome,
        };
        self.record(&Record::End(record));
    }
}

impl<T, W: Write + Send + 'static> Interceptor<T> for Recorder<W> {
    fn before(&self, _: &mut T, call: &Call<'_>) -> Result<Action, HostError> {
        self.lock().begin(call);
        Ok(Action::Continue)
    }

    fn after(&self, _: &mut T, call: &Call<'_>, outcome: &Outcome<'_>) {
        let record = match (outcome.payload(), outcome.error()) {
            (Some(payload), _) => OutcomeRecord::Returned(payload.into()),
            (None, Some(error)) => OutcomeRecord::Failed(TracedFailure::of(error)),
            (None, None) => OutcomeRecord::Abandoned,
        };
        self.lock().end(call, record);
    }

    fn abandoned(&self, call: &Call<'_>) {
        self.lock().end(call, OutcomeRecord::Abandoned);
    }
}
