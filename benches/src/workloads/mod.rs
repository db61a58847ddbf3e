//! What is asked, a module for each kind of question, with all who answer it side by side.

mod bytes;
mod compile;
mod composition;
mod host_function;
mod instances;
mod instantiate;
mod interfaces;
mod points;
mod records;
mod scalars;
mod size;
mod text;
mod threads;
mod tree;
mod wire;

use wasmtime::Result;

pub(crate) use instances::{OPTION as MEMORY_OPTION, measure as memory_of};

use crate::harness::Bench;
use crate::setup::{Setup, Time};

/// Measures all that is wanted.
pub(crate) fn run(bench: &mut Bench) -> Result<()> {
    let setup = Setup::new(Time::Limited)?;
    scalars::run(bench, &setup, "")?;
    scalars::run(bench, &Setup::new(Time::Unlimited)?, ", no limit of time")?;
    text::run(bench, &setup)?;
    bytes::run(bench, &setup)?;
    points::run(bench, &setup)?;
    records::run(bench, &setup)?;
    tree::run(bench, &setup)?;
    host_function::run(bench, &setup)?;
    instantiate::run(bench)?;
    composition::run(bench)?;
    wire::run(bench)?;
    interfaces::run(bench)?;
    threads::run(bench, &setup)?;
    instances::run(bench)?;
    size::run(bench)?;
    compile::run(bench)
}
