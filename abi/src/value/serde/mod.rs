//! Values in JSON, and in every other format that serde knows and that says itself what it holds.
//!
//! | type | JSON |
//! | --- | --- |
//! | `bool` | `true`, `false` |
//! | integers | a number; for `u64` and `s64` also a string of decimal digits is read |
//! | `f32`, `f64` | a number, or `"NaN"`, `"Infinity"`, `"-Infinity"` |
//! | `char`, `string` | a string |
//! | `list<T>`, `list<T, N>`, `tuple<A, B>` | an array |
//! | `list<u8>` | a string, [base64] with padding; an array of numbers is read as well. Bytes, where a format is binary |
//! | record | an object; a field that is an option may be left out |
//! | variant | `"case"` without payload, `{"case": payload}` with one |
//! | enum | `"case"` |
//! | flags | an array of names, `["read", "write"]` |
//! | `option<T>` | `null`, or what `T` is |
//! | `option<option<T>>` | `null`, or `{"some": …}` with what `option<T>` is inside |
//! | `result<T, E>` | `{"ok": …}`, `{"err": …}`; `"ok"` and `"err"` where there is no payload |
//! | `map<string, V>` | an object |
//! | `map<K, V>` | an array of `[key, value]` |
//! | resources | none: an error |
//!
//! Names are those of the WIT. Fields that the type does not have, that are there twice or missing are errors, also those
//! of objects inside. Of NaN there is one, whichever it was.
//!
//! At most [`MAX_LEVELS`] values may be inside each other, whatever limit a format has, and a value that is read may
//! take 256 MiB of memory. Messages begin with the path to the part that is wrong: `items[3].name: expected …`.
//!
//! ```
//! # use pack_abi::{Value, schema_of, value::serde::ValueSeed};
//! # use serde::de::DeserializeSeed;
//! let (contract, ty) = schema_of::<Vec<Option<u16>>>()?;
//! let json = serde_json::json!([1, null, 3]);
//! let value = ValueSeed::new(&contract, ty).deserialize(&json)?;
//! assert_eq!(value.to_string(), "[some(1), none, some(3)]");
//! assert_eq!(serde_json::to_value(value.typed(&contract, ty))?, json);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [base64]: https://www.rfc-editor.org/rfc/rfc4648#section-4

mod de;
mod ser;

use alloc::vec::Vec;
use core::fmt;

use crate::error::{Segment, write_path};
use crate::schema::{Contract, Type, TypeKind};
use crate::value::{MAX_LEVELS, Value};

pub use de::ValueSeed;
pub use ser::TypedValue;

const NAN: &str = "NaN";
const INFINITY: &str = "Infinity";
const NEGATIVE_INFINITY: &str = "-Infinity";

impl Value {
    /// The value with its type, which serde's formats can write. That the value is of the type is found out when it is
    /// written.
    pub fn typed<'a>(&'a self, contract: &'a Contract, ty: Type) -> TypedValue<'a> {
        TypedValue::new(self, Place::new(contract, ty))
    }

    /// The value as [JSON](self) on one line.
    ///
    /// # Errors
    ///
    /// If the value is not of the type, or too deep.
    #[cfg(feature = "json")]
    pub fn to_json(
        &self,
        contract: &Contract,
        ty: Type,
    ) -> Result<alloc::string::String, serde_json::Error> {
        serde_json::to_string(&self.typed(contract, ty))
    }

    /// A value of a type, from [JSON](self). Of a package, the contract is `package.types()`, and the type is that of a
    /// [parameter](crate::schema::Param::ty).
    ///
    /// ```
    /// use pack_abi::{Value, schema_of};
    ///
    /// let (contract, ty) = schema_of::<Vec<Option<u16>>>()?;
    /// let value = Value::from_json(&contract, ty, "[1, null]")?;
    /// assert_eq!(value.to_string(), "[some(1), none]");
    /// assert_eq!(value.to_json(&contract, ty)?, "[1,null]");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first place where the text is no JSON, or not a value of the type.
    #[cfg(feature = "json")]
    pub fn from_json(contract: &Contract, ty: Type, text: &str) -> Result<Self, serde_json::Error> {
        use ::serde::de::DeserializeSeed;

        let mut json = serde_json::Deserializer::from_str(text);
        // What counts is how deep the value is.
        json.disable_recursion_limit();
        let value = ValueSeed::new(contract, ty).deserialize(&mut json)?;
        json.end()?;
        Ok(value)
    }
}

/// A place inside a value, and its type.
#[derive(Clone, Copy)]
struct Place<'a> {
    contract: &'a Contract,
    ty: Type,
    /// How many values are around it.
    level: u32,
    path: Option<&'a Path<'a>>,
}

/// The way to a place.
struct Path<'a> {
    outer: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

impl<'a> Place<'a> {
    fn new(contract: &'a Contract, ty: Type) -> Self {
        Self {
            contract,
            ty,
            level: 0,
            path: None,
        }
    }

    fn kind(&self) -> Option<&'a TypeKind> {
        self.contract.kind(self.ty)
    }

    /// A part that has no name.
    fn inside(&self, ty: Type) -> Self {
        let level = self.level + 1;
        Self { ty, level, ..*self }
    }

    /// The way to a part of this place.
    fn step(&self, step: Step<'a>) -> Path<'a> {
        Path {
            outer: self.path,
            step,
        }
    }

    /// The same value, with such a way to what is meant of it.
    fn at<'b>(&self, path: &'b Path<'b>) -> Place<'b>
    where
        'a: 'b,
    {
        let path = Some(path);
        Place { path, ..*self }
    }

    /// The part at the end of such a way.
    fn part<'b>(&self, ty: Type, path: &'b Path<'b>) -> Place<'b>
    where
        'a: 'b,
    {
        self.at(path).inside(ty)
    }

    fn is_too_deep(&self) -> bool {
        self.level >= MAX_LEVELS
    }

    /// Whether an option's payload is an option, so that `null` would have two meanings.
    fn is_option(&self) -> bool {
        matches!(self.kind(), Some(TypeKind::Option(_)))
    }

    /// The steps, innermost first.
    fn segments(&self) -> Vec<Segment> {
        let mut segments = Vec::new();
        let mut at = self.path;
        while let Some(Path { outer, step }) = at {
            segments.push(match *step {
                Step::Name(name) => Segment::Field(alloc::string::String::from(name).into()),
                Step::Index(index) => Segment::Index(u32::try_from(index).unwrap_or(u32::MAX)),
            });
            at = *outer;
        }
        segments
    }
}

/// What is said of more than [`MAX_LEVELS`] values inside each other.
struct TooDeep;

impl fmt::Display for TooDeep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "more than {MAX_LEVELS} values are inside each other")
    }
}

/// A message with its place in front.
struct At<'a, M> {
    place: Place<'a>,
    message: M,
}

impl<M: fmt::Display> fmt::Display for At<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let segments = self.place.segments();
        write_path(f, &segments)?;
        f.write_str(if segments.is_empty() { "" } else { ": " })?;
        self.message.fmt(f)
    }
}
