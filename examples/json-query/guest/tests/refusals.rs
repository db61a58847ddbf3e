//! What the package refuses, and where it says so.

mod common;

use common::{refusal, run, tables};
use json_query_guest::demo::json_query::types::Json;

#[test]
fn refusals_say_what_and_where() {
    tables::check_refusals(|filter| {
        let error = refusal(filter);
        (error.position, error.message)
    });
}

#[test]
fn a_text_without_a_filter_is_refused_at_its_end() {
    for text in ["", " \t\r\n", "# only a comment", "# one\n # two\n"] {
        let error = refusal(text);
        assert_eq!(usize::try_from(error.position), Ok(text.len()));
        assert_eq!(
            error.message,
            "there is no filter; `.` is the one that changes nothing"
        );
    }
}

#[test]
fn positions_count_the_bytes_of_all_lines() {
    assert_eq!(refusal(".a |\r\n  # a comment, é\n  foo").position, 26);
    assert_eq!(refusal("\u{a0}.a").message, "unexpected character `\u{a0}`");
    assert_eq!(refusal(".a\0").message, "unexpected character U+0000");
}

#[test]
fn comments_end_with_the_line_unless_it_ends_in_a_backslash() {
    let ok = |text| run("1", text).unwrap().len();
    assert_eq!(ok("1 # , 2\n, 3"), 2);
    assert_eq!(ok("1 # , 2\r\n, 3"), 2);
    assert_eq!(ok("1 # , 2 \\\n, 3"), 1);
    assert_eq!(ok("1 # , 2 \\\r\n, 3"), 1);
    assert_eq!(ok("1 # , 2 \\\\\n, 3"), 2);
    assert_eq!(ok("#\n1#"), 1);
}
