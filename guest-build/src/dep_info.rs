//! The file cargo writes beside what it builds: `built: source source ...`, with spaces in paths escaped.

use std::path::PathBuf;

/// The sources named in the file's first rule.
pub(crate) fn sources(dep_info: &str) -> Vec<PathBuf> {
    let Some((_, list)) = dep_info
        .lines()
        .next()
        .and_then(|rule| rule.split_once(": "))
    else {
        return Vec::new();
    };
    let mut sources = Vec::new();
    let mut path = String::new();
    for part in list.split_inclusive(' ') {
        match part.strip_suffix("\\ ") {
            Some(start) => {
                path.push_str(start);
                path.push(' ');
            }
            None => {
                path.push_str(part.trim_end_matches(' '));
                if !path.is_empty() {
                    sources.push(PathBuf::from(std::mem::take(&mut path)));
                }
            }
        }
    }
    sources
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn sources_are_listed() {
        let text = "/t/guest.wasm: /ws/guest/src/lib.rs /ws/my\\ shared\\ code/lib.rs /ws/guest/wit/world.wit\n\n/ws/x:\n";
        let expected = [
            "/ws/guest/src/lib.rs",
            "/ws/my shared code/lib.rs",
            "/ws/guest/wit/world.wit",
        ];
        assert_eq!(sources(text), expected.map(Path::new));
    }

    #[test]
    fn a_drive_letter_is_not_the_end_of_the_target() {
        assert_eq!(
            sources("C:\\t\\guest.wasm: C:\\ws\\lib.rs\n"),
            [Path::new("C:\\ws\\lib.rs")]
        );
    }

    #[test]
    fn no_rule_means_no_sources() {
        assert!(sources("").is_empty());
        assert!(sources("/t/guest.wasm:\n").is_empty());
    }
}
