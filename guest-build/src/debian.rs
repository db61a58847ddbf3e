//! Debian's compiler for guests: from its packages, with a standard library that is built on the spot.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Error, cargo_output,
    command::{cargo, command_line, run},
    sysroot::{self, GuestStd, STAMP, Sysroot, TARGET},
};

/// The compiler, the source of its standard library, and a linker for WebAssembly.
pub(crate) const PACKAGES: [&str; 3] = ["rustc-web", "rust-web-src", "lld-22"];

/// The package that only serves to have the standard library built.
const CARRIER: &str = "pack-std-carrier";

/// Debian's compiler, as installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Debian {
    pub(crate) rustc: PathBuf,
    pub(crate) linker: PathBuf,
    pub(crate) sysroot: Sysroot,
    pub(crate) version: String,
}

impl Debian {
    /// Finds the compiler and the linker where their packages put them.
    pub(crate) fn locate() -> Option<Self> {
        let rustc = installed_file("rustc-web", "/bin/rustc")?;
        let linker = installed_file("lld-22", "/bin/wasm-ld-22")?;
        let sysroot = Sysroot::of(&rustc).ok()?;
        let version = sysroot::version(&rustc).ok()?;
        Some(Self {
            rustc,
            linker,
            sysroot,
            version,
        })
    }

    /// Whether guests can be built already.
    pub(crate) fn is_prepared(&self) -> bool {
        match self.sysroot.guest_std() {
            GuestStd::Missing => false,
            GuestStd::Installed => true,
            GuestStd::BuiltWith(version) => version == self.version,
        }
    }

    /// Builds the standard library for guests below `work` and returns its files.
    fn build_std(&self, work: &Path) -> Result<Vec<PathBuf>, Error> {
        let write = |name: &str, text: String| {
            let path = work.join(name);
            fs::write(&path, text).map_err(Error::file("written", path))
        };
        fs::create_dir_all(work).map_err(Error::file("created", work))?;
        write("lib.rs", String::new())?;
        write(
            "Cargo.toml",
            format!(
                "[package]\nname = \"{CARRIER}\"\nedition = \"2024\"\n\n[lib]\npath = \"lib.rs\"\n\n[workspace]\n\n\
                 [profile.release]\ncodegen-units = 1\npanic = \"abort\"\n"
            ),
        )?;
        let mut build = cargo("build");
        build
            .current_dir(work)
            .args([
                "--release",
                "--target",
                TARGET,
                "-Zbuild-std=std,panic_abort",
                "--message-format=json",
            ])
            .arg("--target-dir")
            .arg(work.join("target"))
            .env("CARGO_BUILD_BUILD_DIR", work.join("target"))
            .env("RUSTC", &self.rustc)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", &self.linker)
            // Without it, a guest's profile could not ask for link-time optimisation.
            .env("RUSTFLAGS", "-Cembed-bitcode=yes");
        let messages = run(&mut build)?;
        let artifacts = cargo_output::artifacts(&messages).map_err(|reason| Error::Output {
            command: command_line(&build),
            reason,
        })?;
        let libraries = artifacts
            .into_iter()
            .filter(|artifact| artifact.target.name != CARRIER.replace('-', "_"));
        Ok(libraries
            .flat_map(|artifact| artifact.filenames)
            .filter(|file| {
                file.extension()
                    .is_some_and(|extension| extension == "rlib")
            })
            .filter(|file| {
                file.components()
                    .any(|directory| directory.as_os_str() == TARGET)
            })
            .collect())
    }

    /// Puts the standard library where the compiler looks for it. The directory appears whole or not at all.
    fn install_std(
        &self,
        administrator: &Administrator,
        work: &Path,
        libraries: &[PathBuf],
    ) -> Result<(), Error> {
        let stamp = work.join(STAMP);
        fs::write(&stamp, &self.version).map_err(Error::file("written", &stamp))?;
        let destination = self.sysroot.guest_libraries();
        let (new, old) = (
            destination.with_file_name("lib.new"),
            destination.with_file_name("lib.old"),
        );
        let leftovers_removed = |administrator: &Administrator| {
            run(administrator.command("rm").arg("-rf").arg(&new).arg(&old)).map(drop)
        };
        leftovers_removed(administrator)?;
        run(administrator
            .command("install")
            .args(["-D", "-m", "644", "-t"])
            .arg(&new)
            .args(libraries)
            .arg(&stamp))?;
        if destination.exists() {
            run(administrator
                .command("mv")
                .arg("-T")
                .arg(&destination)
                .arg(&old))?;
        }
        run(administrator
            .command("mv")
            .arg("-T")
            .arg(&new)
            .arg(&destination))?;
        leftovers_removed(administrator)
    }
}

/// Installs the packages, unless they are, and the standard library for guests. Uses the directory `work` meanwhile.
pub(crate) fn set_up(work: &Path, progress: &mut dyn FnMut(&str)) -> Result<(), Error> {
    if Command::new("dpkg").arg("--version").output().is_err() {
        return Err(Error::Unavailable("this is not a Debian system"));
    }
    let administrator = Administrator::detect()?;
    let installed = || Debian::locate().filter(|debian| debian.sysroot.has_source());
    let debian = match installed() {
        Some(debian) => debian,
        None => {
            progress(&format!(
                "installing Debian's packages {}",
                PACKAGES.join(", ")
            ));
            run(administrator.apt_get().arg("update"))?;
            run(administrator
                .apt_get()
                .args(["install", "-y", "--no-install-recommends"])
                .args(PACKAGES))?;
            installed().ok_or(Error::Unavailable(
                "the packages are installed, but lack the compiler, linker or source",
            ))?
        }
    };
    if !debian.is_prepared() {
        progress("building the wasm32 standard library with Debian's rustc (about 40 s, once)");
        let work = work.join("std");
        let emptied = || match fs::remove_dir_all(&work) {
            Err(error) if work.exists() => Err(Error::file("removed", &work)(error)),
            _ => Ok(()),
        };
        emptied()?;
        let libraries = debian.build_std(&work)?;
        debian.install_std(&administrator, &work, &libraries)?;
        emptied()?;
    }
    Ok(())
}

/// The file of an installed package whose path ends in `suffix`.
fn installed_file(package: &str, suffix: &str) -> Option<PathBuf> {
    let files = run(Command::new("dpkg").args(["-L", package])).ok()?;
    files
        .lines()
        .find(|file| file.ends_with(suffix))
        .map(PathBuf::from)
        .filter(|file| file.is_file())
}

/// How to run a command with the rights of the administrator.
enum Administrator {
    Already,
    ThroughSudo,
}

impl Administrator {
    fn detect() -> Result<Self, Error> {
        if run(Command::new("id").arg("-u"))?.trim() == "0" {
            return Ok(Self::Already);
        }
        run(Command::new("sudo").args(["-n", "true"]))
            .map(|_| Self::ThroughSudo)
            .map_err(|_| {
                Error::Unavailable(
                    "this needs to run as root, or as a user whose sudo asks for no password",
                )
            })
    }

    fn command(&self, program: &str) -> Command {
        match self {
            Self::Already => Command::new(program),
            Self::ThroughSudo => {
                let mut sudo = Command::new("sudo");
                sudo.arg("-n").arg(program);
                sudo
            }
        }
    }

    fn apt_get(&self) -> Command {
        let mut command = self.command("env");
        command.args([
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            "-q",
            "-o",
            "DPkg::Lock::Timeout=300",
        ]);
        command
    }
}
