//! Texts that are compared with files, which `PACK_BLESS=1` writes anew.

use std::fs;
use std::path::Path;

use similar::TextDiff;

/// Collects the differences of several texts, to report them all at once.
#[derive(Default)]
pub(crate) struct Snapshots {
    failures: String,
}

impl Snapshots {
    pub(crate) fn compare(&mut self, path: &Path, actual: &str) {
        let expected = fs::read_to_string(path).unwrap_or_default();
        if actual == expected {
            return;
        }
        if std::env::var_os("PACK_BLESS").is_some_and(|value| value == "1") {
            fs::write(path, actual).unwrap();
            return;
        }
        let diff = TextDiff::from_lines(expected.as_str(), actual);
        let diff = diff.unified_diff().header("expected", "actual").to_string();
        self.failures
            .push_str(&format!("\n{} differs:\n{diff}", path.display()));
    }

    pub(crate) fn finish(self) {
        let Self { failures } = self;
        assert!(
            failures.is_empty(),
            "{failures}\nIf the new text is right, run the test with PACK_BLESS=1."
        );
    }
}
