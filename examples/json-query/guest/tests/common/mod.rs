//! What the tests share.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "these are parts of tests"
)]
#![allow(dead_code, reason = "not every test uses everything")]

use json_query_guest::Package;
use json_query_guest::bindings::demo::json_query::types::{Json, ParseError};
use json_query_guest::bindings::exports::demo::json_query::Query;
use serde_json::Value;

/// Runs a filter on a document, and gives the outputs as they print or the message of the error.
pub(crate) fn run(document: &str, filter: &str) -> Result<Vec<Json>, String> {
    let filter = Package::parse(filter.to_owned()).map_err(|error| format!("{error:?}"))?;
    let outputs = Package::run(read_json(document), filter).map_err(|error| error.message)?;
    Ok(outputs.into_iter().map(as_printed).collect())
}

/// Parses a filter that is to be refused.
pub(crate) fn refusal(filter: &str) -> ParseError {
    match Package::parse(filter.to_owned()) {
        Ok(accepted) => panic!("{filter:?} is accepted as {accepted:?}"),
        Err(error) => error,
    }
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
