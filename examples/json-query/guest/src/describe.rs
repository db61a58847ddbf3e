//! How values are named in messages: by type, and by the beginning of their text.

use std::fmt::{self, Write};

use json_query_text::{write_number, write_string};

use crate::demo::json_query::types::Json;

/// How many bytes of a value's text a message quotes.
const QUOTED_BYTES: usize = 29;

/// The name of a value's type.
pub(crate) fn type_name(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Boolean(_) => "boolean",
        Json::Number(_) => "number",
        Json::Text(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}

/// A value's type and, in parentheses, its text or as much of it as is needed to recognise it.
pub(crate) fn describe(value: &Json) -> String {
    let mut text = Beginning(String::new());
    let complete = write_value(&mut text, value).is_ok();
    let mut text = text.0;
    if !complete {
        let end = match text.chars().next() {
            Some('"') => "...\"",
            Some('[') => "...]",
            Some('{') => "...}",
            _ => "...",
        };
        text.truncate(text.floor_char_boundary(QUOTED_BYTES - end.len()));
        text.push_str(end);
    }
    format!("{} ({text})", type_name(value))
}

/// Text that takes no more once there is enough of it. So the writing ends soon, however large the
/// value.
struct Beginning(String);

impl Write for Beginning {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = QUOTED_BYTES.saturating_sub(self.0.len());
        if text.len() <= room {
            self.0.push_str(text);
            return Ok(());
        }
        self.0.extend(text.get(..text.floor_char_boundary(room)));
        Err(fmt::Error)
    }
}

fn write_value(out: &mut Beginning, value: &Json) -> fmt::Result {
    match value {
        Json::Null => out.write_str("null"),
        Json::Boolean(true) => out.write_str("true"),
        Json::Boolean(false) => out.write_str("false"),
        Json::Number(number) => write_number(out, *number),
        Json::Text(text) => write_string(out, text),
        Json::Array(items) => {
            let mut before = '[';
            for item in items {
                out.write_char(std::mem::replace(&mut before, ','))?;
                write_value(out, item)?;
            }
            out.write_str(if before == '[' { "[]" } else { "]" })
        }
        Json::Object(members) => {
            let mut before = '{';
            for (key, value) in members {
                out.write_char(std::mem::replace(&mut before, ','))?;
                write_string(out, key)?;
                out.write_char(':')?;
                write_value(out, value)?;
            }
            out.write_str(if before == '{' { "{}" } else { "}" })
        }
    }
}
