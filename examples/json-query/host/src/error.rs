//! What can go wrong between a question and its answer.

use std::io;

use json_query_host::package::ParseError;

/// Why there is no answer. Each is one line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The document cannot be read.
    #[error("cannot read {name}: {error}")]
    Read { name: String, error: io::Error },
    /// The document is not JSON, or is nested too deeply.
    #[error("{name} is not a JSON document: {error}")]
    Json {
        name: String,
        error: serde_json::Error,
    },
    /// The filter is not one that the package understands.
    #[error("{}", error.message)]
    Filter { text: String, error: ParseError },
    /// The query failed, in the package's words.
    #[error("{0}")]
    Query(String),
    /// The package did not come to an answer.
    #[error("{}", one_line(.0))]
    Package(#[from] pack_runtime::Error),
    /// The results cannot be written.
    #[error("cannot write the results: {0}")]
    Write(io::Error),
}

/// The message without line breaks, and without the functions that were running in the package.
fn one_line(error: &pack_runtime::Error) -> String {
    let message = error.to_string();
    let is_said = |line: &&str| !line.starts_with("  in ");
    let lines = message.lines().take_while(is_said).map(str::trim);
    lines.collect::<Vec<_>>().join(" ")
}
