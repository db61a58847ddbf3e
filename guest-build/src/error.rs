use std::{fmt, io, path::PathBuf, process::ExitStatus, time::Duration};

/// Why a guest could not be built, or a compiler for guests not be provided.
///
/// `Debug` prints the same text as `Display`, so that `fn main() -> Result<(), Error>` in a build script and `unwrap` in
/// a test show the guest's compiler errors in a readable form.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No installed compiler has the WebAssembly target.
    #[error(
        "no installed Rust compiler can build guests: the wasm32-unknown-unknown target is missing. \
         Run `rustup target add wasm32-unknown-unknown`; in a checkout of Pack, run `cargo xtask setup`"
    )]
    NoToolchain,

    /// [`Toolchain::provision`](crate::Toolchain::provision) failed both ways.
    #[error(
        "no Rust compiler that can build guests could be set up.\n\
         With rustup: {rustup}\n\
         With Debian's packages: {debian}\n\
         Run `rustup target add wasm32-unknown-unknown` where static.rust-lang.org can be reached, or run the set-up \
         again as root on Debian 12, where it installs the packages {}",
        crate::debian::PACKAGES.join(", ")
    )]
    Provision {
        /// What came of asking `rustup` for the target.
        rustup: Box<Error>,
        /// What came of preparing Debian's compiler.
        debian: Box<Error>,
    },

    /// The machine lacks what one way of setting up needs.
    #[error("{0}")]
    Unavailable(&'static str),

    /// The guest does not compile.
    #[error("the guest in {} does not build; correct what the compiler reports{}", dir.display(), reported(diagnostics))]
    Guest {
        /// The guest's directory.
        dir: PathBuf,
        /// What cargo and the compiler reported; nothing if [`show_progress`](crate::GuestBuild::show_progress) has let
        /// them do so themselves.
        diagnostics: String,
    },

    /// The directory holds no package with a library.
    #[error(
        "{} is not the manifest of a package with a library; name the directory of a guest crate, which has a \
         Cargo.toml with a [package] and a src/lib.rs",
        manifest.display()
    )]
    NotAGuest {
        /// The manifest that was looked at.
        manifest: PathBuf,
    },

    /// A program that was run reported a failure.
    #[error("`{command}` failed ({status}): {}", output.trim())]
    Failed {
        /// The command line.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// What it wrote to its standard error.
        output: String,
    },

    /// A program was stopped because it took too long.
    #[error("`{command}` did not end within {} s and was stopped", limit.as_secs())]
    TimedOut {
        /// The command line.
        command: String,
        /// The time it was given.
        limit: Duration,
    },

    /// A program could not be run.
    #[error("`{command}` could not be run: {reason}; check that it is installed and on the PATH")]
    Spawn {
        /// The command line.
        command: String,
        /// Why not.
        reason: io::Error,
    },

    /// A program's output was not what it is documented to be.
    #[error(
        "the output of `{command}` was not understood: {reason}; check that cargo is at least 1.95"
    )]
    Output {
        /// The command line.
        command: String,
        /// What is wrong with it.
        reason: String,
    },

    /// A file or directory could not be used.
    #[error("{} could not be {action}: {reason}; check that it exists and may be accessed", path.display())]
    File {
        /// What was attempted, as a participle: "read", "created".
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Why not.
        reason: io::Error,
    },
}

/// What was reported, unless it has been seen already.
fn reported(diagnostics: &str) -> String {
    match diagnostics {
        "" => String::new(),
        diagnostics => format!(":\n{diagnostics}"),
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error {
    /// A word for the sort of error, which stays the same whatever the message says: `build::guest`. All begin with
    /// `build::`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoToolchain => "build::no-toolchain",
            Self::Provision { .. } => "build::provision",
            Self::Unavailable(_) => "build::unavailable",
            Self::Guest { .. } => "build::guest",
            Self::NotAGuest { .. } => "build::not-a-guest",
            Self::Failed { .. } => "build::failed",
            Self::TimedOut { .. } => "build::timed-out",
            Self::Spawn { .. } => "build::spawn",
            Self::Output { .. } => "build::output",
            Self::File { .. } => "build::file",
        }
    }

    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |reason| Self::File {
            action,
            path,
            reason,
        }
    }
}
