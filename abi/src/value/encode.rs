use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{MAX_LEVELS, Value};
use crate::error::{EncodeError, EncodeErrorKind, HandleProblem};
use crate::graph_value::Encode;
use crate::schema::{Case, Contract, Field, Label, Type, TypeKind};
use crate::wire::{Encoder, FlatWriter, Limits, Sink, Width};

type Written = Result<(), EncodeError>;

/// The bytes of a value, checked against a type of the contract.
///
/// # Errors
///
/// If the value is not of the type, or past a limit.
pub fn encode_value(
    contract: &Contract,
    ty: Type,
    value: &Value,
    limits: Limits,
) -> Result<Vec<u8>, EncodeError> {
    let mut encoder = Encoder::new(Vec::new(), limits);
    write_value(contract, ty, value, &mut encoder)?;
    encoder.finish()
}

/// Appends a value to a message, checked against a type of the contract.
///
/// # Errors
///
/// If the value is not of the type, or past a limit.
pub fn write_value<S: Sink>(
    contract: &Contract,
    ty: Type,
    value: &Value,
    encoder: &mut Encoder<S>,
) -> Written {
    write(contract, ty, value, encoder, MAX_LEVELS)
}

fn mismatch(contract: &Contract, ty: Type, value: &Value) -> EncodeError {
    let expected = contract.describe(ty);
    EncodeError::new(EncodeErrorKind::Type {
        expected,
        found: value.describe(),
    })
}

fn write<S: Sink>(
    contract: &Contract,
    ty: Type,
    value: &Value,
    encoder: &mut Encoder<S>,
    levels: u32,
) -> Written {
    let Some(levels) = levels.checked_sub(1) else {
        return Err(EncodeError::new(EncodeErrorKind::TooManyLevels {
            limit: MAX_LEVELS,
        }));
    };
    let resolved = contract.resolve(ty);
    match (resolved, value) {
        (Type::Bool, Value::Bool(v)) => v.encode(encoder),
        (Type::U8, Value::U8(v)) => v.encode(encoder),
        (Type::U16, Value::U16(v)) => v.encode(encoder),
        (Type::U32, Value::U32(v)) => v.encode(encoder),
        (Type::U64, Value::U64(v)) => v.encode(encoder),
        (Type::S8, Value::S8(v)) => v.encode(encoder),
        (Type::S16, Value::S16(v)) => v.encode(encoder),
        (Type::S32, Value::S32(v)) => v.encode(encoder),
        (Type::S64, Value::S64(v)) => v.encode(encoder),
        (Type::F32, Value::F32(v)) => v.encode(encoder),
        (Type::F64, Value::F64(v)) => v.encode(encoder),
        (Type::Char, Value::Char(v)) => v.encode(encoder),
        (Type::String, Value::String(v)) => v.encode(encoder),
        (Type::Id(_), _) => return write_defined(contract, resolved, value, encoder, levels),
        _ => return Err(mismatch(contract, ty, value)),
    }
    Ok(())
}

