//! Writes the bindings of the contract, and builds the package, so that the program can carry it.

use pack_codegen::Config;
use pack_guest_build::{Error, GuestBuild, Toolchain};

fn main() -> Result<(), Error> {
    Config::path("../wit").build_host("json_query.rs");
    let package = GuestBuild::new("../guest")
        .profile("guest")
        .build_for_build_script(&Toolchain::find()?)?;
    println!("cargo::rustc-env=JSON_QUERY_PACKAGE={}", package.display());
    Ok(())
}
