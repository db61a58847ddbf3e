//! What a package imports, where there is no program to provide it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use pack_runtime::schema::diff::function_name;
use pack_runtime::schema::{Contract, Function, Interface, Type};
use pack_runtime::{HostInterface, Value};
use serde_json::json;

use super::{Said, functions};
use crate::failure::Failure;
use crate::{input, output};

/// Parses `FUNCTION=FILE`.
pub(super) fn answer(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((function, file)) if !function.is_empty() && !file.is_empty() => {
            Ok((function.to_owned(), file.into()))
        }
        _ => Err("it is written FUNCTION=FILE, as in `clock.now=noon.json`".to_owned()),
    }
}

/// The answers of a function: the key is its interface and its name.
type Answers<'c> = BTreeMap<(&'c str, &'c str), Vec<Value>>;

/// All interfaces that a package imports.
pub(super) fn interfaces(
    contract: &Contract,
    given: &[(String, PathBuf)],
    said: Said,
) -> Result<Vec<HostInterface<()>>, Failure> {
    let mut answers = read(contract, given)?;
    let shared = Arc::new(contract.clone());
    let mut interfaces = Vec::new();
    for interface in &contract.imports {
        let mut offered = HostInterface::new(&interface.name);
        for function in &interface.functions {
            let name = function_name(interface, function);
            let key = (interface.name.as_str(), function.name.as_str());
            match (answers.remove(&key), function.result) {
                (Some(values), _) => answering(&mut offered, function, values),
                (None, None) => saying(&mut offered, function, name, &shared, said),
                (None, Some(_)) => failing(&mut offered, function, &name, contract),
            }
        }
        interfaces.push(offered);
    }
    Ok(interfaces)
}

/// A function that has no answer. That matters if it is called.
fn failing(offered: &mut HostInterface<()>, function: &Function, name: &str, contract: &Contract) {
    let problem = match contract.passes_handles(function) {
        true => "it passes or returns resources, which no file can hold".to_owned(),
        false => format!("it has no answer; give a file with one: --import {name}={name}.json"),
    };
    offered.dynamic_function(&function.name, move |(), _| Err(problem.clone()));
}

/// A function that gives these answers in turn, and then the last one again.
fn answering(offered: &mut HostInterface<()>, function: &Function, values: Vec<Value>) {
    let state = Mutex::new(values.into_iter().rev().collect::<Vec<Value>>());
    offered.dynamic_function(&function.name, move |(), _| {
        let mut left = state.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = match left.len() {
            0 | 1 => left.last().cloned(),
            _ => left.pop(),
        };
        Ok::<_, std::convert::Infallible>(answer)
    });
}

/// A function that writes down its calls, and does nothing else.
fn saying(
    offered: &mut HostInterface<()>,
    function: &Function,
    name: String,
    contract: &Arc<Contract>,
    said: Said,
) {
    let contract = Arc::clone(contract);
    let types: Vec<Type> = function.params.iter().map(|param| param.ty).collect();
    offered.dynamic_function(&function.name, move |(), arguments| {
        match said {
            Said::Not => {}
            Said::AsText => {
                let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
                let line = format!("{name}({})", arguments.join(", "));
                output::say(&output::one_line(&line));
            }
            Said::AsJson => {
                let arguments = arguments.iter().zip(&types);
                let arguments = arguments.map(|(value, ty)| value.typed(&contract, *ty));
                let arguments = arguments.map(serde_json::to_value);
                let arguments = arguments.collect::<Result<Vec<_>, _>>()?;
                output::say_json(&json!({
                    "import": { "function": name, "arguments": arguments },
                }));
            }
        }
        Ok::<_, serde_json::Error>(None)
    });
}

fn read<'c>(contract: &'c Contract, given: &[(String, PathBuf)]) -> Result<Answers<'c>, Failure> {
    let imports = contract.imports.iter();
    let all: Vec<(&Interface, &Function)> = imports
        .flat_map(|interface| interface.functions.iter().map(move |f| (interface, f)))
        .collect();
    let mut answers = Answers::new();
    for (name, file) in given {
        let (interface, function) = functions::only(&all, name, "the package imports")?;
        let Some(ty) = function.result else {
            return Err(Failure::arguments(format!(
                "`{name}` has no result, so that there is nothing to answer"
            )));
        };
        let key = (interface.name.as_str(), function.name.as_str());
        let values = answers.entry(key).or_default();
        values.push(value(contract, ty, file)?);
    }
    Ok(answers)
}

fn value(contract: &Contract, ty: Type, file: &Path) -> Result<Value, Failure> {
    let (text, name) = (input::read_text(file)?, input::name(file));
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("wave") => Value::from_wave(contract, ty, &text)
            .map_err(|error| Failure::of_text(&error, &name, &text)),
        _ => Value::from_json(contract, ty, &text)
            .map_err(|error| Failure::of_json(&error, &name, &text)),
    }
}
