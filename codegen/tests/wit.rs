//! WIT texts to schemas and diagnostics.
//!
//! Every file and folder in `tests/wit` must parse, to the schema in the `.schema` file beside it; every one
//! in `tests/wit-fail` must fail, with the text in the `.txt` file beside it. Set `PACK_BLESS=1` to write
//! these files anew. A text whose first line is `// world: NAME` is parsed for that world.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in a test, also outside of its function, a panic is a failure"
)]

mod snapshot;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use pack_abi::schema::{Contract, Interface, Type, TypeId, TypeKind, diff, hash};
use pack_codegen::wit::{self, Place, Source, World};
use pack_codegen::{Config, Side};
use snapshot::Snapshots;

#[test]
fn good_texts_become_schemas() {
    check("tests/wit", "schema", |path| match parse(path) {
        Ok(world) => render(&world),
        Err(error) => panic!("{} should parse:\n\n{error}", path.display()),
    });
}

#[test]
fn bad_texts_are_explained() {
    check("tests/wit-fail", "txt", |path| match parse(path) {
        Ok(world) => panic!("{} should not parse:\n\n{}", path.display(), render(&world)),
        Err(error) => format!("{error}\n"),
    });
}

/// Contracts of the real world.
#[test]
fn wasi_is_read_and_printed() {
    let worlds = [
        "everything",
        "wasi:cli/command@0.2.12",
        "wasi:cli/imports@0.2.12",
        "wasi:clocks/imports@0.2.12",
        "wasi:filesystem/imports@0.2.12",
        "wasi:http/imports@0.2.12",
        "wasi:http/proxy@0.2.12",
        "wasi:io/imports@0.2.12",
        "wasi:random/imports@0.2.12",
        "wasi:sockets/imports@0.2.12",
    ];
    for name in worlds {
        let source = Source::Path("tests/wasi".into());
        let world = wit::parse(&source, Some(name)).unwrap_or_else(|error| panic!("{error}"));
        reads_the_same_when_printed(&world.contract);
    }
}

/// A contract can be printed as WIT, and read again; also that of packages in several files and folders.
#[test]
fn printed_contracts_read_the_same() {
    for case in cases("tests/wit") {
        reads_the_same_when_printed(&parse(&case).unwrap().contract);
    }
}

fn reads_the_same_when_printed(contract: &Contract) {
    let text = contract.to_wit().unwrap();
    let again = match wit::parse(&Source::Inline(text.clone()), None) {
        Ok(world) => world.contract,
        Err(error) => panic!("does not parse when printed:\n{text}\n{error}"),
    };
    assert_eq!(essence(contract), essence(&again), "{text}");
    let comparison = diff::compare(contract, &again);
    assert_eq!(comparison.verdict, diff::Verdict::Identical, "{text}");
    assert_eq!(
        again.to_wit().unwrap(),
        text,
        "it is printed differently the second time"
    );
}

/// Printed contracts are there to be read.
#[test]
fn printed_contracts_look_as_people_write_them() {
    let mut snapshots = Snapshots::default();
    for name in [
        "docs",
        "escaped-names",
        "inline-interfaces",
        "nested-packages",
        "packages",
        "resources",
        "resources-both-ways",
        "use-recursive",
        "world-types",
    ] {
        let case = Path::new("tests/wit").join(name);
        let case = if case.is_dir() {
            case
        } else {
            case.with_extension("wit")
        };
        let path = Path::new("tests/printed").join(name).with_extension("wit");
        snapshots.compare(&path, &parse(&case).unwrap().contract.to_wit().unwrap());
    }
    snapshots.finish();
}

