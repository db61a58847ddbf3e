use alloc::borrow::ToOwned;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::{LEVELS_PER_DEPTH, Value};
use crate::error::{EncodeError, EncodeErrorKind};
use crate::graph_value::Encode;
use crate::schema::{Contract, Label, Type, TypeKind};
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
    let levels = encoder.limits().depth.saturating_mul(LEVELS_PER_DEPTH);
    write(contract, ty, value, encoder, levels)
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
        return Err(EncodeError::new(EncodeErrorKind::TooDeep {
            limit: encoder.limits().depth,
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

fn write_defined<S: Sink>(
    contract: &Contract,
    ty: Type,
    value: &Value,
    encoder: &mut Encoder<S>,
    levels: u32,
) -> Written {
    let wrong = || mismatch(contract, ty, value);
    let each = |encoder: &mut Encoder<S>, ty: Type, items: &[Value]| {
        for (index, item) in (0_u32..).zip(items) {
            write(contract, ty, item, encoder, levels).map_err(|error| error.at_index(index))?;
        }
        Ok(())
    };
    let kind = contract.kind(ty).ok_or_else(wrong)?;
    let recursive = contract.is_recursive(ty);
    match (kind, value) {
        (TypeKind::Record(fields), Value::Record(values)) => {
            let same_names = fields
                .iter()
                .map(|f| &f.name)
                .eq(values.iter().map(|(name, _)| name));
            if !same_names {
                return Err(wrong());
            }
            let mut outcome = Ok(());
            let mut body = |encoder: &mut Encoder<S>| {
                outcome = fields
                    .iter()
                    .zip(values)
                    .try_for_each(|(field, (_, value))| {
                        write(contract, field.ty, value, encoder, levels)
                            .map_err(|error| error.in_field(field.name.clone()))
                    });
            };
            if recursive {
                encoder.node(Width::One, 0, body);
            } else {
                body(encoder);
            }
            outcome
        }
        (TypeKind::Variant(cases), Value::Variant(name, payload)) => {
            let at = cases
                .iter()
                .position(|case| case.name == *name)
                .ok_or_else(wrong)?;
            let case = cases.get(at).ok_or_else(wrong)?;
            let mut outcome = Ok(());
            let mut body = |encoder: &mut Encoder<S>| {
                outcome = match (case.ty, payload) {
                    (Some(ty), Some(value)) => write(contract, ty, value, encoder, levels)
                        .map_err(|error| error.in_field(case.name.clone())),
                    (None, None) => Ok(()),
                    _ => Err(wrong()),
                };
            };
            let width = Contract::discriminant_width(cases.len(), recursive);
            let discriminant = u32::try_from(at).map_err(|_| wrong())?;
            if recursive {
                encoder.node(width, discriminant, body);
            } else {
                encoder.discriminant(width, discriminant);
                body(encoder);
            }
            outcome
        }
        (TypeKind::Enum(labels), Value::Enum(name)) => {
            let at = position(labels, name).ok_or_else(wrong)?;
            encoder.discriminant(Contract::discriminant_width(labels.len(), false), at);
            Ok(())
        }
        (TypeKind::Flags(labels), Value::Flags(names)) => {
            encoder.write(&flag_bytes(labels, names).ok_or_else(wrong)?);
            Ok(())
        }
        (TypeKind::Tuple(parts), Value::Tuple(values)) if parts.len() == values.len() => {
            for ((at, ty), value) in parts.iter().enumerate().zip(values) {
                write(contract, *ty, value, encoder, levels)
                    .map_err(|e| e.in_field(at.to_string()))?;
            }
            Ok(())
        }
        (TypeKind::List(element), Value::Bytes(bytes))
            if contract.resolve(*element) == Type::U8 =>
        {
            encoder.count(bytes.len());
            encoder.write(bytes);
            Ok(())
        }
        (TypeKind::List(element), Value::List(items)) => {
            encoder.count(items.len());
            each(encoder, *element, items)
        }
        (TypeKind::FixedList(element, count), Value::List(items))
            if u32::try_from(items.len()) == Ok(*count) =>
        {
            each(encoder, *element, items)
        }
        (TypeKind::Option(some), Value::Option(payload)) => {
            encoder.write(&[u8::from(payload.is_some())]);
            match payload {
                Some(value) => write(contract, *some, value, encoder, levels),
                None => Ok(()),
            }
        }
        (TypeKind::Result { ok, err }, Value::Result(outcome)) => {
            encoder.write(&[u8::from(outcome.is_err())]);
            let (ty, payload, side) = match outcome {
                Ok(payload) => (ok, payload, "ok"),
                Err(payload) => (err, payload, "error"),
            };
            match (ty, payload) {
                (Some(ty), Some(value)) => write(contract, *ty, value, encoder, levels)
                    .map_err(|error| error.in_field(side)),
                (None, None) => Ok(()),
                _ => Err(wrong()),
            }
        }
        (TypeKind::Map(key, value_ty), Value::Map(entries)) => {
            encoder.count(entries.len());
            for (index, (k, v)) in (0_u32..).zip(entries) {
                write(contract, *key, k, encoder, levels)
                    .map_err(|error| error.in_field("key").at_index(index))?;
                write(contract, *value_ty, v, encoder, levels)
                    .map_err(|error| error.in_field("value").at_index(index))?;
            }
            Ok(())
        }
        _ => Err(wrong()),
    }
}

fn position(labels: &[Label], name: &str) -> Option<u32> {
    u32::try_from(labels.iter().position(|label| label.name == name)?).ok()
}

fn flag_bytes(labels: &[Label], names: &[alloc::string::String]) -> Option<Vec<u8>> {
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
