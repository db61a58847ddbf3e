//! What is common to the output of commands.

use std::fmt;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use bytesize::ByteSize;
use pack_runtime::printable;
use serde::Serialize;
use tempfile::NamedTempFile;

use crate::excerpt;
use crate::failure::Failure;
use crate::input;

/// A heading of a part of the output, or a key word in it.
pub(crate) const STRONG: clap::builder::styling::Style =
    clap::builder::styling::Style::new().bold();

/// Writes text to the standard output, without its colours unless they are wanted.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    read_by_someone(written)
}

/// Who reads the output may have seen enough, as in `cargo pack wit … | head`. What a command does, and how it ends, is the
/// same.
fn read_by_someone(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::output(format!("cannot write the output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a line to the standard error. That there is nobody to read it is no reason to stop.
pub(crate) fn say(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Writes a line of JSON to the standard error.
pub(crate) fn say_json(value: &impl Serialize) {
    if let Ok(json) = serde_json::to_string(value) {
        let _ = writeln!(io::stderr(), "{}", escaped(json));
    }
}

/// Writes JSON to the standard output.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(value);
    let json = json.map_err(|error| Failure::output(format!("cannot write JSON: {error}")))?;
    let mut out = io::stdout().lock();
    let written = writeln!(out, "{}", escaped(json)).and_then(|()| out.flush());
    read_by_someone(written)
}

/// JSON that does nothing to a terminal, of which serde writes the ASCII part so already. Only strings have such characters.
fn escaped(json: String) -> String {
    let is_steering = |c: char| c != '\n' && printable::is_steering(c);
    if !json.contains(is_steering) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        match is_steering(c) {
            // None of them takes more than four digits.
            true => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => out.push(c),
        }
    }
    out
}

/// Writes a file as a whole.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut draft = Draft::new(path)?;
    let written = draft.write_all(bytes);
    written.map_err(|error| cannot_write(path, &error))?;
    draft.keep()
}

/// A file that is being written: others never see half of it, and what was there before stays until all is there. Not so what a
/// link leads to, pipes and devices, which are written as it comes.
pub(crate) struct Draft {
    path: PathBuf,
    file: DraftFile,
}

enum DraftFile {
    New(NamedTempFile),
    /// A link, a pipe or a device stays what it is.
    Other(File),
}

impl Draft {
    pub(crate) fn new(path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Err(Failure::arguments("this output goes to a file, not to `-`"));
        }
        if input::is_read(path) {
            let path = path.display();
            return Err(Failure::arguments(format!(
                "{path} is what is read, and would be overwritten"
            )));
        }
        let folder = folder_of(path);
        if !folder.is_dir() {
            let (path, folder) = (path.display(), folder.display());
            let message = format!("cannot write {path}: there is no folder {folder}");
            return Err(Failure::output(message));
        }
        let file = Self::open(path, folder).map_err(|error| cannot_write(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    fn open(path: &Path, folder: &Path) -> io::Result<DraftFile> {
        let before = path.symlink_metadata().ok();
        if before.as_ref().is_some_and(|before| !before.is_file()) {
            return File::create(path).map(DraftFile::Other);
        }
        let mut draft = tempfile::Builder::new();
        match before {
            Some(before) => draft.permissions(before.permissions()),
            #[cfg(unix)]
            None => draft.permissions(permissions()),
            #[cfg(not(unix))]
            None => &mut draft,
        };
        draft.tempfile_in(folder).map(DraftFile::New)
    }

    /// Puts it in its place.
    pub(crate) fn keep(self) -> Result<(), Failure> {
        match self.file {
            DraftFile::Other(_) => Ok(()),
            DraftFile::New(draft) => match draft.persist(&self.path) {
                Ok(_) => Ok(()),
                Err(error) => Err(cannot_write(&self.path, &error.error)),
            },
        }
    }
}

impl io::Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.file {
            DraftFile::New(file) => file.write(bytes),
            DraftFile::Other(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.file {
            DraftFile::New(file) => file.flush(),
            DraftFile::Other(file) => file.flush(),
        }
    }
}

/// The folder that a path leads into.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::output(format!("cannot write {}: {error}", path.display()))
}

/// Those of any new file, rather than those of a temporary one.
#[cfg(unix)]
fn permissions() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

/// A number of bytes as people read it.
pub(crate) fn size(bytes: usize) -> impl fmt::Display {
    ByteSize::b(u64::try_from(bytes).unwrap_or(u64::MAX))
        .display()
        .iec()
}

/// A name that may be anything, as it is shown in a message.
pub(crate) fn short(name: &str) -> String {
    const SHOWN: usize = 80;
    let mut chars = name.chars();
    let mut text: String = chars.by_ref().take(SHOWN).map(excerpt::printable).collect();
    if chars.next().is_some() {
        text.push('…');
    }
    text
}

/// Text that someone else has written, on one line.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(excerpt::printable).collect()
}

/// Lines of columns that are as wide as their widest entries.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<Vec<String>>);

impl Table {
    pub(crate) fn row<const N: usize>(&mut self, columns: [String; N]) {
        self.0.push(columns.into());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            let entries = self.0.iter().filter_map(|row| row.get(column));
            entries
                .map(|entry| entry.chars().count())
                .max()
                .unwrap_or_default()
        };
        for row in &self.0 {
            let mut line = String::from(" ");
            for (column, entry) in row.iter().enumerate() {
                let width = width(column);
                line.push_str(&format!(" {entry:width$} "));
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
