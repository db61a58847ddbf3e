//! `docs/security.md` names the tests that show what it says.

use std::fs;
use std::path::Path;

#[test]
fn every_test_that_the_document_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = fs::read_to_string(root.join("docs/security.md")).unwrap();
    let mut named = 0;
    for word in text.split('`') {
        let Some((file, function)) = word.split_once("::") else {
            continue;
        };
        let Some(file) = file.strip_suffix(".rs") else {
            continue;
        };
        let path = root.join("tests/tests").join(format!("{file}.rs"));
        let source = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{word}: {error}"));
        assert!(
            source.contains(&format!("#[test]\nfn {function}() {{")),
            "docs/security.md names {word}, which is no test"
        );
        named += 1;
    }
    assert!(named > 60, "{named}");
}
