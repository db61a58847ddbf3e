//! Metadata: bytes that are none, types that break rules, and tables that are sound and built to take long.

use std::time::Duration;

use pack_abi::metadata::{self, MetadataError};
use pack_abi::schema::diff::{Verdict, compare};
use pack_abi::schema::{
    Contract, MAX_NESTING, MAX_TYPES, Schema, SchemaError, Type, TypeDef, TypeKind, hash,
};

use pack_runtime::{Error, MetadataProblem, Runtime};

use crate::common::random::{self, Choices};
use crate::common::{self, Table, function, hex, id, record, variant};
use crate::cost::cost;
use crate::module::{METADATA_AT, escaped, metadata_bytes, module, packed};
use crate::samples::damage;
use crate::world::*;

/// The metadata of a small package.
fn sound() -> Table {
    let mut table = Table::new();
    let list = table.add(TypeKind::List(id(1)));
    let tree = table.named("tree", variant(&[("leaf", None), ("fork", Some(list))]));
    table.export(function("grow", &[("tree", tree)], Some(tree)));
    table
}

/// The function `name` takes and returns a tree whose leaves have this payload.
fn piece(name: &str, leaf: Option<Type>) -> Vec<u8> {
    let mut table = Table::new();
    // So that the types have other numbers in other pieces.
    for _ in 0..name.len() {
        table.add(TypeKind::Option(Type::U8));
    }
    let tree = id(name.len() + 1);
    let list = table.add(TypeKind::List(tree));
    table.named("tree", variant(&[("leaf", leaf), ("fork", Some(list))]));
    table.export(function(name, &[("tree", tree)], Some(list)));
    metadata::write(&table.0)
}

#[test]
fn pieces_of_metadata_are_joined() {
    let [b, a] = ["b", "aaa"].map(|name| piece(name, Some(Type::U8)));
    let both = metadata::read(&[&b[..], &a].concat()).unwrap();
    let functions: Vec<_> = both.functions().map(|(_, f)| f.name.as_str()).collect();
    assert_eq!(functions, ["aaa", "b"]);
    let named = both.types.iter().filter(|def| def.name.is_some());
    assert_eq!(
        (named.count(), both.types.len()),
        (1, 3),
        "{:?}",
        both.types
    );
    for (bytes, name) in [(&a, "aaa"), (&b, "b")] {
        let alone = metadata::read(bytes).unwrap();
        let hash = |contract: &Contract| {
            let function = contract
                .export(common::API)
                .unwrap()
                .function(name)
                .unwrap();
            hash::function(contract, common::API, function)
        };
        assert_eq!(hash(&alone), hash(&both));
    }
    let elsewhere = metadata::write(&Schema {
        world: "test:other/world".into(),
        ..Schema::default()
    });
    let refused = [
        (
            piece("c", None),
            MetadataError::Type {
                owner: "test:contract/types@1.0.0".into(),
                name: "tree".into(),
            },
        ),
        (
            elsewhere,
            MetadataError::Worlds {
                first: "test:contract/world@1.0.0".into(),
                second: "test:other/world".into(),
            },
        ),
    ];
    for (other, expected) in refused {
        let error = metadata::read(&[&a[..], &other].concat()).unwrap_err();
        match (&error, &expected) {
            // Which is first is not said.
            (MetadataError::Worlds { .. }, MetadataError::Worlds { .. }) => {}
            _ => assert_eq!(error, expected),
        }
    }
}

