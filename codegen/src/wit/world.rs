//! Which world is meant.

use wit_parser::{PackageId, Resolve, WorldId};

use crate::Diagnostic;
use crate::suggest::{list, nearest};

/// The world of that name, or the only one of the main package.
pub(super) fn select(
    resolve: &Resolve,
    main: PackageId,
    name: Option<&str>,
) -> Result<WorldId, Diagnostic> {
    let Some(package) = resolve.packages.get(main) else {
        return Err(Diagnostic::new("the WIT text has no package"));
    };
    if let Some(name) = name {
        return resolve
            .select_world(&[main], Some(name))
            .map_err(|_| unknown(resolve, main, name));
    }
    let mut worlds = package.worlds.values();
    match (worlds.next(), worlds.next()) {
        (Some(only), None) => Ok(*only),
        (None, _) => Err(Diagnostic::new(format!("package `{}` has no world", package.name))
            .with_help("a world says what a package imports and exports: `world my-world { export my-interface; }`")),
        _ => Err(Diagnostic::new(format!("package `{}` has several worlds, and none is chosen", package.name))
            .with_help(format!("choose one of {}", list(package.worlds.keys())))),
    }
}

fn unknown(resolve: &Resolve, main: PackageId, name: &str) -> Diagnostic {
    let own = resolve
        .packages
        .get(main)
        .into_iter()
        .flat_map(|package| package.worlds.keys().cloned());
    let others = resolve
        .packages
        .iter()
        .filter(|(id, _)| *id != main)
        .flat_map(|(id, package)| {
            package
                .worlds
                .keys()
                .map(move |world| resolve.id_of_name(id, world))
        });
    let known: Vec<String> = if name.contains('/') {
        let own = own.map(|world| resolve.id_of_name(main, &world));
        own.chain(others).collect()
    } else {
        own.collect()
    };
    let diagnostic = Diagnostic::new(format!("there is no world `{name}`"));
    if known.is_empty() {
        return diagnostic.with_help("the package has no world at all");
    }
    let near = nearest(name, known.iter().map(String::as_str));
    let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
    diagnostic.with_help(format!("{near}known worlds: {}", list(&known)))
}
