//! The words of messages about names that do not exist.

use std::fmt::Display;

/// Whether one name may be meant for the other: about a third of its letters may be wrong.
pub(crate) fn is_near(name: &str, known: &str) -> bool {
    distance(name, known) <= known.len().max(name.len()) / 3
}

/// The name that is most likely meant.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .filter(|known| is_near(name, known))
        .min_by_key(|known| distance(name, known))
}

/// `` `a`, `b`, `c` ``
pub(crate) fn list<T: Display>(names: impl IntoIterator<Item = T>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

fn distance(a: &str, b: &str) -> usize {
    strsim::osa_distance(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_pen_are_near_and_other_words_are_not() {
        let known = ["path", "inline", "world", "ownership"];
        let cases = [
            ("wrold", Some("world")),
            ("paths", Some("path")),
            ("in-line", Some("inline")),
            ("owner", None),
            ("async", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(nearest(name, known.into_iter()), expected, "{name}");
        }
    }
}
