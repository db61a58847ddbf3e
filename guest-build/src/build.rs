//! Building one guest.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use crate::{
    Error, Toolchain,
    cargo_output::{self, Metadata},
    command::{cargo, command_line, run, run_in_sight, run_unchecked},
    dep_info,
    sysroot::TARGET,
};

/// A guest to be built, and how.
///
/// Guests have a target directory of their own, so that they neither wait for nor disturb the build of the host. Two
/// builds of one guest that differ in features or profile's settings need a [`target_dir`](Self::target_dir) each, or
/// the later replaces the module of the earlier.
///
/// ```no_run
/// use pack_guest_build::{Error, GuestBuild, Toolchain};
///
/// fn main() -> Result<(), Error> {
///     let toolchain = Toolchain::find()?;
///     let wasm = GuestBuild::new("guests/greeter")
///         .profile("guest")
///         .features(["french"])
///         .target_dir("target/french-guests")
///         .build(&toolchain)?;
///     println!("{}", wasm.display());
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a guest is built by `build`"]
pub struct GuestBuild {
    dir: PathBuf,
    profile: String,
    target_dir: Option<PathBuf>,
    features: Vec<String>,
    default_features: bool,
    shows_progress: bool,
}

/// A profile that every workspace has: where its `Cargo.toml` does not say what it is, it is `release`.
const GUEST_PROFILE: &str = "guest";

impl GuestBuild {
    /// The guest in `dir`, the directory of its `Cargo.toml`.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            profile: "release".into(),
            target_dir: None,
            features: Vec::new(),
            default_features: true,
            shows_progress: false,
        }
    }

    /// The cargo profile to build with. The default is `release`. The profile `guest` is that of the workspace, if it has
    /// one of this name, and `release` otherwise.
    pub fn profile(mut self, profile: impl Into<String>) -> Self {
        self.profile = profile.into();
        self
    }

    /// The target directory. The default is the directory `guests` in the target directory of the guest's workspace.
    pub fn target_dir(mut self, target_dir: impl Into<PathBuf>) -> Self {
        self.target_dir = Some(target_dir.into());
        self
    }

    /// Turns on features of the guest, in addition to those already on.
    pub fn features(mut self, features: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.features.extend(features.into_iter().map(Into::into));
        self
    }

    /// Turns off the guest's default features.
    pub fn no_default_features(mut self) -> Self {
        self.default_features = false;
        self
    }

    /// Lets cargo write to the standard error itself, with its progress where that is a terminal. Then the compiler's
    /// errors are there, and not in the [`Error`].
    pub fn show_progress(mut self, on: bool) -> Self {
        self.shows_progress = on;
        self
    }

    /// Builds the guest and returns the path of its WebAssembly module.
    ///
    /// The compiler's warnings go to the standard error; its errors are in the [`Error`].
    ///
    /// # Errors
    ///
    /// [`Error::Guest`] when the guest does not compile, [`Error::NotAGuest`] when there is none in the directory. And where
    /// cargo itself cannot be run or fails: [`Error::Spawn`], [`Error::Failed`], [`Error::Output`].
    pub fn build(&self, toolchain: &Toolchain) -> Result<PathBuf, Error> {
        self.compile(toolchain).map(|built| built.wasm)
    }

    /// Builds the guest as [`build`](Self::build) does, and tells the cargo that runs this build script to run it again
    /// when a source of the guest or of its path dependencies, one of their manifests, or the lock file has changed.
    /// The path is that of a copy in `OUT_DIR`, which is there for as long as cargo takes this script for done.
    ///
    /// # Errors
    ///
    /// Those of [`build`](Self::build), and [`Error::File`] when the list of sources cannot be read, or the module
    /// cannot be copied.
    pub fn build_for_build_script(&self, toolchain: &Toolchain) -> Result<PathBuf, Error> {
        let built = self.compile(toolchain)?;
        for input in built.inputs()? {
            println!("cargo::rerun-if-changed={}", input.display());
        }
        let (Some(out_dir), Some(name)) = (env::var_os("OUT_DIR"), built.wasm.file_name()) else {
            return Ok(built.wasm);
        };
        let copy = Path::new(&out_dir).join(name);
        fs::copy(&built.wasm, &copy).map_err(Error::file("written", &copy))?;
        Ok(copy)
    }

    fn compile(&self, toolchain: &Toolchain) -> Result<Built, Error> {
        let absolute = |path: &Path| std::path::absolute(path).map_err(Error::file("found", path));
        let dir = absolute(&self.dir)?;
        let manifest = dir.join("Cargo.toml");
        if !manifest.is_file() {
            return Err(Error::NotAGuest { manifest });
        }
        let metadata = metadata(&dir, Some(&manifest))?;
        let Some(package) = metadata.library(&manifest) else {
            return Err(Error::NotAGuest { manifest });
        };
        let target_dir = match &self.target_dir {
            Some(chosen) => absolute(chosen)?,
            None => metadata.target_directory.join("guests"),
        };

        let mut build = toolchain.cargo("rustc");
        build
            .current_dir(&dir)
            .args([
                "--message-format=json-render-diagnostics",
                "--lib",
                "--crate-type=cdylib",
            ])
            .args(["--target", TARGET, "--profile", &self.profile])
            .arg("--manifest-path")
            .arg(&manifest)
            .arg("--target-dir")
            .arg(&target_dir)
            // Else, where the user has configured one, this cargo and the one around it would wait for each other.
            .env("CARGO_BUILD_BUILD_DIR", &target_dir);
        if !self.default_features {
            build.arg("--no-default-features");
        }
        if !self.features.is_empty() {
            build.arg("--features").arg(self.features.join(","));
        }
        if self.profile == GUEST_PROFILE && !has_guest_profile(&metadata.workspace_root) {
            build.args(["--config", "profile.guest.inherits = \"release\""]);
        }
        let output = match self.shows_progress {
            true => run_in_sight(&mut build)?,
            false => run_unchecked(build.arg("--quiet"))?,
        };
        let diagnostics = String::from_utf8_lossy(&output.stderr).into_owned();
        if !output.status.success() {
            return Err(Error::Guest { dir, diagnostics });
        }
        eprint!("{diagnostics}");

        let not_understood = |reason| Error::Output {
            command: command_line(&build),
            reason,
        };
        let artifacts = cargo_output::artifacts(&String::from_utf8_lossy(&output.stdout))
            .map_err(not_understood)?;
        let wasm = artifacts
            .into_iter()
            .filter(|artifact| artifact.package_id == package.id)
            .flat_map(|artifact| artifact.filenames)
            .find(|file| {
                file.extension()
                    .is_some_and(|extension| extension == "wasm")
            })
            .ok_or_else(|| not_understood("it names no WebAssembly module".into()))?;
        Ok(Built {
            wasm,
            workspace: metadata.workspace_root,
        })
    }
}

