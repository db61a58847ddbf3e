//! What a call costs, beside what it would cost without Pack.
//!
//! `cargo xtask bench` runs it; `docs/performance.md` says what is measured, and how.

mod component;
mod floor;
mod harness;
mod pack;
mod report;
mod setup;
mod workloads;

use std::env;
use std::path::PathBuf;

use wasmtime::{Result, bail};

use crate::harness::Bench;

const USAGE: &str = "\
Usage: pack-bench [--quick] [--output FILE] [WORKLOAD]...

  --quick        One call each, only to see that everything runs
  --output FILE  Where the report goes, as JSON; without it only a table is printed
  WORKLOAD       Part of a workload's name; without any, all are measured";

fn main() -> Result<()> {
    let (mut is_quick, mut output, mut wanted) = (false, None, Vec::new());
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => is_quick = true,
            "--output" => output = Some(PathBuf::from(arguments.next().unwrap_or_default())),
            // Of this program itself only.
            workloads::MEMORY_OPTION => {
                let (contender, count) = (arguments.next(), arguments.next());
                let count = count.unwrap_or_default().parse()?;
                let bytes = workloads::memory_of(&contender.unwrap_or_default(), count)?;
                println!("{bytes}");
                return Ok(());
            }
            "--help" | "-h" => {
                println!("{USAGE}");
                return Ok(());
            }
            option if option.starts_with('-') => bail!("no such option: {option}\n\n{USAGE}"),
            _ => wanted.push(argument),
        }
    }
    let mut bench = Bench::new(is_quick, wanted);
    workloads::run(&mut bench)?;
    if bench.report.is_empty() {
        bail!("no workload has that in its name; without names, all are measured");
    }
    bench.report.print();
    match output {
        Some(output) => bench.report.write(&output),
        None => Ok(()),
    }
}
