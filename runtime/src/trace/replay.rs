use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pack_abi::convention::{DROP_IMPORT, Role};
use pack_abi::schema::FunctionName;
use pack_abi::{Limits, Value};

use super::format::{BeginRecord, OutcomeRecord, TracedFailure};
use super::read::{Trace, TracedCall};
use crate::error::{Error, printable};
use crate::function::CalledFunction;
use crate::host_interface::{HostError, HostInterface};
use crate::instance::Instance;
use crate::interceptor::{Action, Call, Interceptor};
use crate::linker::Linker;
use crate::mode::{Blocking, now};
use crate::package::{Digest, Package};
use crate::payload::Payload;

/// Runs a package again, as a trace says: each export is called with the arguments it had, each call of an import is
/// compared with the one it was and gets the result it had. No host function runs. What a package does depends on
/// nothing else, so that it does the same again; where it does not, that is the place to look at.
///
/// ```no_run
/// # use pack_runtime::{Replay, Runtime, Trace};
/// # fn demo() -> Result<(), Box<dyn std::error::Error>> {
/// let trace = Trace::read(&std::fs::read("run.trace")?)?;
/// let package = Runtime::new()?.load_file("report.wasm")?;
/// // A package alone is a part with the name of its world.
/// let replayed = Replay::new(&trace).run(&package.types().world, &package)?;
/// println!("{replayed}");
/// # Ok(())
/// # }
/// ```
///
/// A part of a composition is run alone: what other parts answered is in the trace as well. Calls that waited are
/// replayed without waiting.
#[derive(Debug, Clone, Copy)]
pub struct Replay<'t> {
    trace: &'t Trace,
    takes_other_builds: bool,
}

/// What was run again, and did the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Replayed {
    /// Instances.
    pub instances: usize,
    /// Calls of exports.
    pub exports: usize,
    /// Calls of imports.
    pub imports: usize,
}

impl fmt::Display for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            instances,
            exports,
            imports,
        } = self;
        write!(
            f,
            "replayed {exports} calls and the {imports} calls they made, of {instances} instances"
        )
    }
}

/// Why a trace was not replayed to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The trace is not about this part.
    #[error("the trace has no part `{name}`; it has {available}")]
    NoSuchPart {
        /// The name.
        name: String,
        /// The parts it is about.
        available: String,
    },
    /// The package is another one than was recorded.
    #[error(
        "the package is not the one that was recorded: its digest is {found}, and the trace is of {recorded}. Its \
         contract is {}",
        same_contract(.has_same_contract)
    )]
    OtherPackage {
        /// The digest in the trace.
        recorded: Digest,
        /// The digest of the package.
        found: Digest,
        /// Whether they import and export the same, so that [`Replay::with_other_builds`] would take it.
        has_same_contract: bool,
    },
    /// The package did something else than was recorded. This is the first call where it did.
    #[error(transparent)]
    Diverged(Box<Divergence>),
    /// The package cannot be run.
    #[error(transparent)]
    Run(#[from] Error),
}

fn same_contract(same: &bool) -> &'static str {
    match same {
        true => "the same: it is another build, which `Replay::with_other_builds` takes",
        false => "another one",
    }
}

/// The first call where a package did something else than was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Divergence {
    /// The instance in the trace, from 0.
    pub instance: u32,
    /// The call's number in the trace, which is its [`Call::id`](crate::Call::id). For a call that the trace does not have,
    /// that of the call inside of which it is.
    pub call: u64,
    /// The interface of the function.
    pub interface: String,
    /// The function.
    pub function: String,
    /// What was recorded.
    pub recorded: String,
    /// What the package did now.
    pub found: String,
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            instance,
            call,
            interface,
            function,
            recorded,
            found,
        } = self;
        let name = FunctionName {
            interface,
            function,
        };
        write!(
            f,
            "the package diverges from the trace at call #{call} of instance {instance}, {name}\n  recorded: {}\n  now: {}",
            printable(recorded),
            printable(found)
        )
    }
}

impl std::error::Error for Divergence {}

impl<'t> Replay<'t> {
    /// Replays this trace.
    pub fn new(trace: &'t Trace) -> Self {
        Self {
            trace,
            takes_other_builds: false,
        }
    }

