use alloc::collections::BTreeSet;
use alloc::string::String;

use ::serde::Serialize;
use ::serde::ser::{Error, SerializeMap, SerializeSeq, Serializer};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::{At, INFINITY, NAN, NEGATIVE_INFINITY, Place, Step, TooDeep};
use crate::error::HandleProblem;
use crate::schema::{Field, Label, Type, TypeKind};
use crate::value::Value;
use crate::value::reading::key_bytes;

/// A value with its type. [`Value::typed`] makes one.
#[derive(Clone, Copy)]
pub struct TypedValue<'a> {
    value: &'a Value,
    place: Place<'a>,
}

impl<'a> TypedValue<'a> {
    pub(super) fn new(value: &'a Value, place: Place<'a>) -> Self {
        Self { value, place }
    }
}

impl Serialize for TypedValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { value, place } = self;
        if place.is_too_deep() {
            return Err(error(*place, TooDeep));
        }
        match (place.contract.resolve(place.ty), value) {
            (Type::Bool, Value::Bool(v)) => serializer.serialize_bool(*v),
            (Type::U8, Value::U8(v)) => serializer.serialize_u8(*v),
            (Type::U16, Value::U16(v)) => serializer.serialize_u16(*v),
            (Type::U32, Value::U32(v)) => serializer.serialize_u32(*v),
            (Type::U64, Value::U64(v)) => serializer.serialize_u64(*v),
            (Type::S8, Value::S8(v)) => serializer.serialize_i8(*v),
            (Type::S16, Value::S16(v)) => serializer.serialize_i16(*v),
            (Type::S32, Value::S32(v)) => serializer.serialize_i32(*v),
            (Type::S64, Value::S64(v)) => serializer.serialize_i64(*v),
            (Type::F32, Value::F32(v)) => match not_finite((*v).into()) {
                Some(name) => serializer.serialize_str(name),
                None if v.abs() == ROUNDED_TWICE => serializer.serialize_f64((*v).into()),
                None => serializer.serialize_f32(*v),
            },
            (Type::F64, Value::F64(v)) => match not_finite(*v) {
                Some(name) => serializer.serialize_str(name),
                None => serializer.serialize_f64(*v),
            },
            (Type::Char, Value::Char(v)) => serializer.serialize_char(*v),
            (Type::String, Value::String(v)) => serializer.serialize_str(v),
            (Type::Id(_), _) => self.defined(serializer),
            _ => Err(self.mismatch()),
        }
    }
}

/// The one f32 that is not what its shortest text gives when that is read as an f64 and rounded; all were tried. JSON is
/// read so.
const ROUNDED_TWICE: f32 = 7.038531e-26;

fn not_finite(value: f64) -> Option<&'static str> {
    if value.is_finite() {
        return None;
    }
    Some(match value {
        f64::INFINITY => INFINITY,
        f64::NEG_INFINITY => NEGATIVE_INFINITY,
        _ => NAN,
    })
}

fn has(labels: &[Label], name: &str) -> bool {
    labels.iter().any(|label| label.name == name)
}

#[cold]
fn error<E: Error>(place: Place<'_>, message: impl core::fmt::Display) -> E {
    E::custom(At { place, message })
}

