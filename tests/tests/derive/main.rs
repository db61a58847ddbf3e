//! The derives: on people's own types, on generated ones, and where names are taken.

mod attributes;
mod hygiene;
mod recursion;
mod std_types;

use std::rc::Rc;

use pack_abi::__private::{CoreSignature, FunctionInfo, ParamInfo, Way, piece, piece_length};
use pack_abi::convention::{Pass, Role, Signature};
use pack_abi::schema::{Function, Param, ROOT, Type, hash};
use pack_abi::{DecodeErrorKind, Limits, PackType, decode, encode, schema_of};
use pack_codegen::wit::{self, Source};

/// There and back, with the schema the type claims.
fn same<T: pack::GraphValue + PackType + PartialEq + std::fmt::Debug>(value: &T) -> String {
    let bytes = encode(value).unwrap();
    assert_eq!(&decode::<T>(&bytes, Limits::DEFAULT).unwrap(), value);
    let (contract, ty) = schema_of::<T>().unwrap();
    let dynamic = pack_abi::value::decode_value(&contract, ty, &bytes, Limits::DEFAULT).unwrap();
    assert_eq!(
        pack_abi::value::encode_value(&contract, ty, &dynamic, Limits::DEFAULT).unwrap(),
        bytes
    );
    described_alike::<T>();
    contract.describe(ty)
}

/// What the compiler finds out about functions that take and return a type is what is found out from its schema.
fn described_alike<T: PackType>() {
    let (contract, ty) = schema_of::<T>().unwrap();
    let info = FunctionInfo {
        world: "test:derive/derive",
        name: "f",
        docs: "Does it.",
        params: const {
            &[
                ParamInfo::of::<T>("a"),
                ParamInfo::of::<u64>("b"),
                ParamInfo::of::<T>("c"),
                ParamInfo::of::<String>("d"),
                ParamInfo::of::<Vec<T>>("e"),
                ParamInfo::of::<Vec<f32>>("f"),
                ParamInfo::of::<(char, (T, u8))>("g"),
                ParamInfo::of::<(T, T, T, T, T, T, T, T)>("h"),
                ParamInfo::of::<bool>("i"),
            ]
        },
        result: T::INFO,
    };
    const ROOM: usize = 1 << 14;
    let length = piece_length(info.world, Some(&info));
    assert!(length < ROOM, "{length}");
    let mut bytes = piece::<ROOM>(info.world, Some(&info))[..length].to_vec();
    let body = u32::try_from(length - 16).unwrap();
    bytes[12..16].copy_from_slice(&body.to_le_bytes());
    let read = pack_abi::metadata::read(&bytes).unwrap();
    assert_eq!(pack_abi::metadata::write(read.schema()), bytes);
    let function = read.export(ROOT).unwrap().function("f").unwrap();
    assert_eq!(function.docs, info.docs);
    assert_eq!(
        read.display(function.params[0].ty).to_string(),
        contract.display(ty).to_string()
    );

    let whole = CoreSignature::<9>::of(&info);
    let expected = Signature::of(&read, function, Role::Export);
    assert_eq!(whole.result, expected.result);
    assert_eq!(whole.core_result(), expected.core_result());
    let slots: Vec<_> = whole.slots.into_iter().flatten().collect();
    assert_eq!(slots, expected.core_params());
    let mut slot = 0;
    for (place, pass) in whole.places.iter().zip(&expected.params) {
        let way = match pass {
            Pass::Flat(core) => Way::Flat(core.len()),
            Pass::Text => Way::Text,
            Pass::Elements(width) => Way::Elements(*width),
            Pass::Encoded => Way::Encoded,
        };
        assert_eq!(
            (place.way, place.slot),
            (way, slot),
            "{}",
            contract.describe(ty)
        );
        slot += pass.core_count();
    }
    assert_eq!(whole.buffer, expected.has_buffer().then_some(slot));
}

mod own_types {
    use super::*;

    #[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
    pub(crate) struct Pair<A, B> {
        pub(crate) first: A,
        pub(crate) second: B,
    }

    #[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
    pub(crate) struct Meters(pub(crate) f64);

