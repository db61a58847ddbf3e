//! What the tests share.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "these are parts of tests"
)]
#![allow(dead_code, reason = "not every test uses everything")]

pub(crate) mod tables;

use json_query_guest::Package;
use json_query_guest::demo::json_query::types::ParseError;
use json_query_guest::exports::demo::json_query::Query;

use crate::Json;

/// Runs a filter on a document, and gives the outputs or the message of the error.
pub(crate) fn run(document: &str, filter: &str) -> Result<Vec<Json>, String> {
    let filter = Package::parse(filter.to_owned()).map_err(|error| format!("{error:?}"))?;
    Package::run(tables::read_json(document), filter).map_err(|error| error.message)
}

/// Parses a filter that is to be refused.
pub(crate) fn refusal(filter: &str) -> ParseError {
    match Package::parse(filter.to_owned()) {
        Ok(accepted) => panic!("{filter:?} is accepted as {accepted:?}"),
        Err(error) => error,
    }
}
