use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{LEVELS_PER_DEPTH, Value};
use crate::error::{DecodeError, DecodeErrorKind};
use crate::graph_value::GraphValue;
use crate::schema::{Contract, Label, Type, TypeKind};
use crate::wire::{Decoder, FlatReader, Limits, NodeKey, Width, decode_with, to_usize};

type Read = Result<Value, DecodeError>;

/// Reads one value of a type of the contract that takes up the whole message.
///
/// # Errors
///
/// The first place where the bytes are not a value of the type, or where a limit is reached.
pub fn decode_value(contract: &Contract, ty: Type, message: &[u8], limits: Limits) -> Read {
    decode_with(message, limits, |decoder| read_value(contract, ty, decoder))
}

/// Reads the next value of a message.
///
/// # Errors
///
/// The first place where the bytes are not a value of the type, or where a limit is reached.
pub fn read_value(contract: &Contract, ty: Type, decoder: &mut Decoder<'_>) -> Read {
    let levels = decoder.limits().depth.saturating_mul(LEVELS_PER_DEPTH);
    read(contract, ty, decoder, levels)
}

fn read(contract: &Contract, ty: Type, decoder: &mut Decoder<'_>, levels: u32) -> Read {
    let Some(levels) = levels.checked_sub(1) else {
        let limit = decoder.limits().depth;
        return Err(decoder.error(DecodeErrorKind::TooDeep { limit }));
    };
    let resolved = contract.resolve(ty);
    Ok(match resolved {
        Type::Bool => Value::Bool(bool::decode(decoder)?),
        Type::U8 => Value::U8(u8::decode(decoder)?),
        Type::U16 => Value::U16(u16::decode(decoder)?),
        Type::U32 => Value::U32(u32::decode(decoder)?),
        Type::U64 => Value::U64(u64::decode(decoder)?),
        Type::S8 => Value::S8(i8::decode(decoder)?),
        Type::S16 => Value::S16(i16::decode(decoder)?),
        Type::S32 => Value::S32(i32::decode(decoder)?),
        Type::S64 => Value::S64(i64::decode(decoder)?),
        Type::F32 => Value::F32(f32::decode(decoder)?),
        Type::F64 => Value::F64(f64::decode(decoder)?),
        Type::Char => Value::Char(char::decode(decoder)?),
        Type::String => Value::String(String::decode(decoder)?),
        Type::Id(_) => return read_defined(contract, resolved, decoder, levels),
    })
}