    /// Takes another package than was recorded, if it imports and exports the same: to find out whether a new build
    /// does what the old one did.
    ///
    /// ```no_run
    /// # use pack_runtime::{Package, Replay, ReplayError, Trace};
    /// # fn demo(trace: &Trace, newer: &Package) -> Result<(), ReplayError> {
    /// match Replay::new(trace).with_other_builds(true).run("report", newer) {
    ///     Err(ReplayError::Diverged(first)) => println!("it is not the same any more: {first}"),
    ///     other => println!("{}", other?),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_other_builds(mut self, on: bool) -> Self {
        self.takes_other_builds = on;
        self
    }

    /// Runs a part of what was recorded. That of a package alone has the name of its world.
    ///
    /// # Errors
    ///
    /// [`ReplayError::NoSuchPart`]; [`ReplayError::OtherPackage`] if the package is another one; [`ReplayError::Run`] if it
    /// cannot be run; [`ReplayError::Diverged`] if it does something else than was recorded.
    pub fn run(&self, part: &str, package: &Package) -> Result<Replayed, ReplayError> {
        let packages = || self.trace.packages.iter().zip(0_u32..);
        let mut named = packages().filter(|(traced, _)| traced.part == part);
        let mut same = named.clone();
        // There may be several builds of one name.
        let same = same.find(|(traced, _)| traced.digest == package.digest());
        let found = same.or_else(|| named.next());
        let Some((traced, number)) = found else {
            let names = self.trace.packages.iter().map(|traced| &*traced.part);
            return Err(ReplayError::NoSuchPart {
                name: part.to_owned(),
                available: match names.collect::<Vec<_>>().join(", ") {
                    none if none.is_empty() => "none: it ends before the first call".to_owned(),
                    names => printable(&names),
                },
            });
        };
        let has_same_contract = Digest::of(package.metadata()) == traced.schema;
        let is_taken = self.takes_other_builds && has_same_contract;
        if package.digest() != traced.digest && !is_taken {
            return Err(ReplayError::OtherPackage {
                recorded: traced.digest,
                found: package.digest(),
                has_same_contract,
            });
        }
        let calls = || {
            let calls = self.trace.calls.iter();
            calls.filter(|call| call.begin.package == number)
        };
        let mut instances: Vec<u32> = calls().map(|call| call.begin.instance).collect();
        instances.sort_unstable();
        instances.dedup();
        let mut replayed = Replayed::default();
        for instance in instances {
            let own = calls().filter(|call| call.begin.instance == instance);
            run(own, instance, package, self.trace.is_whole(), &mut replayed)?;
        }
        Ok(replayed)
    }
}

/// Runs the calls of one instance of a package.
fn run<'t>(
    calls: impl Iterator<Item = &'t TracedCall>,
    instance: u32,
    package: &Package,
    is_whole: bool,
    replayed: &mut Replayed,
) -> Result<(), ReplayError> {
    let (imports, exports): (Vec<_>, Vec<_>) = calls.partition(|call| call.begin.is_import);
    let script = Arc::new(Script(Mutex::new(Progress {
        imports: imports.into_iter().cloned().collect(),
        exports: exports.iter().map(|call| call.begin.call).collect(),
        ends_here: exports.is_empty() && !is_whole,
        replayed: *replayed,
        ..Progress::default()
    })));
    script.lock().replayed.instances += 1;
    let started = script.judge(instance, || start(package, &script))?;
    let mut running = match started {
        Ok(running) => running,
        Err(error) => {
            let progress = script.lock();
            *replayed = progress.replayed;
            // It failed to start when it was recorded.
            let is_same = progress.ends_here || progress.import_failed;
            return if is_same { Ok(()) } else { Err(error.into()) };
        }
    };
    let limits = package.limits().message;
    for call in exports {
        if let Some(OutcomeRecord::Failed(TracedFailure::Stopped(_))) = call.outcome {
            // The package was not called.
            continue;
        }
        let Some(function) = exported(package, &call.begin) else {
            let found = "the package has no such function".to_owned();
            return Err(divergence(instance, call, "a call".to_owned(), found));
        };
        script.begin(call);
        let arguments = Payload::from(call.begin.arguments.clone());
        let arguments = arguments.sendable(&function).map_err(|error| {
            let recorded = "arguments that can be sent".to_owned();
            divergence(instance, call, recorded, error.to_string())
        })?;
        let outcome = script.judge(instance, || {
            now(running.call_payload::<Blocking>(&function, &arguments))
        })?;
        let (was_import, has_ended) = {
            let progress = script.lock();
            (progress.import_failed, progress.has_ended)
        };
        match difference(call, &function, &outcome, was_import, limits) {
            // What comes after it is not in the trace.
            _ if call.is_open() => break,
            Some(_) if call.is_exhausted() && (outcome.is_ok() || has_ended) => break,
            Some((recorded, found)) => return Err(divergence(instance, call, recorded, found)),
            None if running.poisoned().is_some() => break,
            None => {}
        }
    }
    *replayed = script.lock().replayed;
    Ok(())
}

