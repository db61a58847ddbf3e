//! The commands, each in a module of its own.

pub(crate) mod bindgen;
pub(crate) mod build;
pub(crate) mod call;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod inspect;
pub(crate) mod new;
pub(crate) mod replay;
mod setup;
pub(crate) mod wit;

use pack_runtime::schema::{Contract, Function};

use crate::arguments::Command;
use crate::failure::{Exit, Failure};

pub(crate) fn run(command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::New(new) => new.run(),
        Command::Setup => setup::run(),
        Command::Build(build) => build.run(),
        Command::Wit(wit) => wit.run(),
        Command::Inspect(inspect) => inspect.run(),
        Command::Call(call) => call.run(),
        Command::Record(record) => record.run(),
        Command::Replay(replay) => replay.run(),
        Command::Check(check) => return check.run(),
        Command::Diff(diff) => return diff.run(),
        Command::Bindgen(bindgen) => bindgen.run(),
        Command::Completions(completions) => completions.run(),
    }
    .map(|()| Exit::Done)
}

/// The type of a function, in WIT words.
fn signature(contract: &Contract, function: &Function) -> String {
    let params = function.params.iter();
    let params: Vec<String> = params
        .map(|param| format!("{}: {}", param.name, contract.display(param.ty)))
        .collect();
    let result = function.result;
    let result = result.map_or(String::new(), |ty| format!(" -> {}", contract.display(ty)));
    format!("func({}){result}", params.join(", "))
}
