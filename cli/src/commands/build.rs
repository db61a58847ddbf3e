use std::env;
use std::ffi::OsStr;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use pack_guest_build::{Guest, GuestBuild, Toolchain};
use pack_runtime::PackageInfo;
use pack_runtime::schema::diff::function_name;
use pack_runtime::schema::{Contract, Interface};
use serde_json::json;

use crate::failure::Failure;
use crate::input;
use crate::output::{self, STRONG};

/// Build packages.
///
/// Compiles guest crates to WebAssembly, with whichever compiler can, and puts each to `target/pack/NAME.wasm`. Without
/// `--package` these are the crate in the current folder, or all guests of the workspace: crates whose library is a
/// `cdylib` and that depend on `pack-guest`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:\n  cargo pack build\n  cargo pack build -p shop --optimize")]
pub(crate) struct Build {
    /// A guest of the workspace; may be given several times.
    #[arg(short, long = "package", value_name = "CRATE")]
    packages: Vec<String>,

    /// The folder of the crate or workspace.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,

    /// The cargo profile. Where the workspace has none that is called `guest`, that is `release`.
    #[arg(long, value_name = "NAME", default_value = "guest")]
    profile: String,

    /// A feature of the guests; may be given several times.
    #[arg(long = "features", value_name = "FEATURE", value_delimiter = ',')]
    features: Vec<String>,

    /// Without the default features of the guests.
    #[arg(long)]
    no_default_features: bool,

    /// Have `wasm-opt` make the package smaller and faster. Its path may be given; else it is looked for.
    #[arg(long, value_name = "WASM-OPT", num_args = 0..=1, require_equals = true, default_missing_value = "wasm-opt")]
    optimize: Option<PathBuf>,

    /// The folder to put packages into, instead of `target/pack`.
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,

    /// Print what was built as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A package that has been built.
struct Built {
    name: String,
    path: PathBuf,
    info: PackageInfo,
    size: usize,
    /// The size before it was optimized.
    size_before: Option<usize>,
}

impl Build {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let toolchain = Toolchain::find().map_err(|error| {
            Failure::from(error).with_help("`cargo pack setup` installs what is missing")
        })?;
        let guests = self.guests()?;
        let mut built = Vec::new();
        for guest in &guests {
            built.push(self.build(guest, &toolchain)?);
        }
        match self.json {
            true => {
                let packages: Vec<_> = built.iter().map(Built::to_json).collect();
                output::print_json(&json!({ "packages": packages }))
            }
            false => output::print(&built.iter().map(Built::text).collect::<String>()),
        }
    }

    fn guests(&self) -> Result<Vec<Guest>, Failure> {
        let all = pack_guest_build::guests(&self.folder)?;
        if self.packages.is_empty() {
            let folder = std::path::absolute(&self.folder).unwrap_or_default();
            // The innermost.
            let here = all.iter().filter(|guest| guest.contains(&folder));
            let here = here
                .max_by_key(|guest| guest.folder().as_os_str().len())
                .cloned();
            let found = here.map_or(all, |guest| vec![guest]);
            return match found.is_empty() {
                false => Ok(found),
                true => {
                    let folder = self.folder.display();
                    let message = format!("there is no guest in the workspace of {folder}");
                    Err(Failure::input(message).with_help(
                        "a guest is a crate with `crate-type = [\"cdylib\"]` in its [lib] that depends on `pack-guest`; \
                         `cargo pack new guest NAME` makes one",
                    ))
                }
            };
        }
        let named = |name: &String| {
            all.iter()
                .find(|guest| guest.name() == name)
                .cloned()
                .ok_or_else(|| {
                    let names: Vec<&str> = all.iter().map(Guest::name).collect();
                    let failure =
                        Failure::arguments(format!("the workspace has no guest `{name}`"));
                    failure.with_help(format!("its guests are: {}", names.join(", ")))
                })
        };
        self.packages.iter().map(named).collect()
    }