impl TracedCall {
    /// Whether the trace does not say how it ended.
    fn is_open(&self) -> bool {
        matches!(self.outcome, None | Some(OutcomeRecord::Abandoned))
    }

    /// Whether it used up what it may have shared with packages that are not run now.
    fn is_exhausted(&self) -> bool {
        matches!(
            self.outcome,
            Some(OutcomeRecord::Failed(TracedFailure::Exhausted(_)))
        )
    }
}

fn start(package: &Package, script: &Arc<Script>) -> Result<Instance<()>, Error> {
    let mut linker = Linker::<()>::new(package)?;
    for interface in &package.types().imports {
        let mut offered = HostInterface::new(&interface.name);
        for function in &interface.functions {
            // The script answers before it comes to that.
            offered.dynamic_function(&function.name, |_, _| {
                Err::<Option<Value>, _>("it is not in the trace")
            });
        }
        linker = linker.offer(&offered)?;
    }
    let linked = linker
        .intercept(Arc::clone(script))
        .link::<Instance<()>>()?;
    linked.instantiate(())
}

fn exported(package: &Package, begin: &BeginRecord) -> Option<CalledFunction> {
    let contract = package.contract();
    if (begin.interface.as_str(), begin.function.as_str()) == DROP_IMPORT {
        return Some(CalledFunction::drop(contract, Role::Export));
    }
    let function = contract
        .export(&begin.interface)?
        .function(&begin.function)?;
    let function = CalledFunction::new(contract, &begin.interface, function, Role::Export);
    Some(function)
}

fn divergence(instance: u32, call: &TracedCall, recorded: String, found: String) -> ReplayError {
    let begin = &call.begin;
    ReplayError::Diverged(Box::new(Divergence {
        instance,
        call: begin.call,
        interface: begin.interface.clone(),
        function: begin.function.clone(),
        recorded,
        found,
    }))
}

/// How a call of an export ended otherwise than before, if it did.
fn difference(
    call: &TracedCall,
    function: &CalledFunction,
    outcome: &Result<Payload, Error>,
    import_failed: bool,
    limits: Limits,
) -> Option<(String, String)> {
    let found = match outcome {
        Ok(payload) => Ok(payload.clone()),
        Err(error) => Err(TracedFailure::of(error)),
    };
    let recorded = match call.outcome.clone()? {
        OutcomeRecord::Returned(payload) => Ok(Payload::from(payload)),
        OutcomeRecord::Failed(failure) => Err(failure),
        OutcomeRecord::Abandoned => return None,
    };
    let is_same = match (&recorded, &found) {
        (Ok(recorded), Ok(found)) => recorded == found,
        // However an import failed, now it is stopped.
        (Err(_), Err(TracedFailure::Import(_))) if import_failed => true,
        (Err(recorded), Err(found)) => recorded == found,
        _ => false,
    };
    let show = |outcome: Result<Payload, TracedFailure>| match outcome {
        Ok(payload) => match payload.result(function, limits) {
            Ok(Some(value)) => shorten(format!("it returned {value}")),
            _ => format!("it returned {payload:?}"),
        },
        Err(failure) => format!("it ended in {failure}"),
    };
    (!is_same).then(|| (show(recorded), show(found)))
}

fn arguments(call: &Call<'_>, payload: &Payload) -> String {
    let name = call.function.full_name();
    match payload.arguments(call.function, call.limits) {
        Ok(values) => {
            let values: Vec<String> = values.iter().map(ToString::to_string).collect();
            shorten(format!("it called {name}({})", values.join(", ")))
        }
        Err(_) => format!("it called {name} with {payload:?}"),
    }
}

fn shorten(mut text: String) -> String {
    const LONGEST: usize = 400;
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push('…');
    }
    text
}

/// What imports are called, and answer.
struct Script(Mutex<Progress>);

