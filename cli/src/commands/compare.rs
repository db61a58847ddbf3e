use std::fmt::Write as _;
use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::styling::{AnsiColor, Style};
use pack_runtime::schema::Contract;
use pack_runtime::schema::diff::{self, Comparison, Mismatch, Role, Verdict};
use serde_json::json;

use crate::arguments::WitOptions;
use crate::failure::{Exit, Failure};
use crate::{input, output};

const VERDICTS: &str = "\
The verdict is one of:
  identical   the same functions over the same types
  compatible  different, but each call works: what the package has and the host
              does not use, or cases that only the one who reads knows
  breaking    the host refuses the package

What breaks is marked `!`, what does no harm `~`. A type that several functions have is
compared for the first of them.

Example:
  cargo pack check wit shop.wasm";

/// Check that a package fits a contract.
///
/// The contract is what a host is compiled with: the package must export all that it exports, and may import what it
/// imports.
#[derive(Debug, clap::Args)]
#[command(after_long_help = VERDICTS)]
pub(crate) struct Check {
    /// What hosts are compiled with: a .wit file, a folder of them, or a package; `-` for the standard input.
    #[arg(value_name = "WIT")]
    wit: PathBuf,

    /// The package, or the WIT that one is built from.
    #[arg(value_name = "FILE.wasm")]
    package: PathBuf,

    #[command(flatten)]
    pub(crate) options: CompareOptions,
}

/// Compare two versions of a contract.
///
/// Each is a .wit file, a folder of them, or a package. The verdict is about hosts that were compiled with the old version
/// and load a package of the new one: identical, compatible or breaking, as `cargo pack check` has it. For the other
/// direction, new hosts and old packages, have the two change places.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  cargo pack diff wit new/shop.wasm")]
pub(crate) struct Diff {
    /// The old version.
    old: PathBuf,

    /// The new version.
    new: PathBuf,

    #[command(flatten)]
    pub(crate) options: CompareOptions,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CompareOptions {
    #[command(flatten)]
    wit: WitOptions,

    /// The world of the second, where it is another than that of the first.
    #[arg(long, value_name = "NAME")]
    other_world: Option<String>,

    /// The least that will do; with less, the exit code is 3.
    #[arg(long, value_name = "VERDICT", value_enum, default_value_t = Required::Compatible)]
    require: Required,

    /// Print the verdict and the differences as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Required {
    Identical,
    Compatible,
}

/// What the two sides are called.
struct Sides {
    host: &'static str,
    package: &'static str,
}

impl Check {
    pub(super) fn run(&self) -> Result<Exit, Failure> {
        let host = input::contract(&self.wit, &self.options.wit)?;
        let package = input::contract(&self.package, &self.options.second())?;
        let sides = Sides {
            host: "host",
            package: "package",
        };
        self.options.compare(&host, &package, &sides)
    }
}

impl Diff {
    pub(super) fn run(&self) -> Result<Exit, Failure> {
        let old = input::contract(&self.old, &self.options.wit)?;
        let new = input::contract(&self.new, &self.options.second())?;
        let sides = Sides {
            host: "old",
            package: "new",
        };
        self.options.compare(&old, &new, &sides)
    }
}

impl CompareOptions {
    /// How to read the second.
    fn second(&self) -> WitOptions {
        let mut options = self.wit.clone();
        if let Some(world) = &self.other_world {
            options.world = Some(world.clone());
        }
        options
    }

    fn compare(&self, host: &Contract, package: &Contract, sides: &Sides) -> Result<Exit, Failure> {
        let comparison = diff::compare(host, package);
        match self.json {
            true => output::print_json(&as_json(&comparison, sides))?,
            false => output::print(&as_text(&comparison, sides))?,
        }
        let holds = match (comparison.verdict, self.require) {
            (Verdict::Identical, _) | (Verdict::Compatible, Required::Compatible) => true,
            (Verdict::Compatible, Required::Identical) | (Verdict::Breaking, _) => false,
        };
        Ok(if holds { Exit::Done } else { Exit::No })
    }
}

fn verdict_word(verdict: Verdict) -> (&'static str, AnsiColor) {
    match verdict {
        Verdict::Identical => ("identical", AnsiColor::Green),
        Verdict::Compatible => ("compatible", AnsiColor::Yellow),
        Verdict::Breaking => ("breaking", AnsiColor::Red),
    }
}

fn as_text(comparison: &Comparison, sides: &Sides) -> String {
    let (word, color) = verdict_word(comparison.verdict);
    let style = Style::new().bold().fg_color(Some(color.into()));
    let mut text = format!("{style}{word}{style:#}\n");
    let mut list = |differences: &[Mismatch], sign: char| {
        for Mismatch {
            role,
            function,
            place,
            host,
            package,
        } in differences
        {
            let side = match role {
                Role::Export => "",
                Role::Import => "import ",
            };
            let place = match place.as_str() {
                "" => String::new(),
                place => format!("{place}: "),
            };
            let _ = writeln!(
                text,
                "  {sign} {side}{function}: {place}{} has {host}, {} has {package}",
                sides.host, sides.package
            );
        }
    };
    list(&comparison.mismatches, '!');
    list(&comparison.harmless, '~');
    text
}

fn as_json(comparison: &Comparison, sides: &Sides) -> serde_json::Value {
    let list = |differences: &[Mismatch]| -> Vec<serde_json::Value> {
        let difference = |mismatch: &Mismatch| {
            json!({
                "role": match mismatch.role {
                    Role::Export => "export",
                    Role::Import => "import",
                },
                "function": mismatch.function,
                "place": mismatch.place,
                sides.host: mismatch.host,
                sides.package: mismatch.package,
            })
        };
        differences.iter().map(difference).collect()
    };
    json!({
        "verdict": verdict_word(comparison.verdict).0,
        "breaking": list(&comparison.mismatches),
        "harmless": list(&comparison.harmless),
    })
}
