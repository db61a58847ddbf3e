use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::wit::Source;
use crate::{Config, Diagnostic, Diagnostics, Side};

/// For build scripts. Each writes one file to `OUT_DIR`, and tells cargo to run the script again when the WIT
/// changes. A file that would not change is not written.
impl Config {
    /// Where to put files, instead of `OUT_DIR`.
    #[must_use]
    pub fn out_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(path.into());
        self
    }

    /// Writes host bindings to `file` in `OUT_DIR`. On an error, prints it for cargo to show, and ends the process with the
    /// exit code 1, so that the build ends.
    pub fn build_host(&self, file: &str) {
        self.build_or_exit(Side::Host, file);
    }

    /// Writes guest bindings to `file` in `OUT_DIR`. On an error, it does as [`build_host`](Self::build_host).
    pub fn build_guest(&self, file: &str) {
        self.build_or_exit(Side::Guest, file);
    }

    /// Writes the bindings of one side to `file` in `OUT_DIR`, and returns where that is.
    ///
    /// ```no_run
    /// use pack_codegen::{Config, Side};
    ///
    /// let file = Config::path("wit").out_dir("src/generated").try_build(Side::Guest, "bindings.rs")?;
    /// # Ok::<(), pack_codegen::Diagnostics>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the WIT or the options; or if the file cannot be written, or there is no `OUT_DIR`.
    pub fn try_build(&self, side: Side, file: &str) -> Result<PathBuf, Diagnostics> {
        self.build(side, file, &mut io::stdout())
    }

    /// `cargo` is what cargo reads of a build script.
    fn build(&self, side: Side, file: &str, cargo: &mut dyn Write) -> Result<PathBuf, Diagnostics> {
        let out_dir = match &self.out_dir {
            Some(folder) => folder.clone(),
            None => env::var_os("OUT_DIR").map(PathBuf::from).ok_or_else(|| {
                Diagnostic::new("OUT_DIR is not set").with_help(
                    "this is for build scripts; elsewhere, say where to put the files with `out_dir`",
                )
            })?,
        };
        let mut watch = |path: &Path| {
            writeln!(cargo, "cargo::rerun-if-changed={}", path.display())
                .map_err(|error| Diagnostic::new(format!("cannot tell cargo: {error}")))
        };
        if let Source::Path(path) = &self.source {
            // Before anything can go wrong: a missing file is looked for again, and a folder stands for the files
            // that may come to be in it.
            watch(path)?;
        }
        for package in &self.packages {
            watch(package)?;
        }
        let generated = self.generate(side)?;
        let is_source = |path: &PathBuf| match &self.source {
            Source::Path(source) => std::path::absolute(source).is_ok_and(|source| source == *path),
            Source::Inline(_) => false,
        };
        let is_watched = |path: &PathBuf| is_source(path) || self.packages.contains(path);
        for path in generated.files.iter().filter(|path| !is_watched(path)) {
            watch(path)?;
        }
        let target = out_dir.join(file);
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

/// Keeps the time stamp of a file that would not change, so that nothing is compiled again. Others never see half
/// a file.
pub(crate) fn write_if_changed(target: &Path, text: &str) -> Result<(), Diagnostic> {
    if fs::read_to_string(target).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let write = || {
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut name = target.as_os_str().to_owned();
        name.push(format!(".{}", std::process::id()));
        let draft = PathBuf::from(name);
        let written = fs::write(&draft, text).and_then(|()| fs::rename(&draft, target));
        if written.is_err() {
            // That it cannot be removed either says nothing that the first error does not.
            let _ = fs::remove_file(&draft);
        }
        written
    };
    write().map_err(|error| Diagnostic::new(format!("cannot write {}: {error}", target.display())))
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    const WIT: &str = "package a:b;\ninterface i { f: func(); }\nworld w { export i; }\n";

    /// A folder that goes away at the end of a test.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = env::temp_dir().join(format!("pack-codegen-{name}-{}", std::process::id()));
            fs::create_dir_all(path.join("wit/deps")).unwrap();
            Self(path)
        }

        fn write(&self, file: &str, text: &str) {
            fs::write(self.0.join(file), text).unwrap();
        }

        /// What is written, and the directives that cargo gets.
        fn build(&self, side: Side) -> (Result<PathBuf, String>, Vec<String>) {
            let mut out = Vec::new();
            let built = Config::path(self.0.join("wit"))
                .out_dir(self.0.join("out"))
                .build(side, "bindings/w.rs", &mut out)
                .map_err(|error| error.to_string());
            let out = String::from_utf8(out).unwrap();
            let root = format!("{}/", self.0.display());
            (
                built,
                out.lines().map(|line| line.replace(&root, "")).collect(),
            )
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn cargo_watches_the_folder_and_each_file() {
        let folder = Folder::new("watch");
        folder.write(
            "wit/w.wit",
            &WIT.replace("f: func()", "use c:d/e.{t}; f: func(t: t)"),
        );
        folder.write(
            "wit/deps/c.wit",
            "package c:d;\ninterface e { record t { a: u8 } }\n",
        );
        let (built, directives) = folder.build(Side::Host);
        built.unwrap();
        let watched = ["wit", "wit/w.wit", "wit/deps/c.wit"];
        assert_eq!(
            directives,
            watched.map(|path| format!("cargo::rerun-if-changed={path}"))
        );
    }

    #[test]
    fn cargo_watches_what_is_wrong_or_missing() {
        let folder = Folder::new("wrong");
        let watched = ["cargo::rerun-if-changed=wit"];
        let (empty, directives) = folder.build(Side::Guest);
        assert!(empty.unwrap_err().contains("has no .wit file in it"));
        assert_eq!(directives, watched);
        folder.write("wit/w.wit", &WIT.replace("func()", "fun()"));
        let (wrong, directives) = folder.build(Side::Guest);
        assert!(wrong.unwrap_err().contains("w.wit:2:18: "));
        assert_eq!(directives, watched);
        fs::remove_dir_all(folder.0.join("wit")).unwrap();
        let (missing, directives) = folder.build(Side::Guest);
        assert!(missing.unwrap_err().contains("does not exist"));
        assert_eq!(directives, watched);
    }

    #[test]
    fn a_file_is_written_only_if_it_changes() {
        let folder = Folder::new("write");
        folder.write("wit/w.wit", WIT);
        let path = folder.build(Side::Guest).0.unwrap();
        assert_eq!(path, folder.0.join("out/bindings/w.rs"));
        assert!(fs::read_to_string(&path).unwrap().contains("pub trait I"));
        let old = SystemTime::UNIX_EPOCH;
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(old)
            .unwrap();
        let modified = || fs::metadata(&path).unwrap().modified().unwrap();
        folder.write("wit/w.wit", &format!("{WIT}// Only a comment.\n"));
        folder.build(Side::Guest).0.unwrap();
        assert_eq!(modified(), old);
        folder.write("wit/w.wit", &WIT.replace("f: func()", "g: func()"));
        folder.build(Side::Guest).0.unwrap();
        assert_ne!(modified(), old);
        let files = || fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(files(), 1, "a draft is left over");
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let error = folder.build(Side::Guest).0.unwrap_err();
        assert!(error.contains("cannot write "), "{error}");
        assert_eq!(files(), 1, "a draft is left over");
    }
}
