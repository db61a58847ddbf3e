//! Which types have a node head: found out by the compiler, for each instance of a generic type, and the same as in the
//! schema.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use pack::{GraphValue, PackType};
use pack_abi::GraphValue as Value;

use super::same;

/// There and back, and whether the type has a node head. `same` compares with the schema.
fn recursive<T: Value + PackType + PartialEq + std::fmt::Debug>(expected: bool, value: &T) {
    let name = same(value);
    assert_eq!(T::NODE.is_some(), expected, "{name}");
}

#[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
struct Spanned<T> {
    node: T,
    at: u32,
}

fn spanned<T>(node: T) -> Spanned<T> {
    Spanned { node, at: 7 }
}

mod two {
    use super::*;

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct Folder {
        pub(super) name: String,
        pub(super) entries: Vec<Entry>,
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) enum Entry {
        File(String),
        Folder(Folder),
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct Disk {
        pub(super) root: Folder,
    }
}

#[test]
fn a_cycle_of_two_types() {
    use two::*;
    let inner = Folder {
        name: "inner".into(),
        entries: vec![Entry::File("x".into())],
    };
    let outer = Folder {
        name: "outer".into(),
        entries: vec![Entry::Folder(inner)],
    };
    recursive(true, &outer);
    recursive(true, &Entry::Folder(outer.clone()));
    // It contains recursive types, but is none.
    recursive(false, &Disk { root: outer });
}

mod three {
    use super::*;

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct Function {
        pub(super) body: Vec<Statement>,
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) enum Statement {
        Return(Expression),
        Break,
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) enum Expression {
        Number(f64),
        Closure(Box<Function>),
        Operator(Operator),
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) enum Operator {
        Plus,
        Minus,
    }
}

#[test]
fn a_cycle_of_three_types() {
    use three::*;
    let inner = Function {
        body: vec![
            Statement::Break,
            Statement::Return(Expression::Operator(Operator::Plus)),
        ],
    };
    let closure = Expression::Closure(Box::new(inner));
    recursive(true, &closure);
    recursive(true, &Statement::Return(closure.clone()));
    recursive(
        true,
        &Function {
            body: vec![Statement::Return(closure)],
        },
    );
    recursive(false, &Operator::Minus);
}

mod twenty {
    use super::*;

    macro_rules! chain {
        ($($name:ident -> $next:ident),*) => {
            $(#[derive(Debug, Clone, PartialEq, Default, GraphValue, PackType)]
            pub(super) struct $name {
                pub(super) next: Option<Box<$next>>,
            })*
        };
    }

    chain!(
        A -> B, B -> C, C -> D, D -> E, E -> F, F -> G, G -> H, H -> I, I -> J, J -> K, K -> L, L -> M, M -> N,
        N -> O, O -> P, P -> Q, Q -> R, R -> S, S -> T, T -> A
    );
}

#[test]
fn a_cycle_of_twenty_types() {
    use twenty::*;
    let a = A {
        next: Some(Box::new(B::default())),
    };
    recursive(true, &a);
    recursive(
        true,
        &T {
            next: Some(Box::new(a)),
        },
    );
    recursive(true, &J::default());
}

mod unnamed {
    use super::*;

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct Items(pub(super) Vec<Item>);

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct Labelled(pub(super) String, pub(super) Items);

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct Item {
        pub(super) below: Option<Labelled>,
    }
}

#[test]
fn a_cycle_through_structs_without_field_names() {
    use unnamed::*;
    let leaf = Item { below: None };
    let item = Item {
        below: Some(Labelled("x".into(), Items(vec![leaf]))),
    };
    recursive(true, &item);
    recursive(false, &Items(vec![item]));
}

mod cases {
    use super::*;

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) enum Shape {
        Circle { radius: f64 },
        Group { shapes: Vec<Shape>, name: String },
        Pair(Box<Shape>, Box<Shape>),
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) enum Chain<T> {
        End {},
        Link { item: T, next: Box<Chain<T>> },
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) enum Plain {
        Point { x: i16, y: i16 },
        Nothing,
    }
}

