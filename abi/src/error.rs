use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::convention::AREA_ALIGN;

/// Bytes that are not a value of the expected type.
///
/// ```
/// use pack_abi::{DecodeErrorKind, Limits, decode};
///
/// // A list of two tuples, of which the second has a bool that is none.
/// let error = decode::<Vec<(u8, bool)>>(&[2, 0, 0, 0, 7, 1, 8, 5], Limits::DEFAULT).unwrap_err();
/// assert_eq!(*error.kind(), DecodeErrorKind::Bool(5));
/// assert_eq!(error.offset(), 7);
/// assert_eq!(error.path().count(), 2);
/// ```
///
/// One pointer wide, so that results on the decoding road stay small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError(Box<DecodeErrorInner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct DecodeErrorInner {
    kind: DecodeErrorKind,
    offset: usize,
    /// Innermost first: segments are added while the error travels outwards.
    path: Vec<Segment>,
}

/// One step from a value to a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// A record field, a variant case, or another named part.
    Field(Cow<'static, str>),
    /// An element of a list, or the number of a map entry, from 0.
    Index(u32),
}

/// What is wrong with the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// More bytes are needed than are left.
    UnexpectedEnd {
        /// How many bytes the next part takes at least.
        needed: u64,
        /// How many bytes are left.
        remaining: usize,
    },
    /// The value ends before the bytes do.
    TrailingBytes {
        /// How many bytes are left over.
        count: usize,
    },
    /// A string that is not UTF-8.
    Utf8,
    /// A bool, or the first byte of an option or result, that is neither 0 nor 1.
    Bool(u8),
    /// A number that is no Unicode scalar value.
    Char(u32),
    /// A discriminant that stands for no case.
    Discriminant {
        /// The discriminant.
        found: u32,
        /// How many cases there are.
        cases: u32,
    },
    /// A flag is set that the type does not have.
    Flags,
    /// A number outside the range of the Rust type, such as zero for a `NonZero` type.
    OutOfRange,
    /// Two entries of a map have the same key.
    DuplicateKey,
    /// A list that is read as a set has the same element twice.
    DuplicateElement,
    /// A value of the wire type that the Rust type does not accept.
    Invalid {
        /// What the conversion says.
        reason: String,
    },
    /// A core parameter or result that is outside its type's range.
    CoreValue(u64),
    /// More recursive values inside each other than the limit.
    TooDeep {
        /// The limit, in nested values of recursive types.
        limit: u32,
    },
    /// More values inside each other than one without types may have, whatever the depth limit:
    /// [`MAX_LEVELS`](crate::value::MAX_LEVELS).
    TooManyLevels {
        /// The limit, in values of any type.
        limit: u32,
    },
    /// More nodes than the limit.
    TooManyNodes {
        /// The limit, in list elements and values of recursive types.
        limit: u32,
    },
    /// The value would take more memory than the limit.
    TooManyBytes {
        /// The limit, in bytes of heap memory.
        limit: usize,
    },
    /// A back reference to a place where no earlier, completed value of the same type starts.
    BackReference {
        /// The byte offset it names.
        target: u32,
    },
    /// A pointer and length from a guest that lead outside its memory.
    OutsideMemory {
        /// Where it points.
        pointer: u32,
        /// To how many bytes.
        length: u32,
    },
    /// Elements of a list that are not aligned. A host has to put them at a multiple of
    /// [`AREA_ALIGN`](crate::convention::AREA_ALIGN).
    NotAligned,
    /// A handle that stands for no resource of the type that is expected.
    Handle {
        /// The handle.
        handle: u32,
        /// What is wrong with it.
        problem: HandleProblem,
    },
    /// The bytes cannot be read as this Rust type at all.
    Unsupported,
}

/// Why a handle or a resource is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HandleProblem {
    /// The resource has been dropped or given away, or was never there.
    Gone,
    /// The resource is of another type.
    OtherType,
    /// The resource belongs to another instance.
    OtherInstance,
    /// The resource is being worked on by an outer call.
    InUse,
    /// The resource is only lent for the call: it can neither be given away nor dropped.
    Lent,
    /// There are as many handles as an instance may have.
    TooMany,
    /// Handles have a meaning in calls of a running instance only, and only where types are known at compile time.
    NoInstance,
}

