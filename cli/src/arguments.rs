//! The command line.

use std::path::PathBuf;

use bytesize::ByteSize;
use clap::{Parser, Subcommand, ValueEnum};

use crate::commands::{bindgen, build, call, compare, completions, inspect, new, replay, wit};

const EXIT_CODES: &str = "\
Exit codes:
  0  done; of `check` and `diff`: what was asked for holds
  1  an input cannot be read or is wrong, or has no such world or type; or a build failed
  2  the command line is wrong, or names a function, a guest or a part that is not there
  3  the answer is no: `check` and `diff` found what does not fit, `replay` a call that differs
  4  the package ran and failed: it trapped, panicked, ran into a limit, or an import had no answer

`-` for a file is the standard input. What a command was asked for goes to the standard output, everything else to the \
standard error; with --json, failures too are JSON.";

/// Makes, builds, looks into, calls and compares WebAssembly packages.
///
/// Start with `cargo pack new workspace hello`.
#[derive(Debug, Parser)]
#[command(name = "cargo-pack", bin_name = "cargo pack", version, after_long_help = EXIT_CODES)]
pub(crate) struct Arguments {
    /// When to colour what is printed.
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: Color,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    New(new::New),
    /// Install what it takes to build packages, if it is missing.
    ///
    /// That is rustup's target wasm32-unknown-unknown; or, on Debian and as root where rustup cannot reach its server,
    /// Debian's own compiler, prepared for it.
    Setup,
    Build(build::Build),
    Wit(wit::Wit),
    Inspect(inspect::Inspect),
    Call(call::Call),
    Record(call::Record),
    Replay(replay::Replay),
    Check(compare::Check),
    Diff(compare::Diff),
    Bindgen(bindgen::Bindgen),
    Completions(completions::Completions),
}

impl Command {
    pub(crate) fn wants_json(&self) -> bool {
        match self {
            Self::Build(build) => build.json,
            Self::Inspect(inspect) => inspect.json,
            Self::Call(call) => call.session.json,
            Self::Record(record) => record.session.json,
            Self::Replay(replay) => replay.json,
            Self::Check(check) => check.options.json,
            Self::Diff(diff) => diff.options.json,
            Self::New(_) | Self::Setup | Self::Wit(_) | Self::Bindgen(_) | Self::Completions(_) => {
                false
            }
        }
    }
}

/// When to colour.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    pub(crate) fn apply(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// A number of bytes, with or without a unit.
pub(crate) fn size(text: &str) -> Result<ByteSize, String> {
    let how = "a size is written like `64MiB`, `1.5GB` or `4096`";
    let size: ByteSize = text.parse().map_err(|_| how.to_owned())?;
    match size.as_u64() {
        u64::MAX => Err(format!("that is too large; {how}")),
        _ => Ok(size),
    }
}

/// How to read WIT.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct WitOptions {
    /// The world, where the WIT has several.
    #[arg(long, value_name = "NAME")]
    pub(crate) world: Option<String>,

    /// Open the gate `@unstable(feature = NAME)`; may be given several times.
    #[arg(long = "feature", value_name = "NAME")]
    pub(crate) features: Vec<String>,

    /// Open all such gates.
    #[arg(long, conflicts_with = "features")]
    pub(crate) all_features: bool,
}

/// A `.wasm` file.
#[derive(Debug, clap::Args)]
pub(crate) struct PackageFile {
    /// The package, a .wasm file; `-` for the standard input.
    #[arg(value_name = "FILE.wasm")]
    pub(crate) path: PathBuf,
}
