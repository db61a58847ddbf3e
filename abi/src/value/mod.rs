//! Data whose type is known only at run time.

mod access;
mod decode;
mod encode;
mod parts;
mod print;
#[cfg(any(feature = "serde", feature = "text"))]
mod reading;
#[cfg(feature = "serde")]
pub mod serde;
#[cfg(feature = "text")]
pub mod text;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

pub use decode::{decode_value, read_value, unflatten_value};
pub use encode::{encode_value, flatten_value, write_value};

/// How many [`Value`]s may be inside each other, whatever the depth limit says.
///
/// The depth limit counts values of recursive types only, which is what typed code meets on each level. A dynamic
/// value takes more of the stack for each level, and has more levels: an array inside an array is a variant in a list
/// in a variant. With this limit, reading and writing fit a thread's default stack of 2 MiB also in unoptimized
/// builds.
pub const MAX_LEVELS: u32 = 512;

/// Any value of any WIT type.
///
/// Names are as written in WIT. For callers who have no types at compile time: nothing on the typed road
/// builds one.
///
/// ```
/// use pack_abi::Value;
///
/// let ada = Value::Record(vec![("name".into(), "Ada".into()), ("age".into(), Some(36_u8).into())]);
/// assert_eq!(ada.to_string(), "{name: \"Ada\", age: some(36)}");
/// assert_eq!(ada.field("name").and_then(Value::as_str), Some("Ada"));
/// assert_eq!(ada.field("age").and_then(Value::payload).and_then(Value::as_u64), Some(36));
/// ```
///
/// A value does not know its type. It is compared with one where it is passed or written.
///
/// Its `Display` is WAVE, which `Value::from_wave` of the feature `text` reads; the features `serde` and `json` have
/// the other formats.
///
/// Copying, comparing, printing and dropping work for values of any depth, on any stack. That takes a `Drop`, so a part
/// is moved out of a value with [`take`](core::mem::take), not by matching:
///
/// ```
/// # use pack_abi::Value;
/// let mut value = Value::from("text");
/// if let Value::String(text) = &mut value {
///     assert_eq!(std::mem::take(text), "text");
/// }
/// ```
#[allow(missing_docs, reason = "the scalars are WIT's own")]
pub enum Value {
    Bool(bool),
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64),
    S8(i8),
    S16(i16),
    S32(i32),
    S64(i64),
    F32(f32),
    F64(f64),
    Char(char),
    String(String),
    /// A `list<u8>`, however long.
    Bytes(Vec<u8>),
    /// A list of anything but bytes, of any or of fixed length.
    List(Vec<Value>),
    /// An option.
    Option(Option<Box<Value>>),
    /// A result; each side may have no payload.
    Result(Result<Option<Box<Value>>, Option<Box<Value>>>),
    /// A tuple.
    Tuple(Vec<Value>),
    /// A record: its fields, in the order of the schema.
    Record(Vec<(String, Value)>),
    /// A variant: the case and its payload.
    Variant(String, Option<Box<Value>>),
    /// An enum: the case.
    Enum(String),
    /// Flags: those that are set, in the order of the schema.
    Flags(Vec<String>),
    /// A map: its entries.
    Map(Vec<(Value, Value)>),
}

impl Value {
    /// What the value is, for messages.
    pub fn describe(&self) -> String {
        let kind = match self {
            Self::Bool(_) => "a bool",
            Self::U8(_) => "a u8",
            Self::U16(_) => "a u16",
            Self::U32(_) => "a u32",
            Self::U64(_) => "a u64",
            Self::S8(_) => "an s8",
            Self::S16(_) => "an s16",
            Self::S32(_) => "an s32",
            Self::S64(_) => "an s64",
            Self::F32(_) => "an f32",
            Self::F64(_) => "an f64",
            Self::Char(_) => "a char",
            Self::String(_) => "a string",
            Self::Bytes(_) => "bytes",
            Self::List(items) => return alloc::format!("a list of {}", items.len()),
            Self::Option(_) => "an option",
            Self::Result(_) => "a result",
            Self::Tuple(parts) => return alloc::format!("a tuple of {}", parts.len()),
            Self::Record(fields) => {
                let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
                return alloc::format!("a record of ({})", names.join(", "));
            }
            Self::Variant(case, None) | Self::Enum(case) => {
                return alloc::format!("the case {case}");
            }
            Self::Variant(case, Some(_)) => {
                return alloc::format!("the case {case} with a payload");
            }
            Self::Flags(names) => return alloc::format!("the flags ({})", names.join(", ")),
            Self::Map(entries) => return alloc::format!("a map of {}", entries.len()),
        };
        String::from(kind)
    }
}