/// Whether the workspace's manifest has a table for that profile, as it is usually written.
fn has_guest_profile(workspace: &Path) -> bool {
    let manifest = fs::read_to_string(workspace.join("Cargo.toml")).unwrap_or_default();
    let heads = ["[profile.guest]", "[profile.guest."];
    let mut lines = manifest.lines().map(str::trim_start);
    lines.any(|line| heads.iter().any(|head| line.starts_with(head)))
}

/// A guest that has been built.
struct Built {
    wasm: PathBuf,
    workspace: PathBuf,
}

impl Built {
    /// The files that, when changed, make it necessary to build the guest again.
    fn inputs(&self) -> Result<BTreeSet<PathBuf>, Error> {
        let list = self.wasm.with_extension("d");
        let list = fs::read_to_string(&list).map_err(Error::file("read", &list))?;
        let mut inputs: BTreeSet<PathBuf> = dep_info::sources(&list).into_iter().collect();
        let manifests: Vec<PathBuf> = inputs
            .iter()
            .filter_map(|source| manifest_of(source))
            .collect();
        inputs.extend(manifests);
        inputs.extend(["Cargo.toml", "Cargo.lock"].map(|name| self.workspace.join(name)));
        Ok(inputs)
    }
}

/// The manifest of the package a source belongs to.
fn manifest_of(source: &Path) -> Option<PathBuf> {
    source
        .ancestors()
        .skip(1)
        .map(|dir| dir.join("Cargo.toml"))
        .find(|manifest| manifest.is_file())
}

/// What cargo knows of a workspace: that of a manifest, or of the nearest one from a directory upwards.
pub(crate) fn metadata(dir: &Path, manifest: Option<&Path>) -> Result<Metadata, Error> {
    let mut metadata = cargo("metadata");
    metadata
        .current_dir(dir)
        .args(["--no-deps", "--format-version=1"]);
    if let Some(manifest) = manifest {
        metadata.arg("--manifest-path").arg(manifest);
    }
    Metadata::parse(&run(&mut metadata)?).map_err(|reason| Error::Output {
        command: command_line(&metadata),
        reason,
    })
}