fn read_defined(contract: &Contract, ty: Type, decoder: &mut Decoder<'_>, levels: u32) -> Read {
    let unsupported = |decoder: &Decoder<'_>| decoder.error(DecodeErrorKind::Unsupported);
    let Some(kind) = contract.kind(ty) else {
        return Err(unsupported(decoder));
    };
    let recursive = contract.is_recursive(ty);
    let boxed = |decoder: &mut Decoder<'_>, ty: &Option<Type>| match ty {
        Some(ty) => {
            decoder.charge_bytes(size_of::<Value>())?;
            read(contract, *ty, decoder, levels).map(|value| Some(Box::new(value)))
        }
        None => Ok(None),
    };
    match kind {
        TypeKind::Record(fields) => {
            let body = |decoder: &mut Decoder<'_>| {
                let names: usize = fields.iter().map(|field| field.name.len()).sum();
                decoder.charge_bytes(
                    names + fields.len().saturating_mul(size_of::<(String, Value)>()),
                )?;
                let mut values = Vec::with_capacity(fields.len());
                for field in fields {
                    let value = read(contract, field.ty, decoder, levels)
                        .map_err(|error| error.in_field(field.name.clone()))?;
                    values.push((field.name.clone(), value));
                }
                Ok(Value::Record(values))
            };
            if recursive {
                return read_node(
                    contract,
                    ty,
                    decoder,
                    levels,
                    (Width::One, 1),
                    |decoder, _| body(decoder),
                );
            }
            body(decoder)
        }
        TypeKind::Variant(cases) => {
            let body = |decoder: &mut Decoder<'_>, found: u32| {
                let case = cases
                    .get(to_usize(found))
                    .ok_or_else(|| unsupported(decoder))?;
                decoder.charge_bytes(case.name.len())?;
                let payload =
                    boxed(decoder, &case.ty).map_err(|error| error.in_field(case.name.clone()))?;
                Ok(Value::Variant(case.name.clone(), payload))
            };
            let width = Contract::discriminant_width(cases.len(), recursive);
            let count = u32::try_from(cases.len()).unwrap_or(u32::MAX);
            if recursive {
                return read_node(contract, ty, decoder, levels, (width, count), body);
            }
            let found = decoder.discriminant(width, count)?;
            body(decoder, found)
        }
        TypeKind::Enum(labels) => {
            let width = Contract::discriminant_width(labels.len(), false);
            let found =
                decoder.discriminant(width, u32::try_from(labels.len()).unwrap_or(u32::MAX))?;
            let label = labels
                .get(to_usize(found))
                .ok_or_else(|| unsupported(decoder))?;
            decoder.charge_bytes(label.name.len())?;
            Ok(Value::Enum(label.name.clone()))
        }
        TypeKind::Flags(labels) => {
            let bytes = decoder.slice(labels.len().div_ceil(8))?;
            let names = flag_names(labels, bytes)
                .ok_or_else(|| decoder.error_before(bytes.len(), DecodeErrorKind::Flags))?;
            decoder.charge_bytes(
                names
                    .iter()
                    .map(|name| name.len() + size_of::<String>())
                    .sum(),
            )?;
            Ok(Value::Flags(names))
        }
        TypeKind::Tuple(parts) => {
            decoder.charge_bytes(parts.len().saturating_mul(size_of::<Value>()))?;
            let mut values = Vec::with_capacity(parts.len());
            for (at, part) in parts.iter().enumerate() {
                let value = read(contract, *part, decoder, levels)
                    .map_err(|e| e.in_field(at.to_string()))?;
                values.push(value);
            }
            Ok(Value::Tuple(values))
        }
        TypeKind::List(element) if contract.resolve(*element) == Type::U8 => {
            Ok(Value::Bytes(Vec::<u8>::decode(decoder)?))
        }
        TypeKind::List(element) => {
            let count = decoder.count(contract.min_width(*element))?;
            read_items(contract, *element, decoder, levels, count).map(Value::List)
        }
        TypeKind::FixedList(element, count) => {
            let needed = u64::from(*count) * u64::from(contract.min_width(*element));
            let remaining = decoder.remaining();
            if needed > u64::try_from(remaining).unwrap_or(u64::MAX) {
                return Err(decoder.error(DecodeErrorKind::UnexpectedEnd { needed, remaining }));
            }
            read_items(contract, *element, decoder, levels, *count).map(Value::List)
        }
        TypeKind::Option(some) => {
            let present = decoder.bool()?.then_some(*some);
            boxed(decoder, &present).map(Value::Option)
        }
        TypeKind::Result { ok, err } => Ok(Value::Result(match decoder.bool()? {
            false => Ok(boxed(decoder, ok).map_err(|error| error.in_field("ok"))?),
            true => Err(boxed(decoder, err).map_err(|error| error.in_field("error"))?),
        })),
        TypeKind::Map(key, value) => {
            let width = contract
                .min_width(*key)
                .saturating_add(contract.min_width(*value));
            let count = decoder.count(width)?;
            charge_items(decoder, count, size_of::<(Value, Value)>())?;
            let mut seen = BTreeSet::new();
            let mut entries = Vec::with_capacity(to_usize(count));
            for index in 0..count {
                let start = decoder.position();
                let k = read(contract, *key, decoder, levels)
                    .map_err(|error| error.in_field("key").at_index(index))?;
                if !seen.insert(decoder.since(start)) {
                    return Err(
                        DecodeError::new(DecodeErrorKind::DuplicateKey, start).at_index(index)
                    );
                }
                let v = read(contract, *value, decoder, levels)
                    .map_err(|error| error.in_field("value").at_index(index))?;
                entries.push((k, v));
            }
            Ok(Value::Map(entries))
        }
        // Resolved away.
        TypeKind::Alias(_) => Err(unsupported(decoder)),
    }
}

