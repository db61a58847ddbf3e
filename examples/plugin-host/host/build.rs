//! Builds the plugins, into variables such as `PLUGIN_SHOUT`.

use pack_guest_build::{Error, GuestBuild, Toolchain};

fn main() -> Result<(), Error> {
    let toolchain = Toolchain::find()?;
    for name in ["clumsy", "greet", "shout", "stuck"] {
        let plugin = GuestBuild::new(format!("../plugins/{name}"))
            .profile("guest")
            .build_for_build_script(&toolchain)?;
        let variable = format!("PLUGIN_{}", name.to_uppercase());
        println!("cargo::rustc-env={variable}={}", plugin.display());
    }
    Ok(())
}
