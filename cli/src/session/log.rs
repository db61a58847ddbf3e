//! Where the log of a package goes: to the standard error, a line for each event.

use clap::builder::styling::{AnsiColor, Style};
use pack_runtime::log::{FieldValue, Level, LogEvent, LogSink};
use serde_json::json;

use super::Said;
use crate::output;

#[derive(Debug)]
pub(super) struct Lines {
    said: Said,
}

impl Lines {
    pub(super) fn new(said: Said) -> Self {
        Self { said }
    }
}

impl LogSink for Lines {
    fn log(&self, event: &LogEvent<'_>) {
        match self.said {
            Said::Not => {}
            Said::AsText => output::say(&text(event)),
            Said::AsJson => output::say_json(&json(event)),
        }
    }
}

fn text(event: &LogEvent<'_>) -> String {
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
    let style = style(event.level);
    let (level, line) = (event.level, output::one_line(&line));
    format!("{style}{level:<5}{style:#} {line}")
}

fn json(event: &LogEvent<'_>) -> serde_json::Value {
    // A list, for a name may be there more than once.
    let fields = event.fields.iter().map(|(name, value)| {
        let value = match value {
            FieldValue::Bool(value) => json!(value),
            FieldValue::S64(value) => json!(value),
            FieldValue::U64(value) => json!(value),
            // As text where JSON has no such number.
            FieldValue::F64(value) if !value.is_finite() => json!(value.to_string()),
            FieldValue::F64(value) => json!(value),
            FieldValue::Text(value) => json!(value),
        };
        json!({ "name": name, "value": value })
    });
    json!({
        "log": {
            "level": event.level.to_string(),
            "target": event.target,
            "message": event.message,
            "fields": fields.collect::<Vec<_>>(),
        },
    })
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
