//! The format of traces.
//!
//! A trace is the eight bytes `PACKTRCE`, the version as a `u32`, and records. Each record is its length as a `u32` and
//! a message of the type [`Record`], as section 2 of `docs/abi.md` has it. The last record is [`Record::Finish`]. Its digest
//! is the SHA-256 of all bytes before that record and one more, 1 if the trace is whole and 0 if it is not. Numbers are
//! little-endian.

use std::fmt;

use pack_abi::Limits;

use crate::error::{Error, HostProblem, printable};
use crate::limits::LimitKind;
use crate::payload::Payload;
use crate::{GraphValue, PackType};

pub(super) const MAGIC: &[u8; 8] = b"PACKTRCE";

/// A record is as large as what was called; who reads it has it in memory already.
pub(super) const RECORD_LIMITS: Limits = Limits {
    depth: 16,
    nodes: u32::MAX,
    bytes: usize::MAX,
};

/// The version of the format that this library writes, and reads.
pub const TRACE_VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
#[pack(interface = "pack:trace/records")]
pub(super) enum Record {
    Package(PackageRecord),
    Begin(BeginRecord),
    End(EndRecord),
    Finish(FinishRecord),
}

/// A package is seen for the first time. Packages are counted from 0.
#[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
#[pack(interface = "pack:trace/records")]
pub(super) struct PackageRecord {
    /// Its name in a composition; otherwise that of its world.
    pub(super) part: String,
    pub(super) world: String,
    /// The SHA-256 of its bytes.
    pub(super) digest: Vec<u8>,
    /// The SHA-256 of its metadata.
    pub(super) schema: Vec<u8>,
}

/// A call begins.
#[derive(Debug, Clone, Default, PartialEq, GraphValue, PackType)]
#[pack(interface = "pack:trace/records")]
pub(super) struct BeginRecord {
    /// Instances are counted from 0, in the order in which they are seen.
    pub(super) instance: u32,
    /// The number of the call in its instance.
    pub(super) call: u64,
    /// The call inside of which it is.
    pub(super) parent: Option<u64>,
    pub(super) package: u32,
    /// Whether the package calls; otherwise it is called.
    pub(super) is_import: bool,
    pub(super) interface: String,
    pub(super) function: String,
    pub(super) arguments: PayloadRecord,
}

/// A call ends.
#[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
#[pack(interface = "pack:trace/records")]
pub(super) struct EndRecord {
    pub(super) instance: u32,
    pub(super) call: u64,
    pub(super) outcome: OutcomeRecord,
}

#[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
#[pack(interface = "pack:trace/records")]
pub(super) enum OutcomeRecord {
    Returned(PayloadRecord),
    Failed(TracedFailure),
    /// Its future was dropped.
    Abandoned,
}

/// Arguments, or a result, as they travel.
#[derive(Debug, Clone, Default, PartialEq, GraphValue, PackType)]
#[pack(interface = "pack:trace/records")]
pub(super) struct PayloadRecord {
    /// Core values. Those that are pointers are places in `bytes`. A result in wire form has none.
    pub(super) slots: Vec<u64>,
    /// What they lead to, each piece at a multiple of 16; of a result, its wire form.
    pub(super) bytes: Vec<u8>,
}

/// The end of the trace.
#[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
#[pack(interface = "pack:trace/records")]
pub(super) struct FinishRecord {
    /// Whether there was room for everything.
    pub(super) is_whole: bool,
    pub(super) digest: Vec<u8>,
}

/// How a call failed.
#[derive(Debug, Clone, PartialEq, Eq, GraphValue, PackType)]
#[pack(interface = "pack:trace/records")]
#[non_exhaustive]
pub enum TracedFailure {
    /// The package trapped: the engine's words.
    Trap(String),
    /// The package panicked: its message, with file and line.
    Panic(String),
    /// It ran into a limit: which, and how much it allows.
    Limit(String),
    /// It used up its time, fuel or stack, which it may have shared with others: how much it was allowed.
    Exhausted(String),
    /// What it called failed: how.
    Import(String),
    /// An interceptor stopped the call: what it said.
    Stopped(String),
    /// What it returned is not what the contract says: what is wrong with it.
    Unreadable(String),
    /// Something else.
    Other(String),
}

/// Longer words are cut.
const LONGEST: usize = 4096;

impl TracedFailure {
    pub(super) fn of(error: &Error) -> Self {
        let cut = |text: String| {
            let end = text.floor_char_boundary(LONGEST);
            text.get(..end).unwrap_or_default().to_owned()
        };
        match error {
            Error::Trap(trap) => Self::Trap(cut(trap.message.clone())),
            Error::Panic(panic) => {
                let (message, file, line) = (&panic.message, &panic.file, panic.line);
                Self::Panic(cut(format!("{message} at {file}:{line}")))
            }
            Error::Limit(limit) => match limit.limit {
                LimitKind::Time(_) | LimitKind::Fuel(_) | LimitKind::Stack(_) => {
                    Self::Exhausted(limit.limit.to_string())
                }
                other => Self::Limit(other.to_string()),
            },
            Error::HostFunction(failure) => match &*failure.problem {
                HostProblem::Arguments(error) => Self::Unreadable(cut(error.to_string())),
                problem => Self::Import(cut(problem.to_string())),
            },
            Error::Callee(callee) => Self::Import(cut(callee.error.to_string())),
            Error::Interceptor { problem, .. } => Self::Stopped(cut(problem.to_string())),
            Error::Decode { error, .. } => Self::Unreadable(cut(error.to_string())),
            error => Self::Other(cut(error.to_string())),
        }
    }
}

impl fmt::Display for TracedFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, words) = match self {
            Self::Trap(words) => ("a trap", words),
            Self::Panic(words) => ("a panic", words),
            Self::Limit(words) | Self::Exhausted(words) => ("a limit", words),
            Self::Import(words) => ("the failure of what it called", words),
            Self::Stopped(words) => ("stopped", words),
            Self::Unreadable(words) => ("not what the contract says", words),
            Self::Other(words) => ("an error", words),
        };
        write!(f, "{what}: {}", printable(words))
    }
}

impl From<&Payload> for PayloadRecord {
    fn from(payload: &Payload) -> Self {
        Self {
            slots: payload.slots.clone(),
            bytes: payload.bytes.clone(),
        }
    }
}

impl From<PayloadRecord> for Payload {
    fn from(record: PayloadRecord) -> Self {
        Self {
            slots: record.slots,
            bytes: record.bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use pack_abi::SchemaBuilder;
    use pack_abi::schema::{Interface, Schema};

    use super::*;

    /// The types are part of the format, and in its text as they are here.
    #[test]
    fn the_text_of_the_format_has_the_types_of_records() {
        let mut types = SchemaBuilder::default();
        types.add::<Record>();
        let contract = types.finish_as(Schema {
            world: "pack:trace/trace".to_owned(),
            imports: vec![Interface {
                name: "pack:trace/records".to_owned(),
                ..Interface::default()
            }],
            ..Schema::default()
        });
        let wit = contract.unwrap().to_wit().unwrap();
        let types = wit.split("interface records ").nth(1).unwrap();
        let types = types.split("\n}\n").next().unwrap();
        let text = include_str!("../../../docs/traces.md");
        assert!(text.contains(types), "{types}");
    }
}
