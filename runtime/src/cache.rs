//! Machine code in a folder of the host.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use wasmtime::{Engine, Module};

use crate::error::Error;
use crate::package::Digest;

/// The first bytes of each file. The code's SHA-256 comes next, then the code.
const MAGIC: &[u8; 8] = b"PACKCODE";

#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    /// The engine's version, the machine and the settings.
    engine: u64,
}

impl Cache {
    pub(crate) fn new(folder: PathBuf, engine: &Engine) -> Self {
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Self {
            folder,
            engine: hasher.finish(),
        }
    }

    /// The module of these bytes: the code in the folder, or what `compile` makes, which is put there.
    pub(crate) fn module(
        &self,
        engine: &Engine,
        digest: Digest,
        compile: impl FnOnce() -> Result<Module, Error>,
    ) -> Result<Module, Error> {
        let path = self
            .folder
            .join(format!("{digest}-{:016x}.code", self.engine));
        if let Some(module) = read(engine, &path) {
            return Ok(module);
        }
        let module = compile()?;
        if let Ok(code) = module.serialize() {
            // Without it the next host compiles again.
            let _ = self.write(&path, &code);
        }
        Ok(module)
    }

    /// Others see the whole file or none.
    fn write(&self, path: &Path, code: &[u8]) -> std::io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(MAGIC)?;
        file.write_all(&Sha256::digest(code))?;
        file.write_all(code)?;
        file.persist(path)?;
        Ok(())
    }
}

#[allow(unsafe_code, reason = "machine code cannot be checked")]
fn read(engine: &Engine, path: &Path) -> Option<Module> {
    let file = fs::read(path).ok()?;
    let (magic, rest) = file.split_first_chunk::<8>()?;
    let (digest, code) = rest.split_first_chunk::<32>()?;
    if magic != MAGIC || Sha256::digest(code).as_slice() != digest {
        return None;
    }
    // SAFETY: the file is in the host's own folder, to which packages have no access, and is as whole as when it was
    // written. That it is of this engine, machine and version is checked by the engine.
    unsafe { Module::deserialize(engine, code) }.ok()
}
