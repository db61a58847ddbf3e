//! From WIT, recursive types included, to Rust for Pack hosts and guests.
//!
//! The macros `pack::world!` and `pack_runtime::bindgen!` are thin shells over this library. It is used directly to have
//! the code in a file that can be read, to make the options depend on something, or to read WIT for other purposes. A
//! build script has it in `[build-dependencies]`:
//!
//! ```no_run
//! // build.rs; then `include!(concat!(env!("OUT_DIR"), "/json_query.rs"));`
//! pack_codegen::Config::path("wit")
//!     .world("json-query")
//!     .derive("*", "serde::Serialize")
//!     .build_host("json_query.rs");
//! ```
//!
//! | what for | what |
//! | --- | --- |
//! | bindings in a file of `OUT_DIR` | [`Config::build_host`], [`Config::build_guest`], [`Config::try_build`] |
//! | bindings as tokens or as text | [`Config::generate`], [`Generated`] |
//! | the code that is left to write | [`Config::skeleton`] |
//! | WIT as data, with recursive types | [`wit::parse`] |
//! | what is wrong with a text, and where | [`Diagnostics`] |
//!
//! The road of a WIT text: [`wit`] reads it into a [`Contract`](pack_abi::Contract), `check` asks what only
//! Rust minds, `emit` writes tokens. [`derive`](mod@derive), [`export`](mod@export) and [`MacroInput`] are what
//! `pack-macros` calls.

mod build_script;
mod check;
mod comment;
mod config;
pub mod derive;
mod diagnostic;
mod emit;
pub mod export;
mod files;
mod names;
mod options;
mod output;
mod package;
mod rules;
mod skeleton;
mod stand_in;
mod suggest;
mod views;
pub mod wit;

use std::path::PathBuf;

use proc_macro2::TokenStream;

use emit::Settings;
use rules::Rules;
use views::Views;

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

/// Generated code, which [`Config::generate`] makes.
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
    /// ```
    /// use pack_codegen::{Config, Side};
    ///
    /// let wit = "package demo:greeting; world greeting { export greet: func(name: string) -> string; }";
    /// let generated = Config::inline(wit).generate(Side::Host)?;
    /// assert!(generated.to_source()?.contains("pub struct Greeting<"));
    /// # Ok::<(), pack_codegen::Diagnostics>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the WIT, at its places, or with the settings.
    pub fn generate(&self, side: Side) -> Result<Generated, Diagnostics> {
        self.generate_or(side).map_err(Mistakes::into_diagnostics)
    }

    fn generate_or(&self, side: Side) -> Result<Generated, Mistakes> {
        let facade = self.facade(side).map_err(Mistakes::of(Subject::Crate))?;
        let world = wit::read(&self.source, self.world.as_deref(), &self.features)?;
        let mut mistakes = self.wrong_side(side);
        let (rules, of_rules) = Rules::new(&self.rules, &world.contract);
        mistakes.extend(of_rules.into_iter().map(about(Subject::Rule)));
        let (views, of_views) = Views::new(&self.views, &world.contract);
        mistakes.extend(of_views.into_iter().map(about(Subject::View)));
        let packages = self.package_mistakes(&world, side).into_iter();
        mistakes.extend(packages.map(about(Subject::Package)));
        let limits = check::rust_limits(&world).into_iter();
        mistakes.extend(limits.map(|mistake| (Subject::Wit, mistake)));
        Mistakes::none_of(mistakes)?;
        let settings = Settings {
            side,
            facade,
            rules,
            ownership: self.ownership,
            is_async: self.is_async,
            tracing: self.tracing,
            fallible_imports: self.fallible_imports,
            views,
        };
        let tokens = match side {
            Side::Guest => emit::guest(&world, &settings, self.partial_exports),
            Side::Host => emit::host(&world, &settings),
        };
        let tokens =
            tokens.map_err(|clashes| Diagnostics::from_iter(check::clashes(&world, &clashes)))?;
        let mut files = world.files;
        files.extend(self.packages.iter().cloned());
        Ok(Generated { tokens, files })
    }

    /// The options that are for the other side.
    fn wrong_side(&self, side: Side) -> Vec<(Subject, Diagnostic)> {
        let mut found = Vec::new();
        if self.is_async && side == Side::Guest {
            let message = "`async` is for hosts: what a guest calls returns when it is done";
            found.push((Subject::Async, Diagnostic::new(message)));
        }
        if self.partial_exports && side == Side::Host {
            let message = "`partial_exports` is for guests: a host exports nothing";
            found.push((Subject::PartialExports, Diagnostic::new(message)));
        }
        if self.fallible_imports && side == Side::Guest {
            let message = "`fallible_imports` is for hosts: a guest does not see the failures of what it calls";
            found.push((Subject::FallibleImports, Diagnostic::new(message)));
        }
        if side == Side::Guest && !self.views.is_empty() {
            let message = "`views` is for hosts: in a guest, a function says so by the types of its parameters";
            found.push((Subject::View(0), Diagnostic::new(message)));
        }
        found
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

/// What a mistake is about: the WIT, or the option that a macro points at. There may be several of an option, which go by
/// their positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Wit,
    World,
    Feature(usize),
    Rule(usize),
    View(usize),
    Package(usize),
    Crate,
    Async,
    PartialExports,
    FallibleImports,
}

/// For mistakes that go by positions.
fn about(subject: fn(usize) -> Subject) -> impl Fn((usize, Diagnostic)) -> (Subject, Diagnostic) {
    move |(at, mistake)| (subject(at), mistake)
}

/// All that is wrong, at least one thing.
struct Mistakes(Vec<(Subject, Diagnostic)>);

impl Mistakes {
    fn of(subject: Subject) -> impl Fn(Diagnostic) -> Self {
        move |mistake| Self(vec![(subject, mistake)])
    }

    fn none_of(found: Vec<(Subject, Diagnostic)>) -> Result<(), Self> {
        if found.is_empty() {
            return Ok(());
        }
        Err(Self(found))
    }

    fn into_diagnostics(self) -> Diagnostics {
        self.0.into_iter().map(|(_, mistake)| mistake).collect()
    }
}

impl<T: Into<Diagnostics>> From<T> for Mistakes {
    fn from(wit: T) -> Self {
        let wit = wit.into().into_iter();
        Self(wit.map(|mistake| (Subject::Wit, mistake)).collect())
    }
}
