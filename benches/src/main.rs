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
Usage: pack-bench [--quick] [--only CONTENDER]... [--output FILE] [WORKLOAD]...

  --quick           One call each, only to see that everything runs
  --only CONTENDER  Part of a contender's name; without any, all are measured. The floor always is
  --output FILE     Where the report goes, as JSON; without it only a table is printed
  WORKLOAD          Part of a workload's name; without any, all are measured

With `=` before it, a name is meant as a whole. If the variable PACK_BENCH_PERF is set, guests' functions have names in
the reports of `perf`.";

fn main() -> Result<()> {
    let (mut is_quick, mut output) = (false, None);
    let (mut wanted, mut contenders) = (Vec::new(), Vec::new());
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => is_quick = true,
            "--only" => match arguments.next() {
                Some(contender) => contenders.push(contender),
                None => bail!("--only needs a part of a contender's name\n\n{USAGE}"),
            },
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
    let mut bench = Bench::new(is_quick, wanted, contenders);
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
