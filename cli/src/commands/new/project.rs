//! The files of a new project.

use std::path::{Path, PathBuf};

use super::{Contract, Kind};
use crate::failure::Failure;

/// The names that things have in a project.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// That of the project, in kebab case.
    pub(super) name: String,
}

impl Names {
    /// Those of a project in a folder.
    pub(super) fn of(folder: &Path) -> Result<Self, Failure> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let is_word = |word: &str| {
            word.starts_with(|c: char| c.is_ascii_lowercase())
                && word
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        if !name.split('-').all(is_word) {
            return Err(Failure::arguments(format!("`{name}` is no name for a project")).with_help(
                "a name is made of small letters and digits, in words with `-` between them that begin with a letter: \
                 `json-query`",
            ));
        }
        let is_keyword = syn::parse_str::<syn::Ident>(&name.replace('-', "_")).is_err();
        if is_keyword || TAKEN.contains(&&*name) {
            return Err(
                Failure::arguments(format!("a crate cannot be called `{name}`"))
                    .with_help("that means something already: take another name"),
            );
        }
        Ok(Self {
            name: name.into_owned(),
        })
    }

    /// The name of the struct of a world: `JsonQuery`.
    fn client(world: &str) -> String {
        let words = world.split('-').map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|c| c.to_ascii_uppercase());
            first
                .into_iter()
                .chain(letters.map(|c| c.to_ascii_lowercase()))
                .collect::<String>()
        });
        words.collect()
    }
}

/// Crates that every program has; what cargo and the programs that are made have other uses for; and the crates of Pack.
const TAKEN: [&str; 21] = [
    "alloc",
    "core",
    "proc-macro",
    "std",
    "test",
    "build",
    "deps",
    "examples",
    "incremental",
    "error",
    "host",
    "runtime",
    "cargo-pack",
    "pack",
    "pack-abi",
    "pack-codegen",
    "pack-guest",
    "pack-guest-build",
    "pack-knot",
    "pack-macros",
    "pack-runtime",
];

/// Puts the project's name in the place of its placeholder.
pub(super) fn fill(template: &str, names: &Names) -> String {
    template.replace("NAME", &names.name)
}

/// Where the crates of Pack come from.
#[derive(Debug)]
pub(super) enum Source {
    /// The registry, in this program's version.
    Registry,
    /// A checkout.
    Folder(PathBuf),
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

impl Source {
    /// What the user says; else the checkout that this program was built in, if it is still there.
    pub(super) fn find(given: Option<&Path>) -> Result<Self, Failure> {
        let is_checkout = |folder: &Path| folder.join("guest-build").join("Cargo.toml").is_file();
        let Some(given) = given else {
            let own = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
            let own = own.filter(|folder| is_checkout(folder));
            return Ok(own.map_or(Self::Registry, |folder| Self::Folder(folder.to_owned())));
        };
        if given == Path::new("registry") {
            return Ok(Self::Registry);
        }
        match given.canonicalize() {
            Ok(folder) if is_checkout(&folder) => Ok(Self::Folder(folder)),
            _ => Err(Failure::arguments(format!("{} is no checkout of Pack", given.display()))
                .with_help("give the folder that has `guest`, `runtime` and `guest-build` in it, or `registry`")),
        }
    }

    /// A line of Cargo.toml for one of the crates.
    fn dependency(&self, krate: &str) -> String {
        match self {
            Self::Registry => format!("{krate} = \"{VERSION}\"\n"),
            Self::Folder(folder) => {
                let path = folder.join(krate.trim_start_matches("pack-"));
                let path = path
                    .display()
                    .to_string()
                    .replace('\\', "\\\\")
                    .replace('"', "\\\"");
                format!("{krate} = {{ path = \"{path}\" }}\n")
            }
        }
    }
}

/// A project to be made.
pub(super) struct Project {
    pub(super) kind: Kind,
    pub(super) names: Names,
    pub(super) contract: Contract,
    pub(super) source: Source,
}

impl Project {
    /// All files, by their paths in the project's folder.
    pub(super) fn files(&self) -> Result<Vec<(PathBuf, String)>, Failure> {
        let mut files = Vec::new();
        let mut add = |path: &str, text: String| files.push((PathBuf::from(path), text));
        add(".gitignore", "/target\n".to_owned());
        match self.kind {
            Kind::Guest => {
                add(
                    "Cargo.toml",
                    self.guest_manifest(&self.names.name) + PROFILE_AND_WORKSPACE,
                );
                add("src/lib.rs", self.guest_source("wit"));
            }
            Kind::Host => {
                let manifest = self.host_manifest(&self.names.name, false);
                add(
                    "Cargo.toml",
                    format!("{manifest}{COMPILER}\n{OWN_WORKSPACE}"),
                );
                add("src/main.rs", self.host_source());
            }
            Kind::Workspace => {
                let name = &self.names.name;
                let workspace = include_str!("../../../templates/workspace.toml");
                add("Cargo.toml", format!("{workspace}{COMPILER}"));
                add(
                    "guest/Cargo.toml",
                    self.guest_manifest(&format!("{name}-guest")),
                );
                add("guest/src/lib.rs", self.guest_source("../wit"));
                add(
                    "host/Cargo.toml",
                    self.host_manifest(&format!("{name}-host"), true),
                );
                add(
                    "host/build.rs",
                    include_str!("../../../templates/build.rs").to_owned(),
                );
                add("host/src/main.rs", self.host_with_package());
            }
        }
        for (path, text) in &self.contract.files {
            files.push((Path::new("wit").join(path), text.clone()));
        }
        Ok(files)
    }

