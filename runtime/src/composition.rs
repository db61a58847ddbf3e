//! Several packages as one: what one imports, another exports.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use pack_abi::schema::diff::{self, Mismatch, Role, Verdict};
use pack_abi::schema::{Contract, Function, Interface};
use wasmtime::Engine;

use crate::error::Error;
use crate::instance::Instance;
use crate::interceptor::Interceptor;
use crate::linked::{Client, HostContract, Linked};
use crate::linked_part::Wire;
use crate::linker::Linker;
use crate::package::Package;

/// Packages that are wired together: an interface that one imports is one that another exports.
///
/// Each part has a name, and a [`Linker`] with what the host offers to it. The host calls one part; that one calls
/// others, and so on, as deep as it is wired. A part that several others import from is there once. All parts of an
/// instance share the host's data, and each has memory of its own: what a call carries is copied from one to the
/// other, and not taken apart on the way.
///
/// ```no_run
/// # use pack_runtime::{Composition, Error, Instance, Linker, Package};
/// # fn demo(words: &Package, report: &Package) -> Result<(), Error> {
/// let linked = Composition::new()
///     .part("words", Linker::<()>::new(words)?)
///     .part("report", Linker::new(report)?)
///     .wire("report", "demo:text/words", "words")
///     .link::<Instance<()>>("report")?;
/// let mut instance = linked.instantiate(())?;
/// instance.call("$root", "run", &[])?;
/// # Ok(())
/// # }
/// ```
///
/// [Limits](crate::Limits) are those of each part's package. What one calls runs inside its own call: it has the time
/// and fuel that are left to that, and no more than it is allowed itself. If it traps, panics or runs into a limit, so
/// ends the call of who called it, with [`Error::Callee`], and the whole instance cannot be used any more.
///
/// Resources do not travel between packages: interfaces that have some are not wired.
pub struct Composition<T: 'static> {
    parts: Vec<(String, Linker<T>)>,
    wires: Vec<WireRequest>,
    interceptors: Vec<Arc<dyn Interceptor<T>>>,
}

/// A wire that is asked for.
#[derive(Debug)]
struct WireRequest {
    part: String,
    import: String,
    provider: String,
    export: String,
}

/// What is wrong with a composition.
#[derive(Debug)]
pub struct CompositionError {
    /// Every problem, at least one.
    pub problems: Vec<CompositionProblem>,
}

/// One thing that is wrong with a composition.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompositionProblem {
    /// Two parts have one name.
    #[error("there are two parts `{0}`")]
    SamePart(String),
    /// There is no such part.
    #[error("there is no part `{name}`; there is {available}")]
    NoSuchPart {
        /// The name.
        name: String,
        /// The parts that there are.
        available: String,
    },
    /// A part comes from another runtime than the first one.
    #[error("the part `{0}` was loaded by another runtime: load all of them with clones of one")]
    OtherRuntime(String),
    /// A part does not import what it should get.
    #[error("the part `{part}` does not import `{interface}`; it imports {available}")]
    NoSuchImport {
        /// The part.
        part: String,
        /// The interface.
        interface: String,
        /// What it imports.
        available: String,
    },
    /// A part does not export what it should provide.
    #[error("the part `{part}` does not export `{interface}`; it exports {available}")]
    NoSuchExport {
        /// The part.
        part: String,
        /// The interface.
        interface: String,
        /// What it exports.
        available: String,
    },
    /// An import gets its functions from two places.
    #[error("`{function}` of `{interface}`, which the part `{part}` imports, is provided twice")]
    ProvidedTwice {
        /// The part that imports it.
        part: String,
        /// The interface.
        interface: String,
        /// The first function that is.
        function: String,
    },
    /// What one part exports is not what the other imports.
    #[error("{}", differences(importer, provider, mismatches))]
    Mismatch {
        /// The part that imports.
        importer: String,
        /// The part that exports.
        provider: String,
        /// Every difference: the part that exports is in the place of the host.
        mismatches: Vec<Mismatch>,
    },
    /// Resources would have to travel between packages.
    #[error(
        "`{function}` of the part `{part}` has resources, which do not travel between packages; let the host implement \
         the interface"
    )]
    Resources {
        /// The part that imports it.
        part: String,
        /// The function.
        function: String,
    },
    /// Parts call each other in a circle.
    #[error(
        "the parts {} import from each other in a circle; a part that runs cannot be called again",
        circle(.0)
    )]
    Cycle(Vec<String>),
    /// A part does not fit the host.
    #[error("the part `{part}`: {error}")]
    Part {
        /// The part.
        part: String,
        /// What is wrong.
        error: Box<Error>,
    },
}

