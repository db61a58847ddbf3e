//! Where the log of a package goes: to the standard error, a line for each event.

use clap::builder::styling::{AnsiColor, Style};
use pack_runtime::log::{FieldValue, Level, LogEvent, LogSink};

use crate::output;

#[derive(Debug)]
pub(super) struct Lines {
    quiet: bool,
}

impl Lines {
    pub(super) fn new(quiet: bool) -> Self {
        Self { quiet }
    }
}

impl LogSink for Lines {
    fn log(&self, event: &LogEvent<'_>) {
        if self.quiet {
            return;
        }
        let style = style(event.level);
        let mut line = format!("{}: {}", event.target, event.message);
        for (name, value) in &event.fields {
            let value = match value {
                FieldValue::Bool(value) => value.to_string(),
                FieldValue::S64(value) => value.to_string(),
                FieldValue::U64(value) => value.to_string(),
                FieldValue::F64(value) => value.to_string(),
                FieldValue::Text(value) => format!("{value:?}"),
            };
            line.push_str(&format!(" {name}={value}"));
        }
        let (level, line) = (event.level, output::one_line(&line));
        output::say(&format!("{style}{level:<5}{style:#} {line}"));
    }
}

fn style(level: Level) -> Style {
    let color = match level {
        Level::Error => AnsiColor::Red,
        Level::Warn => AnsiColor::Yellow,
        Level::Info => AnsiColor::Green,
        Level::Debug => AnsiColor::Blue,
        Level::Trace => AnsiColor::Magenta,
    };
    color.on_default()
}
