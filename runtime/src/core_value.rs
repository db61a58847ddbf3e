//! Core values, as slots and as the engine has them.

use pack_abi::__private::{from_f32, from_f64, from_i32, from_i64, to_f32, to_f64, to_i32, to_i64};
use pack_abi::convention::{CoreType, MAX_CORE_PARAMS};
use wasmtime::{Engine, FuncType, Val, ValRaw, ValType};

/// Core parameters, and as many more as there may be, which mean nothing.
pub(crate) type Slots = [u64; MAX_CORE_PARAMS];

pub(crate) fn slots(params: &[Val]) -> Slots {
    let mut slots = [0; MAX_CORE_PARAMS];
    for (slot, value) in slots.iter_mut().zip(params) {
        *slot = core_slot(value);
    }
    slots
}

/// Puts a result where the engine looks for it, which has made room for just one of that type, if there is one.
pub(crate) fn put_result(core: Option<CoreType>, slot: Option<u64>, results: &mut [Val]) {
    if let (Some(core), Some(slot), [result]) = (core, slot, results) {
        *result = core_value(core, slot);
    }
}

pub(crate) fn core_value(core: CoreType, slot: u64) -> Val {
    match core {
        CoreType::I32 => Val::I32(to_i32(slot)),
        CoreType::I64 => Val::I64(to_i64(slot)),
        CoreType::F32 => Val::F32(to_f32(slot).to_bits()),
        CoreType::F64 => Val::F64(to_f64(slot).to_bits()),
    }
}

pub(crate) fn core_slot(value: &Val) -> u64 {
    match *value {
        Val::I32(value) => from_i32(value),
        Val::I64(value) => from_i64(value),
        Val::F32(bits) => from_f32(f32::from_bits(bits)),
        Val::F64(bits) => from_f64(f64::from_bits(bits)),
        _ => 0,
    }
}

pub(crate) fn raw_value(core: CoreType, slot: u64) -> ValRaw {
    match core {
        CoreType::I32 => ValRaw::i32(to_i32(slot)),
        CoreType::I64 => ValRaw::i64(to_i64(slot)),
        CoreType::F32 => ValRaw::f32(to_f32(slot).to_bits()),
        CoreType::F64 => ValRaw::f64(to_f64(slot).to_bits()),
    }
}

pub(crate) fn raw_slot(core: CoreType, value: ValRaw) -> u64 {
    match core {
        CoreType::I32 => from_i32(value.get_i32()),
        CoreType::I64 => from_i64(value.get_i64()),
        CoreType::F32 => from_f32(f32::from_bits(value.get_f32())),
        CoreType::F64 => from_f64(f64::from_bits(value.get_f64())),
    }
}

pub(crate) fn is_of_type(ty: &ValType, core: CoreType) -> bool {
    matches!(
        (ty, core),
        (ValType::I32, CoreType::I32)
            | (ValType::I64, CoreType::I64)
            | (ValType::F32, CoreType::F32)
            | (ValType::F64, CoreType::F64)
    )
}

fn value_type(core: CoreType) -> ValType {
    match core {
        CoreType::I32 => ValType::I32,
        CoreType::I64 => ValType::I64,
        CoreType::F32 => ValType::F32,
        CoreType::F64 => ValType::F64,
    }
}

pub(crate) fn function_type(
    engine: &Engine,
    params: &[CoreType],
    result: Option<CoreType>,
) -> FuncType {
    let params = params.iter().copied().map(value_type);
    FuncType::new(engine, params, result.into_iter().map(value_type))
}
