//! What a guest tells the log of its host: the message of the import [`LOG`](crate::convention::LOG).
//!
//! `docs/abi.md` has the same types in WIT. They belong to the calling convention and to no contract, so that they do
//! not describe themselves as schemas, and are read in place.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::error::DecodeError;
use crate::graph_value::Encode;
use crate::wire::{Decoder, Encoder, Limits, Sink, Width};

/// How much an event matters. What matters more is less: `Error < Trace`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Something failed.
    Error,
    /// Something may be wrong.
    Warn,
    /// Something worth knowing happened.
    Info,
    /// For those who look for a mistake.
    Debug,
    /// Every step.
    Trace,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Error => "ERROR",
            Self::Warn => "WARN",
            Self::Info => "INFO",
            Self::Debug => "DEBUG",
            Self::Trace => "TRACE",
        })
    }
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldValue<'a> {
    /// True or false.
    Bool(bool),
    /// A number with a sign.
    S64(i64),
    /// A number without.
    U64(u64),
    /// A number with a fraction.
    F64(f64),
    /// Text, and everything else in its own words.
    Text(Cow<'a, str>),
}

impl FieldValue<'_> {
    /// The same value, of a life of its own.
    pub fn into_owned(self) -> FieldValue<'static> {
        match self {
            Self::Bool(value) => FieldValue::Bool(value),
            Self::S64(value) => FieldValue::S64(value),
            Self::U64(value) => FieldValue::U64(value),
            Self::F64(value) => FieldValue::F64(value),
            Self::Text(text) => FieldValue::Text(own(text)),
        }
    }
}

macro_rules! from {
    ($($type:ty => $case:ident),*) => {
        $(impl From<$type> for FieldValue<'_> {
            fn from(value: $type) -> Self {
                Self::$case(value.into())
            }
        })*
    };
}

from!(bool => Bool, i8 => S64, i16 => S64, i32 => S64, i64 => S64);
from!(u8 => U64, u16 => U64, u32 => U64, u64 => U64, f32 => F64, f64 => F64, String => Text);

impl<'a> From<&'a str> for FieldValue<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

/// A name and a value.
pub type Field<'a> = (Cow<'a, str>, FieldValue<'a>);

/// Something that was going on when an event happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Span<'a> {
    /// What it is called.
    pub name: Cow<'a, str>,
    /// What is known of it.
    pub fields: Vec<Field<'a>>,
}

impl Span<'_> {
    /// The same span, of a life of its own.
    pub fn into_owned(self) -> Span<'static> {
        Span {
            name: own(self.name),
            fields: own_fields(self.fields),
        }
    }
}

/// One event. Who writes may have only references to spans, `S`.
#[derive(Debug, Clone, PartialEq)]
pub struct Record<'a, S = Span<'a>> {
    /// How much it matters.
    pub level: Level,
    /// Which part of the guest speaks: in Rust, a path of modules.
    pub target: Cow<'a, str>,
    /// The text.
    pub message: Cow<'a, str>,
    /// The source file, as the guest's compiler knew it.
    pub file: Option<Cow<'a, str>>,
    /// The line in that file, from 1.
    pub line: Option<u32>,
    /// What else is known.
    pub fields: Vec<Field<'a>>,
    /// What was going on, outermost first.
    pub spans: Vec<S>,
}

impl<'a> Record<'a> {
    /// Reads a message. Text stays where it is.
    ///
    /// # Errors
    ///
    /// If the bytes are not an event, or a limit is reached.
    pub fn read(message: &'a [u8], limits: Limits) -> Result<Self, DecodeError> {
        let mut decoder = Decoder::new(message, limits);
        let record = read_record(&mut decoder)?;
        decoder.finish()?;
        Ok(record)
    }
}

/// The text, copied if it is borrowed.
pub fn own(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

/// The fields, with copies of what is borrowed.
pub fn own_fields(fields: Vec<Field<'_>>) -> Vec<Field<'static>> {
    let owned = |(name, value): Field<'_>| (own(name), value.into_owned());
    fields.into_iter().map(owned).collect()
}

impl Encode for Level {
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        let number = match self {
            Self::Error => 0,
            Self::Warn => 1,
            Self::Info => 2,
            Self::Debug => 3,
            Self::Trace => 4,
        };
        encoder.discriminant(Width::One, number);
    }
}

impl Encode for FieldValue<'_> {
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        let mut case = |number| encoder.discriminant(Width::One, number);
        match self {
            Self::Bool(value) => {
                case(0);
                value.encode(encoder);
            }
            Self::S64(value) => {
                case(1);
                value.encode(encoder);
            }
            Self::U64(value) => {
                case(2);
                value.encode(encoder);
            }
            Self::F64(value) => {
                case(3);
                value.encode(encoder);
            }
            Self::Text(text) => {
                case(4);
                text.encode(encoder);
            }
        }
    }
}

