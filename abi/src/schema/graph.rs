//! Questions about the type table as a graph. Everything here is iterative: a table may come from a
//! hostile package and be one long chain.

use alloc::vec;
use alloc::vec::Vec;

use super::{Schema, Type, TypeKind};

/// Strongly connected components (Tarjan's algorithm, with an explicit stack).
///
/// Returns for each node the number of its component, and whether the node lies on a cycle. Components
/// are numbered in reverse topological order: an edge never leads to a higher number.
pub fn components(edges: &[Vec<usize>]) -> Vec<(usize, bool)> {
    const UNSEEN: usize = usize::MAX;
    let count = edges.len();
    let mut index = vec![UNSEEN; count];
    let mut low = vec![0; count];
    let mut on_stack = vec![false; count];
    let mut stack: Vec<usize> = Vec::new();
    let mut result = vec![(UNSEEN, false); count];
    let (mut next_index, mut next_component) = (0, 0);

    for root in 0..count {
        if index.get(root) != Some(&UNSEEN) {
            continue;
        }
        // Each frame: the node, and how many of its edges have been followed.
        let mut frames = vec![(root, 0)];
        while let Some((node, followed)) = frames.last_mut() {
            let node = *node;
            if *followed == 0 {
                set(&mut index, node, next_index);
                set(&mut low, node, next_index);
                set(&mut on_stack, node, true);
                stack.push(node);
                next_index += 1;
            }
            let edge = edges
                .get(node)
                .and_then(|targets| targets.get(*followed))
                .copied();
            *followed += 1;
            if let Some(target) = edge {
                if get(&index, target) == Some(UNSEEN) {
                    frames.push((target, 0));
                } else if get(&on_stack, target) == Some(true) {
                    lower(&mut low, node, get(&index, target));
                }
                continue;
            }
            frames.pop();
            if let Some((parent, _)) = frames.last() {
                let own = get(&low, node);
                lower(&mut low, *parent, own);
            }
            if get(&low, node) == get(&index, node) {
                let start = stack
                    .iter()
                    .rposition(|n| *n == node)
                    .unwrap_or(stack.len());
                let members = stack.split_off(start);
                let cyclic =
                    members.len() > 1 || edges.get(node).is_some_and(|e| e.contains(&node));
                for member in members {
                    set(&mut on_stack, member, false);
                    set(&mut result, member, (next_component, cyclic));
                }
                next_component += 1;
            }
        }
    }
    result
}

fn get<T: Copy>(items: &[T], at: usize) -> Option<T> {
    items.get(at).copied()
}

fn set<T>(items: &mut [T], at: usize, value: T) {
    if let Some(slot) = items.get_mut(at) {
        *slot = value;
    }
}

fn lower(low: &mut [usize], node: usize, candidate: Option<usize>) {
    if let (Some(slot), Some(candidate)) = (low.get_mut(node), candidate) {
        *slot = (*slot).min(candidate);
    }
}

/// For each node of a graph, whether a path leads from it to a target. Targets reach themselves.
pub fn reaching(edges: &[Vec<usize>], is_target: impl Fn(usize) -> bool) -> Vec<bool> {
    let mut sources: Vec<Vec<usize>> = vec![Vec::new(); edges.len()];
    for (from, targets) in edges.iter().enumerate() {
        for to in targets {
            if let Some(list) = sources.get_mut(*to) {
                list.push(from);
            }
        }
    }
    let mut reaches: Vec<bool> = (0..edges.len()).map(&is_target).collect();
    let mut queue: Vec<usize> = (0..edges.len()).filter(|at| is_target(*at)).collect();
    while let Some(to) = queue.pop() {
        for from in sources.get(to).into_iter().flatten() {
            if get(&reaches, *from) == Some(false) {
                set(&mut reaches, *from, true);
                queue.push(*from);
            }
        }
    }
    reaches
}

/// For each type of the table, whether any finite value of it exists. `record a { next: a }` has none.
pub fn finite(schema: &Schema) -> Vec<bool> {
    let count = schema.types.len();
    let mut finite = vec![false; count];
    // Who has to be looked at again once a type turns out to be finite.
    let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut missing = vec![0_usize; count];
    let mut queue = Vec::new();
    for (at, def) in schema.types.iter().enumerate() {
        let needs = needs(&def.kind);
        let open: Vec<usize> = needs
            .types
            .iter()
            .filter_map(|ty| table_index(*ty))
            .collect();
        let satisfied = match needs.rule {
            Rule::All => open.is_empty(),
            Rule::Any => open.len() < needs.alternatives,
        };
        set(
            &mut missing,
            at,
            if matches!(needs.rule, Rule::All) {
                open.len()
            } else {
                1
            },
        );
        for target in open {
            if let Some(list) = dependents.get_mut(target) {
                list.push(at);
            }
        }
        if satisfied {
            set(&mut finite, at, true);
            queue.push(at);
        }
    }
    while let Some(done) = queue.pop() {
        for dependent in dependents.get(done).cloned().unwrap_or_default() {
            if get(&finite, dependent) == Some(true) {
                continue;
            }
            if let Some(left) = missing.get_mut(dependent) {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    set(&mut finite, dependent, true);
                    queue.push(dependent);
                }
            }
        }
    }
    finite
}

enum Rule {
    All,
    Any,
}

struct Needs {
    rule: Rule,
    types: Vec<Type>,
    alternatives: usize,
}

/// What a finite value of a shape needs: all of its parts, or any one of its alternatives.
fn needs(kind: &TypeKind) -> Needs {
    let (rule, types, alternatives) = match kind {
        TypeKind::Variant(cases) => (Rule::Any, kind.references(), cases.len()),
        TypeKind::Result { .. } => (Rule::Any, kind.references(), 2),
        TypeKind::Option(_) | TypeKind::List(_) | TypeKind::Map(..) | TypeKind::FixedList(_, 0) => {
            (Rule::All, Vec::new(), 0)
        }
        _ => (Rule::All, kind.references(), 0),
    };
    Needs {
        rule,
        types,
        alternatives,
    }
}

fn table_index(ty: Type) -> Option<usize> {
    match ty {
        Type::Id(id) => Some(id.index()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_find_cycles_whatever_the_order() {
        // A -> {B, C}, B -> A, C -> B: one component of three.
        let found = components(&[vec![1, 2], vec![0], vec![1]]);
        assert!(found.iter().all(|(c, cyclic)| *c == found[0].0 && *cyclic));
        // A chain has none; a self edge is a cycle.
        let found = components(&[vec![1], vec![2], vec![2]]);
        assert_eq!(
            found.iter().map(|(_, cyclic)| *cyclic).collect::<Vec<_>>(),
            [false, false, true]
        );
        assert!(
            found[0].0 > found[1].0 && found[1].0 > found[2].0,
            "reverse topological order"
        );
    }

    #[test]
    fn components_survive_a_long_chain() {
        let edges: Vec<Vec<usize>> = (0..100_000).map(|n| vec![(n + 1) % 100_000]).collect();
        assert!(components(&edges).iter().all(|(_, cyclic)| *cyclic));
    }
}
