//! A package that runs for a command: its limits, what it imports, and where its log goes.

mod arguments;
mod functions;
mod imports;
mod log;

use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use clap::builder::styling::{AnsiColor, Style};
use pack_runtime::{Instance, Interceptor, Limits, Linker, Package, Runtime, Usage, Value};
use serde_json::json;

use crate::arguments::{PackageFile, size};
use crate::failure::Failure;
use crate::output;
use arguments::Arguments;
use functions::Exported;

/// What a package may use.
#[derive(Debug, clap::Args)]
pub(crate) struct LimitOptions {
    /// How long a call may take, such as `500ms` or `1m`; `0s` for as long as it likes.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = humantime::parse_duration)]
    timeout: Duration,

    /// How much a call may compute, in units of about one WebAssembly instruction. Unlike time it is the same on every machine.
    #[arg(long, value_name = "UNITS")]
    fuel: Option<u64>,

    /// How much memory the package may have, such as `64MiB`.
    #[arg(long, value_name = "SIZE", default_value = "256MiB", value_parser = size)]
    memory: ByteSize,
}

impl LimitOptions {
    pub(crate) fn limits(&self) -> Limits {
        let memory = usize::try_from(self.memory.as_u64()).unwrap_or(usize::MAX);
        let time = (!self.timeout.is_zero()).then_some(self.timeout);
        Limits::default()
            .with_memory(memory)
            .with_time(time)
            .with_fuel(self.fuel)
    }
}

const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// How it is said what the package does on the way to its results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Not,
    AsText,
    /// Of which each line is an object.
    AsJson,
}

/// What is common to the commands that call functions.
#[derive(Debug, clap::Args)]
pub(crate) struct Session {
    #[command(flatten)]
    package: PackageFile,

    /// Calls, such as `'query.run({a: 1}, "x")'`, one after the other in one instance; `-` for one from the standard input.
    ///
    /// A function is called by its name, where several have it with its interface: `run`, `query.run`,
    /// `demo:json-query/query@1.0.0.run`.
    #[arg(value_name = "CALL", required = true)]
    calls: Vec<String>,

    /// The arguments as JSON, where CALL is the name of a function alone: an array, or an object with their names; `-` for the standard input.
    #[arg(long, value_name = "JSON")]
    args: Option<String>,

    /// What an imported function answers: a file with its result, as JSON, or as WAVE where it is called `.wave`.
    ///
    /// Where there are several for one function, they are its answers in turn, and the last is also that of all calls after
    /// it. Functions without a result need none: their calls are written to the standard error.
    #[arg(long = "import", value_name = "FUNCTION=FILE", value_parser = imports::answer)]
    imports: Vec<(String, PathBuf)>,

    #[command(flatten)]
    limits: LimitOptions,

    /// Do not show what the package logs, nor its calls of functions without a result.
    #[arg(short, long)]
    quiet: bool,

    /// Say on the standard error what each call used.
    #[arg(long)]
    usage: bool,

    /// Print results as JSON, with what each call used; and as lines of JSON what goes to the standard error.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Session {
    /// Finds out all that is wrong before anything runs.
    pub(crate) fn prepare(&self) -> Result<Prepared<'_>, Failure> {
        let name = self.package.name();
        let runtime = Runtime::builder()
            .limits(self.limits.limits())
            .log(log::Lines::new(self.said()));
        let runtime = runtime.build()?;
        let package = runtime
            .load(&self.package.read()?)
            .map_err(|error| Failure::from(error).about(&name))?;
        let calls = self.read_calls(&package)?;
        let mut linker = Linker::new(&package)?;
        for interface in imports::interfaces(package.types(), &self.imports, self.said())? {
            linker = linker.offer(&interface)?;
        }
        Ok(Prepared {
            session: self,
            linker,
            calls,
        })
    }

    /// Says what is not as one might think, and no failure.
    pub(crate) fn warn(&self, message: &str) {
        match self.json {
            true => output::say_json(&json!({ "warning": message })),
            false => output::say(&format!("{WARNING}warning{WARNING:#}: {message}")),
        }
    }

    fn said(&self) -> Said {
        match (self.quiet, self.json) {
            (true, _) => Said::Not,
            (false, true) => Said::AsJson,
            (false, false) => Said::AsText,
        }
    }

    fn read_calls(&self, package: &Package) -> Result<Vec<(Exported, Vec<Value>)>, Failure> {
        if self.args.is_some() && self.calls.len() > 1 {
            return Err(Failure::arguments(
                "`--args` is for one call, and there are several",
            ));
        }
        let read = |text: &String| {
            let arguments = Arguments::new(text, self.args.as_deref())?;
            let exported = functions::find(package.types(), arguments.function()?)?;
            let values = arguments.read(package.types(), &exported.function)?;
            Ok((exported, values))
        };
        self.calls.iter().map(read).collect()
    }
}

/// A package and what it is to do.
pub(crate) struct Prepared<'s> {
    session: &'s Session,
    linker: Linker<()>,
    calls: Vec<(Exported, Vec<Value>)>,
}

impl<'s> Prepared<'s> {
    pub(crate) fn intercept(mut self, interceptor: impl Interceptor<()> + 'static) -> Self {
        self.linker = self.linker.intercept(interceptor);
        self
    }

    /// Starts the package.
    pub(crate) fn start(self) -> Result<Started<'s>, Failure> {
        let instance = self.linker.link::<Instance<()>>()?.instantiate(())?;
        Ok(Started {
            session: self.session,
            instance,
            calls: self.calls,
        })
    }
}

/// A package that runs.
pub(crate) struct Started<'s> {
    session: &'s Session,
    instance: Instance<()>,
    calls: Vec<(Exported, Vec<Value>)>,
}

impl Started<'_> {
    /// Makes all calls, and prints their results as they come.
    pub(crate) fn call(mut self) -> Result<(), Failure> {
        let (as_json, shows_usage) = (self.session.json, self.session.usage);
        let package = self.instance.package().clone();
        let mut done = Vec::new();
        for (exported, arguments) in &self.calls {
            let result = match exported.call(&mut self.instance, arguments) {
                Ok(result) => result,
                Err(failure) => {
                    // What was done before is done.
                    if as_json && !done.is_empty() {
                        output::print_json(&json!({ "calls": done }))?;
                    }
                    return Err(failure);
                }
            };
            let usage = self.instance.usage();
            if shows_usage && !as_json {
                output::say(&format!("{}: {}", exported.name(), usage_words(&usage)));
            }
            match (&result, as_json) {
                (_, true) => done.push(exported.to_json(&package, result.as_ref(), &usage)?),
                (Some(value), false) => output::print(&format!("{value}\n"))?,
                (None, false) => {}
            }
        }
        match as_json {
            true => output::print_json(&json!({ "calls": done })),
            false => Ok(()),
        }
    }
}

/// What a call used, on one line.
fn usage_words(usage: &Usage) -> String {
    let mut words = vec![format!("{} of memory", output::size(usage.memory))];
    if let Some(time) = usage.time {
        words.push(format!("{} ms", time.as_millis()));
    }
    if let Some(fuel) = usage.fuel {
        words.push(format!("{fuel} units of fuel"));
    }
    for (bytes, what) in [
        (usage.argument_bytes, "of arguments"),
        (usage.result_bytes, "of result"),
        (usage.log_bytes, "of log"),
    ] {
        words.push(format!("{} {what}", output::size(bytes)));
    }
    words.join(", ")
}
