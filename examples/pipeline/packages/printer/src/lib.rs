//! Writes a table of contents.

pack::world!({ path: "../../wit", world: "printer" });

use std::fmt::Write as _;

use demo::pipeline::statistics::{self, Weighed};

#[pack::export]
fn contents(names: Vec<String>) -> String {
    let mut text = String::new();
    for name in names {
        match statistics::weigh(&name) {
            Ok(document) => write(&document, 0, &mut text),
            Err(problem) => {
                let _ = writeln!(text, "{name}: {problem}");
            }
        }
    }
    text
}

fn write(section: &Weighed, depth: usize, text: &mut String) {
    let Weighed { title, words, .. } = section;
    let _ = writeln!(
        text,
        "{:indent$}{title} ({words} words)",
        "",
        indent = 2 * depth
    );
    for section in &section.sections {
        write(section, depth + 1, text);
    }
}
