//! Asks a package jq-like questions about JSON documents.

mod error;
mod report;

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use json_query_host::package::Json;
use json_query_host::{package, read, write};

use error::Error;

/// What is asked when nothing is: which time zones are not a whole number of hours from UTC.
const DEMO_FILTER: &str = ".zones[] | select(.offset.january % 60 != 0) \
     | {name, country: .country.name, minutes: .offset.january}";

/// The document that is asked about when none is given.
const DEMO_DOCUMENT: &[u8] = include_bytes!("../../data/time-zones.json");

/// Answers jq-like queries about JSON documents.
#[derive(Debug, Parser)]
#[command(name = "json-query", version)]
struct Arguments {
    /// The query, such as `.items[] | select(.price > 10) | {name, price}`; without one, an example
    /// is run.
    filter: Option<String>,

    /// The document, `-` for standard input; without one, the world's time zones are used.
    file: Option<PathBuf>,

    /// Print each result on one line, without spaces.
    #[arg(short, long)]
    compact: bool,

    /// Show on standard error what the package logs.
    #[arg(short, long)]
    verbose: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match answer(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        // Who reads the results has seen enough, as in `json-query … | head`.
        Err(Error::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            report::report(&error);
            ExitCode::FAILURE
        }
    }
}

/// Runs the query and prints its results.
fn answer(arguments: &Arguments) -> Result<(), Error> {
    let mut package = package::load(arguments.verbose)?;
    let text = arguments.filter.as_deref().unwrap_or(DEMO_FILTER);
    let filter = package
        .query()
        .parse(text)?
        .map_err(|error| Error::Filter {
            text: text.to_owned(),
            error,
        })?;
    let document = read_document(arguments.file.as_deref())?;
    let results = package
        .query()
        .run(&document, &filter)?
        .map_err(|error| Error::Query(error.message))?;
    write::results(&results, arguments.compact).map_err(Error::Write)
}

/// Reads a document from a file or from standard input, or the one that is built in.
fn read_document(file: Option<&Path>) -> Result<Json, Error> {
    let (name, bytes) = match file {
        None => (
            "the built-in document".to_owned(),
            Ok(DEMO_DOCUMENT.to_owned()),
        ),
        Some(file) if file == "-" => {
            let mut bytes = Vec::new();
            let read = io::stdin().read_to_end(&mut bytes);
            ("standard input".to_owned(), read.map(|_| bytes))
        }
        Some(file) => (file.display().to_string(), std::fs::read(file)),
    };
    match bytes {
        Ok(bytes) => read::document(&bytes).map_err(|error| Error::Json { name, error }),
        Err(error) => Err(Error::Read { name, error }),
    }
}
