//! Builds the guests, into variables such as `GUEST_PACK_OWNED`.

use pack_guest_build::{Error, GuestBuild, Toolchain};

const GUESTS: [&str; 15] = [
    "floor/calls",
    "floor/scalar",
    "pack/owned",
    "pack/borrowed",
    "pack/least",
    "pack/small",
    "pack/scalar",
    "pack/tree",
    "pack/trees",
    "pack/provider",
    "pack/relay",
    "component/calls",
    "component/scalar",
    "component/provider",
    "component/relay",
];

fn main() -> Result<(), Error> {
    let toolchain = Toolchain::find()?;
    for guest in GUESTS {
        let wasm = GuestBuild::new(format!("guests/{guest}"))
            .profile("guest")
            .build_for_build_script(&toolchain)?;
        let variable = guest.replace('/', "_").to_uppercase();
        println!("cargo::rustc-env=GUEST_{variable}={}", wasm.display());
    }
    Ok(())
}
