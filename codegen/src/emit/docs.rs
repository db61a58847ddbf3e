//! The documentation in the WIT, as that of Rust.
//!
//! It is Markdown that somebody wrote for readers of WIT, or of another crate. Of code in Markdown rustdoc makes tests,
//! unless it is said to be in another language; this code is none of the user's crate, so it is said to be text.

use std::borrow::Cow;
use std::ops::Range;

use proc_macro2::TokenStream;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag};
use quote::quote;

/// The attributes that document an item. More of them may follow.
pub(super) fn docs(text: &str) -> TokenStream {
    let text = inert(text);
    let lines = text.lines().map(|line| {
        if line.is_empty() {
            String::new()
        } else {
            format!(" {line}")
        }
    });
    quote!(#(#[doc = #lines])*)
}

/// The text, with its code as code that rustdoc does not run.
fn inert(text: &str) -> Cow<'_, str> {
    if is_inert(text) {
        return Cow::Borrowed(text);
    }
    let (mut out, mut done) = (String::new(), 0);
    for (kind, range) in code_blocks(text) {
        let block = match kind {
            CodeBlockKind::Fenced(language) if is_other_language(&language) => continue,
            CodeBlockKind::Fenced(_) => Some((range.start, retitled(text, &range))),
            CodeBlockKind::Indented => fenced_instead(text, &range),
        };
        if let Some((start, block)) = block {
            out.push_str(text.get(done..start).unwrap_or_default());
            out.push_str(&block);
            done = range.end;
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    match is_inert(&out) {
        true => Cow::Owned(out),
        // Code that begins on the line of a list or a quotation, or that does not end.
        false => Cow::Owned(fenced(text, "")),
    }
}

/// As rustdoc reads it.
fn events(text: &str) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_SMART_PUNCTUATION;
    Parser::new_ext(text, options).into_offset_iter()
}

fn code_blocks(text: &str) -> impl Iterator<Item = (CodeBlockKind<'_>, Range<usize>)> {
    events(text).filter_map(|(event, range)| match event {
        Event::Start(Tag::CodeBlock(kind)) => Some((kind, range)),
        _ => None,
    })
}

/// Whether nothing in the text runs, and what follows it is not taken for a part of it.
fn is_inert(text: &str) -> bool {
    let is_other = |kind: CodeBlockKind<'_>| match kind {
        CodeBlockKind::Fenced(language) => is_other_language(&language),
        CodeBlockKind::Indented => false,
    };
    let followed = format!("{text}\n\nWhat follows.");
    let ends = events(&followed).any(|(event, range)| {
        matches!(event, Event::Start(Tag::Paragraph)) && range.start == text.len() + 2
    });
    ends && code_blocks(text).all(|(kind, _)| is_other(kind))
}

/// Whether the words after a fence are one that rustdoc takes for the name of a language that is not Rust.
fn is_other_language(words: &CowStr<'_>) -> bool {
    let word = words.trim().to_ascii_lowercase();
    // The attributes that rustdoc knows, of which those of several words are left out by their `_` and `,`.
    let is_attribute = matches!(word.as_str(), "rust" | "ignore" | "custom" | "standalone")
        || word.starts_with("ignore-")
        || word.starts_with("edition")
        || (word.len() == 5
            && word.starts_with('e')
            && word.ends_with(|c: char| c.is_ascii_digit()));
    let is_word = |c: char| c.is_ascii_alphanumeric() || "+-#".contains(c);
    !word.is_empty() && word.chars().all(is_word) && !is_attribute
}

/// A fenced block with another word after its fence.
fn retitled(text: &str, block: &Range<usize>) -> String {
    let block = text.get(block.clone()).unwrap_or_default();
    let (first, rest) = block.split_at(block.find('\n').unwrap_or(block.len()));
    let fence = first.trim_start();
    let length = fence.chars().take_while(|c| fence.starts_with(*c)).count();
    let indent = first.len() - fence.len();
    format!(
        "{}text{rest}",
        first.get(..indent + length).unwrap_or_default()
    )
}

