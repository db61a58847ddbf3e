//! Back references: those that multiply what they lead to, and those that lead astray.

use std::rc::Rc;

use pack_abi::value::decode_value;
use pack_abi::{DecodeErrorKind, Limits, decode, encode, schema_of};
use pack_runtime::view::View;
use pack_runtime::{Error, LimitKind, MessageLimits};

use crate::bounds;
use crate::common::hex;
use crate::cost::cost;
use crate::module::{escaped, packed};
use crate::samples::{BoxFork, BoxForkRef, Expr, RcFork, refused};
use crate::world::{assert_says, dynamic, instance, load, load_with};

/// `levels` forks inside each other, the right side of each a back reference to its left side.
fn sharing_bomb(levels: u8) -> Vec<u8> {
    let mut message = vec![1; usize::from(levels)];
    message.extend([0, 7]);
    for left in (1..=levels).rev() {
        message.push(0xff);
        message.extend(u32::from(left).to_le_bytes());
    }
    message
}

#[test]
fn a_sharing_bomb_stays_small_or_hits_a_budget() {
    let bomb = sharing_bomb(40);
    let (outcome, rc) = cost(|| decode::<RcFork>(&bomb, Limits::DEFAULT).unwrap());
    assert!(rc.peak < 16 << 10, "{rc:?}");
    let (mut fork, mut levels) = (&outcome, 0);
    while let RcFork::Fork(left, right) = fork {
        assert!(Rc::ptr_eq(left, right));
        (fork, levels) = (left, levels + 1);
    }
    assert_eq!(levels, 40);
    // Written again it is what it was.
    assert_eq!(encode(&outcome).unwrap(), bomb);

    let limits = Limits::DEFAULT.with_nodes(1 << 18);
    let (outcome, boxed) = cost(|| decode::<BoxFork>(&bomb, limits));
    assert_eq!(
        outcome.unwrap_err().kind(),
        &DecodeErrorKind::TooManyNodes { limit: 1 << 18 }
    );
    assert!(boxed.peak < 32 << 20, "{boxed:?}");
    let (contract, ty) = schema_of::<BoxFork>().unwrap();
    let (outcome, dynamic) = cost(|| decode_value(&contract, ty, &bomb, limits));
    assert_eq!(
        outcome.unwrap_err().kind(),
        &DecodeErrorKind::TooManyNodes { limit: 1 << 18 }
    );
    assert!(dynamic.peak < 64 << 20, "{dynamic:?}");
}

/// Each element refers to the one before, so that nothing is nested in the message, and yet the value is a
/// chain as long as the list. Dropping it would take a stack as long.
#[test]
fn sharing_does_not_get_around_the_depth_limit() {
    const LENGTH: u32 = 200_000;
    fn chain(element: impl Fn(u32) -> (u32, Vec<u8>)) -> Vec<u8> {
        let mut message = LENGTH.to_le_bytes().to_vec();
        message.extend([0, 7]);
        let mut previous = 4;
        for _ in 1..LENGTH {
            let here = u32::try_from(message.len()).unwrap();
            let (head, bytes) = element(previous);
            message.extend(bytes);
            previous = here + head;
        }
        message
    }
    let message = chain(|previous| {
        let reference = [&[0xff], &previous.to_le_bytes()[..]].concat();
        (0, [&[1], &*reference, &*reference].concat())
    });
    let too_deep = &DecodeErrorKind::TooDeep { limit: 1000 };
    let outcome = decode::<Vec<Rc<RcFork>>>(&message, Limits::DEFAULT);
    assert_eq!(outcome.unwrap_err().kind(), too_deep);
    let outcome = decode::<Vec<RcFork>>(&message, Limits::DEFAULT);
    assert_eq!(outcome.unwrap_err().kind(), too_deep);
}

