//! What goes wrong in a call.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use pack_abi::schema::FunctionName;
use pack_abi::{DecodeError, EncodeError, HandleProblem};

use super::{Error, printable};
use crate::limits::LimitKind;

/// Which call it was.
///
/// It is shown as `interface.function`, and without the interface for a function of the world itself.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct CallSite(Box<Names>);

#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Names {
    package: String,
    interface: String,
    function: String,
}

impl CallSite {
    pub(crate) fn new(package: &str, name: FunctionName<'_>) -> Self {
        Self(Box::new(Names {
            package: package.to_owned(),
            interface: name.interface.to_owned(),
            function: name.function.to_owned(),
        }))
    }

    /// The package's world, with its version: `demo:json-query/json-query@1.0.0`.
    pub fn package(&self) -> &str {
        &self.0.package
    }

    /// The interface's qualified name, `$root` for the world itself. Empty for what is no function of the contract: the
    /// start of the package, and what it has for the calling convention.
    pub fn interface(&self) -> &str {
        &self.0.interface
    }

    /// The function's name.
    pub fn function(&self) -> &str {
        &self.0.function
    }
}

impl fmt::Debug for CallSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallSite({self} of {})", self.0.package)
    }
}

impl fmt::Display for CallSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (interface, function) = (self.interface(), self.function());
        if interface.is_empty() {
            return f.write_str(function);
        }
        FunctionName {
            interface,
            function,
        }
        .fmt(f)
    }
}

/// A trap: the guest did something WebAssembly forbids.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Trap {
    /// The call that trapped.
    pub call: CallSite,
    /// What sort of trap it is, if the engine says.
    pub code: Option<wasmtime::Trap>,
    /// The engine's words.
    pub message: String,
    /// The functions of the guest that were running, innermost first.
    pub backtrace: Vec<String>,
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the package trapped: {}", self.call, self.message)?;
        write_backtrace(f, &self.backtrace)
    }
}

impl StdError for Trap {}

/// A panic of the guest.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GuestPanic {
    /// The call that panicked.
    pub call: CallSite,
    /// The panic's message.
    pub message: String,
    /// The source file, as the guest's compiler knew it; empty if the guest did not say.
    pub file: String,
    /// The line in that file, from 1; 0 if the guest did not say.
    pub line: u32,
    /// The column in that line, from 1; 0 if the guest did not say.
    pub column: u32,
    /// The functions of the guest that were running, innermost first.
    pub backtrace: Vec<String>,
}

impl fmt::Display for GuestPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the package panicked", self.call)?;
        if !self.file.is_empty() {
            let (file, line, column) = (printable(&self.file), self.line, self.column);
            write!(f, " at {file}:{line}:{column}")?;
        }
        write!(f, ": {}", printable(&self.message))
    }
}

impl StdError for GuestPanic {}

/// A limit that the guest ran into.
#[derive(Debug)]
#[non_exhaustive]
pub struct LimitError {
    /// The call that ran into it.
    pub call: CallSite,
    /// Which limit, and how much it allows.
    pub limit: LimitKind,
    /// The functions of the guest that were running, innermost first.
    pub backtrace: Vec<String>,
    /// How the call ended, where that was the guest's own doing: a guest that gets no memory traps or panics.
    pub source: Option<Box<Error>>,
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (call, limit, setting) = (&self.call, &self.limit, self.limit.setting());
        write!(
            f,
            "{call}: the package may use {limit}, and needs more (the limit is `{setting}`)"
        )?;
        match self.source.as_deref() {
            Some(Error::Decode { error, .. }) => write!(f, ": {error}")?,
            Some(Error::HostFunction(error)) => write!(f, ": {error}")?,
            _ => {}
        }
        write_backtrace(f, &self.backtrace)
    }
}

impl StdError for LimitError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|error| error as _)
    }
}

/// The failure of a host function that a guest called.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HostFunctionError {
    /// The host's call into the guest.
    pub call: CallSite,
    /// The interface of the host function.
    pub import_interface: String,
    /// The host function.
    pub import_function: String,
    /// What happened.
    pub problem: Arc<HostProblem>,
}

