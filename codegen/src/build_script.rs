use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::wit::Source;
use crate::{Config, Diagnostic, Diagnostics, Side};

/// For build scripts. Each writes one file to `OUT_DIR`, and tells cargo to run the script again when the WIT
/// changes.
impl Config {
    /// Writes host bindings to `file` in `OUT_DIR`. On an error, prints it for cargo to show, and ends the build.
    pub fn build_host(&self, file: &str) {
        self.build_or_exit(Side::Host, file);
    }

    /// Writes guest bindings to `file` in `OUT_DIR`. On an error, prints it for cargo to show, and ends the build.
    pub fn build_guest(&self, file: &str) {
        self.build_or_exit(Side::Guest, file);
    }

    /// Writes the bindings of one side to `file` in `OUT_DIR`, and returns where that is.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the WIT or the settings; or if the file cannot be written.
    pub fn try_build(&self, side: Side, file: &str) -> Result<PathBuf, Diagnostics> {
        let out_dir = env::var_os("OUT_DIR")
            .ok_or_else(|| Diagnostic::new("OUT_DIR is not set: this is for build scripts"))?;
        if let Source::Path(path) = &self.source {
            // A folder stands for the files that may come to be in it.
            println!("cargo::rerun-if-changed={}", path.display());
        }
        let generated = self.generate(side)?;
        for path in &generated.files {
            println!("cargo::rerun-if-changed={}", path.display());
        }
        let target = Path::new(&out_dir).join(file);
        write_if_changed(&target, &generated.to_source()?)?;
        Ok(target)
    }

    fn build_or_exit(&self, side: Side, file: &str) {
        if let Err(diagnostics) = self.try_build(side, file) {
            eprintln!("{diagnostics}");
            // One line each, which cargo shows as errors of the package.
            for diagnostic in &diagnostics {
                println!(
                    "cargo::error={}",
                    diagnostic.to_string().replace('\n', "\\n")
                );
            }
            std::process::exit(1);
        }
    }
}

/// Keeps the time stamp of a file that would not change, so that nothing is compiled again.
fn write_if_changed(target: &Path, text: &str) -> Result<(), Diagnostics> {
    if fs::read_to_string(target).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(target, text).map_err(|error| {
        Diagnostic::new(format!("cannot write {}: {error}", target.display())).into()
    })
}