/// All that is in a contract, whatever the order of its types and interfaces.
fn essence(contract: &Contract) -> BTreeSet<String> {
    let mut lines = BTreeSet::from([contract.world.clone()]);
    for def in &contract.types {
        if let Some(name) = &def.name {
            let shape = without_places(&shape(contract, &def.kind));
            lines.insert(format!(
                "{}/{} = {shape}{}",
                name.owner,
                name.name,
                docs(&def.docs)
            ));
        }
    }
    for (direction, interfaces) in [("import", &contract.imports), ("export", &contract.exports)] {
        for interface in interfaces {
            let mut text = String::new();
            render_interface(&mut text, contract, direction, interface);
            lines.insert(without_places(&text));
            for function in &interface.functions {
                let hash = hash::function(contract, &interface.name, function);
                lines.insert(format!("{} {} {hash:?}", interface.name, function.name));
            }
        }
    }
    lines
}

/// Types by name only.
fn without_places(text: &str) -> String {
    let mut parts = text.split('#');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.trim_start_matches(|c: char| c.is_ascii_digit())
    })
}

/// Names that are there twice in the generated code are a mistake in the WIT, not an error of the compiler: for all
/// worlds of the texts in `tests/clash`, on both sides.
#[test]
fn names_that_meet_in_rust_are_explained() {
    let mut snapshots = Snapshots::default();
    for case in files("tests/clash") {
        let text = fs::read_to_string(&case).unwrap();
        let worlds = text.lines().filter_map(|line| line.strip_prefix("world "));
        let mut found = String::new();
        for world in worlds.map(|line| line.split(' ').next().unwrap()) {
            for side in [Side::Guest, Side::Host] {
                let config = Config::path(&case).world(world);
                let outcome = match config.generate(side) {
                    Ok(_) => "no clash".to_owned(),
                    Err(error) => error.to_string(),
                };
                writeln!(found, "{world}, {side:?}:\n{outcome}\n").unwrap();
            }
        }
        snapshots.compare(&case.with_extension("txt"), &found);
    }
    snapshots.finish();
}

#[test]
fn inline_text_is_parsed_and_named_in_messages() {
    let text = "package a:b;\nworld w {\n  record node { next: option<node> }\n  export f: func() -> node;\n}\n";
    let world = wit::parse(&Source::Inline(text.to_owned()), None).unwrap();
    assert_eq!(world.name, "w");
    assert_eq!(world.contract.world, "a:b/w");
    assert!(world.files.is_empty());
    assert!(world.contract.is_recursive(Type::Id(TypeId(0))));
    let error =
        wit::parse(&Source::Inline(text.replace("option<node>", "node")), None).unwrap_err();
    let location = error.iter().next().unwrap().location.clone().unwrap();
    assert_eq!(
        (
            location.file.as_str(),
            location.line,
            location.column,
            location.length
        ),
        ("<inline wit>", 3, 10, 4)
    );
}

#[test]
fn places_are_found_after_placeholders() {
    let world = parse(Path::new("tests/wit/mutual.wit")).unwrap();
    let text = fs::read_to_string("tests/wit/mutual.wit").unwrap();
    for (at, def) in world.contract.types.iter().enumerate() {
        let id = TypeId(at.try_into().unwrap());
        let pointed_at = |place: &Place| {
            let location = world.locate(place).unwrap();
            assert_eq!(location.text, text.lines().nth(location.line - 1).unwrap());
            location
                .text
                .chars()
                .skip(location.column - 1)
                .take(location.length)
                .collect::<String>()
                .replace('%', "")
        };
        let shown = pointed_at(&Place::Type(id));
        // A type without name is where it occurs first; behind an alias, that is the alias.
        let alias = world
            .contract
            .types
            .iter()
            .find(|other| other.kind == TypeKind::Alias(Type::Id(id)));
        let named = def
            .name
            .as_ref()
            .or(alias.and_then(|alias| alias.name.as_ref()));
        assert!(
            shown == def.kind.keyword() || named.is_some_and(|name| name.name == shown),
            "{shown} for {def:?}"
        );
        if let TypeKind::Record(fields) = &def.kind {
            for (member, field) in fields.iter().enumerate() {
                assert_eq!(pointed_at(&Place::Member(id, member)), field.name);
            }
        }
    }
    let interface = "test:mutual/api".to_owned();
    assert!(
        world
            .locate(&Place::Interface(interface.clone()))
            .unwrap()
            .text
            .contains("interface api")
    );
    assert!(
        world
            .locate(&Place::Function(interface.clone(), "eval".into()))
            .unwrap()
            .text
            .contains("eval: func")
    );
    assert!(
        world
            .locate(&Place::Param(interface, "eval".into(), "tree".into()))
            .is_some()
    );
    assert!(world.locate(&Place::World).unwrap().text.contains("world"));
    assert!(world.locate(&Place::Interface("nowhere".into())).is_none());
}