/// One function a shape: what each keeps on the stack counts, for a value comes through here on every level.
impl TypedValue<'_> {
    #[cold]
    fn mismatch<E: Error>(&self) -> E {
        if let Some(TypeKind::Own(_) | TypeKind::Borrow(_)) = self.place.kind() {
            return error(self.place, HandleProblem::NoInstance);
        }
        let expected = self.place.contract.describe(self.place.ty);
        let found = self.value.describe();
        error(
            self.place,
            alloc::format!("expected {expected}, found {found}"),
        )
    }

    fn defined<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(kind) = self.place.kind() else {
            return Err(self.mismatch());
        };
        match (kind, self.value) {
            (TypeKind::Enum(labels), Value::Enum(name)) if has(labels, name) => {
                serializer.serialize_str(name)
            }
            (TypeKind::Flags(labels), Value::Flags(names))
                if names.iter().all(|name| has(labels, name)) =>
            {
                serializer.collect_seq(names)
            }
            (TypeKind::Variant(_), Value::Variant(name, payload)) => {
                self.case(serializer, name, payload.as_deref())
            }
            (TypeKind::Result { .. }, Value::Result(Ok(payload))) => {
                self.case(serializer, "ok", payload.as_deref())
            }
            (TypeKind::Result { .. }, Value::Result(Err(payload))) => {
                self.case(serializer, "err", payload.as_deref())
            }
            (TypeKind::Option(_), Value::Option(None)) => serializer.serialize_none(),
            (TypeKind::Option(some), Value::Option(Some(payload))) => {
                self.some(serializer, *some, payload)
            }
            (TypeKind::List(element), Value::Bytes(bytes))
                if self.place.contract.resolve(*element) == Type::U8 =>
            {
                self.bytes(serializer, bytes)
            }
            (TypeKind::List(element), Value::List(items)) => self.list(serializer, *element, items),
            (TypeKind::FixedList(element, count), Value::List(items))
                if u32::try_from(items.len()) == Ok(*count) =>
            {
                self.list(serializer, *element, items)
            }
            (TypeKind::Tuple(parts), Value::Tuple(values)) if parts.len() == values.len() => {
                self.tuple(serializer, parts, values)
            }
            (TypeKind::Record(fields), Value::Record(values)) => {
                self.record(serializer, fields, values)
            }
            (TypeKind::Map(key, value), Value::Map(entries)) => {
                match self.place.contract.resolve(*key) {
                    Type::String => self.object(serializer, *value, entries),
                    _ => self.pairs(serializer, *key, *value, entries),
                }
            }
            _ => Err(self.mismatch()),
        }
    }

    fn bytes<S: Serializer>(&self, serializer: S, bytes: &[u8]) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.serialize_str(&BASE64_STANDARD.encode(bytes)),
            false => serializer.serialize_bytes(bytes),
        }
    }

    /// The payload of an option.
    fn some<S: Serializer>(
        &self,
        serializer: S,
        ty: Type,
        payload: &Value,
    ) -> Result<S::Ok, S::Error> {
        let payload = TypedValue::new(payload, self.place.inside(ty));
        match payload.place.is_option() {
            true => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("some", &payload)?;
                map.end()
            }
            false => payload.serialize(serializer),
        }
    }

    /// A case of a variant or result.
    fn case<S: Serializer>(
        &self,
        serializer: S,
        name: &str,
        payload: Option<&Value>,
    ) -> Result<S::Ok, S::Error> {
        let ty = match self.place.kind() {
            Some(TypeKind::Variant(cases)) => match cases.iter().find(|case| case.name == name) {
                Some(case) => case.ty,
                None => return Err(self.mismatch()),
            },
            Some(TypeKind::Result { ok, .. }) if name == "ok" => *ok,
            Some(TypeKind::Result { err, .. }) => *err,
            _ => return Err(self.mismatch()),
        };
        match (ty, payload) {
            (None, None) => serializer.serialize_str(name),
            (Some(ty), Some(value)) => {
                let path = self.place.step(Step::Name(name));
                let mut map = serializer.serialize_map(Some(1))?;
                let payload = TypedValue::new(value, self.place.part(ty, &path));
                map.serialize_entry(name, &payload)?;
                map.end()
            }
            _ => Err(self.mismatch()),
        }
    }

    fn list<S: Serializer>(
        &self,
        serializer: S,
        element: Type,
        items: &[Value],
    ) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(items.len()))?;
        for (index, item) in items.iter().enumerate() {
            let path = self.place.step(Step::Index(index));
            seq.serialize_element(&TypedValue::new(item, self.place.part(element, &path)))?;
        }
        seq.end()
    }

    fn tuple<S: Serializer>(
        &self,
        serializer: S,
        parts: &[Type],
        values: &[Value],
    ) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(values.len()))?;
        for (index, (ty, value)) in parts.iter().zip(values).enumerate() {
            let path = self.place.step(Step::Index(index));
            seq.serialize_element(&TypedValue::new(value, self.place.part(*ty, &path)))?;
        }
        seq.end()
    }

    fn record<S: Serializer>(
        &self,
        serializer: S,
        fields: &[Field],
        values: &[(String, Value)],
    ) -> Result<S::Ok, S::Error> {
        let names = fields.iter().map(|field| &field.name);
        if !names.eq(values.iter().map(|(name, _)| name)) {
            return Err(self.mismatch());
        }
        let mut map = serializer.serialize_map(Some(values.len()))?;
        for (field, (name, value)) in fields.iter().zip(values) {
            let path = self.place.step(Step::Name(name));
            map.serialize_entry(
                name,
                &TypedValue::new(value, self.place.part(field.ty, &path)),
            )?;
        }
        map.end()
    }

    fn object<S: Serializer>(
        &self,
        serializer: S,
        ty: Type,
        entries: &[(Value, Value)],
    ) -> Result<S::Ok, S::Error> {
        let mut seen = BTreeSet::new();
        let mut map = serializer.serialize_map(Some(entries.len()))?;
        for (index, (key, value)) in entries.iter().enumerate() {
            let path = self.place.step(Step::Index(index));
            let entry = self.place.at(&path);
            let Value::String(key) = key else {
                let path = entry.step(Step::Name("key"));
                return Err(TypedValue::new(key, entry.part(Type::String, &path)).mismatch());
            };
            if !seen.insert(key) {
                return Err(error(entry, TWICE));
            }
            let path = entry.step(Step::Name("value"));
            let place = entry.part(ty, &path);
            map.serialize_entry(key, &TypedValue::new(value, place))?;
        }
        map.end()
    }

    fn pairs<S: Serializer>(
        &self,
        serializer: S,
        key_ty: Type,
        value_ty: Type,
        entries: &[(Value, Value)],
    ) -> Result<S::Ok, S::Error> {
        let mut seen = BTreeSet::new();
        let mut seq = serializer.serialize_seq(Some(entries.len()))?;
        for (index, (key, value)) in entries.iter().enumerate() {
            let path = self.place.step(Step::Index(index));
            let place = self.place.at(&path);
            let bytes = key_bytes(place.contract, key_ty, key);
            if bytes.is_some_and(|bytes| !seen.insert(bytes)) {
                return Err(error(place, TWICE));
            }
            seq.serialize_element(&Pair {
                place,
                key_ty,
                value_ty,
                key,
                value,
            })?;
        }
        seq.end()
    }
}

const TWICE: &str = "the map has the same key twice";

/// An entry of a map whose keys are no strings.
struct Pair<'a> {
    place: Place<'a>,
    key_ty: Type,
    value_ty: Type,
    key: &'a Value,
    value: &'a Value,
}

impl Serialize for Pair<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parts = [
            ("key", self.key_ty, self.key),
            ("value", self.value_ty, self.value),
        ];
        let mut seq = serializer.serialize_seq(Some(parts.len()))?;
        for (name, ty, value) in parts {
            let path = self.place.step(Step::Name(name));
            let place = self.place.part(ty, &path);
            seq.serialize_element(&TypedValue::new(value, place))?;
        }
        seq.end()
    }
}
