//! What an implementation begins with compiles as it is. `codegen/tests/skeleton` has it as `pack-codegen` writes it.

#![allow(dead_code, reason = "nothing of it is called")]

/// A package.
pub mod guest {
    pack::world!("../codegen/tests/skeleton/shop.wit");

    include!("../../codegen/tests/skeleton/shop.guest.rs");
}

/// A program that runs packages.
pub mod host {
    pack_runtime::bindgen!("../codegen/tests/skeleton/shop.wit");

    include!("../../codegen/tests/skeleton/shop.host.rs");

    /// It provides all that the world imports.
    pub fn link(package: &pack_runtime::Package) -> Result<(), pack_runtime::Error> {
        Shop::<Host>::link(package).map(|_| ())
    }
}

/// Of names that mean something already.
pub mod names {
    /// A package.
    pub mod guest {
        pack::world!("../codegen/tests/skeleton/names.wit");

        include!("../../codegen/tests/skeleton/names.guest.rs");
    }

    /// A program that runs packages.
    pub mod host {
        pack_runtime::bindgen!("../codegen/tests/skeleton/names.wit");

        include!("../../codegen/tests/skeleton/names.host.rs");
    }
}

#[test]
#[should_panic(expected = "write `clear`")]
fn what_has_to_be_written_says_so() {
    <guest::Package as guest::exports::demo::shop::Stock>::clear();
}
