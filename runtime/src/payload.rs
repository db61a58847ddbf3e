//! What a call carries, apart from any memory: the form that dynamic calls, interceptors and traces work on.

use std::fmt;

use pack_abi::__private::{FlatReader, FlatWriter, text, to_i64};
use pack_abi::convention::{AREA_ALIGN, Pass, Return};
use pack_abi::value::{
    decode_value, encode_value, flatten_value, read_value, unflatten_value, write_value,
};
use pack_abi::wire::decode_with;
use pack_abi::{
    DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Encoder, Limits, Value,
};

use crate::error::HostProblem;
use crate::export::{contents, message};
use crate::function::{CalledFunction, Pointer};
use crate::guest::slice;

/// The arguments of a call, or its result, as they travel: core values, of which those that are pointers are offsets
/// into bytes that lie beside them.
///
/// Two payloads of one function are equal if a guest cannot tell them apart.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Payload {
    pub(crate) slots: Vec<u64>,
    pub(crate) bytes: Vec<u8>,
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { slots, bytes } = self;
        write!(f, "Payload({slots:x?} and {} bytes)", bytes.len())
    }
}

impl Payload {
    /// The core values, each as 64 bits. For a result in wire form there are none.
    pub fn core_values(&self) -> &[u64] {
        &self.slots
    }

    /// The bytes that core values lead to; of a result, its wire form.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A result that is one core value.
    pub(crate) fn core_value(&self) -> Result<u64, HostProblem> {
        self.slots.first().copied().ok_or_else(|| {
            HostProblem::Failed("its answer has no core value, and the result is one".into())
        })
    }

    /// Arguments, copied out of a memory.
    pub(crate) fn read_arguments(
        function: &CalledFunction,
        slots: &[u64],
        memory: &[u8],
        limits: Limits,
    ) -> Result<Self, DecodeError> {
        let mut payload = Self {
            slots: slots.to_vec(),
            bytes: Vec::new(),
        };
        for pointer in &*function.pointers {
            let (at, length) = pointer.place(slots)?;
            let bytes = slice(memory, at, length).ok_or_else(|| outside(at, length))?;
            let start = payload.bytes.len().next_multiple_of(AREA_ALIGN);
            let limit = limits.bytes;
            if start.saturating_add(bytes.len()) > limit {
                return Err(DecodeError::new(DecodeErrorKind::TooManyBytes { limit }, 0));
            }
            payload.bytes.resize(start, 0);
            payload.bytes.extend(bytes);
            payload.point(*pointer, start);
        }
        Ok(payload)
    }

    /// Arguments that come from anywhere, as they can be sent. Text has to be such, for the callee does not look at it; and each
    /// piece has bytes of its own, for the callee may write to them.
    pub(crate) fn sendable(&self, function: &CalledFunction) -> Result<Self, DecodeError> {
        let limits = Limits::DEFAULT.with_bytes(usize::MAX);
        let apart = Self::read_arguments(function, &self.slots, &self.bytes, limits)?;
        for pointer in function.pointers.iter().filter(|pointer| pointer.is_text) {
            let (at, length) = pointer.place(&apart.slots)?;
            text(slice(&apart.bytes, at, length).ok_or_else(|| outside(at, length))?)?;
        }
        Ok(apart)
    }

    /// Has a core value lead to a place in the bytes.
    fn point(&mut self, pointer: Pointer, start: usize) {
        if let Some(slot) = self.slots.get_mut(pointer.slot) {
            // Bytes past 32 bits are refused before they are sent.
            *slot = u64::try_from(start).unwrap_or(u64::MAX);
        }
    }

    /// The core values, where the bytes lie at this place in memory.
    pub(crate) fn slots_at(&self, function: &CalledFunction, base: u32) -> Vec<u64> {
        let mut slots = self.slots.clone();
        for pointer in &*function.pointers {
            if let Some(slot) = slots.get_mut(pointer.slot) {
                let offset = u32::try_from(*slot).unwrap_or_default();
                *slot = u64::from(base.wrapping_add(offset));
            }
        }
        slots
    }

