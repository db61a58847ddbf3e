//! How deep things may be nested, so that no input can exhaust the stack.

use crate::demo::json_query::types::{Filter, Json, QueryError, QueryErrorKind};
use crate::value::elements;

/// How many levels of arrays and objects a value may have. With what is in the innermost these are
/// the 1000 values inside each other that may cross the boundary.
pub(crate) const MAX_VALUE_DEPTH: usize = 999;

/// How many levels of filters within filters a filter may have.
pub(crate) const MAX_FILTER_DEPTH: usize = 128;

/// How many bytes a repeated string may have. jq allows 2 GiB, which is more than a package can
/// hold.
pub(crate) const MAX_REPEATED_BYTES: usize = 1 << 26;

/// Checks the depth of a value. Looks at every element, but takes no stack.
pub(crate) fn check_depth(value: &Json) -> Result<(), QueryError> {
    let mut open = vec![(value, 0)];
    while let Some((value, outer)) = open.pop() {
        if outer >= MAX_VALUE_DEPTH && matches!(value, Json::Array(_) | Json::Object(_)) {
            return Err(too_large(format!(
                "a value is nested more than {MAX_VALUE_DEPTH} levels deep"
            )));
        }
        open.extend(elements(value).map(|element| (element, outer + 1)));
    }
    Ok(())
}

/// Checks the depth of a filter that may have come from elsewhere than the parser.
pub(crate) fn check_filter(filter: &Filter) -> Result<(), QueryError> {
    let mut open = vec![(filter, 1)];
    while let Some((filter, depth)) = open.pop() {
        if depth > MAX_FILTER_DEPTH {
            return Err(too_large(format!(
                "the filter is nested more than {MAX_FILTER_DEPTH} levels deep"
            )));
        }
        let mut visit = |part| open.push((part, depth + 1));
        match filter {
            Filter::Identity | Filter::Length | Filter::Keys | Filter::Array(None) => {}
            Filter::Literal(value) => check_depth(value)?,
            Filter::Field((part, _))
            | Filter::Iterate(part)
            | Filter::Negate(part)
            | Filter::Select(part)
            | Filter::Array(Some(part))
            | Filter::Map(part) => visit(part),
            Filter::Index((first, second)) | Filter::Pipe((first, second)) => {
                visit(first);
                visit(second);
            }
            Filter::Slice(slice) => {
                visit(&slice.target);
                slice.start.as_deref().map(&mut visit);
                slice.end.as_deref().map(&mut visit);
            }
            Filter::Comparison(comparison) => {
                visit(&comparison.left);
                visit(&comparison.right);
            }
            Filter::Arithmetic(arithmetic) => {
                visit(&arithmetic.left);
                visit(&arithmetic.right);
            }
            Filter::Comma(parts) => parts.iter().for_each(visit),
            Filter::Object(members) => {
                for (key, value) in members {
                    visit(key);
                    visit(value);
                }
            }
        }
    }
    Ok(())
}

/// The error for what this package, unlike jq, has no room for.
pub(crate) fn too_large(message: impl Into<String>) -> QueryError {
    QueryError {
        kind: QueryErrorKind::TooLarge,
        message: message.into(),
    }
}
