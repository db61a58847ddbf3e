//! A package that answers jq-like queries over JSON documents.
//!
//! For every filter it accepts, its answers and its words for errors are those of jq 1.8; what it
//! does not support is an error of [`Query::parse`] at its place in the text. Where it differs:
//!
//! - Numbers are doubles throughout, as they were in every jq before 1.7. So a number comes out as
//!   the nearest double rather than as it was spelled, and `-0` stays negative.
//! - Two slices of one array are equal if their elements are; jq takes any two of the same length
//!   for the same.
//! - Values, filters and repeated strings have limits, which are in `limits.rs`. Beyond them there is
//!   an error.

mod access;
mod arithmetic;
mod describe;
mod eval;
mod lexer;
mod limits;
mod object;
mod order;
mod parser;
mod product;
mod string;
mod value;

pack::world!("../wit");

use demo::json_query::log::{Level, log};
use demo::json_query::types::{Filter, Json, ParseError, QueryError};
use exports::demo::json_query::Query;
use value::Value;

/// The package: a parser and an evaluator, without state.
pub struct Package;

#[pack::export]
impl Query for Package {
    fn parse(text: String) -> Result<Filter, ParseError> {
        let filter = parser::parse(&text)?;
        log(Level::Debug, &format!("parsed `{text}`"));
        Ok(filter)
    }

    fn run(mut doc: Json, filter: Filter) -> Result<Vec<Json>, QueryError> {
        limits::check_filter(&filter)?;
        limits::check_depth(&doc)?;
        let repeated = object::settle_repeated_keys(&mut doc);
        if repeated > 0 {
            log(
                Level::Warn,
                &format!(
                    "keys that the document repeats: {repeated}; of each, the last value counts"
                ),
            );
        }
        let results: Result<Vec<Json>, QueryError> = eval::eval(&filter, Value::Borrowed(&doc))
            .map(|output| Ok(output?.into_json()))
            .collect();
        match &results {
            Ok(outputs) => log(Level::Info, &format!("results: {}", outputs.len())),
            Err(error) => log(Level::Error, &error.message),
        }
        results
    }
}
