//! Telling what went wrong.

use unicode_width::UnicodeWidthChar;

use crate::error::Error;

/// Prints an error on standard error; for a filter, also where in the filter it is.
pub(crate) fn report(error: &Error) {
    eprintln!("json-query: {error}");
    if let Error::Filter { text, error } = error {
        let position = usize::try_from(error.position).unwrap_or(usize::MAX);
        let (line, caret) = point_at(text, position);
        eprintln!("{line}\n{caret}");
    }
}

/// The line of a text that a byte is in, and a line with a caret that stands under that byte.
fn point_at(text: &str, position: usize) -> (&str, String) {
    let (before, after) = text.split_at(text.floor_char_boundary(position));
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = after
        .find('\n')
        .map_or(text.len(), |newline| before.len() + newline);
    let line = text.get(line_start..line_end).unwrap_or_default();
    let mut caret = String::new();
    for char in text
        .get(line_start..before.len())
        .unwrap_or_default()
        .chars()
    {
        match char {
            // As wide as the tab above it, whatever that is.
            '\t' => caret.push('\t'),
            _ => caret.extend(std::iter::repeat_n(' ', char.width().unwrap_or(0))),
        }
    }
    caret.push('^');
    (line, caret)
}

#[cfg(test)]
mod tests {
    use super::point_at;

    #[test]
    fn the_caret_stands_under_the_byte() {
        assert_eq!(point_at(".a | foo", 5), (".a | foo", "     ^".to_owned()));
        assert_eq!(point_at(".a", 2), (".a", "  ^".to_owned()));
        assert_eq!(point_at("", 0), ("", "^".to_owned()));
    }

    #[test]
    fn columns_are_those_of_the_terminal() {
        assert_eq!(point_at("\"é\" x", 5), ("\"é\" x", "    ^".to_owned()));
        assert_eq!(
            point_at("\"日本\" x", 9),
            ("\"日本\" x", "       ^".to_owned())
        );
        assert_eq!(point_at(".a\t| x", 5), (".a\t| x", "  \t  ^".to_owned()));
    }

    #[test]
    fn of_many_lines_only_the_one_concerned_is_shown() {
        assert_eq!(
            point_at(".a |\n  foo |\n.b", 7),
            ("  foo |", "  ^".to_owned())
        );
        assert_eq!(point_at(".a |\n", 5), ("", "^".to_owned()));
    }

    #[test]
    fn a_position_that_is_none_is_moved_to_one() {
        assert_eq!(point_at("é", 1), ("é", "^".to_owned()));
        assert_eq!(point_at(".a", 99), (".a", "  ^".to_owned()));
    }
}
