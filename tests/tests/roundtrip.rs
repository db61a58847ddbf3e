//! What holds for every contract and every value: random ones say so.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::id;
use common::random::{Choices, contract, primitive, types_in, value};
use pack_abi::schema::diff::{self, Mismatch, Role, Verdict, function_name};
use pack_abi::schema::{
    Case, Field, Function, Interface, Label, Param, ROOT, Schema, Type, TypeDef, TypeId, TypeKind,
    TypeName, hash,
};
use pack_abi::value::{decode_value, encode_value};
use pack_abi::{Contract, Limits, metadata};
use pack_codegen::wit::{self, Source};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, proptest};

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_value_comes_back(bytes in vec(any::<u8>(), 0..3000)) {
        let choices = &mut Choices::new(bytes);
        let contract = contract(choices);
        for at in 0..contract.types.len() {
            let value = value(choices, &contract, id(at), 60);
            let bytes = encode_value(&contract, id(at), &value, Limits::DEFAULT).unwrap();
            assert_eq!(decode_value(&contract, id(at), &bytes, Limits::DEFAULT), Ok(value));
            let least = usize::try_from(contract.min_width(id(at))).unwrap();
            assert!(least <= bytes.len(), "{least} of {bytes:?}");
        }
    }

    #[test]
    fn every_schema_comes_back(bytes in vec(any::<u8>(), 0..1000)) {
        let contract = contract(&mut Choices::new(bytes));
        let schema = contract.schema();
        assert_eq!(Schema::from_bytes(&schema.to_bytes()).as_ref(), Ok(schema));
        assert_eq!(metadata::read(&metadata::write(schema)).unwrap().schema(), schema);
        let same = diff::compare(&contract, &contract);
        assert_eq!((same.verdict, same.mismatches), (Verdict::Identical, vec![]));
    }

    #[test]
    fn what_does_not_matter_changes_neither_hashes_nor_bytes(bytes in vec(any::<u8>(), 0..2000)) {
        let choices = &mut Choices::new(bytes);
        let before = contract(choices);
        let (schema, moved) = disguised(before.schema(), choices);
        let after = Contract::new(schema).unwrap();
        assert_eq!(hashes(&before), hashes(&after));
        assert_eq!(diff::compare(&before, &after).verdict, Verdict::Identical);
        for (at, moved) in moved.into_iter().enumerate() {
            let value = value(choices, &before, id(at), 30);
            let write = |contract, ty| encode_value(contract, ty, &value, Limits::DEFAULT).unwrap();
            assert_eq!(write(&before, id(at)), write(&after, moved));
        }
        // With other type names the digests differ, and the comparison says that nothing did.
        let renamed = Contract::new(with_other_type_names(after.schema())).unwrap();
        assert_eq!(diff::compare(&before, &renamed).verdict, Verdict::Identical);
    }

    #[test]
    fn what_wit_can_say_reads_the_same(bytes in vec(any::<u8>(), 0..1000)) {
        let before = contract(&mut Choices::new(bytes));
        if let Ok(text) = before.to_wit() {
            reads_the_same(&before, &text);
        }
        // With all types in one interface elsewhere, and no interface on both sides, WIT can always say it.
        let mut schema = before.schema().clone();
        for name in schema.types.iter_mut().filter_map(|def| def.name.as_mut()) {
            name.owner = "test:elsewhere/types@1.0.0".into();
        }
        schema.imports.retain(|interface| interface.name == ROOT);
        let simple = Contract::new(schema).unwrap();
        reads_the_same(&simple, &simple.to_wit().unwrap());
    }

    #[test]
    fn every_edit_is_seen(bytes in vec(any::<u8>(), 0..2000)) {
        let choices = &mut Choices::new(bytes);
        let before = contract(choices);
        let mut schema = before.schema().clone();
        let Some(edit) = edit(&mut schema, &before, choices) else { return Ok(()) };
        // Some edits leave a type without a value.
        let Ok(after) = Contract::new(schema) else { return Ok(()) };
        for (host, package, at_host) in [(&before, &after, false), (&after, &before, true)] {
            let comparison = diff::compare(host, package);
            assert_ne!(comparison.verdict, Verdict::Identical, "{edit:?}");
            if let Some(verdict) = edit.verdict(&before, &after, at_host) {
                assert_eq!(comparison.verdict, verdict, "{edit:?} {:?}", comparison.mismatches);
            }
            let breaking = comparison.verdict == Verdict::Breaking;
            assert_eq!(breaking, !comparison.mismatches.is_empty());
            for mismatch in &comparison.mismatches {
                let named = edit.functions.iter().any(|(_, name)| *name == mismatch.function);
                assert!(named, "{mismatch} {edit:?}");
                assert!(mismatch.to_string().starts_with(&mismatch.function), "{mismatch}");
            }
            every_function_that_breaks_is_named(host, package, &comparison.mismatches);
            if !breaking {
                every_sent_value_is_understood(choices, host, package);
            }
        }
        let (old, new) = (hashes(&before), hashes(&after));
        for (name, hash) in old {
            let changed = new.get(&name).is_some_and(|new| *new != hash);
            let concerned = edit.functions.contains(&(name.0, name.2.clone()));
            assert!(changed || !concerned || !edit.is_of_type(), "{name:?} {edit:?}");
            assert!(!changed || concerned, "{name:?} {edit:?}");
        }
    }
}

