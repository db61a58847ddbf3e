//! Messages to the author of a WIT text, each with its place in that text.

use std::error::Error;
use std::fmt;

use pack_abi::printable;

/// The columns a tab takes in a printed snippet.
const TAB: usize = 4;

/// Lines longer than this are not printed: they are the output of a tool, not something to read.
const LONGEST_SNIPPET: usize = 240;

/// One mistake: what is wrong, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong, in one sentence that starts small and has no full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where it is, unless the mistake is not in a text.
    pub location: Option<Location>,
}

/// A stretch of one line of a WIT text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The path of the file, or `<inline wit>`.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// The whole line as the author wrote it, without its end.
    pub text: String,
    /// How many characters of the line are meant.
    pub length: usize,
}

impl Diagnostic {
    /// A message without a place or help.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
            location: None,
        }
    }

    /// The same message with help.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same message with a place.
    #[must_use]
    pub fn at(mut self, location: impl Into<Option<Location>>) -> Self {
        self.location = location.into();
        self
    }
}

impl Location {
    /// The place of a byte range of a text. Offsets outside the text, or inside a character, are moved to
    /// the nearest place before them; a range over several lines ends with its first line.
    pub fn new(file: impl Into<String>, text: &str, start: usize, end: usize) -> Self {
        let start = text.floor_char_boundary(start);
        let (before, after) = text.split_at(start);
        let (lines, line_before) = before
            .rsplit_once('\n')
            .map_or((None, before), |(l, rest)| (Some(l), rest));
        let line_after = after.split('\n').next().unwrap_or_default();
        let meant = after
            .get(..text.floor_char_boundary(end).saturating_sub(start))
            .unwrap_or_default();
        let line = format!("{line_before}{line_after}");
        let line = line.strip_suffix('\r').unwrap_or(&line);
        // The byte order mark that some editors write is no part of the first line.
        let (line_before, line) = match lines {
            None => (
                line_before.trim_start_matches('\u{feff}'),
                line.trim_start_matches('\u{feff}'),
            ),
            Some(_) => (line_before, line),
        };
        let width = line.chars().count();
        let column = line_before.chars().count().min(width);
        Self {
            file: file.into(),
            line: lines.map_or(0, |lines| lines.matches('\n').count() + 1) + 1,
            column: column + 1,
            text: line.to_owned(),
            length: meant
                .chars()
                .take_while(|c| *c != '\n')
                .count()
                .min(width - column),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(location) = &self.location else {
            f.write_str(&self.message)?;
            return write_help(f, self.help.as_deref());
        };
        let Location {
            file,
            line,
            column,
            text,
            length,
        } = location;
        write!(f, "{file}:{line}:{column}: {}", self.message)?;
        if text.chars().count() <= LONGEST_SNIPPET && !text.trim().is_empty() {
            let number = line.to_string();
            let indent = display_width(text.chars().take(column - 1));
            let width = display_width(text.chars().skip(column - 1).take(*length)).max(1);
            write!(f, "\n  {number} | {}", printable(text).trim_end())?;
            write!(
                f,
                "\n  {:number_width$} | {:indent$}{:^<width$}",
                "",
                "",
                "",
                number_width = number.len()
            )?;
        }
        write_help(f, self.help.as_deref())
    }
}

fn write_help(f: &mut fmt::Formatter<'_>, help: Option<&str>) -> fmt::Result {
    for (at, line) in help.iter().flat_map(|help| help.lines()).enumerate() {
        let lead = if at == 0 { "help: " } else { "      " };
        write!(f, "\n  {lead}{line}")?;
    }
    Ok(())
}

fn display_width(text: impl Iterator<Item = char>) -> usize {
    text.map(|c| if c == '\t' { TAB } else { 1 }).sum()
}

/// The line with tabs written out, and with nothing in it that would change how a terminal shows the rest.
fn printable(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\t' => out.extend(std::iter::repeat_n(' ', TAB)),
            c => out.push(printable::printable(c)),
        }
    }
    out
}

impl Error for Diagnostic {}

/// One or more diagnostics.
///
/// ```
/// use pack_codegen::{Config, Side};
///
/// let wit = "package demo:greeting;\nworld greeting { export greet: func(name: text); }\n";
/// let mistakes = Config::inline(wit).generate(Side::Host).unwrap_err();
/// for mistake in &mistakes {
///     let place = mistake.location.as_ref().expect("it is in the text");
///     assert_eq!((place.line, place.column, place.length), (2, 43, 4));
/// }
/// assert!(mistakes.to_string().starts_with("<inline wit>:2:43: "));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// `Ok` if there is nothing to report. The reports are put in the order of the text.
    ///
    /// # Errors
    ///
    /// The diagnostics, if there are any.
    pub fn none_of(found: Vec<Diagnostic>) -> Result<(), Self> {
        if found.is_empty() {
            return Ok(());
        }
        Err(found.into_iter().collect())
    }

    /// The diagnostics, at least one.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

/// In the order of the text.
impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<T: IntoIterator<Item = Diagnostic>>(diagnostics: T) -> Self {
        let mut found: Vec<Diagnostic> = diagnostics.into_iter().collect();
        found.sort_by_key(|d| {
            d.location
                .as_ref()
                .map(|l| (l.file.clone(), l.line, l.column))
        });
        Self(found)
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, diagnostic) in self.iter().enumerate() {
            if at > 0 {
                f.write_str("\n\n")?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl Error for Diagnostics {}
