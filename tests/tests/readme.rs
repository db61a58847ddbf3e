//! The programs in README are those of `examples`, which are compiled and run.

use std::fs;
use std::path::Path;

#[test]
fn readme_shows_the_examples_as_they_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
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
