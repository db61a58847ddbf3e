//! What an instance may use, and what it has used.

use std::fmt;
use std::time::Duration;

use pack_abi::{DecodeErrorKind, Limits as MessageLimits};
use wasmtime::ResourceLimiter;

/// What one instance of a package may use. Whatever it hits is an [`Error::Limit`](crate::Error::Limit), which says
/// which of these it was.
///
/// ```
/// use std::time::Duration;
/// use pack_runtime::{Limits, Runtime};
///
/// let limits = Limits::default()
///     .with_memory(64 << 20)
///     .with_time(Some(Duration::from_secs(1)));
/// let runtime = Runtime::builder().limits(limits).build()?;
/// # Ok::<(), pack_runtime::Error>(())
/// ```
///
/// A runtime has limits for all its packages; [`Package::with_limits`](crate::Package::with_limits) gives a package
/// others, and [`Linked::with_limits`](crate::Linked::with_limits) the instances of one link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of memory. A guest that asks for more gets none, as from a full machine.
    pub memory: usize,
    /// Elements of tables. Those of Rust have one for each function whose address is taken.
    pub table_elements: usize,
    /// Bytes of stack for the guest's own functions. It is one for all packages of a runtime: the machine code
    /// depends on it. The thread that calls needs as much, and what the host's own functions need.
    pub stack: usize,
    /// How long a call may take by the clock, waiting in host functions included, and all that the guest does for it: to
    /// make room for arguments, to drop resources. So may the start of an instance. It is watched in steps of 10 ms.
    /// A host function that blocks its thread is not interrupted; the guest is, when it comes back from it.
    pub time: Option<Duration>,
    /// How much a call may compute: about one unit for each WebAssembly instruction. Unlike time it is the same on
    /// every machine and in every run, but counting makes guests slower, so it is off unless asked for.
    pub fuel: Option<u64>,
    /// Bytes of the arguments of one call, as they lie in guest memory.
    pub argument_bytes: u32,
    /// Bytes of what one call [logs](crate::log), as its messages lie in guest memory, whether anyone listens or not.
    pub log_bytes: usize,
    /// How deep, how many and how large the values are that a guest passes to the host, and whose bytes the host writes
    /// for a guest.
    pub message: MessageLimits,
}

impl Limits {
    /// 256 MiB of memory, 2^20 table elements, 512 KiB of stack, 10 seconds, no fuel, 256 MiB of arguments,
    /// 1 MiB of log, [`MessageLimits::DEFAULT`].
    pub const DEFAULT: Self = Self {
        memory: 256 << 20,
        table_elements: 1 << 20,
        stack: 512 << 10,
        time: Some(Duration::from_secs(10)),
        fuel: None,
        argument_bytes: 256 << 20,
        log_bytes: 1 << 20,
        message: MessageLimits::DEFAULT,
    };

    /// Sets the bytes of memory.
    #[must_use]
    pub const fn with_memory(mut self, bytes: usize) -> Self {
        self.memory = bytes;
        self
    }

    /// Sets the number of table elements.
    #[must_use]
    pub const fn with_table_elements(mut self, elements: usize) -> Self {
        self.table_elements = elements;
        self
    }

    /// Sets the bytes of stack.
    #[must_use]
    pub const fn with_stack(mut self, bytes: usize) -> Self {
        self.stack = bytes;
        self
    }

    /// Sets the time of a call; `None` for as long as it takes.
    #[must_use]
    pub const fn with_time(mut self, time: Option<Duration>) -> Self {
        self.time = time;
        self
    }

    /// Sets the fuel of a call; `None` for as much as it takes.
    #[must_use]
    pub const fn with_fuel(mut self, fuel: Option<u64>) -> Self {
        self.fuel = fuel;
        self
    }

    /// Sets the bytes of arguments.
    #[must_use]
    pub const fn with_argument_bytes(mut self, bytes: u32) -> Self {
        self.argument_bytes = bytes;
        self
    }

    /// Sets the bytes of log.
    #[must_use]
    pub const fn with_log_bytes(mut self, bytes: usize) -> Self {
        self.log_bytes = bytes;
        self
    }

    /// Sets the limits of values.
    #[must_use]
    pub const fn with_message(mut self, message: MessageLimits) -> Self {
        self.message = message;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Which limit was hit, and how much it allows. [`Error::limit`](crate::Error::limit) says it of an error.
///
/// ```
/// use pack_runtime::LimitKind;
///
/// let limit = LimitKind::Fuel(1_000_000);
/// assert_eq!(limit.to_string(), "1000000 units of fuel");
/// assert_eq!(limit.setting(), "Limits::fuel");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitKind {
    /// [`Limits::memory`], in bytes.
    Memory(usize),
    /// [`Limits::table_elements`], in elements.
    TableElements(usize),
    /// [`Limits::stack`], in bytes.
    Stack(usize),
    /// [`Limits::time`].
    Time(Duration),
    /// [`Limits::fuel`], in units of fuel.
    Fuel(u64),
    /// [`Limits::argument_bytes`], in bytes.
    ArgumentBytes(u32),
    /// [`Limits::log_bytes`], in bytes.
    LogBytes(usize),
    /// [`MessageLimits::depth`], of [`Limits::message`], in values inside each other.
    Depth(u32),
    /// [`MAX_LEVELS`](crate::value::MAX_LEVELS), which a [`Value`](crate::Value) has and which cannot be raised.
    Levels(u32),
    /// [`MessageLimits::nodes`], of [`Limits::message`].
    Nodes(u32),
    /// [`MessageLimits::bytes`], of [`Limits::message`], in bytes.
    Bytes(usize),
}

impl LimitKind {
    /// The limit that a value was past, if that is what is wrong with it.
    pub(crate) fn of_value(kind: &DecodeErrorKind) -> Option<Self> {
        match *kind {
            DecodeErrorKind::TooDeep { limit } => Some(Self::Depth(limit)),
            DecodeErrorKind::TooManyLevels { limit } => Some(Self::Levels(limit)),
            DecodeErrorKind::TooManyNodes { limit } => Some(Self::Nodes(limit)),
            DecodeErrorKind::TooManyBytes { limit } => Some(Self::Bytes(limit)),
            _ => None,
        }
    }

