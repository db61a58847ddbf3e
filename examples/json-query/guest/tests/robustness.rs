//! No input makes the package fail in any way other than with an error.

#![allow(clippy::unwrap_used, reason = "these are parts of tests")]

mod common;

use std::thread;

use common::{refusal, run};
use json_query_guest::Package;
use json_query_guest::demo::json_query::types::{Filter, Json, QueryErrorKind};
use json_query_guest::exports::demo::json_query::Query;
use proptest::prelude::*;

/// How much stack a package has. Without optimisation everything takes several times as much.
const STACK: usize = if cfg!(debug_assertions) {
    4 << 20
} else {
    512 << 10
};

/// Runs something with as little stack as a package has.
fn with_little_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    thread::Builder::new()
        .stack_size(STACK)
        .spawn(run)
        .unwrap()
        .join()
        .unwrap()
}

/// A document of nothing but arrays, or objects, within each other.
fn deep(levels: usize, wrap: fn(Json) -> Json) -> Json {
    (0..levels).fold(Json::Number(1.0), |inner, _| wrap(inner))
}

fn array(inner: Json) -> Json {
    Json::Array(vec![inner])
}

fn object(inner: Json) -> Json {
    Json::Object(vec![("a".to_owned(), inner), ("b".to_owned(), Json::Null)])
}

#[test]
fn deep_documents_are_no_trouble() {
    for wrap in [array, object] {
        let outputs = with_little_stack(move || {
            let filters = [
                ".",
                ".[]",
                "[.[] | .]",
                ". == .",
                ". < .",
                ". + .",
                ". - .",
                ". * .",
                "map(.)",
                "{a: .}",
                "[., .] | .[0] == .[1]",
                "{(\"k\"): .} | .k",
                ".a | .a",
                "-.",
                "keys",
                "[.] - [.]",
                "[.] | .[0:1]",
            ];
            let mut answered = 0;
            for filter in filters {
                let filter = Package::parse(filter.to_owned()).unwrap();
                answered += usize::from(Package::run(deep(999, wrap), filter).is_ok());
            }
            answered
        });
        assert!(outputs >= 8, "{outputs}");
    }
}

#[test]
fn too_deep_is_an_error() {
    with_little_stack(|| {
        let kind = |levels, filter: &str| {
            let filter = Package::parse(filter.to_owned()).unwrap();
            Package::run(deep(levels, array), filter)
                .map_err(|error| error.kind)
                .err()
        };
        assert_eq!(kind(999, "."), None);
        assert_eq!(kind(1000, "."), Some(QueryErrorKind::TooLarge));
        assert_eq!(kind(998, "[.]"), None);
        assert_eq!(kind(999, "[.]"), Some(QueryErrorKind::TooLarge));
        assert_eq!(kind(999, "{a: .}"), Some(QueryErrorKind::TooLarge));
        assert_eq!(kind(999, "map([.])"), Some(QueryErrorKind::TooLarge));
        // However deep the filters go, the values do not: each half doubles the levels of the one
        // before.
        let doubled = (0..10).fold("[.]".to_owned(), |filter, _| {
            format!("({filter} | {filter})")
        });
        assert_eq!(kind(0, &doubled), Some(QueryErrorKind::TooLarge));
    });
}

#[test]
fn deep_filters_are_refused_where_they_are_too_deep() {
    with_little_stack(|| {
        let message = "the filter is nested more than 128 levels deep";
        let nested = |open: &str, inner: &str, close: &str, levels| {
            format!("{}{inner}{}", open.repeat(levels), close.repeat(levels))
        };
        for (open, inner, close) in [
            ("(", ".", ")"),
            ("[", ".", "]"),
            ("{a: ", ".", "}"),
            ("map(", ".", ")"),
            ("select(", ".", ")"),
            ("-", "1", ""),
            (".[", "0", "]"),
            (".[", "0", ":]"),
            ("1 + (", "1", ")"),
            ("{(", "\"a\"", "): 1}"),
            (". | ", ".", ""),
            ("", ".a", ".a"),
            ("", ".", "[0]"),
            ("", "1", " + 1"),
            ("", "1", " * 2"),
            ("1, (", "1", ")"),
            ("", ".", "[]"),
            ("", ".", "[1:]"),
            ("1 == (", "1", ")"),
        ] {
            assert!(
                Package::parse(nested(open, inner, close, 50)).is_ok(),
                "{open}{inner}{close}"
            );
            let error = refusal(&nested(open, inner, close, 100_000));
            assert_eq!(error.message, message, "{open}{inner}{close}");
            assert!(
                (127..128 * 8).contains(&error.position),
                "{open}{inner}{close} at {}",
                error.position
            );
        }
        assert_eq!(refusal(&nested("(", ".", ")", 300)).position, 128);
        // Lists are not nested, however long.
        assert_eq!(
            run("null", &format!("[{}1] | length", "1, ".repeat(20_000))).unwrap(),
            [Json::Number(20_001.0)]
        );
        let members: Vec<String> = (0..2000).map(|at| format!("k{at}: {at}")).collect();
        assert_eq!(
            run("null", &format!("{{{}}} | length", members.join(", "))).unwrap(),
            [Json::Number(2000.0)]
        );
    });
}

