//! From WIT, recursive types included, to Rust for Pack hosts and guests.
//!
//! The macros `pack::world!` and `pack_runtime::bindgen!` are thin shells over this library. A build script
//! uses it directly:
//!
//! ```no_run
//! // build.rs; then `include!(concat!(env!("OUT_DIR"), "/json_query.rs"));`
//! pack_codegen::Config::path("wit")
//!     .world("json-query")
//!     .derive("*", "serde::Serialize")
//!     .build_host("json_query.rs");
//! ```
//!
//! The road of a WIT text: [`wit`] reads it into a [`Contract`](pack_abi::Contract), `check` asks what only
//! Rust minds, `emit` writes tokens. [`derive`](mod@derive) and [`export`](mod@export) are the other macros.

mod build_script;
mod check;
mod config;
pub mod derive;
mod diagnostic;
mod emit;
pub mod export;
mod names;
mod options;
mod output;
mod package;
mod rules;
mod stand_in;
mod suggest;
pub mod wit;

use std::path::PathBuf;

use proc_macro2::TokenStream;

use emit::Settings;
use rules::Rules;

pub use config::{Config, Ownership};
pub use diagnostic::{Diagnostic, Diagnostics, Location};
pub use options::MacroInput;

/// Which side of the boundary the code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// A package: traits for its exports, functions for its imports.
    Guest,
    /// A host: clients for the package's exports, traits for its imports.
    Host,
}

/// Generated code.
#[derive(Debug)]
pub struct Generated {
    /// The code.
    pub tokens: TokenStream,
    /// Every file that was read: WIT, as absolute paths, and packages.
    pub files: Vec<PathBuf>,
}

impl Config {
    /// Generates the code of one side.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the WIT, at its places, or with the settings.
    pub fn generate(&self, side: Side) -> Result<Generated, Diagnostics> {
        self.generate_or(side).map_err(Mistakes::into_diagnostics)
    }

    fn generate_or(&self, side: Side) -> Result<Generated, Mistakes> {
        let facade = self.facade(side)?;
        let world = wit::parse_with(&self.source, self.world.as_deref(), &self.features)?;
        let (rules, mistakes) = Rules::new(&self.rules, &world.contract);
        if self.is_async && side == Side::Guest {
            let message = "`async` is for hosts: what a guest calls returns when it is done";
            return Err(Diagnostic::new(message).into());
        }
        if self.partial_exports && side == Side::Host {
            let message = "`partial_exports` is for guests: a host exports nothing";
            return Err(Diagnostic::new(message).into());
        }
        let mistakes = Mistakes {
            wit: check::rust_limits(&world),
            rules: mistakes,
            packages: self.package_mistakes(&world, side),
        };
        mistakes.none()?;
        let settings = Settings {
            side,
            facade,
            rules,
            ownership: self.ownership,
            is_async: self.is_async,
            tracing: self.tracing,
        };
        let tokens = match side {
            Side::Guest => emit::guest(&world, &settings, self.partial_exports),
            Side::Host => emit::host(&world.contract, &world.name, &settings),
        };
        let tokens = tokens.map_err(|clashes| Mistakes {
            wit: check::clashes(&world, &clashes),
            ..Mistakes::default()
        })?;
        let mut files = world.files;
        files.extend(self.packages.iter().cloned());
        Ok(Generated { tokens, files })
    }

    fn package_mistakes(&self, world: &wit::World, side: Side) -> Vec<(usize, Diagnostic)> {
        let packages = self.packages.iter().enumerate();
        if side == Side::Guest {
            let message = "`package` is for hosts: a guest is a package itself";
            return packages
                .map(|(at, _)| (at, Diagnostic::new(message)))
                .collect();
        }
        packages
            .flat_map(|(at, path)| {
                package::mistakes(world, path)
                    .into_iter()
                    .map(move |mistake| (at, mistake))
            })
            .collect()
    }
}

/// All that is wrong: in the WIT; in the options for single types, and with the packages, by their positions.
#[derive(Default)]
struct Mistakes {
    wit: Vec<Diagnostic>,
    rules: Vec<(usize, Diagnostic)>,
    packages: Vec<(usize, Diagnostic)>,
}

impl Mistakes {
    fn none(self) -> Result<(), Self> {
        if self.wit.is_empty() && self.rules.is_empty() && self.packages.is_empty() {
            return Ok(());
        }
        Err(self)
    }

    fn into_diagnostics(self) -> Diagnostics {
        let options = self.rules.into_iter().chain(self.packages);
        let rules = options.map(|(_, mistake)| mistake);
        rules.chain(self.wit).collect()
    }
}

impl<T: Into<Diagnostics>> From<T> for Mistakes {
    fn from(wit: T) -> Self {
        Self {
            wit: wit.into().into_iter().collect(),
            ..Self::default()
        }
    }
}
