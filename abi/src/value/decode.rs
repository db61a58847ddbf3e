use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{MAX_LEVELS, Value};
use crate::error::{DecodeError, DecodeErrorKind, HandleProblem};
use crate::graph_value::GraphValue;
use crate::schema::{Case, Contract, Field, Label, Type, TypeKind};
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
    read(contract, ty, decoder, MAX_LEVELS)
}

fn read(contract: &Contract, ty: Type, decoder: &mut Decoder<'_>, levels: u32) -> Read {
    let Some(levels) = levels.checked_sub(1) else {
        let limit = MAX_LEVELS;
        return Err(decoder.error(DecodeErrorKind::TooManyLevels { limit }));
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

/// One function a shape: what each keeps on the stack counts, for a value comes through here on every level.
fn read_defined(contract: &Contract, ty: Type, decoder: &mut Decoder<'_>, levels: u32) -> Read {
    match contract.kind(ty) {
        Some(TypeKind::Record(fields)) => read_record(contract, ty, decoder, levels, fields),
        Some(TypeKind::Variant(cases)) => read_variant(contract, ty, decoder, levels, cases),
        Some(TypeKind::Enum(labels)) => read_enum(decoder, labels),
        Some(TypeKind::Flags(labels)) => read_flags(decoder, labels),
        Some(TypeKind::Tuple(parts)) => read_tuple(contract, decoder, levels, parts),
        Some(TypeKind::List(element)) => read_list(contract, decoder, levels, *element),
        Some(TypeKind::FixedList(element, count)) => {
            read_fixed_list(contract, decoder, levels, *element, *count)
        }
        Some(TypeKind::Option(some)) => read_option(contract, decoder, levels, *some),
        Some(TypeKind::Result { ok, err }) => read_result(contract, decoder, levels, *ok, *err),
        Some(TypeKind::Map(key, value)) => read_map(contract, decoder, levels, *key, *value),
        Some(TypeKind::Own(_) | TypeKind::Borrow(_)) => read_handle(decoder),
        // Resolved away, or in no contract.
        Some(
            TypeKind::Alias(_) | TypeKind::Resource(_) | TypeKind::Stream(_) | TypeKind::Future(_),
        )
        | None => Err(unsupported(decoder)),
    }
}

/// Who holds a handle has to drop it, which a dynamic value does not.
#[cold]
fn read_handle(decoder: &mut Decoder<'_>) -> Read {
    let handle = u32::decode(decoder)?;
    let problem = HandleProblem::NoInstance;
    Err(decoder.error_before(4, DecodeErrorKind::Handle { handle, problem }))
}

#[cold]
fn unsupported(decoder: &Decoder<'_>) -> DecodeError {
    decoder.error(DecodeErrorKind::Unsupported)
}

fn read_record(
    contract: &Contract,
    ty: Type,
    decoder: &mut Decoder<'_>,
    levels: u32,
    fields: &[Field],
) -> Read {
    if contract.is_recursive(ty) {
        return read_node(
            contract,
            ty,
            decoder,
            levels,
            (Width::One, 1),
            |decoder, _| read_fields(contract, decoder, levels, fields),
        );
    }
    read_fields(contract, decoder, levels, fields)
}

fn read_fields(
    contract: &Contract,
    decoder: &mut Decoder<'_>,
    levels: u32,
    fields: &[Field],
) -> Read {
    let names: usize = fields.iter().map(|field| field.name.len()).sum();
    decoder.charge_bytes(names + fields.len().saturating_mul(size_of::<(String, Value)>()))?;
    let mut values = Vec::with_capacity(fields.len());
    for field in fields {
        match read(contract, field.ty, decoder, levels) {
            Ok(value) => values.push((field.name.clone(), value)),
            Err(error) => return Err(error.in_field(field.name.clone())),
        }
    }
    Ok(Value::Record(values))
}

fn read_variant(
    contract: &Contract,
    ty: Type,
    decoder: &mut Decoder<'_>,
    levels: u32,
    cases: &[Case],
) -> Read {
    let recursive = contract.is_recursive(ty);
    let width = Contract::discriminant_width(cases.len(), recursive);
    let count = u32::try_from(cases.len()).unwrap_or(u32::MAX);
    if recursive {
        return read_node(
            contract,
            ty,
            decoder,
            levels,
            (width, count),
            |decoder, found| read_case(contract, decoder, levels, cases, found),
        );
    }
    let found = decoder.discriminant(width, count)?;
    read_case(contract, decoder, levels, cases, found)
}

fn read_case(
    contract: &Contract,
    decoder: &mut Decoder<'_>,
    levels: u32,
    cases: &[Case],
    found: u32,
) -> Read {
    let Some(case) = cases.get(to_usize(found)) else {
        return Err(unsupported(decoder));
    };
    decoder.charge_bytes(case.name.len())?;
    match read_payload(contract, decoder, levels, case.ty) {
        Ok(payload) => Ok(Value::Variant(case.name.clone(), payload)),
        Err(error) => Err(error.in_field(case.name.clone())),
    }
}

/// A value on the heap, or none for a case without payload.
fn read_payload(
    contract: &Contract,
    decoder: &mut Decoder<'_>,
    levels: u32,
    ty: Option<Type>,
) -> Result<Option<Box<Value>>, DecodeError> {
    let Some(ty) = ty else { return Ok(None) };
    decoder.charge_bytes(size_of::<Value>())?;
    match read(contract, ty, decoder, levels) {
        Ok(value) => Ok(Some(Box::new(value))),
        Err(error) => Err(error),
    }
}

fn read_enum(decoder: &mut Decoder<'_>, labels: &[Label]) -> Read {
    let width = Contract::discriminant_width(labels.len(), false);
    let found = decoder.discriminant(width, u32::try_from(labels.len()).unwrap_or(u32::MAX))?;
    let label = labels
        .get(to_usize(found))
        .ok_or_else(|| unsupported(decoder))?;
    decoder.charge_bytes(label.name.len())?;
    Ok(Value::Enum(label.name.clone()))
}

fn read_flags(decoder: &mut Decoder<'_>, labels: &[Label]) -> Read {
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

fn read_tuple(contract: &Contract, decoder: &mut Decoder<'_>, levels: u32, parts: &[Type]) -> Read {
    decoder.charge_bytes(parts.len().saturating_mul(size_of::<Value>()))?;
    let mut values = Vec::with_capacity(parts.len());
    for (at, part) in parts.iter().enumerate() {
        match read(contract, *part, decoder, levels) {
            Ok(value) => values.push(value),
            Err(error) => return Err(error.in_field(at.to_string())),
        }
    }
    Ok(Value::Tuple(values))
}

fn read_list(contract: &Contract, decoder: &mut Decoder<'_>, levels: u32, element: Type) -> Read {
    if contract.resolve(element) == Type::U8 {
        return Vec::<u8>::decode(decoder).map(Value::Bytes);
    }
    let count = decoder.count(contract.min_width(element))?;
    read_items(contract, element, decoder, levels, count)
}

fn read_fixed_list(
    contract: &Contract,
    decoder: &mut Decoder<'_>,
    levels: u32,
    element: Type,
    count: u32,
) -> Read {
    decoder.expect(count, contract.min_width(element))?;
    read_items(contract, element, decoder, levels, count)
}

fn read_items(
    contract: &Contract,
    element: Type,
    decoder: &mut Decoder<'_>,
    levels: u32,
    count: u32,
) -> Read {
    let mut items = decoder.room_for(count)?;
    for index in 0..count {
        match read(contract, element, decoder, levels) {
            Ok(item) => items.push(item),
            Err(error) => return Err(error.at_index(index)),
        }
    }
    Ok(Value::List(items))
}

fn read_option(contract: &Contract, decoder: &mut Decoder<'_>, levels: u32, some: Type) -> Read {
    let present = decoder.bool()?.then_some(some);
    read_payload(contract, decoder, levels, present).map(Value::Option)
}

fn read_result(
    contract: &Contract,
    decoder: &mut Decoder<'_>,
    levels: u32,
    ok: Option<Type>,
    err: Option<Type>,
) -> Read {
    let failed = decoder.bool()?;
    let payload = read_payload(contract, decoder, levels, if failed { err } else { ok });
    match (payload, failed) {
        (Ok(payload), false) => Ok(Value::Result(Ok(payload))),
        (Ok(payload), true) => Ok(Value::Result(Err(payload))),
        (Err(error), false) => Err(error.in_field("ok")),
        (Err(error), true) => Err(error.in_field("error")),
    }
}

fn read_map(
    contract: &Contract,
    decoder: &mut Decoder<'_>,
    levels: u32,
    key: Type,
    value: Type,
) -> Read {
    let width = contract
        .min_width(key)
        .saturating_add(contract.min_width(value));
    let count = decoder.count(width)?;
    let mut entries = decoder.room_for(count)?;
    let mut seen = BTreeSet::new();
    for index in 0..count {
        let start = decoder.position();
        let key = read(contract, key, decoder, levels)
            .map_err(|error| error.in_field("key").at_index(index))?;
        if !seen.insert(decoder.since(start)) {
            return Err(DecodeError::new(DecodeErrorKind::DuplicateKey, start).at_index(index));
        }
        let value = read(contract, value, decoder, levels)
            .map_err(|error| error.in_field("value").at_index(index))?;
        entries.push((key, value));
    }
    Ok(Value::Map(entries))
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
            Some(TypeKind::Own(_) | TypeKind::Borrow(_)) => {
                let (handle, problem) = (slots.unsigned()?, HandleProblem::NoInstance);
                return Err(DecodeError::new(
                    DecodeErrorKind::Handle { handle, problem },
                    0,
                ));
            }
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
