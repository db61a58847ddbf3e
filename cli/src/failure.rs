//! What ends a command before it is done, and how that is said.

use std::process::ExitCode;

use ariadne::{Config, IndexType, Label, Report, ReportKind, Source};
use clap::builder::styling::{AnsiColor, Style};
use pack_codegen::Diagnostics;
use pack_runtime::value::text::TextError;
use pack_runtime::{Error, LimitKind, ReplayError, TraceError};
use serde::Serialize;

use crate::excerpt::{Excerpt, printable};

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It is done.
    Done,
    /// An input is wrong, or something could not be done.
    Failed,
    /// The command line is wrong.
    Usage,
    /// The answer is no.
    No,
    /// The package ran, and failed.
    PackageFailed,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            // As clap has it.
            Exit::Usage => 2,
            Exit::No => 3,
            Exit::PackageFailed => 4,
        })
    }
}

/// Why a command is not done: what is wrong, where, and what to do about it.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    #[serde(skip)]
    exit: Exit,
    code: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    excerpt: Option<Box<Excerpt>>,
    /// What else is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<Failure>,
}

impl Failure {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Failed,
            code: format!("pack::{code}"),
            message: message.into(),
            help: None,
            excerpt: None,
            others: Vec::new(),
        }
    }

    /// A file that cannot be read, or is not what it should be.
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::new("input", message)
    }

    /// Arguments that do not go together, which only the command itself finds out.
    pub(crate) fn arguments(message: impl Into<String>) -> Self {
        Self::new("arguments", message).with_exit(Exit::Usage)
    }

    /// A file that cannot be written.
    pub(crate) fn output(message: impl Into<String>) -> Self {
        Self::new("output", message)
    }

    /// What cannot be made.
    pub(crate) fn making(message: impl Into<String>) -> Self {
        Self::new("make", message)
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn with_excerpt(mut self, excerpt: Excerpt) -> Self {
        self.excerpt = Some(Box::new(excerpt));
        self
    }

    pub(crate) fn with_exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// Names the file that it is about.
    pub(crate) fn about(mut self, file: &str) -> Self {
        self.message = format!("{file}: {}", self.message);
        self
    }

    /// A text of the user's that is not the value it should be.
    pub(crate) fn of_text(error: &TextError, file: &str, text: &str) -> Self {
        let span = error.span();
        let length = text.get(span).map_or(1, |meant| {
            meant.lines().next().unwrap_or_default().chars().count()
        });
        let place = (error.line(), error.column());
        let mut failure = Self::new(error.kind().code(), error.kind().to_string());
        failure.help = error.kind().help();
        failure.with_excerpt(Excerpt::of(file, text, place, length.max(1)))
    }

    /// JSON of the user's that is not the value it should be.
    pub(crate) fn of_json(error: &serde_json::Error, file: &str, text: &str) -> Self {
        let place = (error.line(), error.column());
        let message = error.to_string();
        let tail = format!(" at line {} column {}", place.0, place.1);
        let message = message.strip_suffix(&tail).unwrap_or(&message);
        Self::new("value::json", message).with_excerpt(Excerpt::of(file, text, place, 1))
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// Prints it to the standard error.
    pub(crate) fn report(&self, as_json: bool) {
        if as_json {
            return crate::output::say_json(self);
        }
        let all = std::iter::once(self).chain(&self.others);
        let all: Vec<String> = all.map(Self::text).collect();
        crate::output::say(&all.join("\n\n"));
    }

    /// As it is shown, with colours.
    fn text(&self) -> String {
        // Some of it may be a package's own words.
        let kept = |c: char| if c == '\n' { c } else { printable(c) };
        let message: String = self.message.chars().map(kept).collect();
        let mut text = format!("{ERROR}error[{}]{ERROR:#}: {message}", self.code);
        if let Some(excerpt) = &self.excerpt {
            text.push('\n');
            text.push_str(&shown(excerpt));
        }
        for (at, line) in self.help.iter().flat_map(|help| help.lines()).enumerate() {
            let line = crate::output::one_line(line);
            let lead = if at == 0 { "help:" } else { "     " };
            text.push_str(&format!("\n  {HELP}{lead}{HELP:#} {line}"));
        }
        text
    }
}

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HELP: Style = AnsiColor::Cyan.on_default().bold();

/// The line of a source text, with what is meant of it.
fn shown(excerpt: &Excerpt) -> String {
    // Lines are counted from the beginning of a text, which is not at hand.
    let above = "\n".repeat(excerpt.line.saturating_sub(1));
    let meant = excerpt.meant.start + above.len()..excerpt.meant.end + above.len();
    let place = || (excerpt.file.as_str(), meant.clone());
    let config = Config::default()
        .with_index_type(IndexType::Byte)
        .with_color(false);
    let report = Report::build(ReportKind::Error, place())
        .with_config(config)
        .with_label(Label::new(place()).with_message("here"))
        .finish();
    let source = Source::from(format!("{above}{}", excerpt.text));
    let mut text = Vec::new();
    // Into memory, where it cannot fail.
    let _ = report.write((excerpt.file.as_str(), source), &mut text);
    let text = String::from_utf8_lossy(&text);
    // Its first line has the message, which is there already; the second has the place, as if the line were whole.
    let mut lines = text.lines().skip(1);
    let head = lines.next().and_then(|line| line.split_once('['));
    let head = head.map_or("", |(corner, _)| corner);
    let mut shown = format!(
        "{head}[ {}:{}:{} ]",
        excerpt.file, excerpt.line, excerpt.column
    );
    for line in lines {
        shown.push('\n');
        shown.push_str(line.trim_end());
    }
    shown
}

impl From<clap::Error> for Failure {
    /// The first paragraph is what is wrong, the others what to do.
    fn from(error: clap::Error) -> Self {
        let text = error.render().to_string();
        let (message, help) = text.split_once("\n\n").unwrap_or((&text, ""));
        let message = message.strip_prefix("error: ").unwrap_or(message);
        Self::arguments(message.trim()).with_help(help.trim())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = match error.is_of_the_package() {
            true => Exit::PackageFailed,
            false => Exit::Failed,
        };
        Self {
            exit,
            help: error.limit().and_then(raise).or_else(|| error.help()),
            ..Self::new(error.code(), error.to_string())
        }
    }
}

/// What gives the package more.
fn raise(limit: LimitKind) -> Option<String> {
    let option = match limit {
        LimitKind::Memory(_) => "--memory",
        LimitKind::Time(_) => "--timeout",
        LimitKind::Fuel(_) => "--fuel",
        LimitKind::Levels(_) => return None,
        other => {
            let setting = other.setting();
            return Some(format!(
                "a host may raise `{setting}`; here it is what it is by default"
            ));
        }
    };
    Some(format!("raise `{option}` if the package is to have more"))
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        let mut failures = diagnostics.into_iter().map(|diagnostic| {
            let mut failure = Self::new("wit", diagnostic.message);
            failure.help = diagnostic.help;
            failure.excerpt = diagnostic.location.map(|place| {
                Box::new(Excerpt::new(
                    place.file,
                    (place.line, place.column),
                    &place.text,
                    place.length.max(1),
                ))
            });
            failure
        });
        let first = failures.next();
        let mut first =
            first.unwrap_or_else(|| Self::new("wit", "something is wrong with the WIT"));
        first.others = failures.collect();
        first
    }
}

impl From<pack_guest_build::Error> for Failure {
    fn from(error: pack_guest_build::Error) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<TraceError> for Failure {
    fn from(error: TraceError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<ReplayError> for Failure {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Run(error) => error.into(),
            ReplayError::Diverged(_) => {
                Self::new(error.code(), error.to_string()).with_exit(Exit::No)
            }
            ReplayError::NoSuchPart { .. } => {
                Self::new(error.code(), error.to_string()).with_exit(Exit::Usage)
            }
            error => Self::new(error.code(), error.to_string()),
        }
    }
}
