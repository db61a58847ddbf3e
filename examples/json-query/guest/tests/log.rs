//! What the package tells the log of its host.

mod common;

use std::cell::RefCell;
use std::rc::Rc;

use common::{refusal, run};
use json_query_guest::demo::json_query::log::Level;
use json_query_guest::demo::json_query::types::{Filter, Json};
use json_query_guest::exports::demo::json_query::Query;
use json_query_guest::{Package, mocks};

/// The lines that are written while something runs.
fn lines_of(run: impl FnOnce()) -> Vec<(Level, String)> {
    let lines = Rc::new(RefCell::new(Vec::new()));
    let written = Rc::clone(&lines);
    let _log = mocks::demo::json_query::log::log(move |level, message| {
        written.borrow_mut().push((level, message.to_owned()));
    });
    run();
    lines.take()
}

fn line(level: Level, message: &str) -> (Level, String) {
    (level, message.to_owned())
}

#[test]
fn a_query_is_parsed_and_has_results() {
    let lines = lines_of(|| assert_eq!(run("[1, 2]", ".[]").unwrap().len(), 2));
    let expected = [
        line(Level::Debug, "parsed `.[]`"),
        line(Level::Info, "results: 2"),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn repeated_keys_are_worth_a_warning() {
    let member = |value| ("a".to_owned(), Json::Number(value));
    let document = Json::Object(vec![member(1.0), member(2.0), member(3.0)]);
    let lines = lines_of(|| {
        let outputs = Package::run(document, Filter::Length).unwrap();
        assert_eq!(outputs, [Json::Number(1.0)]);
    });
    let warning = "keys that the document repeats: 2; of each, the last value counts";
    let expected = [line(Level::Warn, warning), line(Level::Info, "results: 1")];
    assert_eq!(lines, expected);
}

#[test]
fn a_query_that_fails_is_an_error_in_its_own_words() {
    let message = r#"Cannot index number with string ("a")"#;
    let lines = lines_of(|| assert_eq!(run("1", ".a").unwrap_err(), message));
    let expected = [
        line(Level::Debug, "parsed `.a`"),
        line(Level::Error, message),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn nothing_is_said_of_what_is_refused() {
    assert_eq!(lines_of(|| drop(refusal(".a |"))), []);
}
