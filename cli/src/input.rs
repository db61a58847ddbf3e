//! What commands read: packages, WIT, and other files, of which any may be the standard input.

use std::ffi::OsStr;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use pack_codegen::wit::{self, Features, Source};
use pack_runtime::PackageInfo;
use pack_runtime::schema::Contract;

use crate::arguments::{PackageFile, WitOptions};
use crate::failure::Failure;

/// What is said of the standard input.
const STDIN: &str = "the standard input";

static STDIN_IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// Where what is read is, without links.
static READ: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Whether the file is one that is read.
pub(crate) fn is_read(path: &Path) -> bool {
    let read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    path.canonicalize().is_ok_and(|path| read.contains(&path))
}

fn note(path: &Path) {
    if let Ok(path) = path.canonicalize() {
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        read.push(path);
    }
}

/// The bytes of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    if is_stdin(path) {
        if STDIN_IS_TAKEN.swap(true, Ordering::Relaxed) {
            return Err(Failure::arguments(
                "`-` is there twice, and there is one standard input",
            ));
        }
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        return read
            .map(|_| bytes)
            .map_err(|error| Failure::input(format!("cannot read {STDIN}: {error}")));
    }
    if path.is_dir() {
        return Err(Failure::input(format!(
            "{} is a folder, and a file is wanted",
            path.display()
        )));
    }
    note(path);
    std::fs::read(path)
        .map_err(|error| Failure::input(format!("cannot read {}: {error}", path.display())))
}

/// The text of a file.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read(path)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::input(format!(
            "{} is not text: byte {at} is not UTF-8",
            name(path)
        ))
    })
}

/// How a file is called in messages.
pub(crate) fn name(path: &Path) -> String {
    match is_stdin(path) {
        true => STDIN.to_owned(),
        false => path.display().to_string(),
    }
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

impl PackageFile {
    pub(crate) fn read(&self) -> Result<Vec<u8>, Failure> {
        read(&self.path)
    }

    pub(crate) fn name(&self) -> String {
        name(&self.path)
    }
}

/// The contract of WIT or of a package, whichever it is.
pub(crate) fn contract(path: &Path, options: &WitOptions) -> Result<Contract, Failure> {
    let is_wit = path.is_dir() || path.extension().is_some_and(|extension| extension == "wit");
    if is_wit {
        return Ok(world(path, options)?.contract);
    }
    let bytes = read(path)?;
    // A binary module begins with a zero byte, which no text has.
    match std::str::from_utf8(&bytes) {
        Ok(text) if !text.starts_with('\0') && is_stdin(path) => {
            Ok(parse(&Source::Inline(text.to_owned()), options)?.contract)
        }
        // WIT under another name.
        Ok(text) if !text.starts_with('\0') && path.extension() != Some(OsStr::new("wasm")) => {
            Ok(world(path, options)?.contract)
        }
        _ => {
            let info = PackageInfo::read(&bytes);
            let info = info.map_err(|error| Failure::from(error).about(&name(path)))?;
            Ok(info.types().clone())
        }
    }
}

/// A world of a WIT file or folder.
pub(crate) fn world(path: &Path, options: &WitOptions) -> Result<wit::World, Failure> {
    parse(&source(path)?, options)
}

/// WIT from where a path says.
pub(crate) fn source(path: &Path) -> Result<Source, Failure> {
    if is_stdin(path) {
        return Ok(Source::Inline(read_text(path)?));
    }
    match path.metadata() {
        Ok(_) => {
            note(path);
            Ok(Source::Path(PathBuf::from(path)))
        }
        Err(error) => Err(
            Failure::input(format!("cannot read {}: {error}", path.display()))
                .with_help("give the path of a .wit file, or of a folder with .wit files in it"),
        ),
    }
}

fn parse(source: &Source, options: &WitOptions) -> Result<wit::World, Failure> {
    let features = match options.all_features {
        true => Features::All,
        false => Features::These(options.features.clone()),
    };
    Ok(wit::parse_with(
        source,
        options.world.as_deref(),
        &features,
    )?)
}
