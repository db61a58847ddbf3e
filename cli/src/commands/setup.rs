use pack_guest_build::Toolchain;

use crate::failure::Failure;
use crate::output;

pub(super) fn run() -> Result<(), Failure> {
    let toolchain = Toolchain::provision(&mut |line| output::say(&format!("setup: {line}")))?;
    output::say(&format!(
        "guests are built with {}",
        toolchain.rustc().display()
    ));
    Ok(())
}
