//! Bytes that lie. Reading them gives a value or an error, soon and with little memory, and never a panic.

use std::collections::{BTreeMap, BTreeSet};

use pack_abi::schema::TypeKind;
use pack_abi::value::{decode_value, encode_value};
use pack_abi::{DecodeError, DecodeErrorKind, Limits, encode};

use crate::common::random::{self, Choices};
use crate::common::{Table, hex, id, labels};
use crate::cost::cost;
use crate::samples::*;

#[test]
fn damaged_messages_are_read_or_refused_in_the_same_way_by_both_roads() {
    let (mut read, mut refused) = (0, 0);
    for target in targets() {
        for seed in 0..2000 {
            let choices = &mut Choices::seeded(seed, 64);
            let original = choices.pick(&target.messages).clone();
            let message = damage(choices, &original);
            let (typed, typed_cost) = (target.typed)(&message);
            typed_cost.check(&message, &target.name);
            let dynamic = || decode_value(&target.contract, target.ty, &message, Limits::DEFAULT);
            let (dynamic, dynamic_cost) = cost(dynamic);
            dynamic_cost.check(&message, &target.name);
            match (typed, dynamic) {
                (Ok(_), Ok(value)) => {
                    read += 1;
                    check_canonical(&target.contract, target.ty, &message, &value);
                }
                (Err(typed), Err(dynamic)) => {
                    refused += 1;
                    let place = |error: &DecodeError| (error.kind().clone(), error.offset());
                    // A map is checked for equal keys at different moments.
                    if !target.name.contains("BTree") && !target.name.contains("Basket") {
                        assert_eq!(
                            place(&typed),
                            place(&dynamic),
                            "{} {message:?}",
                            target.name
                        );
                    }
                }
                // A set is a list to who does not know better.
                (Err(error), Ok(_)) if target.name.contains("BTreeSet") => {
                    assert_eq!(*error.kind(), DecodeErrorKind::DuplicateElement);
                }
                (typed, dynamic) => panic!("{} {message:?}: {typed:?} {dynamic:?}", target.name),
            }
        }
    }
    assert!(read > 1000 && refused > 10_000, "{read} {refused}");
}

/// Long messages of what takes the fewest bytes, in which a slack does not show.
#[test]
fn memory_is_a_small_multiple_of_the_message() {
    const MANY: usize = 20_000;
    let pairs = |at: usize| (u16::try_from(at).unwrap(), at.is_multiple_of(2));
    let leaf = Tree {
        value: true,
        children: vec![],
    };
    for target in [
        target(&[vec![1_u8; MANY]]),
        target(&[vec![true; MANY]]),
        target(&[vec![None::<u64>; MANY]]),
        target(&[vec![String::new(); MANY]]),
        target(&[vec![vec![1_u8]; MANY]]),
        target(&[vec![Point { x: 1, y: 2 }; MANY]]),
        target(&[(0..MANY).map(pairs).collect::<BTreeMap<_, _>>()]),
        target(&[(0..MANY).map(|at| pairs(at).0).collect::<BTreeSet<_>>()]),
        target(&[vec![item(0); MANY]]),
        target(&[vec![Json::Null; MANY]]),
        target(&[Json::Array(vec![Json::Bool(true); MANY])]),
        target(&[vec![leaf; MANY]]),
        target(&[vec![Color::Red; MANY]]),
    ] {
        let [message] = &target.messages[..] else {
            panic!("one message")
        };
        let (outcome, typed) = (target.typed)(message);
        assert_eq!(outcome.as_ref(), Ok(message));
        typed.check(message, &target.name);
        let (outcome, dynamic) =
            cost(|| decode_value(&target.contract, target.ty, message, Limits::DEFAULT));
        assert!(outcome.is_ok());
        dynamic.check(message, &target.name);
    }
}

#[test]
fn damaged_messages_of_random_types_are_read_or_refused() {
    // Parts without any width cost no bytes of the message: only the limits bound them.
    let limits = Limits::DEFAULT
        .with_depth(100)
        .with_nodes(10_000)
        .with_bytes(1 << 20);
    for seed in 0..300 {
        let choices = &mut Choices::seeded(seed, 6000);
        let contract = random::contract(choices);
        for ty in (0..contract.types.len()).map(id) {
            let value = random::value(choices, &contract, ty, 40);
            let original = encode_value(&contract, ty, &value, limits).unwrap();
            for _ in 0..4 {
                let message = damage(choices, &original);
                let (outcome, cost) = cost(|| decode_value(&contract, ty, &message, limits));
                assert!(cost.peak < 4 << 20, "{cost:?} {message:?}");
                assert!(cost.largest <= limits.bytes, "{cost:?} {message:?}");
                if let Ok(value) = outcome {
                    check_canonical(&contract, ty, &message, &value);
                }
            }
        }
    }
}

