//! Packages, as bindings are made from them and for them: what they carry is read while the host is compiled.

use std::path::Path;

use pack_abi::schema::diff::{self, Verdict, function_name};
use pack_abi::{Contract, metadata};

use crate::output::relative_to_crate;
use crate::wit::{Place, World};
use crate::{Diagnostic, Location, files};

/// The most bytes that a package may have: many times what one has that was built for debugging.
const MAX_BYTES: u64 = 1 << 30;

/// What a package carries of its types.
pub(crate) fn contract(path: &Path) -> Result<Contract, Diagnostic> {
    let shown = relative_to_crate(path);
    let unusable = |why: String| {
        Diagnostic::new(why).with_help("build the package first, or name another file")
    };
    let wasm = files::read(path, MAX_BYTES)
        .map_err(|error| unusable(format!("cannot read the package {shown}: {error}")))?;
    let contract = match metadata::section(&wasm) {
        Ok(section) => metadata::read(section).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    contract.map_err(|error| unusable(format!("the package {shown} is unusable: {error}")))
}

/// Every reason why a package does not fit a host of this world.
pub(crate) fn mistakes(world: &World, path: &Path) -> Vec<Diagnostic> {
    let package = match contract(path) {
        Ok(package) => package,
        Err(diagnostic) => return vec![diagnostic],
    };
    let comparison = diff::compare(&world.contract, &package);
    if comparison.verdict != Verdict::Breaking {
        return Vec::new();
    }
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let mismatches = comparison.mismatches.into_iter();
    mismatches
        .map(|mismatch| {
            Diagnostic::new(format!("the package {file} does not fit: {mismatch}"))
                .with_help("build both from the same WIT")
                .at(locate(world, &mismatch.function))
        })
        .collect()
}

/// The line of the host's WIT that a mismatch is about, if there is one.
fn locate(world: &World, function: &str) -> Option<Location> {
    let mut functions = world.contract.functions();
    let found =
        functions.find(|(interface, candidate)| function_name(interface, candidate) == function);
    let place = match found {
        Some((interface, candidate)) => {
            Place::Function(interface.name.clone(), candidate.name.clone())
        }
        None => Place::Interface(function.to_owned()),
    };
    world.locate(&place)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use crate::wit::{Source, parse};

    use super::*;

    const WIT: &str =
        "package a:b;\nworld w {\n  import log: func();\n  export f: func(n: u32);\n}";

    fn world(wit: &str) -> World {
        parse(&Source::Inline(wit.to_owned()), None).unwrap()
    }

    /// A module with nothing but these custom sections.
    fn module(name: &str, sections: &[&[u8]]) -> PathBuf {
        let mut wasm = b"\0asm\x01\0\0\0".to_vec();
        for section in sections {
            let name = metadata::SECTION;
            let length = u32::try_from(1 + name.len() + section.len()).unwrap();
            // LEB128 of two bytes.
            let low = u8::try_from(length % 128).unwrap() | 0x80;
            wasm.extend([
                0,
                low,
                u8::try_from(length / 128).unwrap(),
                u8::try_from(name.len()).unwrap(),
            ]);
            wasm.extend(name.as_bytes());
            wasm.extend(*section);
        }
        let path = std::env::temp_dir().join(format!("pack-codegen-{}-{name}", std::process::id()));
        fs::write(&path, wasm).unwrap();
        path
    }

    #[test]
    fn a_package_of_another_contract_is_explained_at_the_line_of_the_host() {
        let host = world(WIT);
        let same = metadata::write(world(WIT).contract.schema());
        assert_eq!(mistakes(&host, &module("same.wasm", &[&same])), []);
        let other = WIT.replace("n: u32", "n: string").replace("log", "trace");
        let other = metadata::write(world(&other).contract.schema());
        let found = mistakes(&host, &module("other.wasm", &[&other]));
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        let name = format!("pack-codegen-{}-other.wasm", std::process::id());
        assert_eq!(
            found,
            [
                format!(
                    "<inline wit>:4:10: the package {name} does not fit: f: parameter \"n\": host has u32, package has string\n  \
                     4 |   export f: func(n: u32);\n    |          ^\n  help: build both from the same WIT"
                ),
                format!(
                    "the package {name} does not fit: trace: host has no such function, package has function\n  \
                     help: build both from the same WIT"
                ),
            ]
        );
    }

    #[test]
    fn what_is_no_package_is_explained() {
        let garbage = module("garbage.wasm", &[b"PACKMETA"]);
        let truncated = module("truncated.wasm", &[]);
        fs::write(&truncated, b"\0asm\x01\0\0\0\x01").unwrap();
        let cases = [
            (
                PathBuf::from("no-such.wasm"),
                "cannot read the package no-such.wasm: ",
            ),
            (
                PathBuf::from("Cargo.toml"),
                "not a WebAssembly module: it is ",
            ),
            (
                module("none.wasm", &[]),
                "there is no custom section `pack:schema`",
            ),
            (
                module("two.wasm", &[b"a", b"b"]),
                "there are 2 custom sections",
            ),
            (garbage, "it ends too early"),
            (truncated, "not a WebAssembly module"),
        ];
        for (path, words) in cases {
            let found = mistakes(&world(WIT), &path);
            assert_eq!(found.len(), 1, "{words}");
            assert!(
                found[0].message.contains(words),
                "{words}: {}",
                found[0].message
            );
            assert!(found[0].help.is_some());
            if path.extension().is_some_and(|e| e == "wasm") {
                let found = parse(&Source::Path(path), None).unwrap_err().to_string();
                assert!(found.contains(words), "{words}: {found}");
            }
        }
    }

    #[test]
    fn a_package_is_a_source_of_wit() {
        let wit = "package a:b;\nworld w {\n  variant tree { leaf, fork(list<tree>) }\n  \
                   export f: func(tree: tree);\n}";
        let metadata = metadata::write(world(wit).contract.schema());
        let path = module("source.wasm", &[&metadata]);
        let read = parse(&Source::Path(path.clone()), None).unwrap();
        assert_eq!(read.contract.schema(), world(wit).contract.schema());
        assert_eq!(read.files, [path]);
        let other = parse(&Source::Path(read.files[0].clone()), Some("v")).unwrap_err();
        assert!(other.to_string().contains("no world `v`"), "{other}");

        let mut schema = world(wit).contract.schema().clone();
        schema.exports[0].functions[0].name = "f-".to_owned();
        let path = module("nameless.wasm", &[&metadata::write(&schema)]);
        let found = parse(&Source::Path(path), None).unwrap_err().to_string();
        assert!(found.contains("cannot be written as WIT"), "{found}");
    }
}