    /// What to type first.
    pub(super) fn next_steps(&self) -> &'static str {
        match self.kind {
            Kind::Guest => {
                "  cargo test          runs its tests, natively\n  cargo pack build    makes the package"
            }
            Kind::Host => {
                "  cargo run -- FILE.wasm    runs a package that fits the contract in `wit`"
            }
            Kind::Workspace => {
                "  cargo run           builds the package and runs it\n  cargo test          runs the tests of both\n  cargo pack build    makes the package alone"
            }
        }
    }

    fn guest_manifest(&self, name: &str) -> String {
        let dependency = self.source.dependency("pack-guest");
        format!(
            "{}\n[lib]\n# The package is a cdylib; tests and other crates use the rlib.\ncrate-type = [\"cdylib\", \"rlib\"]\n\n\
             [dependencies]\n{dependency}",
            head(name)
        )
    }

    fn host_manifest(&self, name: &str, builds_guest: bool) -> String {
        let dependency = self.source.dependency("pack-runtime");
        let mut manifest = format!("{}\n[dependencies]\n{dependency}", head(name));
        if builds_guest {
            let dependency = self.source.dependency("pack-guest-build");
            manifest.push_str(&format!("\n[build-dependencies]\n{dependency}"));
        }
        manifest
    }

    fn guest_source(&self, wit: &str) -> String {
        let world = match self.contract.options.as_str() {
            "" => format!("pack::world!({wit:?});"),
            options => format!("pack::world!({{ path: {wit:?}{options} }});"),
        };
        let rest = match &self.contract.guest {
            Some(skeleton) => skeleton.as_str(),
            None => include_str!("../../../templates/greeting_guest.rs"),
        };
        format!(
            "//! The package `{}`.\n\n{world}\n\n{rest}",
            self.names.name
        )
    }

    /// A host that is given a package when it runs.
    fn host_source(&self) -> String {
        let template = include_str!("../../../templates/host.rs");
        self.host_from(template, &format!("path: \"wit\"{}", self.contract.options))
    }

    /// A host whose package is built with it.
    fn host_with_package(&self) -> String {
        let template = match self.contract.host {
            Some(_) => include_str!("../../../templates/host_with_package.rs"),
            None => include_str!("../../../templates/greeting_host.rs"),
        };
        let options = &self.contract.options;
        self.host_from(
            template,
            &format!("path: \"../wit\", package: env!(\"PACKAGE\"){options}"),
        )
    }

    fn host_from(&self, template: &str, bindings: &str) -> String {
        let host = match &self.contract.host {
            Some(skeleton) if self.contract.has_imports => format!("\n{skeleton}"),
            _ => String::new(),
        };
        // The struct that the skeleton begins with.
        let value = host
            .split("pub struct ")
            .nth(1)
            .and_then(|rest| rest.split(';').next());
        fill(template, &self.names)
            .replace("BINDINGS", bindings)
            .replace("CLIENT", &Names::client(&self.contract.world))
            .replace("VALUE", value.unwrap_or("()"))
            // Last, for it may have any words in it.
            .replace("// HOST\n", &host)
    }
}

fn head(name: &str) -> String {
    let rust = env!("CARGO_PKG_RUST_VERSION");
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"{rust}\"\npublish = false\n"
    )
}

const OWN_WORKSPACE: &str =
    "# A workspace of its own. Remove this to make it a member of one around it.\n[workspace]\n";

const PROFILE_AND_WORKSPACE: &str = concat!(
    "\n",
    include_str!("../../../templates/guest_profile.toml"),
    "\n# A workspace of its own. Remove this to make it a member of one around it, and the profile, which goes there.\n[workspace]\n"
);

const COMPILER: &str = concat!(
    "\n",
    include_str!("../../../templates/compiler_profile.toml")
);
