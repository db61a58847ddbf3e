//! Writing results, as jq does.

use std::fmt::{self, Write as _};
use std::io::{self, Write as _};

use json_query_text::{write_number, write_string};

use crate::package::Json;

/// Prints each result on lines of its own; if `compact`, on one line.
pub fn results(results: &[Json], compact: bool) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut text = String::new();
    for result in results {
        text.clear();
        let layout = if compact {
            Layout::Compact
        } else {
            Layout::Indented(0)
        };
        write_value(&mut text, result, layout).map_err(io::Error::other)?;
        text.push('\n');
        out.write_all(text.as_bytes())?;
    }
    out.flush()
}

/// Where a value stands.
#[derive(Clone, Copy)]
enum Layout {
    /// On the same line as all else.
    Compact,
    /// On lines of its own, this many levels in.
    Indented(usize),
}

impl Layout {
    fn inside(self) -> Layout {
        match self {
            Layout::Compact => Layout::Compact,
            Layout::Indented(levels) => Layout::Indented(levels + 1),
        }
    }

    /// Goes to where the next part of the value is to stand.
    fn next_line(self, out: &mut String) -> fmt::Result {
        match self {
            Layout::Compact => Ok(()),
            Layout::Indented(levels) => write!(out, "\n{:width$}", "", width = 2 * levels),
        }
    }

    fn colon(self) -> &'static str {
        match self {
            Layout::Compact => ":",
            Layout::Indented(_) => ": ",
        }
    }
}

fn write_value(out: &mut String, value: &Json, layout: Layout) -> fmt::Result {
    match value {
        Json::Null => out.write_str("null"),
        Json::Boolean(value) => write!(out, "{value}"),
        Json::Number(value) => write_number(out, *value),
        Json::Text(value) => write_string(out, value),
        Json::Array(items) => write_list(out, items, ['[', ']'], layout, write_value),
        Json::Object(members) => write_list(
            out,
            members,
            ['{', '}'],
            layout,
            |out, (key, value), layout| {
                write_string(out, key)?;
                out.write_str(layout.colon())?;
                write_value(out, value, layout)
            },
        ),
    }
}

/// Writes the parts of an array or an object between its brackets.
fn write_list<T>(
    out: &mut String,
    parts: &[T],
    [open, close]: [char; 2],
    layout: Layout,
    write_part: impl Fn(&mut String, &T, Layout) -> fmt::Result,
) -> fmt::Result {
    out.write_char(open)?;
    let inside = layout.inside();
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            out.write_char(',')?;
        }
        inside.next_line(out)?;
        write_part(out, part, inside)?;
    }
    if !parts.is_empty() {
        layout.next_line(out)?;
    }
    out.write_char(close)
}
