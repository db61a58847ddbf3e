//! Where a compiler keeps its standard libraries, and whether the one for guests is among them.

use std::{
    env::consts::EXE_EXTENSION,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Error, command::run};

/// The target guests are built for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The file beside a standard library that set-up has built; it holds the [`version`] of the compiler that built it.
pub(crate) const STAMP: &str = "built-by-pack";

/// The root directory of a compiler's installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sysroot(PathBuf);

/// The state of the standard library for guests.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum GuestStd {
    /// There is none.
    Missing,
    /// It came with the compiler or from its distributor.
    Installed,
    /// Set-up has built it, with the compiler of this [`version`].
    BuiltWith(String),
}

impl Sysroot {
    pub(crate) fn new(dir: impl Into<PathBuf>) -> Self {
        Self(dir.into())
    }

    pub(crate) fn of(rustc: &Path) -> Result<Self, Error> {
        run(Command::new(rustc).args(["--print", "sysroot"])).map(|line| Self::new(line.trim_end()))
    }

    /// The compiler, where it is at the usual place.
    pub(crate) fn rustc(&self) -> Option<PathBuf> {
        Some(self.0.join("bin/rustc").with_extension(EXE_EXTENSION)).filter(|rustc| rustc.is_file())
    }

    /// The directory of the standard library for guests.
    pub(crate) fn guest_libraries(&self) -> PathBuf {
        self.0.join("lib/rustlib").join(TARGET).join("lib")
    }

    /// The source of the standard library, if installed.
    pub(crate) fn has_source(&self) -> bool {
        self.0
            .join("lib/rustlib/src/rust/library/std/Cargo.toml")
            .is_file()
    }

    pub(crate) fn guest_std(&self) -> GuestStd {
        let dir = self.guest_libraries();
        if !contains_std(&dir) {
            return GuestStd::Missing;
        }
        fs::read_to_string(dir.join(STAMP)).map_or(GuestStd::Installed, GuestStd::BuiltWith)
    }
}

/// What a compiler says about itself: a standard library can be used by exactly the version that built it.
pub(crate) fn version(rustc: &Path) -> Result<String, Error> {
    run(Command::new(rustc).arg("-vV"))
}

fn contains_std(dir: &Path) -> bool {
    fs::read_dir(dir).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("libstd-") && name.ends_with(".rlib")
        })
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A directory laid out like a sysroot, with the guest library in the given state.
    pub(crate) fn sysroot(state: &GuestStd) -> (tempfile::TempDir, Sysroot) {
        let dir = tempfile::tempdir().unwrap();
        let sysroot = Sysroot::new(dir.path());
        let libraries = sysroot.guest_libraries();
        fs::create_dir_all(&libraries).unwrap();
        if *state != GuestStd::Missing {
            fs::write(libraries.join("libstd-0123456789abcdef.rlib"), "").unwrap();
        }
        if let GuestStd::BuiltWith(version) = state {
            fs::write(libraries.join(STAMP), version).unwrap();
        }
        (dir, sysroot)
    }

    #[test]
    fn the_library_is_recognised() {
        for state in [
            GuestStd::Missing,
            GuestStd::Installed,
            GuestStd::BuiltWith("rustc 1.2.3\n".into()),
        ] {
            let (_dir, sysroot) = sysroot(&state);
            assert_eq!(sysroot.guest_std(), state);
        }
    }

    #[test]
    fn a_library_without_std_is_none() {
        let (_dir, sysroot) = sysroot(&GuestStd::Missing);
        assert_eq!(Sysroot::new("/nonexistent").guest_std(), GuestStd::Missing);
        fs::write(
            sysroot
                .guest_libraries()
                .join("libcore-0123456789abcdef.rlib"),
            "",
        )
        .unwrap();
        fs::write(
            sysroot
                .guest_libraries()
                .join("libstd_detect-0123456789abcdef.rlib"),
            "",
        )
        .unwrap();
        assert_eq!(sysroot.guest_std(), GuestStd::Missing);
    }
}