/// Whichever function it is told of: each that does not fit by itself is there.
fn every_function_that_breaks_is_named(host: &Contract, package: &Contract, told: &[Mismatch]) {
    let named: BTreeSet<&str> = told.iter().map(|told| told.function.as_str()).collect();
    for (ours, theirs, role) in [
        (&host.exports, &package.exports, Role::Export),
        (&host.imports, &package.imports, Role::Import),
    ] {
        for interface in ours {
            let Some(other) = theirs.iter().find(|other| other.name == interface.name) else {
                continue;
            };
            for function in &interface.functions {
                let Some(twin) = other.function(&function.name) else {
                    continue;
                };
                let name = function_name(interface, function);
                let sides = ((host, function), (package, twin));
                let alone = diff::compare_function(sides.0, sides.1, role, &name);
                let breaks = alone.verdict == Verdict::Breaking;
                assert!(!breaks || named.contains(&*name), "{name}: {told:?}");
            }
        }
    }
}

fn reads_the_same(contract: &Contract, text: &str) {
    let again = match wit::parse(&Source::Inline(text.into()), None) {
        Ok(world) => world.contract,
        Err(error) => panic!("{error}\n{text}"),
    };
    let comparison = diff::compare(contract, &again);
    let same = (comparison.verdict, comparison.mismatches);
    assert_eq!(same, (Verdict::Identical, vec![]), "{text}");
    assert_eq!(hashes(contract), hashes(&again), "{text}");
}

