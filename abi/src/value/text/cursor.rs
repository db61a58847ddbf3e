//! The signs and words of a text.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::error::{TextError, TextErrorKind};

/// How much of a text is quoted in a message.
const QUOTED: usize = 40;

const ESCAPES: &str = r#"there are \\ \" \' \t \n \r and \u{…} with a hexadecimal number"#;
const BYTE_ESCAPES: &str =
    r#"there are \\ \" \' \t \n \r, \xff with two hexadecimal digits, and \u{…}"#;

/// A place in a text.
pub(super) struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str, at: usize) -> Self {
        Self { text, at }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The end of what was read last.
    pub(super) fn here(&self) -> usize {
        self.at
    }

    /// The place of the next sign or word.
    pub(super) fn position(&mut self) -> usize {
        self.skip();
        self.at
    }

    /// Moves past spaces and comments.
    fn skip(&mut self) {
        loop {
            let rest = self.rest();
            let found = rest.trim_start_matches([' ', '\t', '\n', '\r']);
            self.at += rest.len() - found.len();
            if !found.starts_with("//") {
                return;
            }
            self.at += found.find('\n').unwrap_or(found.len());
        }
    }

    pub(super) fn is_at_end(&mut self) -> bool {
        self.skip();
        self.rest().is_empty()
    }

    pub(super) fn is_at(&mut self, sign: &str) -> bool {
        self.skip();
        self.rest().starts_with(sign)
    }

    pub(super) fn eat(&mut self, sign: &str) -> bool {
        let found = self.is_at(sign);
        self.at += if found { sign.len() } else { 0 };
        found
    }

    pub(super) fn expect(&mut self, sign: &str) -> Result<(), TextError> {
        match self.eat(sign) {
            true => Ok(()),
            false => Err(self.unexpected(alloc::format!("`{sign}`"), None)),
        }
    }

    /// The next word: a name, a keyword or a number. Empty if there is none.
    pub(super) fn peek_word(&mut self) -> &'t str {
        self.skip();
        let rest = self.rest();
        let is_end = |c: char| !(c.is_alphanumeric() || "-+.%_".contains(c));
        rest.split(is_end).next().unwrap_or_default()
    }

    /// Moves past the word that comes next.
    pub(super) fn advance(&mut self, word: &str) -> Range<usize> {
        let start = self.at;
        self.at += word.len();
        start..self.at
    }

    /// Something else should be at this place.
    #[cold]
    pub(super) fn unexpected(&mut self, expected: String, help: Option<String>) -> TextError {
        let (found, length) = self.next();
        let kind = TextErrorKind::Expected {
            expected,
            found,
            help,
        };
        self.error(kind, self.at..self.at + length)
    }

    #[cold]
    pub(super) fn error(&self, kind: TextErrorKind, span: Range<usize>) -> TextError {
        TextError::new(kind, self.text, span)
    }

    /// What comes next, for messages, and how many bytes it has.
    pub(super) fn next(&mut self) -> (String, usize) {
        let word = self.peek_word();
        let first = self.rest().chars().next();
        match first {
            None => (String::from("the end of the text"), 0),
            Some(c @ '"') => (String::from("a string"), c.len_utf8()),
            Some(c @ '\'') => (String::from("a char"), c.len_utf8()),
            Some(_) if !word.is_empty() => (quote(word), word.len()),
            Some(c) => (alloc::format!("`{}`", c.escape_debug()), c.len_utf8()),
        }
    }

    /// A char in its quotes, if one comes next.
    pub(super) fn char(&mut self) -> Result<Option<char>, TextError> {
        let start = self.position();
        if !self.eat("'") {
            return Ok(None);
        }
        let rest = self.rest();
        let c = match rest.chars().next() {
            Some('\\') => {
                let mut bytes = Vec::new();
                self.escape(&mut bytes, false)?;
                core::str::from_utf8(&bytes)
                    .ok()
                    .and_then(|text| text.chars().next())
            }
            Some(c) if !"'\n".contains(c) => {
                self.at += c.len_utf8();
                Some(c)
            }
            _ => None,
        };
        match c {
            Some(c) if self.rest().starts_with('\'') => {
                self.at += 1;
                Ok(Some(c))
            }
            _ => {
                let found = match c {
                    Some(_) => "more",
                    None => "none",
                };
                let kind = TextErrorKind::Expected {
                    expected: String::from("one character between quotes"),
                    found: String::from(found),
                    help: Some(String::from("'x', '\\'', '\\n', '\\u{2603}'")),
                };
                Err(self.error(kind, start..self.at.max(start + 1)))
            }
        }
    }

    /// A string in its quotes, if one comes next.
    pub(super) fn string(&mut self) -> Result<Option<String>, TextError> {
        let start = self.position();
        let bytes = if self.eat("\"\"\"") {
            self.lines(start)?
        } else if self.eat("\"") {
            let mut bytes = Vec::new();
            self.line(&mut bytes, start, false)?;
            bytes
        } else {
            return Ok(None);
        };
        // What a text is made of, and escapes of characters, are UTF-8.
        Ok(Some(String::from_utf8(bytes).unwrap_or_default()))
    }

    /// Bytes in quotes, `b"\x00ff"`, if some come next.
    pub(super) fn bytes(&mut self) -> Result<Option<Vec<u8>>, TextError> {
        let start = self.position();
        if !self.eat("b\"") {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        self.line(&mut bytes, start, true)?;
        Ok(Some(bytes))
    }

    /// The rest of a string on one line, and its closing quote.
    fn line(&mut self, into: &mut Vec<u8>, start: usize, is_bytes: bool) -> Result<(), TextError> {
        loop {
            let rest = self.rest();
            let plain = rest.find(['"', '\\', '\n']).unwrap_or(rest.len());
            into.extend(rest.bytes().take(plain));
            self.at += plain;
            match rest.as_bytes().get(plain) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape(into, is_bytes)?,
                ended => {
                    let kind = TextErrorKind::Expected {
                        expected: String::from("`\"` at the end of the string"),
                        found: String::from(match ended {
                            Some(_) => "the end of the line",
                            None => "the end of the text",
                        }),
                        help: Some(String::from(
                            "a line break inside is `\\n`; strings over several lines are between `\"\"\"`",
                        )),
                    };
                    return Err(self.error(kind, start..self.at));
                }
            }
        }
    }

    /// The rest of a string over several lines, and its closing quotes. What the last line is indented by, all are.
    fn lines(&mut self, start: usize) -> Result<Vec<u8>, TextError> {
        let opened = start..self.at;
        let wrong = |cursor: &Self, span: Range<usize>, help| {
            cursor.error(TextErrorKind::Lines { help }, span)
        };
        let length = closing(self.rest());
        let Some(content) = length.and_then(|length| self.rest().get(..length)) else {
            return Err(wrong(self, opened, "it ends with `\"\"\"`"));
        };
        let end = self.at + content.len() + 3;
        let (head, body) = content.split_once('\n').unwrap_or((content, ""));
        let (body, indent) = match body.rsplit_once('\n') {
            Some((body, indent)) => (Some(body), indent),
            None => (None, body),
        };
        if !content.contains('\n') || !head.trim_end_matches('\r').is_empty() {
            return Err(wrong(
                self,
                opened,
                "a line break follows the opening `\"\"\"`",
            ));
        }
        if indent.contains(|c| c != ' ') {
            let help = "the closing `\"\"\"` has a line of its own, after spaces only";
            return Err(wrong(self, end - 3..end, help));
        }
        let mut bytes = Vec::new();
        self.at += head.len() + 1;
        for (at, line) in body.iter().flat_map(|body| body.split('\n')).enumerate() {
            let next = self.at + line.len() + 1;
            let Some(content) = line.strip_prefix(indent) else {
                let help = "every line begins with at least the spaces before the closing `\"\"\"`";
                return Err(wrong(self, self.at..next - 1, help));
            };
            let content = content.strip_suffix('\r').unwrap_or(content);
            if at > 0 {
                bytes.push(b'\n');
            }
            self.at += indent.len();
            let end = self.at + content.len();
            while let Some(rest) = self.text.get(self.at..end).filter(|rest| !rest.is_empty()) {
                let plain = rest.find('\\').unwrap_or(rest.len());
                bytes.extend(rest.bytes().take(plain));
                self.at += plain;
                if self.at < end {
                    self.escape(&mut bytes, false)?;
                }
            }
            self.at = next;
        }
        self.at = end;
        Ok(bytes)
    }

    /// The escape at this place.
    fn escape(&mut self, into: &mut Vec<u8>, is_bytes: bool) -> Result<(), TextError> {
        let rest = self.rest().strip_prefix('\\').unwrap_or_default();
        let mut buffer = [0; 4];
        let kind = rest.chars().next();
        let (escaped, length) = match kind {
            Some('\\' | '\'' | '"') => (rest.as_bytes().get(..1), 1),
            Some('t') => (Some(&b"\t"[..]), 1),
            Some('n') => (Some(&b"\n"[..]), 1),
            Some('r') => (Some(&b"\r"[..]), 1),
            Some('x') if is_bytes => match hex(rest.get(1..3).unwrap_or_default()) {
                Some(number) => {
                    buffer = number.to_le_bytes();
                    (buffer.get(..1), 3)
                }
                None => (None, 1),
            },
            Some('u') => {
                let digits = rest
                    .strip_prefix("u{")
                    .and_then(|rest| rest.split('}').next());
                let digits = digits.filter(|digits| (1..=6).contains(&digits.len()));
                let closed =
                    digits.is_some_and(|d| rest.get(2 + d.len()..3 + d.len()) == Some("}"));
                let number = digits.filter(|_| closed).and_then(hex);
                let length = digits.map_or(1, |digits| digits.len() + 3);
                match number.and_then(char::from_u32) {
                    Some(c) => (Some(c.encode_utf8(&mut buffer).as_bytes()), length),
                    None => (None, 1),
                }
            }
            other => (None, other.map_or(0, char::len_utf8)),
        };
        match escaped {
            Some(escaped) => {
                into.extend(escaped);
                self.at += 1 + length;
                Ok(())
            }
            None => {
                let help = if is_bytes { BYTE_ESCAPES } else { ESCAPES };
                Err(self.error(
                    TextErrorKind::Escape { help },
                    self.at..self.at + 1 + length,
                ))
            }
        }
    }
}

fn hex(digits: &str) -> Option<u32> {
    let only_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
    u32::from_str_radix(digits, 16).ok().filter(|_| only_digits)
}

/// Where `"""` closes a string; an escaped quote does not.
fn closing(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = text.get(at..)?;
        at += rest.find(['"', '\\'])?;
        let rest = text.get(at..)?;
        if rest.starts_with("\"\"\"") {
            return Some(at);
        }
        at += match rest.strip_prefix('\\') {
            Some(rest) => 1 + rest.chars().next()?.len_utf8(),
            None => 1,
        };
    }
}

/// A word as messages quote it.
pub(super) fn quote(word: &str) -> String {
    match word.char_indices().nth(QUOTED) {
        Some((at, _)) => alloc::format!("`{}…`", word.get(..at).unwrap_or_default()),
        None => alloc::format!("`{word}`"),
    }
}