/// One function a shape: what each keeps on the stack counts, for a value comes through here on every level.
fn write_defined<S: Sink>(
    contract: &Contract,
    ty: Type,
    value: &Value,
    encoder: &mut Encoder<S>,
    levels: u32,
) -> Written {
    let wrong = || mismatch(contract, ty, value);
    match (contract.kind(ty), value) {
        (Some(TypeKind::Record(fields)), Value::Record(values)) if same_names(fields, values) => {
            write_record(contract, ty, encoder, levels, fields, values)
        }
        (Some(TypeKind::Variant(cases)), Value::Variant(name, payload)) => {
            match cases
                .iter()
                .zip(0_u32..)
                .find(|(case, _)| case.name == *name)
            {
                Some((case, at)) if case.ty.is_some() == payload.is_some() => write_variant(
                    contract,
                    ty,
                    encoder,
                    levels,
                    (cases.len(), at),
                    case,
                    payload.as_deref(),
                ),
                _ => Err(wrong()),
            }
        }
        (Some(TypeKind::Enum(labels)), Value::Enum(name)) => match position(labels, name) {
            Some(at) => {
                encoder.discriminant(Contract::discriminant_width(labels.len(), false), at);
                Ok(())
            }
            None => Err(wrong()),
        },
        (Some(TypeKind::Flags(labels)), Value::Flags(names)) => match flag_bytes(labels, names) {
            Some(bytes) => {
                encoder.write(&bytes);
                Ok(())
            }
            None => Err(wrong()),
        },
        (Some(TypeKind::Tuple(parts)), Value::Tuple(values)) if parts.len() == values.len() => {
            write_tuple(contract, encoder, levels, parts, values)
        }
        (Some(TypeKind::List(element)), Value::Bytes(bytes))
            if contract.resolve(*element) == Type::U8 =>
        {
            encoder.count(bytes.len());
            encoder.write(bytes);
            Ok(())
        }
        (Some(TypeKind::List(element)), Value::List(items)) => {
            encoder.count(items.len());
            write_items(contract, encoder, levels, *element, items)
        }
        (Some(TypeKind::FixedList(element, count)), Value::List(items))
            if u32::try_from(items.len()) == Ok(*count) =>
        {
            write_items(contract, encoder, levels, *element, items)
        }
        (Some(TypeKind::Option(some)), Value::Option(payload)) => {
            encoder.write(&[u8::from(payload.is_some())]);
            match payload {
                Some(value) => write(contract, *some, value, encoder, levels),
                None => Ok(()),
            }
        }
        (Some(TypeKind::Result { ok, err }), Value::Result(outcome)) => {
            let (ty, payload) = match outcome {
                Ok(payload) => (ok, payload),
                Err(payload) => (err, payload),
            };
            encoder.write(&[u8::from(outcome.is_err())]);
            match (ty, payload) {
                (Some(ty), Some(value)) => write(contract, *ty, value, encoder, levels)
                    .map_err(|error| error.in_field(if outcome.is_err() { "error" } else { "ok" })),
                (None, None) => Ok(()),
                (Some(_), None) | (None, Some(_)) => Err(wrong()),
            }
        }
        (Some(TypeKind::Map(key, value)), Value::Map(entries)) => {
            write_map(contract, encoder, levels, (*key, *value), entries)
        }
        (Some(TypeKind::Own(_) | TypeKind::Borrow(_)), _) => Err(handle()),
        _ => Err(wrong()),
    }
}

#[cold]
fn handle() -> EncodeError {
    EncodeError::new(EncodeErrorKind::Handle(HandleProblem::NoInstance))
}

fn same_names(fields: &[Field], values: &[(String, Value)]) -> bool {
    fields
        .iter()
        .map(|field| &field.name)
        .eq(values.iter().map(|(name, _)| name))
}

fn write_record<S: Sink>(
    contract: &Contract,
    ty: Type,
    encoder: &mut Encoder<S>,
    levels: u32,
    fields: &[Field],
    values: &[(String, Value)],
) -> Written {
    let mut outcome = Ok(());
    let mut body = |encoder: &mut Encoder<S>| {
        for (field, (_, value)) in fields.iter().zip(values) {
            if let Err(error) = write(contract, field.ty, value, encoder, levels) {
                outcome = Err(error.in_field(field.name.clone()));
                return;
            }
        }
    };
    if contract.is_recursive(ty) {
        encoder.node(Width::One, 0, body);
    } else {
        body(encoder);
    }
    outcome
}

fn write_variant<S: Sink>(
    contract: &Contract,
    ty: Type,
    encoder: &mut Encoder<S>,
    levels: u32,
    (cases, discriminant): (usize, u32),
    case: &Case,
    payload: Option<&Value>,
) -> Written {
    let recursive = contract.is_recursive(ty);
    let width = Contract::discriminant_width(cases, recursive);
    let mut outcome = Ok(());
    let mut body = |encoder: &mut Encoder<S>| {
        if let (Some(ty), Some(value)) = (case.ty, payload)
            && let Err(error) = write(contract, ty, value, encoder, levels)
        {
            outcome = Err(error.in_field(case.name.clone()));
        }
    };
    if recursive {
        encoder.node(width, discriminant, body);
    } else {
        encoder.discriminant(width, discriminant);
        body(encoder);
    }
    outcome
}

fn write_tuple<S: Sink>(
    contract: &Contract,
    encoder: &mut Encoder<S>,
    levels: u32,
    parts: &[Type],
    values: &[Value],
) -> Written {
    for ((at, ty), value) in parts.iter().enumerate().zip(values) {
        if let Err(error) = write(contract, *ty, value, encoder, levels) {
            return Err(error.in_field(at.to_string()));
        }
    }
    Ok(())
}

