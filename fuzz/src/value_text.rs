//! Values as text.

use pack_abi::schema::{Type, TypeKind};
use pack_abi::value::encode_value;
use pack_abi::value::text::Call;
use pack_abi::{Contract, Limits, Value};
use pack_codegen::wit::{self, Source};
use std::sync::OnceLock;

use crate::common::id;
use crate::cost::bounded;
use crate::input::Input;

/// Memory that a text may take: so many times its length, and what errors and parts without text need.
const MULTIPLE: usize = 256;
const SLACK: usize = 1 << 20;

/// The first byte says the format; the second whether the schema is `wit/values.wit` or random.
pub fn value_text(data: &[u8]) {
    let mut input = Input::new(data);
    let format = input.below(3);
    let random;
    let contract = if input.below(2) == 0 {
        fixed()
    } else {
        random = input.contract();
        &random
    };
    let choice = input.byte();
    let Ok(text) = str::from_utf8(input.rest()) else {
        return;
    };
    let memory = MULTIPLE * text.len() + SLACK;
    if format == 2 {
        return bounded(memory, &data, || call(contract, choice, text));
    }
    let ty = id(usize::from(choice) % contract.types.len());
    if matches!(contract.kind(ty), Some(TypeKind::Resource(_))) {
        return;
    }
    if format == 0 {
        wave(contract, ty, text, memory);
    } else {
        json(contract, ty, text, memory);
    }
}

fn fixed() -> &'static Contract {
    static CONTRACT: OnceLock<Contract> = OnceLock::new();
    CONTRACT.get_or_init(|| {
        let source = Source::Inline(include_str!("../wit/values.wit").into());
        wit::parse(&source, None).unwrap().contract
    })
}

fn wave(contract: &Contract, ty: Type, text: &str, memory: usize) {
    match bounded(memory, &text, || Value::from_wave(contract, ty, text)) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(value) => {
            let printed = value.to_string();
            let again = Value::from_wave(contract, ty, &printed)
                .unwrap_or_else(|error| panic!("{text}\n{printed}\n{error}"));
            assert_same(contract, ty, &value, &again);
            assert_eq!(again.to_string(), printed);
            to_json_and_back(contract, ty, &value);
        }
    }
}

fn json(contract: &Contract, ty: Type, text: &str, memory: usize) {
    match bounded(memory, &text, || Value::from_json(contract, ty, text)) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(value) => {
            to_json_and_back(contract, ty, &value);
            let wave = value.to_string();
            let again = Value::from_wave(contract, ty, &wave)
                .unwrap_or_else(|error| panic!("{text}\n{wave}\n{error}"));
            assert_same(contract, ty, &value, &again);
        }
    }
}

fn to_json_and_back(contract: &Contract, ty: Type, value: &Value) {
    let printed = value
        .to_json(contract, ty)
        .unwrap_or_else(|error| panic!("{value}\n{error}"));
    let again = Value::from_json(contract, ty, &printed)
        .unwrap_or_else(|error| panic!("{printed}\n{error}"));
    assert_same(contract, ty, value, &again);
}

fn call(contract: &Contract, choice: u8, text: &str) {
    let call = match Call::parse(text) {
        Ok(call) => call,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    assert!(text.contains(call.name()));
    let functions: Vec<_> = contract.functions().map(|(_, function)| function).collect();
    if functions.is_empty() {
        return;
    }
    let function = functions[usize::from(choice) % functions.len()];
    match call.arguments(contract, function) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(values) => {
            assert_eq!(values.len(), function.params.len());
            let printed: Vec<_> = values.iter().map(Value::to_string).collect();
            let printed = format!("f({})", printed.join(", "));
            let again = Call::parse(&printed).unwrap();
            let again = again
                .arguments(contract, function)
                .unwrap_or_else(|error| panic!("{text}\n{printed}\n{error}"));
            for ((param, one), other) in function.params.iter().zip(&values).zip(&again) {
                assert_same(contract, param.ty, one, other);
            }
        }
    }
}

/// Compared as bytes, of which NaN has some.
fn assert_same(contract: &Contract, ty: Type, one: &Value, other: &Value) {
    let written = |value| encode_value(contract, ty, value, Limits::DEFAULT).unwrap();
    assert_eq!(written(one), written(other), "{one}\n{other}");
}