#[test]
fn metadata_is_there_once_whole_and_of_this_version() {
    let sound = metadata::write(&sound().0);
    assert!(metadata::read(&sound).is_ok());
    let with = |at: usize, byte: u8| {
        let mut bytes = sound.clone();
        bytes[at] = byte;
        bytes
    };
    let table = [
        (vec![], MetadataError::NotMetadata),
        (b"\0asm\x01\0\0\0".to_vec(), MetadataError::NotMetadata),
        (with(0, b'Q'), MetadataError::NotMetadata),
        (with(8, 2), MetadataError::Version { found: 2 }),
        (
            with(11, 0x80),
            MetadataError::Version { found: 0x8000_0001 },
        ),
        (with(15, 0x80), MetadataError::Truncated),
        (
            [&sound[..], &sound].concat(),
            MetadataError::Function {
                name: format!("{}#grow", common::API),
            },
        ),
        (
            [&sound[..], &[0; 3]].concat(),
            MetadataError::TrailingBytes { count: 3 },
        ),
    ];
    for (bytes, expected) in table {
        assert_eq!(metadata::read(&bytes).unwrap_err(), expected);
    }
    for length in 8..sound.len() {
        let error = metadata::read(&sound[..length]).unwrap_err();
        assert_eq!(error, MetadataError::Truncated, "{length}");
    }
    let mut long = vec![0; 100 << 20];
    long[..sound.len()].copy_from_slice(&sound);
    let (outcome, cost) = cost(|| metadata::read(&long));
    assert_eq!(
        outcome.unwrap_err(),
        MetadataError::TooLong { length: 100 << 20 }
    );
    assert_eq!(cost.largest, 0, "nothing is read of it");
}

#[test]
fn damaged_metadata_is_read_or_refused() {
    let (mut read, mut refused) = (0, 0);
    for seed in 0..3000 {
        let choices = &mut Choices::seeded(seed, 3000);
        let schema = random::contract(choices).schema().clone();
        let damaged = damage(choices, &schema.to_bytes());
        let (outcome, cost) = cost(|| Schema::from_bytes(&damaged));
        cost.check(&damaged, &"a schema");
        match outcome {
            Ok(schema) => {
                read += 1;
                assert_eq!(schema.to_bytes(), damaged, "one schema, one form");
                if let (Ok(contract), _) = self::cost(|| Contract::new(schema)) {
                    use_up(&contract);
                }
            }
            Err(error) => {
                refused += 1;
                assert!(error.offset() <= damaged.len());
            }
        }
    }
    assert!(read > 100 && refused > 1000, "{read} {refused}");
}

/// A schema's bytes full of the smallest entries: what they become in memory is bounded all the same.
#[test]
fn large_metadata_takes_bounded_memory() {
    let count = 2_000_000_u32;
    let (count, entries) = (count.to_le_bytes(), usize::try_from(count).unwrap());
    let alias = hex("00 00000000 (no name, no docs) 0a 00 (alias of bool)");
    let list_of = |entry: &[u8], before: &str, after: &str| {
        [
            hex(before),
            count.to_vec(),
            entry.repeat(entries),
            hex(after),
        ]
        .concat()
    };
    for (name, body) in [
        ("types", list_of(&alias, "00000000", "00000000 00000000")),
        (
            "parts",
            list_of(
                &[0],
                "00000000 01000000 00 00000000 04",
                "00000000 00000000",
            ),
        ),
        (
            "interfaces",
            list_of(&[0; 12], "00000000 00000000", "00000000"),
        ),
    ] {
        let (_, cost) = cost(|| Schema::from_bytes(&body));
        assert!(cost.peak < 192 << 20, "{name}: {cost:?}");
    }
}

/// Everything that a host does with the contract of a package before it calls anything.
fn use_up(contract: &Contract) {
    for interface in contract.exports.iter().chain(&contract.imports) {
        for function in &interface.functions {
            let _ = hash::function(contract, &interface.name, function);
        }
        let _ = hash::interface(contract, interface);
    }
    for ty in (0..contract.types.len()).map(id) {
        assert!(contract.display(ty).to_string().len() < 100_000);
        let _ = (contract.min_width(ty), contract.is_recursive(ty));
        let _ = pack_abi::convention::flatten(contract, ty);
    }
    assert_eq!(compare(contract, contract).verdict, Verdict::Identical);
}

