//! Generates bindings the way a build script does it.

fn main() {
    pack_codegen::Config::path("wit/calc.wit").build_host("calc.rs");
}
