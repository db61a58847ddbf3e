//! What the tests share.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// A folder for a test, which stays from one run to the next.
pub(crate) fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Where cargo finds `cargo-pack`, before all others of that name.
pub(crate) fn path_variable() -> OsString {
    let own = Path::new(env!("CARGO_BIN_EXE_cargo-pack"))
        .parent()
        .unwrap();
    let others = env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(own.to_owned()).chain(env::split_paths(&others));
    env::join_paths(all).unwrap()
}
