//! Builds the packages that the programs of the guide run, into variables such as `FORMULAS_PACKAGE`.

use pack_guest_build::{Error, GuestBuild, Toolchain};

const PACKAGES: [(&str, &str); 5] = [
    ("FORMULAS", "guests/formulas"),
    ("JOURNAL", "guests/journal"),
    ("LEDGER", "guests/ledger"),
    ("DERIVATIVE", "../examples/derivative/guest"),
    ("STUCK", "../examples/plugin-host/plugins/stuck"),
];

fn main() -> Result<(), Error> {
    let toolchain = Toolchain::find()?;
    for (name, folder) in PACKAGES {
        let package = GuestBuild::new(folder)
            .profile("guest")
            .build_for_build_script(&toolchain)?;
        println!("cargo::rustc-env={name}_PACKAGE={}", package.display());
    }
    Ok(())
}
