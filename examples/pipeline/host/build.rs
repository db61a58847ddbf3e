//! Builds the packages, into variables such as `PACKAGE_READER`.

use pack_guest_build::{Error, GuestBuild, Toolchain};

fn main() -> Result<(), Error> {
    let toolchain = Toolchain::find()?;
    for name in ["reader", "counter", "printer"] {
        let package = GuestBuild::new(format!("../packages/{name}"))
            .profile("guest")
            .build_for_build_script(&toolchain)?;
        let variable = format!("PACKAGE_{}", name.to_uppercase());
        println!("cargo::rustc-env={variable}={}", package.display());
    }
    Ok(())
}
