//! Builds the package.

use pack_guest_build::{Error, GuestBuild, Toolchain};

fn main() -> Result<(), Error> {
    let package = GuestBuild::new("../guest")
        .profile("guest")
        .build_for_build_script(&Toolchain::find()?)?;
    println!("cargo::rustc-env=RESOURCES_PACKAGE={}", package.display());
    Ok(())
}
