//! The schema as a package carries it: in a custom section, which can be read without running anything, and
//! behind [`__pack_types`](crate::convention::TYPES).

use alloc::vec::Vec;
use core::fmt;

use crate::error::DecodeError;
use crate::schema::{Contract, FORMAT_VERSION, Schema, SchemaError};

#[cfg(feature = "wasm")]
pub use crate::section::{SectionError, section};

/// The name of the custom section.
pub const SECTION: &str = "pack:schema";

/// What metadata begins with.
pub const MAGIC: [u8; 8] = *b"PACKMETA";

/// More metadata than this is not read.
pub const MAX_LENGTH: usize = 16 << 20;

/// The metadata of a schema: magic, format version, length of the canonical bytes, canonical bytes.
pub fn write(schema: &Schema) -> Vec<u8> {
    let body = schema.to_bytes();
    let mut bytes = Vec::with_capacity(MAGIC.len() + 8 + body.len());
    bytes.extend(MAGIC);
    bytes.extend(FORMAT_VERSION.to_le_bytes());
    // A body too long to be counted is also past MAX_LENGTH, and refused wherever it is read.
    bytes.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend(body);
    bytes
}

/// Reads and checks metadata.
///
/// # Errors
///
/// If the bytes are not the metadata of exactly one package, of this format version, with a sound schema.
pub fn read(bytes: &[u8]) -> Result<Contract, MetadataError> {
    if bytes.len() > MAX_LENGTH {
        return Err(MetadataError::TooLong {
            length: bytes.len(),
        });
    }
    let rest = bytes
        .strip_prefix(&MAGIC)
        .ok_or(MetadataError::NotMetadata)?;
    let (version, rest) = number(rest)?;
    if version != FORMAT_VERSION {
        return Err(MetadataError::Version { found: version });
    }
    let (length, rest) = number(rest)?;
    let (body, rest) = usize::try_from(length)
        .ok()
        .and_then(|length| rest.split_at_checked(length))
        .ok_or(MetadataError::Truncated)?;
    if rest.starts_with(&MAGIC) {
        return Err(MetadataError::Twice);
    }
    if !rest.is_empty() {
        return Err(MetadataError::TrailingBytes { count: rest.len() });
    }
    let schema = Schema::from_bytes(body).map_err(MetadataError::Decode)?;
    Contract::new(schema).map_err(MetadataError::Schema)
}

fn number(bytes: &[u8]) -> Result<(u32, &[u8]), MetadataError> {
    let (number, rest) = bytes.split_first_chunk().ok_or(MetadataError::Truncated)?;
    Ok((u32::from_le_bytes(*number), rest))
}

/// Why bytes are not the metadata of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetadataError {
    /// They do not begin with [`MAGIC`].
    NotMetadata,
    /// They end too early.
    Truncated,
    /// They are longer than [`MAX_LENGTH`].
    TooLong {
        /// How long.
        length: usize,
    },
    /// They are of another format version.
    Version {
        /// Which.
        found: u32,
    },
    /// They are the metadata of more than one package, joined by the linker.
    Twice,
    /// Something follows them.
    TrailingBytes {
        /// How many bytes.
        count: usize,
    },
    /// The canonical bytes do not follow the format.
    Decode(DecodeError),
    /// The schema breaks a rule.
    Schema(SchemaError),
}

impl fmt::Display for MetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotMetadata => f.write_str("it does not begin as Pack metadata does"),
            Self::Truncated => f.write_str("it ends too early"),
            Self::TooLong { length } => {
                write!(f, "it is {length} bytes long, where at most {MAX_LENGTH} are read")
            }
            Self::Version { found } => write!(
                f,
                "it is of format version {found}, this host reads version {FORMAT_VERSION}: build both with the \
                 same version of Pack"
            ),
            Self::Twice => f.write_str(
                "it holds the metadata of more than one package: a guest has one `pack::world!`, and so must \
                 the crates it depends on",
            ),
            Self::TrailingBytes { count } => write!(f, "{count} bytes follow it"),
            Self::Decode(error) => write!(f, "{error}"),
            Self::Schema(error) => write!(f, "{error}"),
        }
    }
}

impl core::error::Error for MetadataError {}
