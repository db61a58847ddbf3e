//! What has to be known of a WIT text before or beside its parsing: its plain comments, the references
//! that one type makes to another of the same interface or world, and the features that gates are for.
//!
//! This is no parser: it needs only comments, words, brackets and the few keywords that open an interface, a
//! world or a type. It reads texts that `wit-parser` accepts as `wit-parser` does, and on any other text gives
//! some answer and ends.

use std::collections::HashMap;
use std::ops::Range;

/// The text with spaces for its plain comments, so that every byte keeps its place.
///
/// `wit-parser` takes every comment for documentation, and `/**/` before an item makes it panic; in WIT only
/// `///` and `/** */` document.
pub(super) fn without_plain_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for comment in tokens(text).filter(|token| token.is_plain_comment()) {
        out.push_str(text.get(done..comment.start).unwrap_or_default());
        done = comment.start + comment.text.len();
        for c in comment.text.chars() {
            match c {
                '\n' | '\r' => out.push(c),
                c => out.extend(std::iter::repeat_n(' ', c.len_utf8())),
            }
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// The names of features in a text: those of `@unstable(feature = name)`.
pub(super) fn features(text: &str) -> impl Iterator<Item = &str> {
    const GATE: [&str; 5] = ["@", "unstable", "(", "feature", "="];
    let mut met = 0;
    let tokens = tokens(text).filter(|token| !token.is_comment());
    tokens.filter_map(move |token| match GATE.get(met) {
        Some(expected) => {
            met = match token.text == *expected {
                true => met + 1,
                false => usize::from(token.text == "@"),
            };
            None
        }
        None => {
            met = 0;
            Some(token.name())
        }
    })
}

/// A reference to a type, inside the definition of a type in the same interface or world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    /// The bytes of the name where it is used, with its `%` if it has one.
    pub(super) at: Range<usize>,
    /// Where the type's name stands in its definition.
    pub(super) definition: usize,
}

/// All such references of a text, in order, except those inside `own<…>` and `borrow<…>` and the other name in
/// `type name = other`: a handle needs a resource, perhaps by way of such names, and `wit-parser` checks that.
pub(super) fn references(text: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    // One entry for each open brace, and one for the text itself; `Some` for those of interfaces and worlds.
    let mut blocks: Vec<Option<Scope<'_>>> = vec![None];
    // Inside the definition of a type: how many `<` and `(` are open.
    let mut definition: Option<usize> = None;
    let mut before = [Token::NONE; 2];

    for token in tokens(text).filter(|token| !token.is_comment()) {
        let [two, one] = before;
        match token.text {
            "{" => {
                let scope = one.is("interface") || two.is("interface") || two.is("world");
                blocks.push(scope.then(Scope::default));
            }
            "}" => {
                definition = None;
                if let Some(Some(scope)) = blocks.pop() {
                    found.extend(scope.resolve());
                }
            }
            ";" => definition = None,
            "<" | "(" => definition = definition.map(|depth| depth + 1),
            ">" | ")" => definition = definition.map(|depth| depth.saturating_sub(1)),
            _ if !token.is_word() => {}
            _ => {
                let nested = blocks.last().is_some_and(Option::is_none);
                let scope = blocks.iter_mut().rev().find_map(Option::as_mut);
                match (definition, scope) {
                    (Some(depth), Some(scope)) => {
                        let handle = one.text == "<" && (two.is("own") || two.is("borrow"));
                        if (depth > 0 || one.text == ":") && !handle && !is_builtin(token) {
                            scope.uses.push(token);
                        }
                    }
                    (None, Some(scope)) if !nested && DEFINING.contains(&one.text) => {
                        scope.definitions.insert(token.name(), token.start);
                        definition = REFERRING.contains(&one.text).then_some(0);
                    }
                    _ => {}
                }
            }
        }
        before = [one, token];
    }
    found.sort_by_key(|reference| reference.at.start);
    found
}

/// The keywords that are followed by the name of a new type.
pub(super) const DEFINING: [&str; 6] = ["type", "record", "variant", "enum", "flags", "resource"];

/// Those of them whose definition refers to other types. (The methods of a resource are functions.)
const REFERRING: [&str; 3] = ["type", "record", "variant"];

#[derive(Default)]
struct Scope<'a> {
    definitions: HashMap<&'a str, usize>,
    uses: Vec<Token<'a>>,
}