#[test]
fn a_schema_that_breaks_a_rule_is_refused_with_its_name() {
    let table = |build: fn(&mut Table)| {
        let mut table = Table::new();
        build(&mut table);
        table.0
    };
    let unnamed = |kind| TypeDef {
        name: None,
        kind,
        docs: String::new(),
    };
    let broken = [
        (
            table(|t| {
                t.add(TypeKind::List(id(1)));
            }),
            "a list refers to a type that the table does not have",
        ),
        (
            table(|t| {
                t.export(function("f", &[("p", id(0))], None));
            }),
            "api.f refers to a type that the table does not have",
        ),
        (
            table(|t| {
                t.add(TypeKind::List(id(0)));
            }),
            "a list leads to itself through no record or variant",
        ),
        (
            table(|t| {
                t.named("a", TypeKind::Alias(id(0)));
            }),
            "type a leads to itself through no record or variant",
        ),
        (
            table(|t| {
                t.add(TypeKind::Option(id(1)));
                t.named("a", TypeKind::Alias(id(2)));
                t.add(TypeKind::Tuple(vec![id(0)]));
            }),
            "leads to itself through no record or variant",
        ),
        (
            table(|t| {
                t.named("a", record(&[("next", id(0))]));
            }),
            "record a contains itself without end",
        ),
        (
            table(|t| {
                t.named("a", variant(&[("x", Some(id(1)))]));
                t.named("b", record(&[("y", id(0))]));
            }),
            "contains itself without end",
        ),
        (
            table(|t| {
                t.add(TypeKind::FixedList(id(1), 1));
                t.named("a", record(&[("next", id(0))]));
            }),
            "contains itself without end",
        ),
        (
            table(|t| {
                t.named("a", TypeKind::Flags(vec![]));
                t.named("a", TypeKind::Flags(vec![]));
            }),
            "type a in test:contract/types@1.0.0 is there twice",
        ),
        (
            table(|t| {
                t.named("a", record(&[("x", Type::U8), ("x", Type::U8)]));
            }),
            "x in record a is there twice",
        ),
        (
            table(|t| {
                t.named("a", variant(&[("x", None), ("x", None)]));
            }),
            "x in variant a is there twice",
        ),
        (
            table(|t| {
                t.export(function("f", &[], None))
                    .export(function("f", &[], None));
            }),
            "function f in test:contract/api@1.0.0 is there twice",
        ),
        (
            table(|t| {
                t.named("a", variant(&[]));
            }),
            "variant a has no cases",
        ),
        (
            table(|t| {
                t.named("a", TypeKind::Enum(vec![]));
            }),
            "enum a has no cases",
        ),
        (
            table(|t| {
                t.add(record(&[]));
            }),
            "a record has no name",
        ),
        (
            Schema {
                types: vec![unnamed(TypeKind::Flags(vec![])); 2],
                ..Schema::default()
            },
            "a flags has no name",
        ),
        (
            table(|t| {
                t.named("a", TypeKind::Option(Type::Bool));
            }),
            "`a` is a name of `option`, which only an alias gives one",
        ),
    ];
    for (schema, words) in broken {
        let error = Contract::new(schema).unwrap_err().to_string();
        assert!(error.contains(words), "{error:?} instead of {words:?}");
    }
    let nested = |levels| {
        let mut table = Table::new();
        (0..levels).fold(Type::U8, |ty, _| table.add(TypeKind::List(ty)));
        table.0
    };
    let limit = usize::try_from(MAX_NESTING).unwrap();
    assert!(Contract::new(nested(limit)).is_ok());
    for levels in [limit + 1, MAX_TYPES] {
        let error = Contract::new(nested(levels)).unwrap_err();
        assert!(matches!(error, SchemaError::TooNested { .. }), "{error}");
    }
    // As bytes: too many to be types, and too many to be read at all.
    let read = |levels| metadata::read(&metadata::write(&nested(levels))).unwrap_err();
    let too_many = SchemaError::TooManyTypes { count: 100_000 };
    assert_eq!(read(100_000), MetadataError::Schema(too_many));
    assert!(matches!(read(1_000_000), MetadataError::Decode(_)));
}

