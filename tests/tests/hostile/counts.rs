//! Counts that promise more than there is, and elements that cost no bytes.

use pack_abi::schema::TypeKind;
use pack_abi::value::decode_value;
use pack_abi::{DecodeErrorKind, decode};
use pack_runtime::{Error, LimitKind, Limits, MessageLimits};

use crate::bounds;
use crate::common::Table;
use crate::cost::{SLACK, cost};
use crate::world::assert_says;

/// Parts of no width cost no bytes: budgets bound them, whatever the contract says.
#[test]
fn values_without_bytes_are_bounded_by_budgets() {
    let mut table = Table::new();
    let unit = table.add(TypeKind::Tuple(vec![]));
    let many = table.add(TypeKind::FixedList(unit, u32::MAX));
    let some = table.add(TypeKind::FixedList(unit, 1000));
    let more = table.add(TypeKind::FixedList(some, 1000));
    let most = table.add(TypeKind::FixedList(more, 1000));
    let list = table.add(TypeKind::List(most));
    let mut doubled = unit;
    for _ in 0..90 {
        doubled = table.add(TypeKind::Tuple(vec![doubled, doubled]));
    }
    let contract = table.contract();
    for (ty, message) in [
        (many, vec![]),
        (most, vec![]),
        (list, vec![0xff; 4]),
        (list, vec![1, 0, 0, 0]),
        (doubled, vec![]),
    ] {
        let limits = MessageLimits::DEFAULT.with_bytes(16 << 20);
        let (outcome, cost) = cost(|| decode_value(&contract, ty, &message, limits));
        let kind = outcome.unwrap_err().kind().clone();
        let budget = matches!(
            kind,
            DecodeErrorKind::TooManyNodes { .. } | DecodeErrorKind::TooManyBytes { .. }
        );
        assert!(budget, "{kind:?}");
        assert!(cost.peak < 48 << 20, "{cost:?}");
    }
    assert_eq!(
        decode::<[Option<u64>; 1000]>(&[], MessageLimits::DEFAULT)
            .unwrap_err()
            .offset(),
        0
    );
    let (_, cost) = cost(|| decode::<[Option<u64>; 1000]>(&[], MessageLimits::DEFAULT).is_err());
    assert!(
        cost.peak < SLACK,
        "nothing is allocated for what cannot be there: {cost:?}"
    );
}

/// Every count that a real call has, at its greatest.
#[test]
fn counts_of_results_are_held_against_what_is_there() {
    let package = bounds::package(Limits::DEFAULT, &[0xff; 4], "");
    let mut bounds = bounds::typed(&package);
    let mut dynamic = bounds::put_together(&package);
    let cases: [(&str, Option<LimitKind>, &str); 6] = [
        (
            "text",
            None,
            "4294967295 bytes at 0x30004 are outside the guest's memory",
        ),
        (
            "names",
            None,
            "at least 17179869180 more bytes are needed, 0 are left (byte 4)",
        ),
        (
            "numbers",
            None,
            "4294967295 bytes at 0x30004 are outside the guest's memory",
        ),
        (
            "table",
            None,
            "at least 21474836475 more bytes are needed, 0 are left (byte 4)",
        ),
        (
            "nothings",
            Some(LimitKind::Nodes(1 << 24)),
            "nothings: the package may use 16777216 nodes in a value, and needs more (the limit is `Limits::message.nodes`)",
        ),
        (
            "nested",
            None,
            "at least 17179869180 more bytes are needed, 0 are left (byte 4)",
        ),
    ];
    for (function, limit, words) in cases {
        let (typed, spent) = cost(|| match function {
            "text" => bounds.text().unwrap_err(),
            "names" => bounds.names().unwrap_err(),
            "numbers" => bounds.numbers().unwrap_err(),
            "table" => bounds.table().unwrap_err(),
            "nothings" => bounds.nothings().unwrap_err(),
            _ => bounds.nested().unwrap_err(),
        });
        assert!(spent.peak < 16 << 10, "{function}: {spent:?}");
        let (by_name, spent) = cost(|| dynamic.call("$root", function, &[]).unwrap_err());
        assert!(spent.peak < 16 << 10, "{function}: {spent:?}");
        for error in [typed, by_name] {
            assert_eq!(error.limit(), limit, "{error}");
            assert!(
                limit.is_some() || matches!(error, Error::Decode { .. }),
                "{error}"
            );
            assert_says(&error, words);
        }
        // The guest came back each time: the instance is still good.
        bounds.run().unwrap();
    }
}

