//! The contract between builds of Pack that never meet: what must not move by accident, and what a change to a
//! WIT file means.

mod common;

use common::{API, Table, function, id, labels, record, to_hex, variant};
use pack_abi::schema::diff::{Verdict, compare};
use pack_abi::schema::{Schema, Type, TypeKind, hash};

/// A bit of everything, recursion included.
fn pinned() -> Table {
    let mut table = Table::new();
    let json = id(1);
    let list = table.add(TypeKind::List(json));
    table.named(
        "json",
        variant(&[
            ("null", None),
            ("number", Some(Type::F64)),
            ("array", Some(list)),
        ]),
    );
    let option = table.add(TypeKind::Option(Type::String));
    let access = table.named("access", TypeKind::Flags(labels("may-", 9)));
    let color = table.named("color", TypeKind::Enum(labels("color-", 3)));
    let pair = table.add(TypeKind::Tuple(vec![Type::Char, access]));
    let four = table.add(TypeKind::FixedList(Type::U16, 4));
    let outcome = table.add(TypeKind::Result {
        ok: Some(json),
        err: None,
    });
    let map = table.add(TypeKind::Map(Type::String, color));
    let person = table.named(
        "person",
        record(&[
            ("name", option),
            ("pair", pair),
            ("four", four),
            ("map", map),
        ]),
    );
    let someone = table.named("someone", TypeKind::Alias(person));
    table.export(function(
        "run",
        &[("who", someone), ("times", Type::U32)],
        Some(outcome),
    ));
    table.import(function("log", &[("text", Type::String)], None));
    table
}

const WHAT_TO_DO: &str = "the canonical form of schemas has changed, so that packages and hosts built before and \
     after the change misunderstand each other. If that is meant: raise FORMAT_VERSION, then pin the new bytes; \
     if not, undo it";

#[test]
fn the_canonical_form_does_not_move() {
    let Table(schema) = pinned();
    let golden = "PINNED-BYTES";
    assert_eq!(to_hex(&schema.to_bytes()), golden, "{WHAT_TO_DO}");
    assert_eq!(Schema::from_bytes(&common::hex(golden)), Ok(schema));
}

#[test]
fn the_hashes_do_not_move() {
    let Table(schema) = pinned();
    let (exports, imports) = (&schema.exports[0], &schema.imports[0]);
    for (found, golden) in [
        (
            hash::function(&schema, API, &exports.functions[0]),
            "PINNED-1",
        ),
        (
            hash::function(&schema, API, &imports.functions[0]),
            "PINNED-2",
        ),
        (hash::interface(&schema, exports), "PINNED-3"),
    ] {
        assert_eq!(to_hex(&found), golden, "{WHAT_TO_DO}");
    }
    assert_eq!(pack_abi::schema::FORMAT_VERSION, 1, "{WHAT_TO_DO}");
}
