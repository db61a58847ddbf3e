//! The programs in README are those of `examples`, which are compiled and run; and the compiler that it asks for is the one
//! that the crates ask for.

use std::fs;
use std::path::Path;

/// A file of the repository.
fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn readme_shows_the_examples_as_they_are() {
    let readme = read("README.md");
    let cases = [
        ("wit", "examples/greeting/wit/greeting.wit"),
        ("rust", "examples/greeting/guest/src/lib.rs"),
        ("rust", "examples/greeting/host/src/main.rs"),
        ("rust", "examples/derivative/guest/src/lib.rs"),
    ];
    for (language, path) in cases {
        let file = read(path);
        // README leaves the tests out.
        let program = file.split("\n#[cfg(test)]").next().unwrap().trim_end();
        assert!(
            readme.contains(&format!("```{language}\n{program}\n```")),
            "README does not show {path} as it is"
        );
    }
}

/// The texts say it in words, `1.95 or newer`, once each.
#[test]
fn texts_and_crates_ask_for_the_same_compiler() {
    let version = |manifest: &str| {
        let text = read(manifest);
        let version = text
            .lines()
            .find_map(|line| line.strip_prefix("rust-version = \"")?.strip_suffix('"'));
        version
            .unwrap_or_else(|| panic!("{manifest} has no `rust-version`"))
            .to_owned()
    };
    let workspace = version("Cargo.toml");
    assert_eq!(version("fuzz/Cargo.toml"), workspace);
    for path in [
        "README.md",
        "CONTRIBUTING.md",
        "docs/guide/first-package.md",
    ] {
        let text = read(path);
        let before: Vec<&str> = text.split(" or newer").collect();
        let [before, _] = before.as_slice() else {
            panic!(
                "{path} does not say once which compiler it takes, as in `{workspace} or newer`"
            );
        };
        let stated = before
            .rsplit(|c: char| c != '.' && !c.is_ascii_digit())
            .next();
        assert_eq!(stated, Some(workspace.as_str()), "{path}");
    }
}
