use std::fmt;
use std::path::PathBuf;

use pack_abi::metadata::{MetadataError, SectionError};
use pack_abi::schema::diff::Mismatch;
use pack_abi::{DecodeError, EncodeError};
use thiserror::Error;

/// Everything that can go wrong between a host and a package.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The engine does not start on this machine or with these settings.
    #[error("the WebAssembly engine does not start: {0:#}")]
    Engine(wasmtime::Error),

    /// Loading: the file cannot be read.
    #[error("cannot read {path}: {source}", path = .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },

    /// Loading: the bytes are not a WebAssembly module.
    #[error("not a WebAssembly module: {reason}")]
    NotWasm {
        /// What they are instead, or where they go wrong.
        reason: String,
    },

    /// Loading: the engine cannot compile the module.
    #[error("the module does not compile: {0:#}")]
    Compile(wasmtime::Error),

    /// Loading: the types the package carries cannot be read.
    #[error("the package's metadata (custom section `{section}`) is unusable: {0}", section = pack_abi::metadata::SECTION)]
    Metadata(MetadataProblem),

    /// Linking: the package does not fit the contract that the host was compiled with.
    #[error(transparent)]
    Contract(Box<ContractError>),

    /// Linking: the module does not have what its metadata says, or needs what the host does not have.
    #[error(transparent)]
    Link(Box<LinkError>),

    /// Calling: the guest trapped.
    #[error(transparent)]
    Trap(Box<Trap>),

    /// Calling: the guest panicked.
    #[error(transparent)]
    Panic(Box<GuestPanic>),

    /// Calling: a host function that the guest called failed.
    #[error(transparent)]
    HostFunction(Box<HostFunctionError>),

    /// Calling: what the guest returned is not what the contract says.
    #[error(
        "{function}: the package returned something that is not a value of the result's type: {error}"
    )]
    Decode {
        /// `interface.function`
        function: String,
        /// What is wrong with it.
        #[source]
        error: DecodeError,
    },

    /// Calling: the arguments cannot be sent.
    #[error("{function}: the arguments cannot be sent: {error}")]
    Encode {
        /// `interface.function`
        function: String,
        /// Why not.
        #[source]
        error: EncodeError,
    },

    /// Calling: the guest has no room for the arguments.
    #[error("the package has no memory for arguments of {needed} bytes")]
    GuestMemory {
        /// How much room was asked for, in bytes.
        needed: u32,
    },

    /// Calling: the guest does not keep to the calling convention.
    #[error("the package does not keep to the calling convention: {0}")]
    Convention(String),

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
    #[error("{function} takes {expected} arguments, {found} were given")]
    ArgumentCount {
        /// `interface.function`
        function: String,
        /// How many the function takes.
        expected: usize,
        /// How many were given.
        found: usize,
    },

    /// Calling: an earlier call ended in a trap, a panic or a host function's failure, so that nothing is known of
    /// the instance's state. Make a new one.
    #[error(
        "this instance cannot be used any more, because an earlier call did not come to an end; instantiate the package again"
    )]
    Poisoned,
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

/// Why a package's metadata is unusable.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MetadataProblem {
    /// There is no such section.
    #[error(
        "there is none. Either this is no Pack package (its crate needs a `pack::world!` or `pack::package!`), or a tool has removed its custom sections"
    )]
    Missing,
    /// There are several such sections.
    #[error("there are {0} such sections")]
    Several(usize),
    /// The section's bytes are wrong.
    #[error("{0}")]
    Unreadable(MetadataError),
    /// The section and `__pack_types` disagree.
    #[error(
        "the custom section and what `__pack_types` returns are not the same: the file has been altered after it was built"
    )]
    Inconsistent,
}

/// How a package differs from the contract a host was compiled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractError {
    /// The world the host was compiled with.
    pub host_world: String,
    /// The world the package was built from.
    pub package_world: String,
    /// Every difference that stands in the way, at least one.
    pub mismatches: Vec<Mismatch>,
}

