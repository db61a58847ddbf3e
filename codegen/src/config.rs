//! What to generate, and how: one set of options, which build scripts set by calls and the macros by fields.

use std::path::PathBuf;

use proc_macro2::TokenStream;
use syn::Path;
use syn::parse::Parse;

use crate::rules::{Effect, Rule};
use crate::wit::{Features, Source};
use crate::{Diagnostic, Side};

/// What to generate from, and how.
///
/// ```
/// use pack_codegen::{Config, Side};
///
/// let wit = "
///     package demo:geometry;
///     interface shapes {
///         record point { x: f64, y: f64 }
///         record segment { start: point, end: point }
///     }
///     world geometry { use shapes.{segment}; export length: func(of: segment) -> f64; }
/// ";
/// let code = Config::inline(wit)
///     .with("point", "crate::Point")
///     .derive("segment", "PartialOrd")
///     .generate(Side::Guest)?
///     .to_source()?;
/// assert!(code.contains("pub struct Segment {") && !code.contains("pub struct Point {"));
/// # Ok::<(), pack_codegen::Diagnostics>(())
/// ```
///
/// The macros `pack::world!` and `pack_runtime::bindgen!` have an option for each method here, of the same name
/// but for [`crate_path`](Self::crate_path), which is `crate`, and [`asynchronous`](Self::asynchronous), which is `async`;
/// what is only for build scripts they have not. And they
/// have `debug`: the code goes to a file that is then included, so that errors of the compiler point into it. The
/// environment variable `PACK_DEBUG=1` turns that on for all macros. The file is in `OUT_DIR` if the crate has a build
/// script, otherwise below cargo's target folder, at the place the errors name.
///
/// ```text
/// pack_runtime::bindgen!({
///     path: "wit",                                        // or inline: "package …"
///     world: "json-query",
///     features: ["fast-lane"],                            // or all_features: true
///     with: { "demo:types/shapes": crate::shapes },
///     derives: { "*": [serde::Serialize], "point": [PartialOrd] },
///     attributes: { "point": #[serde(rename_all = "kebab-case")] },
///     ownership: "owned",
///     async: true,
///     tracing: true,
///     fallible_imports: true,                             // in hosts
///     views: ["run", "demo:types/shapes/area"],           // in hosts
///     package: env!("GREETING_PACKAGE"),                  // or "greeting.wasm", or several in brackets
///     partial_exports: true,                              // in guests
///     debug: true,
///     crate: ::my_crate::pack,
/// });
/// ```
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) source: Source,
    pub(crate) world: Option<String>,
    pub(crate) features: Features,
    pub(crate) facade: Option<Code>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) ownership: Ownership,
    pub(crate) is_async: bool,
    pub(crate) tracing: bool,
    pub(crate) fallible_imports: bool,
    pub(crate) views: Vec<String>,
    pub(crate) packages: Vec<PathBuf>,
    pub(crate) partial_exports: bool,
    pub(crate) out_dir: Option<PathBuf>,
}

/// How a caller passes arguments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ownership {
    /// By reference where that saves a copy: `&str`, `&[T]`, `&Tree`.
    #[default]
    Borrowed,
    /// By value, in the types that results have too: `String`, `Vec<T>`, `Tree`.
    Owned,
}

/// Rust code in an option: text from a build script; or the tokens given to a macro, which keep their places.
#[derive(Debug, Clone)]
pub(crate) enum Code {
    Text(String),
    Tokens(TokenStream),
}

impl Code {
    pub(crate) fn parse<T: Parse>(&self) -> syn::Result<T> {
        self.parse_with(T::parse)
    }

    pub(crate) fn parse_with<T>(
        &self,
        parser: impl Fn(syn::parse::ParseStream<'_>) -> syn::Result<T>,
    ) -> syn::Result<T> {
        use syn::parse::Parser as _;
        match self {
            Self::Text(text) => parser.parse_str(text),
            Self::Tokens(tokens) => parser.parse2(tokens.clone()),
        }
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Tokens(tokens) => write!(f, "{tokens}"),
        }
    }
}

