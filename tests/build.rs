//! Generates bindings the way a build script does it: for the calculator; and for every WIT text of the tests of
//! `pack-codegen` and for WASI, so that all of them are compiled for both sides,
//! without options and with all that change what calls look like, where no name is known that they do not bring.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use pack_codegen::{Config, Ownership, Side};

const TEXTS: &str = "../codegen/tests/wit";

/// Worlds that between them have all of WASI.
const WASI: [(&str, &str); 2] = [
    ("command", "wasi:cli/command@0.2.12"),
    ("proxy", "wasi:http/proxy@0.2.12"),
];

fn main() {
    Config::path("wit/calc.wit").build_host("calc.rs");

    println!("cargo::rerun-if-changed={TEXTS}");
    let mut texts: Vec<PathBuf> = fs::read_dir(TEXTS)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir() || path.extension().is_some_and(|e| e == "wit"))
        .collect();
    texts.sort();
    let mut configs: Vec<(String, Config)> = texts.iter().map(|text| config(text)).collect();
    for (name, world) in WASI {
        let config = Config::path("../codegen/tests/wasi").world(world);
        configs.push((format!("wasi_{name}"), config));
    }
    let mut modules = String::new();
    for (name, config) in configs {
        let changed = config.clone().ownership(Ownership::Owned).tracing(true);
        let variants = [
            (Side::Host, "host", &config),
            (Side::Guest, "guest", &config),
            (
                Side::Host,
                "changed_host",
                &changed.clone().asynchronous(true).fallible_imports(true),
            ),
            (Side::Guest, "changed_guest", &changed),
        ];
        for (side, suffix, config) in variants {
            let file = format!("{name}_{suffix}.rs");
            // Only guests have exports, and these export nothing.
            let config = config.clone().partial_exports(side == Side::Guest);
            config
                .try_build(side, &file)
                .unwrap_or_else(|error| panic!("{error}"));
            writeln!(
                modules,
                "#[no_implicit_prelude] mod {name}_{suffix} {{ \
                 ::core::include!(::core::concat!(::core::env!(\"OUT_DIR\"), \"/{file}\")); }}"
            )
            .unwrap();
        }
    }
    let list = Path::new(&env::var_os("OUT_DIR").unwrap()).join("every_wit.rs");
    fs::write(list, modules).unwrap();
}

/// A text by its name.
fn config(text: &Path) -> (String, Config) {
    let name = text
        .file_stem()
        .unwrap()
        .to_str()
        .unwrap()
        .replace('-', "_");
    let config = Config::path(text);
    match world(text) {
        Some(world) => (name, config.world(world)),
        None => (name, config),
    }
}

/// The first line of a text may say which world is meant: `// world: NAME`.
fn world(path: &Path) -> Option<String> {
    let path = if path.is_dir() {
        path.join("world.wit")
    } else {
        path.to_owned()
    };
    let text = fs::read_to_string(path).ok()?;
    text.lines()
        .next()?
        .strip_prefix("// world: ")
        .map(str::to_owned)
}
