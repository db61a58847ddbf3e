use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output;

/// Print completions for a shell.
///
/// They complete `cargo-pack …`.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Example:\n  cargo pack completions bash > ~/.local/share/bash-completion/completions/cargo-pack"
)]
pub(crate) struct Completions {
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(
            self.shell,
            &mut Arguments::command(),
            "cargo-pack",
            &mut script,
        );
        output::print(&String::from_utf8_lossy(&script))
    }
}
