//! What programs ask of an error: what sort it is, and what to do about it.

use super::{Error, MetadataProblem};
use crate::limits::LimitKind;
use crate::trace::{ReplayError, TraceError};

impl Error {
    /// A word for the sort of error, which stays the same whatever the message says: `load::not-wasm`, `link::contract`,
    /// `call::limit`. Those of loading begin with `load::`, those of linking with `link::`, those of calls with `call::`,
    /// and those of what the host itself has set with `host::`.
    ///
    /// ```
    /// use pack_runtime::Runtime;
    ///
    /// let error = Runtime::new()?.load(b"no module").unwrap_err();
    /// assert_eq!(error.code(), "load::not-wasm");
    /// assert!(error.help().is_some_and(|help| help.contains("wasm32-unknown-unknown")));
    /// # Ok::<(), pack_runtime::Error>(())
    /// ```
    pub fn code(&self) -> &'static str {
        match self {
            Self::Engine(_) => "host::engine",
            Self::Setting { .. } => "host::setting",
            Self::Thread(_) => "host::thread",
            Self::Read { .. } => "load::read",
            Self::Refused(_) => "load::refused",
            Self::NotWasm { .. } => "load::not-wasm",
            Self::Compile(_) => "load::compile",
            Self::Metadata(_) => "load::metadata",
            Self::Offer { .. } => "link::offer",
            Self::Contract(_) => "link::contract",
            Self::Composition(_) => "link::composition",
            Self::NoSuchPart { .. } => "link::part",
            Self::Link(_) => "link::module",
            Self::Trap(_) => "call::trap",
            Self::Panic(_) => "call::panic",
            Self::Limit(_) => "call::limit",
            Self::HostFunction(_) => "call::host-function",
            Self::Callee(_) => "call::callee",
            Self::Interceptor { .. } => "call::interceptor",
            Self::Decode { .. } => "call::result",
            Self::Encode { .. } => "call::arguments",
            Self::GuestMemory { .. } => "call::guest-memory",
            Self::Convention(_) => "call::convention",
            Self::Core { .. } => "call::core",
            Self::OutsideMemory { .. } => "call::outside-memory",
            Self::NoRoom { .. } => "host::room",
            Self::Resources { .. } => "call::resources",
            Self::NoSuchFunction { .. } => "call::function",
            Self::ArgumentCount { .. } => "call::argument-count",
            Self::Poisoned(_) => "call::poisoned",
        }
    }

    /// What to do about it, where the message does not say so already.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::NotWasm { .. } => {
                "a package is a core module: a crate with `pack::world!` or `pack::package!`, built for \
                 wasm32-unknown-unknown"
            }
            Self::Metadata(MetadataProblem::Inconsistent | MetadataProblem::Unreadable(_))
            | Self::Link(_)
            | Self::Convention(_) => {
                "build the package again, with the version of Pack that the host has"
            }
            Self::Trap(_) | Self::Panic(_) => {
                "this is a fault of the package. The instance cannot be used any more; others can"
            }
            Self::Limit(error) if matches!(error.limit, LimitKind::Levels(_)) => {
                "typed calls take deeper values, as deep as `Limits::message.depth` says"
            }
            Self::Limit(error) => {
                return Some(format!(
                    "raise `{}` if the package is to have more",
                    error.limit.setting()
                ));
            }
            Self::NoRoom { .. } => {
                "drop an instance that is not needed any more, or make more room with `RuntimeBuilder::pool`"
            }
            Self::Callee(callee) => return callee.error.help(),
            _ => return None,
        };
        Some(help.to_owned())
    }

    /// Whether the package was running, and it is how that ended: not what was asked of it, nor how it was loaded.
    pub fn is_of_the_package(&self) -> bool {
        matches!(
            self,
            Self::Trap(_)
                | Self::Panic(_)
                | Self::Limit(_)
                | Self::HostFunction(_)
                | Self::Callee(_)
                | Self::Interceptor { .. }
                | Self::Decode { .. }
                | Self::GuestMemory { .. }
                | Self::Convention(_)
                | Self::OutsideMemory { .. }
        )
    }
}

impl TraceError {
    /// A word for the sort of error, as [`Error::code`] has it; all begin with `trace::`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotATrace => "trace::none",
            Self::Version { .. } => "trace::version",
            Self::Cut { .. } => "trace::cut",
            Self::Record { .. } => "trace::record",
            Self::Misplaced { .. } => "trace::misplaced",
            Self::Altered => "trace::altered",
            Self::Trailing { .. } => "trace::trailing",
            Self::Write(_) => "trace::write",
            Self::Finished => "trace::finished",
        }
    }
}

impl ReplayError {
    /// A word for the sort of error, as [`Error::code`] has it; those of replays begin with `replay::`, and
    /// [`Run`](Self::Run) has that of its error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSuchPart { .. } => "replay::part",
            Self::OtherPackage { .. } => "replay::package",
            Self::Diverged(_) => "replay::diverged",
            Self::Run(error) => error.code(),
        }
    }
}