/// One recursive type puts placeholders into the whole file; nothing else of it may change by that.
#[test]
fn placeholders_leave_no_trace() {
    let mut tried = 0;
    for case in cases("tests/wit").into_iter().filter(|case| case.is_file()) {
        let text = fs::read_to_string(&case).unwrap();
        let world = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("// world: "));
        let read = |text: String| render(&wit::parse(&Source::Inline(text), world).unwrap());
        let knot = format!("{text}\ninterface zz-knot {{ record knot {{ knot: list<knot> }} }}\n");
        assert_eq!(read(text.clone()), read(knot), "{}", case.display());
        tried += 1;
    }
    assert!(tried > 25);
}

#[test]
fn unreadable_sources_are_explained() {
    let missing = parse(Path::new("tests/wit/there-is-no-such-file.wit"))
        .unwrap_err()
        .to_string();
    assert!(
        missing.starts_with("tests/wit/there-is-no-such-file.wit does not exist\n  help: "),
        "{missing}"
    );

    // Nothing is written: the file is one hole.
    let path = std::env::temp_dir().join(format!("pack-codegen-large-{}.wit", std::process::id()));
    fs::File::create(&path)
        .unwrap()
        .set_len((1 << 32) + 5)
        .unwrap();
    let large = wit::parse(&Source::Path(path.clone()), None)
        .unwrap_err()
        .to_string();
    fs::remove_file(&path).unwrap();
    assert!(large.contains(".wit is too large: "), "{large}");

    let text = " ".repeat(65 << 20);
    let large = wit::parse(&Source::Inline(text), None)
        .unwrap_err()
        .to_string();
    assert!(large.starts_with("<inline wit> is too large"), "{large}");
}

/// A text with so many types, each of which refers to itself and to its neighbours.
fn many_types(count: usize) -> String {
    let mut text = "package test:many;\ninterface i {\n".to_owned();
    for n in 0..count {
        let (before, after) = ((n + count - 1) % count, (n + 1) % count);
        writeln!(text, "  /// Type {n}.\n  variant t{n} {{ leaf, self(list<t{n}>), all(tuple<t{before}, t{after}>) }}")
            .unwrap();
    }
    text + "  f: func(x: t0);\n}\nworld w { export i; }\n"
}

#[test]
fn many_recursive_types_take_no_time() {
    let count = 300;
    let start = std::time::Instant::now();
    let world = wit::parse(&Source::Inline(many_types(count)), None).unwrap();
    let took = start.elapsed();
    let recursive = (0..count).filter(|n| {
        world
            .contract
            .is_recursive(Type::Id(TypeId(u32::try_from(*n).unwrap())))
    });
    assert_eq!(recursive.count(), count);
    // A parse for each type would take a hundred times as long, in the slowest build.
    assert!(took.as_secs() < 2, "{took:?}");
}

