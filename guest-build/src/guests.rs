//! Finding guests.

use std::path::{Path, PathBuf};

use crate::{Error, build::metadata};

/// A guest of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    name: String,
    folder: PathBuf,
    target_folder: PathBuf,
}

impl Guest {
    /// The name of the crate.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The directory of its `Cargo.toml`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The target directory of its workspace.
    pub fn target_folder(&self) -> &Path {
        &self.target_folder
    }

    /// Whether `folder` is that of the crate, or is inside of it.
    pub fn contains(&self, folder: &Path) -> bool {
        let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        canonical(folder).starts_with(canonical(&self.folder))
    }
}

/// The guests of the workspace that a directory is in: crates whose library is a `cdylib` and that depend on
/// `pack-guest`, in the order of their names.
///
/// ```no_run
/// use pack_guest_build::{Error, GuestBuild, Toolchain, guests};
///
/// fn main() -> Result<(), Error> {
///     let toolchain = Toolchain::find()?;
///     for guest in guests(".")? {
///         let wasm = GuestBuild::new(guest.folder()).build(&toolchain)?;
///         println!("{}: {}", guest.name(), wasm.display());
///     }
///     Ok(())
/// }
/// ```
///
/// # Errors
///
/// [`Error::Failed`] if there is no `Cargo.toml` in the directory or above it, or cargo cannot read it; [`Error::File`] if
/// there is no such directory.
pub fn guests(folder: impl AsRef<Path>) -> Result<Vec<Guest>, Error> {
    let folder = folder.as_ref();
    // Else it would be cargo that cannot be run there.
    std::fs::read_dir(folder).map_err(Error::file("opened", folder))?;
    let metadata = metadata(folder, None)?;
    let guest = |package: &crate::cargo_output::Package| {
        Some(Guest {
            name: package.name.clone(),
            folder: package.manifest_path.parent()?.to_owned(),
            target_folder: metadata.target_directory.clone(),
        })
    };
    let mut guests: Vec<Guest> = metadata.guests().filter_map(guest).collect();
    guests.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(guests)
}
