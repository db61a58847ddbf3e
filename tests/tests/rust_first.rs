//! A package without WIT: the text it prints as is that of the file, and a host made from the file calls it.

use std::collections::BTreeMap;

use pack_abi::metadata;
use pack_codegen::wit::{self, Source};
use pack_runtime::Error;
use pack_tests::{guest, load};

pack_runtime::bindgen!("wit/rust-first.wit");

const WIT: &str = "wit/rust-first.wit";

#[test]
fn it_prints_as_the_wit_that_hosts_are_made_from() {
    let printed = load("rust-first").types().to_wit().unwrap();
    if std::env::var_os("PACK_BLESS").is_some() {
        std::fs::write(WIT, &printed).unwrap();
    }
    assert_eq!(printed, std::fs::read_to_string(WIT).unwrap());
}

#[test]
fn the_wit_has_the_hashes_of_the_package() {
    let package = load("rust-first");
    let read = wit::parse(&Source::Path(WIT.into()), None).unwrap();
    let hashes = |contract: &pack_abi::Contract| -> BTreeMap<String, _> {
        let functions = contract.functions();
        let hashes = functions.map(|(interface, function)| {
            let hash = pack_abi::schema::hash::function(contract, &interface.name, function);
            (function.name.clone(), hash)
        });
        hashes.collect()
    };
    assert_eq!(hashes(package.types()), hashes(&read.contract));
}

#[test]
fn the_order_of_the_pieces_does_not_matter() {
    let wasm = std::fs::read(guest("rust-first")).unwrap();
    let section = metadata::section(&wasm).unwrap();
    let pieces = metadata::pieces(section).unwrap();
    assert_eq!(pieces.len(), 12, "one for each function, one for the world");
    let backwards: Vec<u8> = pieces.iter().rev().flat_map(|p| p.bytes.to_vec()).collect();
    assert_ne!(backwards, section);
    assert_eq!(
        metadata::read(&backwards).unwrap().schema(),
        metadata::read(section).unwrap().schema()
    );
}

fn person(name: &str, friends: &[Person]) -> Person {
    Person {
        name: name.into(),
        friends: friends.to_vec(),
    }
}

#[test]
fn every_way_of_parameters_and_results() {
    let mut package = RustFirst::instantiate(&load("rust-first"), ()).unwrap();
    let (ann, bob) = (person("Ann", &[]), person("Bob", &[person("Cid", &[])]));
    assert_eq!(package.greet(&ann).unwrap(), Err(404));
    let both = person("Dan", &[ann.clone(), bob]);
    assert_eq!(package.greet(&both).unwrap(), Ok("Dan and 2 more".into()));
    package.nothing().unwrap();
    assert_eq!(package.add(255, -256).unwrap(), -1);
    assert_eq!(package.halve(-1.0).unwrap(), -0.5);
    assert_eq!(package.shout("aß", 2).unwrap(), "ASSASS");
    assert_eq!(package.shout("", 2).unwrap(), "");
    let sum = package.sum(&[1.5, 2.0, 9.0], &[false, true]).unwrap();
    assert_eq!(sum, -0.5);
    let point = Point {
        x: 1.0,
        y: 2.0,
        color: Color::Red,
    };
    let mirrored = package.mirror(point).unwrap();
    assert_eq!((mirrored.x, mirrored.y), (2.0, 1.0));
    assert!(package.is_blue(mirrored.color).unwrap());
    let fork = |l, r| TreeU16::Fork((Box::new(l), Box::new(r)));
    let numbers = fork(TreeU16::Leaf(65_535), TreeU16::Leaf(1));
    let names = TreeString::Leaf("x".into());
    let leaves = package.leaves(&numbers, &names).unwrap();
    assert_eq!(leaves, (65_536, vec!["x".to_owned()]));
    assert_eq!(package.of_a_module(None).unwrap(), "nobody");
    assert_eq!(package.of_a_module(Some(&ann)).unwrap(), "Ann");
    let map = BTreeMap::from([("k".to_owned(), 7)]);
    let text = package.many(
        1,
        2,
        3,
        4,
        -5,
        -6,
        -7,
        -8,
        0.5,
        1.5,
        'ü',
        true,
        "m",
        point,
        Some(9),
        &map,
        255,
    );
    assert_eq!(
        text.unwrap(),
        r#"1 2 3 4 -5 -6 -7 -8 0.5 1.5 ü true m 1 2 Some(9) [("k", 7)] 255"#
    );
}

/// The guest is built with the feature `short-panics`.
#[test]
fn short_panics_have_their_place_and_what_is_a_literal() {
    let cases = [
        (0, "nobody shouts"),
        (
            100,
            "(the message is left out: the package was built with `short-panics`)",
        ),
    ];
    for (times, message) in cases {
        let mut package = RustFirst::instantiate(&load("rust-first"), ()).unwrap();
        let Error::Panic(panic) = package.shout("ab", times).unwrap_err() else {
            panic!("{times}");
        };
        assert_eq!(panic.message, message);
        assert!(
            panic.file.ends_with("lib.rs") && panic.line > 0,
            "{panic:?}"
        );
    }
}
