//! The chores of this workspace, as `cargo xtask`.

mod fuzz;

use std::{
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use pack_guest_build::Toolchain;

const USAGE: &str = "\
The chores of this workspace

Usage: cargo xtask <CHORE>

Chores:
  setup                  Install what it takes to build guests, if it is missing
  demo [FILTER] [FILE]   Set up, then query JSON with a WebAssembly package (examples/json-query)
  test [ARGUMENT]...     Set up, then run `cargo test --workspace` with the arguments
  fuzz [TARGET]... [--seconds N]
                         Fuzz the targets in `fuzz`, or some of them, for 20 seconds each or for N; with the nightly
                         compiler, and cargo-fuzz, which is installed if it is missing
  bench [--quick] [--only CONTENDER]... [WORKLOAD]...
                         Set up, then measure what calls cost (docs/performance.md): all workloads, or those that have
                         one of the words in their names; with --quick only to see that it runs";

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let chore = arguments.next().unwrap_or_default();
    match chore.to_str() {
        Some("setup") => setup(),
        Some("demo") => demo(arguments),
        Some("test") => test(arguments),
        Some("fuzz") => fuzz::fuzz(arguments),
        Some("bench") => bench(arguments),
        Some("" | "help" | "--help" | "-h") => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => Err(format!("no such chore: {}\n\n{USAGE}", chore.display()).into()),
    }
    .unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}

type Outcome = Result<ExitCode, Box<dyn std::error::Error>>;

fn setup() -> Outcome {
    let toolchain = provision()?;
    eprintln!(
        "setup: guests are built with {}",
        toolchain.rustc().display()
    );
    Ok(ExitCode::SUCCESS)
}

/// Runs in the current directory, where the file names among the arguments are valid.
fn demo(arguments: impl Iterator<Item = OsString>) -> Outcome {
    provision()?;
    if !target_folder().join("release").join("json-query").exists() {
        // Cargo itself is quiet, so that nothing but the answer is printed.
        eprintln!("demo: compiling the example, which takes some minutes the first time");
    }
    run(cargo("run")
        .args([
            "--quiet",
            "--release",
            "--package",
            "json-query-host",
            "--manifest-path",
        ])
        .arg(workspace().join("Cargo.toml"))
        .arg("--")
        .args(arguments))
}

fn test(arguments: impl Iterator<Item = OsString>) -> Outcome {
    provision()?;
    run(cargo("test")
        .arg("--workspace")
        .args(arguments)
        .current_dir(workspace()))
}

fn bench(arguments: impl Iterator<Item = OsString>) -> Outcome {
    provision()?;
    let arguments: Vec<OsString> = arguments.collect();
    // What is not measured need not be fast; so it compiles faster.
    let is_quick = arguments.iter().any(|argument| argument == "--quick");
    let (profile, output) = match is_quick {
        true => ("dev", Vec::new()),
        false => {
            let report = std::path::absolute(target_folder())?.join("bench/report.json");
            ("release", vec![OsString::from("--output"), report.into()])
        }
    };
    eprintln!("bench: compiling, which takes some minutes the first time");
    run(cargo("run")
        .args(["--quiet", "--profile", profile, "--package", "pack-bench"])
        .arg("--manifest-path")
        .arg(workspace().join("Cargo.toml"))
        .arg("--")
        .args(output)
        .args(arguments))
}

fn provision() -> Result<Toolchain, pack_guest_build::Error> {
    Toolchain::provision(&mut |line| eprintln!("setup: {line}"))
}

fn cargo(subcommand: &str) -> Command {
    let mut cargo = Command::new(
        env::var_os("CARGO")
            .as_deref()
            .unwrap_or(OsStr::new("cargo")),
    );
    cargo.arg(subcommand);
    cargo
}

/// Runs the command with this process's input and output, and passes on how it ended.
fn run(command: &mut Command) -> Outcome {
    let status = command.status()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

fn target_folder() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}

fn workspace() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}
