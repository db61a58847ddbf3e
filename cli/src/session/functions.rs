//! The functions of a package, as they are called on the command line.

use pack_runtime::schema::diff::function_name;
use pack_runtime::schema::{Contract, Function, FunctionName, Interface, ROOT};
use pack_runtime::{Instance, Package, Usage, Value};
use serde_json::json;

use crate::failure::Failure;
use crate::output;

/// A function that a package exports.
#[derive(Debug)]
pub(super) struct Exported {
    interface: String,
    pub(super) function: Function,
}

impl Exported {
    /// The name that is shown: `query.run`.
    pub(super) fn name(&self) -> String {
        let (interface, function) = (&self.interface, &self.function.name);
        FunctionName {
            interface,
            function,
        }
        .to_string()
    }

    pub(super) fn call(
        &self,
        instance: &mut Instance<()>,
        arguments: &[Value],
    ) -> Result<Option<Value>, Failure> {
        Ok(instance.call(&self.interface, &self.function.name, arguments)?)
    }

    pub(super) fn to_json(
        &self,
        package: &Package,
        result: Option<&Value>,
        usage: &Usage,
    ) -> Result<serde_json::Value, Failure> {
        let result = match (result, self.function.result) {
            (Some(value), Some(ty)) => {
                let json = serde_json::to_value(value.typed(package.types(), ty));
                json.map_err(|error| Failure::output(format!("cannot write JSON: {error}")))?
            }
            _ => serde_json::Value::Null,
        };
        Ok(json!({
            "function": self.name(),
            "result": result,
            "usage": {
                "memory": usage.memory,
                "milliseconds": usage.time.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
                "fuel": usage.fuel,
                "argument_bytes": usage.argument_bytes,
                "result_bytes": usage.result_bytes,
                "log_bytes": usage.log_bytes,
            },
        }))
    }
}

/// The function of a package that goes by a name.
pub(super) fn find(contract: &Contract, wanted: &str) -> Result<Exported, Failure> {
    let all = contract.exports.iter();
    let all: Vec<(&Interface, &Function)> = all
        .flat_map(|interface| interface.functions.iter().map(move |f| (interface, f)))
        .collect();
    let (interface, function) = only(&all, wanted, "the package exports")?;
    let exported = Exported {
        interface: interface.name.clone(),
        function: function.clone(),
    };
    match contract.passes_handles(function) {
        false => Ok(exported),
        true => {
            let message = format!("`{}` passes or returns resources", exported.name());
            let help =
                "resources belong to a running instance, so that only a program can pass them";
            Err(Failure::arguments(message).with_help(help))
        }
    }
}

/// The one of these functions that goes by a name. `who` is who has them, and the verb.
pub(super) fn only<'p>(
    all: &[(&'p Interface, &'p Function)],
    wanted: &str,
    who: &str,
) -> Result<(&'p Interface, &'p Function), Failure> {
    let names = |found: &[&(&Interface, &Function)]| {
        let names: Vec<String> = found
            .iter()
            .map(|(i, f)| format!("`{}`", function_name(i, f)))
            .collect();
        names.join(", ")
    };
    let found: Vec<_> = all
        .iter()
        .filter(|(interface, function)| goes_by(interface, function, wanted))
        .collect();
    match found.as_slice() {
        [only] => Ok(**only),
        [] => {
            let shown = output::short(wanted);
            let failure = Failure::arguments(format!("{who} no function `{shown}`"));
            Err(match all {
                [] => failure.with_help(format!("{who} none at all")),
                all => {
                    let all: Vec<_> = all.iter().collect();
                    let nearest =
                        all.iter()
                            .map(|(i, f)| function_name(i, f))
                            .max_by(|one, other| {
                                let similarity = |name| match wanted.len() {
                                    0..200 => strsim::jaro_winkler(name, wanted),
                                    _ => 0.0,
                                };
                                similarity(one).total_cmp(&similarity(other))
                            });
                    let nearest = nearest.filter(|_| wanted.len() < 200);
                    let nearest = nearest.filter(|name| strsim::jaro_winkler(name, wanted) > 0.8);
                    failure.with_help(match nearest {
                        Some(nearest) => format!("is `{nearest}` meant?"),
                        None => format!("{who} {}", names(&all)),
                    })
                }
            })
        }
        several => Err(
            Failure::arguments(format!("`{wanted}` may be several functions"))
                .with_help(format!("name its interface as well: {}", names(several))),
        ),
    }
}

/// Whether it is a name of the function: alone, or after its interface's name, with or without package and version. That
/// of a resource's function begins with the resource: `counter.increment`.
fn goes_by(interface: &Interface, function: &Function, wanted: &str) -> bool {
    let own = function.name.as_str();
    let shown = function_name(interface, function);
    let unversioned = interface.name.split('@').next().unwrap_or_default();
    let qualified = |interface: &str, sign: &str| format!("{interface}{sign}{own}");
    let alone = match interface.name.as_str() {
        ROOT => Some(shown.as_str()),
        _ => shown.split_once('.').map(|(_, alone)| alone),
    };
    wanted == own
        || wanted == shown
        || alone == Some(wanted)
        || [interface.name.as_str(), unversioned].iter().any(|name| {
            [".", "#"]
                .iter()
                .any(|sign| wanted == qualified(name, sign))
        })
}