fn differences(importer: &str, provider: &str, mismatches: &[Mismatch]) -> String {
    const SHOWN: usize = 20;
    let mut text =
        format!("the part `{provider}` does not fit what the part `{importer}` imports:");
    for mismatch in mismatches.iter().take(SHOWN) {
        let Mismatch {
            function,
            place,
            host,
            package,
            ..
        } = mismatch;
        let place = match place.is_empty() {
            true => String::new(),
            false => format!("{place}: "),
        };
        let line =
            format!("\n    {function}: {place}`{provider}` has {host}, `{importer}` has {package}");
        text.push_str(&line);
    }
    if let Some(more) = mismatches.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        text.push_str(&format!("\n    and {more} more"));
    }
    text
}

fn circle(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(" -> ")
}

impl fmt::Display for CompositionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the packages cannot be composed:")?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for CompositionError {}

impl<T> fmt::Debug for Composition<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Composition")
            .field("parts", &self.parts)
            .field("wires", &self.wires)
            .finish_non_exhaustive()
    }
}

impl<T: 'static> Default for Composition<T> {
    fn default() -> Self {
        Self {
            parts: Vec::new(),
            wires: Vec::new(),
            interceptors: Vec::new(),
        }
    }
}

/// The contract of a host that calls nothing of a part.
const CALLS_NOTHING: HostContract = <Instance<()> as Client>::CONTRACT;

impl<T: 'static> Composition<T> {
    /// No parts yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a package, with what the host offers to it, under a name that is its own. One package can be several parts.
    #[must_use]
    pub fn part(mut self, name: impl Into<String>, linker: Linker<T>) -> Self {
        self.parts.push((name.into(), linker));
        self
    }

    /// Has an interface that a part imports provided by another part, which exports it. `$root` stands for the functions
    /// of the world itself.
    #[must_use]
    pub fn wire(self, part: &str, interface: &str, provider: &str) -> Self {
        self.wire_as(part, interface, provider, interface)
    }

    /// [`wire`](Self::wire), where the provider exports the interface under another name: another version, for example.
    /// Types are compared by what they are.
    ///
    /// ```no_run
    /// # use pack_runtime::{Composition, Error, Linker, Package};
    /// # fn demo(sheet: &Package, ledger: &Package) -> Result<(), Error> {
    /// let composition = Composition::<()>::new()
    ///     .part("sheet", Linker::new(sheet)?)
    ///     .part("books", Linker::new(ledger)?)
    ///     .wire_as("sheet", "demo:sheet/cells@1.0.0", "books", "demo:ledger/accounts@2.1.0");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn wire_as(mut self, part: &str, import: &str, provider: &str, export: &str) -> Self {
        self.wires.push(WireRequest {
            part: part.to_owned(),
            import: import.to_owned(),
            provider: provider.to_owned(),
            export: export.to_owned(),
        });
        self
    }

    /// Puts an interceptor around the calls of all parts, outside of those that parts have of their own. A call from one
    /// part to the other is seen twice: as an import of the one, and inside of that as an export of the other.
    #[must_use]
    pub fn intercept(mut self, interceptor: impl Interceptor<T> + 'static) -> Self {
        self.interceptors.push(Arc::new(interceptor));
        self
    }

    /// Compares what the parts import and export with each other, with what the host offers and with what it was
    /// compiled with, and connects them. The client calls the part `main`.
    ///
    /// # Errors
    ///
    /// [`Error::Composition`], with everything that does not fit at once.
    pub fn link<C: Client<Host = T>>(self, main: &str) -> Result<Linked<C>, Error> {
        let mut composing = Composing::new(self);
        let order = composing.check(main, &C::CONTRACT);
        let Composing {
            parts,
            mut wires,
            problems,
            ..
        } = composing;
        if !problems.is_empty() {
            return Err(Error::Composition(Box::new(CompositionError { problems })));
        }
        // Those that are called come before those that call them.
        let places: BTreeMap<usize, usize> = order.iter().copied().zip(0..).collect();
        let mut parts: Vec<Option<(String, Linker<T>)>> = parts.into_iter().map(Some).collect();
        let mut linked = Vec::with_capacity(parts.len());
        let mut called = None;
        for at in order {
            let Some((name, linker)) = parts.get_mut(at).and_then(Option::take) else {
                continue;
            };
            if name == main {
                called = Some((linked.len(), linker.package().clone()));
            }
            let mut own = wires.remove(&at).unwrap_or_default();
            for wire in own.values_mut() {
                wire.part = places.get(&wire.part).copied().unwrap_or(usize::MAX);
            }
            let part = linker.into_part(name.as_str().into(), own);
            linked.push(part.map_err(|error| {
                let (part, error) = (name, Box::new(error));
                let problems = vec![CompositionProblem::Part { part, error }];
                Error::Composition(Box::new(CompositionError { problems }))
            })?);
        }
        match called {
            Some((place, package)) => Ok(Linked::new(linked, place, package)),
            None => Err(Error::Convention(format!("there is no part `{main}`"))),
        }
    }
}