#[test]
fn cases_with_named_fields() {
    use cases::*;
    let circle = || Shape::Circle { radius: 1.5 };
    recursive(true, &circle());
    let group = Shape::Group {
        shapes: vec![
            circle(),
            Shape::Pair(Box::new(circle()), Box::new(circle())),
        ],
        name: "g".into(),
    };
    recursive(true, &group);
    let chain = Chain::Link {
        item: 'x',
        next: Box::new(Chain::Link {
            item: 'y',
            next: Box::new(Chain::End {}),
        }),
    };
    recursive(true, &chain);
    recursive(false, &spanned(chain));
    recursive(false, &Plain::Point { x: 1, y: -1 });
    recursive(false, &Plain::Nothing);
}

/// The record of a case is a type of its own: its head is there if it lies on the cycle, and can be led back to.
#[test]
fn the_record_of_a_case_is_a_node_if_it_lies_on_the_cycle() {
    use cases::*;
    assert_eq!(
        pack_abi::encode(&Shape::Circle { radius: 0.0 }).unwrap(),
        [0, 0, 0, 0, 0, 0, 0, 0, 0],
        "no head for the record of the circle"
    );
    let group = Shape::Group {
        shapes: vec![],
        name: String::new(),
    };
    let bytes = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(pack_abi::encode(&group).unwrap(), bytes);
    // A pair of two groups, the second of which has the record of the first.
    let shared = [&[2][..], &bytes, &[1, 0xff, 2, 0, 0, 0]].concat();
    let pair = Shape::Pair(Box::new(group.clone()), Box::new(group));
    assert_eq!(
        pack_abi::decode::<Shape>(&shared, pack_abi::Limits::DEFAULT).unwrap(),
        pair
    );
    let (contract, ty) = pack_abi::schema_of::<Shape>().unwrap();
    assert!(
        pack_abi::value::decode_value(&contract, ty, &shared, pack_abi::Limits::DEFAULT).is_ok()
    );
}

mod generic {
    use super::*;

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) enum Expr {
        Number(u32),
        Negate(Box<Spanned<Expr>>),
    }

    /// Generic itself, and refers to itself through another generic type.
    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) enum Tree<T> {
        Leaf(T),
        Fork(Vec<Spanned<Tree<T>>>),
    }

    /// A cycle of nothing but generic types.
    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct Noted<A> {
        pub(super) note: A,
        pub(super) kind: Kind<A>,
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) enum Kind<A> {
        Leaf,
        Fork(Box<Noted<A>>, Box<Noted<A>>),
    }

    /// Changes its parameters on the way.
    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct Zip<A, B> {
        pub(super) first: A,
        pub(super) rest: Option<Box<Zip<B, A>>>,
    }

    /// On a cycle only through the parameter of another type.
    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct Link {
        pub(super) notes: Vec<Noted<Link>>,
    }

    /// Bounds on the type itself.
    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct Sorted<T: Ord + Clone + GraphValue> {
        pub(super) item: T,
        pub(super) rest: Option<Box<Sorted<T>>>,
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct Grid<T, const N: usize> {
        pub(super) cells: [T; N],
        pub(super) inner: Vec<Grid<T, N>>,
    }
}