    /// The setting that raises it, for messages: `Limits::memory`, `Limits::message.depth`.
    pub fn setting(&self) -> &'static str {
        match self {
            Self::Memory(_) => "Limits::memory",
            Self::TableElements(_) => "Limits::table_elements",
            Self::Stack(_) => "Limits::stack",
            Self::Time(_) => "Limits::time",
            Self::Fuel(_) => "Limits::fuel",
            Self::ArgumentBytes(_) => "Limits::argument_bytes",
            Self::LogBytes(_) => "Limits::log_bytes",
            Self::Depth(_) => "Limits::message.depth",
            Self::Levels(_) => "value::MAX_LEVELS",
            Self::Nodes(_) => "Limits::message.nodes",
            Self::Bytes(_) => "Limits::message.bytes",
        }
    }
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory(bytes) => write!(f, "{bytes} bytes of memory"),
            Self::TableElements(elements) => write!(f, "{elements} table elements"),
            Self::Stack(bytes) => write!(f, "{bytes} bytes of stack"),
            Self::Time(time) => write!(f, "{time:?} of time"),
            Self::Fuel(fuel) => write!(f, "{fuel} units of fuel"),
            Self::ArgumentBytes(bytes) => write!(f, "{bytes} bytes of arguments"),
            Self::LogBytes(bytes) => write!(f, "{bytes} bytes of log"),
            Self::Depth(depth) => write!(f, "{depth} values of recursive types inside each other"),
            Self::Levels(levels) => write!(f, "{levels} values inside each other without types"),
            Self::Nodes(nodes) => write!(f, "{nodes} nodes in a value"),
            Self::Bytes(bytes) => write!(f, "{bytes} bytes of heap memory for a value"),
        }
    }
}

/// What an instance has used: [`Instance::usage`](crate::Instance::usage).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Bytes of memory, now. It never becomes less.
    pub memory: usize,
    /// Elements of tables, now.
    pub table_elements: usize,
    /// How long the last call took: a multiple of 10 ms, rounded down. `None` where [`Limits::time`] is.
    pub time: Option<Duration>,
    /// Fuel of the last call. `None` where [`Limits::fuel`] is.
    pub fuel: Option<u64>,
    /// Bytes of the last call's arguments that were in guest memory.
    pub argument_bytes: usize,
    /// Bytes of the last result that was in guest memory.
    pub result_bytes: usize,
    /// Bytes of what the last call [logged](crate::log), as its messages lay in guest memory.
    pub log_bytes: usize,
}

/// Counts an instance's memory and tables, and refuses what is too much.
#[derive(Debug)]
pub(crate) struct Resources {
    memory: Count,
    table_elements: Count,
    /// How many instances the store may have.
    instances: usize,
    /// What was refused last, in this call.
    pub(crate) refused: Option<LimitKind>,
}

/// Of a kind of thing: how much there is, and how much there may be.
#[derive(Debug)]
struct Count {
    used: usize,
    limit: usize,
    /// What has been granted and may still fail.
    granted: usize,
}

impl Count {
    fn new(limit: usize) -> Self {
        Self {
            used: 0,
            limit,
            granted: 0,
        }
    }

    fn grow(&mut self, current: usize, desired: usize) -> bool {
        let more = desired.saturating_sub(current);
        let fits = self
            .limit
            .checked_sub(self.used)
            .is_some_and(|room| more <= room);
        self.granted = if fits { more } else { 0 };
        self.used += self.granted;
        fits
    }

    fn failed(&mut self) {
        self.used -= std::mem::take(&mut self.granted);
    }
}

impl Resources {
    pub(crate) fn new(limits: &Limits, instances: usize) -> Self {
        Self {
            memory: Count::new(limits.memory),
            table_elements: Count::new(limits.table_elements),
            instances,
            refused: None,
        }
    }

    /// Bytes of memory.
    pub(crate) fn memory(&self) -> usize {
        self.memory.used
    }

    pub(crate) fn table_elements(&self) -> usize {
        self.table_elements.used
    }
}

impl ResourceLimiter for Resources {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let fits = self.memory.grow(current, desired);
        if !fits {
            self.refused = Some(LimitKind::Memory(self.memory.limit));
        }
        Ok(fits)
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.memory.failed();
        Ok(())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let fits = self.table_elements.grow(current, desired);
        if !fits {
            self.refused = Some(LimitKind::TableElements(self.table_elements.limit));
        }
        Ok(fits)
    }

    fn table_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.table_elements.failed();
        Ok(())
    }

    fn instances(&self) -> usize {
        self.instances
    }
}
