//! Values at the depth limit, on threads with the default stack of 2 MiB, also in unoptimized builds.

use std::thread;

use pack_abi::value::{MAX_LEVELS, decode_value, encode_value};
use pack_abi::{Limits, decode, encode, schema_of};

mod generated {
    pack_runtime::bindgen!("wit/shapes.wit");
}

use generated::test::shapes::types::*;

/// The standard library's default for threads.
const STACK: usize = 2 << 20;

fn with_default_stack(run: impl FnOnce() + Send) {
    thread::scope(|scope| {
        thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, run)
            .unwrap()
            .join()
            .unwrap()
    });
}

/// The shapes of recursion, each with so many levels.
fn nested(limit: u32) -> (Json, Json, Expr, Tree, Folder, Chain) {
    let (mut list, mut object) = (Json::Null, Json::Text("x".into()));
    let mut tree = Tree {
        value: 0,
        children: vec![],
    };
    let mut chain = Chain {
        value: 0,
        next: None,
    };
    for at in 1..limit {
        list = Json::Array(vec![list]);
        object = Json::Object(vec![("key".into(), object)]);
        tree = Tree {
            value: at,
            children: vec![tree],
        };
        chain = Chain {
            value: 1,
            next: Some(Box::new(chain)),
        };
    }
    let (mut expr, mut folder) = (
        Expr::Literal(1),
        Folder {
            name: "x".into(),
            entries: vec![],
        },
    );
    for _ in 0..(limit - 1) / 2 {
        let binary = Binary {
            op: 1,
            left: Box::new(Expr::Literal(2)),
            right: Box::new(expr),
        };
        expr = Expr::Binary(Box::new(binary));
        folder = Folder {
            name: "y".into(),
            entries: vec![Entry::Folder(folder)],
        };
    }
    (list, object, expr, tree, folder, chain)
}

#[test]
fn typed_values_at_the_limit_fit_a_threads_default_stack() {
    with_default_stack(|| {
        let values = nested(Limits::DEFAULT.depth);
        let copy = values.clone();
        assert!(copy == values);
        assert!(!format!("{values:?}").is_empty());
        macro_rules! there_and_back {
            ($($at:tt),*) => {
                $({
                    let bytes = encode(&values.$at).unwrap();
                    assert!(decode(&bytes, Limits::DEFAULT).as_ref() == Ok(&values.$at));
                })*
            };
        }
        there_and_back!(0, 1, 2, 3, 4, 5);
    });
}

#[test]
fn dynamic_values_at_the_limit_fit_a_threads_default_stack() {
    with_default_stack(|| {
        let values = nested(MAX_LEVELS / 3);
        macro_rules! there_and_back {
            ($($at:tt: $ty:ty),*) => {
                $({
                    let bytes = encode(&values.$at).unwrap();
                    let (contract, ty) = schema_of::<$ty>().unwrap();
                    let value = decode_value(&contract, ty, &bytes, Limits::DEFAULT).unwrap();
                    assert!(value.clone() == value);
                    assert!(!format!("{value:?}").is_empty());
                    assert!(encode_value(&contract, ty, &value, Limits::DEFAULT).unwrap() == bytes);
                })*
            };
        }
        there_and_back!(0: Json, 1: Json, 2: Expr, 3: Tree, 4: Folder, 5: Chain);
    });
}
