//! The program as its users see it.

mod common;

use std::io::Read as _;
use std::process::Stdio;

use common::{Outcome, data, deep_document, large_document, program, run, run_on, way_down};

fn success(stdout: &str) -> Outcome {
    Outcome {
        code: Some(0),
        stdout: stdout.to_owned(),
        stderr: String::new(),
    }
}

fn failure(stderr: &str) -> Outcome {
    Outcome {
        code: Some(1),
        stdout: String::new(),
        stderr: stderr.to_owned(),
    }
}

#[test]
fn without_arguments_it_shows_what_it_can_do() {
    let outcome = run(&[]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    assert!(
        outcome
            .stdout
            .starts_with("{\n  \"name\": \"America/St_Johns\",\n"),
        "{}",
        outcome.stdout
    );
    assert_eq!(run(&["-c"]).stdout.lines().count(), 14);
    assert_eq!(run(&[".zones | length"]), success("418\n"));
}

#[test]
fn the_shop_sells_things_above_ten() {
    let query = ".items[] | select(.price > 10) | {name, price}";
    let compact = "{\"name\":\"hammer\",\"price\":18.5}\n\
                   {\"name\":\"cordless drill\",\"price\":129}\n\
                   {\"name\":\"wall paint, white\",\"price\":34.9}\n\
                   {\"name\":\"ladder\",\"price\":89.95}\n\
                   {\"name\":\"safety glasses\",\"price\":12.4}\n";
    assert_eq!(
        run(&["--compact", query, &data("shop.json")]),
        success(compact)
    );
    let pretty = run(&[query, &data("shop.json")]).stdout;
    assert!(
        pretty.starts_with("{\n  \"name\": \"hammer\",\n  \"price\": 18.5\n}\n{\n"),
        "{pretty}"
    );
}

#[test]
fn values_are_printed_as_jq_prints_them() {
    let input = r#" [1.0, 1e2, 0.1, 1e100, -0, 123456789012345678, "é\u0001\u007f\/", [], {}, {"b":[1,{"a":null}],"a":2}] "#;
    let compact = "[1,100,0.1,1e+100,-0,123456789012345680,\"é\\u0001\\u007f/\",[],{},{\"b\":[1,{\"a\":null}],\"a\":2}]\n";
    assert_eq!(run_on(&["-c", ".", "-"], input), success(compact));
    let pretty = "[\n  [],\n  {},\n  {\n    \"b\": [\n      1,\n      {\n        \"a\": null\n      }\n    ],\n    \"a\": 2\n  }\n]\n";
    assert_eq!(run_on(&[".[7:]", "-"], input), success(pretty));
    assert_eq!(
        run_on(&["-c", ".", "-"], "{\"a\":1,\"b\":2,\"a\":3}"),
        success("{\"a\":3,\"b\":2}\n")
    );
    assert_eq!(run_on(&[".[]", "-"], "[]"), success(""));
}

#[test]
fn a_filter_that_does_not_parse_is_pointed_at() {
    let unknown =
        "json-query: unknown function `foo`; there are `keys`, `length`, `map` and `select`\n";
    assert_eq!(
        run(&[".a | foo"]),
        failure(&format!("{unknown}.a | foo\n     ^\n"))
    );
    assert_eq!(
        run(&["\"日本\" | foo"]),
        failure(&format!("{unknown}\"日本\" | foo\n         ^\n"))
    );
    assert_eq!(
        run(&[".a |\n\t.b | foo |\n.c"]),
        failure(&format!("{unknown}\t.b | foo |\n\t     ^\n"))
    );
    assert_eq!(
        run(&["[1, 2"]),
        failure("json-query: unexpected end, expected `]`\n[1, 2\n     ^\n")
    );
    // The filter is looked at before the document.
    assert_eq!(
        run(&[".a?", "/no/such/file"]),
        failure("json-query: `?` is not supported\n.a?\n  ^\n")
    );
}

#[test]
fn other_errors_are_one_line() {
    let missing = "json-query: cannot read /no/such/file: No such file or directory (os error 2)\n";
    assert_eq!(run(&[".", "/no/such/file"]), failure(missing));
    let not_json = data("../host/Cargo.toml");
    assert_eq!(
        run(&[".", &not_json]),
        failure(&format!(
            "json-query: {not_json} is not a JSON document: expected value at line 1 column 2\n"
        ))
    );
    for (input, message) in [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("{\"a\": 1,}", "trailing comma at line 1 column 9"),
        ("[1] 2", "trailing characters at line 1 column 5"),
        (
            "\"\\ud800\"",
            "unexpected end of hex escape at line 1 column 8",
        ),
        ("1e1000", "number out of range at line 1 column 6"),
    ] {
        let message = format!("json-query: standard input is not a JSON document: {message}\n");
        assert_eq!(run_on(&[".", "-"], input), failure(&message));
    }
    assert_eq!(
        run_on(&[".a", "-"], "[1]"),
        failure("json-query: Cannot index array with string (\"a\")\n")
    );
    assert_eq!(run_on(&[".[] | 1 / .", "-"], "[1, 0]").code, Some(1));
}

#[test]
fn results_that_are_too_large_are_an_error_of_one_line() {
    let outcome = run_on(&["\"x\" * 6e7 | [., ., ., ., .]", "-"], "null");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
    assert_eq!(outcome.stderr.lines().count(), 1);
    assert!(
        outcome.stderr.contains("the limit is `Limits::memory`"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn wrong_usage_has_its_own_exit_code() {
    assert_eq!(run(&["--no-such-option"]).code, Some(2));
    assert_eq!(run(&[".", "-", "-"]).code, Some(2));
    assert_eq!(run(&["--help"]).code, Some(0));
}

#[test]
fn what_the_package_logs_can_be_seen() {
    let outcome = run_on(&["-v", ".a", "-"], "{\"a\":1,\"a\":2}");
    assert_eq!(outcome.stdout, "2\n");
    assert_eq!(
        outcome.stderr,
        "[debug] parsed `.a`\n\
         [warn] keys that the document repeats: 1; of each, the last value counts\n\
         [info] results: 1\n"
    );
}

#[test]
fn deep_documents_are_answered_and_deeper_ones_refused() {
    for levels in [500, 900, 999] {
        assert_eq!(
            run_on(&["-c", ".", "-"], &deep_document(levels)),
            success(&(deep_document(levels) + "\n"))
        );
    }
    assert_eq!(
        run_on(&[&way_down(500), "-"], &deep_document(500)),
        success("7\n")
    );
    for levels in [1000, 5000, 1_000_000] {
        let outcome = run_on(&[".", "-"], &deep_document(levels));
        assert_eq!(outcome.code, Some(1));
        assert!(
            outcome
                .stderr
                .contains("it is nested more than 999 levels deep"),
            "{}",
            outcome.stderr
        );
        assert_eq!(outcome.stderr.lines().count(), 1);
    }
}

#[test]
fn large_documents_are_answered() {
    let document = large_document(5 << 20);
    let count: usize = run_on(&[".orders | length", "-"], &document)
        .stdout
        .trim()
        .parse()
        .unwrap();
    assert_eq!(count, document.matches("\"number\"").count());
    let query = ".orders[] | select(.total >= 990) | select(.paid) | {number, total, lines: (.lines | length)}";
    let outcome = run_on(&["-c", query, "-"], &document);
    assert_eq!(outcome.code, Some(0));
    assert!(outcome.stdout.lines().count() > 10 && outcome.stderr.is_empty());
    assert!(run_on(&["-c", ".", "-"], &document).stdout.len() > 4 << 20);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut program = program(&["., .zones[]"])
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    drop(program.stdout.take());
    let mut stderr = String::new();
    program
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut stderr)
        .unwrap();
    assert_eq!(
        (program.wait().unwrap().code(), stderr.as_str()),
        (Some(0), "")
    );
}
