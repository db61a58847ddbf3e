use std::fs;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use pack_codegen::{Config, Side};

use crate::arguments::WitOptions;
use crate::failure::Failure;
use crate::{input, output};
use project::{Names, Project, Source};

mod project;

/// Make a new project that builds, tests and runs at once.
///
/// With --wit it is for that contract: what the exports of a guest do, and the imports of a host, is `todo!()`.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  cargo pack new workspace hello\n  cargo pack new guest shop --wit shop.wit"
)]
pub(crate) struct New {
    /// What to make.
    kind: Kind,

    /// Its name, which is also that of the folder; or the folder, whose name it then has.
    #[arg(value_name = "NAME")]
    folder: PathBuf,

    /// The contract: a .wit file, or a folder of them, which is copied.
    #[arg(long, value_name = "FILE")]
    wit: Option<PathBuf>,

    #[command(flatten)]
    options: WitOptions,

    /// Where the crates of Pack come from: `registry`, or a checkout's folder. The default is where this program came from.
    #[arg(long, value_name = "FOLDER")]
    pack: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// A package.
    Guest,
    /// A program that runs packages.
    Host,
    /// Both, and the contract between them.
    Workspace,
}

impl New {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let names = Names::of(&self.folder)?;
        let shown = self.folder.display();
        if self.folder.symlink_metadata().is_ok() {
            return Err(Failure::making(format!("{shown} is there already"))
                .with_help("take another name, or remove it"));
        }
        let contract = self.contract(&names)?;
        let source = Source::find(self.pack.as_deref())?;
        let project = Project {
            kind: self.kind,
            names,
            contract,
            source,
        };
        write(&self.folder, &project.files()?)?;
        output::say(&format!(
            "made {shown}; go there, and:\n{}",
            project.next_steps()
        ));
        Ok(())
    }

    fn contract(&self, names: &Names) -> Result<Contract, Failure> {
        let Some(path) = &self.wit else {
            return Contract::greeting(names);
        };
        if path == Path::new("-") {
            return Err(Failure::arguments(
                "`--wit` takes a file or a folder, which is copied",
            ));
        }
        let world = input::world(path, &self.options)?;
        let mut config = Config::path(path)
            .features(&self.options.features)
            .all_features(self.options.all_features);
        if let Some(name) = &self.options.world {
            config = config.world(name);
        }
        let files = match path.is_dir() {
            true => copies(path)?,
            false => {
                // Whatever it is called: the folder's files are those of this ending.
                let name = Path::new(path.file_name().unwrap_or_default()).with_extension("wit");
                vec![(name, input::read_text(path)?)]
            }
        };
        Ok(Contract {
            world: world.name.clone(),
            options: macro_options(&self.options),
            guest: Some(config.skeleton(Side::Guest)?),
            host: Some(config.skeleton(Side::Host)?),
            has_imports: world
                .contract
                .imports
                .iter()
                .any(|i| !i.functions.is_empty()),
            files,
        })
    }
}

/// The contract of a new project.
struct Contract {
    world: String,
    /// Further options of the macros, each with a comma before it.
    options: String,
    /// What is to be written for each side, unless it is the greeting.
    guest: Option<String>,
    host: Option<String>,
    has_imports: bool,
    /// Its files, below the folder `wit`.
    files: Vec<(PathBuf, String)>,
}

impl Contract {
    /// That of a package that greets.
    fn greeting(names: &Names) -> Result<Self, Failure> {
        let wit = project::fill(include_str!("../../templates/greeting.wit"), names);
        // Names may be words of WIT.
        let made = Config::inline(&wit).generate(Side::Host);
        made.map_err(|error| {
            let failure = Failure::from(error);
            let help = format!(
                "`{}` is no name for a package of WIT: take another one",
                names.name
            );
            failure.with_help(help)
        })?;
        Ok(Self {
            world: names.name.clone(),
            options: String::new(),
            guest: None,
            host: None,
            has_imports: false,
            files: vec![(PathBuf::from(format!("{}.wit", names.name)), wit)],
        })
    }
}

fn macro_options(options: &WitOptions) -> String {
    let mut text = String::new();
    if let Some(world) = &options.world {
        text.push_str(&format!(", world: {world:?}"));
    }
    if options.all_features {
        text.push_str(", all_features: true");
    } else if !options.features.is_empty() {
        text.push_str(&format!(", features: {:?}", options.features));
    }
    text
}

/// The .wit files of a folder, of its `deps`, and of the folders in there: those that are read.
fn copies(folder: &Path) -> Result<Vec<(PathBuf, String)>, Failure> {
    let cannot = |error| Failure::input(format!("cannot read {}: {error}", folder.display()));
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(folder.join(&inner)).map_err(cannot)? {
            let name = inner.join(entry.map_err(cannot)?.file_name());
            let path = folder.join(&name);
            if path.is_dir() {
                let is_deps = name == Path::new("deps");
                if is_deps || inner == Path::new("deps") {
                    folders.push(name);
                }
            } else if name.extension().is_some_and(|extension| extension == "wit") {
                files.push((name, input::read_text(&path)?));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Writes all files, or none.
fn write(folder: &Path, files: &[(PathBuf, String)]) -> Result<(), Failure> {
    let parent = output::folder_of(folder);
    if !parent.is_dir() {
        let (folder, parent) = (folder.display(), parent.display());
        let message = format!("cannot make {folder}: there is no folder {parent}");
        return Err(Failure::output(message));
    }
    let write = || {
        let draft = tempfile::Builder::new()
            .prefix(".pack-new-")
            .tempdir_in(parent)?;
        let root = draft.path().join("project");
        for (path, text) in files {
            let path = root.join(path);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(path, text)?;
        }
        fs::rename(root, folder)
    };
    write().map_err(|error| Failure::output(format!("cannot make {}: {error}", folder.display())))
}
