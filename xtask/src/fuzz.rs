//! `cargo xtask fuzz`: libFuzzer on the targets in `fuzz`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs};

use crate::{Outcome, target_folder, workspace};

/// The version that is installed where there is none.
const CARGO_FUZZ: &str = "0.13.2";

/// What libFuzzer is told of every target. No input is large, takes seconds or hundreds of megabytes.
const LIBFUZZER: [&str; 5] = [
    "-max_len=4096",
    "-timeout=10",
    "-rss_limit_mb=1024",
    "-print_final_stats=1",
    "-verbosity=0",
];

/// Fuzzes one target, or each after the other, for so many seconds each. What is found goes to `fuzz/artifacts`.
pub(crate) fn fuzz(arguments: impl Iterator<Item = OsString>) -> Outcome {
    let Request { targets, seconds } = Request::read(arguments)?;
    require_nightly()?;
    let tools = cargo_fuzz()?;
    let path = env::join_paths(
        [tools.join("bin")]
            .into_iter()
            .chain(env::split_paths(&env::var_os("PATH").unwrap_or_default())),
    )?;
    for target in targets {
        eprintln!("fuzz: {target}, for {seconds} seconds");
        let folder = workspace().join("fuzz");
        // New inputs go to the first corpus, which is not in the repository.
        let found = target_folder().join("fuzz-corpus").join(&target);
        fs::create_dir_all(&found)?;
        let mut command = nightly("cargo");
        command
            .args([
                "fuzz",
                "run",
                "--sanitizer",
                "none",
                "--codegen-units",
                "16",
            ])
            .arg(&target)
            .args([found, folder.join("corpus").join(&target)])
            .arg("--")
            .arg(format!("-max_total_time={seconds}"))
            .args(LIBFUZZER);
        let dictionary = folder.join("dictionaries").join(format!("{target}.dict"));
        if dictionary.exists() {
            let mut option = OsString::from("-dict=");
            option.push(dictionary);
            command.arg(option);
        }
        let status = command
            .env("PATH", &path)
            .env("CARGO_TARGET_DIR", target_folder().join("fuzz"))
            .current_dir(workspace())
            .status()?;
        if !status.success() {
            return Err(format!(
                "the target `{target}` found something, see above; `cargo +nightly fuzz run --sanitizer none \
                 {target} fuzz/artifacts/{target}/…` does it again"
            )
            .into());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Which targets, and how long each.
struct Request {
    targets: Vec<String>,
    seconds: u32,
}

impl Request {
    fn read(arguments: impl Iterator<Item = OsString>) -> Result<Self, Box<dyn std::error::Error>> {
        let known = known_targets()?;
        let mut request = Self {
            targets: Vec::new(),
            seconds: 20,
        };
        let mut arguments = arguments.map(|argument| argument.to_string_lossy().into_owned());
        while let Some(argument) = arguments.next() {
            if argument == "--seconds" {
                let seconds = arguments.next().and_then(|seconds| seconds.parse().ok());
                request.seconds = seconds
                    .filter(|seconds| *seconds > 0)
                    .ok_or("`--seconds` takes a number of seconds, at least 1")?;
            } else if known.contains(&argument) {
                request.targets.push(argument);
            } else {
                let known = known.join(", ");
                return Err(format!("no such target: {argument}; there are {known}").into());
            }
        }
        if request.targets.is_empty() {
            request.targets = known;
        }
        Ok(request)
    }
}

/// A target has a program of its name.
fn known_targets() -> Result<Vec<String>, std::io::Error> {
    let mut known = Vec::new();
    for entry in fs::read_dir(workspace().join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        known.extend(
            path.file_stem()
                .map(|name| name.to_string_lossy().into_owned()),
        );
    }
    known.sort();
    Ok(known)
}

fn require_nightly() -> Result<(), String> {
    let help =
        "fuzzing needs a nightly compiler: `rustup toolchain install nightly --profile minimal`";
    if succeeds(nightly("rustc").arg("--version")) {
        Ok(())
    } else {
        Err(help.into())
    }
}

/// Where cargo-fuzz is, in its folder `bin`; or, where that has none, on the `PATH`.
fn cargo_fuzz() -> Result<PathBuf, Box<dyn std::error::Error>> {
    let tools = target_folder().join("tools");
    let own = tools.join("bin").join("cargo-fuzz");
    let is_there = |program: &Path| succeeds(Command::new(program).args(["fuzz", "--version"]));
    if is_there(Path::new("cargo-fuzz")) || is_there(&own) {
        return Ok(tools);
    }
    eprintln!(
        "fuzz: installing cargo-fuzz {CARGO_FUZZ} into {}",
        tools.display()
    );
    let mut install = crate::cargo("install");
    install
        .args(["--locked", "--version", CARGO_FUZZ, "--root"])
        .arg(&tools)
        .arg("cargo-fuzz");
    if install.status()?.success() {
        return Ok(tools);
    }
    Err("cargo-fuzz is not there and cannot be installed: see above, or `cargo install --locked cargo-fuzz`".into())
}

/// A program of the nightly toolchain, whichever toolchain runs this.
fn nightly(program: &str) -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", program]);
    command
}

fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
