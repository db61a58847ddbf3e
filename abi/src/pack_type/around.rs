use core::marker::PhantomData;

use super::{Identity, PackType, TypeRef};

/// Which generic types a type is being described inside of.
///
/// The description of a generic type is a constant, for there are no generic statics, and constants cannot refer to each
/// other in a circle. So each description passes on to its parts which types they stand inside of, and one of those is
/// mentioned only:
///
/// ```text
/// struct Tree<T> { value: T, kind: Kind<T> }
/// enum Kind<T> { Leaf, Fork(Vec<Tree<T>>) }
///
/// Tree<u8> = record { value: u8, kind: Kind<u8> inside Tree<u8> }
/// Kind<u8> inside Tree<u8> = variant { leaf, fork(list<Tree<u8> inside Kind<u8> inside Tree<u8>>) }
/// Tree<u8> inside Kind<u8> inside Tree<u8> = a mention of Tree<u8>
/// ```
///
/// A type that has a static starts anew: its parts stand inside of nothing.
pub trait Around: 'static {
    /// The types, innermost first.
    const TYPES: Option<&'static Types>;
}

/// A list of types.
#[derive(Debug)]
pub struct Types {
    id: u64,
    rest: Option<&'static Types>,
}

/// Nothing around.
#[derive(Debug)]
pub struct Outside;

impl Around for Outside {
    const TYPES: Option<&'static Types> = None;
}

/// Inside a type, and what that is inside of.
#[derive(Debug)]
pub struct Inside<T, A>(PhantomData<fn() -> (T, A)>);

impl<T: PackType, A: Around> Around for Inside<T, A> {
    const TYPES: Option<&'static Types> = Some(&Types {
        id: T::IDENTITY.id,
        rest: A::TYPES,
    });
}

/// Whether a type stands inside itself.
pub const fn is_inside_itself<T: PackType, A: Around>() -> bool {
    let mut types = A::TYPES;
    while let Some(Types { id, rest }) = types {
        if *id == T::IDENTITY.id {
            return true;
        }
        types = *rest;
    }
    false
}

/// A type whose description depends on what is around it: each that has no static.
pub trait DescribedIn<A: Around>: PackType {
    /// What it is made of.
    const INFO_IN: TypeRef;
}

/// A type with something around it, which stands for the type as a part of others. There are no values of it.
#[derive(Debug)]
pub struct Within<T, A>(PhantomData<fn() -> (T, A)>);

impl<T: DescribedIn<A>, A: Around> PackType for Within<T, A> {
    const IDENTITY: &'static Identity = T::IDENTITY;
    const INFO: TypeRef = T::INFO_IN;
    type In<Other: Around> = Self;
}
