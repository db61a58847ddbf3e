//! A guest's words on one line, where they can do nothing.

use std::borrow::Cow;
use std::fmt::{self, Write};

use pack_abi::printable::is_steering;

use super::{Field, FieldValue, Span};

/// Text without what steers a terminal, ends a line, or turns the direction of writing: that is escaped as in Rust.
pub(super) fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(is_steering) {
        return text.into();
    }
    let mut harmless = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match is_steering(c) {
            true => harmless.extend(c.escape_default()),
            false => harmless.push(c),
        }
    }
    harmless.into()
}

/// `{name=value name=value}`. Text, and names that are not words, are in quotes.
pub(super) struct Fields<'a>(pub(super) &'a [Field<'a>]);

impl fmt::Display for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('{')?;
        for (at, (name, value)) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_char(' ')?;
            }
            word(f, name)?;
            f.write_char('=')?;
            match value {
                FieldValue::Bool(value) => write!(f, "{value}"),
                FieldValue::S64(value) => write!(f, "{value}"),
                FieldValue::U64(value) => write!(f, "{value}"),
                FieldValue::F64(value) => write!(f, "{value}"),
                FieldValue::Text(text) => quoted(f, text),
            }?;
        }
        f.write_char('}')
    }
}

/// `outer{name=value}:inner`.
pub(super) struct Spans<'a>(pub(super) &'a [Span<'a>]);

impl fmt::Display for Spans<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, span) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_char(':')?;
            }
            word(f, &span.name)?;
            if !span.fields.is_empty() {
                Fields(&span.fields).fmt(f)?;
            }
        }
        Ok(())
    }
}

fn word(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    match !text.is_empty() && text.chars().all(is_plain) {
        true => f.write_str(text),
        false => quoted(f, text),
    }
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            c if is_steering(c) => write!(f, "{}", c.escape_default())?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_gets_through() {
        let cases = [
            ("", ""),
            (
                "It's \"5\" \\ é e\u{301} 漢 🦀",
                "It's \"5\" \\ é e\u{301} 漢 🦀",
            ),
            ("one\r\ntwo\ttabs", "one\\r\\ntwo\\ttabs"),
            ("\u{1b}[31mred\u{7}\u{9b}", "\\u{1b}[31mred\\u{7}\\u{9b}"),
            (
                "a\u{2028}b\u{202e}c\u{2069}d\0",
                "a\\u{2028}b\\u{202e}c\\u{2069}d\\u{0}",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(harmless(text), expected);
        }
    }

    #[test]
    fn fields_cannot_be_taken_for_others() {
        let fields = [
            ("n".into(), FieldValue::from(-1)),
            ("big".into(), u64::MAX.into()),
            ("x.y".into(), 1.5.into()),
            ("ok".into(), true.into()),
            ("text".into(), "a\" b=\"\\c\n".into()),
            ("a b=1}".into(), "".into()),
            ("".into(), f64::NAN.into()),
        ];
        assert_eq!(
            Fields(&fields).to_string(),
            r#"{n=-1 big=18446744073709551615 x.y=1.5 ok=true text="a\" b=\"\\c\n" "a b=1}"="" ""=NaN}"#
        );
        assert_eq!(Fields(&[]).to_string(), "{}");
        let span = |name: &'static str, fields: &[Field<'static>]| Span {
            name: name.into(),
            fields: fields.to_vec(),
        };
        let spans = [span("outer", &fields[..1]), span("in:ner", &[])];
        assert_eq!(Spans(&spans).to_string(), r#"outer{n=-1}:"in:ner""#);
    }
}
