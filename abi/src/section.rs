use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use wasmparser::{Encoding, Parser, Payload};

use crate::metadata::SECTION;

/// The metadata of a package, as it lies in the custom section of its file. Nothing of the package runs.
///
/// ```no_run
/// use pack_abi::metadata;
///
/// let wasm = std::fs::read("greeting.wasm")?;
/// let contract = metadata::read(metadata::section(&wasm)?)?;
/// println!("{}", contract.to_wit()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If the bytes are not a WebAssembly module, or have not exactly one such section.
pub fn section(wasm: &[u8]) -> Result<&[u8], SectionError> {
    let not_wasm = |reason: String| SectionError::NotWasm { reason };
    if !wasm.starts_with(b"\0asm") {
        let shown = wasm.get(..8).unwrap_or(wasm).escape_ascii();
        return Err(not_wasm(format!(
            "it is {} bytes that begin with \"{shown}\"",
            wasm.len()
        )));
    }
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(|error| not_wasm(error.to_string()))? {
            Payload::Version {
                encoding: Encoding::Component,
                ..
            } => {
                return Err(not_wasm(
                    "it is a component; a package is a core module".to_string(),
                ));
            }
            Payload::CustomSection(section) if section.name() == SECTION => {
                found.push(section.data());
            }
            _ => {}
        }
    }
    match found.as_slice() {
        [only] => Ok(only),
        [] => Err(SectionError::Missing),
        several => Err(SectionError::Several(several.len())),
    }
}

/// Why a file has no metadata that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SectionError {
    /// It is not a WebAssembly module.
    NotWasm {
        /// What it is instead, or where it goes wrong.
        reason: String,
    },
    /// There is no such section.
    Missing,
    /// There are several such sections.
    Several(usize),
}

impl fmt::Display for SectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWasm { reason } => write!(f, "not a WebAssembly module: {reason}"),
            Self::Missing => write!(
                f,
                "there is no custom section `{SECTION}`. Either this is no Pack package (its crate needs a \
                 `pack::world!` or `pack::package!`), or a tool has removed its custom sections"
            ),
            Self::Several(count) => write!(f, "there are {count} custom sections `{SECTION}`"),
        }
    }
}

impl core::error::Error for SectionError {}
