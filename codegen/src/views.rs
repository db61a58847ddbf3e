//! Which functions a host deals in views with, as the option `views` says.

use std::collections::BTreeSet;

use pack_abi::schema::{Contract, Function, Interface};

use crate::{Diagnostic, names, suggest};

/// Functions, by the names of their interfaces and their own.
#[derive(Debug, Default)]
pub(crate) struct Views(BTreeSet<(String, String)>);

impl Views {
    /// Finds out which functions are meant. Each mistake comes with the position of its key.
    pub(crate) fn new(keys: &[String], contract: &Contract) -> (Self, Vec<(usize, Diagnostic)>) {
        let (mut this, mut mistakes) = (Self::default(), Vec::new());
        for (at, key) in keys.iter().enumerate() {
            match meant(key, contract) {
                Ok(functions) => this.0.extend(functions),
                Err(mistake) => mistakes.push((at, mistake)),
            }
        }
        (this, mistakes)
    }

    pub(crate) fn contains(&self, interface: &Interface, function: &Function) -> bool {
        // Without a copy only if there are some.
        !self.0.is_empty()
            && self
                .0
                .contains(&(interface.name.clone(), function.name.clone()))
    }
}

fn meant(key: &str, contract: &Contract) -> Result<Vec<(String, String)>, Diagnostic> {
    let functions: Vec<(&Interface, &Function)> = contract
        .imports
        .iter()
        .chain(&contract.exports)
        .flat_map(|interface| interface.functions.iter().map(move |f| (interface, f)))
        .filter(|(_, function)| function.resource().is_none())
        .collect();
    let select = |is_meant: &dyn Fn(&str, &str) -> bool| -> Vec<(String, String)> {
        let meant = functions
            .iter()
            .filter(|(interface, function)| is_meant(&interface.name, &function.name));
        meant
            .map(|(interface, function)| (interface.name.clone(), function.name.clone()))
            .collect()
    };
    let found = select(&|interface, function| {
        let unversioned = names::unversioned(interface);
        key == "*"
            || key == interface
            || key == unversioned
            || key == format!("{interface}/{function}")
            || key == format!("{unversioned}/{function}")
    });
    if !found.is_empty() {
        return Ok(found);
    }
    let found = select(&|_, function| key == function);
    let interfaces: BTreeSet<&String> = found.iter().map(|(interface, _)| interface).collect();
    match interfaces.len() {
        0 => {
            let known = functions.iter().flat_map(|(interface, function)| {
                let interface = names::unversioned(&interface.name);
                [
                    format!("{interface}/{}", function.name),
                    function.name.clone(),
                ]
            });
            let known: BTreeSet<String> = known.collect();
            let diagnostic = Diagnostic::new(format!(
                "there is no function or interface with functions `{key}`"
            ));
            Err(match suggest::nearest(key, known.iter().map(String::as_str)) {
                Some(near) => diagnostic.with_help(format!("did you mean `{near}`?")),
                None => diagnostic.with_help(
                    "name a function, `run`, or with its interface, `demo:json-query/query/run`",
                ),
            })
        }
        1 => Ok(found),
        _ => {
            let which: BTreeSet<String> = interfaces
                .into_iter()
                .map(|interface| format!("{}/{key}", names::unversioned(interface)))
                .collect();
            let message = format!("several functions are called `{key}`");
            Err(Diagnostic::new(message).with_help(format!("say which: {}", suggest::list(&which))))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Config, Side};

    const WIT: &str = "package a:b@1.0.0; \
        interface i { run: func(text: string) -> string; } \
        interface j { resource r { go: func(); } run: func(text: string); stop: func(text: string); } \
        world w { import i; export j; import f: func(text: string); export g: func() -> list<string>; }";

    fn generated(keys: &[&str]) -> String {
        let config = Config::inline(WIT).views(keys.iter().copied());
        config.generate(Side::Host).unwrap().tokens.to_string()
    }

    #[test]
    fn keys_are_functions_and_interfaces() {
        let borrows = |keys: &[&str]| generated(keys).matches("& '_ ").count();
        let views = |keys: &[&str]| generated(keys).matches(":: View <").count();
        assert_eq!((borrows(&[]), views(&[])), (0, 0));
        for key in [
            "a:b/i",
            "a:b/i@1.0.0",
            "a:b/i/run",
            "a:b/i@1.0.0/run",
            "f",
            "$root/f",
        ] {
            assert_eq!((borrows(&[key]), views(&[key])), (1, 0), "{key}");
        }
        assert_eq!((borrows(&["g"]), views(&["g"])), (0, 1));
        assert_eq!((borrows(&["*"]), views(&["*"])), (2, 1));
        // There is nothing to view.
        assert_eq!((borrows(&["stop"]), views(&["stop"])), (0, 0));
    }

    #[test]
    fn what_is_not_there_is_said_with_what_is() {
        let cases = [
            (
                "run",
                "several functions are called `run`\n  help: say which: `a:b/i/run`, `a:b/j/run`",
            ),
            (
                "stopp",
                "there is no function or interface with functions `stopp`\n  help: did you mean `stop`?",
            ),
            (
                "a:b/i/ran",
                "there is no function or interface with functions `a:b/i/ran`\n  help: did you mean `a:b/i/run`?",
            ),
            (
                "go",
                "there is no function or interface with functions `go`",
            ),
            (
                "a:b/k/unlike",
                "there is no function or interface with functions `a:b/k/unlike`\n  help: name a function",
            ),
        ];
        for (key, expected) in cases {
            let config = Config::inline(WIT).views([key]);
            let error = config.generate(Side::Host).unwrap_err().to_string();
            assert!(error.contains(expected), "{key}: {error}");
        }
    }
}
