//! How much a value is, counted without the decoder.

use pack_abi::schema::{Type, TypeKind};
use pack_abi::{Contract, Value};

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Measure {
    /// Values of recursive types inside each other.
    pub(super) depth: u32,
    /// Values of recursive types, and elements and entries. Elements of nothing but numbers are left out.
    pub(super) nodes: u64,
}

impl Measure {
    pub(super) fn of(contract: &Contract, ty: Type, value: &Value) -> Self {
        let mut measure = match (contract.kind(ty), value) {
            (Some(TypeKind::Record(fields)), Value::Record(values)) => fields
                .iter()
                .zip(values)
                .map(|(field, (_, value))| Self::of(contract, field.ty, value))
                .collect(),
            (Some(TypeKind::Variant(cases)), Value::Variant(name, payload)) => cases
                .iter()
                .filter(|case| case.name == *name)
                .filter_map(|case| Some(Self::of(contract, case.ty?, payload.as_deref()?)))
                .collect(),
            (Some(TypeKind::Tuple(parts)), Value::Tuple(values)) => parts
                .iter()
                .zip(values)
                .map(|(part, value)| Self::of(contract, *part, value))
                .collect(),
            (
                Some(TypeKind::List(element) | TypeKind::FixedList(element, _)),
                Value::List(values),
            ) => {
                let all: Self = values
                    .iter()
                    .map(|value| Self::of(contract, *element, value))
                    .collect();
                all.with_elements(contract, &[*element], values.len())
            }
            (Some(TypeKind::Map(key, of)), Value::Map(entries)) => {
                let parts = entries.iter().flat_map(|(k, value)| {
                    [Self::of(contract, *key, k), Self::of(contract, *of, value)]
                });
                let all: Self = parts.collect();
                all.with_elements(contract, &[*key, *of], entries.len())
            }
            (Some(TypeKind::Option(some)), Value::Option(Some(value))) => {
                Self::of(contract, *some, value)
            }
            (Some(TypeKind::Result { ok: Some(ty), .. }), Value::Result(Ok(Some(value))))
            | (Some(TypeKind::Result { err: Some(ty), .. }), Value::Result(Err(Some(value)))) => {
                Self::of(contract, *ty, value)
            }
            _ => Self::default(),
        };
        if contract.is_recursive(ty) {
            measure.depth += 1;
            measure.nodes += 1;
        }
        measure
    }

    fn with_elements(mut self, contract: &Contract, parts: &[Type], count: usize) -> Self {
        if !parts.iter().all(|part| is_numbers(contract, *part)) {
            self.nodes += u64::try_from(count).unwrap();
        }
        self
    }
}

/// What is side by side.
impl FromIterator<Measure> for Measure {
    fn from_iter<I: IntoIterator<Item = Measure>>(parts: I) -> Self {
        parts.into_iter().fold(Self::default(), |all, part| Self {
            depth: all.depth.max(part.depth),
            nodes: all.nodes + part.nodes,
        })
    }
}

fn is_numbers(contract: &Contract, ty: Type) -> bool {
    match contract.kind(ty) {
        None => !matches!(contract.resolve(ty), Type::Bool | Type::Char | Type::String),
        Some(TypeKind::Record(_) | TypeKind::Tuple(_) | TypeKind::FixedList(..)) => {
            !contract.is_recursive(ty)
                && contract.kind(ty).is_some_and(|kind| {
                    kind.references()
                        .iter()
                        .all(|part| is_numbers(contract, *part))
                })
        }
        Some(_) => false,
    }
}