/// A composition that is checked.
struct Composing<T: 'static> {
    parts: Vec<(String, Linker<T>)>,
    requests: Vec<WireRequest>,
    /// By the number of the part that imports, then by interface and function.
    wires: BTreeMap<usize, BTreeMap<(String, String), Wire>>,
    problems: Vec<CompositionProblem>,
}

impl<T: 'static> Composing<T> {
    fn new(composition: Composition<T>) -> Self {
        let mut parts = composition.parts;
        for (_, linker) in &mut parts {
            linker.intercept_outside(&composition.interceptors);
        }
        Self {
            parts,
            requests: composition.wires,
            wires: BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    /// Notes all problems. Returns the parts, those that are called first.
    fn check(&mut self, main: &str, host: &HostContract) -> Vec<usize> {
        let mut names = BTreeSet::new();
        let mut others = Vec::new();
        let engine = self
            .parts
            .first()
            .map(|(_, linker)| linker.package().clone());
        for (name, linker) in &self.parts {
            if !names.insert(name.clone()) {
                others.push(CompositionProblem::SamePart(name.clone()));
            }
            let own = linker.package().runtime().engine();
            let is_other = |first: &Package| !Engine::same(first.runtime().engine(), own);
            if engine.as_ref().is_some_and(is_other) {
                others.push(CompositionProblem::OtherRuntime(name.clone()));
            }
        }
        self.problems.extend(others);
        let _ = self.find(main);
        for request in std::mem::take(&mut self.requests) {
            self.wire(&request);
        }
        for (name, linker) in &self.parts {
            let own = if name == main { host } else { &CALLS_NOTHING };
            if let Err(error) = linker.compare(own) {
                let (part, error) = (name.clone(), Box::new(error));
                self.problems.push(CompositionProblem::Part { part, error });
            }
        }
        self.order()
    }

    fn find(&mut self, name: &str) -> Option<usize> {
        let at = self.parts.iter().position(|(part, _)| part == name);
        if at.is_none() {
            let available = list(self.parts.iter().map(|(part, _)| part.as_str()));
            let name = name.to_owned();
            let problem = CompositionProblem::NoSuchPart { name, available };
            self.problems.push(problem);
        }
        at
    }

    fn wire(&mut self, request: &WireRequest) {
        let (importer, provider) = (self.find(&request.part), self.find(&request.provider));
        let (Some(importer), Some(provider)) = (importer, provider) else {
            return;
        };
        let package = |at: usize| {
            self.parts
                .get(at)
                .map(|(_, linker)| linker.package().clone())
        };
        let (Some(own), Some(other)) = (package(importer), package(provider)) else {
            return;
        };
        let import = own.types().import(&request.import);
        let export = other.types().export(&request.export);
        if import.is_none() {
            self.problems.push(CompositionProblem::NoSuchImport {
                part: request.part.clone(),
                interface: request.import.clone(),
                available: list(names(&own.types().imports)),
            });
        }
        if export.is_none() {
            self.problems.push(CompositionProblem::NoSuchExport {
                part: request.provider.clone(),
                interface: request.export.clone(),
                available: list(names(&other.types().exports)),
            });
        }
        let (Some(import), Some(export)) = (import, export) else {
            return;
        };
        self.compare(request, (own.types(), import), (other.types(), export));
        for function in &import.functions {
            if own.types().passes_handles(function) {
                self.problems.push(CompositionProblem::Resources {
                    part: request.part.clone(),
                    function: diff::function_name(import, function),
                });
            }
            if !self.connect(request, importer, function, provider) {
                return;
            }
        }
    }

    fn compare(
        &mut self,
        request: &WireRequest,
        (own, import): (&Contract, &Interface),
        (other, export): (&Contract, &Interface),
    ) {
        let mut mismatches = Vec::new();
        for function in &import.functions {
            let name = diff::function_name(import, function);
            let Some(provided) = export.function(&function.name) else {
                mismatches.push(Mismatch {
                    role: Role::Import,
                    function: name,
                    place: String::new(),
                    host: "no such function".to_owned(),
                    package: "function".to_owned(),
                });
                continue;
            };
            let comparison =
                diff::compare_function((other, provided), (own, function), Role::Import, &name);
            if comparison.verdict == Verdict::Breaking {
                mismatches.extend(comparison.mismatches);
            }
        }
        if !mismatches.is_empty() {
            self.problems.push(CompositionProblem::Mismatch {
                importer: request.part.clone(),
                provider: request.provider.clone(),
                mismatches,
            });
        }
    }

    /// Connects one function, unless something else provides it.
    fn connect(
        &mut self,
        request: &WireRequest,
        importer: usize,
        function: &Function,
        provider: usize,
    ) -> bool {
        let Some((_, linker)) = self.parts.get_mut(importer) else {
            return false;
        };
        if linker.wire(&request.import, function).is_err() {
            self.problems.push(CompositionProblem::ProvidedTwice {
                part: request.part.clone(),
                interface: request.import.clone(),
                function: function.name.clone(),
            });
            return false;
        }
        let key = (request.import.clone(), function.name.clone());
        let wire = Wire {
            part: provider,
            interface: request.export.clone(),
        };
        self.wires.entry(importer).or_default().insert(key, wire);
        true
    }

    /// The parts, those that are called first.
    fn order(&mut self) -> Vec<usize> {
        let mut order = Vec::new();
        let mut left: BTreeSet<usize> = (0..self.parts.len()).collect();
        while !left.is_empty() {
            let called = |at: &usize| self.wires.get(at).into_iter().flat_map(BTreeMap::values);
            let waits = |at: &usize| called(at).find(|wire| left.contains(&wire.part));
            let Some(next) = left.iter().copied().find(|at| waits(at).is_none()) else {
                // All that are left wait: to go from one to the next leads back sooner or later.
                let mut path = Vec::new();
                let mut at = left.first().copied();
                while let Some(part) = at.filter(|part| !path.contains(part)) {
                    path.push(part);
                    at = waits(&part).map(|wire| wire.part);
                }
                let start = path.iter().position(|part| Some(*part) == at);
                let round = path.iter().skip(start.unwrap_or_default()).chain(&at);
                let name = |at: &usize| self.parts.get(*at).map(|(name, _)| name.clone());
                let names = round.filter_map(name).collect();
                self.problems.push(CompositionProblem::Cycle(names));
                return order;
            };
            left.remove(&next);
            order.push(next);
        }
        order
    }
}

fn names(interfaces: &[Interface]) -> impl Iterator<Item = &str> {
    interfaces.iter().map(|interface| interface.name.as_str())
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match names.is_empty() {
        true => "none".to_owned(),
        false => names.join(", "),
    }
}