#[test]
fn each_instance_of_a_generic_type_by_itself() {
    use generic::*;
    recursive(false, &spanned(3_u32));
    let number = || Expr::Number(3);
    recursive(true, &number());
    recursive(true, &spanned(Expr::Negate(Box::new(spanned(number())))));
    recursive(false, &spanned(spanned(number())));

    let tree = || Tree::Fork(vec![spanned(Tree::Leaf(1_u8)), spanned(Tree::Fork(vec![]))]);
    recursive(true, &tree());
    recursive(true, &spanned(tree()));
    recursive(false, &spanned(spanned(tree())));
    recursive(true, &Tree::Leaf(Tree::Leaf(number())));

    let leaf = |note: char| Noted {
        note,
        kind: Kind::Leaf,
    };
    let fork = Kind::Fork(Box::new(leaf('a')), Box::new(leaf('b')));
    recursive(true, &fork);
    recursive(
        true,
        &Noted {
            note: 'c',
            kind: fork,
        },
    );

    let link = Link {
        notes: vec![Noted {
            note: Link { notes: vec![] },
            kind: Kind::Leaf,
        }],
    };
    recursive(true, &link.notes[0]);
    recursive(true, &link);

    let zip = Zip {
        first: 1_u8,
        rest: Some(Box::new(Zip {
            first: 'x',
            rest: None,
        })),
    };
    recursive(true, &zip);
    recursive(
        true,
        &Sorted {
            item: 1_u16,
            rest: None,
        },
    );
    recursive(
        true,
        &Grid {
            cells: [1_u8, 2],
            inner: vec![],
        },
    );
}

/// Cycles that go through the parameters of no type: through numbers, through types with bounds of any kind, through
/// types written out, by default or by another name.
mod beside_parameters {
    use super::*;
    use std::fmt::Display;

    /// Not the one of the standard library.
    pub(super) trait Hash {
        type Of: GraphValue + PackType + Clone + PartialEq + std::fmt::Debug;
    }