#[test]
fn back_references_lead_to_an_earlier_finished_value_of_the_same_type() {
    let cases = [
        ("01 ff 00000000", 1, "its own parent, unfinished"),
        ("ff 00000000", 0, "itself"),
        ("01 00 07 ff 03000000", 3, "itself, later"),
        ("01 ff 06000000 00 07", 1, "forward"),
        ("01 00 07 ff 02000000", 3, "the inside of a value"),
        ("01 00 07 ff ffffffff", 3, "outside the message"),
        ("01 00 07 ff 08000000", 3, "the end of the message"),
    ];
    let (contract, ty) = schema_of::<BoxFork>().unwrap();
    for (message, offset, what) in cases {
        let message = hex(message);
        let errors = [
            decode::<BoxFork>(&message, Limits::DEFAULT).unwrap_err(),
            decode::<RcFork>(&message, Limits::DEFAULT).unwrap_err(),
            decode_value(&contract, ty, &message, Limits::DEFAULT).unwrap_err(),
        ];
        for error in errors {
            let is_reference = matches!(error.kind(), DecodeErrorKind::BackReference { .. });
            assert!(is_reference && error.offset() == offset, "{what}: {error}");
        }
    }
    refused! {
        Vec<Expr>: "02000000 01 00 00 00 01 00 02 (a binary at byte 5) ff 05000000"
            => "[1]: back reference to byte 5, where no earlier value of the same type starts (byte 11)";
        Vec<Expr>: "01000000 01 ff 04000000"
            => "[0].binary: back reference to byte 4, where no earlier value of the same type starts (byte 5)";
    }
    let fine = hex("02000000 01 00 00 00 01 00 02 (a binary at byte 5) 01 ff 05000000");
    let values = decode::<Vec<Expr>>(&fine, Limits::DEFAULT).unwrap();
    assert_eq!(values[0], values[1]);
}

/// Back references need a table of the nodes before them, which is far larger than the nodes.
#[test]
fn the_table_of_nodes_is_part_of_the_byte_limit() {
    let count = 100_000_u32;
    let mut message = (count + 1).to_le_bytes().to_vec();
    message.extend(hex("00 07").repeat(usize::try_from(count).unwrap()));
    message.extend(hex("ff 04000000"));
    let limits = Limits::DEFAULT.with_bytes(2 << 20);
    let (outcome, cost) = cost(|| decode::<Vec<BoxFork>>(&message, limits));
    let kind = outcome.unwrap_err().kind().clone();
    assert_eq!(kind, DecodeErrorKind::TooManyBytes { limit: 2 << 20 });
    assert!(cost.peak < 4 << 20, "{cost:?}");
    let (outcome, cost) = self::cost(|| decode::<Vec<BoxFork>>(&message, Limits::DEFAULT));
    assert!(outcome.is_ok());
    cost.check(&message, &"a graph");
}

/// To look at a view of one node is to go past its parts, not through them: a million looks take no time, whatever is below.
#[test]
fn what_is_below_a_view_is_not_gone_through() {
    let (mut shared, mut deep) = (Rc::new(RcFork::Leaf(7)), BoxFork::Leaf(7));
    for _ in 0..20 {
        shared = Rc::new(RcFork::Fork(shared.clone(), shared));
    }
    for _ in 0..900 {
        deep = BoxFork::Fork(Box::new(deep), Box::new(BoxFork::Leaf(1)));
    }
    for message in [encode(&shared).unwrap(), encode(&deep).unwrap()] {
        let view = View::<BoxFork>::new(&message, Limits::DEFAULT).unwrap();
        for _ in 0..1_000_000 {
            let BoxForkRef::Fork(left, right) = std::hint::black_box(&view).get() else {
                panic!("it is a fork");
            };
            std::hint::black_box((left, right));
        }
    }
}

/// Arrays `[x, x]` inside each other, as many as `levels`: each second `x` leads back to the first.
fn json_bomb(levels: u32) -> Vec<u8> {
    let mut message = Vec::new();
    for _ in 0..levels {
        message.extend(hex("02 02000000"));
    }
    message.push(0);
    for level in (1..=levels).rev() {
        message.push(0xff);
        message.extend((level * 5).to_le_bytes());
    }
    message
}

