//! The tables of answers and refusals. The host's tests go through them too, to ask the package what is asked
//! natively here; so this file is part of both, and `Json` is the type that each has.

use serde_json::Value;

use crate::Json;

/// See the heads of the tables for how they are to be read.
const ANSWERS: &str = include_str!("../answers.txt");
const REFUSALS: &str = include_str!("../refusals.txt");

/// Asks everything that is in the table of answers. `ask` takes a document and a filter, and gives the outputs or
/// the message of the error.
pub(crate) fn check_answers(mut ask: impl FnMut(&str, &str) -> Result<Vec<Json>, String>) {
    let mut document = "";
    let mut cases: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for line in entries(ANSWERS) {
        if let Some(output) = line.strip_prefix("    ") {
            cases.last_mut().unwrap().2.push(output);
        } else if let Some(filter) = line.strip_prefix("  ") {
            cases.push((document, filter, Vec::new()));
        } else {
            document = line;
        }
    }
    assert!(cases.len() > 600, "{} cases", cases.len());
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(document, filter, expected)| {
            let answer = ask(document, filter);
            (!is_right(&answer, expected)).then(|| {
                format!("{document}\n  {filter}\n    jq says {expected:?}\n    not     {answer:?}")
            })
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

fn is_right(answer: &Result<Vec<Json>, String>, expected: &[&str]) -> bool {
    match (answer, expected) {
        (Err(message), [error]) => error.strip_prefix("! ") == Some(message),
        (Ok(outputs), _) if !expected.iter().any(|line| line.starts_with("! ")) => {
            let outputs = outputs.iter().cloned().map(as_printed);
            outputs.eq(expected.iter().map(|text| read_json(text)))
        }
        _ => false,
    }
}

/// Tries every filter that is in the table of refusals. `refuse` gives the byte that the error is about and its
/// message.
pub(crate) fn check_refusals(mut refuse: impl FnMut(&str) -> (u32, String)) {
    let lines: Vec<&str> = entries(REFUSALS).collect();
    assert!(lines.len() > 2 * 170);
    for pair in lines.chunks(2) {
        let [filter, expected] = pair else {
            panic!("{pair:?} is not a filter and its refusal")
        };
        let (position, message) = refuse(filter);
        assert_eq!(format!("  {position} {message}"), **expected, "{filter}");
    }
}

/// The lines of a table that are neither empty nor comments.
fn entries(table: &str) -> impl Iterator<Item = &str> {
    table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Reads a JSON text. An infinite number is one that is too large for a double.
pub(crate) fn read_json(text: &str) -> Json {
    match text {
        "1E+1000" => Json::Number(f64::MAX),
        _ => convert(serde_json::from_str(text).unwrap()),
    }
}

fn convert(value: Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Boolean(value),
        Value::Number(value) => Json::Number(value.as_f64().unwrap()),
        Value::String(value) => Json::Text(value),
        Value::Array(items) => Json::Array(items.into_iter().map(convert).collect()),
        Value::Object(members) => Json::Object(
            members
                .into_iter()
                .map(|(key, value)| (key, convert(value)))
                .collect(),
        ),
    }
}

/// What is left of a value when it is printed: JSON cannot write every number.
fn as_printed(value: Json) -> Json {
    match value {
        Json::Number(number) if number.is_nan() => Json::Null,
        Json::Number(number) => Json::Number(number.clamp(f64::MIN, f64::MAX)),
        Json::Array(items) => Json::Array(items.into_iter().map(as_printed).collect()),
        Json::Object(members) => Json::Object(
            members
                .into_iter()
                .map(|(key, value)| (key, as_printed(value)))
                .collect(),
        ),
        other => other,
    }
}
