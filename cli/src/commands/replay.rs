use std::path::PathBuf;

use pack_runtime::{Replay as Player, Runtime, Trace};
use serde_json::json;

use crate::arguments::PackageFile;
use crate::failure::Failure;
use crate::session::LimitOptions;
use crate::{input, output};

/// Run a package again, as a trace says.
///
/// Each export is called with the arguments it had, and each import answers as it did. The first call that differs is
/// named, and the exit code is 3.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  cargo pack replay run.trace shop.wasm\n  cargo pack replay run.trace new/shop.wasm --other-builds"
)]
pub(crate) struct Replay {
    /// The trace; `-` for the standard input.
    #[arg(value_name = "TRACE")]
    trace: PathBuf,

    #[command(flatten)]
    package: PackageFile,

    /// The part of a composition that the package is, where the trace has several.
    #[arg(long, value_name = "NAME")]
    part: Option<String>,

    /// Take another build of the package than was recorded, if its contract is the same.
    #[arg(long)]
    other_builds: bool,

    #[command(flatten)]
    limits: LimitOptions,

    /// Print what was done as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Replay {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let name = input::name(&self.trace);
        let trace = Trace::read(&input::read(&self.trace)?)
            .map_err(|error| Failure::from(error).about(&name))?;
        let runtime = Runtime::builder().limits(self.limits.limits()).build()?;
        let package = runtime
            .load(&self.package.read()?)
            .map_err(|error| Failure::from(error).about(&self.package.name()))?;
        let part = match (&self.part, trace.packages()) {
            (Some(part), _) => part.clone(),
            (None, [only]) => only.part.clone(),
            (None, _) => package.types().world.clone(),
        };
        let player = Player::new(&trace).with_other_builds(self.other_builds);
        let replayed = player.run(&part, &package)?;
        match self.json {
            true => output::print_json(&json!({
                "instances": replayed.instances,
                "exports": replayed.exports,
                "imports": replayed.imports,
                "is_whole": trace.is_whole(),
            })),
            false => {
                let rest = match trace.is_whole() {
                    true => "",
                    false => "; there was more, which the trace had no room for",
                };
                output::print(&format!("{replayed}{rest}\n"))
            }
        }
    }
}