/// Lists of lists whose elements have no bytes: each small by itself, and far too many together.
#[test]
fn nested_lists_that_multiply_hit_the_limit() {
    let (outer, inner) = (10_000_u32, 1_000_u32);
    let mut message = outer.to_le_bytes().to_vec();
    message.extend(inner.to_le_bytes().repeat(usize::try_from(outer).unwrap()));
    let limits = Limits::DEFAULT.with_message(MessageLimits::DEFAULT.with_nodes(100_000));
    let package = bounds::package(limits, &message, "");
    let (typed, spent) = cost(|| bounds::typed(&package).nested().unwrap_err());
    assert!(spent.peak < 1 << 20, "{spent:?}");
    let mut dynamic = bounds::put_together(&package);
    let (by_name, spent) = cost(|| dynamic.call("$root", "nested", &[]).unwrap_err());
    assert!(spent.peak < 8 << 20, "{spent:?}");
    for error in [typed, by_name] {
        assert_eq!(error.limit(), Some(LimitKind::Nodes(100_000)), "{error}");
    }
    let limits = Limits::DEFAULT.with_message(MessageLimits::DEFAULT.with_bytes(1 << 20));
    let package = bounds::package(limits, &message, "");
    let (error, spent) = cost(|| {
        let mut dynamic = bounds::put_together(&package);
        dynamic.call("$root", "nested", &[]).unwrap_err()
    });
    assert_eq!(error.limit(), Some(LimitKind::Bytes(1 << 20)), "{error}");
    assert!(spent.peak < 4 << 20, "{spent:?}");
}

/// What the guest says when it calls: a product of 32 bits that wraps, a count without bytes, and more than the limit.
#[test]
fn counts_of_arguments_are_held_against_what_is_there() {
    let few = MessageLimits::DEFAULT.with_bytes(1000).with_nodes(1000);
    let limits = Limits::DEFAULT.with_message(few);
    let outside = "failed: the guest's arguments are not what the contract says: 4294967295 bytes at 0x8 are outside the \
                   guest's memory";
    let cases = [
        (
            "(call $numbers (i32.const 8) (i32.const 0x20000001))",
            None,
            outside,
        ),
        (
            "(call $numbers (i32.const 8) (i32.const -1))",
            None,
            outside,
        ),
        ("(call $text (i32.const 8) (i32.const -1))", None, outside),
        (
            // Five bytes each.
            "(call $spans (i32.const 8) (i32.const 0x33333334))",
            None,
            outside,
        ),
        (
            "(call $spans (i32.const 0x30000) (i32.const 1))",
            None,
            "discriminant 255 stands for none of the 2 cases (byte 0)",
        ),
        (
            // As values, eight bytes each.
            "(call $spans (i32.const 0) (i32.const 126))",
            Some(LimitKind::Bytes(1000)),
            "1000 bytes of heap",
        ),
        (
            "(call $nothings (i32.const 0x30000) (i32.const 4))",
            Some(LimitKind::Nodes(1000)),
            "1000 nodes in a value",
        ),
        (
            "(call $text (i32.const 0) (i32.const 0x30000))",
            Some(LimitKind::Bytes(1000)),
            "1000 bytes of heap",
        ),
        (
            "(call $numbers (i32.const 0) (i32.const 0x6000))",
            Some(LimitKind::Bytes(1000)),
            "1000 bytes of heap",
        ),
    ];
    for (run, limit, words) in cases {
        let package = bounds::package(limits, &[0xff; 4], run);
        let (mut typed, mut closures) = (bounds::typed(&package), bounds::put_together(&package));
        let (first, spent) = cost(|| typed.run().unwrap_err());
        assert!(spent.peak < 16 << 10, "{run}: {spent:?}");
        let (second, spent) = cost(|| closures.call("$root", "run", &[]).unwrap_err());
        assert!(spent.peak < 16 << 10, "{run}: {spent:?}");
        for error in [first, second] {
            assert_eq!(error.limit(), limit, "{error}");
            assert!(
                limit.is_some() || matches!(error, Error::HostFunction(_)),
                "{error}"
            );
            assert_says(&error, words);
        }
        assert_eq!(
            (typed.instance().host().0, closures.host().0),
            (0, 0),
            "{run}"
        );
    }
}
