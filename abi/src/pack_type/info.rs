use pack_knot::Knot;

use super::{Identity, cycle};
use crate::schema::{Provider, Type};

/// A part of a type. Following it may lead back.
pub type TypeRef = Knot<TypeInfo>;

/// What a Rust type is in a schema.
#[derive(Debug)]
pub struct TypeInfo {
    /// Which type it is.
    pub identity: &'static Identity,
    /// The documentation comment.
    pub docs: &'static str,
    /// What `#[pack(recursive)]` says, which otherwise is found out.
    pub recursive: Option<bool>,
    /// What the type is made of.
    pub shape: Shape,
}

/// The shapes of types; those of [`TypeKind`](crate::schema::TypeKind), and primitives.
#[derive(Debug)]
#[non_exhaustive]
pub enum Shape {
    /// A primitive.
    Primitive(Type),
    /// Named parts, all present.
    Record(&'static [FieldInfo]),
    /// One of several cases, each with an optional payload.
    Variant(&'static [CaseInfo]),
    /// One of several names.
    Enum(&'static [LabelInfo]),
    /// Any set of several names.
    Flags(&'static [LabelInfo]),
    /// Unnamed parts, all present.
    Tuple(&'static [TypeRef]),
    /// Any number of elements.
    List(TypeRef),
    /// Exactly so many elements.
    FixedList(TypeRef, u32),
    /// Present or absent.
    Option(TypeRef),
    /// Success or failure. The empty tuple stands for no payload.
    Result(TypeRef, TypeRef),
    /// Key and value pairs with distinct keys.
    Map(TypeRef, TypeRef),
    /// A type whose values stay with the side that provides it.
    Resource(Provider),
    /// A handle that owns its resource.
    Own(TypeRef),
    /// A handle of a resource that is lent for one call.
    Borrow(TypeRef),
    /// A generic type inside its own description, which says what it is made of.
    Mention,
}

/// A field of a record.
#[derive(Debug)]
pub struct FieldInfo {
    /// Name as written in WIT.
    pub name: &'static str,
    /// Its type.
    pub ty: TypeRef,
    /// The documentation comment.
    pub docs: &'static str,
}

/// A case of a variant.
#[derive(Debug)]
pub struct CaseInfo {
    /// Name as written in WIT.
    pub name: &'static str,
    /// The payload, if the case has one.
    pub ty: Option<TypeRef>,
    /// The documentation comment.
    pub docs: &'static str,
}

/// A case of an enum, or one flag.
#[derive(Debug)]
pub struct LabelInfo {
    /// Name as written in WIT.
    pub name: &'static str,
    /// The documentation comment.
    pub docs: &'static str,
}

impl TypeInfo {
    /// A type without documentation.
    pub const fn new(identity: &'static Identity, shape: Shape) -> Self {
        Self {
            identity,
            docs: "",
            recursive: None,
            shape,
        }
    }

    /// Whether the type is a record or variant on a cycle of types, so that its values carry a node head.
    pub const fn is_recursive(&'static self) -> bool {
        match (self.recursive, &self.shape) {
            (Some(said), _) => said,
            (None, Shape::Record(_) | Shape::Variant(_)) => {
                cycle::leads_to(self, self.identity.id())
            }
            (None, _) => false,
        }
    }

    /// The same, as far as it is known: inside the description of another type, that one is only mentioned.
    pub(super) const fn known_recursion(&'static self) -> Option<bool> {
        match (self.recursive, &self.shape) {
            (None, Shape::Record(_) | Shape::Variant(_)) => {
                cycle::known_to_lead_to(self, self.identity.id())
            }
            _ => Some(self.is_recursive()),
        }
    }

    /// Whether the type is the empty tuple, which a result writes as no payload at all.
    pub const fn is_unit(&self) -> bool {
        matches!(self.shape, Shape::Tuple([]))
    }

    /// Whether it has a name in WIT.
    pub(super) const fn has_name(&self) -> bool {
        matches!(
            self.shape,
            Shape::Record(_)
                | Shape::Variant(_)
                | Shape::Enum(_)
                | Shape::Flags(_)
                | Shape::Resource(_)
        )
    }

    /// How many parts it has, cases without a payload included.
    pub(crate) const fn parts(&self) -> usize {
        match self.shape {
            Shape::Record(fields) => fields.len(),
            Shape::Variant(cases) => cases.len(),
            Shape::Tuple(parts) => parts.len(),
            Shape::List(_) | Shape::FixedList(..) | Shape::Option(_) => 1,
            Shape::Own(_) | Shape::Borrow(_) => 1,
            Shape::Result(..) | Shape::Map(..) => 2,
            Shape::Primitive(_) | Shape::Enum(_) | Shape::Flags(_) => 0,
            Shape::Resource(_) | Shape::Mention => 0,
        }
    }

    /// The type of a part, unless it is a case without a payload.
    #[allow(
        clippy::indexing_slicing,
        reason = "the caller has asked how many there are, and the compiler runs this"
    )]
    pub(crate) const fn part(&self, at: usize) -> Option<TypeRef> {
        match self.shape {
            Shape::Record(fields) => Some(fields[at].ty),
            Shape::Variant(cases) => cases[at].ty,
            Shape::Tuple(parts) => Some(parts[at]),
            Shape::List(part)
            | Shape::FixedList(part, _)
            | Shape::Option(part)
            | Shape::Own(part)
            | Shape::Borrow(part) => Some(part),
            Shape::Result(ok, err) => some(if at == 0 { ok } else { err }),
            Shape::Map(key, value) => Some(if at == 0 { key } else { value }),
            Shape::Primitive(_)
            | Shape::Enum(_)
            | Shape::Flags(_)
            | Shape::Resource(_)
            | Shape::Mention => None,
        }
    }

    /// What a case of a variant holds.
    pub(crate) const fn payload(&self, case: usize) -> Option<TypeRef> {
        match self.shape {
            Shape::Variant(cases) => match cases.split_at_checked(case) {
                Some((_, [case, ..])) => case.ty,
                _ => None,
            },
            _ => None,
        }
    }
}

/// What stands for a type where the empty tuple stands for none.
pub(super) const fn some(ty: TypeRef) -> Option<TypeRef> {
    if ty.get().is_unit() { None } else { Some(ty) }
}
