//! Objects: members in order, each key once.

use std::collections::{BTreeMap, BTreeSet};

use crate::demo::json_query::types::Json;

/// The members of an object.
pub(crate) type Members = Vec<(String, Json)>;

/// The value under a key.
pub(crate) fn get<'a>(members: &'a Members, key: &str) -> Option<&'a Json> {
    members
        .iter()
        .find(|(name, _)| name == key)
        .map(|(_, value)| value)
}

/// Puts a value under a key: in the place of the value that was there, or else at the end.
pub(crate) fn set(members: &mut Members, key: String, value: Json) {
    match members.iter_mut().find(|(name, _)| *name == key) {
        Some((_, place)) => *place = value,
        None => members.push((key, value)),
    }
}

/// The members in the order of their keys.
pub(crate) fn sorted(members: &Members) -> Vec<(&str, &Json)> {
    let mut sorted: Vec<_> = members
        .iter()
        .map(|(key, value)| (key.as_str(), value))
        .collect();
    sorted.sort_by_key(|(key, _)| *key);
    sorted
}

/// Sets every member of the second object in the first.
pub(crate) fn merge(members: &mut Members, others: Members) {
    merge_with(members, others, |_, place, value| *place = value);
}

/// Sets every member of the second object in the first, but merges objects with objects, all the
/// way down.
pub(crate) fn merge_deeply(members: &mut Members, others: Members) {
    let mut open = vec![(members, others)];
    while let Some((members, others)) = open.pop() {
        let mut pairs = BTreeMap::new();
        merge_with(members, others, |at, place, value| match (&*place, value) {
            (Json::Object(_), Json::Object(others)) => drop(pairs.insert(at, others)),
            (_, value) => *place = value,
        });
        for (at, (_, place)) in members.iter_mut().enumerate() {
            if let (Json::Object(members), Some(others)) = (place, pairs.remove(&at)) {
                open.push((members, others));
            }
        }
    }
}

/// Adds the members whose keys are new, and leaves what happens to the others to `meet`, which is
/// told where the present value is.
fn merge_with(
    members: &mut Members,
    others: Members,
    mut meet: impl FnMut(usize, &mut Json, Json),
) {
    let mut places: BTreeMap<String, usize> = members
        .iter()
        .enumerate()
        .map(|(at, (key, _))| (key.clone(), at))
        .collect();
    for (key, value) in others {
        let at = *places.entry(key.clone()).or_insert(members.len());
        match members.get_mut(at) {
            Some((_, place)) => meet(at, place, value),
            None => members.push((key, value)),
        }
    }
}

/// Leaves every key of every object of a document once, with its last value in its first place.
/// Returns how many members went.
pub(crate) fn settle_repeated_keys(document: &mut Json) -> usize {
    let mut gone = 0;
    let mut open = vec![document];
    while let Some(value) = open.pop() {
        match value {
            Json::Array(items) => open.extend(items),
            Json::Object(members) => {
                let keys: BTreeSet<&str> = members.iter().map(|(key, _)| key.as_str()).collect();
                if keys.len() < members.len() {
                    gone += members.len() - keys.len();
                    let repeating = std::mem::take(members);
                    merge(members, repeating);
                }
                open.extend(members.iter_mut().map(|(_, value)| value));
            }
            _ => {}
        }
    }
    gone
}