/// Through calls, in both directions: what the guest returns, and what it passes to a function of the host.
#[test]
fn a_sharing_bomb_in_a_call_is_an_error_of_its_limit() {
    let few = MessageLimits::DEFAULT.with_nodes(1 << 16);
    let limits = pack_runtime::Limits::DEFAULT.with_message(few);
    let small = json_bomb(10);
    let package = bounds::package(
        limits,
        &small,
        "(call $json (i32.const 0x30000) (i32.const 101))",
    );
    assert_eq!(small.len(), 101);
    bounds::typed(&package).run().unwrap();
    bounds::put_together(&package)
        .call("$root", "run", &[])
        .unwrap();

    let bomb = json_bomb(40);
    let run = format!(
        "(call $json (i32.const 0x30000) (i32.const {}))",
        bomb.len()
    );
    let package = bounds::package(limits, &bomb, &run);
    let (mut typed, mut closures) = (bounds::typed(&package), bounds::put_together(&package));
    let (first, typed_cost) = cost(|| typed.run().unwrap_err());
    let (second, other_cost) = cost(|| closures.call("$root", "run", &[]).unwrap_err());
    for (error, cost) in [(first, typed_cost), (second, other_cost)] {
        assert_eq!(error.limit(), Some(LimitKind::Nodes(1 << 16)), "{error}");
        assert!(cost.peak < 8 << 20, "{cost:?}");
        assert!(cost.time.as_secs() < 20, "{cost:?}");
    }
    // As a result it spoils nothing.
    let tree = format!(
        r#"(data (i32.const 0) "{}") (func (export "$root#tree") (result i64) {})"#,
        escaped(&bomb),
        packed(0, u32::try_from(bomb.len()).unwrap()),
    );
    let package = load_with(limits, &[("tree", &tree)]).unwrap();
    let (mut typed, mut by_name) = (instance(&package), dynamic(&package));
    let (first, typed_cost) = cost(|| typed.tree().unwrap_err());
    let (second, other_cost) = cost(|| by_name.call("$root", "tree", &[]).unwrap_err());
    for (error, cost) in [(first, typed_cost), (second, other_cost)] {
        assert_eq!(error.limit(), Some(LimitKind::Nodes(1 << 16)), "{error}");
        assert!(cost.peak < 16 << 20, "{cost:?}");
    }
    assert_eq!(typed.number().unwrap(), 7);
}

/// The same offsets as above, in a call: into itself, forward, between nodes, past the end.
#[test]
fn a_back_reference_that_leads_astray_is_an_error_of_the_call() {
    let cases = [
        (
            "ff 00000000",
            "back reference to byte 0, where no earlier value of the same type starts (byte 0)",
        ),
        (
            "02 01000000 ff 00000000",
            "array[0]: back reference to byte 0",
        ),
        (
            "02 02000000 ff 0a000000 00",
            "array[0]: back reference to byte 10",
        ),
        (
            "02 02000000 00 ff 01000000",
            "array[1]: back reference to byte 1",
        ),
        (
            "02 02000000 00 ff ffffffff",
            "array[1]: back reference to byte 4294967295",
        ),
    ];
    for (message, words) in cases {
        let message = hex(message);
        let tree = format!(
            r#"(data (i32.const 0) "{}") (func (export "$root#tree") (result i64) {})"#,
            escaped(&message),
            packed(0, u32::try_from(message.len()).unwrap()),
        );
        let package = load(&[("tree", &tree)]).unwrap();
        let mut typed = instance(&package);
        let errors = [
            typed.tree().unwrap_err(),
            dynamic(&package).call("$root", "tree", &[]).unwrap_err(),
        ];
        for error in errors {
            assert!(matches!(error, Error::Decode { .. }), "{error}");
            assert_says(&error, words);
        }
        assert_eq!(typed.number().unwrap(), 7);
    }
}