fn write_items<S: Sink>(
    contract: &Contract,
    encoder: &mut Encoder<S>,
    levels: u32,
    element: Type,
    items: &[Value],
) -> Written {
    for (index, item) in (0_u32..).zip(items) {
        if let Err(error) = write(contract, element, item, encoder, levels) {
            return Err(error.at_index(index));
        }
    }
    Ok(())
}

fn write_map<S: Sink>(
    contract: &Contract,
    encoder: &mut Encoder<S>,
    levels: u32,
    (key_ty, value_ty): (Type, Type),
    entries: &[(Value, Value)],
) -> Written {
    encoder.count(entries.len());
    let mut seen = BTreeSet::new();
    for (index, (key, value)) in (0_u32..).zip(entries) {
        let in_key = |error: EncodeError| error.in_field("key").at_index(index);
        // Keys are scalars: a buffer of their own costs little, and tells equal ones.
        let bytes = encode_value(contract, key_ty, key, Limits::DEFAULT).map_err(in_key)?;
        encoder.write(&bytes);
        if !seen.insert(bytes) {
            return Err(in_key(EncodeError::new(EncodeErrorKind::DuplicateKey)));
        }
        if let Err(error) = write(contract, value_ty, value, encoder, levels) {
            return Err(error.in_field("value").at_index(index));
        }
    }
    Ok(())
}

fn position(labels: &[Label], name: &str) -> Option<u32> {
    u32::try_from(labels.iter().position(|label| label.name == name)?).ok()
}

fn flag_bytes(labels: &[Label], names: &[String]) -> Option<Vec<u8>> {
    let mut bytes = alloc::vec![0_u8; labels.len().div_ceil(8)];
    for name in names {
        let at = labels.iter().position(|label| label.name == *name)?;
        *bytes.get_mut(at / 8)? |= 1 << (at % 8);
    }
    Some(bytes)
}

/// Writes a value as core values, checked against a type that [flattens](crate::convention::flatten).
///
/// # Errors
///
/// If the value is not of the type.
pub fn flatten_value(
    contract: &Contract,
    ty: Type,
    value: &Value,
    slots: &mut FlatWriter<'_>,
) -> Written {
    let wrong = || mismatch(contract, ty, value);
    match (contract.resolve(ty), value) {
        (Type::Bool, Value::Bool(v)) => v.flatten(slots),
        (Type::U8, Value::U8(v)) => v.flatten(slots),
        (Type::U16, Value::U16(v)) => v.flatten(slots),
        (Type::U32, Value::U32(v)) => v.flatten(slots),
        (Type::U64, Value::U64(v)) => v.flatten(slots),
        (Type::S8, Value::S8(v)) => v.flatten(slots),
        (Type::S16, Value::S16(v)) => v.flatten(slots),
        (Type::S32, Value::S32(v)) => v.flatten(slots),
        (Type::S64, Value::S64(v)) => v.flatten(slots),
        (Type::F32, Value::F32(v)) => v.flatten(slots),
        (Type::F64, Value::F64(v)) => v.flatten(slots),
        (Type::Char, Value::Char(v)) => v.flatten(slots),
        (Type::Id(_), _) => match (contract.kind(ty), value) {
            (Some(TypeKind::Own(_) | TypeKind::Borrow(_)), _) => return Err(handle()),
            (Some(TypeKind::Enum(labels)), Value::Enum(name)) => {
                slots.push(u64::from(position(labels, name).ok_or_else(wrong)?));
            }
            (Some(TypeKind::Flags(labels)), Value::Flags(names)) => {
                let bytes = flag_bytes(labels, names).ok_or_else(wrong)?;
                let bits = bytes
                    .iter()
                    .rev()
                    .fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
                slots.push(bits);
            }
            (Some(TypeKind::Record(fields)), Value::Record(values))
                if fields
                    .iter()
                    .map(|f| &f.name)
                    .eq(values.iter().map(|(name, _)| name)) =>
            {
                for (field, (_, value)) in fields.iter().zip(values) {
                    flatten_value(contract, field.ty, value, slots)
                        .map_err(|error| error.in_field(field.name.to_owned()))?;
                }
            }
            (Some(TypeKind::Tuple(parts)), Value::Tuple(values)) if parts.len() == values.len() => {
                for ((at, ty), value) in parts.iter().enumerate().zip(values) {
                    flatten_value(contract, *ty, value, slots)
                        .map_err(|e| e.in_field(at.to_string()))?;
                }
            }
            _ => return Err(wrong()),
        },
        _ => return Err(wrong()),
    }
    Ok(())
}