/// Tables that are sound, and built to take long.
#[test]
fn sound_tables_of_every_size_are_handled_soon() {
    fn soon(name: &str, table: &Table) {
        let (contract, cost) = cost(|| {
            let contract = metadata::read(&metadata::write(&table.0)).unwrap();
            use_up(&contract);
            contract
        });
        assert!(cost.time < Duration::from_secs(20), "{name}: {cost:?}");
        assert!(cost.peak < 256 << 20, "{name}: {cost:?}");
        drop(contract);
    }
    let wide = |table: &mut Table, parts: usize, levels: usize| {
        let mut ty = Type::U8;
        for _ in 0..levels {
            ty = table.add(TypeKind::Tuple(vec![ty; parts]));
        }
        table.export(function("f", &[("p", ty)], Some(ty)));
        ty
    };
    let mut table = Table::new();
    wide(&mut table, 2, 90);
    soon("pairs of pairs", &table);
    let mut table = Table::new();
    let ty = wide(&mut table, 1000, 8);
    soon("a thousand parts of a thousand parts", &table);
    assert!(table.contract().display(ty).to_string().len() < 10_000);

    const MANY: usize = 60_000;
    let names: Vec<String> = (0..MANY).map(|at| format!("n{at}")).collect();
    let mut table = Table::new();
    let fields: Vec<_> = names.iter().map(|name| (name.as_str(), Type::U8)).collect();
    let ty = table.named("wide", record(&fields));
    table.export(function("f", &[("p", ty)], None));
    soon("a record of 60,000 fields", &table);
    let mut table = Table::new();
    let cases: Vec<_> = names.iter().map(|name| (name.as_str(), None)).collect();
    let ty = table.named("wide", variant(&cases));
    table.export(function("f", &[("p", ty)], None));
    soon("a variant of 60,000 cases", &table);
    let mut table = Table::new();
    let ring = table.add(TypeKind::Option(id(1)));
    for (at, name) in names.iter().enumerate() {
        let next = if at + 1 == MANY { ring } else { id(at + 2) };
        table.named(name, record(&[("next", next)]));
    }
    table.export(function("f", &[("p", ring)], None));
    soon("a cycle of 60,000 records", &table);
}

#[test]
fn what_is_no_package_is_refused_when_loaded() {
    let runtime = Runtime::new().unwrap();
    let good = wat::parse_str(module(&[])).unwrap();
    let truncated = &good[..good.len() - 40];
    let bare = wat::parse_str("(module)").unwrap();
    let cases: [(&[u8], &str); 6] = [
        (b"", "not a WebAssembly module: it is 0 bytes"),
        (
            b"#!/bin/sh\n",
            "it is 10 bytes that begin with \"#!/bin/s\"",
        ),
        (b"\0asm", "not a WebAssembly module"),
        (truncated, "not a WebAssembly module"),
        (
            b"\0asm\x0d\0\x01\0",
            "it is a component; a package is a core module",
        ),
        (&bare, "There is none. Either this is no Pack package"),
    ];
    for (bytes, words) in cases {
        let error = runtime.load(bytes).unwrap_err().to_string();
        assert!(
            error.to_lowercase().contains(&words.to_lowercase()),
            "{words}\nis not in\n{error}"
        );
    }
    let error = runtime.load_file("no/such/package.wasm").unwrap_err();
    assert_says(&error, "cannot read no/such/package.wasm: ");
}