impl Encode for Span<'_> {
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        self.name.encode(encoder);
        self.fields.encode(encoder);
    }
}

impl<P: Encode> Encode for Record<'_, P> {
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        self.level.encode(encoder);
        self.target.encode(encoder);
        self.message.encode(encoder);
        self.file.encode(encoder);
        self.line.encode(encoder);
        self.fields.encode(encoder);
        self.spans.encode(encoder);
    }
}

/// The fewest bytes of a field: the count of its name, a case, a bool.
const LEAST_FIELD: u32 = 4 + 1 + 1;
/// The fewest bytes of a span: the counts of its name and its fields.
const LEAST_SPAN: u32 = 4 + 4;

fn read_record<'a>(decoder: &mut Decoder<'a>) -> Result<Record<'a>, DecodeError> {
    Ok(Record {
        level: read_level(decoder).map_err(|error| error.in_field("level"))?,
        target: read_text(decoder).map_err(|error| error.in_field("target"))?,
        message: read_text(decoder).map_err(|error| error.in_field("message"))?,
        file: read_option(decoder, read_text).map_err(|error| error.in_field("file"))?,
        line: read_option(decoder, |decoder| decoder.array().map(u32::from_le_bytes))
            .map_err(|error| error.in_field("line"))?,
        fields: read_fields(decoder)?,
        spans: read_list(decoder, LEAST_SPAN, read_span)
            .map_err(|error| error.in_field("spans"))?,
    })
}

fn read_level(decoder: &mut Decoder<'_>) -> Result<Level, DecodeError> {
    Ok(match decoder.discriminant(Width::One, 5)? {
        0 => Level::Error,
        1 => Level::Warn,
        2 => Level::Info,
        3 => Level::Debug,
        _ => Level::Trace,
    })
}

fn read_text<'a>(decoder: &mut Decoder<'a>) -> Result<Cow<'a, str>, DecodeError> {
    decoder.str().map(Cow::Borrowed)
}

fn read_fields<'a>(decoder: &mut Decoder<'a>) -> Result<Vec<Field<'a>>, DecodeError> {
    let field = |decoder: &mut Decoder<'a>| Ok((read_text(decoder)?, read_value(decoder)?));
    read_list(decoder, LEAST_FIELD, field).map_err(|error| error.in_field("fields"))
}

fn read_value<'a>(decoder: &mut Decoder<'a>) -> Result<FieldValue<'a>, DecodeError> {
    Ok(match decoder.discriminant(Width::One, 5)? {
        0 => FieldValue::Bool(decoder.bool()?),
        1 => FieldValue::S64(i64::from_le_bytes(decoder.array()?)),
        2 => FieldValue::U64(u64::from_le_bytes(decoder.array()?)),
        3 => FieldValue::F64(f64::from_le_bytes(decoder.array()?)),
        _ => FieldValue::Text(read_text(decoder)?),
    })
}

fn read_span<'a>(decoder: &mut Decoder<'a>) -> Result<Span<'a>, DecodeError> {
    Ok(Span {
        name: read_text(decoder).map_err(|error| error.in_field("name"))?,
        fields: read_fields(decoder)?,
    })
}

fn read_option<'a, V>(
    decoder: &mut Decoder<'a>,
    read: impl FnOnce(&mut Decoder<'a>) -> Result<V, DecodeError>,
) -> Result<Option<V>, DecodeError> {
    match decoder.bool()? {
        true => read(decoder).map(Some),
        false => Ok(None),
    }
}

fn read_list<'a, V>(
    decoder: &mut Decoder<'a>,
    least: u32,
    read: impl Fn(&mut Decoder<'a>) -> Result<V, DecodeError>,
) -> Result<Vec<V>, DecodeError> {
    let count = decoder.count(least)?;
    let mut items = decoder.room_for(count)?;
    for index in 0..count {
        items.push(read(decoder).map_err(|error| error.at_index(index))?);
    }
    Ok(items)
}
