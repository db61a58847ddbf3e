//! Values as text: WAVE for readers, Rust's own notation for debugging. Neither recurses.

use alloc::vec::Vec;
use core::fmt::{self, Write};

use super::Value;
use super::parts::Parts;

/// What has a meaning of its own in WAVE; a case of that name gets a `%` in front.
const KEYWORDS: [&str; 8] = ["true", "false", "inf", "nan", "some", "none", "ok", "err"];

/// The value in [WAVE], on one line. `Value::from_wave`, of the feature `text`, reads it.
///
/// [WAVE]: https://github.com/bytecodealliance/wasm-tools/tree/main/crates/wasm-wave
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self, &Wave)
    }
}

/// As derived, but always on one line.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self, &Rust)
    }
}

/// A way of writing values.
trait Notation {
    /// The whole of a value without parts, and what precedes the parts of another.
    fn open(&self, f: &mut fmt::Formatter<'_>, value: &Value) -> fmt::Result;
    /// What precedes a part, counted from 0.
    fn before(&self, f: &mut fmt::Formatter<'_>, value: &Value, at: usize) -> fmt::Result;
    /// What follows the parts.
    fn close(&self, value: &Value) -> &'static str;
}

fn write(f: &mut fmt::Formatter<'_>, value: &Value, notation: &dyn Notation) -> fmt::Result {
    notation.open(f, value)?;
    let mut open = Vec::from([(value, Parts::of(value).enumerate())]);
    while let Some((value, parts)) = open.last_mut() {
        match parts.next() {
            Some((at, part)) => {
                notation.before(f, value, at)?;
                notation.open(f, part)?;
                open.push((part, Parts::of(part).enumerate()));
            }
            None => {
                f.write_str(notation.close(value))?;
                open.pop();
            }
        }
    }
    Ok(())
}

struct Wave;

impl Notation for Wave {
    fn open(&self, f: &mut fmt::Formatter<'_>, value: &Value) -> fmt::Result {
        let mut head = |name: &str, payload: bool| {
            f.write_str(name)?;
            f.write_str(if payload { "(" } else { "" })
        };
        match value {
            Value::Bool(v) => write!(f, "{v}"),
            Value::U8(v) => write!(f, "{v}"),
            Value::U16(v) => write!(f, "{v}"),
            Value::U32(v) => write!(f, "{v}"),
            Value::U64(v) => write!(f, "{v}"),
            Value::S8(v) => write!(f, "{v}"),
            Value::S16(v) => write!(f, "{v}"),
            Value::S32(v) => write!(f, "{v}"),
            Value::S64(v) => write!(f, "{v}"),
            Value::F32(v) if v.is_nan() => f.write_str("nan"),
            Value::F64(v) if v.is_nan() => f.write_str("nan"),
            // With a fraction or an exponent, and as short as it can be.
            Value::F32(v) => write!(f, "{v:?}"),
            Value::F64(v) => write!(f, "{v:?}"),
            Value::Char(v) => quoted(f, '\'', [*v]),
            Value::String(v) => quoted(f, '"', v.chars()),
            Value::Bytes(v) => write!(f, "{v:?}"),
            Value::List(_) => f.write_str("["),
            Value::Tuple(_) => f.write_str("("),
            Value::Record(fields) if fields.is_empty() => f.write_str("{:"),
            Value::Record(_) | Value::Map(_) => f.write_str("{"),
            Value::Flags(names) => write!(f, "{{{}}}", names.join(", ")),
            Value::Option(None) => f.write_str("none"),
            Value::Option(Some(_)) => f.write_str("some("),
            Value::Result(Ok(payload)) => head("ok", payload.is_some()),
            Value::Result(Err(payload)) => head("err", payload.is_some()),
            Value::Enum(case) => label(f, case),
            Value::Variant(case, payload) => {
                label(f, case)?;
                f.write_str(if payload.is_some() { "(" } else { "" })
            }
        }
    }

    fn before(&self, f: &mut fmt::Formatter<'_>, value: &Value, at: usize) -> fmt::Result {
        match value {
            Value::Map(_) if !at.is_multiple_of(2) => return f.write_str(": "),
            _ if at > 0 => f.write_str(", ")?,
            _ => {}
        }
        match value {
            Value::Record(fields) => {
                let name = fields.get(at).map_or("", |(name, _)| name);
                write!(f, "{name}: ")
            }
            _ => Ok(()),
        }
    }

    fn close(&self, value: &Value) -> &'static str {
        match value {
            Value::List(_) => "]",
            Value::Record(_) | Value::Map(_) => "}",
            Value::Tuple(_)
            | Value::Option(Some(_))
            | Value::Result(Ok(Some(_)) | Err(Some(_)))
            | Value::Variant(_, Some(_)) => ")",
            _ => "",
        }
    }
}

fn label(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    f.write_str(if KEYWORDS.contains(&name) { "%" } else { "" })?;
    f.write_str(name)
}

fn quoted(
    f: &mut fmt::Formatter<'_>,
    quote: char,
    text: impl IntoIterator<Item = char>,
) -> fmt::Result {
    f.write_char(quote)?;
    for c in text {
        match c {
            '\\' | '\t' | '\r' | '\n' => write!(f, "{}", c.escape_default())?,
            '\'' | '"' if c == quote => write!(f, "\\{c}")?,
            '\'' | '"' => f.write_char(c)?,
            // WAVE has no `\0`.
            c if c.is_control() => write!(f, "{}", c.escape_unicode())?,
            c => write!(f, "{}", c.escape_debug())?,
        }
    }
    f.write_char(quote)
}

struct Rust;

impl Notation for Rust {
    fn open(&self, f: &mut fmt::Formatter<'_>, value: &Value) -> fmt::Result {
        let some = |payload: bool| if payload { "Some(" } else { "None" };
        match value {
            Value::Bool(v) => write!(f, "Bool({v})"),
            Value::U8(v) => write!(f, "U8({v})"),
            Value::U16(v) => write!(f, "U16({v})"),
            Value::U32(v) => write!(f, "U32({v})"),
            Value::U64(v) => write!(f, "U64({v})"),
            Value::S8(v) => write!(f, "S8({v})"),
            Value::S16(v) => write!(f, "S16({v})"),
            Value::S32(v) => write!(f, "S32({v})"),
            Value::S64(v) => write!(f, "S64({v})"),
            Value::F32(v) => write!(f, "F32({v:?})"),
            Value::F64(v) => write!(f, "F64({v:?})"),
            Value::Char(v) => write!(f, "Char({v:?})"),
            Value::String(v) => write!(f, "String({v:?})"),
            Value::Bytes(v) => write!(f, "Bytes({v:?})"),
            Value::Enum(v) => write!(f, "Enum({v:?})"),
            Value::Flags(v) => write!(f, "Flags({v:?})"),
            Value::List(_) => f.write_str("List(["),
            Value::Tuple(_) => f.write_str("Tuple(["),
            Value::Record(_) => f.write_str("Record(["),
            Value::Map(_) => f.write_str("Map(["),
            Value::Option(payload) => write!(f, "Option({}", some(payload.is_some())),
            Value::Result(Ok(payload)) => write!(f, "Result(Ok({}", some(payload.is_some())),
            Value::Result(Err(payload)) => write!(f, "Result(Err({}", some(payload.is_some())),
            Value::Variant(case, payload) => {
                write!(f, "Variant({case:?}, {}", some(payload.is_some()))
            }
        }
    }

    fn before(&self, f: &mut fmt::Formatter<'_>, value: &Value, at: usize) -> fmt::Result {
        match value {
            Value::Record(fields) => {
                f.write_str(if at > 0 { "), (" } else { "(" })?;
                let name = fields.get(at).map_or("", |(name, _)| name);
                write!(f, "{name:?}, ")
            }
            Value::Map(_) if at == 0 => f.write_str("("),
            Value::Map(_) if at.is_multiple_of(2) => f.write_str("), ("),
            _ => f.write_str(if at > 0 { ", " } else { "" }),
        }
    }

    fn close(&self, value: &Value) -> &'static str {
        match value {
            Value::List(_) | Value::Tuple(_) => "])",
            Value::Record(fields) if fields.is_empty() => "])",
            Value::Map(entries) if entries.is_empty() => "])",
            Value::Record(_) | Value::Map(_) => ")])",
            Value::Option(Some(_)) | Value::Variant(_, Some(_)) => "))",
            Value::Option(None) | Value::Variant(_, None) => ")",
            Value::Result(Ok(None) | Err(None)) => "))",
            Value::Result(Ok(Some(_)) | Err(Some(_))) => ")))",
            _ => "",
        }
    }
}
