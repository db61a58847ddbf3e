//! What readers of text and of other formats have in common.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Value, encode_value};
use crate::schema::{Case, Contract, Field, Label, Type, TypeKind};
use crate::wire::Limits;

/// How many bytes of memory a value that is read may take.
pub(super) const MAX_BYTES: usize = Limits::DEFAULT.bytes;

/// Names longer than this are nobody's slip of the pen, and slow to compare.
const LONGEST_NAME: usize = 100;

/// How many names a message lists.
const LISTED: usize = 12;

/// Counts down the memory of a value while it is read: a few bytes of text can stand for many of memory, where
/// records have optional fields.
#[derive(Clone, Copy)]
pub(super) struct Budget(usize);

impl Budget {
    pub(super) const fn new() -> Self {
        Self(MAX_BYTES)
    }

    /// Takes what one value needs besides the values in it; none if that is more than is left.
    #[must_use]
    pub(super) fn spend(&mut self, value: &Value) -> Option<()> {
        let names = |names: &[String]| names.iter().map(|n| n.len() + size_of::<String>()).sum();
        let inside: usize = match value {
            Value::String(text) | Value::Enum(text) | Value::Variant(text, _) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Flags(flags) => names(flags),
            // Also the fields that were left out, which are not read one by one.
            Value::Record(fields) => fields
                .iter()
                .map(|(name, _)| name.len() + size_of::<(String, Value)>())
                .sum(),
            _ => 0,
        };
        self.0 = self.0.checked_sub(inside + size_of::<Value>())?;
        Some(())
    }
}

/// What may have been meant by a name that a type does not have.
pub(super) fn meant(name: &str, known: &mut dyn Iterator<Item = &str>) -> String {
    let known: Vec<&str> = known.collect();
    let near = known
        .iter()
        .filter(|known| name.len().max(known.len()) <= LONGEST_NAME)
        .map(|known| (strsim::osa_distance(name, known), known))
        .filter(|(distance, known)| *distance <= name.len().max(known.len()) / 3)
        .min();
    if let Some((_, near)) = near {
        return alloc::format!("did you mean `{near}`?");
    }
    let mut listed = String::from("there is ");
    for (at, name) in known.iter().take(LISTED).enumerate() {
        listed.push_str(if at > 0 { ", `" } else { "`" });
        listed.push_str(name);
        listed.push('`');
    }
    match known.len() {
        0 => String::from("there is none"),
        count if count > LISTED => alloc::format!("{listed} and {} more", count - LISTED),
        _ => listed,
    }
}

pub(super) fn field_names(fields: &[Field]) -> impl Iterator<Item = &str> + Clone {
    fields.iter().map(|field| field.name.as_str())
}

pub(super) fn case_names(cases: &[Case]) -> impl Iterator<Item = &str> + Clone {
    cases.iter().map(|case| case.name.as_str())
}

pub(super) fn label_names(labels: &[Label]) -> impl Iterator<Item = &str> + Clone {
    labels.iter().map(|label| label.name.as_str())
}

/// The bytes of a map's key, by which it is told from others. None if it is not of the type.
pub(super) fn key_bytes(contract: &Contract, ty: Type, key: &Value) -> Option<Vec<u8>> {
    encode_value(contract, ty, key, Limits::DEFAULT).ok()
}

/// Whether a field of the type may be left out, which means `none`.
pub(super) fn is_option(contract: &Contract, ty: Type) -> bool {
    matches!(contract.kind(ty), Some(TypeKind::Option(_)))
}

/// The record, if no field is missing but those that are options; otherwise the first that is.
pub(super) fn record<'a>(
    contract: &Contract,
    fields: &'a [Field],
    values: Vec<Option<Value>>,
) -> Result<Value, &'a Field> {
    let mut record = Vec::with_capacity(fields.len());
    for (field, value) in fields.iter().zip(values) {
        let value = match value {
            Some(value) => value,
            None if is_option(contract, field.ty) => Value::Option(None),
            None => return Err(field),
        };
        record.push((field.name.clone(), value));
    }
    Ok(Value::Record(record))
}

/// The place of a field; the one that comes next in the schema costs nothing to find.
pub(super) fn field_at(fields: &[Field], name: &str, next: usize) -> Option<usize> {
    if fields.get(next).is_some_and(|field| field.name == name) {
        return Some(next);
    }
    fields.iter().position(|field| field.name == name)
}

/// Flags in the order of the schema.
pub(super) fn flags(labels: &[Label], set: &[bool]) -> Value {
    let set = labels.iter().zip(set).filter(|(_, set)| **set);
    Value::Flags(set.map(|(label, _)| label.name.clone()).collect())
}
