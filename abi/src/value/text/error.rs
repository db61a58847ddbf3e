use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::fmt;
use core::ops::Range;

use crate::error::HandleProblem;
use crate::printable::printable;

/// How many characters of a line are shown on each side of a mistake.
const SHOWN: usize = 60;

/// A text that is not a value of the expected type.
///
/// Its `Display` shows the line with the mistake:
///
/// ```text
/// 1:9: expected u8, found `x`
///   1 | {x: 1, y: x}
///     |           ^
///   help: a number from 0 to 255
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextError(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    kind: TextErrorKind,
    span: Range<usize>,
    line: usize,
    column: usize,
    shown: Shown,
}

/// What a line looks like around a mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    before: String,
    meant: String,
    after: String,
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextErrorKind {
    /// Something else should be there.
    Expected {
        /// A type in WIT words, or a sign.
        expected: String,
        /// What is there.
        found: String,
        /// How values of the type are written.
        help: Option<String>,
    },
    /// A number outside the range of its type.
    Range {
        /// The type, in WIT words.
        expected: String,
        /// The number.
        found: String,
        /// What the range is.
        help: String,
    },
    /// A name that the type does not have.
    Unknown {
        /// What kind of name: `field`, `case` or `flag`.
        what: &'static str,
        /// The type, in WIT words.
        of: String,
        /// The name.
        name: String,
        /// What may have been meant.
        help: String,
    },
    /// A record without one of its fields.
    Missing {
        /// The type of the record, in WIT words.
        of: String,
        /// The field.
        field: String,
        /// The type of the field, in WIT words.
        ty: String,
    },
    /// A field, flag or key that is there twice.
    Twice {
        /// `field`, `flag` or `key`.
        what: &'static str,
        /// Its name, or the key itself.
        name: String,
    },
    /// More or fewer elements than the type has.
    Count {
        /// The type, in WIT words.
        of: String,
        /// How many it has.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Fewer or more arguments than the function has parameters.
    Arguments {
        /// The function's name.
        function: String,
        /// How many it has.
        expected: usize,
        /// How many there are, at least.
        found: usize,
        /// What the parameters are.
        help: String,
    },
    /// A case without the payload it has, or with one that it has not.
    Payload {
        /// The case, `some`, `ok` or `err`.
        case: String,
        /// The type of the payload, in WIT words, if there should be one.
        expected: Option<String>,
    },
    /// A backslash that starts no escape.
    Escape {
        /// Which escapes there are.
        help: &'static str,
    },
    /// A string over several lines that does not begin, end or go on as one.
    Lines {
        /// What it should do.
        help: &'static str,
    },
    /// Something follows the value.
    Trailing,
    /// More values inside each other than the limit.
    TooDeep {
        /// The limit, in values.
        limit: u32,
    },
    /// The value would take more memory than the limit.
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// A resource, which text cannot stand for.
    Handle {
        /// The type, in WIT words.
        ty: String,
    },
}

impl TextError {
    /// An error at a range of bytes of a text.
    #[cold]
    pub(super) fn new(kind: TextErrorKind, text: &str, span: Range<usize>) -> Self {
        let start = text.floor_char_boundary(span.start);
        let end = text.ceil_char_boundary(span.end.max(start));
        let (before, after) = text.split_at(start);
        let line_before = before.rsplit('\n').next().unwrap_or_default();
        let line_after = after.split('\n').next().unwrap_or_default();
        let line_after = line_after.strip_suffix('\r').unwrap_or(line_after);
        let meant = line_after.floor_char_boundary((end - start).min(line_after.len()));
        let (meant, line_after) = line_after.split_at(meant);
        Self(Box::new(Inner {
            kind,
            span: start..end,
            line: before.matches('\n').count() + 1,
            column: line_before.chars().count() + 1,
            shown: Shown {
                before: last(line_before),
                meant: first(meant),
                after: first(line_after),
            },
        }))
    }

    /// What is wrong.
    pub fn kind(&self) -> &TextErrorKind {
        &self.0.kind
    }

    /// Which bytes of the text are wrong, counted from 0.
    pub fn span(&self) -> Range<usize> {
        self.0.span.clone()
    }

    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.0.line
    }

    /// The column in characters, counted from 1.
    pub fn column(&self) -> usize {
        self.0.column
    }
}

