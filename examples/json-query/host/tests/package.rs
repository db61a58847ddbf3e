//! The package as the host loads and calls it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "these are parts of tests"
)]

mod common;
#[path = "../../guest/tests/common/tables.rs"]
mod tables;

use std::fs;
use std::thread;

use common::{data, deep_document, large_document};
use json_query_host::package::{
    Filter, Host, Json, JsonQuery, MAX_DOCUMENT_DEPTH, QueryErrorKind, load,
};
use json_query_host::read;
use pack_runtime::Error;

/// Runs a filter on a document, and gives the outputs or the message of the error.
fn run(package: &mut JsonQuery<Host>, document: &Json, filter: &str) -> Result<Vec<Json>, String> {
    let filter = parse(package, filter);
    let outputs = package.query().run(document, &filter).unwrap();
    outputs.map_err(|error| error.message)
}

fn parse(package: &mut JsonQuery<Host>, filter: &str) -> Filter {
    package.query().parse(filter).unwrap().unwrap()
}

/// Runs something with as much stack as the program has, which is more than a test has otherwise.
fn with_main_stack(run: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(8 << 20).spawn(run);
    thread.unwrap().join().unwrap();
}

/// Arrays, or objects, within each other, and a number in the innermost.
fn deep(levels: u32, wrap: fn(Json) -> Json) -> Json {
    (0..levels).fold(Json::Number(1.0), |inner, _| wrap(inner))
}

fn array(inner: Json) -> Json {
    Json::Array(vec![inner])
}

fn object(inner: Json) -> Json {
    Json::Object(vec![("a".to_owned(), inner), ("b".to_owned(), Json::Null)])
}

#[test]
fn answers_are_those_of_jq() {
    let mut package = load(false).unwrap();
    tables::check_answers(|document, filter| {
        run(&mut package, &tables::read_json(document), filter)
    });
}

#[test]
fn refusals_say_what_and_where() {
    let mut package = load(false).unwrap();
    tables::check_refusals(|filter| {
        let error = package.query().parse(filter).unwrap().unwrap_err();
        (error.position, error.message)
    });
}

#[test]
fn documents_come_back_as_they_were() {
    with_main_stack(|| {
        let mut package = load(false).unwrap();
        let files = fs::read_dir(data(""))
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let mut documents: Vec<String> = files
            .map(|path| fs::read_to_string(path).unwrap())
            .collect();
        assert!(documents.len() >= 2);
        documents.extend([
            deep_document(500),
            deep_document(999),
            large_document(5 << 20),
        ]);
        for text in documents {
            let document = read::document(text.as_bytes()).unwrap();
            assert!(run(&mut package, &document, ".").unwrap() == [document]);
        }
    });
}

#[test]
fn the_deepest_filters_have_room_with_the_deepest_documents() {
    with_main_stack(|| {
        let mut package = load(false).unwrap();
        for wrap in [array, object] {
            let document = deep(MAX_DOCUMENT_DEPTH, wrap);
            let mut answered = 0;
            for (open, close) in [
                ("select(", ")"),
                ("map(", ")"),
                ("[.[] | ", "]"),
                ("1 == (", ")"),
                ("{a: ", "}"),
                ("{(\"a\" | ", "): 1}"),
                ("1, (", ")"),
                (". | ", ""),
                ("[", "][]"),
                ("[", "][0]"),
                (".[", "]"),
                ("-", ""),
            ] {
                for inner in [
                    ".",
                    "(. == .)",
                    "(. * .)",
                    "(. - .)",
                    "(. + .)",
                    "[.][0:][0]",
                    "[.[]][0]",
                ] {
                    let (levels, filter) = deepest(&mut package, open, inner, close);
                    assert!(levels > 30, "{open}{inner}{close}: {levels}");
                    let outcome = package.query().run(&document, &filter);
                    answered += usize::from(outcome.unwrap().is_ok());
                }
            }
            assert!(answered > 20, "{answered}");
        }
    });
}

/// The deepest filter of a kind that the package accepts.
fn deepest(package: &mut JsonQuery<Host>, open: &str, inner: &str, close: &str) -> (usize, Filter) {
    (1..=128)
        .rev()
        .find_map(|levels| {
            let text = format!("{}{inner}{}", open.repeat(levels), close.repeat(levels));
            Some((levels, package.query().parse(&text).unwrap().ok()?))
        })
        .unwrap()
}

#[test]
fn what_is_too_deep_is_an_error_and_the_package_goes_on() {
    let mut package = load(false).unwrap();
    let deepest = deep(MAX_DOCUMENT_DEPTH, array);
    for filter in ["[.]", "{a: .}", "map([.])"] {
        let filter = parse(&mut package, filter);
        let error = package.query().run(&deepest, &filter).unwrap().unwrap_err();
        assert_eq!(error.kind, QueryErrorKind::TooLarge);
        assert_eq!(error.message, "a value is nested more than 999 levels deep");
    }
    let too_deep = array(deepest);
    let error = package.query().run(&too_deep, &Filter::Length).unwrap_err();
    assert!(matches!(error, Error::Encode { .. }), "{error}");
    let filter = (0..300).fold(Filter::Identity, |inner, _| Filter::Negate(Box::new(inner)));
    let error = package
        .query()
        .run(&Json::Null, &filter)
        .unwrap()
        .unwrap_err();
    assert_eq!(
        error.message,
        "the filter is nested more than 128 levels deep"
    );
    assert_eq!(
        run(&mut package, &Json::Null, "length"),
        Ok(vec![Json::Number(0.0)])
    );
}

#[test]
fn what_is_too_large_is_an_error() {
    let mut package = load(false).unwrap();
    let filter = parse(&mut package, "\"x\" * 6e7 | [., ., ., ., .]");
    let error = package.query().run(&Json::Null, &filter).unwrap_err();
    assert!(matches!(error, Error::Limit(_)), "{error}");
    // Another instance is not concerned.
    let mut package = load(false).unwrap();
    assert_eq!(
        run(&mut package, &Json::Null, "length"),
        Ok(vec![Json::Number(0.0)])
    );
}
