//! What the tests share: guests, built once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use pack_guest_build::{GuestBuild, Toolchain};
use pack_runtime::{Package, Runtime};

/// Builds the guest in `guests/<name>`; cargo sees to it that this costs little the second time.
///
/// # Panics
///
/// If there is no compiler for guests, or the guest does not compile.
#[allow(
    clippy::panic,
    reason = "tests have no use for the error but to read it"
)]
pub fn guest(name: &str) -> PathBuf {
    static TOOLCHAIN: OnceLock<Toolchain> = OnceLock::new();
    let toolchain =
        TOOLCHAIN.get_or_init(|| Toolchain::find().unwrap_or_else(|error| panic!("{error}")));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("guests")
        .join(name);
    GuestBuild::new(folder)
        .profile("guest")
        .build(toolchain)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Builds and loads a guest, once for all tests of a binary.
///
/// # Panics
///
/// As [`guest`]; or if the package does not load.
#[allow(
    clippy::panic,
    reason = "tests have no use for the error but to read it"
)]
pub fn load(name: &'static str) -> Package {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    static PACKAGES: Mutex<BTreeMap<&str, Package>> = Mutex::new(BTreeMap::new());
    let runtime = RUNTIME.get_or_init(|| Runtime::new().unwrap_or_else(|error| panic!("{error}")));
    let mut packages = PACKAGES.lock().unwrap_or_else(PoisonError::into_inner);
    let load = || {
        runtime
            .load_file(guest(name))
            .unwrap_or_else(|error| panic!("{error}"))
    };
    packages.entry(name).or_insert_with(load).clone()
}
