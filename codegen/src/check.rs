//! What WIT allows and Rust, or the traits of this library, do not.

use std::collections::BTreeMap;

use pack_abi::schema::{Function, FunctionKind, ROOT, TypeId, TypeKind};

use crate::emit::{Clash, MAX_FLAGS, MAX_TUPLE};
use crate::wit::{Place, World};
use crate::{Diagnostic, names};

/// Everything in a world that no Rust code can be generated for.
pub(crate) fn rust_limits(world: &World) -> Vec<Diagnostic> {
    let contract = &world.contract;
    let mut found = Vec::new();
    let mut report = |place: Place, message: String, help: &str| {
        found.push(
            Diagnostic::new(message)
                .with_help(help)
                .at(world.locate(&place)),
        );
    };
    let mut types = Vec::new();
    for (def, at) in contract.types.iter().zip(0_u32..) {
        let id = TypeId(at);
        let place = Place::Type(id);
        match &def.kind {
            TypeKind::Tuple(parts) if parts.len() > MAX_TUPLE => report(
                place,
                format!(
                    "a tuple of {} parts, where Rust's traits end at {MAX_TUPLE}",
                    parts.len()
                ),
                "use a record",
            ),
            TypeKind::Flags(labels) if labels.len() > MAX_FLAGS => report(
                place,
                format!(
                    "{} flags, where at most {MAX_FLAGS} fit an integer",
                    labels.len()
                ),
                "split the flags into several types",
            ),
            _ => {}
        }
        let members: Vec<(&str, String)> = match &def.kind {
            TypeKind::Record(fields) => fields
                .iter()
                .map(|f| (f.name.as_str(), names::value_ident(&f.name).to_string()))
                .collect(),
            TypeKind::Variant(cases) => cases
                .iter()
                .map(|c| (c.name.as_str(), names::type_ident(&c.name).to_string()))
                .collect(),
            TypeKind::Enum(labels) => labels
                .iter()
                .map(|l| (l.name.as_str(), names::type_ident(&l.name).to_string()))
                .collect(),
            TypeKind::Flags(labels) => labels
                .iter()
                .map(|l| (l.name.as_str(), names::const_ident(&l.name).to_string()))
                .collect(),
            _ => Vec::new(),
        };
        twins(&members, |at, message| {
            report(Place::Member(id, at), message, RENAME)
        });
        if let Some(name) = &def.name {
            types.push((name, id));
        }
    }
    let mut by_owner: BTreeMap<&str, Vec<(&str, String, TypeId)>> = BTreeMap::new();
    for (name, id) in types {
        let rust = names::type_ident(&name.name).to_string();
        by_owner
            .entry(&name.owner)
            .or_default()
            .push((&name.name, rust, id));
    }
    for types in by_owner.values() {
        let named: Vec<_> = types
            .iter()
            .map(|(wit, rust, _)| (*wit, rust.clone()))
            .collect();
        twins(&named, |at, message| {
            if let Some((_, _, id)) = types.get(at) {
                report(Place::Type(*id), message, RENAME);
            }
        });
    }
    for interface in contract.imports.iter().chain(&contract.exports) {
        for function in &interface.functions {
            let params: Vec<_> = function
                .params
                .iter()
                .map(|p| (p.name.as_str(), names::value_ident(&p.name).to_string()))
                .collect();
            twins(&params, |at, message| {
                if let Some(param) = function.params.get(at) {
                    let place = Place::Param(
                        interface.name.clone(),
                        function.name.clone(),
                        param.name.clone(),
                    );
                    report(place, message, RENAME);
                }
            });
        }
    }
    found.sort_by(|a, b| a.message.cmp(&b.message));
    found.dedup();
    found
}

/// Names that are there twice in the generated code. Two things that clash in several places are reported once.
pub(crate) fn clashes(world: &World, clashes: &[Clash]) -> Vec<Diagnostic> {
    let mut reported = Vec::new();
    let mut found = Vec::new();
    for Clash { rust, one, other } in clashes {
        let mut ones = functions_called(world, &one.place, rust);
        let mut others = functions_called(world, &other.place, rust);
        // Two of one interface: the later one is reported.
        let place = ones.pop().unwrap_or_else(|| one.place.clone());
        others.retain(|other| *other != place);
        let other_place = others
            .into_iter()
            .next()
            .unwrap_or_else(|| other.place.clone());
        let pair = (place, other_place);
        if reported.contains(&pair) {
            continue;
        }
        let (place, other_place) = &pair;
        let message = format!(
            "{} and {} are both `{rust}` in Rust",
            describe(world, place, one.is_module),
            describe(world, other_place, other.is_module)
        );
        found.push(
            Diagnostic::new(message)
                .with_help(RENAME)
                .at(world.locate(place)),
        );
        reported.push(pair);
    }
    found
}

/// The functions of an interface, or of the world, that go by a path in Rust.
fn functions_called(world: &World, place: &Place, rust: &str) -> Vec<Place> {
    let interface = match place {
        Place::World => ROOT,
        Place::Interface(interface) => interface,
        _ => return Vec::new(),
    };
    let name = rust.rsplit("::").next().unwrap_or(rust);
    // Types of a function's parameters are named after it: `file_read__0`.
    let name = name.split("__").next().unwrap_or(name);
    // Elsewhere a type of that name is not the function's, but that of the interface or the world.
    let has_markers = rust.starts_with("functions::");
    let is_called = |function: &Function| {
        let [flat, method, marker] = [
            names::function_ident(function),
            names::method_ident(function),
            names::marker_ident(function),
        ];
        flat == name || method == name || (has_markers && marker == name)
    };
    let functions = world.contract.functions();
    functions
        .filter(|(of, function)| of.name == interface && is_called(function))
        .map(|(_, function)| Place::Function(interface.to_owned(), function.name.clone()))
        .collect()
}

fn describe(world: &World, place: &Place, is_module: bool) -> String {
    let what = match place {
        Place::World => format!("the world `{}`", world.name),
        Place::Interface(name) => format!("interface `{name}`"),
        Place::Function(_, name) | Place::Param(_, name, _) => describe_function(name),
        Place::Type(id) | Place::Member(id, _) => {
            let def = world.contract.types.get(id.index());
            let name = def.and_then(|def| def.name.as_ref()).map(|name| &name.name);
            format!("type `{}`", name.map_or("", String::as_str))
        }
    };
    match is_module {
        true => format!("the module for {what}"),
        false => what,
    }
}

fn describe_function(name: &str) -> String {
    let function = Function {
        name: name.to_owned(),
        ..Function::default()
    };
    match function.kind() {
        FunctionKind::Free => format!("function `{name}`"),
        FunctionKind::Constructor { resource } => format!("the constructor of `{resource}`"),
        FunctionKind::Method { resource, name } | FunctionKind::Static { resource, name } => {
            format!("function `{name}` of `{resource}`")
        }
    }
}

const RENAME: &str = "give one of them another name";

/// Reports each name that becomes the same Rust name as one before it.
fn twins(named: &[(&str, String)], mut report: impl FnMut(usize, String)) {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (at, (wit, rust)) in named.iter().enumerate() {
        if let Some(other) = seen.insert(rust, wit) {
            report(
                at,
                format!("`{other}` and `{wit}` are both `{rust}` in Rust"),
            );
        }
    }
}