#[derive(Default)]
struct Progress {
    /// Those that are still to come.
    imports: VecDeque<TracedCall>,
    /// The numbers of the calls of exports.
    exports: BTreeSet<u64>,
    /// The call of an export that is going on.
    export: Option<BeginRecord>,
    /// Whether the trace ends before that call does.
    ends_here: bool,
    /// Whether it was called beyond that end.
    has_ended: bool,
    /// Whether an import has failed, as it did before, in the call that is going on.
    import_failed: bool,
    replayed: Replayed,
    /// What went otherwise: the call, what was recorded, what was found.
    diverged: Option<(TracedCall, String, String)>,
}

impl Script {
    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, call: &TracedCall) {
        let mut progress = self.lock();
        progress.export = Some(call.begin.clone());
        progress.ends_here = call.is_open() || call.is_exhausted();
        progress.import_failed = false;
        progress.replayed.exports += 1;
    }

    /// Runs something, and says whether the imports that it called are those of the trace.
    fn judge<R>(&self, instance: u32, run: impl FnOnce() -> R) -> Result<R, ReplayError> {
        let outcome = run();
        let mut progress = self.lock();
        if let Some((call, recorded, found)) = progress.diverged.take() {
            return Err(divergence(instance, &call, recorded, found));
        }
        let inside = progress.export.as_ref().map(|begin| begin.call);
        let next = progress.imports.front();
        let is_left = |next: &&TracedCall| inside.is_some() && next.begin.parent == inside;
        if let Some(next) = next.filter(is_left)
            && !progress.ends_here
        {
            let (interface, function) = (&next.begin.interface, &next.begin.function);
            let name = FunctionName {
                interface,
                function,
            };
            let (recorded, found) = (format!("it called {name}"), "it did not".to_owned());
            return Err(divergence(instance, next, recorded, found));
        }
        Ok(outcome)
    }
}

impl Progress {
    fn answer(&mut self, call: &Call<'_>) -> Result<Action, HostError> {
        let inside = self.export.as_ref().map(|begin| begin.call);
        let next = self.imports.front();
        // Those of no export were called to make room for arguments, or while the package started.
        let is_here = |next: &&TracedCall| {
            let parent = next.begin.parent;
            parent == inside || !parent.is_some_and(|parent| self.exports.contains(&parent))
        };
        let Some(next) = next.filter(is_here) else {
            if self.ends_here {
                self.has_ended = true;
                return Err("the trace ends here".into());
            }
            let found = arguments(call, call.payload());
            return Err(self.diverge(call, None, "it called nothing more".to_owned(), found));
        };
        let begin = &next.begin;
        let recorded = Payload::from(begin.arguments.clone());
        let is_same_function =
            begin.interface == call.interface() && begin.function == call.function();
        if !is_same_function || recorded != *call.payload() {
            let recorded = match is_same_function {
                true => arguments(call, &recorded),
                false => {
                    let (interface, function) = (&begin.interface, &begin.function);
                    let name = FunctionName {
                        interface,
                        function,
                    };
                    format!("it called {name}")
                }
            };
            let found = arguments(call, call.payload());
            let next = next.clone();
            return Err(self.diverge(call, Some(next), recorded, found));
        }
        let outcome = next.outcome.clone();
        self.imports.pop_front();
        self.replayed.imports += 1;
        match outcome {
            Some(OutcomeRecord::Returned(payload)) => Ok(Action::AnswerPayload(payload.into())),
            Some(OutcomeRecord::Failed(failure)) => {
                self.import_failed = true;
                Err(failure.to_string().into())
            }
            None | Some(OutcomeRecord::Abandoned) => {
                self.ends_here = true;
                self.has_ended = true;
                Err("the trace ends here".into())
            }
        }
    }

    /// Notes that something went otherwise, and ends the call.
    fn diverge(
        &mut self,
        call: &Call<'_>,
        at: Option<TracedCall>,
        recorded: String,
        found: String,
    ) -> HostError {
        let begin = at.map(|at| at.begin).or_else(|| self.export.clone());
        let begin = begin.unwrap_or_else(|| BeginRecord {
            interface: call.interface().to_owned(),
            function: call.function().to_owned(),
            ..BeginRecord::default()
        });
        let at = TracedCall {
            begin,
            outcome: None,
        };
        self.diverged.get_or_insert((at, recorded, found));
        "it is not in the trace".into()
    }
}

impl Interceptor<()> for Script {
    fn before(&self, (): &mut (), call: &Call<'_>) -> Result<Action, HostError> {
        if call.is_import() {
            self.lock().answer(call)
        } else {
            Ok(Action::Continue)
        }
    }
}