impl fmt::Display for HandleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gone => "the resource was dropped or given away, or never existed",
            Self::OtherType => "the resource is of another type",
            Self::OtherInstance => "the resource belongs to another instance",
            Self::InUse => "an outer call is working on the resource",
            Self::Lent => {
                "the resource is only lent for the call: it can neither be given away nor dropped"
            }
            Self::TooMany => "the instance has as many handles as it may have",
            Self::NoInstance => {
                "a resource can be passed only in a typed call of a running instance"
            }
        })
    }
}

impl DecodeError {
    /// An error at a byte offset.
    #[cold]
    #[inline(never)]
    pub fn new(kind: DecodeErrorKind, offset: usize) -> Self {
        Self(Box::new(DecodeErrorInner {
            kind,
            offset,
            path: Vec::new(),
        }))
    }

    /// What is wrong.
    pub fn kind(&self) -> &DecodeErrorKind {
        &self.0.kind
    }

    /// The byte at which it is wrong, counted from 0 at the start of the message.
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// The steps from the outermost value to the wrong part, outermost first.
    pub fn path(&self) -> impl Iterator<Item = &Segment> {
        self.0.path.iter().rev()
    }

    /// Says that the error happened inside a named part.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn in_field(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.0.path.push(Segment::Field(name.into()));
        self
    }

    /// Says that the error happened inside an element.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn at_index(mut self, index: u32) -> Self {
        self.0.path.push(Segment::Index(index));
        self
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.path.is_empty() {
            write_path(f, &self.0.path)?;
            f.write_str(": ")?;
        }
        write!(f, "{} (byte {})", self.0.kind, self.0.offset)
    }
}

/// Writes a path that is stored innermost first. The middle of a very long one is left out.
pub(crate) fn write_path(f: &mut fmt::Formatter<'_>, path: &[Segment]) -> fmt::Result {
    const SHOWN_AT_EACH_END: usize = 12;
    let mut first = true;
    for (at, segment) in path.iter().rev().enumerate() {
        let from_end = path.len() - at;
        if at == SHOWN_AT_EACH_END && from_end > SHOWN_AT_EACH_END {
            write!(f, "…({} more)…", from_end - SHOWN_AT_EACH_END)?;
        }
        if at >= SHOWN_AT_EACH_END && from_end > SHOWN_AT_EACH_END {
            continue;
        }
        match segment {
            Segment::Field(name) if first => f.write_str(name)?,
            Segment::Field(name) => write!(f, ".{name}")?,
            Segment::Index(index) => write!(f, "[{index}]")?,
        }
        first = false;
    }
    Ok(())
}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnexpectedEnd { needed, remaining } => {
                write!(
                    f,
                    "at least {needed} more bytes are needed, {remaining} are left"
                )
            }
            Self::TrailingBytes { count } => {
                write!(f, "{count} bytes are left over after the value")
            }
            Self::Utf8 => f.write_str("the string is not valid UTF-8"),
            Self::Bool(byte) => write!(f, "{byte} stands where only 0 or 1 may"),
            Self::Char(number) => write!(f, "{number:#x} is not a Unicode scalar value"),
            Self::Discriminant { found, cases } => {
                write!(
                    f,
                    "discriminant {found} stands for none of the {cases} cases"
                )
            }
            Self::Flags => f.write_str("a flag is set that the type does not have"),
            Self::OutOfRange => f.write_str("the number is outside the range of the type"),
            Self::DuplicateKey => f.write_str("the map has the same key twice"),
            Self::DuplicateElement => f.write_str("the set has the same element twice"),
            Self::Invalid { reason } => f.write_str(reason),
            Self::CoreValue(bits) => {
                write!(
                    f,
                    "the core value {bits:#x} is outside the range of its type"
                )
            }
            Self::TooDeep { limit } => {
                write!(
                    f,
                    "more than {limit} values of recursive types are nested (the depth limit)"
                )
            }
            Self::TooManyLevels { limit } => {
                write!(
                    f,
                    "more than {limit} values are inside each other, which a value without types may not have"
                )
            }
            Self::TooManyNodes { limit } => write!(f, "more than {limit} nodes (the node limit)"),
            Self::TooManyBytes { limit } => {
                write!(
                    f,
                    "the value takes more than {limit} bytes of memory (the byte limit)"
                )
            }
            Self::BackReference { target } => write!(
                f,
                "back reference to byte {target}, where no earlier value of the same type starts"
            ),
            Self::NotAligned => {
                write!(
                    f,
                    "the elements are not aligned: they have to be at a multiple of {AREA_ALIGN}"
                )
            }
            Self::OutsideMemory { pointer, length } => {
                write!(
                    f,
                    "{length} bytes at {pointer:#x} are outside the guest's memory"
                )
            }
            Self::Handle { handle, problem } => write!(f, "handle {handle}: {problem}"),
            Self::Unsupported => f.write_str("no value of this type can be read here"),
        }
    }
}

