//! Values on their way through a filter.

use std::ops::Deref;
use std::rc::Rc;

use crate::demo::json_query::types::Json;

/// A value that is either part of the document or the filter, or was made on the way. Cheap to
/// clone.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    /// Part of the document or a literal of the filter.
    Borrowed(&'a Json),
    /// Made by the filter.
    Shared(Rc<Json>),
}

impl<'a> Value<'a> {
    /// A part of this value, or `null` if there is none.
    pub(crate) fn part(&self, pick: impl FnOnce(&Json) -> Option<&Json>) -> Value<'a>
    where
        Self: 'a,
    {
        match self {
            Value::Borrowed(json) => Value::Borrowed(pick(json).unwrap_or(&Json::Null)),
            Value::Shared(json) => {
                pick(json).map_or(Value::Borrowed(&Json::Null), |part| part.clone().into())
            }
        }
    }

    /// The value on its own, copied only if something else still refers to it.
    pub(crate) fn into_json(self) -> Json {
        match self {
            Value::Borrowed(json) => json.clone(),
            Value::Shared(json) => Rc::unwrap_or_clone(json),
        }
    }
}

impl From<Json> for Value<'_> {
    fn from(json: Json) -> Self {
        Value::Shared(Rc::new(json))
    }
}

impl Deref for Value<'_> {
    type Target = Json;

    fn deref(&self) -> &Json {
        match self {
            Value::Borrowed(json) => json,
            Value::Shared(json) => json,
        }
    }
}

/// The elements of an array or the values of an object's members; of anything else, none.
pub(crate) fn elements(json: &Json) -> impl Iterator<Item = &Json> {
    let (items, members) = match json {
        Json::Array(items) => (items.as_slice(), [].as_slice()),
        Json::Object(members) => ([].as_slice(), members.as_slice()),
        _ => ([].as_slice(), [].as_slice()),
    };
    items.iter().chain(members.iter().map(|(_, value)| value))
}