impl fmt::Display for HostFunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            call,
            import_interface,
            import_function,
            problem,
        } = self;
        write!(
            f,
            "{call}: the host function `{import_function}` of `{import_interface}` failed: {problem}"
        )
    }
}

impl StdError for HostFunctionError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.problem.source()
    }
}

/// The failure of a package that another package of a [composition](crate::Composition) has called.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CalleeError {
    /// The host's call into the package that called.
    pub call: CallSite,
    /// The interface that it imports.
    pub import_interface: String,
    /// The function that it called.
    pub import_function: String,
    /// The part of the composition that provides it.
    pub part: String,
    /// What happened there.
    pub error: Arc<Error>,
}

impl fmt::Display for CalleeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            call,
            import_interface,
            import_function,
            part,
            error,
        } = self;
        write!(
            f,
            "{call}: it called `{import_function}` of `{import_interface}`, and the part `{part}`, which provides it, \
             failed: {error}"
        )
    }
}

impl StdError for CalleeError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.error)
    }
}

/// What happened in a host function.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostProblem {
    /// What the guest passed is not what the contract says.
    #[error("the guest's arguments are not what the contract says: {0}")]
    Arguments(DecodeError),
    /// The result cannot be sent.
    #[error("its result cannot be sent: {0}")]
    Result(EncodeError),
    /// A resource of the host cannot be worked on.
    #[error("it cannot work on its resource: {0}")]
    Resource(HandleProblem),
    /// The guest has no memory to read from.
    #[error("the guest exports no memory")]
    NoMemory,
    /// It failed, as host functions can that are offered by [`try_function`](crate::HostInterface::try_function) and its
    /// like, or that bindings with the option `fallible_imports` have.
    #[error("{0}")]
    Failed(#[source] Box<dyn StdError + Send + Sync>),
    /// An [interceptor](crate::Interceptor) stopped the call.
    #[error("an interceptor stopped the call: {0}")]
    Interceptor(#[source] Box<dyn StdError + Send + Sync>),
    /// It panicked.
    #[error("it panicked: {0}")]
    Panic(String),
}

impl From<DecodeError> for HostProblem {
    fn from(error: DecodeError) -> Self {
        Self::Arguments(error)
    }
}

impl From<EncodeError> for HostProblem {
    fn from(error: EncodeError) -> Self {
        Self::Result(error)
    }
}

impl From<HandleProblem> for HostProblem {
    fn from(problem: HandleProblem) -> Self {
        Self::Resource(problem)
    }
}

/// Why an instance cannot be used any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PoisonedBy {
    /// A call trapped.
    Trap,
    /// A call panicked.
    Panic,
    /// A call ran into a limit.
    Limit(LimitKind),
    /// A host function failed.
    HostFunction,
    /// The future of a call was dropped before it was done, or a panic of the host went through a call.
    Abandoned,
}

impl PoisonedBy {
    /// What an error that ends a call makes of the instance.
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::Panic(_) => Self::Panic,
            Error::Limit(error) => Self::Limit(error.limit),
            Error::HostFunction(_) | Error::Interceptor { .. } => Self::HostFunction,
            Error::Callee(callee) => Self::of(&callee.error),
            _ => Self::Trap,
        }
    }
}

impl fmt::Display for PoisonedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trap => f.write_str("an earlier call trapped"),
            Self::Panic => f.write_str("an earlier call panicked"),
            Self::Limit(limit) => write!(f, "an earlier call needed more than {limit}"),
            Self::HostFunction => f.write_str("in an earlier call a host function failed"),
            Self::Abandoned => f.write_str("an earlier call was given up before its end"),
        }
    }
}

fn write_backtrace(f: &mut fmt::Formatter<'_>, frames: &[String]) -> fmt::Result {
    const SHOWN: usize = 12;
    for frame in frames.iter().take(SHOWN) {
        write!(f, "\n  in {}", printable(frame))?;
    }
    if frames.len() > SHOWN {
        write!(f, "\n  and {} more", frames.len() - SHOWN)?;
    }
    Ok(())
}
