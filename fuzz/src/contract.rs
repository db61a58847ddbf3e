//! What must hold for any contract.

use std::collections::BTreeSet;

use pack_abi::convention::{Role, Signature};
use pack_abi::metadata;
use pack_abi::schema::diff::{Verdict, compare};
use pack_abi::schema::hash::{self, Hash};
use pack_abi::{Contract, Schema};
use pack_codegen::wit::{self, Source};

use crate::common::id;

/// A contract is written and read as the same.
pub(crate) fn assert_reads_the_same_when_written(contract: &Contract) {
    let written = metadata::write(contract.schema());
    let again = metadata::read(&written).unwrap_or_else(|error| panic!("{error}: {contract:#?}"));
    assert_eq!(again.schema(), contract.schema());
    assert_eq!(metadata::write(again.schema()), written);
    assert_same(contract, &again);
}

/// A contract is printed as WIT that has all its functions, or WIT cannot say it. Where types of an exported interface are
/// used elsewhere, WIT imports that interface as well. From then on nothing changes any more.
pub(crate) fn assert_is_in_what_is_printed(contract: &Contract) {
    let Some((text, again)) = printed_and_read(contract) else {
        return;
    };
    let comparison = compare(&again, contract);
    assert_ne!(
        comparison.verdict,
        Verdict::Breaking,
        "{comparison:#?}\n{text}"
    );
    assert!(hashes(contract).is_subset(&hashes(&again)), "{text}");
    for interface in &again.imports {
        let is_known = contract.import(&interface.name).is_some()
            || contract.export(&interface.name).is_some()
            || interface.functions.is_empty();
        assert!(is_known, "{} in\n{text}", interface.name);
    }
    assert_is_printed_as_it_was_read(&again);
}

/// A contract that was read from WIT is printed as WIT that reads the same, and is printed the same.
pub(crate) fn assert_is_printed_as_it_was_read(contract: &Contract) {
    let (text, again) = printed_and_read(contract).expect("what WIT said it can say");
    assert_same(contract, &again);
    let second = again
        .to_wit()
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(second, text, "it is printed differently the second time");
}

fn printed_and_read(contract: &Contract) -> Option<(String, Contract)> {
    let text = match contract.to_wit() {
        Ok(text) => text,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return None;
        }
    };
    let again = wit::parse(&Source::Inline(text.clone()), None)
        .unwrap_or_else(|error| panic!("does not parse when printed:\n{text}\n{error}"));
    Some((text, again.contract))
}

/// Everything that a host does with the contract of a package before it calls anything.
pub(crate) fn use_up(contract: &Contract) {
    for (role, interfaces) in [
        (Role::Import, &contract.imports),
        (Role::Export, &contract.exports),
    ] {
        for function in interfaces.iter().flat_map(|interface| &interface.functions) {
            let core = Signature::of(contract, function, role).core_params();
            assert!(core.len() <= 16, "{function:?} {core:?}");
        }
    }
    for ty in (0..contract.types.len()).map(id) {
        assert!(contract.display(ty).to_string().len() < 100_000);
        let _ = (contract.describe(ty), contract.min_width(ty));
    }
}

fn assert_same(one: &Contract, other: &Contract) {
    let comparison = compare(one, other);
    let wit = [one, other].map(|contract| contract.to_wit().unwrap_or_else(|e| e.to_string()));
    let [left, right] = &wit;
    assert_eq!(
        comparison.verdict,
        Verdict::Identical,
        "{comparison:#?}\n{left}\n{right}"
    );
    assert_eq!(hashes(one), hashes(other), "{left}\n{right}");
}

/// Of every function on either side.
fn hashes(schema: &Schema) -> BTreeSet<(bool, &str, &str, Hash)> {
    let sides = [(false, &schema.imports), (true, &schema.exports)];
    let mut hashes = BTreeSet::new();
    for (is_export, interfaces) in sides {
        for interface in interfaces {
            for function in &interface.functions {
                let hash = hash::function(schema, &interface.name, function);
                hashes.insert((
                    is_export,
                    interface.name.as_str(),
                    function.name.as_str(),
                    hash,
                ));
            }
        }
    }
    hashes
}
