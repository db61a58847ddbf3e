use std::env;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use pack_codegen::wit::Source;
use pack_codegen::{Config, Ownership, Side};

use crate::arguments::WitOptions;
use crate::failure::Failure;
use crate::{input, output};

/// Print the Rust that is made from WIT.
///
/// It is what the macros `pack::world!` and `pack_runtime::bindgen!` stand for, and what a build script writes with
/// `pack_codegen::Config`: to be read, or to be checked in. The options are those of `Config`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  cargo pack bindgen host wit > src/bindings.rs")]
pub(crate) struct Bindgen {
    /// For which side.
    side: SideName,

    /// A .wit file, a folder of them, or a package; `-` for WIT from the standard input.
    #[arg(value_name = "WIT")]
    wit: PathBuf,

    #[command(flatten)]
    options: WitOptions,

    /// Derive a trait for a type, or for all with `*`: `--derive '*=serde::Serialize'`.
    #[arg(long, value_name = "TYPE=TRAIT", value_parser = pair)]
    derive: Vec<(String, String)>,

    /// Use a Rust type or module in the place of a generated one: `--with demo:shop/types=crate::types`.
    #[arg(long, value_name = "WIT=PATH", value_parser = pair)]
    with: Vec<(String, String)>,

    /// The path of the crate `pack` or `pack_runtime`, where it has another name.
    #[arg(long, value_name = "PATH")]
    crate_path: Option<String>,

    /// Have callers pass owned values: `String`, not `&str`.
    #[arg(long)]
    owned: bool,

    /// Open a span of the crate `tracing` for each call.
    #[arg(long)]
    tracing: bool,

    /// Host: functions that wait.
    #[arg(long = "async")]
    is_async: bool,

    /// Host: methods of imports return `Result<_, HostError>`.
    #[arg(long)]
    fallible_imports: bool,

    /// Host: a function or interface whose values are read where they lie; may be given several times.
    #[arg(long = "view", value_name = "FUNCTION")]
    views: Vec<String>,

    /// Guest: exports may be missing.
    #[arg(long)]
    partial_exports: bool,

    /// Write it to a file.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SideName {
    /// A program that runs packages.
    Host,
    /// A package.
    Guest,
}

impl Bindgen {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let side = match self.side {
            SideName::Host => Side::Host,
            SideName::Guest => Side::Guest,
        };
        let generated = self.config()?.generate(side)?;
        let root = env::current_dir()
            .map_err(|error| Failure::input(format!("the current folder is not known: {error}")))?;
        let source = generated.to_source_in(crate_folder(&root))?;
        match &self.output {
            Some(path) if *path != *"-" => output::write_file(path, source.as_bytes()),
            _ => output::print(&source),
        }
    }

    fn config(&self) -> Result<Config, Failure> {
        let mut config = match input::source(&self.wit)? {
            Source::Path(path) => Config::path(path),
            Source::Inline(text) => Config::inline(text),
        };
        if let Some(world) = &self.options.world {
            config = config.world(world);
        }
        if let Some(path) = &self.crate_path {
            config = config.crate_path(path);
        }
        for (ty, derived) in &self.derive {
            config = config.derive(ty, derived);
        }
        for (wit, path) in &self.with {
            config = config.with(wit, path);
        }
        let ownership = match self.owned {
            true => Ownership::Owned,
            false => Ownership::Borrowed,
        };
        Ok(config
            .features(&self.options.features)
            .all_features(self.options.all_features)
            .ownership(ownership)
            .tracing(self.tracing)
            .asynchronous(self.is_async)
            .fallible_imports(self.fallible_imports)
            .views(&self.views)
            .partial_exports(self.partial_exports))
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| "there is no `=` in it".to_owned())?;
    Ok((key.to_owned(), value.to_owned()))
}

/// The folder of the Cargo.toml around the current folder.
fn crate_folder(current: &Path) -> &Path {
    let has_manifest = |folder: &&Path| folder.join("Cargo.toml").is_file();
    current.ancestors().find(has_manifest).unwrap_or(current)
}