    fn build(&self, guest: &Guest, toolchain: &Toolchain) -> Result<Built, Failure> {
        let mut build = GuestBuild::new(guest.folder())
            .profile(&self.profile)
            .features(&self.features)
            .show_progress(std::io::stderr().is_terminal());
        if self.no_default_features {
            build = build.no_default_features();
        }
        let module = build.build(toolchain)?;
        let mut wasm = input::read(&module)?;
        let name = guest.name().to_owned();
        let read = |wasm: &[u8]| {
            PackageInfo::read(wasm).map_err(|error| Failure::from(error).about(&name))
        };
        let mut info = read(&wasm)?;
        let mut size_before = None;
        if let Some(optimizer) = &self.optimize {
            size_before = Some(wasm.len());
            wasm = optimize(optimizer, &module)?;
            let optimized = read(&wasm)?;
            if optimized.types().schema() != info.types().schema() {
                let optimizer = optimizer.display();
                return Err(Failure::making(format!(
                    "{name}: `{optimizer}` has changed the types that the package carries"
                )));
            }
            info = optimized;
        }
        let folder = match &self.output {
            Some(folder) => folder.clone(),
            None => guest.target_folder().join("pack"),
        };
        std::fs::create_dir_all(&folder).map_err(|error| {
            Failure::output(format!(
                "cannot make the folder {}: {error}",
                folder.display()
            ))
        })?;
        let path = folder.join(format!("{name}.wasm"));
        output::write_file(&path, &wasm)?;
        Ok(Built {
            name,
            path,
            info,
            size: wasm.len(),
            size_before,
        })
    }
}

/// Has the optimizer make a module smaller. It keeps custom sections.
fn optimize(optimizer: &Path, module: &Path) -> Result<Vec<u8>, Failure> {
    let folder = tempfile::tempdir()
        .map_err(|error| Failure::output(format!("cannot make a temporary folder: {error}")))?;
    let output = folder.path().join("optimized.wasm");
    let shown = optimizer.display();
    let ran = Command::new(optimizer)
        .args(["-O3", "--output"].map(OsStr::new))
        .arg(&output)
        .arg(module)
        .output()
        .map_err(|error| {
            Failure::making(format!("`{shown}` cannot be run: {error}")).with_help(
                "it is part of Binaryen; install that, or say where it is: --optimize=/path/to/wasm-opt",
            )
        })?;
    if !ran.status.success() {
        let said = String::from_utf8_lossy(&ran.stderr);
        let message = format!("`{shown}` failed ({}): {}", ran.status, said.trim());
        return Err(Failure::making(message)
            .with_help("a newer one may know what the compiler writes; without --optimize the package is built as it is"));
    }
    std::fs::read(&output).map_err(|error| {
        let message = format!("`{shown}` has left no module behind: {error}");
        Failure::making(message)
            .with_help("an optimizer is called as `wasm-opt -O3 --output OUT IN`")
    })
}

impl Built {
    fn text(&self) -> String {
        let before = self
            .size_before
            .map(|before| format!(", {} before", output::size(before)));
        let mut text = format!(
            "{STRONG}{}{STRONG:#} {} ({}{})\n",
            self.name,
            shown_path(&self.path),
            output::size(self.size),
            before.unwrap_or_default(),
        );
        let contract = self.info.types();
        for (side, interfaces) in [("export", &contract.exports), ("import", &contract.imports)] {
            for line in lines(contract, interfaces) {
                text.push_str(&format!("  {side} {line}\n"));
            }
        }
        text
    }

    fn to_json(&self) -> serde_json::Value {
        let contract = self.info.types();
        json!({
            "name": self.name,
            "path": self.path,
            "world": contract.world,
            "sha256": self.info.digest().to_string(),
            "size": self.size,
            "size_before": self.size_before,
            "exports": lines(contract, &contract.exports),
            "imports": lines(contract, &contract.imports),
        })
    }
}

fn lines(contract: &Contract, interfaces: &[Interface]) -> Vec<String> {
    let of = |interface: &Interface| -> Vec<String> {
        let functions = interface.functions.iter();
        let line = |function| {
            let name = function_name(interface, function);
            format!("{name}: {}", super::signature(contract, function))
        };
        functions.map(line).collect()
    };
    interfaces.iter().flat_map(of).collect()
}

/// The path from the current folder, if it is below.
fn shown_path(path: &Path) -> String {
    let current = env::current_dir().unwrap_or_default();
    path.strip_prefix(current)
        .unwrap_or(path)
        .display()
        .to_string()
}