    /// Arguments, of values.
    pub(crate) fn of_arguments(
        function: &CalledFunction,
        values: &[Value],
        limits: Limits,
    ) -> Result<Self, EncodeError> {
        let contract = &*function.contract;
        let mut payload = Self::default();
        let mut encoded = Vec::new();
        let passes = function.params.iter().zip(&function.signature.params);
        for ((param, pass), value) in passes.zip(values) {
            let in_param = |error: EncodeError| error.in_field(param.name.clone());
            match pass {
                Pass::Flat(types) => {
                    let mut slots = vec![0; types.len()];
                    let mut writer = FlatWriter::new(&mut slots);
                    flatten_value(contract, param.ty, value, &mut writer)
                        .and_then(|()| writer.finish())
                        .map_err(in_param)?;
                    payload.slots.extend(slots);
                }
                Pass::Text | Pass::Elements(_) => {
                    let message = encode_value(contract, param.ty, value, limits);
                    let message = message.map_err(in_param)?;
                    let (count, contents) = split_count(&message);
                    let start = payload.begin_bytes();
                    payload.bytes.extend(contents);
                    payload.slots.push(start);
                    payload.slots.push(count.into());
                }
                Pass::Encoded => encoded.push((param, value)),
            }
        }
        if function.signature.has_buffer() {
            let start = payload.begin_bytes();
            let mut encoder = Encoder::new(std::mem::take(&mut payload.bytes), limits);
            for (param, value) in encoded {
                write_value(contract, param.ty, value, &mut encoder)
                    .map_err(|error| error.in_field(param.name.clone()))?;
            }
            payload.bytes = encoder.finish()?;
            let end = u64::try_from(payload.bytes.len()).unwrap_or(u64::MAX);
            payload.slots.push(start);
            payload.slots.push(end - start);
        }
        let length = payload.bytes.len();
        if u32::try_from(length).is_err() {
            return Err(EncodeError::new(EncodeErrorKind::TooLong { length }));
        }
        Ok(payload)
    }

    /// Where the next piece of the bytes begins.
    fn begin_bytes(&mut self) -> u64 {
        let start = self.bytes.len().next_multiple_of(AREA_ALIGN);
        self.bytes.resize(start, 0);
        u64::try_from(start).unwrap_or(u64::MAX)
    }

    /// The arguments as values.
    pub(crate) fn arguments(
        &self,
        function: &CalledFunction,
        limits: Limits,
    ) -> Result<Vec<Value>, DecodeError> {
        let contract = &*function.contract;
        let piece = |pointer: Pointer| {
            let (at, length) = pointer.place(&self.slots)?;
            slice(&self.bytes, at, length).ok_or_else(|| outside(at, length))
        };
        let passes = || function.params.iter().zip(&function.signature.params);
        let mut encoded = Vec::new();
        if function.signature.has_buffer()
            && let Some(buffer) = function.pointers.last()
        {
            encoded = decode_with(piece(*buffer)?, limits, |decoder| {
                let encoded = passes().filter(|(_, pass)| **pass == Pass::Encoded);
                encoded
                    .map(|(param, _)| {
                        read_value(contract, param.ty, decoder)
                            .map_err(|error| error.in_field(param.name.clone()))
                    })
                    .collect::<Result<Vec<_>, _>>()
            })?;
        }
        let mut encoded = encoded.into_iter();
        let mut slot = 0;
        let mut values = Vec::with_capacity(function.params.len());
        for (param, pass) in passes() {
            let in_param = |error: DecodeError| error.in_field(param.name.clone());
            let end = slot + pass.core_count();
            let own = self.slots.get(slot..end).unwrap_or_default();
            let pointer = function
                .pointers
                .iter()
                .find(|pointer| pointer.slot == slot);
            values.push(match (pass, pointer) {
                (Pass::Encoded, _) => {
                    let missing = || DecodeError::new(DecodeErrorKind::Unsupported, 0);
                    encoded.next().ok_or_else(missing)?
                }
                (Pass::Text | Pass::Elements(_), Some(pointer)) => {
                    let contents = piece(*pointer).map_err(in_param)?;
                    let count = own.last().copied().unwrap_or_default();
                    let count = u32::try_from(count).unwrap_or(u32::MAX);
                    let message = counted(count, contents);
                    decode_value(contract, param.ty, &message, limits).map_err(in_param)?
                }
                _ => {
                    let mut slots = FlatReader::new(own);
                    unflatten_value(contract, param.ty, &mut slots).map_err(in_param)?
                }
            });
            slot = end;
        }
        Ok(values)
    }

    /// A result of a guest, copied out of its memory.
    pub(crate) fn read_result(
        function: &CalledFunction,
        slot: Option<u64>,
        memory: &[u8],
    ) -> Result<Self, DecodeError> {
        let mut payload = Self::default();
        match (function.signature.result, slot) {
            (Return::Flat(_), Some(slot)) => payload.slots.push(slot),
            (Return::Contents(width), Some(slot)) => {
                let (contents, count) = contents(memory, to_i64(slot), width)?;
                payload.bytes = counted(count, contents);
            }
            (Return::Encoded, Some(slot)) => {
                payload.bytes = message(memory, to_i64(slot))?.to_vec();
            }
            _ => {}
        }
        Ok(payload)
    }

