//! Modules written by hand, for the world of `wit/hostile.wit`.
#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::fmt::Write;

use pack_abi::metadata;
use pack_codegen::wit::{self, Source};

pub(crate) fn metadata_bytes() -> Vec<u8> {
    metadata::write(
        wit::parse(&Source::Path("wit/hostile.wit".into()), None)
            .unwrap()
            .contract
            .schema(),
    )
}

pub(crate) fn escaped(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "\\{byte:02x}");
        text
    })
}

/// Where the modules keep their metadata.
pub(crate) const METADATA_AT: u32 = 4096;

/// A module that keeps to the convention, but for `parts`, which replace the default of the same name.
pub(crate) fn module(parts: &[(&str, &str)]) -> String {
    let bytes = metadata_bytes();
    let types = (u64::try_from(bytes.len()).unwrap() << 32) | u64::from(METADATA_AT);
    let section = format!(r#"(@custom "{}" "{}")"#, metadata::SECTION, escaped(&bytes));
    let data = format!(r#"(data (i32.const {METADATA_AT}) "{}")"#, escaped(&bytes));
    let types = format!(r#"(func (export "__pack_types") (result i64) (i64.const {types}))"#);
    let defaults = [
        ("section", section.as_str()),
        ("imports", ""),
        ("memory", r#"(memory (export "memory") 4)"#),
        ("data", &data),
        ("types", &types),
        (
            "alloc",
            r#"(func (export "__pack_alloc") (param i32) (result i32) (i32.const 65536))"#,
        ),
        ("free", r#"(func (export "__pack_free") (param i32 i32))"#),
        ("run", r#"(func (export "$root#run"))"#),
        (
            "number",
            r#"(func (export "$root#number") (result i32) (i32.const 7))"#,
        ),
        (
            "text",
            r#"(func (export "$root#text") (result i64) (i64.const 0x0000000400000000))"#,
        ),
        (
            "tree",
            r#"(func (export "$root#tree") (result i64) (i64.const 0x0000000100000000))"#,
        ),
        (
            "send",
            r#"(func (export "$root#send") (param i32 i32) (result i32) (i32.const 1))"#,
        ),
        ("more", ""),
    ];
    for (name, _) in parts {
        assert!(
            defaults.iter().any(|(default, _)| default == name),
            "{name} is no part"
        );
    }
    let mut text = "(module ".to_owned();
    for (name, default) in defaults {
        let part = parts
            .iter()
            .find(|(part, _)| *part == name)
            .map_or(default, |(_, part)| *part);
        text.push_str(part);
        text.push('\n');
    }
    text + ")"
}
