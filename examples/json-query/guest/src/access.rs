//! Reaching into values: members, elements and slices.

use crate::demo::json_query::types::{Json, QueryError, QueryErrorKind};
use crate::describe::{describe, type_name};
use crate::object::get;
use crate::order::equal;
use crate::value::Value;

/// The member of an object under a name.
pub(crate) fn field<'a>(target: &Value<'a>, name: &str) -> Result<Value<'a>, QueryError> {
    match &**target {
        Json::Object(_) | Json::Null => Ok(target.part(|json| member(json, name))),
        _ => Err(cannot_index(target, &Json::Text(name.to_owned()))),
    }
}

/// What a value has under a key: a member under a string, an element under a number, a slice under
/// an object of `start` and `end`, and under an array the places where that array begins.
pub(crate) fn index<'a>(target: &Value<'a>, key: &Json) -> Result<Value<'a>, QueryError> {
    match (&**target, key) {
        (_, Json::Text(name)) => field(target, name),
        (Json::Null, Json::Number(_) | Json::Object(_)) => Ok(Json::Null.into()),
        (Json::Array(items), Json::Number(number)) => {
            let place = place(*number, items.len());
            Ok(target.part(|json| element(json, place?)))
        }
        (Json::Array(items), Json::Object(_)) => {
            let (start, end) = bounds(key, items.len())?;
            Ok(Json::Array(items.get(start..end).unwrap_or_default().to_vec()).into())
        }
        (Json::Text(text), Json::Object(_)) => {
            let (start, end) = bounds(key, text.chars().count())?;
            Ok(Json::Text(text.chars().skip(start).take(end - start).collect()).into())
        }
        (Json::Array(items), Json::Array(part)) => Ok(Json::Array(places(items, part)).into()),
        _ => Err(cannot_index(target, key)),
    }
}

/// The elements of an array or the values of an object, one after the other.
pub(crate) fn iterate<'a>(
    target: Value<'a>,
) -> Result<impl Iterator<Item = Value<'a>> + 'a, QueryError> {
    let count = match &*target {
        Json::Array(items) => items.len(),
        Json::Object(members) => members.len(),
        other => {
            return Err(wrong_type(format!(
                "Cannot iterate over {}",
                describe(other)
            )));
        }
    };
    Ok((0..count).map(move |place| target.part(|json| element(json, place))))
}

/// The value at a place of an array or an object.
fn element(json: &Json, place: usize) -> Option<&Json> {
    match json {
        Json::Array(items) => items.get(place),
        Json::Object(members) => members.get(place).map(|(_, value)| value),
        _ => None,
    }
}

fn member<'a>(json: &'a Json, name: &str) -> Option<&'a Json> {
    match json {
        Json::Object(members) => get(members, name),
        _ => None,
    }
}

/// The place that a number means: without its fraction, and from the end if it is negative.
fn place(number: f64, len: usize) -> Option<usize> {
    let number = number.trunc();
    whole(if number < 0.0 {
        number + count(len)
    } else {
        number
    })
}

/// The slice that an object of `start` and `end` means: the start rounded down, the end rounded up,
/// and `null` for the start or the end of the target.
fn bounds(key: &Json, len: usize) -> Result<(usize, usize), QueryError> {
    let bound = |name, default: f64| match member(key, name) {
        Some(Json::Null) => Ok(default),
        Some(Json::Number(number)) if number.is_nan() => Ok(default),
        Some(Json::Number(number)) if *number < 0.0 => Ok((number + count(len)).max(0.0)),
        Some(Json::Number(number)) => Ok(number.min(count(len))),
        _ => Err(wrong_type(
            "Array/string slice indices must be integers".to_owned(),
        )),
    };
    let start = whole(bound("start", 0.0)?.floor()).unwrap_or(len);
    let end = whole(bound("end", count(len))?.ceil()).unwrap_or(len);
    Ok((start, end.max(start)))
}

/// The places of an array where a part of it begins.
fn places(items: &[Json], part: &[Json]) -> Vec<Json> {
    let begins = |window: &[Json]| {
        window
            .iter()
            .zip(part)
            .all(|(item, wanted)| equal(item, wanted))
    };
    let windows = items.windows(part.len().max(1)).enumerate();
    windows
        .filter(|(_, window)| !part.is_empty() && begins(window))
        .map(|(at, _)| Json::Number(count(at)))
        .collect()
}

/// A count as a number. Exact, since nothing has 2^53 elements.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of things in memory are far below 2^53"
)]
pub(crate) fn count(count: usize) -> f64 {
    count as f64
}

/// A number without a fraction as a place, if it can be one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked before"
)]
fn whole(number: f64) -> Option<usize> {
    (0.0..4_294_967_296.0)
        .contains(&number)
        .then_some(number as usize)
}

fn cannot_index(target: &Json, key: &Json) -> QueryError {
    wrong_type(format!(
        "Cannot index {} with {}",
        type_name(target),
        describe(key)
    ))
}

/// The error for a value of a type that an operation is not defined for.
pub(crate) fn wrong_type(message: String) -> QueryError {
    QueryError {
        kind: QueryErrorKind::WrongType,
        message,
    }
}
