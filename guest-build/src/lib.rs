//! Builds Pack guests: cargo crates compiled to WebAssembly from a build script, a test or a tool.
//!
//! A guest is an ordinary library crate, built for `wasm32-unknown-unknown`. Where the toolchain in use has that
//! target, this crate amounts to `cargo rustc --crate-type cdylib --target wasm32-unknown-unknown`, plus finding the
//! module that comes out:
//!
//! ```no_run
//! let wasm = pack_guest_build::guest("guests/greeter")?;
//! # Ok::<(), pack_guest_build::Error>(())
//! ```
//!
//! In a build script, let cargo know which files the guest is made of, so that editing any of them builds it again:
//!
//! ```no_run
//! use pack_guest_build::{Error, GuestBuild, Toolchain};
//!
//! fn main() -> Result<(), Error> {
//!     let wasm = GuestBuild::new("../guest").build_for_build_script(&Toolchain::find()?)?;
//!     println!("cargo::rustc-env=GUEST_WASM={}", wasm.display());
//!     Ok(())
//! }
//! ```
//!
//! # Which compiler builds guests
//!
//! 1. The toolchain in use (`$RUSTC`, else `rustc`), if it has the `wasm32-unknown-unknown` target.
//! 2. Otherwise Debian's `rustc-web`, if [`Toolchain::provision`] has prepared it earlier.
//! 3. Otherwise none: [`Toolchain::find`] says so and installs nothing. [`Toolchain::provision`] asks `rustup` for the
//!    target; where `rustup` cannot reach its server, it prepares Debian's packages instead.

mod build;
mod cargo_output;
mod command;
mod debian;
mod dep_info;
mod error;
mod guests;
mod rustup;
mod sysroot;
mod toolchain;

use std::path::{Path, PathBuf};

pub use build::GuestBuild;
pub use error::Error;
pub use guests::{Guest, guests};
pub use toolchain::Toolchain;

/// Builds the guest in `dir` with the defaults of [`GuestBuild`] and returns the path of its WebAssembly module.
///
/// # Errors
///
/// When no installed compiler can build guests, or the guest does not compile.
pub fn guest(dir: impl AsRef<Path>) -> Result<PathBuf, Error> {
    GuestBuild::new(dir.as_ref()).build(&Toolchain::find()?)
}
