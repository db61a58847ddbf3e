//! The package that does the work, and what it is given to work with.

// Written by the build script. `pack_runtime::bindgen!("../wit")` would stand for the same.
include!(concat!(env!("OUT_DIR"), "/json_query.rs"));

use pack_runtime::{Error, MessageLimits, Runtime};

use demo::json_query::log::Level;
pub use demo::json_query::types::{Filter, Json, ParseError, QueryError, QueryErrorKind};

/// The package, as the build script has built it.
const PACKAGE: &[u8] = include_bytes!(env!("JSON_QUERY_PACKAGE"));

/// How many levels of arrays and objects a document may have. What is in the innermost of them is one
/// more of the values inside each other that may cross the boundary.
pub const MAX_DOCUMENT_DEPTH: u32 = MessageLimits::DEFAULT.depth - 1;

/// What the package may ask of this program.
#[derive(Debug)]
pub struct Host {
    verbose: bool,
}

impl imports::demo::json_query::Log for Host {
    fn log(&mut self, level: Level, message: String) {
        if self.verbose {
            let level = match level {
                Level::Debug => "debug",
                Level::Info => "info",
                Level::Warn => "warn",
                Level::Error => "error",
            };
            eprintln!("[{level}] {message}");
        }
    }
}

/// Loads the package. If `verbose`, what it logs is shown on standard error.
pub fn load(verbose: bool) -> Result<JsonQuery<Host>, Error> {
    let package = Runtime::new()?.load(PACKAGE)?;
    JsonQuery::instantiate(&package, Host { verbose })
}
