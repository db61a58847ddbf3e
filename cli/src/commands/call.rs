use std::io::BufWriter;
use std::path::PathBuf;

use bytesize::ByteSize;
use pack_runtime::{Recorder, TraceError};

use crate::arguments::size;
use crate::failure::Failure;
use crate::output;
use crate::session::Session;

const EXAMPLES: &str = "\
Values are written in WAVE, the text format of WebAssembly values:
  7  -2.5  true  'c'  \"text\"  [1, 2]  (1, \"a\")  {name: \"Ada\", age: 36}
  circle(1.5)  some(1)  none  ok(1)  {read, write}

Examples:
  cargo pack call shop.wasm 'total([{name: \"pear\", price: 1.5}])'
  cargo pack call shop.wasm total --args '[[{\"name\": \"pear\", \"price\": 1.5}]]'
  cargo pack call shop.wasm 'open(\"monday\")' --import clock.now=noon.json --fuel 1000000 --usage";

/// Call functions of a package.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Call {
    #[command(flatten)]
    pub(crate) session: Session,
}

impl Call {
    pub(super) fn run(&self) -> Result<(), Failure> {
        self.session.prepare()?.start()?.call()
    }
}

/// Call functions of a package, and write down what goes in and out.
///
/// The trace has the arguments and results of all calls in both directions. `cargo pack replay` runs a package again as it
/// says.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Example:\n  cargo pack record shop.wasm --output run.trace 'total([])'"
)]
pub(crate) struct Record {
    #[command(flatten)]
    pub(crate) session: Session,

    /// The trace. A file that is there already is overwritten.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// How large the trace may become, but for a few bytes that say where it ends.
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = size)]
    max_size: ByteSize,
}

impl Record {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let prepared = self.session.prepare()?;
        // What was there before stays until there is something to put in its place.
        let draft = output::Draft::new(&self.output)?;
        let recorder = Recorder::new(BufWriter::new(draft), self.max_size.as_u64());
        let started = prepared.intercept(recorder.clone()).start()?;
        let outcome = started.call();
        if recorder.is_full() {
            let (file, size) = (self.output.display(), self.max_size);
            self.session.warn(&format!(
                "{file} ends before the calls do, for it has reached {size}; `--max-size` gives it more"
            ));
        }
        // Also where the package failed: that is what one wants to look at.
        let written = recorder.finish()?.into_inner();
        let written = written.map_err(|error| TraceError::Write(error.into_error()))?;
        written.keep()?;
        outcome
    }
}
