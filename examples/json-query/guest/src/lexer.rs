//! The words of a filter's text.

use crate::string;

/// A word of a filter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    /// `1`, `.5`, `1e3`
    Number(f64),
    /// `"text"`
    Text(String),
    /// `.name`
    Field(String),
    /// `name`: a function, a key, or one of jq's keywords.
    Name(String),
    /// `$name`
    Variable,
    /// `@name`
    Format,
    /// An operator or a bracket.
    Symbol(&'static str),
    /// Something that begins no word, and what is wrong with it.
    Invalid(String),
    /// The end of the text.
    End,
}

/// Operators and brackets, longer ones before those they begin with.
const SYMBOLS: [&str; 36] = [
    "?//", "//=", "!=", "==", "//", "|=", "+=", "-=", "*=", "/=", "%=", "<=", ">=", "..", ".", "?",
    "=", ";", ",", ":", "|", "+", "-", "*", "/", "%", "<", ">", "[", "]", "{", "}", "(", ")", "$",
    "@",
];

/// Splits a text into words, one at a time.
pub(crate) struct Lexer<'t> {
    rest: &'t str,
    position: usize,
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Lexer {
            rest: text,
            position: 0,
        }
    }

    /// The next word and the byte it begins at; of what is no word, the byte that is wrong with it.
    pub(crate) fn next(&mut self) -> (usize, Token) {
        self.skip_space();
        let start = self.position;
        match self.token() {
            invalid @ Token::Invalid(_) => (self.position, invalid),
            token => (start, token),
        }
    }

    fn token(&mut self) -> Token {
        let Some(first) = self.rest.chars().next() else {
            return Token::End;
        };
        let after_first = self.rest.get(first.len_utf8()..).unwrap_or_default();
        match first {
            '"' => match string::read(self.rest) {
                Ok((text, len)) => {
                    self.take(len);
                    Token::Text(text)
                }
                Err((message, at)) => {
                    self.take(at);
                    Token::Invalid(message.to_owned())
                }
            },
            '0'..='9' => self.number(),
            '.' if after_first.starts_with(|char: char| char.is_ascii_digit()) => self.number(),
            '.' if name_len(after_first) > 0 => {
                self.take(1);
                Token::Field(self.take(name_len(after_first)).to_owned())
            }
            '$' if name_len(after_first) > 0 => {
                self.take(1 + qualified_name_len(after_first));
                Token::Variable
            }
            '@' if after_first.starts_with(is_name_char) => {
                self.take(1 + span(after_first, is_name_char));
                Token::Format
            }
            _ if name_len(self.rest) > 0 => {
                Token::Name(self.take(qualified_name_len(self.rest)).to_owned())
            }
            _ => match SYMBOLS
                .iter()
                .find(|symbol| self.rest.starts_with(**symbol))
            {
                Some(symbol) => {
                    self.take(symbol.len());
                    Token::Symbol(symbol)
                }
                None if first.is_control() => {
                    Token::Invalid(format!("unexpected character U+{:04X}", u32::from(first)))
                }
                None => Token::Invalid(format!("unexpected character `{first}`")),
            },
        }
    }

    fn number(&mut self) -> Token {
        let is_digit = |char: char| char.is_ascii_digit();
        let mut len = span(self.rest, is_digit);
        let after = |len: usize| self.rest.get(len..).unwrap_or_default();
        if let Some(fraction) = after(len).strip_prefix('.') {
            len += 1 + span(fraction, is_digit);
        }
        if let Some(exponent) = after(len).strip_prefix(['e', 'E']) {
            let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            let digits = span(unsigned, is_digit);
            if digits > 0 {
                len += 1 + (exponent.len() - unsigned.len()) + digits;
            }
        }
        self.take(len)
            .parse()
            .map_or_else(|_| Token::Invalid("not a number".to_owned()), Token::Number)
    }

    /// Skips white space and comments. A backslash at the end of a comment's line takes the next
    /// line with it.
    fn skip_space(&mut self) {
        loop {
            self.take(span(self.rest, |char| {
                matches!(char, ' ' | '\t' | '\r' | '\n')
            }));
            if !self.rest.starts_with('#') {
                return;
            }
            let mut escaped = false;
            let len = self.rest.find(|char| {
                let ends = char == '\n' && !escaped;
                escaped = (char == '\\' && !escaped) || (char == '\r' && escaped);
                ends
            });
            self.take(len.unwrap_or(self.rest.len()));
        }
    }

    /// Moves on by some bytes, and gives them.
    fn take(&mut self, len: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at_checked(len).unwrap_or((self.rest, ""));
        self.rest = rest;
        self.position += taken.len();
        taken
    }
}

fn is_name_char(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_'
}

/// How many bytes at the beginning of a text are of a kind.
fn span(text: &str, is_part: impl Fn(char) -> bool) -> usize {
    text.find(|char| !is_part(char)).unwrap_or(text.len())
}

/// The length of the name that a text begins with; 0 if it begins with none.
fn name_len(text: &str) -> usize {
    if text.starts_with(|char: char| char.is_ascii_digit()) {
        0
    } else {
        span(text, is_name_char)
    }
}

/// The length of the name with its modules, as in `module::name`.
fn qualified_name_len(text: &str) -> usize {
    let mut len = name_len(text);
    while let Some(part) = text.get(len..).and_then(|rest| rest.strip_prefix("::"))
        && name_len(part) > 0
    {
        len += 2 + name_len(part);
    }
    len
}
