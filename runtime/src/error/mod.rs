//! Everything that can go wrong, as one type.

mod call;
mod code;
mod load;

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use pack_abi::metadata::SectionError;
use pack_abi::{DecodeError, EncodeError, printable};
use thiserror::Error;

use crate::composition::CompositionError;
use crate::limits::LimitKind;

pub use call::{
    CallSite, CalleeError, GuestPanic, HostFunctionError, HostProblem, LimitError, PoisonedBy, Trap,
};
pub use load::{ContractError, LinkError, LinkProblem, MetadataProblem};

/// Everything that can go wrong between a host and a package. The variants are in the order in which it can happen:
/// making a runtime, loading, linking, calling.
///
/// ```no_run
/// # use pack_runtime::{Error, Instance};
/// # fn demo(instance: &mut Instance<()>) {
/// match instance.call("$root", "run", &[]) {
///     Ok(result) => println!("{result:?}"),
///     Err(Error::Panic(panic)) => println!("a bug of the package, at {}:{}", panic.file, panic.line),
///     Err(error) => match error.limit() {
///         Some(limit) => println!("it wants more than {limit}"),
///         None => println!("{}: {error}", error.code()),
///     },
/// }
/// # }
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The engine does not start on this machine or with these settings, or does not take what is defined for it.
    #[error("the WebAssembly engine refuses: {0:#}")]
    Engine(wasmtime::Error),

    /// A setting asks for what the runtime was not built for.
    #[error("{setting}: {problem}")]
    Setting {
        /// The setting, as Rust.
        setting: &'static str,
        /// What is wrong with it, and what to do.
        problem: &'static str,
    },

    /// The thread that watches the time of calls cannot be made.
    #[error("the thread that watches the time of calls cannot be made: {0}")]
    Thread(#[source] io::Error),

    /// Loading: the file cannot be read.
    #[error("cannot read {path}: {source}", path = .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },

    /// Loading: the host's own check refuses the package.
    #[error("the host's own check refuses the package: {0}")]
    Refused(#[source] Box<dyn StdError + Send + Sync>),

    /// Loading: the bytes are not a WebAssembly module.
    #[error("not a WebAssembly module: {}", printable(reason))]
    NotWasm {
        /// What they are instead, or where they go wrong.
        reason: String,
    },

    /// Loading: the engine cannot compile the module.
    #[error("the module does not compile: {}", printable(&format!("{:#}", .0)))]
    Compile(wasmtime::Error),

    /// Loading: the types the package carries cannot be read.
    #[error("the package's metadata (custom section `{section}`) is unusable: {problem}", section = pack_abi::metadata::SECTION, problem = printable(&.0.to_string()))]
    Metadata(MetadataProblem),

    /// Linking: what the host offers cannot be offered.
    #[error("the host's interface `{interface}`: {problem}")]
    Offer {
        /// The interface's name.
        interface: String,
        /// What is wrong with it.
        problem: String,
    },

    /// Linking: the package does not fit the contract that the host was compiled with.
    #[error(transparent)]
    Contract(Box<ContractError>),

    /// Linking: packages do not fit each other, or the host.
    #[error(transparent)]
    Composition(Box<CompositionError>),

    /// There is no part of this name in the composition.
    #[error("there is no part `{name}`; there is {available}")]
    NoSuchPart {
        /// The name.
        name: String,
        /// The parts that there are.
        available: String,
    },

    /// Linking: the module does not have what its metadata says, or needs what the host does not have.
    #[error(transparent)]
    Link(Box<LinkError>),

    /// Calling: the guest trapped.
    #[error(transparent)]
    Trap(Box<Trap>),

    /// Calling: the guest panicked.
    #[error(transparent)]
    Panic(Box<GuestPanic>),

    /// Calling, or starting: the guest ran into a limit.
    #[error(transparent)]
    Limit(Box<LimitError>),

    /// Calling: a host function that the guest called failed.
    #[error(transparent)]
    HostFunction(Box<HostFunctionError>),

    /// Calling: another package that the guest called failed.
    #[error(transparent)]
    Callee(Box<CalleeError>),

    /// Calling: an [interceptor](crate::Interceptor) stopped the call, panicked, or answered in a way that is not of the
    /// function's type. If that was before the guest was called, the instance can be used as before.
    #[error("{call}: the call was stopped: {problem}")]
    Interceptor {
        /// The call.
        call: CallSite,
        /// What it said.
        #[source]
        problem: Arc<HostProblem>,
    },

    /// Calling: what the guest returned is not what the contract says.
    #[error(
        "{call}: the package returned something that is not a value of the result's type: {error}"
    )]
    Decode {
        /// The call.
        call: CallSite,
        /// What is wrong with it, and where.
        error: DecodeError,
    },

    /// Calling: the arguments cannot be sent.
    #[error("{call}: the arguments cannot be sent: {error}")]
    Encode {
        /// The call.
        call: CallSite,
        /// Why not, and where.
        error: EncodeError,
    },

    /// Calling: the guest has no room for the arguments.
    #[error("the package has no memory for arguments of {needed} bytes")]
    GuestMemory {
        /// How much room was asked for, in bytes.
        needed: u32,
    },

    /// Calling: the guest does not keep to the calling convention.
    #[error("the package does not keep to the calling convention: {}", printable(.0))]
    Convention(String),

    /// Calling a core function: it is not there, or the values are not what it takes.
    #[error("the core function `{function}`: {problem}")]
    Core {
        /// Its core name.
        function: String,
        /// What is wrong.
        problem: String,
    },

    /// A place that is not in the guest's memory.
    #[error("{length} bytes at {pointer:#x} are not in the guest's memory of {memory} bytes")]
    OutsideMemory {
        /// Where the place begins.
        pointer: u32,
        /// How long it is, in bytes.
        length: u64,
        /// How large the memory is, in bytes.
        memory: usize,
    },

    /// The engine's room for instances is taken, of [`RuntimeBuilder::pool`](crate::RuntimeBuilder::pool).
    #[error("{call}: the engine has no room for it: {problem}")]
    NoRoom {
        /// The call that there is no room for, if it is not that of the start.
        call: CallSite,
        /// Of what there is not enough, in the engine's words.
        problem: String,
    },

    /// Calling by name: the function passes or returns resources, which belong to an instance and are no data.
    #[error("{call} passes or returns resources, which only typed calls can")]
    Resources {
        /// The call.
        call: CallSite,
    },

    /// Calling by name: there is no such function.
    #[error(
        "the package exports no function `{function}` in `{interface}`; it exports {available}"
    )]
    NoSuchFunction {
        /// The interface asked for.
        interface: String,
        /// The function asked for.
        function: String,
        /// What there is.
        available: String,
    },

    /// Calling by name: the number of arguments is wrong.
    #[error("{call}: the wrong number of arguments: it takes {expected}, and is given {found}")]
    ArgumentCount {
        /// The call.
        call: CallSite,
        /// How many the function takes.
        expected: usize,
        /// How many were given.
        found: usize,
    },

    /// Calling: an earlier call did not come to an end, so that nothing is known of the instance's state. Make a new
    /// one.
    #[error("this instance cannot be used any more, because {0}; instantiate the package again")]
    Poisoned(PoisonedBy),
}

impl Error {
    /// The limit that was hit, if it is one; also if a part of a [composition](crate::Composition) that was called has hit
    /// it.
    pub fn limit(&self) -> Option<LimitKind> {
        match self {
            Self::Limit(error) => Some(error.limit),
            Self::Callee(callee) => callee.error.limit(),
            _ => None,
        }
    }
}

impl From<SectionError> for Error {
    fn from(error: SectionError) -> Self {
        match error {
            SectionError::NotWasm { reason } => Self::NotWasm { reason },
            SectionError::Missing => Self::Metadata(MetadataProblem::Missing),
            SectionError::Several(count) => Self::Metadata(MetadataProblem::Several(count)),
            other => Self::NotWasm {
                reason: other.to_string(),
            },
        }
    }
}

/// A guest's words without what would steer a terminal, or show them in another order. Lines after the first are further in
/// than any of ours.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim_end_matches('\n').chars() {
        match c {
            '\n' => out.push_str("\n      "),
            '\t' => out.push(c),
            c => out.push(printable::printable(c)),
        }
    }
    out
}