fn read_node<'a>(
    contract: &Contract,
    ty: Type,
    decoder: &mut Decoder<'a>,
    levels: u32,
    (width, cases): (Width, u32),
    body: impl FnOnce(&mut Decoder<'a>, u32) -> Read,
) -> Read {
    let Type::Id(id) = ty else {
        return Err(decoder.error(DecodeErrorKind::Unsupported));
    };
    decoder.keyed_node(NodeKey::Schema(id), width, cases, body, |decoder| {
        read(contract, ty, decoder, levels)
    })
}

fn charge_items(decoder: &mut Decoder<'_>, count: u32, size: usize) -> Result<(), DecodeError> {
    decoder.charge_nodes(count)?;
    decoder.charge_bytes(to_usize(count).saturating_mul(size))
}

fn read_items(
    contract: &Contract,
    element: Type,
    decoder: &mut Decoder<'_>,
    levels: u32,
    count: u32,
) -> Result<Vec<Value>, DecodeError> {
    charge_items(decoder, count, size_of::<Value>())?;
    let mut items = Vec::with_capacity(to_usize(count));
    for index in 0..count {
        let item =
            read(contract, element, decoder, levels).map_err(|error| error.at_index(index))?;
        items.push(item);
    }
    Ok(items)
}

fn flag_names(labels: &[Label], bytes: &[u8]) -> Option<Vec<String>> {
    let bit = |at: usize| {
        bytes
            .get(at / 8)
            .is_some_and(|byte| byte & (1 << (at % 8)) != 0)
    };
    if (labels.len()..bytes.len() * 8).any(bit) {
        return None;
    }
    let set = labels.iter().enumerate().filter(|(at, _)| bit(*at));
    Some(set.map(|(_, label)| label.name.clone()).collect())
}

/// Reads what [`flatten_value`](super::flatten_value) wrote.
///
/// # Errors
///
/// If a core value is outside its type's range, or the type does not flatten.
pub fn unflatten_value(contract: &Contract, ty: Type, slots: &mut FlatReader<'_>) -> Read {
    let unsupported = || DecodeError::new(DecodeErrorKind::Unsupported, 0);
    let out_of_range = |bits: u64| DecodeError::new(DecodeErrorKind::CoreValue(bits), 0);
    Ok(match contract.resolve(ty) {
        Type::Bool => Value::Bool(bool::unflatten(slots)?),
        Type::U8 => Value::U8(u8::unflatten(slots)?),
        Type::U16 => Value::U16(u16::unflatten(slots)?),
        Type::U32 => Value::U32(u32::unflatten(slots)?),
        Type::U64 => Value::U64(u64::unflatten(slots)?),
        Type::S8 => Value::S8(i8::unflatten(slots)?),
        Type::S16 => Value::S16(i16::unflatten(slots)?),
        Type::S32 => Value::S32(i32::unflatten(slots)?),
        Type::S64 => Value::S64(i64::unflatten(slots)?),
        Type::F32 => Value::F32(f32::unflatten(slots)?),
        Type::F64 => Value::F64(f64::unflatten(slots)?),
        Type::Char => Value::Char(char::unflatten(slots)?),
        Type::String => return Err(unsupported()),
        Type::Id(_) => match contract.kind(ty) {
            Some(TypeKind::Enum(labels)) => {
                let bits = slots.next_slot()?;
                let label = usize::try_from(bits).ok().and_then(|at| labels.get(at));
                Value::Enum(label.ok_or_else(|| out_of_range(bits))?.name.clone())
            }
            Some(TypeKind::Flags(labels)) => {
                let bits = slots.next_slot()?;
                let names = flag_names(labels, &bits.to_le_bytes());
                Value::Flags(names.ok_or_else(|| out_of_range(bits))?)
            }
            Some(TypeKind::Record(fields)) => {
                let mut values = Vec::with_capacity(fields.len());
                for field in fields {
                    values.push((
                        field.name.clone(),
                        unflatten_value(contract, field.ty, slots)?,
                    ));
                }
                Value::Record(values)
            }
            Some(TypeKind::Tuple(parts)) => {
                let parts = parts
                    .iter()
                    .map(|part| unflatten_value(contract, *part, slots));
                Value::Tuple(parts.collect::<Result<_, _>>()?)
            }
            _ => return Err(unsupported()),
        },
    })
}
