//! What a contract demands of types, said of the author's own text.

use std::collections::{BTreeMap, HashSet};

use pack_abi::schema::{MAX_NESTING, Schema, Type, TypeId, TypeKind, components, finite};

use super::{At, Mistake, Place};

/// All mistakes in the types of a schema.
pub(super) fn mistakes(schema: &Schema) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    // Each check gets a schema without the types that have been reported, so that nothing is said twice.
    let mut rest = schema.clone();
    repeated_names(&mut rest, &mut mistakes);
    headless_cycles(&mut rest, &mut mistakes);
    infinite_types(&mut rest, &mut mistakes);
    deep_types(&rest, &mut mistakes);
    mistakes
}

/// Puts a type without any parts in the place of one that has been reported.
fn forget(schema: &mut Schema, at: usize) {
    if let Some(def) = schema.types.get_mut(at) {
        def.kind = TypeKind::Flags(Vec::new());
    }
}

fn type_id(at: usize) -> TypeId {
    TypeId(u32::try_from(at).unwrap_or(u32::MAX))
}

fn name(schema: &Schema, at: usize) -> Option<&str> {
    schema
        .types
        .get(at)?
        .name
        .as_ref()
        .map(|name| name.name.as_str())
}

fn edges(schema: &Schema) -> Vec<Vec<usize>> {
    schema.types.iter().map(|def| indices(&def.kind)).collect()
}

fn indices(kind: &TypeKind) -> Vec<usize> {
    let index = |ty: Type| match ty {
        Type::Id(id) => Some(id.index()),
        _ => None,
    };
    kind.references().into_iter().filter_map(index).collect()
}

/// The members of each cycle of a graph.
fn cycles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, (component, cyclic)) in components(edges).into_iter().enumerate() {
        if cyclic {
            members.entry(component).or_default().push(at);
        }
    }
    members.into_values().collect()
}

/// Two interfaces inside a world may have the same name if one is imported and one exported; then their
/// types must not.
fn repeated_names(schema: &mut Schema, mistakes: &mut Vec<Mistake>) {
    let mut seen = HashSet::new();
    for (at, def) in schema.types.iter().enumerate() {
        if let Some(name) = &def.name
            && !seen.insert(name)
        {
            mistakes.push(Mistake {
                at: At::Place(Place::Type(type_id(at))),
                message: format!(
                    "type `{}` is defined in the imported and in the exported interface `{}`",
                    name.name, name.owner
                ),
                help: Some("give one of the two interfaces another name, or define the type outside and `use` it".into()),
            });
        }
    }
}

/// Cycles that pass through no record or variant: there is nothing that a value would begin with.
fn headless_cycles(schema: &mut Schema, mistakes: &mut Vec<Mistake>) {
    let heads = |kind: &TypeKind| matches!(kind, TypeKind::Record(_) | TypeKind::Variant(_));
    let types = schema.types.iter();
    let edges: Vec<_> = types
        .map(|def| {
            if heads(&def.kind) {
                Vec::new()
            } else {
                indices(&def.kind)
            }
        })
        .collect();
    for cycle in cycles(&edges) {
        let named = cycle.iter().find_map(|at| Some((*at, name(schema, *at)?)));
        if let Some((at, name)) = named {
            mistakes.push(Mistake {
                at: At::Place(Place::Type(type_id(at))),
                message: format!("type `{name}` leads to itself through no record or variant"),
                help: Some(format!(
                    "make `{name}` a record or a variant, or put one on the way"
                )),
            });
        }
        cycle.into_iter().for_each(|at| forget(schema, at));
    }
}

