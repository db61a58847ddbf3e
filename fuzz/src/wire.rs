//! Messages.

mod measure;
mod targets;

use pack_abi::schema::Type;
use pack_abi::value::{decode_value, encode_value, read_value};
use pack_abi::{Contract, DecodeError, DecodeErrorKind, Decoder, Limits, Value};

use self::measure::Measure;
use self::targets::{Target, targets};
use crate::common::id;
use crate::common::random;
use crate::cost::bounded;
use crate::input::Input;

const LIMITS: Limits = Limits::DEFAULT
    .with_depth(60)
    .with_nodes(2_000)
    .with_bytes(256 << 10);

/// Memory that reading within [`LIMITS`] may take: a small multiple of what they allow, and what errors need.
const MEMORY: usize = 1 << 20;

/// The first byte says whether the message is of a Rust type or of a random schema.
pub fn wire(data: &[u8]) {
    let mut input = Input::new(data);
    if input.below(2) == 0 {
        let targets = targets();
        let target = &targets[input.below(targets.len())];
        both_roads(target, input.rest());
    } else {
        random_schema(input);
    }
}

fn random_schema(mut input: Input<'_>) {
    let contract = input.contract();
    let ty = id(input.below(contract.types.len()));
    let message = if input.below(2) == 0 {
        input.rest().to_vec()
    } else {
        let value = random::value(&mut input.choices(), &contract, ty, 40);
        let message = encode_value(&contract, ty, &value, Limits::DEFAULT).unwrap();
        let again = decode_value(&contract, ty, &message, Limits::DEFAULT).unwrap();
        assert_eq!(again, value);
        damaged(message, input)
    };
    if let Ok(value) = dynamic(&contract, ty, &message) {
        check(&contract, ty, &message, &value);
    }
}

/// Bytes at a place are replaced by others, again and again.
fn damaged(mut message: Vec<u8>, mut input: Input<'_>) -> Vec<u8> {
    while !input.is_empty() {
        let start = usize::from(u16::from_le_bytes(input.bytes())) % (message.len() + 1);
        let end = (start + input.below(8)).min(message.len());
        let count = input.below(8);
        message.splice(start..end, input.take(count).iter().copied());
    }
    message
}

fn dynamic(contract: &Contract, ty: Type, message: &[u8]) -> Result<Value, DecodeError> {
    let read = || decode_value(contract, ty, message, LIMITS);
    bounded(MEMORY, &message, read)
}

/// What holds for a value that was read.
fn check(contract: &Contract, ty: Type, message: &[u8], value: &Value) {
    let measure = Measure::of(contract, ty, value);
    assert!(measure.depth <= LIMITS.depth, "{measure:?} {message:?}");
    assert!(
        measure.nodes <= u64::from(LIMITS.nodes),
        "{measure:?} {message:?}"
    );
    let written = encode_value(contract, ty, value, Limits::DEFAULT).unwrap();
    let mut as_tree = Decoder::new(message, LIMITS);
    if read_value(contract, ty, &mut as_tree).is_ok() {
        assert_eq!(written, message, "one value, one form");
    }
    assert_eq!(unshared(contract, ty, &written), written);
}

/// The message without back references.
fn unshared(contract: &Contract, ty: Type, message: &[u8]) -> Vec<u8> {
    let value = decode_value(contract, ty, message, Limits::DEFAULT).unwrap();
    encode_value(contract, ty, &value, Limits::DEFAULT).unwrap()
}

fn both_roads(target: &Target, message: &[u8]) {
    let (contract, ty) = (&target.contract, target.ty);
    let typed = bounded(MEMORY, &message, || (target.read)(message, LIMITS));
    let dynamic = dynamic(contract, ty, message);
    let name = target.name;
    in_place(target, message, &typed);
    match (typed, dynamic) {
        (Ok(typed), Ok(value)) => {
            check(contract, ty, message, &value);
            let written = encode_value(contract, ty, &value, Limits::DEFAULT).unwrap();
            let again = (target.read)(&written, Limits::DEFAULT).unwrap();
            let plain = |value: &dyn targets::Written| unshared(contract, ty, &value.written());
            assert_eq!(plain(&*again), plain(&*typed), "{name} {message:?}");
        }
        (Err(typed), Err(dynamic)) => {
            let at_their_own_moments =
                |error: &DecodeError| is_of_rust(error) || is_budget(error) || is_duplicate(error);
            if !at_their_own_moments(&typed) && !at_their_own_moments(&dynamic) {
                // A deep value that is referred to is looked at once more only where it is not shared.
                let place = |error: &DecodeError| match error.kind() {
                    DecodeErrorKind::TooDeep { .. } => (error.kind().clone(), 0),
                    kind => (kind.clone(), error.offset()),
                };
                assert_eq!(place(&typed), place(&dynamic), "{name} {message:?}");
            }
        }
        // What the types of Rust do not have; or have laid out in less room, or share.
        (Err(error), Ok(_)) => {
            assert!(
                is_of_rust(&error) || is_budget(&error),
                "{name} {message:?}: {error}"
            );
        }
        (Ok(_), Err(error)) => assert!(is_budget(&error), "{name} {message:?}: {error}"),
    }
}

/// What a view shows is what is read.
fn in_place(target: &Target, message: &[u8], typed: &targets::Read) {
    let (contract, ty, name) = (&target.contract, target.ty, target.name);
    let view = bounded(MEMORY, &message, || (target.view)(message, LIMITS));
    match (view, typed) {
        (Ok(view), Ok(typed)) => {
            let plain = |value: &dyn targets::Written| unshared(contract, ty, &value.written());
            assert_eq!(plain(&*view), plain(&**typed), "{name} {message:?}");
            let passed = (target.pass_on)(message, LIMITS).unwrap();
            let passed = (target.read)(&passed, Limits::DEFAULT).unwrap();
            assert_eq!(plain(&*passed), plain(&**typed), "{name} {message:?}");
        }
        (Err(view), Err(typed)) => {
            if !is_budget(&view) && !is_budget(typed) {
                assert_eq!(view.to_string(), typed.to_string(), "{name} {message:?}");
            }
        }
        // What is shared is counted as often as a view leads to it.
        (Err(error), Ok(_)) => assert!(is_budget(&error), "{name} {message:?}: {error}"),
        (Ok(_), Err(error)) => assert!(is_budget(error), "{name} {message:?}: {error}"),
    }
}

/// Values that only the Rust type refuses.
fn is_of_rust(error: &DecodeError) -> bool {
    matches!(
        error.kind(),
        DecodeErrorKind::DuplicateElement
            | DecodeErrorKind::OutOfRange
            | DecodeErrorKind::Invalid { .. }
    )
}

/// What is counted differently: memory, and what is copied or shared.
fn is_budget(error: &DecodeError) -> bool {
    matches!(
        error.kind(),
        DecodeErrorKind::TooManyBytes { .. }
            | DecodeErrorKind::TooManyNodes { .. }
            | DecodeErrorKind::TooManyLevels { .. }
    )
}

fn is_duplicate(error: &DecodeError) -> bool {
    matches!(error.kind(), DecodeErrorKind::DuplicateKey)
}
