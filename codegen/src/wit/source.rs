//! Reading WIT packages from disk, and the way from a place in a parsed text to a place in the author's.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};

use wit_parser::{SourceMap, Span};

use super::Source;
use super::placeholder::{Numbers, Placeholder, Replaced};
use super::scan::{features, without_plain_comments};
use crate::output::relative_to_crate;
use crate::{Diagnostic, Location, files, package};

/// The most bytes that all files together may have. The spans of `wit-parser` have 32 bits, and placeholders
/// make a text up to eleven times as long.
const MAX_BYTES: u64 = 64 << 20;

/// What an inline text is called in messages.
const INLINE: &str = "<inline wit>";

/// All the files of a WIT package and of the packages it depends on.
#[derive(Debug)]
pub(super) struct Sources {
    files: Vec<File>,
    /// The files of each package, the main one first.
    pub(super) packages: Vec<Range<usize>>,
    /// Whether there is a folder, which can have `deps`.
    pub(super) has_folder: bool,
}

#[derive(Debug)]
struct File {
    /// Absolute; `None` for an inline text.
    path: Option<PathBuf>,
    /// As in messages.
    name: String,
    text: String,
    /// What is parsed, unless there are placeholders: every byte of the author's text or a space for it.
    parsed: String,
    replaced: Option<Replaced>,
}

/// A stretch of the author's text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Spot {
    pub(super) file: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Sources {
    pub(super) fn read(source: &Source) -> Result<Self, Diagnostic> {
        let mut sources = Self {
            files: Vec::new(),
            packages: Vec::new(),
            has_folder: false,
        };
        let mut room = MAX_BYTES;
        match source {
            Source::Inline(text) => {
                if u64::try_from(text.len()).is_ok_and(|size| size > room) {
                    return Err(too_large(INLINE));
                }
                sources
                    .files
                    .push(File::new(None, INLINE.to_owned(), text.clone()));
                sources.packages.push(0..1);
            }
            Source::Path(path) if path.extension().is_some_and(|e| e == "wasm") => {
                sources.files.push(File::of_package(path)?);
                sources.packages.push(0..1);
            }
            Source::Path(path) => {
                sources.has_folder = path.is_dir();
                for files in packages(path)? {
                    let start = sources.files.len();
                    for path in files {
                        sources.files.push(File::read(&path, &mut room)?);
                    }
                    sources.packages.push(start..sources.files.len());
                }
            }
        }
        Ok(sources)
    }

    /// The absolute paths of all files.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        self.files
            .iter()
            .filter_map(|file| file.path.clone())
            .collect()
    }

    /// The features that gates are for.
    pub(super) fn features(&self) -> BTreeSet<&str> {
        let files = self.files.iter();
        files.flat_map(|file| features(&file.text)).collect()
    }

    pub(super) fn unused_numbers(&self) -> Numbers {
        Numbers::unused_in(self.files.iter().map(|file| file.text.as_str()))
    }

    /// The texts to parse of some files. Each goes by its index, which keeps the files apart whatever their
    /// paths look like.
    pub(super) fn source_map(&self, files: Range<usize>) -> SourceMap {
        let mut map = SourceMap::new();
        for (index, file) in self
            .files
            .iter()
            .enumerate()
            .skip(files.start)
            .take(files.len())
        {
            let text = file
                .replaced
                .as_ref()
                .map_or(&file.parsed, |replaced| &replaced.text);
            map.push_str(&format!("{index:08}"), text.clone());
        }
        map
    }

    /// Puts placeholders into a file. Says whether that changed anything.
    pub(super) fn replace_references(&mut self, file: usize, numbers: &mut Numbers) -> bool {
        match self.files.get_mut(file) {
            Some(file) if file.replaced.is_none() => {
                let replaced = Replaced::new(&file.parsed, numbers);
                let changed = !replaced.placeholders.is_empty();
                file.replaced = Some(replaced);
                changed
            }
            _ => false,
        }
    }

    /// Every placeholder, with the file it is in.
    pub(super) fn placeholders(&self) -> impl Iterator<Item = (usize, &Placeholder)> {
        let replaced = self.files.iter().map(|file| file.replaced.as_ref());
        replaced.enumerate().flat_map(|(index, replaced)| {
            replaced
                .into_iter()
                .flat_map(move |r| r.placeholders.iter().map(move |p| (index, p)))
        })
    }

    /// Where a span of a parsed text is in the author's.
    pub(super) fn spot(&self, map: &SourceMap, span: Span) -> Option<Spot> {
        let place = map.resolve_span(span)?;
        let index = place.path.parse::<usize>().ok()?;
        let file = self.files.get(index)?;
        let range = match &file.replaced {
            Some(replaced) => replaced.author_range(place.range),
            None => place.range,
        };
        Some(Spot {
            file: index,
            start: range.start,
            end: range.end,
        })
    }

    /// The author's text of a file.
    pub(super) fn text(&self, file: usize) -> &str {
        self.files.get(file).map_or("", |file| &file.text)
    }

    pub(super) fn locate(&self, spot: &Spot) -> Option<Location> {
        let file = self.files.get(spot.file)?;
        Some(Location::new(&file.name, &file.text, spot.start, spot.end))
    }
}