#[test]
fn deep_filters_that_are_accepted_run() {
    with_little_stack(|| {
        for (open, inner, close) in [
            ("[", ".", "]"),
            ("{a: ", ".", "}"),
            ("select(", ".", ")"),
            ("-", "1", ""),
            ("1 + (", "1", ")"),
            (". | ", ".", ""),
            ("", ".", "[0]"),
            ("", "1", " + 1"),
            ("1, (", "1", ")"),
            ("1 == (", "1", ")"),
            ("[.[] | ", ".", "]"),
            ("map(", ".", ")"),
            ("", ".[0:]", "[0:]"),
            ("[", "1", "][]"),
            ("[", "1", "][0]"),
            ("[.[", "0", "]]"),
            ("(1, ", "1", ")"),
            ("{(\"a\"): ", "1", "}"),
        ] {
            let accepted = (1..=128).rev().find_map(|levels| {
                let text = format!("{}{inner}{}", open.repeat(levels), close.repeat(levels));
                Some((levels, Package::parse(text).ok()?))
            });
            if let Some((levels, filter)) = accepted {
                assert!(levels > 40, "{open}{inner}{close}: {levels}");
                let _answer_or_error = Package::run(deep(600, array), filter);
            }
        }
    });
}

#[test]
fn filters_from_elsewhere_are_measured_too() {
    let deep = (0..300).fold(Filter::Identity, |inner, _| Filter::Negate(Box::new(inner)));
    assert_eq!(
        Package::run(Json::Null, deep).unwrap_err().kind,
        QueryErrorKind::TooLarge
    );
    let wide = Filter::Comma(vec![Filter::Identity; 1000]);
    assert_eq!(Package::run(Json::Null, wide).unwrap().len(), 1000);
}

#[test]
fn repeated_strings_have_a_limit() {
    assert_eq!(
        run("null", "\"ab\" * 1000000 | length").unwrap(),
        [Json::Number(2e6)]
    );
    assert_eq!(
        run("null", "\"ab\" * 1e8").unwrap_err(),
        "Repeat string result too long"
    );
}

#[test]
fn of_repeated_keys_the_last_counts_in_the_place_of_the_first() {
    let member = |key: &str, value| (key.to_owned(), Json::Number(value));
    let doc = Json::Array(vec![Json::Object(vec![
        member("a", 1.0),
        member("b", 2.0),
        member("a", 3.0),
    ])]);
    let settled = Json::Array(vec![Json::Object(vec![member("a", 3.0), member("b", 2.0)])]);
    assert_eq!(Package::run(doc, Filter::Identity).unwrap(), [settled]);
}

/// Texts that come close to filters.
fn almost_filters() -> impl Strategy<Value = String> {
    let words = [
        ".",
        ".a",
        "..",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        "|",
        ",",
        ":",
        ";",
        "+",
        "-",
        "*",
        "/",
        "%",
        "==",
        "!=",
        "<",
        ">=",
        "\"",
        "\"a\"",
        "\"\\u00e9\\n\"",
        "\\(",
        "\\ud83d",
        "1",
        "0.5",
        "1e9",
        "null",
        "true",
        "length",
        "keys",
        "map(",
        "select(",
        "if",
        "$x",
        "@text",
        "?",
        "//",
        "=",
        "#",
        "\n",
        " ",
        "é",
        "😀",
        "\0",
        "a",
        "[]",
        "[0]",
        "[1:]",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..24)
        .prop_map(|words| words.concat())
}

fn documents() -> impl Strategy<Value = Json> {
    let scalars = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Boolean),
        any::<f64>().prop_map(Json::Number),
        (-5_i8..5).prop_map(|number| Json::Number(number.into())),
        "[ab,é😀]{0,4}".prop_map(Json::Text),
    ];
    scalars.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
            prop::collection::vec(("[abc]", inner), 0..4).prop_map(Json::Object),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_text_is_a_filter_or_refused_within_it(
        text in prop_oneof![any::<String>(), almost_filters()],
    ) {
        if let Err(error) = Package::parse(text.clone()) {
            let position = usize::try_from(error.position).unwrap();
            prop_assert!(text.is_char_boundary(position), "{:?}", error);
            prop_assert!(!error.message.contains('\n'));
        }
    }

    #[test]
    fn any_filter_has_an_answer_or_an_error(text in almost_filters(), doc in documents()) {
        if let Ok(filter) = Package::parse(text) {
            let _answer_or_error = Package::run(doc, filter);
        }
    }

    #[test]
    fn comparisons_agree_with_each_other(left in documents(), right in documents()) {
        let doc = Json::Array(vec![left, right]);
        let filter = "[.[0] < .[1], .[0] <= .[1], .[0] > .[1], .[0] >= .[1]]";
        let filter = Package::parse(filter.to_owned()).unwrap();
        let answer = Package::run(doc, filter).unwrap();
        let [Json::Array(answer)] = answer.as_slice() else { panic!("{answer:?}") };
        let [less, at_most, more, at_least] = answer.as_slice() else { panic!("{answer:?}") };
        prop_assert_ne!(less, at_least);
        prop_assert_ne!(more, at_most);
        prop_assert!(*less != Json::Boolean(true) || *more != Json::Boolean(true));
    }
}
