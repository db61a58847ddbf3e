//! A line of a source text, as it is shown below a message.

use std::ops::Range;

use pack_runtime::printable;
use serde::Serialize;

/// How many characters of a line are shown on each side of what is meant.
const SHOWN: usize = 60;

/// One line, of which a part is meant.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Excerpt {
    pub(crate) file: String,
    /// Counted from 1.
    pub(crate) line: usize,
    /// In characters, counted from 1.
    pub(crate) column: usize,
    /// What of the text is meant, in bytes.
    pub(crate) meant: Range<usize>,
    pub(crate) text: String,
}

impl Excerpt {
    /// Of a line, counted from 1, so many characters are meant from a column, counted from 1.
    pub(crate) fn new(
        file: impl Into<String>,
        (line, column): (usize, usize),
        text: &str,
        length: usize,
    ) -> Self {
        let before = column.saturating_sub(1);
        let cut = before.saturating_sub(SHOWN);
        let mut shown = String::new();
        if cut > 0 {
            shown.push('…');
        }
        let mut chars = text.chars().skip(cut);
        shown.extend(chars.by_ref().take(before - cut).map(printable));
        let start = shown.len();
        shown.extend(chars.by_ref().take(length.min(SHOWN)).map(printable));
        let end = shown.len();
        shown.extend(chars.by_ref().take(SHOWN).map(printable));
        if chars.next().is_some() {
            shown.push('…');
        }
        Self {
            file: file.into().chars().map(printable).collect(),
            line: line.max(1),
            column: column.max(1),
            meant: start..end,
            text: shown,
        }
    }

    /// The line of a text that a place is in.
    pub(crate) fn of(
        file: impl Into<String>,
        text: &str,
        (line, column): (usize, usize),
        length: usize,
    ) -> Self {
        let shown = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        Self::new(file, (line, column), shown, length)
    }
}

/// On one line, and with nothing in it that would change how a terminal shows the rest.
pub(crate) fn printable(c: char) -> char {
    match c {
        '\t' => ' ',
        c => printable::printable(c),
    }
}
