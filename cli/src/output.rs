//! What is common to the output of commands.

use std::fmt;
use std::io::{self, Write as _};
use std::path::Path;

use bytesize::ByteSize;
use serde::Serialize;

use crate::excerpt::printable;
use crate::failure::Failure;

/// A heading of a part of the output, or a key word in it.
pub(crate) const STRONG: clap::builder::styling::Style =
    clap::builder::styling::Style::new().bold();

/// Writes text to the standard output, without its colours unless they are wanted.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Writes a line to the standard error. That there is nobody to read it is no reason to stop.
pub(crate) fn say(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Writes a line of JSON to the standard error.
pub(crate) fn say_json(value: &serde_json::Value) {
    say(&value.to_string());
}

/// Writes JSON to the standard output.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value)?;
    Ok(writeln!(out)?)
}

/// Writes a file as a whole: others never see half of it.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        let (path, folder) = (path.display(), folder.display());
        let message = format!("cannot write {path}: there is no folder {folder}");
        return Err(Failure::output(message));
    }
    let write = || {
        let before = path.symlink_metadata().ok();
        // A link, a pipe or a device stays what it is.
        if before.as_ref().is_some_and(|before| !before.is_file()) {
            return std::fs::write(path, bytes);
        }
        let mut draft = tempfile::Builder::new();
        match before {
            Some(before) => draft.permissions(before.permissions()),
            #[cfg(unix)]
            None => draft.permissions(permissions()),
            #[cfg(not(unix))]
            None => &mut draft,
        };
        let mut draft = draft.tempfile_in(folder)?;
        draft.write_all(bytes)?;
        draft.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    match write() {
        Ok(()) => Ok(()),
        Err(error) => Err(Failure::output(format!(
            "cannot write {}: {error}",
            path.display()
        ))),
    }
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
    let mut text: String = chars.by_ref().take(SHOWN).map(printable).collect();
    if chars.next().is_some() {
        text.push('…');
    }
    text
}

/// Text that someone else has written, on one line.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(printable).collect()
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