    /// A result, of a value.
    pub(crate) fn of_result(
        function: &CalledFunction,
        value: Option<&Value>,
        limits: Limits,
    ) -> Result<Self, ResultProblem> {
        let contract = &*function.contract;
        let (ty, value) = match (function.result, value) {
            (None, None) => return Ok(Self::default()),
            (Some(ty), Some(value)) => (ty, value),
            (Some(_), None) => return Err(ResultProblem::Missing),
            (None, Some(_)) => return Err(ResultProblem::Superfluous),
        };
        let mut payload = Self::default();
        match function.signature.result {
            Return::Nothing => {}
            Return::Flat(_) => {
                let mut slot = [0];
                let mut writer = FlatWriter::new(&mut slot);
                flatten_value(contract, ty, value, &mut writer)?;
                writer.finish()?;
                payload.slots = slot.to_vec();
            }
            Return::Contents(_) | Return::Encoded => {
                payload.bytes = encode_value(contract, ty, value, limits)?;
            }
        }
        Ok(payload)
    }

    /// The result as a value.
    pub(crate) fn result(
        &self,
        function: &CalledFunction,
        limits: Limits,
    ) -> Result<Option<Value>, DecodeError> {
        let contract = &*function.contract;
        let Some(ty) = function.result else {
            return Ok(None);
        };
        match function.signature.result {
            Return::Nothing => Ok(None),
            Return::Flat(_) => {
                unflatten_value(contract, ty, &mut FlatReader::new(&self.slots)).map(Some)
            }
            Return::Contents(_) | Return::Encoded => {
                decode_value(contract, ty, &self.bytes, limits).map(Some)
            }
        }
    }
}

/// Why a value cannot be the result of a function.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResultProblem {
    #[error("it returned nothing, and has a result")]
    Missing,
    #[error("it returned a value, and has no result")]
    Superfluous,
    #[error(transparent)]
    Value(#[from] EncodeError),
}

impl Pointer {
    /// Where the pointer leads, and how many bytes there are.
    pub(crate) fn place(self, slots: &[u64]) -> Result<(u32, u32), DecodeError> {
        let slot = |at| {
            let slot = slots.get(at).copied().unwrap_or_default();
            u32::try_from(slot).unwrap_or(u32::MAX)
        };
        let (pointer, count) = (slot(self.slot), slot(self.slot + 1));
        match count.checked_mul(self.unit) {
            Some(length) => Ok((pointer, length)),
            None => Err(outside(pointer, u32::MAX)),
        }
    }
}

/// Contents with their count before them, as a string or list is in a message.
pub(crate) fn counted(count: u32, contents: &[u8]) -> Vec<u8> {
    let count = count.to_le_bytes();
    let mut message = Vec::with_capacity(count.len().saturating_add(contents.len()));
    message.extend(count);
    message.extend(contents);
    message
}

/// The count of a string or list in a message, and its contents.
pub(crate) fn split_count(message: &[u8]) -> (u32, &[u8]) {
    let (count, contents) = message.split_first_chunk().unwrap_or((&[0; 4], &[]));
    (u32::from_le_bytes(*count), contents)
}

pub(crate) fn outside(pointer: u32, length: u32) -> DecodeError {
    DecodeError::new(DecodeErrorKind::OutsideMemory { pointer, length }, 0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pack_abi::convention::Role;
    use pack_abi::schema::{Contract, Function, Param, Schema, Type, TypeDef, TypeId, TypeKind};

    use super::*;

    #[test]
    fn arguments_from_anywhere_lie_apart_when_they_are_sent() {
        let schema = Schema {
            types: vec![TypeDef {
                name: None,
                kind: TypeKind::List(Type::U16),
                docs: String::new(),
            }],
            ..Schema::default()
        };
        let contract = Arc::new(Contract::new(schema).unwrap());
        let param = |name: &str, ty| Param {
            name: name.to_owned(),
            ty,
        };
        let function = Function {
            name: "f".to_owned(),
            params: vec![
                param("a", Type::Id(TypeId(0))),
                param("b", Type::String),
                param("c", Type::Id(TypeId(0))),
            ],
            ..Function::default()
        };
        let function = CalledFunction::new(&contract, "$root", &function, Role::Export);
        let sendable = |slots: &[u64]| {
            let payload = Payload {
                slots: slots.to_vec(),
                bytes: b"abcdef\xff".to_vec(),
            };
            payload.sendable(&function)
        };
        // Elements in each other and in the text.
        let apart = sendable(&[0, 3, 1, 4, 2, 1]).unwrap();
        assert_eq!(apart.slots, [0, 3, 16, 4, 32, 1]);
        assert_eq!(apart.bytes.get(..6), Some(&b"abcdef"[..]));
        assert_eq!(apart.bytes.get(16..20), Some(&b"bcde"[..]));
        assert_eq!(apart.bytes.get(32..), Some(&b"cd"[..]));
        for (slots, words) in [
            ([0, 4, 0, 0, 0, 0], "8 bytes at 0x0 are outside"),
            ([0, u64::MAX, 0, 0, 0, 0], "bytes at 0x0 are outside"),
            ([0, 0, 5, 2, 0, 0], "not valid UTF-8"),
        ] {
            let error = sendable(&slots).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
