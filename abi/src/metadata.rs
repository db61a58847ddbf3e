//! The schema as a package carries it: in a custom section, which can be read without running anything, and
//! behind [`__pack_types`](crate::convention::TYPES).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::error::DecodeError;
use crate::schema::join::{Joined, Mismatch};
use crate::schema::{Contract, FORMAT_VERSION, READ_LIMITS, Schema, SchemaError, TypeName};

#[cfg(feature = "wasm")]
pub use crate::section::{SectionError, section};

/// The name of the custom section.
pub const SECTION: &str = "pack:schema";

/// What metadata begins with.
pub const MAGIC: [u8; 8] = *b"PACKMETA";

/// More bytes of metadata than this are not read: 16 MiB.
pub const MAX_LENGTH: usize = 16 << 20;

/// The metadata of a schema: magic, format version, length of the canonical bytes, canonical bytes.
///
/// ```
/// use pack_abi::{Schema, metadata};
///
/// let schema = Schema { world: "demo:empty/empty".to_owned(), ..Schema::default() };
/// let contract = metadata::read(&metadata::write(&schema))?;
/// assert_eq!(*contract.schema(), schema);
/// # Ok::<(), metadata::MetadataError>(())
/// ```
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

/// Reads and checks metadata: one piece, or several that are joined.
///
/// Functions of several pieces come in the order of their names, whatever order the linker has put the pieces in.
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
    let mut pieces = pieces(bytes)?;
    let mut limits = READ_LIMITS;
    let mut contract = |piece: Piece<'_>| {
        let schema =
            Schema::from_bytes_within(piece.body, &mut limits).map_err(MetadataError::Decode)?;
        Contract::new(schema).map_err(MetadataError::Schema)
    };
    if let [only] = pieces.as_slice() {
        return contract(*only);
    }
    pieces.sort_unstable_by_key(|piece| piece.bytes);
    let mut joined = Joined::default();
    for piece in pieces {
        joined.add(&contract(piece)?)?;
    }
    let mut schema = joined.into_schema();
    for interface in schema.imports.iter_mut().chain(&mut schema.exports) {
        interface.functions.sort_by(|a, b| a.name.cmp(&b.name));
    }
    Contract::new(schema).map_err(MetadataError::Schema)
}

/// The metadata of a package, or of a part of it.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'a> {
    /// All of it.
    pub bytes: &'a [u8],
    /// The canonical bytes of the schema.
    pub body: &'a [u8],
}

/// Takes metadata apart into the pieces that a linker has joined: at least one. What is in them is not looked at.
///
/// # Errors
///
/// If the bytes are not a sequence of pieces of this format version.
pub fn pieces(bytes: &[u8]) -> Result<Vec<Piece<'_>>, MetadataError> {
    let mut pieces = Vec::new();
    let mut left = bytes;
    while pieces.is_empty() || !left.is_empty() {
        let rest = match left.strip_prefix(&MAGIC) {
            Some(rest) => rest,
            None if pieces.is_empty() => return Err(MetadataError::NotMetadata),
            None => return Err(MetadataError::TrailingBytes { count: left.len() }),
        };
        let (version, rest) = number(rest)?;
        if version != FORMAT_VERSION {
            return Err(MetadataError::Version { found: version });
        }
        let (length, rest) = number(rest)?;
        let (body, rest) = usize::try_from(length)
            .ok()
            .and_then(|length| rest.split_at_checked(length))
            .ok_or(MetadataError::Truncated)?;
        let (bytes, _) = left
            .split_at_checked(left.len() - rest.len())
            .ok_or(MetadataError::Truncated)?;
        pieces.push(Piece { bytes, body });
        left = rest;
    }
    Ok(pieces)
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
    /// They are the metadata of two packages, joined by the linker.
    Worlds {
        /// The world of one.
        first: String,
        /// The world of the other.
        second: String,
    },
    /// Two pieces have the same function.
    Function {
        /// Its name, as that of a core export.
        name: String,
    },
    /// Two pieces have different types of one name.
    Type {
        /// The interface or world the types belong to.
        owner: String,
        /// The name.
        name: String,
    },
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
                write!(
                    f,
                    "it is {length} bytes long, where at most {MAX_LENGTH} are read"
                )
            }
            Self::Version { found } => write!(
                f,
                "it is of format version {found}, this host reads version {FORMAT_VERSION}: build both with the \
                 same version of Pack"
            ),
            Self::Worlds { first, second } => write!(
                f,
                "it holds the metadata of more than one package, {first} and {second}: a guest has one `pack::world!` \
                 or `pack::package!`, and the crates it depends on have none"
            ),
            Self::Function { name } => write!(
                f,
                "it says of `{name}` twice that the package has it: rename one of the functions, and see to it that \
                 there is one `pack::world!` or `pack::package!` in a guest and the crates it depends on"
            ),
            Self::Type { owner, name } => write!(
                f,
                "it has two different types `{name}` in {owner}: rename one, with `#[pack(rename = \"…\")]`"
            ),
            Self::TrailingBytes { count } => write!(f, "{count} bytes follow it"),
            Self::Decode(error) => write!(f, "{error}"),
            Self::Schema(error) => write!(f, "{error}"),
        }
    }
}

impl core::error::Error for MetadataError {}

impl From<Mismatch> for MetadataError {
    fn from(mismatch: Mismatch) -> Self {
        match mismatch {
            Mismatch::Worlds(first, second) => Self::Worlds { first, second },
            Mismatch::Function(name) => Self::Function { name },
            Mismatch::Type(TypeName { owner, name }) => Self::Type { owner, name },
        }
    }
}