/// An indented block with a fence around it, and where its first line starts; if there is nothing but its indentation
/// before its code.
fn fenced_instead(text: &str, block: &Range<usize>) -> Option<(usize, String)> {
    let start = text.get(..block.start)?.rfind('\n').map_or(0, |at| at + 1);
    let lines = text.get(start..block.end)?;
    let indent = lines.len() - lines.trim_start_matches(' ').len();
    let indent = " ".repeat(indent.checked_sub(INDENT.len())?);
    let lines = lines
        .lines()
        .map(|line| line.strip_prefix(INDENT).unwrap_or(line.trim_start()));
    let code = lines.collect::<Vec<_>>().join("\n");
    let end = if text.get(..block.end)?.ends_with('\n') {
        "\n"
    } else {
        ""
    };
    Some((start, fenced(&code, &indent) + end))
}

/// What makes a line code.
const INDENT: &str = "    ";

/// A text between fences, longer than any in it.
fn fenced(text: &str, indent: &str) -> String {
    let longest = text
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat((longest + 1).max(3));
    format!(
        "{indent}{fence}text\n{}\n{indent}{fence}",
        text.trim_end_matches('\n')
    )
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    #[test]
    fn code_becomes_text() {
        let same = [
            "",
            "Words, `code`, and\n\n* a list",
            "```wit\nf: func();\n```",
            "~~~json\n{}\n~~~\nmore",
            "```text\na\n```\n\n```c++\nb\n```",
            "A paragraph\n    that goes on.",
        ];
        for text in same {
            assert_eq!(inert(text), text);
        }
        let cases = [
            ("```\na\n```", "```text\na\n```"),
            ("``` \na\n```\nb", "```text\na\n```\nb"),
            (
                "a\n\n```rust\nb\n```\n\n```rust,no_run\nc\n```",
                "a\n\n```text\nb\n```\n\n```text\nc\n```",
            ),
            ("````should_panic\n```\n````", "````text\n```\n````"),
            ("~~~\na\n~~~", "~~~text\na\n~~~"),
            ("~~~ Rust\na\n~~~", "~~~text\na\n~~~"),
            ("```compile_fail\na\n```", "```text\na\n```"),
            ("```ignore-x86\na\n```", "```text\na\n```"),
            ("```edition2021\na\n```", "```text\na\n```"),
            ("```E0308\na\n```", "```text\na\n```"),
            ("```{.wit}\na\n```", "```text\na\n```"),
            ("```wit rust\na\n```", "```text\na\n```"),
            (
                "* a\n  ```\n  b\n  ```\n* c",
                "* a\n  ```text\n  b\n  ```\n* c",
            ),
            ("> ```\n> a\n> ```", "> ```text\n> a\n> ```"),
            ("    a", "```text\na\n```"),
            (
                "a\n\n    b\n      c\n\n    d\n\ne",
                "a\n\n```text\nb\n  c\n\nd\n```\n\ne",
            ),
            ("a\n\n    b ``` c\n\nd", "a\n\n````text\nb ``` c\n````\n\nd"),
            (
                "a\n\n    ```\n    b\n    ```",
                "a\n\n````text\n```\nb\n```\n````",
            ),
            (
                "* a\n\n      b\n\n* c",
                "* a\n\n  ```text\n  b\n  ```\n\n* c",
            ),
            // What cannot be said to be text part by part is text as a whole.
            ("a\n\n> b\n>\n>     c", "```text\na\n\n> b\n>\n>     c\n```"),
            ("a\n\n\tb", "```text\na\n\n\tb\n```"),
            ("*     a", "```text\n*     a\n```"),
            ("```wit\na", "````text\n```wit\na\n````"),
            ("~~~\na", "```text\n~~~\na\n```"),
            ("a\n\n<!-- b", "```text\na\n\n<!-- b\n```"),
        ];
        for (text, expected) in cases {
            assert_eq!(inert(text), expected, "{text}");
            assert!(is_inert(expected), "{expected}");
        }
    }

    proptest! {
        #[test]
        fn no_text_runs(text in concatenated()) {
            let inert = inert(&text);
            prop_assert!(is_inert(&inert), "{inert:?}");
        }
    }

    fn concatenated() -> impl Strategy<Value = String> {
        let parts = [
            "```", "~~~", "````", "rust", "wit", "ignore", "\n", "\n\n", "    ", "\t", "> ", "* ",
            "1. ", "a", "<!--", "-->", "<pre>", "[^a]: ", "| a |", "|-|", "\r\n", "`", "# ",
        ];
        vec(select(parts.to_vec()), 0..12).prop_map(|parts| parts.concat())
    }
}