impl Scope<'_> {
    fn resolve(&self) -> impl Iterator<Item = Reference> {
        self.uses.iter().filter_map(|token| {
            let definition = *self.definitions.get(token.name())?;
            Some(Reference {
                at: token.start..token.start + token.text.len(),
                definition,
            })
        })
    }
}

/// A word that is written as a name but is WIT's own. Written with `%` it would be the author's.
fn is_builtin(token: Token<'_>) -> bool {
    const BUILTIN: [&str; 23] = [
        "bool",
        "u8",
        "u16",
        "u32",
        "u64",
        "s8",
        "s16",
        "s32",
        "s64",
        "f32",
        "f64",
        "char",
        "string",
        "tuple",
        "list",
        "map",
        "option",
        "result",
        "future",
        "stream",
        "error-context",
        "own",
        "borrow",
    ];
    BUILTIN.contains(&token.text)
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    start: usize,
}

impl<'a> Token<'a> {
    const NONE: Self = Self { text: "", start: 0 };

    /// Whether this is a keyword (an escaped word is none).
    fn is(self, keyword: &str) -> bool {
        self.text == keyword
    }

    fn is_word(self) -> bool {
        self.text.starts_with(|c: char| c == '%' || is_word(c))
    }

    pub(super) fn is_comment(self) -> bool {
        self.text.starts_with("//") || self.text.starts_with("/*")
    }

    /// A comment that ends and is no documentation. Those with characters that are refused because they change
    /// how a text is shown are left for `wit-parser` to find.
    fn is_plain_comment(self) -> bool {
        let refused = |c: char| match c {
            '\n' | '\r' | '\t' => false,
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
            c => c.is_control(),
        };
        let plain = match self.text.strip_prefix("/*") {
            Some("*/") => true,
            Some(rest) => rest.ends_with("*/") && !rest.starts_with('*'),
            None => self.text.starts_with("//") && !self.text.starts_with("///"),
        };
        plain && !self.text.contains(refused)
    }

    fn name(self) -> &'a str {
        self.text.strip_prefix('%').unwrap_or(self.text)
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Comments, words, strings and single characters; spaces are left out.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(at..)?;
            let first = rest.chars().next()?;
            let length = match first {
                '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
                '/' if rest.starts_with("/*") => comment_length(rest),
                '"' => string_length(rest),
                '%' => 1 + word_length(rest.get(1..).unwrap_or_default()),
                c if is_word(c) => word_length(rest),
                c => c.len_utf8(),
            };
            let start = at;
            at += length;
            if !first.is_whitespace() {
                return Some(Token {
                    text: rest.get(..length)?,
                    start,
                });
            }
        }
    })
}

fn word_length(text: &str) -> usize {
    text.find(|c| !is_word(c) && c != '-').unwrap_or(text.len())
}

/// Block comments nest.
fn comment_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut chars = text.char_indices().peekable();
    while let Some((_, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        match (c, next) {
            ('/', Some('*')) => depth += 1,
            ('*', Some('/')) => depth -= 1,
            _ => continue,
        }
        chars.next();
        if depth == 0 {
            break;
        }
    }
    chars.next().map_or(text.len(), |(at, _)| at)
}

fn string_length(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    while let Some((_, c)) = chars.next() {
        match c {
            '\\' => _ = chars.next(),
            '"' => break,
            _ => {}
        }
    }
    chars.next().map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_are_found_wherever_they_stand() {
        let text = "
            @unstable(feature = a) interface i {
                @since(version = 1.0.0) @unstable ( feature /* so */ = b-c ) f: func();
                // @unstable(feature = plain)
                /// @unstable(feature = documented)
                @unstable(version = d) @@unstable(feature = %e) g: func();
            }
            world w { @unstable(feature = a) import i;";
        assert_eq!(features(text).collect::<Vec<_>>(), ["a", "b-c", "e", "a"]);
        assert_eq!(features("@unstable(feature =").count(), 0);
    }
}
