//! WIT text, which may have recursive types, to a [`Contract`].
//!
//! `wit-parser` does the parsing and resolution; it refuses recursive types, which `placeholder` gets around.
//! The way of a text through the modules: `source` (read it), `resolve` (parse it, with `placeholder` and
//! `scan`), `world` (which one), `schema` (our own model of it), `check` (what a contract demands of it).
//! What is left of a text that is not right is its `outline`.

mod check;
mod outline;
mod placeholder;
mod resolve;
mod scan;
mod schema;
mod source;
mod world;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use pack_abi::schema::{Contract, TypeId};

pub(crate) use self::outline::{Outline, outlines};
use self::source::{Sources, Spot};
use crate::{Diagnostic, Diagnostics, Location, Mistakes, Subject, suggest};

/// Where WIT comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A `.wit` file; or a folder whose `.wit` files are one package, with the packages it depends on in an
    /// optional folder `deps`; or a package, `.wasm`, whose contract is the WIT.
    Path(PathBuf),
    /// The text of one file. Packages it depends on are nested in it: `package other:name { … }`.
    Inline(String),
}

/// Which of the gates `@unstable(feature = …)` are open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Features {
    /// Those of these names.
    These(Vec<String>),
    /// All of them.
    All,
}

impl Default for Features {
    fn default() -> Self {
        Self::These(Vec::new())
    }
}

/// One world of a WIT package.
#[derive(Debug)]
pub struct World {
    /// Its interfaces, functions and types: all that they declare and all that they reach.
    pub contract: Contract,
    /// The name without package and version.
    pub name: String,
    /// The documentation comment.
    pub docs: String,
    /// Every file that was read, as absolute paths.
    pub files: Vec<PathBuf>,
    sources: Sources,
    places: Places,
}

/// Something that stands at one place of a WIT text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// The name of the world.
    World,
    /// The name of an interface, as in [`Interface::name`](pack_abi::schema::Interface::name).
    Interface(String),
    /// The name of a function, after the interface it is in.
    Function(String, String),
    /// The name of a parameter, after the interface and the function it is in.
    Param(String, String, String),
    /// The name of a type; for a type without name, where it occurs first.
    Type(TypeId),
    /// The name of a type's field, case or flag, by its position.
    Member(TypeId, usize),
}

type Places = HashMap<Place, Spot>;

impl World {
    /// Where something of this world stands in the WIT text; for a package, in the text that it is printed as. `None` if
    /// there is no such thing in the world.
    pub fn locate(&self, place: &Place) -> Option<Location> {
        self.sources.locate(self.places.get(place)?)
    }
}

/// Reads a world, without what is behind feature gates.
///
/// Without a name, the package must have exactly one world. A name is that of a world of the package, or a
/// qualified one: `namespace:package/world`.
///
/// ```
/// use pack_codegen::wit::{Source, parse};
///
/// let text = "
///     package demo:terms;
///     interface types { variant term { number(f64), sum(list<term>) } }
///     world terms { use types.{term}; export evaluate: func(term: term) -> f64; }
/// ";
/// let world = parse(&Source::Inline(text.to_owned()), None)?;
/// assert_eq!(world.contract.world, "demo:terms/terms");
/// for (_, function) in world.contract.functions() {
///     assert_eq!(function.name, "evaluate");
///     assert!(world.contract.is_recursive(function.params[0].ty));
/// }
/// # Ok::<(), pack_codegen::Diagnostics>(())
/// ```
///
/// # Errors
///
/// All mistakes that can be told apart, at their places in the text as the author wrote it.
pub fn parse(source: &Source, world: Option<&str>) -> Result<World, Diagnostics> {
    parse_with(source, world, &Features::default())
}

/// [`parse`], with what is behind some feature gates.
///
/// # Errors
///
/// As [`parse`].
pub fn parse_with(
    source: &Source,
    world: Option<&str>,
    features: &Features,
) -> Result<World, Diagnostics> {
    read(source, world, features).map_err(Mistakes::into_diagnostics)
}

/// [`parse_with`], whose mistakes say which option they are about.
pub(crate) fn read(
    source: &Source,
    world: Option<&str>,
    features: &Features,
) -> Result<World, Mistakes> {
    let mut sources = Sources::read(source)?;
    Mistakes::none_of(unknown_features(features, &sources.features()))?;
    let (resolve, id) = resolve::resolve(&mut sources, world, features)?;
    let draft = schema::draft(&resolve, id, &sources);
    let mut mistakes = draft.mistakes;
    mistakes.extend(check::mistakes(&draft.schema));
    let locate = |place: &Place| {
        draft
            .places
            .get(place)
            .and_then(|spot| sources.locate(spot))
    };
    Diagnostics::none_of(
        mistakes
            .into_iter()
            .map(|mistake| mistake.diagnostic(&sources, &locate))
            .collect(),
    )?;
    let contract =
        Contract::new(draft.schema).map_err(|error| Diagnostic::new(error.to_string()))?;
    Ok(World {
        contract,
        name: draft.name,
        docs: draft.docs,
        files: sources.paths(),
        sources,
        places: draft.places,
    })
}

/// A feature that no gate names would open nothing, without a word.
fn unknown_features(features: &Features, known: &BTreeSet<&str>) -> Vec<(Subject, Diagnostic)> {
    let Features::These(names) = features else {
        return Vec::new();
    };
    let names = names.iter().enumerate();
    let unknown = names.filter(|(_, name)| !known.contains(name.as_str()));
    unknown
        .map(|(at, name)| {
            let help = match suggest::nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if known.is_empty() => "the WIT has no gates".to_owned(),
                None => format!("there are {}", suggest::list(known)),
            };
            let message = format!("no gate `@unstable(feature = …)` of the WIT is for `{name}`");
            let diagnostic = Diagnostic::new(message).with_help(help);
            (Subject::Feature(at), diagnostic)
        })
        .collect()
}

/// A mistake before its place has been looked up.
struct Mistake {
    at: At,
    message: String,
    help: Option<String>,
}

enum At {
    Place(Place),
    Spot(Option<Spot>),
}

impl Mistake {
    fn diagnostic(
        self,
        sources: &Sources,
        locate: &dyn Fn(&Place) -> Option<Location>,
    ) -> Diagnostic {
        let location = match &self.at {
            At::Place(place) => locate(place),
            At::Spot(spot) => spot.as_ref().and_then(|spot| sources.locate(spot)),
        };
        Diagnostic {
            message: self.message,
            help: self.help,
            location,
        }
    }
}
