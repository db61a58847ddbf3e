//! The usual way to the target for guests.

use std::{process::Command, time::Duration};

use crate::{Error, command::run_within, sysroot::TARGET};

/// Where only package registries can be reached, rustup waits for its server without end.
const LIMIT: Duration = Duration::from_secs(60);

/// Adds the target to the toolchain in use.
pub(crate) fn add_target(progress: &mut dyn FnMut(&str)) -> Result<(), Error> {
    if Command::new("rustup").arg("--version").output().is_err() {
        return Err(Error::Unavailable("rustup is not installed"));
    }
    progress(&format!(
        "asking rustup for the {TARGET} target (at most {} s)",
        LIMIT.as_secs()
    ));
    let mut rustup = Command::new("rustup");
    rustup
        .args(["target", "add", TARGET])
        .env("RUST_BACKTRACE", "0");
    run_within(LIMIT, &mut rustup)
}
