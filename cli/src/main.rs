//! `cargo pack`: makes, builds, looks into, calls and compares WebAssembly packages.

mod arguments;
mod commands;
mod excerpt;
mod failure;
mod input;
mod output;
mod session;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

use arguments::Arguments;
use failure::Failure;

fn main() -> ExitCode {
    let words: Vec<OsString> = words(env::args_os()).collect();
    let arguments = match Arguments::try_parse_from(&words) {
        Ok(arguments) => arguments,
        // Help that was asked for is no failure.
        Err(error) if !error.use_stderr() => error.exit(),
        Err(error) => {
            let is_json = |word: &OsString| word.to_string_lossy().starts_with("--json");
            if !words.iter().any(is_json) {
                error.exit();
            }
            let failure = Failure::from(error);
            failure.report(true);
            return failure.exit().into();
        }
    };
    arguments.color.apply();
    match commands::run(&arguments.command) {
        Ok(verdict) => verdict.into(),
        Err(failure) => {
            failure.report(arguments.command.wants_json());
            failure.exit().into()
        }
    }
}

/// Cargo runs `cargo-pack pack …` for `cargo pack …`.
fn words(arguments: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    arguments
        .enumerate()
        .filter(|(at, word)| (*at, word.to_str()) != (1, Some("pack")))
        .map(|(_, word)| word)
}
