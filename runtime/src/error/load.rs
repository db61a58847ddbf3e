//! What is wrong with a package before anything of it runs.

use std::fmt;

use pack_abi::metadata::MetadataError;
use pack_abi::schema::diff::Mismatch;
use thiserror::Error;

use super::printable;

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
    /// Functions that the host offers in interfaces that the package imports, and that the package does not import. They
    /// do not stand in the way; one of them may be meant.
    pub unused: Vec<String>,
}

impl fmt::Display for ContractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 20;
        write!(
            f,
            "the package does not fit the host: the host was compiled with the world {}, the package with {}, and they \
             differ:",
            self.host_world,
            printable(&self.package_world)
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
        if !self.unused.is_empty() {
            let unused: Vec<&str> = self.unused.iter().take(SHOWN).map(String::as_str).collect();
            let unused = unused.join(", ");
            write!(
                f,
                "\n  the host also has {unused}, which the package does not import"
            )?;
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
