//! The rule for which compiler builds guests.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Error,
    command::{cargo, cargo_home},
    debian::{self, Debian},
    rustup,
    sysroot::{GuestStd, Sysroot},
};

/// A compiler, already installed, that can build guests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolchain {
    rustc: PathBuf,
    /// The linker, where it is not the one that comes with the compiler.
    linker: Option<PathBuf>,
}

impl Toolchain {
    /// Finds a compiler that can build guests. Installs nothing.
    ///
    /// # Errors
    ///
    /// [`Error::NoToolchain`] when there is none.
    pub fn find() -> Result<Self, Error> {
        let rustc = env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from);
        // Rather than the name or rustup's proxy, which may stand for another compiler in the guest's directory.
        let ordinary = Sysroot::of(&rustc)
            .ok()
            .map(|sysroot| (sysroot.rustc().unwrap_or(rustc), sysroot));
        choose(ordinary, Debian::locate).ok_or(Error::NoToolchain)
    }

    /// Finds a compiler that can build guests, or else installs what is missing.
    ///
    /// Asks `rustup` for the target first, and gives it a minute; where that fails, on Debian and with the rights of the
    /// administrator, installs Debian's compiler and builds the standard library for guests with it. `progress` is
    /// called with a line of text before every step that takes time; it is not called when nothing is missing.
    ///
    /// ```no_run
    /// use pack_guest_build::Toolchain;
    ///
    /// let toolchain = Toolchain::provision(&mut |step| eprintln!("{step}"))?;
    /// # Ok::<(), pack_guest_build::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Provision`] when both ways fail. It says why.
    pub fn provision(progress: &mut dyn FnMut(&str)) -> Result<Self, Error> {
        if let Ok(found) = Self::find() {
            return Ok(found);
        }
        let work = cargo_home()?.join("pack-guest-build");
        let _one_at_a_time = lock(&work, progress)?;
        if let Ok(found) = Self::find() {
            return Ok(found);
        }
        let rustup = match rustup::add_target(progress).and_then(|()| Self::find()) {
            Ok(found) => return Ok(found),
            Err(error) => Box::new(error),
        };
        match debian::set_up(&work, progress).and_then(|()| Self::find()) {
            Ok(found) => Ok(found),
            Err(error) => Err(Error::Provision {
                rustup,
                debian: Box::new(error),
            }),
        }
    }

    /// The path of the compiler, or its name where it is looked up on the `PATH`.
    pub fn rustc(&self) -> &Path {
        &self.rustc
    }

    /// A cargo command that compiles with this toolchain.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut cargo = cargo(subcommand);
        cargo.env("RUSTC", &self.rustc);
        if let Some(linker) = &self.linker {
            cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        cargo
    }

    fn debian(debian: Debian) -> Self {
        Self {
            rustc: debian.rustc,
            linker: Some(debian.linker),
        }
    }
}

/// The rule itself. A library that set-up has built is for Debian's compiler only, even where that is the ordinary one,
/// because it does without the linker that comes with rustup's compilers.
fn choose(
    ordinary: Option<(PathBuf, Sysroot)>,
    debian: impl FnOnce() -> Option<Debian>,
) -> Option<Toolchain> {
    match ordinary {
        Some((rustc, sysroot)) if sysroot.guest_std() == GuestStd::Installed => Some(Toolchain {
            rustc,
            linker: None,
        }),
        _ => debian().filter(Debian::is_prepared).map(Toolchain::debian),
    }
}

/// Waits for other set-ups by the same user. The lock ends with the file, also when the process is killed.
fn lock(dir: &Path, progress: &mut dyn FnMut(&str)) -> Result<File, Error> {
    fs::create_dir_all(dir).map_err(Error::file("created", dir))?;
    let path = dir.join("lock");
    let file = File::create(&path).map_err(Error::file("created", &path))?;
    if file.try_lock().is_err() {
        progress("waiting for another set-up to end");
        file.lock().map_err(Error::file("locked", &path))?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sysroot::tests::sysroot;

    fn debian(sysroot: &Sysroot) -> Debian {
        Debian {
            rustc: "/debian/rustc".into(),
            linker: "/debian/wasm-ld".into(),
            sysroot: sysroot.clone(),
            version: "rustc 1.96.0\n".into(),
        }
    }

    #[test]
    fn the_ordinary_compiler_comes_first_and_debian_is_not_looked_for() {
        let (_dir, sysroot) = sysroot(&GuestStd::Installed);
        let chosen = choose(Some(("rustc".into(), sysroot)), || panic!("not needed"));
        assert_eq!(
            chosen,
            Some(Toolchain {
                rustc: "rustc".into(),
                linker: None
            })
        );
    }

    #[test]
    fn a_prepared_debian_comes_second() {
        let (_dir, without) = sysroot(&GuestStd::Missing);
        let (_dir, prepared) = sysroot(&GuestStd::BuiltWith("rustc 1.96.0\n".into()));
        let chosen = choose(Some(("rustc".into(), without)), || Some(debian(&prepared)));
        assert_eq!(chosen, Some(Toolchain::debian(debian(&prepared))));
        assert!(choose(None, || Some(debian(&prepared))).is_some());
    }

    #[test]
    fn debian_as_the_ordinary_compiler_keeps_its_linker() {
        let (_dir, prepared) = sysroot(&GuestStd::BuiltWith("rustc 1.96.0\n".into()));
        let chosen = choose(Some(("rustc".into(), prepared.clone())), || {
            Some(debian(&prepared))
        });
        assert_eq!(chosen, Some(Toolchain::debian(debian(&prepared))));
    }

    #[test]
    fn a_library_of_another_compiler_version_does_not_count() {
        let (_dir, outdated) = sysroot(&GuestStd::BuiltWith("rustc 1.95.0\n".into()));
        assert_eq!(choose(None, || Some(debian(&outdated))), None);
    }

    #[test]
    fn nothing_installed_is_nothing_found() {
        let (_dir, without) = sysroot(&GuestStd::Missing);
        assert_eq!(
            choose(Some(("rustc".into(), without.clone())), || Some(debian(
                &without
            ))),
            None
        );
        assert_eq!(choose(None, || None), None);
    }
}