    #[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
    pub(crate) struct Span(pub(crate) u32, pub(crate) String);

    #[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
    pub(crate) struct Unit;

    #[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
    pub(crate) struct Keywords {
        pub(crate) r#type: u8,
        #[pack(rename = "self")]
        pub(crate) self_: u8,
    }

    #[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
    pub(crate) enum Tree<T> {
        Leaf(T),
        Fork(Box<Tree<T>>, Box<Tree<T>>),
    }

    #[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
    pub(crate) enum Shared {
        End,
        Both(Rc<Shared>, Rc<Shared>),
    }

    /// The same, without owners to share.
    #[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
    pub(crate) enum Copied {
        End,
        Both(Box<Copied>, Box<Copied>),
    }

    #[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
    pub(crate) struct Folder {
        pub(crate) entries: Vec<Entry>,
    }

    #[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
    pub(crate) enum Entry {
        File(String),
        Folder(Folder),
    }
}

#[test]
fn own_types_travel() {
    use own_types::*;
    assert_eq!(
        same(&Pair {
            first: 3_u8,
            second: "x".to_owned()
        }),
        "record pair-u8-string"
    );
    assert_eq!(
        same(&Pair {
            first: Pair {
                first: 1_u8,
                second: 2_u8
            },
            second: Some('x')
        }),
        "record pair-pair-u8-u8-option-char"
    );
    assert_eq!(same(&Meters(2.5)), "f64");
    assert_eq!(same(&vec![Meters(2.5), Meters(0.0)]), "list<f64>");
    assert_eq!(same(&Span(1, "x".into())), "tuple<u32, string>");
    assert_eq!(same(&Unit), "record unit");
    assert_eq!(
        same(&Keywords {
            r#type: 1,
            self_: 2
        }),
        "record keywords"
    );
    let leaf = |n: i16| Box::new(Tree::Leaf(n));
    assert_eq!(
        same(&Tree::Fork(leaf(1), Box::new(Tree::Fork(leaf(2), leaf(3))))),
        "variant tree-s16"
    );
    let folder = Folder {
        entries: vec![
            Entry::File("a".into()),
            Entry::Folder(Folder { entries: vec![] }),
        ],
    };
    assert_eq!(same(&folder), "record folder");
}

#[test]
fn sharing_survives_the_journey() {
    use own_types::Shared;
    let mut value = Rc::new(Shared::End);
    for _ in 0..40 {
        value = Rc::new(Shared::Both(value.clone(), value));
    }
    let bytes = encode(&value).unwrap();
    assert!(bytes.len() < 40 * 8, "{}", bytes.len());
    let mut back: Rc<Shared> = decode(&bytes, Limits::DEFAULT).unwrap();
    for _ in 0..40 {
        let Shared::Both(left, right) = &*back else {
            panic!()
        };
        assert!(Rc::ptr_eq(left, right));
        let next = left.clone();
        back = next;
    }
    // Where nothing can be shared, the same bytes are 2^40 nodes.
    let copied = decode::<own_types::Copied>(&bytes, Limits::DEFAULT).unwrap_err();
    assert!(
        matches!(
            copied.kind(),
            DecodeErrorKind::TooManyNodes { .. } | DecodeErrorKind::TooManyBytes { .. }
        ),
        "{copied}"
    );
}

mod generated {
    pack_runtime::bindgen!("wit/shapes.wit");
}