impl File {
    fn new(path: Option<PathBuf>, name: String, text: String) -> Self {
        let parsed = without_plain_comments(&text);
        Self {
            path,
            name,
            text,
            parsed,
            replaced: None,
        }
    }

    fn read(path: &Path, room: &mut u64) -> Result<Self, Diagnostic> {
        let name = path.display().to_string();
        let failed =
            |error: &dyn std::fmt::Display| Diagnostic::new(format!("cannot read {name}: {error}"));
        let bytes = files::read(path, *room).map_err(|error| match error.kind() {
            ErrorKind::FileTooLarge => too_large(&name),
            _ => failed(&error),
        })?;
        *room = room.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        let text = String::from_utf8(bytes).map_err(|error| {
            let (before, _) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            Diagnostic::new(format!(
                "{name} is not UTF-8: line {line} has a byte that belongs to no character"
            ))
            .with_help("save the file as UTF-8")
        })?;
        let path = std::path::absolute(path).map_err(|error| failed(&error))?;
        Ok(Self::new(Some(path), name, text))
    }

    /// The WIT of a package that was compiled already.
    fn of_package(path: &Path) -> Result<Self, Diagnostic> {
        let shown = path.display();
        let text = package::contract(path)?.to_wit().map_err(|error| {
            Diagnostic::new(format!(
                "what the package {shown} says cannot be written as WIT: {error}"
            ))
        })?;
        let absolute = std::path::absolute(path)
            .map_err(|error| Diagnostic::new(format!("cannot read {shown}: {error}")))?;
        Ok(Self::new(
            Some(absolute),
            format!("{shown} (its WIT)"),
            text,
        ))
    }
}

fn too_large(name: &str) -> Diagnostic {
    let limit = MAX_BYTES >> 20;
    Diagnostic::new(format!(
        "{name} is too large: WIT texts may have {limit} MiB altogether"
    ))
}

/// The files of the package at `path` and of each package in its `deps`.
fn packages(path: &Path) -> Result<Vec<Vec<PathBuf>>, Diagnostic> {
    if !path.is_dir() {
        if !path.exists() {
            let message = format!("{} does not exist", relative_to_crate(path));
            return Err(Diagnostic::new(message).with_help(
                "give the path of a .wit file, or of a folder with .wit files in it; it is relative to the folder of Cargo.toml",
            ));
        }
        return Ok(vec![vec![path.to_owned()]]);
    }
    let main = wit_files(path)?;
    if main.is_empty() {
        return Err(Diagnostic::new(format!(
            "{} has no .wit file in it",
            path.display()
        )));
    }
    let mut packages = vec![main];
    let deps = path.join("deps");
    if !deps.is_dir() {
        return Ok(packages);
    }
    for entry in entries(&deps)? {
        if entry.is_dir() {
            let files = wit_files(&entry)?;
            if files.is_empty() {
                let message = format!("{} has no .wit file in it", entry.display());
                return Err(
                    Diagnostic::new(message).with_help("every folder in deps is one WIT package")
                );
            }
            packages.push(files);
            continue;
        }
        match entry.extension().and_then(|extension| extension.to_str()) {
            Some("wit") => packages.push(vec![entry]),
            Some("wasm" | "wat") => {
                return Err(
                    Diagnostic::new(format!("{} is not WIT text", entry.display()))
                        .with_help("write it out as text: wasm-tools component wit"),
                );
            }
            _ => {}
        }
    }
    Ok(packages)
}

fn wit_files(folder: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    let is_wit = |path: &PathBuf| path.extension().is_some_and(|e| e == "wit") && !path.is_dir();
    Ok(entries(folder)?.into_iter().filter(is_wit).collect())
}

/// What is in a folder, in the order of names, without what is hidden.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    let failed = |error| {
        Diagnostic::new(format!(
            "cannot read the folder {}: {error}",
            folder.display()
        ))
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}