#[test]
fn a_module_that_breaks_its_own_promises_is_refused() {
    let section =
        |bytes: &[u8]| format!(r#"(@custom "{}" "{}")"#, metadata::SECTION, escaped(bytes));
    let good = metadata_bytes();
    let twice = [good.clone(), good.clone()].concat();
    let newer = [&good[..8], &[9, 0, 0, 0], &good[12..]].concat();
    let (good, twice, newer) = (section(&good), section(&twice), section(&newer));
    let several = format!("{good}{good}");
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("section", "")], "there is none"),
        (&[("section", &several)], "there are 2 such sections"),
        (&[("section", &twice)], "twice that the package has it"),
        (
            &[("section", &newer)],
            "it is of format version 9, this host reads version 1",
        ),
        (&[("section", &section(b"PACKMETA"))], "it ends too early"),
        (
            &[("section", &section(b"something"))],
            "it does not begin as Pack metadata does",
        ),
        (
            &[("types", "")],
            "the module has no function `__pack_types`",
        ),
        (
            &[("memory", "(memory 4)")],
            "the module has no memory `memory`",
        ),
        (
            &[("alloc", "")],
            "the module has no function `__pack_alloc`, which `pack::world!` and `pack::package!` emit",
        ),
        (
            &[("run", "")],
            "the module has no function `$root#run`, which its metadata says it exports",
        ),
        (
            &[(
                "number",
                r#"(func (export "$root#number") (result f64) (f64.const 0))"#,
            )],
            "`$root#number` has the core type () -> (f64), where the calling convention asks for () -> (i32)",
        ),
        (
            &[("data", "")],
            "what `__pack_types` returns are not the same",
        ),
        (
            &[(
                "more",
                r#"(func (export "__pack_types:more") (result i64) (i64.const 0))"#,
            )],
            "what `__pack_types` returns are not the same",
        ),
        (
            &[(
                "types",
                r#"(func (export "__pack_types") (result i64) (i64.const -1))"#,
            )],
            "__pack_types returned bytes outside its memory",
        ),
        (
            &[(
                "imports",
                r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))"#,
            )],
            "the module imports `fd_write` from `wasi_snapshot_preview1`, which the host does not provide; it was built \
             for WASI",
        ),
        (
            &[("imports", r#"(import "test:hostile/host" "shout" (func))"#)],
            "which the host does not provide; of that interface it provides change, listen",
        ),
        (
            &[(
                "imports",
                r#"(import "test:hostile/host" "listen" (func (param i64)))"#,
            )],
            "`test:hostile/host#listen` has the core type (i64) -> (), where the calling convention asks for (i32, i32) -> ()",
        ),
        (
            &[("more", "(func $start unreachable) (start $start)")],
            "the package trapped: wasm trap: ",
        ),
        (
            &[("more", r#"(func (export "_initialize") unreachable)"#)],
            "_initialize: the package trapped: wasm trap: ",
        ),
    ];
    for (parts, words) in cases {
        assert_says(&start(parts).unwrap_err(), words);
    }
}

/// Real files: metadata that is too long, there twice, in pieces, at any place, or in a file that is cut.
#[test]
fn metadata_of_a_file_is_found_whole_or_not_at_all() {
    let good = wasm(&[]);
    let bytes = metadata_bytes();
    let with_section = |content: &[u8]| {
        let mut wasm = wasm(&[("section", "")]);
        custom_section(&mut wasm, metadata::SECTION, content);
        wasm
    };
    let runtime = Runtime::new().unwrap();
    assert!(runtime.load(&with_section(&bytes)).is_ok());
    let mut long = bytes.clone();
    long.resize(100 << 20, 0);
    let mut alone = b"PACKMETA\x01\0\0\0".to_vec();
    alone.extend((100_u32 << 20).to_le_bytes());
    alone.resize(100 << 20, 0);
    let refused: [(Vec<u8>, &str); 5] = [
        (
            with_section(&long),
            "it is 104857600 bytes long, where at most 16777216 are read",
        ),
        (with_section(&alone), "it is 104857600 bytes long"),
        (with_section(&[]), "it does not begin as Pack metadata does"),
        (with_section(&bytes[..bytes.len() - 1]), "it ends too early"),
        (
            with_section(&[&bytes[..], b"x"].concat()),
            "1 bytes follow it",
        ),
    ];
    for (wasm, words) in refused {
        let (error, spent) = cost(|| runtime.load(&wasm).unwrap_err());
        assert!(matches!(error, Error::Metadata(_)), "{error}");
        assert_says(&error, words);
        assert!(spent.peak < 1 << 20, "{spent:?}");
        assert!(spent.time < Duration::from_secs(5), "{spent:?}");
    }
    // Cut anywhere, it is no module, or one without metadata.
    for length in (0..good.len()).step_by(7) {
        let error = runtime.load(&good[..length]).unwrap_err();
        let cut = matches!(error, Error::NotWasm { .. } | Error::Metadata(_));
        assert!(cut, "{length}: {error}");
    }
    // What is no module of WebAssembly, but machine code that the host itself has made.
    let code = runtime.precompile(&good).unwrap();
    let error = runtime.load(&code).unwrap_err();
    assert!(matches!(error, Error::NotWasm { .. }), "{error}");
}

fn custom_section(wasm: &mut Vec<u8>, name: &str, content: &[u8]) {
    let leb = |mut number: usize| {
        let mut bytes = Vec::new();
        while number >= 0x80 {
            bytes.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
            number >>= 7;
        }
        bytes.push(u8::try_from(number).unwrap());
        bytes
    };
    let name_length = leb(name.len());
    wasm.push(0);
    wasm.extend(leb(name_length.len() + name.len() + content.len()));
    wasm.extend(name_length);
    wasm.extend(name.as_bytes());
    wasm.extend(content);
}

/// The section is one, and the memory is another: a linker may put the pieces where it likes, in any order, and what
/// the two say is compared.
#[test]
fn the_section_and_the_memory_say_the_same() {
    let world = "test:hostile/hostile";
    let whole = metadata_bytes();
    let piece = metadata::write(&Schema {
        world: world.into(),
        ..Schema::default()
    });
    let section = |pieces: &[&[u8]]| {
        format!(
            r#"(@custom "{}" "{}")"#,
            metadata::SECTION,
            escaped(&pieces.concat())
        )
    };
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap();
    // The smaller piece is at 0, the larger at the end of the memory.
    let end = 0x40000 - length(&whole);
    let data = format!(
        r#"(data (i32.const 0) "{}") (data (i32.const {end}) "{}")"#,
        escaped(&piece),
        escaped(&whole)
    );
    let returns = |name: &str, at: u32, length: u32| {
        format!(
            r#"(func (export "{name}") (result i64) {})"#,
            packed(at, length)
        )
    };
    let small = |name: &str| returns(name, 0, length(&piece));
    let large = |name: &str| returns(name, end, length(&whole));
    let start = |section: &str, types: &str, more: &str| {
        let parts = [
            ("section", section),
            ("data", &data),
            ("types", types),
            ("more", more),
        ];
        let package = load(&parts).unwrap();
        Hostile::instantiate(&package, Host::default()).map(|mut hostile| hostile.number().unwrap())
    };
    let both = [section(&[&piece, &whole]), section(&[&whole, &piece])];
    for both in &both {
        for (first, second) in [
            (small("__pack_types"), large("__pack_types:large")),
            (large("__pack_types"), small("__pack_types:small")),
        ] {
            assert_eq!(start(both, &first, &second).unwrap(), 7);
        }
    }
    let none = returns("__pack_types", 0, 0);
    let shifted = returns("__pack_types", end - 1, length(&whole));
    let wrong = [
        (&both[0], large("__pack_types"), String::new()),
        (&both[0], small("__pack_types"), String::new()),
        (&both[0], large("__pack_types"), large("__pack_types:again")),
        (
            &both[0],
            large("__pack_types"),
            small("__pack_types:a") + &small("__pack_types:b"),
        ),
        (
            &section(&[&whole]),
            large("__pack_types"),
            small("__pack_types:a"),
        ),
        (&section(&[&whole]), none, String::new()),
        (&section(&[&whole]), shifted, String::new()),
    ];
    for (section, types, more) in wrong {
        let error = start(section, &types, &more).unwrap_err();
        assert!(
            matches!(error, Error::Metadata(MetadataProblem::Inconsistent)),
            "{error}"
        );
        assert_says(
            &error,
            "what `__pack_types` returns are not the same: the file has been altered",
        );
    }
}

/// Nesting that no package has, read on a thread with little stack.
#[test]
fn metadata_is_read_on_a_small_stack() {
    let nested = |levels| {
        let mut table = Table::new();
        (0..levels).fold(Type::U8, |ty, _| table.add(TypeKind::List(ty)));
        metadata::write(&table.0)
    };
    let mut ring = Table::new();
    for at in 0..60_000 {
        let next = ring.add(TypeKind::Option(id((at * 2 + 2) % 120_000)));
        ring.named(&format!("n{at}"), record(&[("next", next)]));
    }
    let mut last = Table::new();
    let ty = (0..usize::try_from(MAX_NESTING).unwrap())
        .fold(Type::U8, |ty, _| last.add(TypeKind::List(ty)));
    last.export(function("f", &[("p", ty)], Some(ty)));
    let mut knot = Table::new();
    for at in 0..30_000 {
        let next = knot.add(TypeKind::Option(id((at * 2 + 3) % 60_000)));
        knot.named(&format!("n{at}"), record(&[("next", next)]));
    }
    knot.export(function("f", &[("p", id(1))], Some(id(1))));
    let (nested, ring) = (
        [nested(100), nested(60_000), nested(1_000_000)],
        metadata::write(&ring.0),
    );
    let (last, knot) = (metadata::write(&last.0), metadata::write(&knot.0));
    crate::nesting::on_a_small_stack(|| {
        let [fits, deep, deepest] = nested.map(|bytes| metadata::read(&bytes));
        assert!(fits.is_ok());
        assert!(matches!(
            deep,
            Err(MetadataError::Schema(SchemaError::TooNested { .. }))
        ));
        assert!(matches!(deepest, Err(MetadataError::Decode(_))));
        assert!(matches!(
            metadata::read(&ring),
            Err(MetadataError::Schema(SchemaError::TooManyTypes {
                count: 120_000
            }))
        ));
        for bytes in [&last, &knot] {
            use_up(&metadata::read(bytes).unwrap());
        }
    });
}

/// Names that come from a package, wherever an error shows them.
#[test]
fn what_a_package_is_called_does_not_steer_the_terminal() {
    let evil = "\u{1b}[2J\u{202e}";
    let text = evil.escape_unicode().to_string();
    let world = |name: &str| {
        let schema = Schema {
            world: name.into(),
            ..Schema::default()
        };
        metadata::write(&schema)
    };
    let types = returns_types(&world(evil));
    let of_world = |bytes: &[u8]| {
        let section = format!(r#"(@custom "{}" "{}")"#, metadata::SECTION, escaped(bytes));
        load(&[("section", &section), ("types", &types)])
    };
    let two = [world(evil), world("another")].concat();
    let imports = format!(r#"(import "{text}" "{text}" (func))"#);
    let exports = format!(r#"(func (export "{text}")) (func (export "{text}"))"#);
    let errors = [
        of_world(&two).unwrap_err(),
        Hostile::instantiate(&of_world(&world(evil)).unwrap(), Host::default()).unwrap_err(),
        start(&[("imports", &imports)]).unwrap_err(),
        load(&[("more", &exports)]).unwrap_err(),
        Runtime::new().unwrap().load(evil.as_bytes()).unwrap_err(),
    ];
    for error in errors {
        let shown = error.to_string();
        let steers = shown
            .chars()
            .any(|c| (c.is_control() && c != '\n') || c == '\u{202e}');
        assert!(!steers, "{shown:?}");
    }
}

/// Exports `__pack_types` where the modules have their metadata.
fn returns_types(bytes: &[u8]) -> String {
    let place = packed(METADATA_AT, u32::try_from(bytes.len()).unwrap());
    format!(r#"(func (export "__pack_types") (result i64) {place})"#)
}