impl core::error::Error for DecodeError {}

/// A value that cannot be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodeError {
    kind: EncodeErrorKind,
    /// Innermost first.
    path: Vec<Segment>,
}

/// Why a value cannot be written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeErrorKind {
    /// More recursive values inside each other than the limit.
    TooDeep {
        /// The limit, in nested values of recursive types.
        limit: u32,
    },
    /// More values inside each other than one without types may have, whatever the depth limit:
    /// [`MAX_LEVELS`](crate::value::MAX_LEVELS).
    TooManyLevels {
        /// The limit, in values of any type.
        limit: u32,
    },
    /// A list, string or whole message of more than 2^32-1 elements or bytes.
    TooLong {
        /// How many there are.
        length: usize,
    },
    /// Two entries of a map have the same key.
    DuplicateKey,
    /// A Rust variant that has no case on the wire.
    SkippedVariant {
        /// Its Rust name.
        name: &'static str,
    },
    /// A dynamic value that is not of the type the schema asks for.
    Type {
        /// The type, in WIT words.
        expected: String,
        /// What the value is.
        found: String,
    },
    /// A resource that cannot be passed.
    Handle(HandleProblem),
}

impl EncodeError {
    /// An error without a path.
    pub fn new(kind: EncodeErrorKind) -> Self {
        Self {
            kind,
            path: Vec::new(),
        }
    }

    /// What is wrong.
    pub fn kind(&self) -> &EncodeErrorKind {
        &self.kind
    }

    /// The steps from the outermost value to the wrong part, outermost first.
    pub fn path(&self) -> impl Iterator<Item = &Segment> {
        self.path.iter().rev()
    }

    /// Says that the error happened inside a named part.
    #[must_use]
    pub fn in_field(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.path.push(Segment::Field(name.into()));
        self
    }

    /// Says that the error happened inside an element.
    #[must_use]
    pub fn at_index(mut self, index: u32) -> Self {
        self.path.push(Segment::Index(index));
        self
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write_path(f, &self.path)?;
            f.write_str(": ")?;
        }
        match &self.kind {
            EncodeErrorKind::TooDeep { limit } => {
                write!(
                    f,
                    "more than {limit} values of recursive types are nested (the depth limit)"
                )
            }
            EncodeErrorKind::TooManyLevels { limit } => {
                write!(
                    f,
                    "more than {limit} values are inside each other, which a value without types may not have"
                )
            }
            EncodeErrorKind::TooLong { length } => {
                write!(
                    f,
                    "{length} elements or bytes, where at most {} can be sent",
                    u32::MAX
                )
            }
            EncodeErrorKind::DuplicateKey => f.write_str("the map has the same key twice"),
            EncodeErrorKind::SkippedVariant { name } => {
                write!(
                    f,
                    "the variant {name} does not travel: it says #[pack(skip)]"
                )
            }
            EncodeErrorKind::Type { expected, found } => {
                write!(f, "expected {expected}, found {found}")
            }
            EncodeErrorKind::Handle(problem) => problem.fmt(f),
        }
    }
}

impl core::error::Error for EncodeError {}
