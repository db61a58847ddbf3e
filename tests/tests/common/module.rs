//! Modules written by hand, for the world of `wit/hostile.wit` or for others.
#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::fmt::Write;

use pack_abi::metadata;
use pack_codegen::wit::{self, Source};

/// The metadata of the world of `wit/hostile.wit`.
pub(crate) fn metadata_bytes() -> Vec<u8> {
    metadata_of(&Source::Path("wit/hostile.wit".into()))
}

/// The metadata of a world.
pub(crate) fn metadata_of(source: &Source) -> Vec<u8> {
    let world = wit::parse(source, None).unwrap_or_else(|error| panic!("{error}"));
    metadata::write(world.contract.schema())
}

pub(crate) fn escaped(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "\\{byte:02x}");
        text
    })
}

/// Where the modules keep their metadata.
pub(crate) const METADATA_AT: u32 = 4096;

/// Where the modules have room for arguments.
pub(crate) const AREA_AT: u32 = 65536;

/// What an export returns whose result is these bytes of memory.
pub(crate) fn packed(pointer: u32, length: u32) -> String {
    format!(
        "(i64.const {})",
        (u64::from(length) << 32) | u64::from(pointer)
    )
}

/// A module that keeps to the convention, but for `parts`, which replace the default of the same name.
pub(crate) fn module(parts: &[(&str, &str)]) -> String {
    let exports = [
        ("run", r#"(func (export "$root#run"))"#),
        (
            "number",
            r#"(func (export "$root#number") (result i32) (i32.const 7))"#,
        ),
        (
            "text",
            r#"(func (export "$root#text") (result i64) (i64.const 0))"#,
        ),
        (
            "tree",
            r#"(func (export "$root#tree") (result i64) (i64.const 0x0000000100000000))"#,
        ),
        (
            "send",
            r#"(func (export "$root#send") (param i32 i32) (result i32) (i32.const 1))"#,
        ),
    ];
    assemble(&metadata_bytes(), &exports, parts)
}

/// A module of another world, which is WIT: `parts` as for [`module`], and `more` is what it exports.
pub(crate) fn module_of(wit: &str, parts: &[(&str, &str)]) -> String {
    assemble(&metadata_of(&Source::Inline(wit.into())), &[], parts)
}

fn assemble(bytes: &[u8], exports: &[(&str, &str)], parts: &[(&str, &str)]) -> String {
    let section = format!(r#"(@custom "{}" "{}")"#, metadata::SECTION, escaped(bytes));
    let data = format!(r#"(data (i32.const {METADATA_AT}) "{}")"#, escaped(bytes));
    let types = packed(METADATA_AT, u32::try_from(bytes.len()).unwrap());
    let types = format!(r#"(func (export "__pack_types") (result i64) {types})"#);
    let alloc =
        format!(r#"(func (export "__pack_alloc") (param i32) (result i32) (i32.const {AREA_AT}))"#);
    let convention = [
        ("section", section.as_str()),
        ("imports", ""),
        ("memory", r#"(memory (export "memory") 4)"#),
        ("data", &data),
        ("types", &types),
        ("alloc", &alloc),
        ("free", r#"(func (export "__pack_free") (param i32 i32))"#),
    ];
    let defaults = || convention.iter().chain(exports).chain(&[("more", "")]);
    for (name, _) in parts {
        assert!(
            defaults().any(|(default, _)| default == name),
            "{name} is no part"
        );
    }
    let mut text = "(module ".to_owned();
    for (name, default) in defaults() {
        let part = parts.iter().find(|(part, _)| part == name);
        text.push_str(part.map_or(default, |(_, part)| part));
        text.push('\n');
    }
    text + ")"
}
