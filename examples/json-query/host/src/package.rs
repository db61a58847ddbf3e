//! The package that does the work: how it is loaded and called.
//!
//! For now it is linked in, and nothing can go wrong on the way to it.

use json_query_guest::Package;
use json_query_guest::bindings::demo::json_query::log;
use json_query_guest::bindings::exports::demo::json_query::Query;

use crate::error::Error;

pub(crate) use json_query_guest::bindings::demo::json_query::types::{
    Filter, Json, ParseError, QueryError,
};

/// How many levels of arrays and objects a document may have.
pub(crate) const MAX_DOCUMENT_DEPTH: usize = 1000;

/// A loaded package.
pub(crate) struct Engine {
    verbose: bool,
}

impl Engine {
    /// Loads the package. What it logs is shown if `verbose` is set.
    pub(crate) fn new(verbose: bool) -> Result<Self, Error> {
        Ok(Engine { verbose })
    }

    /// Has the package read a filter.
    pub(crate) fn parse(&mut self, text: &str) -> Result<Result<Filter, ParseError>, Error> {
        let filter = Package::parse(text.to_owned());
        self.show_log();
        Ok(filter)
    }

    /// Has the package run a filter.
    pub(crate) fn run(
        &mut self,
        doc: &Json,
        filter: &Filter,
    ) -> Result<Result<Vec<Json>, QueryError>, Error> {
        let results = Package::run(doc.clone(), filter.clone());
        self.show_log();
        Ok(results)
    }

    fn show_log(&self) {
        for (level, message) in log::take() {
            if self.verbose {
                let level = format!("{level:?}").to_lowercase();
                eprintln!("[{level}] {message}");
            }
        }
    }
}
