//! What compiling takes: a guest with all that it depends on, and the bindings of a host.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use pack_guest_build::{GuestBuild, Toolchain};
use wasmtime::error::Context;
use wasmtime::{Result, ensure, format_err};

use crate::harness::{Bench, FLOOR};
use crate::setup::COMPONENT;

/// Where the sources are.
const BENCHES: &str = env!("CARGO_MANIFEST_DIR");

pub(crate) fn run(bench: &mut Bench) -> Result<()> {
    let target = target_folder()?;
    bench.slow(
        "compile a guest and all it depends on",
        &[
            (FLOOR, "floor/calls"),
            ("Pack", "pack/owned"),
            (COMPONENT, "component/calls"),
        ],
        |guest| compile_guest(guest, &target.join("bench").join("cold")),
    )?;
    bench.slow(
        "compile bindings of 100 functions",
        &[
            (FLOOR, "compile_nothing"),
            ("Pack", "compile_pack"),
            (COMPONENT, "compile_component"),
        ],
        |example| compile_example(example, &target),
    )
}

/// The target folder that this program has been built in.
fn target_folder() -> Result<PathBuf> {
    let program = env::current_exe()?;
    let folder = program.ancestors().nth(2).map(Path::to_owned);
    folder.with_context(|| format!("{} is in no target folder", program.display()))
}

fn compile_guest(guest: &str, folder: &Path) -> Result<Duration> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    let toolchain = Toolchain::find()?;
    let start = Instant::now();
    GuestBuild::new(format!("{BENCHES}/guests/{guest}"))
        .profile("guest")
        .target_dir(folder)
        .build(&toolchain)?;
    let time = start.elapsed();
    fs::remove_dir_all(folder)?;
    Ok(time)
}

/// What it depends on is there.
fn compile_example(name: &str, target: &Path) -> Result<Duration> {
    let build = || {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "--release", "--example", name]);
        let status = cargo
            .current_dir(BENCHES)
            .arg("--target-dir")
            .arg(target)
            .status()?;
        ensure!(status.success(), "`{name}` does not compile");
        Ok(())
    };
    build()?;
    let source = format!("{BENCHES}/examples/{name}.rs");
    let file = File::options().append(true).open(&source);
    let file = file.map_err(|error| format_err!("{source}: {error}"))?;
    file.set_modified(SystemTime::now())?;
    let start = Instant::now();
    build()?;
    Ok(start.elapsed())
}
