use pack_guest_build::Toolchain;

use crate::failure::Failure;

pub(super) fn run() -> Result<(), Failure> {
    let toolchain = Toolchain::provision(&mut |line| anstream::eprintln!("setup: {line}"))?;
    anstream::eprintln!("guests are built with {}", toolchain.rustc().display());
    Ok(())
}