impl fmt::Display for ContractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 20;
        write!(
            f,
            "the package does not fit the host: the host was compiled with the world {}, the package with {}, and they \
             differ:",
            self.host_world, self.package_world
        )?;
        for mismatch in self.mismatches.iter().take(SHOWN) {
            write!(f, "\n  {mismatch}")?;
        }
        if let Some(more) = self
            .mismatches
            .len()
            .checked_sub(SHOWN)
            .filter(|more| *more > 0)
        {
            write!(f, "\n  and {more} more")?;
        }
        f.write_str("\nbuild both from the same WIT")
    }
}

impl std::error::Error for ContractError {}

/// What a module and its host miss in each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkError {
    /// Every problem, at least one.
    pub problems: Vec<LinkProblem>,
}

/// One thing that a module or its host misses.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LinkProblem {
    /// The module imports something that no one provides.
    #[error(
        "the module imports `{}` from `{}`, which the host does not provide{hint}",
        printable(name),
        printable(module)
    )]
    MissingImport {
        /// The core module name: an interface.
        module: String,
        /// The core name: a function.
        name: String,
        /// What the host has of that sort.
        hint: String,
    },
    /// The module lacks an export that its metadata, or the calling convention, promises.
    #[error("the module has no {what} `{name}`{hint}")]
    MissingExport {
        /// Function or memory.
        what: &'static str,
        /// The core name.
        name: String,
        /// What to do about it.
        hint: &'static str,
    },
    /// An export has another core type than the calling convention asks for.
    #[error("`{name}` has the core type {found}, where the calling convention asks for {expected}")]
    CoreType {
        /// The core name.
        name: String,
        /// The type it should have.
        expected: String,
        /// The type it has.
        found: String,
    },
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the package cannot be linked:")?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for LinkError {}

/// A trap: the guest did something WebAssembly forbids, or ran out of something.
#[derive(Debug, Clone)]
pub struct Trap {
    /// `interface.function` of the call that trapped.
    pub function: String,
    /// What sort of trap it is, if the engine says.
    pub code: Option<wasmtime::Trap>,
    /// The engine's words.
    pub message: String,
    /// The functions of the guest that were running, innermost first.
    pub backtrace: Vec<String>,
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: the package trapped: {}",
            self.function, self.message
        )?;
        write_backtrace(f, &self.backtrace)
    }
}

impl std::error::Error for Trap {}

/// A panic of the guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestPanic {
    /// `interface.function` of the call that panicked.
    pub function: String,
    /// The panic's message.
    pub message: String,
    /// The source file, as the guest's compiler knew it; empty if the guest did not say.
    pub file: String,
    /// The line in that file.
    pub line: u32,
    /// The column in that line.
    pub column: u32,
    /// The functions of the guest that were running, innermost first.
    pub backtrace: Vec<String>,
}

impl fmt::Display for GuestPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the package panicked", self.function)?;
        if !self.file.is_empty() {
            write!(
                f,
                " at {}:{}:{}",
                printable(&self.file),
                self.line,
                self.column
            )?;
        }
        write!(f, ": {}", printable(&self.message))
    }
}

impl std::error::Error for GuestPanic {}

/// The failure of a host function that a guest called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostFunctionError {
    /// `interface.function` of the host's call into the guest.
    pub function: String,
    /// The interface of the host function.
    pub import_interface: String,
    /// The host function.
    pub import_function: String,
    /// What happened.
    pub reason: String,
}

impl fmt::Display for HostFunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            function,
            import_interface,
            import_function,
            reason,
        } = self;
        write!(
            f,
            "{function}: the host function `{import_function}` of `{import_interface}` failed: {reason}"
        )
    }
}

impl std::error::Error for HostFunctionError {}

/// A guest's words without what would steer a terminal.
fn printable(text: &str) -> String {
    let harmless = |c: char| {
        if c.is_control() && !matches!(c, '\n' | '\t') {
            '\u{fffd}'
        } else {
            c
        }
    };
    text.chars().map(harmless).collect()
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
