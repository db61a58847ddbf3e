//! The text of documentation comments.

/// The text of a comment as it was written: without as much indentation as all lines have, without spaces at the ends of
/// lines (with which Markdown breaks lines, and which WIT does not keep), and without blank lines around it. Text that is
/// printed as a comment and read again stays the same.
pub(crate) fn text(comment: &str) -> String {
    let lines: Vec<&str> = comment.lines().map(str::trim_end).collect();
    let indent = |line: &&str| line.len() - line.trim_start_matches(INDENT).len();
    let written = lines.iter().filter(|line| !line.is_empty());
    let shared = written.map(indent).min().unwrap_or(0);
    let lines: Vec<&str> = lines
        .iter()
        .map(|line| line.get(shared..).unwrap_or_default())
        .collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// The characters that indent.
const INDENT: [char; 2] = [' ', '\t'];

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn texts_of_comments() {
        let cases = [
            ("", ""),
            (" \n\t\n", ""),
            (" One.", "One."),
            (" One.\n\n   Two.  \n", "One.\n\n  Two."),
            ("\n    One.\n      Two.\n ", "One.\n  Two."),
            ("\tOne.\n\t\tTwo.", "One.\n\tTwo."),
            (" \tOne.\n Two.", "\tOne.\nTwo."),
            ("One.\r\n  Two.", "One.\n  Two."),
            ("\u{3000}Wide.", "\u{3000}Wide."),
        ];
        for (comment, expected) in cases {
            assert_eq!(text(comment), expected, "{comment:?}");
        }
    }
}