/// The end of what precedes the mistake in its line.
fn last(text: &str) -> String {
    match text.char_indices().nth_back(SHOWN) {
        Some((at, c)) => "…".to_owned() + &shown(text.get(at + c.len_utf8()..).unwrap_or(text)),
        None => shown(text),
    }
}

fn first(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => shown(text.get(..at).unwrap_or(text)) + "…",
        None => shown(text),
    }
}

/// With nothing in it that would change how a terminal shows the rest.
fn shown(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\t' => out.push_str("    "),
            c => out.push(printable(c)),
        }
    }
    out
}

impl TextErrorKind {
    /// A word for the sort of mistake, which stays the same whatever the message says; all begin with `value::`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Expected { .. } => "value::expected",
            Self::Range { .. } => "value::range",
            Self::Unknown { .. } => "value::unknown",
            Self::Missing { .. } => "value::missing",
            Self::Twice { .. } => "value::twice",
            Self::Count { .. } => "value::count",
            Self::Arguments { .. } => "value::arguments",
            Self::Payload { .. } => "value::payload",
            Self::Escape { .. } => "value::escape",
            Self::Lines { .. } => "value::lines",
            Self::Trailing => "value::trailing",
            Self::TooDeep { .. } => "value::too-deep",
            Self::TooLarge { .. } => "value::too-large",
            Self::Handle { .. } => "value::handle",
        }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::Expected { help, .. } => return help.clone(),
            Self::Range { help, .. }
            | Self::Unknown { help, .. }
            | Self::Arguments { help, .. } => help.clone(),
            Self::Missing { field, ty, .. } => {
                alloc::format!("add `{field}: …`, {ty}; only options may be left out")
            }
            Self::Twice { what, .. } => alloc::format!("remove one: each {what} can be there once"),
            Self::Payload {
                case,
                expected: Some(ty),
            } => alloc::format!("write `{case}(…)` with {ty} inside"),
            Self::Payload {
                case,
                expected: None,
            } => alloc::format!("write `{case}` alone"),
            Self::Escape { help } | Self::Lines { help } => help.to_string(),
            Self::Count { .. }
            | Self::Trailing
            | Self::TooDeep { .. }
            | Self::TooLarge { .. }
            | Self::Handle { .. } => return None,
        })
    }
}

impl fmt::Display for TextErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expected {
                expected, found, ..
            } => write!(f, "expected {expected}, found {found}"),
            Self::Range {
                expected, found, ..
            } => write!(f, "{found} is outside the range of {expected}"),
            Self::Unknown { what, of, name, .. } => write!(f, "{of} has no {what} `{name}`"),
            Self::Missing { of, field, .. } => {
                write!(f, "the field `{field}` of {of} is missing")
            }
            Self::Twice { what, name } => write!(f, "the {what} {name} is there twice"),
            Self::Count {
                of,
                expected,
                found,
            } => write!(f, "{of} has {expected} elements, not {found}"),
            Self::Arguments {
                function,
                expected,
                found,
                ..
            } => {
                let s = if *expected == 1 { "" } else { "s" };
                write!(f, "`{function}` takes {expected} argument{s}, not {found}")
            }
            Self::Payload {
                case,
                expected: Some(_),
            } => write!(f, "`{case}` needs a payload"),
            Self::Payload {
                case,
                expected: None,
            } => write!(f, "`{case}` has no payload"),
            Self::Escape { .. } => f.write_str("this is no escape"),
            Self::Lines { .. } => f.write_str("this is no string over several lines"),
            Self::Trailing => f.write_str("the value ends before this"),
            Self::TooDeep { limit } => write!(f, "more than {limit} values are inside each other"),
            Self::TooLarge { limit } => {
                write!(f, "the value takes more than {limit} bytes of memory")
            }
            Self::Handle { ty } => {
                write!(
                    f,
                    "{ty} cannot be written as text: {}",
                    HandleProblem::NoInstance
                )
            }
        }
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            kind,
            line,
            column,
            shown:
                Shown {
                    before,
                    meant,
                    after,
                },
            ..
        } = &*self.0;
        write!(f, "{line}:{column}: {kind}")?;
        let number = line.to_string();
        let text = alloc::format!("{before}{meant}{after}");
        if !text.trim().is_empty() {
            let (margin, indent) = (number.len(), before.chars().count());
            let width = meant.chars().count().max(1);
            write!(f, "\n  {number} | {}", text.trim_end())?;
            write!(f, "\n  {:margin$} | {:indent$}{:^<width$}", "", "", "")?;
        }
        match kind.help() {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for TextError {}