#[test]
fn errors_say_where_in_the_value_and_at_which_byte() {
    refused! {
        bool: "02" => "2 stands where only 0 or 1 may (byte 0)";
        (u8, bool): "07 ff" => "1: 255 stands where only 0 or 1 may (byte 1)";
        (u8, char): "07 00d80000" => "1: 0xd800 is not a Unicode scalar value (byte 1)";
        char: "00001100" => "0x110000 is not a Unicode scalar value (byte 0)";
        u32: "010203" => "at least 4 more bytes are needed, 3 are left (byte 0)";
        u8: "01 02 03" => "2 bytes are left over after the value (byte 1)";
        String: "03000000 61 ff 62" => "the string is not valid UTF-8 (byte 5)";
        String: "03000000 61 62" => "at least 3 more bytes are needed, 2 are left (byte 4)";
        String: "ffffffff 61" => "at least 4294967295 more bytes are needed, 1 are left (byte 4)";
        Vec<u64>: "ffffffff" => "at least 34359738360 more bytes are needed, 0 are left (byte 4)";
        Vec<Point>: "02000000 0100 0200 0300 04" => "at least 8 more bytes are needed, 7 are left (byte 4)";
        Vec<String>: "02000000 01000000 61 01000000 80" => "[1]: the string is not valid UTF-8 (byte 13)";
        Vec<Vec<bool>>: "01000000 03000000 00 01 02" => "[0][2]: 2 stands where only 0 or 1 may (byte 10)";
        [String; 2]: "01000000 61 02" => "at least 8 more bytes are needed, 6 are left (byte 0)";
        [String; 2]: "00000000 01000000 80" => "[1]: the string is not valid UTF-8 (byte 8)";
        Option<u8>: "02 01" => "2 stands where only 0 or 1 may (byte 0)";
        Result<u8, bool>: "01 03" => "error: 3 stands where only 0 or 1 may (byte 1)";
        Result<bool, u8>: "00 03" => "ok: 3 stands where only 0 or 1 may (byte 1)";
        Color: "02" => "discriminant 2 stands for none of the 2 cases (byte 0)";
        Shape: "03" => "discriminant 3 stands for none of the 3 cases (byte 0)";
        Shape: "01 02000000 61000000 00d80000" => "circle[1]: 0xd800 is not a Unicode scalar value (byte 9)";
        Shape: "02 01 07" => "named.error: discriminant 7 stands for none of the 2 cases (byte 2)";
        BTreeMap<u8, u8>: "02000000 01 02 01 03" => "[1]: the map has the same key twice (byte 6)";
        BTreeMap<u8, bool>: "02000000 01 00 02 05" => "[1].value: 5 stands where only 0 or 1 may (byte 7)";
        BTreeMap<String, ()>: "01000000 01000000 ff" => "[0].key: the string is not valid UTF-8 (byte 8)";
        BTreeMap<u8, u8>: "00000080" => "at least 4294967296 more bytes are needed, 0 are left (byte 4)";
        Json: "09" => "discriminant 9 stands for none of the 5 cases (byte 0)";
        Json: "03 02000000 00 04 01000000 01000000 'k' 01 02"
            => "array[1].object[0].1.bool: 2 stands where only 0 or 1 may (byte 17)";
        Tree: "01" => "discriminant 1 stands for none of the 1 cases (byte 0)";
        Tree: "00 00 01000000 00 01 02000000 00 00 00000000 00 05 00000000"
            => "children[0].children[1].value: 5 stands where only 0 or 1 may (byte 19)";
        Vec<Empty>: "ffffffff" => "more than 16777216 nodes (the node limit) (byte 4)";
        Vec<()>: "01000001" => "more than 16777216 nodes (the node limit) (byte 4)";
    }
    let mut message = encode(&basket()).unwrap();
    let at = message
        .windows(6)
        .position(|window| window == b"item 3")
        .unwrap();
    message[at + 2] = 0xff;
    let words = format!(
        "items[3].name: the string is not valid UTF-8 (byte {})",
        at + 2
    );
    check_refused::<Basket>(&message, &words);
    message.truncate(at + 2);
    let words = format!("items[3].name: at least 10 more bytes are needed, 2 are left (byte {at})");
    check_refused::<Basket>(&message, &words);
}

#[test]
fn flags_that_the_type_does_not_have_are_refused() {
    for (count, message, fine) in [
        (0, "", true),
        (1, "01", true),
        (1, "02", false),
        (9, "ff 01", true),
        (9, "00 02", false),
    ] {
        let mut table = Table::new();
        let ty = table.named("many", TypeKind::Flags(labels("b", count)));
        let outcome = decode_value(&table.contract(), ty, &hex(message), Limits::DEFAULT);
        match outcome {
            Ok(_) => assert!(fine),
            Err(error) => {
                assert!(!fine && *error.kind() == DecodeErrorKind::Flags && error.offset() == 0)
            }
        }
    }
}