/// Texts with random damage: most are wrong, some happen to be right; all get an answer.
#[test]
fn damaged_texts_get_an_answer() {
    let mut texts: Vec<String> = Vec::new();
    for folder in ["tests/wit", "tests/wit-fail"] {
        for case in cases(folder) {
            texts.extend(
                fs::read(case)
                    .ok()
                    .and_then(|bytes| String::from_utf8(bytes).ok()),
            );
        }
    }
    let pieces = [
        "{",
        "}",
        "<",
        ">",
        "(",
        ")",
        ",",
        ";",
        ":",
        "=",
        "%",
        "@",
        "\"",
        "/*",
        "*/",
        "//",
        "\n",
        "\r\n",
        "\t",
        "木",
        "\u{feff}",
        "type a = list<a>;",
        "record r { r: option<r> }",
        "list<u8, 4294967295>",
        "interface",
        "world",
        "own<a>",
        "use a.{a};",
        "include w;",
        "package a:b { }",
        "u8",
        "a",
        "->",
        "func()",
        "\0",
    ];
    let rounds = std::env::var("PACK_FUZZ").map_or(40, |rounds| rounds.parse().unwrap());
    // Xorshift, seeded, so that what fails once fails again.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(limit.max(1)).unwrap()).unwrap()
    };
    let (mut good, mut bad) = (0, 0);
    for round in 0..rounds {
        for text in &texts {
            let mut text = text.clone();
            for _ in 0..=below(3) {
                let start = text.floor_char_boundary(below(text.len() + 1));
                let end = text.floor_char_boundary((start + below(12)).min(text.len()));
                match below(4) {
                    0 => text.replace_range(start..end, ""),
                    1 => text.insert_str(start, pieces[below(pieces.len())]),
                    2 => text.replace_range(start..end, pieces[below(pieces.len())]),
                    _ => {
                        let piece = text[start..end].to_owned();
                        let to = text.floor_char_boundary(below(text.len() + 1));
                        text.insert_str(to, &piece);
                    }
                }
            }
            match std::panic::catch_unwind(|| wit::parse(&Source::Inline(text.clone()), None)) {
                Ok(Ok(_)) => good += 1,
                Ok(Err(error)) => {
                    bad += 1;
                    for diagnostic in &error {
                        check_location(&text, diagnostic);
                    }
                }
                Err(_) => panic!("round {round}: a panic on\n{text}"),
            }
        }
    }
    assert!(good > 0 && bad > 0, "{good} good, {bad} bad");
}

/// A location is about the author's own text.
fn check_location(text: &str, diagnostic: &pack_codegen::Diagnostic) {
    assert!(
        text.contains("429496") || !diagnostic.message.contains("429496"),
        "a placeholder shows: {diagnostic}"
    );
    let Some(location) = &diagnostic.location else {
        return;
    };
    let line = text.split('\n').nth(location.line - 1).unwrap();
    let line = line.strip_suffix('\r').unwrap_or(line);
    let line = if location.line == 1 {
        line.trim_start_matches('\u{feff}')
    } else {
        line
    };
    assert_eq!(location.text, line);
    assert!(
        location.column - 1 + location.length <= line.chars().count(),
        "{diagnostic}"
    );
}

fn parse(path: &Path) -> Result<World, pack_codegen::Diagnostics> {
    let first = |path: &Path| {
        fs::read(path)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
    };
    let text = if path.is_dir() {
        first(&path.join("world.wit"))
    } else {
        first(path)
    };
    let world = text
        .as_ref()
        .and_then(|text| text.lines().next()?.strip_prefix("// world: "));
    wit::parse(&Source::Path(path.to_owned()), world)
}

/// Compares what `produce` makes of each case with the file beside it, and says all that differs.
fn check(folder: &str, extension: &str, produce: impl Fn(&Path) -> String) {
    let mut snapshots = Snapshots::default();
    for case in cases(folder) {
        snapshots.compare(
            &case.with_extension(extension),
            &produce(&case).replace('\\', "/"),
        );
    }
    snapshots.finish();
}

fn cases(folder: &str) -> Vec<PathBuf> {
    let cases = files(folder);
    assert!(cases.len() >= 25, "{folder} has only {} cases", cases.len());
    cases
}

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = entries
        .filter(|path| path.is_dir() || path.extension().unwrap() == "wit")
        .collect();
    cases.sort();
    cases
}