/// Types that contain themselves whatever one does.
fn infinite_types(schema: &mut Schema, mistakes: &mut Vec<Mistake>) {
    // Types that are infinite only because they contain one that is reported are found finite in the next
    // round, since that one is gone by then.
    loop {
        let finite = finite(schema);
        let infinite = |at: &usize| finite.get(*at) == Some(&false);
        let edges: Vec<Vec<usize>> = edges(schema)
            .into_iter()
            .enumerate()
            .map(|(at, parts)| {
                if infinite(&at) {
                    parts.into_iter().filter(infinite).collect()
                } else {
                    Vec::new()
                }
            })
            .collect();
        let components = components(&edges);
        let component = |at: &usize| components.get(*at).map(|(component, _)| *component);
        let closed = |cycle: &Vec<usize>| {
            let outside = |at: &usize| {
                edges
                    .get(*at)
                    .into_iter()
                    .flatten()
                    .any(|to| component(to) != component(at))
            };
            !cycle.iter().any(outside)
        };
        let found: Vec<Vec<usize>> = cycles(&edges).into_iter().filter(closed).collect();
        if found.is_empty() {
            return;
        }
        for cycle in found {
            if let Some((at, first)) = cycle.iter().find_map(|at| Some((*at, name(schema, *at)?))) {
                let path: Vec<String> = round_trip(&edges, at)
                    .iter()
                    .filter_map(|at| Some(format!("`{}`", name(schema, *at)?)))
                    .collect();
                mistakes.push(Mistake {
                    at: At::Place(Place::Type(type_id(at))),
                    message: format!("type `{first}` has no finite value"),
                    help: Some(format!(
                        "{} without end: put an `option`, a `list`, or a variant with a case that ends it, on the way",
                        path.join(" contains ")
                    )),
                });
            }
            cycle.into_iter().for_each(|at| forget(schema, at));
        }
    }
}

/// A shortest way from a node back to itself, both ends included.
fn round_trip(edges: &[Vec<usize>], start: usize) -> Vec<usize> {
    let mut came_from: BTreeMap<usize, usize> = BTreeMap::new();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for to in edges.get(at).into_iter().flatten() {
            came_from.entry(*to).or_insert_with(|| {
                queue.push_back(*to);
                at
            });
        }
        if came_from.contains_key(&start) {
            break;
        }
    }
    let mut path = vec![start];
    let mut at = start;
    while let Some(before) = came_from.get(&at) {
        path.push(*before);
        at = *before;
        if at == start {
            break;
        }
    }
    path.reverse();
    path
}

/// Types that nest too deeply between one recursive type and the next.
fn deep_types(schema: &Schema, mistakes: &mut Vec<Mistake>) {
    let all = edges(schema);
    let recursive: Vec<bool> = components(&all)
        .into_iter()
        .zip(&schema.types)
        .map(|((_, cyclic), def)| {
            cyclic && matches!(def.kind, TypeKind::Record(_) | TypeKind::Variant(_))
        })
        .collect();
    let edges: Vec<Vec<usize>> = all
        .into_iter()
        .zip(&recursive)
        .map(|(parts, recursive)| if *recursive { Vec::new() } else { parts })
        .collect();
    // Without the edges of recursive types there is no cycle left, and components are numbered upwards from
    // the innermost type.
    let mut order: Vec<(usize, usize)> = components(&edges)
        .into_iter()
        .enumerate()
        .map(|(at, (component, _))| (component, at))
        .collect();
    order.sort_unstable();
    let mut nesting = vec![0_u32; edges.len()];
    for (_, at) in order {
        if recursive.get(at) == Some(&true) {
            continue;
        }
        let parts = edges.get(at).into_iter().flatten();
        let depth = parts
            .filter_map(|part| nesting.get(*part))
            .max()
            .copied()
            .unwrap_or(0)
            .saturating_add(1);
        if let Some(slot) = nesting.get_mut(at) {
            *slot = depth;
        }
        if depth == MAX_NESTING + 1 {
            let what = name(schema, at)
                .map_or_else(|| "this type".to_owned(), |name| format!("type `{name}`"));
            mistakes.push(Mistake {
                at: At::Place(Place::Type(type_id(at))),
                message: format!("{what} nests more than {MAX_NESTING} types inside each other"),
                help: Some(
                    "put fewer types inside each other; a recursive type begins anew".into(),
                ),
            });
        }
    }
}
