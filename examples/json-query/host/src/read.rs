//! Reading documents.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::package::{Json, MAX_DOCUMENT_DEPTH};

/// Reads a JSON document.
pub fn document(bytes: &[u8]) -> serde_json::Result<Json> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    // serde_json's own limit is 128 levels; `Levels` counts them in its place.
    reader.disable_recursion_limit();
    let value = Levels(MAX_DOCUMENT_DEPTH).deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Reads a value of at most so many levels of arrays and objects.
#[derive(Clone, Copy)]
struct Levels(u32);

impl Levels {
    /// What is left inside an array or an object.
    fn inside<E: serde::de::Error>(self) -> Result<Levels, E> {
        match self.0.checked_sub(1) {
            Some(left) => Ok(Levels(left)),
            None => Err(E::custom(format_args!(
                "it is nested more than {MAX_DOCUMENT_DEPTH} levels deep"
            ))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Levels {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Levels {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Boolean(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "as in jq, numbers are doubles")]
    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "as in jq, numbers are doubles")]
    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Json, A::Error> {
        let inside = self.inside()?;
        let mut items = Vec::new();
        while let Some(item) = elements.next_element_seed(inside)? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }

    /// Keys may repeat here; the package knows what that means.
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let inside = self.inside()?;
        let mut members = Vec::new();
        while let Some(key) = entries.next_key()? {
            members.push((key, entries.next_value_seed(inside)?));
        }
        Ok(Json::Object(members))
    }
}