/// A schema in words: named types with their places in the table, then functions.
fn render(world: &World) -> String {
    let contract = &world.contract;
    let mut out = format!(
        "world {} ({}){}\n",
        contract.world,
        world.name,
        docs(&world.docs)
    );
    for (at, def) in contract.types.iter().enumerate() {
        let id = Type::Id(TypeId(at.try_into().unwrap()));
        let recursive = if contract.is_recursive(id) {
            "recursive "
        } else {
            ""
        };
        let body = shape(contract, &def.kind);
        match &def.name {
            Some(name) => writeln!(
                out,
                "{recursive}{}#{at} of {} = {body}{}",
                name.name,
                name.owner,
                docs(&def.docs)
            ),
            None => writeln!(out, "{recursive}#{at} = {body}{}", docs(&def.docs)),
        }
        .unwrap();
    }
    for (direction, interfaces) in [("import", &contract.imports), ("export", &contract.exports)] {
        for interface in interfaces {
            render_interface(&mut out, contract, direction, interface);
        }
    }
    for file in &world.files {
        assert!(file.is_absolute() && file.is_file());
        let shown = file.strip_prefix(std::env::current_dir().unwrap()).unwrap();
        writeln!(out, "reads {}", shown.display()).unwrap();
    }
    out
}

fn render_interface(out: &mut String, contract: &Contract, direction: &str, interface: &Interface) {
    writeln!(
        out,
        "{direction} {}{}",
        interface.name,
        docs(&interface.docs)
    )
    .unwrap();
    for function in &interface.functions {
        let params = function
            .params
            .iter()
            .map(|p| format!("{}: {}", p.name, reference(contract, p.ty)));
        let result = function.result.map_or(String::new(), |ty| {
            format!(" -> {}", reference(contract, ty))
        });
        let params = params.collect::<Vec<_>>().join(", ");
        writeln!(
            out,
            "  {}({params}){result}{}",
            function.name,
            docs(&function.docs)
        )
        .unwrap();
    }
}

fn docs(docs: &str) -> String {
    if docs.is_empty() {
        String::new()
    } else {
        format!("  // {}", docs.replace('\n', " | "))
    }
}

fn shape(contract: &Contract, kind: &TypeKind) -> String {
    let list = |items: Vec<String>| items.join(", ");
    let of = |ty: &Type| reference(contract, *ty);
    match kind {
        TypeKind::Record(fields) => format!(
            "record {{ {} }}",
            list(
                fields
                    .iter()
                    .map(|f| format!("{}: {}{}", f.name, of(&f.ty), docs(&f.docs)))
                    .collect()
            )
        ),
        TypeKind::Variant(cases) => format!(
            "variant {{ {} }}",
            list(
                cases
                    .iter()
                    .map(|c| match &c.ty {
                        Some(ty) => format!("{}({}){}", c.name, of(ty), docs(&c.docs)),
                        None => format!("{}{}", c.name, docs(&c.docs)),
                    })
                    .collect()
            )
        ),
        TypeKind::Enum(labels) | TypeKind::Flags(labels) => format!(
            "{} {{ {} }}",
            kind.keyword(),
            list(
                labels
                    .iter()
                    .map(|l| format!("{}{}", l.name, docs(&l.docs)))
                    .collect()
            )
        ),
        TypeKind::FixedList(ty, size) => format!("list<{}, {size}>", of(ty)),
        TypeKind::Result { ok, err } => {
            let side = |ty: &Option<Type>| ty.as_ref().map_or("_".to_owned(), of);
            format!("result<{}, {}>", side(ok), side(err))
        }
        TypeKind::Alias(ty) => format!("type {}", of(ty)),
        TypeKind::Resource(provider) => format!("resource of the {provider:?}").to_lowercase(),
        other => format!(
            "{}<{}>",
            other.keyword(),
            list(other.references().iter().map(of).collect())
        ),
    }
}

/// A named type by name and place, since two interfaces may use the same name.
fn reference(contract: &Contract, ty: Type) -> String {
    match (ty, contract.def(ty)) {
        (Type::Id(id), Some(def)) => match &def.name {
            Some(name) => format!("{}#{}", name.name, id.0),
            None => shape(contract, &def.kind),
        },
        _ => format!("{ty:?}").to_lowercase(),
    }
}
