//! The placeholder technique: how `wit-parser`, which refuses recursive types, comes to read them.
//!
//! When it reports a cycle of types in a file, the references that types of this file make to others of the
//! same interface or world are each replaced by a type of its own, `list<u8, N>` with an `N` that occurs
//! nowhere else, and the text is parsed again. What follows in `schema` sees `N` and knows which reference
//! stood there. Cycles of types that are left then (through handles, or from name to name) are mistakes, as
//! are cycles of interfaces.
//!
//! A fixed-length list is chosen because it can be written in place: nothing has to be declared, so no head
//! of an interface has to be found and no name of the author's can be in the way. All references of a
//! file are replaced, not only the one that closes the cycle, because one more parse is then enough, where a
//! syntax tree of some hundred types would otherwise take hundreds. Texts without recursion are parsed as
//! they are.

use std::collections::HashSet;
use std::ops::Range;

use super::scan;

/// One replaced reference.
#[derive(Debug, Clone)]
pub(super) struct Placeholder {
    /// The `N` of `list<u8, N>`.
    pub(super) number: u32,
    /// The reference in the author's text.
    pub(super) at: Range<usize>,
    /// Where in the author's text the type it refers to is defined.
    pub(super) definition: usize,
    /// Where the placeholder stands in the text that is parsed.
    parsed_at: Range<usize>,
}

/// The numbers that no text contains.
pub(super) struct Numbers {
    used: HashSet<u32>,
    next: u32,
}

impl Numbers {
    /// `texts` are all that will be parsed together.
    pub(super) fn unused_in<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let digits = |text: &'a str| text.split(|c: char| !c.is_ascii_digit());
        Self {
            used: texts
                .flat_map(digits)
                .filter_map(|n| n.parse().ok())
                .collect(),
            next: u32::MAX,
        }
    }

    fn take(&mut self) -> u32 {
        while self.used.contains(&self.next) {
            self.next = self.next.saturating_sub(1);
        }
        let number = self.next;
        self.next = self.next.saturating_sub(1);
        number
    }
}

/// A text with its references replaced, and the way back to the author's.
#[derive(Debug, Default, Clone)]
pub(super) struct Replaced {
    pub(super) text: String,
    pub(super) placeholders: Vec<Placeholder>,
}

impl Replaced {
    pub(super) fn new(author: &str, numbers: &mut Numbers) -> Self {
        let mut replaced = Self::default();
        let mut done = 0;
        for scan::Reference { at, definition } in scan::references(author) {
            replaced
                .text
                .push_str(author.get(done..at.start).unwrap_or_default());
            done = at.end;
            let number = numbers.take();
            let start = replaced.text.len();
            replaced.text.push_str(&format!("list<u8, {number}>"));
            let parsed_at = start..replaced.text.len();
            replaced.placeholders.push(Placeholder {
                number,
                at,
                definition,
                parsed_at,
            });
        }
        replaced
            .text
            .push_str(author.get(done..).unwrap_or_default());
        replaced
    }

    /// A range of the parsed text in the author's. What touches a placeholder is widened to the reference.
    pub(super) fn author_range(&self, parsed: Range<usize>) -> Range<usize> {
        let start = self
            .placeholders
            .partition_point(|p| p.parsed_at.start <= parsed.start);
        let start = self.author_offset(start, parsed.start, |p| p.at.start);
        let end = self
            .placeholders
            .partition_point(|p| p.parsed_at.start < parsed.end);
        let end = self.author_offset(end, parsed.end, |p| p.at.end);
        start..end.max(start)
    }

    /// `before` is the number of placeholders that start before the offset.
    fn author_offset(
        &self,
        before: usize,
        parsed: usize,
        inside: impl Fn(&Placeholder) -> usize,
    ) -> usize {
        match before
            .checked_sub(1)
            .and_then(|last| self.placeholders.get(last))
        {
            None => parsed,
            Some(last) if parsed < last.parsed_at.end => inside(last),
            Some(last) => last.at.end + (parsed - last.parsed_at.end),
        }
    }
}
