//! Types of the standard library and of other crates: their WIT types, there and back, and what they refuse.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::fmt::Debug;
use std::num::{NonZero, Wrapping};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use indexmap::{IndexMap, IndexSet};
use pack_abi::wire::{FlatReader, FlatWriter};
use pack_abi::{GraphValue, Limits, PackType, decode, encode, schema_of};
use proptest::prelude::*;
use smol_str::SmolStr;
use uuid::Uuid;

use super::same;

#[test]
fn each_has_its_wit_type() {
    fn wit<T: PackType>() -> String {
        let (contract, ty) = schema_of::<T>().unwrap();
        contract.describe(ty)
    }
    let table = [
        (wit::<Box<u8>>(), "u8"),
        (wit::<Rc<bool>>(), "bool"),
        (wit::<Arc<char>>(), "char"),
        (wit::<Cow<'static, str>>(), "string"),
        (wit::<Cow<'static, [u16]>>(), "list<u16>"),
        (wit::<Cow<'static, i64>>(), "s64"),
        (wit::<Box<str>>(), "string"),
        (wit::<Rc<str>>(), "string"),
        (wit::<Arc<str>>(), "string"),
        (wit::<Box<[f32]>>(), "list<f32>"),
        (wit::<Rc<[String]>>(), "list<string>"),
        (wit::<Arc<[u8]>>(), "list<u8>"),
        (wit::<VecDeque<u8>>(), "list<u8>"),
        (wit::<[f64; 3]>(), "list<f64, 3>"),
        (wit::<BTreeSet<u8>>(), "list<u8>"),
        (wit::<HashSet<u8>>(), "list<u8>"),
        (wit::<IndexSet<u8>>(), "list<u8>"),
        (wit::<BTreeMap<u8, String>>(), "map<u8, string>"),
        (wit::<HashMap<String, u8>>(), "map<string, u8>"),
        (wit::<IndexMap<char, bool>>(), "map<char, bool>"),
        (wit::<NonZero<u32>>(), "u32"),
        (wit::<Wrapping<i8>>(), "s8"),
        (wit::<Duration>(), "tuple<u64, u32>"),
        (wit::<Bytes>(), "list<u8>"),
        (wit::<SmolStr>(), "string"),
        (wit::<Uuid>(), "list<u8, 16>"),
        (wit::<Result<(), ()>>(), "result"),
        (wit::<Option<Result<u8, ()>>>(), "option<result<u8>>"),
    ];
    for (found, expected) in table {
        assert_eq!(found, expected);
    }
}

/// The same bytes as the plain type, and back.
fn as_plain<T, P>(value: T, plain: P)
where
    T: GraphValue + PartialEq + Debug,
    P: GraphValue,
{
    assert_eq!(
        encode(&value).unwrap(),
        encode(&plain).unwrap(),
        "{value:?}"
    );
    same(&value);
    // Lists of it have a road of their own.
    let list = vec![value];
    assert_eq!(encode(&list).unwrap(), encode(&vec![plain]).unwrap());
    same(&list);
}

proptest! {
    #[test]
    fn each_travels_as_its_plain_type(
        number in any::<NonZero<i16>>(),
        wrapping in any::<u32>(),
        text in any::<String>(),
        list in any::<Vec<u16>>(),
        set in any::<BTreeSet<i8>>(),
        map in any::<BTreeMap<String, u8>>(),
        (seconds, nanos) in (any::<u64>(), 0..1_000_000_000_u32),
        bytes in any::<Vec<u8>>(),
        uuid in any::<[u8; 16]>(),
    ) {
        as_plain(number, number.get());
        as_plain(Wrapping(wrapping), wrapping);
        as_plain(Box::new(wrapping), wrapping);
        as_plain(Duration::new(seconds, nanos), (seconds, nanos));
        as_plain(Box::<str>::from(&*text), text.clone());
        as_plain(Rc::<str>::from(&*text), text.clone());
        as_plain(Arc::<str>::from(&*text), text.clone());
        as_plain(SmolStr::new(&text), text.clone());
        as_plain(Cow::<'static, str>::Owned(text.clone()), text.clone());
        as_plain(Cow::<'static, String>::Owned(text.clone()), text);
        as_plain(list.clone().into_boxed_slice(), list.clone());
        as_plain(Rc::<[u16]>::from(&*list), list.clone());
        as_plain(Arc::<[u16]>::from(&*list), list.clone());
        as_plain(Cow::<'static, [u16]>::Owned(list.clone()), list.clone());
        let mut deque = VecDeque::from(list.clone());
        deque.rotate_left(list.len() / 2);
        let rotated: Vec<u16> = deque.iter().copied().collect();
        as_plain(deque, rotated);
        // Whatever their own order is, sets and maps are written in ascending order.
        let elements: Vec<i8> = set.iter().copied().collect();
        as_plain(set.iter().copied().collect::<HashSet<i8>>(), elements.clone());
        as_plain(set, elements);
        as_plain(map.clone().into_iter().collect::<HashMap<String, u8>>(), map.clone());
        let reversed: IndexMap<String, u8> = map.into_iter().rev().collect();
        let back: IndexMap<String, u8> = decode(&encode(&reversed).unwrap(), Limits::DEFAULT).unwrap();
        prop_assert!(back.iter().eq(reversed.iter()), "the order stays");
        as_plain(Bytes::from(bytes.clone()), bytes);
        as_plain(Uuid::from_bytes(uuid), uuid);
    }
}

#[test]
fn index_sets_keep_their_order() {
    let set: IndexSet<u8> = [3, 1, 2].into();
    let bytes = encode(&set).unwrap();
    assert_eq!(bytes, [3, 0, 0, 0, 3, 1, 2]);
    let back: IndexSet<u8> = decode(&bytes, Limits::DEFAULT).unwrap();
    assert!(back.iter().eq(&set));
}

/// What flattens passes through pointers as well.
#[test]
fn pointers_flatten_as_what_they_point_to() {
    fn through<T: GraphValue + PartialEq + Debug>(value: T, slots: &[u64]) {
        let mut written = vec![0; slots.len()];
        value.flatten(&mut FlatWriter::new(&mut written));
        assert_eq!(written, slots, "{value:?}");
        assert_eq!(T::unflatten(&mut FlatReader::new(slots)).unwrap(), value);
    }
    through(Box::new(5_u8), &[5]);
    through(Rc::new((1_u8, -1_i64)), &[1, u64::MAX]);
    through(Arc::new(true), &[1]);
    through(Cow::<'static, char>::Owned('x'), &[120]);
    through(NonZero::new(7_u16).unwrap(), &[7]);
    through(Wrapping(9_u64), &[9]);
    through(Duration::new(1, 2), &[1, 2]);
}

#[test]
fn what_the_rust_type_has_no_value_for_is_refused() {
    fn refusal<T: GraphValue + Debug>(message: &[u8]) -> String {
        decode::<T>(message, Limits::DEFAULT)
            .unwrap_err()
            .to_string()
    }
    let out_of_range = "the number is outside the range of the type";
    let second = 1_000_000_000_u32.to_le_bytes();
    let table = [
        (
            refusal::<NonZero<u8>>(&[0]),
            format!("{out_of_range} (byte 0)"),
        ),
        (
            refusal::<Vec<NonZero<u16>>>(&[2, 0, 0, 0, 1, 0, 0, 0]),
            format!("[1]: {out_of_range} (byte 6)"),
        ),
        (
            refusal::<Duration>(&[&[0; 8][..], &second].concat()),
            format!("{out_of_range} (byte 8)"),
        ),
        (
            refusal::<BTreeSet<u8>>(&[2, 0, 0, 0, 1, 1]),
            "[1]: the set has the same element twice (byte 5)".into(),
        ),
        (
            refusal::<HashSet<String>>(&[3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, b'x', 0, 0, 0, 0]),
            "[2]: the set has the same element twice (byte 13)".into(),
        ),
        (
            refusal::<IndexSet<u8>>(&[2, 0, 0, 0, 1, 1]),
            "[1]: the set has the same element twice (byte 5)".into(),
        ),
        (
            refusal::<HashMap<u8, bool>>(&[2, 0, 0, 0, 1, 0, 1, 0]),
            "[1]: the map has the same key twice (byte 6)".into(),
        ),
        (
            refusal::<IndexMap<u8, bool>>(&[2, 0, 0, 0, 1, 0, 1, 0]),
            "[1]: the map has the same key twice (byte 6)".into(),
        ),
        (
            refusal::<Arc<str>>(&[1, 0, 0, 0, 0xff]),
            "the string is not valid UTF-8 (byte 4)".into(),
        ),
        (
            refusal::<BTreeSet<()>>(&[0xff, 0xff, 0xff, 0x00]),
            "[1]: the set has the same element twice (byte 4)".into(),
        ),
    ];
    for (found, expected) in table {
        assert_eq!(found, expected);
    }
    let flat = NonZero::<u8>::unflatten(&mut FlatReader::new(&[0])).unwrap_err();
    assert!(flat.to_string().contains(out_of_range));
    let flat = Duration::unflatten(&mut FlatReader::new(&[0, 1_000_000_000])).unwrap_err();
    assert!(flat.to_string().contains(out_of_range));
}

/// A set or map that claims more than the message holds allocates nothing.
#[test]
fn counts_are_checked_first() {
    let huge = [0xff; 4];
    let small = Limits {
        nodes: 3,
        ..Limits::DEFAULT
    };
    let table = [
        decode::<HashSet<u64>>(&huge, Limits::DEFAULT).unwrap_err(),
        decode::<BTreeSet<u64>>(&huge, Limits::DEFAULT).unwrap_err(),
        decode::<HashMap<u64, u64>>(&huge, Limits::DEFAULT).unwrap_err(),
        decode::<IndexMap<u64, u64>>(&huge, Limits::DEFAULT).unwrap_err(),
        decode::<VecDeque<u64>>(&huge, Limits::DEFAULT).unwrap_err(),
    ];
    for error in table {
        assert!(error.to_string().starts_with("at least "), "{error}");
    }
    let error = decode::<HashSet<u8>>(&[4, 0, 0, 0, 1, 2, 3, 4], small).unwrap_err();
    assert!(error.to_string().contains("the node limit"), "{error}");
}
