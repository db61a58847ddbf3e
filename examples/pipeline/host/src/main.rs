//! Prints a table of contents of texts: `pipeline FOLDER NAME…`. With `--record FILE` before that, what the packages did
//! is written down; `pipeline --replay FILE` runs it again.

use std::error::Error;
use std::fs::{self, File};
use std::io::BufWriter;
use std::process::ExitCode;

use pack_runtime::{Recorder, Runtime, Trace};
use pipeline::{Library, Pipeline};

const USAGE: &str = "usage: pipeline [--record FILE] FOLDER NAME…\n       pipeline --replay FILE";

/// A trace is not to fill the disk.
const LARGEST_TRACE: u64 = 1 << 30;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let pipeline = Pipeline::load(&Runtime::new()?)?;
    if arguments.next_if_eq("--replay").is_some() {
        let file = arguments.next().ok_or(USAGE)?;
        for (part, replayed) in pipeline.replay(&Trace::read(&fs::read(file)?)?)? {
            println!("{part}: {replayed}");
        }
        return Ok(());
    }
    let recorder = match arguments.next_if_eq("--record") {
        Some(_) => {
            let file = File::create(arguments.next().ok_or(USAGE)?)?;
            Some(Recorder::new(BufWriter::new(file), LARGEST_TRACE))
        }
        None => None,
    };
    let folder = arguments.next().ok_or(USAGE)?.into();
    let linked = match &recorder {
        Some(recorder) => pipeline.link_recorded(recorder.clone())?,
        None => pipeline.link()?,
    };
    let mut printer = linked.instantiate_async(Library { folder }).await?;
    let names: Vec<String> = arguments.collect();
    print!("{}", printer.contents(&names).await?);
    if let Some(recorder) = recorder {
        recorder.finish()?;
    }
    Ok(())
}
