//! Gives the macros a folder that can be written to, cargo's `OUT_DIR`, for what their option `debug` writes.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
