//! What a text declares, as far as that can be told of one that is not right.

use super::Source;
use super::scan::{DEFINING, tokens};
use super::source::Sources;
use crate::names;

/// The names in one interface or world, which code beside the bindings may use.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outline {
    /// The qualified name of an interface, or the bare one of an interface inside a world; empty for a world.
    pub(crate) interface: String,
    pub(crate) types: Vec<String>,
    /// Of a world, those that it imports.
    pub(crate) functions: Vec<String>,
}

/// All interfaces and worlds of all files that can be read.
pub(crate) fn outlines(source: &Source) -> Vec<Outline> {
    let Ok(sources) = Sources::read(source) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for files in &sources.packages {
        // One file may name the package for all.
        let package = files.clone().find_map(|file| package(sources.text(file)));
        for file in files.clone() {
            found.extend(of_text(sources.text(file), package.as_deref()));
        }
    }
    found
}

fn package(text: &str) -> Option<String> {
    let words: Vec<&str> = words(text).take(4).collect();
    match words.as_slice() {
        ["package", namespace, ":", name] => Some(format!("{namespace}:{name}")),
        _ => None,
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let tokens = tokens(text).filter(|token| !token.is_comment());
    tokens.map(|token| token.text)
}

fn of_text(text: &str, package: Option<&str>) -> Vec<Outline> {
    let words: Vec<&str> = words(text).collect();
    let mut package = package.unwrap_or("local:unnamed").to_owned();
    let mut found: Vec<Outline> = Vec::new();
    // What each open brace belongs to.
    let mut open: Vec<Option<usize>> = Vec::new();
    // The names of `use path.{…}` are those of types.
    let mut is_use = false;
    let name = |word: &str| word.trim_start_matches('%').to_owned();
    for at in 0..words.len() {
        let word = |offset: usize| words.get(at + offset).copied().unwrap_or_default();
        let before = |offset: usize| {
            let at = at.checked_sub(offset);
            at.and_then(|at| words.get(at)).copied().unwrap_or_default()
        };
        let scope = open.last().copied().flatten();
        match word(0) {
            "package" if word(2) == ":" => package = format!("{}:{}", word(1), word(3)),
            "{" => {
                let interface = match (before(3), before(2), before(1)) {
                    (side, name, ":") if side.is_empty() || name.is_empty() => None,
                    (_, ":", "interface") => Some(name(before(3))),
                    (_, "interface", word) => Some(format!("{package}/{}", name(word))),
                    (_, "world", _) => Some(String::new()),
                    _ => None,
                };
                let is_name = |name: &String| name.is_empty() || names::is_interface_name(name);
                open.push(interface.filter(is_name).map(|interface| {
                    found.push(Outline {
                        interface,
                        ..Outline::default()
                    });
                    found.len() - 1
                }));
                is_use = before(1) == ".";
            }
            "}" => {
                open.pop();
                is_use = false;
            }
            "as" | "," => {}
            _ => {
                let outer = open.iter().rev().nth(1).copied().flatten();
                let is_renamed = word(1) == "as";
                let scope = if is_use { outer } else { scope };
                let Some(outline) = scope.and_then(|at| found.get_mut(at)) else {
                    continue;
                };
                if !names::is_wit_name(&name(word(0))) {
                    continue;
                }
                let is_import = !outline.interface.is_empty() || before(1) == "import";
                if (is_use && !is_renamed) || DEFINING.contains(&before(1)) {
                    outline.types.push(name(word(0)));
                } else if is_import && word(1) == ":" && ["func", "async"].contains(&word(2)) {
                    outline.functions.push(name(word(0)));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_declared_is_found_though_the_text_is_wrong() {
        let text = "
            package demo:a@1.0.0; // package no:no;
            interface types {
                record %type { record: u8, f: list<strin> }
                variant shape { dot, }
                resource file { read: func(); }
                area: func(shape: shape) -> f64;
                later: async func();
            }
            world w {
                use types.{shape as form, %type};
                import log: func(text: string);
                import host: interface { enum level { low } now: func() -> u64 };
                export run: func() ->;
                type ² = u8; type % = u8; interface ² { type t = u8; }
                flags bits { a }
        ";
        let outline = |interface: &str, types: &[&str], functions: &[&str]| Outline {
            interface: interface.to_owned(),
            types: types.iter().map(|&name| name.to_owned()).collect(),
            functions: functions.iter().map(|&name| name.to_owned()).collect(),
        };
        let expected = [
            outline(
                "demo:a/types",
                &["type", "shape", "file"],
                &["area", "later"],
            ),
            outline("", &["form", "type", "bits"], &["log"]),
            outline("host", &["level"], &["now"]),
        ];
        assert_eq!(outlines(&Source::Inline(text.to_owned())), expected);
    }
}