#[test]
fn generated_types_describe_themselves_as_their_wit_does() {
    use generated::test::shapes::types::*;

    let world = wit::parse(&Source::Path("wit/shapes.wit".into()), None).unwrap();
    fn digest(schema: &pack_abi::Schema, ty: Type) -> hash::Hash {
        let params = vec![Param {
            name: "v".into(),
            ty,
        }];
        hash::function(
            schema,
            "i",
            &Function {
                name: "f".into(),
                params,
                ..Function::default()
            },
        )
    }
    let check = |name: &str, (contract, ty): (pack_abi::Contract, Type)| {
        let named = |def: &pack_abi::schema::TypeDef| {
            def.name
                .as_ref()
                .is_some_and(|n| n.name == name && n.owner == "test:shapes/types@0.1.0")
        };
        let at = world.contract.types.iter().position(named).unwrap();
        let theirs = Type::Id(pack_abi::schema::TypeId(at.try_into().unwrap()));
        assert_eq!(
            digest(&contract, ty),
            digest(&world.contract, theirs),
            "{name}"
        );
    };
    check("point", schema_of::<Point>().unwrap());
    check("mixed", schema_of::<Mixed>().unwrap());
    check("person", schema_of::<Person>().unwrap());
    check("empty", schema_of::<Empty>().unwrap());
    check("color", schema_of::<Color>().unwrap());
    check("access", schema_of::<Access>().unwrap());
    check("many", schema_of::<Many>().unwrap());
    check("shape", schema_of::<Shape>().unwrap());
    check("json", schema_of::<Json>().unwrap());
    check("expr", schema_of::<Expr>().unwrap());
    check("tree", schema_of::<Tree>().unwrap());
    check("folder", schema_of::<Folder>().unwrap());
    check("chain", schema_of::<Chain>().unwrap());
    check("link", schema_of::<Link>().unwrap());
}

/// Nothing that generated code uses may be looked up in the user's scope.
#[allow(
    dead_code,
    non_camel_case_types,
    unused_macros,
    reason = "they are there to be in the way"
)]
mod taken_names {
    struct Option;
    struct Result;
    struct Some;
    struct None;
    struct Ok;
    struct Err;
    struct Vec;
    struct String;
    struct Box;
    trait Clone {}
    trait Copy {}
    trait Debug {}
    trait PartialEq {}
    trait Into {}
    trait Iterator {}
    struct u8;
    struct u32;
    struct usize;
    struct bool;
    mod core {}
    mod std {}
    mod alloc {}
    mod pack {}
    mod pack_runtime {}

    mod host {
        ::pack_runtime::bindgen!("wit/calc.wit");
    }

    mod guest {
        ::pack::world!("wit/calc.wit");

        struct Sized;
        struct FnOnce;
        struct Package;

        #[::pack::export]
        impl exports::test::calc::Eval for Package {
            fn evaluate(
                _: test::calc::eval::Expr,
                _: test::calc::eval::Precision,
            ) -> ::core::result::Result<f64, ::std::string::String> {
                ::core::result::Result::Ok(1.0)
            }
            fn count(_: test::calc::eval::Expr) -> ::core::primitive::u32 {
                1
            }
            fn differences(
                samples: ::std::vec::Vec<test::calc::eval::Sample>,
            ) -> ::std::vec::Vec<test::calc::eval::Sample> {
                samples
            }
        }
    }
}

/// The facade may have another name.
mod renamed {
    mod facade {
        pub(crate) use ::pack as guest;
        pub(crate) use ::pack_runtime as host;
    }

    #[derive(Debug, PartialEq, ::pack::GraphValue, ::pack::PackType)]
    #[pack(crate = facade::host)]
    pub(crate) struct Record {
        pub(crate) part: u8,
    }

    #[allow(dead_code, reason = "it compiles, which is all")]
    mod host {
        pack_runtime::bindgen!({ path: "wit/calc.wit", crate: crate::renamed::facade::host });
    }

    #[allow(dead_code, reason = "it compiles, which is all")]
    mod guest {
        pack::world!({ path: "wit/calc.wit", crate: crate::renamed::facade::guest });

        use exports::test::calc::eval as functions;
        use test::calc::eval::{Expr, Precision, Sample};

        #[super::facade::guest::export(functions)]
        fn evaluate(_: Expr, _: Precision) -> Result<f64, String> {
            Ok(1.0)
        }

        #[super::facade::guest::export(functions)]
        fn count(_: Expr) -> u32 {
            1
        }

        #[super::facade::guest::export(functions)]
        fn differences(samples: &mut [Sample]) -> &[Sample] {
            samples
        }
    }
}

#[test]
fn a_renamed_facade_is_found() {
    assert_eq!(same(&renamed::Record { part: 3 }), "record record");
}