/// The random contracts are worth the name: every shape turns up, also on a cycle, and so does every verdict.
#[test]
fn the_random_contracts_have_everything() {
    let (mut shapes, mut on_cycles, mut verdicts) =
        (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
    for seed in 0..1000 {
        let choices = &mut Choices::seeded(seed, 2000);
        let before = contract(choices);
        for def in &before.types {
            shapes.insert(def.kind.keyword());
            let below = def.kind.references().into_iter();
            on_cycles.extend(
                below
                    .filter(|ty| before.is_recursive(*ty))
                    .map(|_| def.kind.keyword()),
            );
        }
        let mut schema = before.schema().clone();
        let edited = edit(&mut schema, &before, choices).and_then(|_| Contract::new(schema).ok());
        let verdict = edited.map(|after| diff::compare(&before, &after).verdict);
        *verdicts.entry(verdict).or_insert(0) += 1;
    }
    assert_eq!(shapes.len(), 10, "{shapes:?}");
    assert_eq!(on_cycles.len(), 8, "all but enum and flags: {on_cycles:?}");
    assert!(verdicts[&Some(Verdict::Compatible)] > 30, "{verdicts:?}");
    assert!(verdicts[&Some(Verdict::Breaking)] > 500, "{verdicts:?}");
}

type FunctionKey = (&'static str, String, String);

/// Every function: the side, the interface, and the name that messages give it.
fn functions(contract: &Contract) -> BTreeMap<FunctionKey, (&Interface, &Function)> {
    let sides = [("export", &contract.exports), ("import", &contract.imports)];
    let all = sides.into_iter().flat_map(|(side, interfaces)| {
        interfaces.iter().flat_map(move |interface| {
            interface.functions.iter().map(move |function| {
                let key = (
                    side,
                    interface.name.clone(),
                    function_name(interface, function),
                );
                (key, (interface, function))
            })
        })
    });
    all.collect()
}

fn hashes(contract: &Contract) -> BTreeMap<FunctionKey, hash::Hash> {
    let hash = |(interface, function): (&Interface, &Function)| {
        hash::function(contract, &interface.name, function)
    };
    let all = functions(contract).into_iter();
    all.map(|(key, function)| (key, hash(function))).collect()
}

/// The same contract with its type table in another order, other docs and parameter names, and some types
/// behind aliases; and where each type went.
fn disguised(schema: &Schema, choices: &mut Choices) -> (Schema, Vec<Type>) {
    let mut order: Vec<usize> = (0..schema.types.len()).collect();
    order.sort_by_cached_key(|_| choices.byte());
    let mut moved = vec![Type::Bool; order.len()];
    for (new, old) in order.iter().enumerate() {
        moved[*old] = id(new);
    }
    let mut schema = schema.clone();
    schema.types = order.iter().map(|old| schema.types[*old].clone()).collect();
    let mut aliases = Vec::new();
    let count = schema.types.len();
    for ty in references(&mut schema) {
        if let Type::Id(id) = ty {
            *ty = moved[id.index()];
        }
        if choices.one_in(4) {
            aliases.push(*ty);
            *ty = id(count + aliases.len() - 1);
        }
    }
    for (at, target) in aliases.into_iter().enumerate() {
        let name = TypeName {
            owner: "test:alias/types".into(),
            name: format!("a{at}"),
        };
        let kind = TypeKind::Alias(target);
        schema.types.push(TypeDef {
            name: Some(name),
            kind,
            docs: "an alias".into(),
        });
    }
    for def in &mut schema.types {
        def.docs.push_str(" and more");
        if let TypeKind::Record(fields) = &mut def.kind {
            fields.iter_mut().for_each(|field| field.docs.push('!'));
        }
    }
    for interface in schema.imports.iter_mut().chain(&mut schema.exports) {
        interface.docs.push('?');
        interface.functions.reverse();
        for function in &mut interface.functions {
            function.docs.push('?');
            function
                .params
                .iter_mut()
                .for_each(|param| param.name.insert(0, 'x'));
        }
    }
    schema.imports.reverse();
    schema.exports.reverse();
    (schema, moved)
}

fn with_other_type_names(schema: &Schema) -> Schema {
    let mut schema = schema.clone();
    for name in schema.types.iter_mut().filter_map(|def| def.name.as_mut()) {
        name.name.push_str("-too");
        name.owner = "test:elsewhere/types".into();
    }
    schema
}

/// Every reference to a type, in the table and in signatures.
fn references(schema: &mut Schema) -> Vec<&mut Type> {
    let in_types = schema
        .types
        .iter_mut()
        .flat_map(|def| types_in(&mut def.kind));
    let interfaces = schema.imports.iter_mut().chain(&mut schema.exports);
    let functions = interfaces.flat_map(|interface| &mut interface.functions);
    let in_functions =
        functions.flat_map(|f| f.params.iter_mut().map(|p| &mut p.ty).chain(&mut f.result));
    in_types.chain(in_functions).collect()
}

/// One structural edit.
#[derive(Debug)]
struct Edit {
    what: What,
    /// The functions it concerns: the side, and the name that messages give it.
    functions: BTreeSet<(&'static str, String)>,
}

#[derive(Debug, Clone, Copy)]
enum What {
    /// Cases or flags were added behind the last, or the last was taken away.
    Longer(TypeId),
    Shorter(TypeId),
    /// Any other edit of a type.
    Type,
    /// A function was added or taken away, or is another now.
    Added(&'static str),
    Removed(&'static str),
    Changed,
}

impl Edit {
    fn is_of_type(&self) -> bool {
        matches!(self.what, What::Longer(_) | What::Shorter(_) | What::Type)
    }

    /// The verdict that the documentation of the comparison promises, with the edit on one of the sides.
    fn verdict(&self, before: &Contract, after: &Contract, at_host: bool) -> Option<Verdict> {
        let compatible = match (self.what, at_host) {
            (What::Changed | What::Type, _) => false,
            (What::Added(side), false) | (What::Removed(side), true) => side == "export",
            (What::Added(side), true) | (What::Removed(side), false) => side == "import",
            (What::Longer(id) | What::Shorter(id), _) => {
                // A type that is now recursive, or no longer, has rules of its own.
                let heads = |contract: &Contract| -> Vec<bool> {
                    let all = 0..contract.types.len();
                    all.map(|at| contract.is_recursive(common::id(at)))
                        .collect()
                };
                if heads(before) != heads(after) {
                    return None;
                }
                let flows: BTreeSet<bool> = reaching(before, id)
                    .into_iter()
                    .map(|(.., flow)| flow)
                    .collect();
                let longer_at_host = matches!(self.what, What::Longer(_)) == at_host;
                // Only the side with more may receive.
                flows == BTreeSet::from([!longer_at_host]) && width(before, id) == width(after, id)
            }
        };
        Some(if compatible {
            Verdict::Compatible
        } else {
            Verdict::Breaking
        })
    }
}

/// How many bytes the cases or flags of a type take.
fn width(contract: &Contract, id: TypeId) -> u32 {
    let recursive = contract.is_recursive(Type::Id(id));
    match &contract.types[id.index()].kind {
        TypeKind::Variant(cases) => Contract::discriminant_width(cases.len(), recursive).bytes(),
        TypeKind::Enum(labels) => Contract::discriminant_width(labels.len(), false).bytes(),
        TypeKind::Flags(labels) => u32::try_from(labels.len().div_ceil(8)).unwrap(),
        other => panic!("{other:?} has no cases"),
    }
}

/// The functions that reach a type, and whether its values travel to the package.
fn reaching(contract: &Contract, target: TypeId) -> BTreeSet<(&'static str, String, bool)> {
    let mut found = BTreeSet::new();
    for ((side, _, name), (_, function)) in functions(contract) {
        let params = function.params.iter().map(|p| (p.ty, side == "export"));
        let result = function.result.iter().map(|ty| (*ty, side == "import"));
        for (start, to_package) in params.chain(result) {
            let (mut seen, mut open) = (BTreeSet::new(), vec![start]);
            while let Some(Type::Id(id)) = open.pop() {
                if seen.insert(id) {
                    open.extend(contract.types[id.index()].kind.references());
                    // What is not an entry of the table leads nowhere.
                    open.retain(|ty| matches!(ty, Type::Id(_)));
                }
            }
            if seen.contains(&target) {
                found.insert((side, name.clone(), to_package));
            }
        }
    }
    found
}

/// Makes one edit that some function can see, if there is a function.
fn edit(schema: &mut Schema, before: &Contract, choices: &mut Choices) -> Option<Edit> {
    if choices.one_in(4) {
        return edit_function(schema, before, choices);
    }
    let at = TypeId(u32::try_from(choices.below(schema.types.len())).unwrap());
    let reaching = reaching(before, at).into_iter();
    let functions: BTreeSet<_> = reaching.map(|(side, name, _)| (side, name)).collect();
    if functions.is_empty() {
        return edit_function(schema, before, choices);
    }
    let kind = &mut schema.types[at.index()].kind;
    let what = edit_kind(kind, at, before, choices);
    Some(Edit { what, functions })
}

fn edit_kind(kind: &mut TypeKind, at: TypeId, before: &Contract, choices: &mut Choices) -> What {
    let text = String::from;
    if !kind.references().is_empty() && choices.one_in(3) {
        let which = choices.below(kind.references().len());
        let ty = types_in(kind).swap_remove(which);
        *ty = other_type(*ty, before, choices);
        return What::Type;
    }
    let field = |at: usize, choices: &mut Choices| Field {
        name: format!("new-{at}"),
        ty: primitive(choices),
        docs: String::new(),
    };
    let label = || Label {
        name: text("new"),
        docs: text("a new one"),
    };
    match kind {
        TypeKind::Record(fields) => match choices.below(4) {
            0 => fields.push(field(0, choices)),
            1 => fields.insert(0, field(0, choices)),
            2 if fields.len() > 1 => fields.swap(0, 1),
            _ => match fields.pop() {
                Some(_) => {}
                None => fields.push(field(1, choices)),
            },
        },
        TypeKind::Variant(cases) => match choices.below(6) {
            0 => {
                let all: Vec<Type> = (0..before.types.len()).map(id).collect();
                let ty = choices.one_in(2).then(|| *choices.pick(&all));
                cases.push(Case {
                    name: text("new"),
                    ty,
                    docs: String::new(),
                });
                return What::Longer(at);
            }
            1 if cases.len() > 1 => {
                cases.pop();
                return What::Shorter(at);
            }
            2 if cases.len() > 1 => cases.swap(0, 1),
            3 => cases[0].name = text("new"),
            4 => cases.insert(
                0,
                Case {
                    name: text("new"),
                    ty: None,
                    docs: String::new(),
                },
            ),
            _ => {
                let which = choices.below(cases.len());
                let case = &mut cases[which];
                case.ty = match case.ty {
                    Some(_) => None,
                    None => Some(primitive(choices)),
                };
            }
        },
        TypeKind::Enum(labels) | TypeKind::Flags(labels) => match choices.below(4) {
            0 if labels.len() > 1 => {
                labels.pop();
                return What::Shorter(at);
            }
            1 if labels.len() > 1 => labels.swap(0, 1),
            2 if !labels.is_empty() => labels[0].name = text("new"),
            _ => {
                labels.push(label());
                return What::Longer(at);
            }
        },
        TypeKind::Tuple(parts) => parts.push(primitive(choices)),
        TypeKind::List(ty) => *kind = TypeKind::Option(*ty),
        TypeKind::FixedList(_, count) => *count += 1,
        TypeKind::Option(ty) => *kind = TypeKind::List(*ty),
        TypeKind::Result { ok, err } => {
            let side = if choices.one_in(2) { ok } else { err };
            *side = match side {
                Some(_) => None,
                None => Some(primitive(choices)),
            };
        }
        TypeKind::Map(key, _) => *kind = TypeKind::List(*key),
        TypeKind::Alias(ty) => *ty = other_type(*ty, before, choices),
        handle => unreachable!("random schemas have no {handle:?}"),
    }
    What::Type
}

/// A number type in place of another type.
fn other_type(ty: Type, before: &Contract, choices: &mut Choices) -> Type {
    match (before.resolve(ty), primitive(choices)) {
        (Type::Bool, Type::Bool) => Type::Char,
        (old, new) if old == new => Type::Bool,
        (_, new) => new,
    }
}

const NEW_INTERFACE: &str = "test:new/interface";

fn edit_function(schema: &mut Schema, before: &Contract, choices: &mut Choices) -> Option<Edit> {
    let (side, interfaces) = match choices.below(2) {
        0 => ("export", &mut schema.exports),
        _ => ("import", &mut schema.imports),
    };
    let mut usable: Vec<&mut Interface> = interfaces
        .iter_mut()
        .filter(|i| !i.functions.is_empty())
        .collect();
    if usable.is_empty() {
        return None;
    }
    let interface = usable.swap_remove(choices.below(usable.len()));
    let at = choices.below(interface.functions.len());
    let key =
        |interface: &Interface, function: &Function| (side, function_name(interface, function));
    let mut functions = BTreeSet::from([key(interface, &interface.functions[at])]);
    let what = match choices.below(7) {
        0 => {
            let new = Function {
                name: "new".into(),
                ..Function::default()
            };
            functions = BTreeSet::from([key(interface, &new)]);
            interface.functions.push(new);
            What::Added(side)
        }
        1 => {
            // The last of an interface takes the interface with it, as far as messages go.
            interface.functions.remove(at);
            What::Removed(side)
        }
        2 => {
            interface.functions[at].name.push_str("-new");
            functions.insert(key(interface, &interface.functions[at]));
            What::Changed
        }
        3 => {
            // The whole interface is missing; of the world itself, each function.
            functions.extend(interface.functions.iter().map(|f| key(interface, f)));
            for name in [&interface.name, NEW_INTERFACE] {
                functions.insert((side, name.into()));
            }
            interface.name = NEW_INTERFACE.into();
            What::Changed
        }
        4 => {
            let ty = primitive(choices);
            interface.functions[at].params.push(Param {
                name: "new".into(),
                ty,
            });
            What::Changed
        }
        5 if !interface.functions[at].params.is_empty() => {
            let param = &mut interface.functions[at].params[0];
            param.ty = other_type(param.ty, before, choices);
            What::Changed
        }
        _ => {
            let result = &mut interface.functions[at].result;
            *result = match result {
                Some(_) => None,
                None => Some(primitive(choices)),
            };
            What::Changed
        }
    };
    Some(Edit { what, functions })
}

/// What the comparison lets through works: each side reads the values that the other writes.
fn every_sent_value_is_understood(choices: &mut Choices, host: &Contract, package: &Contract) {
    let packages = functions(package);
    for (key, (_, ours)) in functions(host) {
        let Some((_, theirs)) = packages.get(&key) else {
            continue;
        };
        let to_package = key.0 == "export";
        let params = ours.params.iter().zip(&theirs.params);
        let params = params.map(|(a, b)| (a.ty, b.ty, to_package));
        let result = ours.result.into_iter().zip(theirs.result);
        let result = result.map(|(a, b)| (a, b, !to_package));
        for (ours, theirs, to_package) in params.chain(result) {
            let (ours, theirs) = ((host, ours), (package, theirs));
            let (sender, receiver) = if to_package {
                (ours, theirs)
            } else {
                (theirs, ours)
            };
            for _ in 0..3 {
                let value = value(choices, sender.0, sender.1, 20);
                let bytes = encode_value(sender.0, sender.1, &value, Limits::DEFAULT).unwrap();
                let read = decode_value(receiver.0, receiver.1, &bytes, Limits::DEFAULT);
                assert_eq!(read, Ok(value), "{key:?}");
            }
        }
    }
}
