//! A crate is a package with WIT or without: both macros make the module `exports`.

pack::package!("demo:greeting");
pack::world!({ inline: "package demo:greeting; world greeting { export greet: func(); }", partial_exports: true });

fn main() {}