impl Config {
    pub(crate) fn new(source: Source) -> Self {
        Self {
            source,
            world: None,
            features: Features::default(),
            facade: None,
            rules: Vec::new(),
            ownership: Ownership::default(),
            is_async: false,
            tracing: false,
            fallible_imports: false,
            views: Vec::new(),
            packages: Vec::new(),
            partial_exports: false,
            out_dir: None,
        }
    }

    /// A WIT file; or a folder of WIT files with an optional `deps` folder; or a package, `.wasm`, which carries its
    /// contract: how a host is made for a package that was written without WIT.
    pub fn path(path: impl Into<PathBuf>) -> Self {
        Self::new(Source::Path(path.into()))
    }

    /// WIT text.
    pub fn inline(text: impl Into<String>) -> Self {
        Self::new(Source::Inline(text.into()))
    }

    /// Chooses a world; needed where the package has several.
    #[must_use]
    pub fn world(mut self, name: impl Into<String>) -> Self {
        self.world = Some(name.into());
        self
    }

    /// Opens the gates `@unstable(feature = …)` of these names. One that no gate has, in all the WIT that is read, is an
    /// error: what is misspelt would leave functions out without a word.
    #[must_use]
    pub fn features<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        if let Features::These(open) = &mut self.features {
            open.extend(names.into_iter().map(T::into));
        }
        self
    }

    /// Opens all gates `@unstable(feature = …)`, if `open`.
    #[must_use]
    pub fn all_features(mut self, open: bool) -> Self {
        if open {
            self.features = Features::All;
        }
        self
    }

    /// The path under which the generated code finds the facade crate, instead of `::pack` in guests and
    /// `::pack_runtime` in hosts.
    #[must_use]
    pub fn crate_path(mut self, path: impl Into<String>) -> Self {
        self.facade = Some(Code::Text(path.into()));
        self
    }

    /// Takes types from elsewhere instead of generating them: those of an interface (`demo:types/shapes`) from
    /// a module, or one type (`demo:types/shapes/point`) from where the path says.
    ///
    /// The path starts with `crate`, `self`, `super`, `::` or the name of a crate. `self` is where the generated
    /// code stands. In a module, each type has the name that generated code would give it.
    ///
    /// A type from elsewhere is `pub`; it is a record, variant, enum or flags that derives `GraphValue`, `PackType`,
    /// `Debug` and `Clone`, or a resource of another world. Nothing more is assumed of it: types that contain it derive
    /// no more than that either, unless [`derives`](Self::derives) says so, and callers pass it by reference.
    ///
    /// The generated code has a check that each type is what the WIT says: of the same fields, cases or flags, by name
    /// and in the same order, whatever the Rust types are called; and recursive if it is in the WIT. If it is not, that
    /// is an error of the compiler, which says what differs. So a module has all types of its interface that the world
    /// sees.
    ///
    /// What is said of a type goes before what is said of its interface. To say either twice is an error.
    ///
    /// Where an interface has its types twice, because it is imported and exported and has resources, those of its
    /// exports are generated nonetheless.
    #[must_use]
    pub fn with(self, key: impl Into<String>, path: impl Into<String>) -> Self {
        self.rule(key, Effect::With(Code::Text(path.into())))
    }

    /// Adds a derive to types.
    ///
    /// The key is a type (`demo:types/shapes/point`), with the version of its package
    /// (`demo:types/shapes@1.0.0/point`) or, where only one type has it, by its name alone (`point`); an interface,
    /// which stands for all its types but resources; or `*` for all types but resources. A type of the world itself
    /// is in the world: `demo:types/my-world/point`.
    ///
    /// The path is used from several modules: `PartialOrd`, `serde::Serialize`, `crate::MyDerive`.
    #[must_use]
    pub fn derive(self, key: impl Into<String>, path: impl Into<String>) -> Self {
        self.rule(key, Effect::Derive(Code::Text(path.into())))
    }

    /// Adds several derives to types, as [`derive`](Self::derive) does with one.
    #[must_use]
    pub fn derives<T: Into<String>>(
        mut self,
        key: impl Into<String>,
        paths: impl IntoIterator<Item = T>,
    ) -> Self {
        let key = key.into();
        for path in paths {
            self = self.derive(key.as_str(), path);
        }
        self
    }

    /// Adds attributes to types: `#[serde(rename_all = "kebab-case")]`. The key is as in [`derive`](Self::derive).
    #[must_use]
    pub fn attributes(self, key: impl Into<String>, attributes: impl Into<String>) -> Self {
        self.rule(key, Effect::Attributes(Code::Text(attributes.into())))
    }

    /// How a caller passes arguments: the default is [`Ownership::Borrowed`]. The macros' option is a string, `"borrowed"`
    /// or `"owned"`.
    #[must_use]
    pub fn ownership(mut self, ownership: Ownership) -> Self {
        self.ownership = ownership;
        self
    }

    /// Whether the calls of a host are asynchronous: then the methods of clients are `async fn`, and so may be those of the
    /// traits that the host implements. A call that waits in a host function does not block its thread.
    ///
    /// The macros' option is `async: true`.
    #[must_use]
    pub fn asynchronous(mut self, is_async: bool) -> Self {
        self.is_async = is_async;
        self
    }

    /// A package that the bindings of a host are for: if what it carries does not fit the WIT, that is an error of the
    /// build. Everything that would be refused when it is loaded, is refused here. May be called for several.
    #[must_use]
    pub fn package(mut self, path: impl Into<PathBuf>) -> Self {
        self.packages.push(path.into());
        self
    }

    /// Lets exports of a guest be missing, if `partial`: for a crate that wants only types and imports, or that is not
    /// done yet. Without it, what nothing exports is an error. A host refuses a package that lacks what it needs.
    #[must_use]
    pub fn partial_exports(mut self, partial: bool) -> Self {
        self.partial_exports = partial;
        self
    }

    /// Whether each call, in either direction, is in a span of the crate `tracing`: `call`, with the fields `interface`
    /// and `function`, at the level DEBUG. It needs the feature `tracing` of the facade crate.
    #[must_use]
    pub fn tracing(mut self, on: bool) -> Self {
        self.tracing = on;
        self
    }

    /// Whether the methods of a host's traits, for what packages import, return `Result<_, HostError>`. An error is not the
    /// guest's to see: it ends the guest's call, and who made that call gets it. Errors that a guest should see are
    /// `result` in the WIT.
    #[must_use]
    pub fn fallible_imports(mut self, on: bool) -> Self {
        self.fallible_imports = on;
        self
    }

    /// Has a host read values where they lie in the guest's memory: the results of exported functions are
    /// [`View`](pack_abi::view::View)s, and the methods of the traits for what packages import borrow their arguments: `&str`,
    /// `&[u8]`, `JsonRef<'_>`.
    ///
    /// A key is a function (`demo:types/shapes/area`), with the version of its package or, where only one interface has
    /// such a function, by its name alone (`area`); an interface, which stands for all its functions; or `*`. Functions of
    /// resources, and what has resources in it, have no views; nor have types from elsewhere. Where there is nothing to
    /// view, the method is as it would be without.
    ///
    /// The methods of an interface's client then take the client, for the result borrows the instance.
    #[must_use]
    pub fn views<T: Into<String>>(mut self, functions: impl IntoIterator<Item = T>) -> Self {
        self.views.extend(functions.into_iter().map(T::into));
        self
    }

    pub(crate) fn rule(mut self, key: impl Into<String>, effect: Effect) -> Self {
        let key = key.into();
        self.rules.push(Rule { key, effect });
        self
    }

    pub(crate) fn facade(&self, side: Side) -> Result<Path, Diagnostic> {
        let Some(path) = &self.facade else {
            return Ok(match side {
                Side::Guest => syn::parse_quote!(::pack),
                Side::Host => syn::parse_quote!(::pack_runtime),
            });
        };
        path.parse_with(Path::parse_mod_style).map_err(|error| {
            Diagnostic::new(format!("the crate path `{path}` is not a path: {error}"))
        })
    }
}
