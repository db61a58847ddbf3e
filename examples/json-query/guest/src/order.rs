//! The order of values: `null`, `false`, `true`, numbers, strings, arrays, objects.

use std::cmp::Ordering;

use crate::demo::json_query::types::{ComparisonOperator, Json};
use crate::object::{get, sorted};

/// Whether two values stand in the relation asked for.
pub(crate) fn holds(operator: ComparisonOperator, left: &Json, right: &Json) -> bool {
    match operator {
        ComparisonOperator::Equal => equal(left, right),
        ComparisonOperator::NotEqual => !equal(left, right),
        ComparisonOperator::Less => compare(left, right).is_lt(),
        ComparisonOperator::LessOrEqual => compare(left, right).is_le(),
        ComparisonOperator::Greater => compare(left, right).is_gt(),
        ComparisonOperator::GreaterOrEqual => compare(left, right).is_ge(),
    }
}

/// Whether two values are the same. Not-a-number is not even itself.
pub(crate) fn equal(left: &Json, right: &Json) -> bool {
    let mut open = vec![(left, right)];
    while let Some(pair) = open.pop() {
        let same = match pair {
            (Json::Array(left), Json::Array(right)) => {
                open.extend(left.iter().zip(right));
                left.len() == right.len()
            }
            (Json::Object(left), Json::Object(right)) => {
                let before = open.len();
                open.extend(
                    left.iter()
                        .filter_map(|(key, value)| Some((value, get(right, key)?))),
                );
                left.len() == right.len() && open.len() - before == left.len()
            }
            (left, right) => left == right,
        };
        if !same {
            return false;
        }
    }
    true
}

/// What is still to be looked at in a comparison.
enum Open<'a> {
    /// Two values in the same place.
    Values(&'a Json, &'a Json),
    /// How it ends if nothing before this differs.
    Otherwise(Ordering),
}

/// Orders two values. Arrays are ordered by their first difference; objects by their sets of keys,
/// and then by their values in the order of the keys. Not-a-number is less than every number.
fn compare(left: &Json, right: &Json) -> Ordering {
    let mut open = vec![Open::Values(left, right)];
    while let Some(next) = open.pop() {
        let ordering = match next {
            Open::Otherwise(ordering) => ordering,
            Open::Values(Json::Array(left), Json::Array(right)) => {
                open.push(Open::Otherwise(left.len().cmp(&right.len())));
                open.extend(
                    left.iter()
                        .zip(right)
                        .rev()
                        .map(|(left, right)| Open::Values(left, right)),
                );
                Ordering::Equal
            }
            Open::Values(Json::Object(left), Json::Object(right)) => {
                let (left, right) = (sorted(left), sorted(right));
                let pairs = left.iter().zip(&right);
                open.extend(
                    pairs
                        .rev()
                        .map(|((_, left), (_, right))| Open::Values(left, right)),
                );
                left.iter()
                    .map(|(key, _)| key)
                    .cmp(right.iter().map(|(key, _)| key))
            }
            Open::Values(left, right) => compare_shallow(left, right),
        };
        if ordering.is_ne() {
            return ordering;
        }
    }
    Ordering::Equal
}

/// Orders scalars, and values of different types.
fn compare_shallow(left: &Json, right: &Json) -> Ordering {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => {
            left.partial_cmp(right).unwrap_or(match left.is_nan() {
                true => Ordering::Less,
                false => Ordering::Greater,
            })
        }
        (Json::Text(left), Json::Text(right)) => left.cmp(right),
        _ => rank(left).cmp(&rank(right)),
    }
}

/// The place of a value's type in the order of types.
fn rank(value: &Json) -> u8 {
    match value {
        Json::Null => 0,
        Json::Boolean(false) => 1,
        Json::Boolean(true) => 2,
        Json::Number(_) => 3,
        Json::Text(_) => 4,
        Json::Array(_) => 5,
        Json::Object(_) => 6,
    }
}