    impl Hash for u8 {
        type Of = u16;
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct Numbered<const N: usize> {
        pub(super) own: [u8; N],
        pub(super) parts: Vec<Numbered<N>>,
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct ToThree<const N: usize> {
        pub(super) own: [u8; N],
        pub(super) parts: Vec<ToThree<3>>,
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct Shown<T: Display>
    where
        Vec<T>: Clone,
    {
        pub(super) own: T,
        pub(super) parts: Vec<Shown<T>>,
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    #[pack(recursive)]
    pub(super) struct Said<T: Display> {
        pub(super) own: T,
        pub(super) parts: Vec<Said<T>>,
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) enum Phased<P: Hash> {
        Literal(P::Of),
        Sum(Box<Phased<P>>, Box<Beside<P>>),
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct Beside<P: Hash> {
        pub(super) it: Phased<P>,
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct ToBytes<T> {
        pub(super) own: T,
        pub(super) other: Option<Box<ToBytes<u8>>>,
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct ByDefault<T = u8> {
        pub(super) own: T,
        pub(super) parts: Vec<ByDefault>,
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct ByAlias<T> {
        pub(super) own: T,
        pub(super) parts: Vec<Alias>,
    }

    pub(super) type Alias = ByAlias<u8>;

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct This<T> {
        pub(super) own: T,
        pub(super) others: Vec<That<u8>>,
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct That<T> {
        pub(super) own: T,
        pub(super) others: Vec<This<u8>>,
    }

    /// By way of structs without names, generic or not.
    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct Node<T> {
        pub(super) own: T,
        pub(super) labelled: Vec<Labelled<T>>,
        pub(super) pair: Option<Box<Pair>>,
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct Labelled<T>(pub(super) Wrapped<T>, pub(super) u8);

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct Wrapped<T>(pub(super) Node<T>);

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub(super) struct Pair(pub(super) Node<u8>, pub(super) u8);
}

#[test]
fn a_cycle_beside_the_parameters() {
    use beside_parameters::*;

    let numbered = |parts| Numbered { own: [1, 2], parts };
    recursive(true, &numbered(vec![numbered(vec![])]));
    let three = ToThree {
        own: [1, 2, 3],
        parts: vec![],
    };
    recursive(true, &three);
    // It leads to a cycle, but lies on none.
    recursive(
        false,
        &ToThree {
            own: [1],
            parts: vec![three],
        },
    );
    let shown = |own, parts| Shown { own, parts };
    recursive(true, &shown('a', vec![shown('b', vec![])]));
    recursive(
        true,
        &Said {
            own: 1_u8,
            parts: vec![],
        },
    );
    let phased = Phased::<u8>::Sum(
        Box::new(Phased::Literal(1)),
        Box::new(Beside {
            it: Phased::Literal(2),
        }),
    );
    recursive(true, &phased);
    recursive(true, &Beside { it: phased });
    let bytes = ToBytes {
        own: 1_u8,
        other: None,
    };
    recursive(true, &bytes);
    recursive(
        false,
        &ToBytes {
            own: 'x',
            other: Some(Box::new(bytes)),
        },
    );
    recursive(
        true,
        &ByDefault {
            own: 1_u8,
            parts: vec![],
        },
    );
    let alias = Alias {
        own: 1,
        parts: vec![],
    };
    recursive(true, &alias);
    recursive(
        false,
        &ByAlias {
            own: true,
            parts: vec![alias],
        },
    );
    let that = That {
        own: 1_u8,
        others: vec![This {
            own: 2,
            others: vec![],
        }],
    };
    recursive(true, &that);
    recursive(true, &that.others[0]);
    recursive(
        false,
        &This {
            own: 'x',
            others: vec![that],
        },
    );
    let node = |own, labelled| Node {
        own,
        labelled,
        pair: None,
    };
    let inner = node(1_u8, vec![]);
    let outer = Node {
        pair: Some(Box::new(Pair(inner.clone(), 3))),
        ..node(2, vec![Labelled(Wrapped(inner), 4)])
    };
    recursive(true, &outer);
    recursive(false, &Pair(outer, 5));
    recursive(
        true,
        &Node {
            own: 'x',
            labelled: vec![],
            pair: None,
        },
    );
}

mod each_to_each {
    use super::*;

    macro_rules! each_to_each {
        ($($name:ident)*) => { each_to_each!([$($name)*] [$($name)*]); };
        ([$($name:ident)*] $names:tt) => { $(each_to_each!(@ $name $names);)* };
        (@ $name:ident [$($other:ident)*]) => {
            #[derive(Debug, Clone, PartialEq, Default, GraphValue, PackType)]
            #[allow(non_snake_case, reason = "each is called as its type")]
            pub(super) struct $name<T> {
                own: T,
                $(pub(super) $other: Vec<$other<T>>,)*
            }
        };
    }

    each_to_each!(A B C D E);
}

#[test]
fn five_generic_types_that_all_contain_each_other() {
    use each_to_each::*;
    let mut a = A::<u8>::default();
    a.E.push(E::default());
    recursive(true, &a);
    recursive(true, &C::<char>::default());
}

mod long {
    use super::*;

    macro_rules! chain {
        ($($name:ident -> $next:ident),*) => {
            $(#[derive(Debug, Clone, PartialEq, Default, GraphValue, PackType)]
            pub(super) struct $name<X> {
                own: X,
                pub(super) next: Option<Box<$next<X>>>,
            })*
        };
    }

    chain!(
        A -> B, B -> C, C -> D, D -> E, E -> F, F -> G, G -> H, H -> I, I -> J, J -> K, K -> L, L -> A
    );
}

#[test]
fn a_cycle_of_twelve_generic_types() {
    use long::*;
    recursive(true, &A::<u8>::default());
    recursive(true, &L::<A<u8>>::default());
    recursive(false, &spanned(J::<char>::default()));
}

/// The bytes of the same generic type with and without a node head.
#[test]
fn the_head_is_on_the_wire() {
    use generic::*;
    let bytes = |value: &dyn Fn() -> Vec<u8>| value();
    assert_eq!(
        bytes(&|| pack_abi::encode(&spanned(5_u32)).unwrap()),
        [5, 0, 0, 0, 7, 0, 0, 0]
    );
    assert_eq!(
        bytes(&|| pack_abi::encode(&spanned(Expr::Number(5))).unwrap()),
        [0, 0, 5, 0, 0, 0, 7, 0, 0, 0]
    );
}

macro_rules! through {
    ($($name:ident: $container:ty = $of:expr, $empty:expr;)*) => {
        $(mod $name {
            use super::*;

            #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
            pub(super) struct Outer {
                pub(super) inner: Inner,
            }

            #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
            pub(super) struct Inner {
                pub(super) back: $container,
            }

            pub(super) fn nested() -> Outer {
                let of: fn(Outer) -> $container = $of;
                let empty: $container = $empty;
                Outer { inner: Inner { back: of(Outer { inner: Inner { back: empty } }) } }
            }
        })*

        #[test]
        fn a_cycle_through_every_container() {
            $(
                recursive(true, &$name::nested());
                recursive(true, &$name::nested().inner);
            )*
        }
    };
}

through! {
    list: Vec<Outer> = |outer| vec![outer], vec![];
    deque: VecDeque<Outer> = |outer| [outer].into(), [].into();
    boxed_slice: Box<[Outer]> = |outer| [outer].into(), [].into();
    shared_slice: Rc<[Outer]> = |outer| [outer].into(), [].into();
    borrowed: Cow<'static, [Outer]> = |outer| Cow::Owned(vec![outer]), Cow::Borrowed(&[]);
    option_box: Option<Box<Outer>> = |outer| Some(Box::new(outer)), None;
    option_rc: Option<Rc<Outer>> = |outer| Some(Rc::new(outer)), None;
    option_arc: Option<Arc<Outer>> = |outer| Some(Arc::new(outer)), None;
    option_cow: Option<Box<Cow<'static, Outer>>> = |outer| Some(Box::new(Cow::Owned(outer))), None;
    ok: Result<Box<Outer>, u8> = |outer| Ok(Box::new(outer)), Err(1);
    error: Result<(), Box<Outer>> = |outer| Err(Box::new(outer)), Ok(());
    tuple: Option<(u8, Box<Outer>)> = |outer| Some((1, Box::new(outer))), None;
    array: [Option<Box<Outer>>; 2] = |outer| [None, Some(Box::new(outer))], [None, None];
    map: BTreeMap<String, Outer> = |outer| [("k".into(), outer)].into(), [].into();
    hash_map: HashMap<u8, Outer> = |outer| [(1, outer)].into(), [].into();
}

/// Sharing works across types that the compiler found to be recursive.
#[test]
fn what_is_shared_within_a_cycle_is_written_once() {
    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    struct Team {
        members: Vec<Rc<Person>>,
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    struct Person {
        name: String,
        teams: Vec<Team>,
    }

    let ada = Rc::new(Person {
        name: "Ada".into(),
        teams: vec![],
    });
    let team = Team {
        members: vec![ada.clone(), ada],
    };
    let bytes = pack_abi::encode(&team).unwrap();
    assert_eq!(bytes[bytes.len() - 5..], [0xff, 5, 0, 0, 0]);
    let back: Team = pack_abi::decode(&bytes, pack_abi::Limits::DEFAULT).unwrap();
    assert!(Rc::ptr_eq(&back.members[0], &back.members[1]));
}

/// What a type says goes before what is found out, and is compared with the schema.
#[test]
fn a_wrong_word_about_recursion_is_found() {
    use pack_abi::{schema::SchemaError, schema_of};

    #[derive(GraphValue, PackType)]
    #[pack(recursive)]
    struct Plain {
        #[allow(dead_code, reason = "only its type counts")]
        part: u8,
    }

    #[derive(GraphValue, PackType)]
    #[pack(recursive = false)]
    struct Nested {
        #[allow(dead_code, reason = "only its type counts")]
        parts: Vec<Nested>,
    }

    for (error, ty, declared) in [
        (schema_of::<Plain>().unwrap_err(), "record plain", true),
        (schema_of::<Nested>().unwrap_err(), "record nested", false),
    ] {
        let ty = ty.to_owned();
        assert_eq!(error, SchemaError::Recursion { ty, declared });
        assert!(error.to_string().contains("remove it"));
    }
}
