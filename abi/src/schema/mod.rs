//! The schema of a package: the types, interfaces and functions of one WIT world.
//!
//! Types live in one table and name each other by index, so cycles are plain. One model serves every
//! stage: the WIT parser fills it, [`PackType`](crate::PackType) describes it, a package's metadata carries it,
//! and dynamic [`Value`](crate::Value)s are checked against it.
//!
//! * [`Schema`]: plain data, as parsed or decoded; nothing in it is trusted.
//! * [`Contract`]: a schema that has been checked, with what the wire needs to know of each type.
//! * [`diff`]: whether two schemas fit each other, and if not where.
//! * [`Contract::to_wit`]: a contract as WIT text.
//! * [`hash`]: one digest per function, equal only if the functions are equal.

pub(crate) mod canonical;
mod contract;
pub mod diff;
mod display;
mod graph;
pub mod hash;
pub(crate) mod join;
mod wit;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

pub use canonical::FORMAT_VERSION;
pub(crate) use canonical::READ_LIMITS;
pub use contract::{Contract, MAX_NESTING, MAX_TYPES, SchemaError};
pub use display::TypeDisplay;
pub use graph::{components, finite, reaching};
pub use wit::{MAX_WIT_LENGTH, WitError};

/// The name under which a world's own functions (those outside any interface) are grouped, and the
/// core module name their imports carry.
pub const ROOT: &str = "$root";

/// Precedes the owner of types that an interface has twice, because it is imported and exported and has resources:
/// those of its exports.
pub const EXPORTS: &str = "$exports/";

/// Everything one WIT world says about data and functions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema {
    /// The world's qualified name: `namespace:package/world@version`.
    pub world: String,
    /// The type table. A [`Type::Id`] is an index into it.
    pub types: Vec<TypeDef>,
    /// Interfaces the guest calls. Functions of the world itself are under [`ROOT`].
    pub imports: Vec<Interface>,
    /// Interfaces the guest provides. Functions of the world itself are under [`ROOT`].
    pub exports: Vec<Interface>,
}

/// Functions that belong together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interface {
    /// `namespace:package/interface@version`, the bare name of an interface written inside the world,
    /// or [`ROOT`].
    pub name: String,
    /// The functions, in source order.
    pub functions: Vec<Function>,
    /// The documentation comment.
    pub docs: String,
}

/// One function signature.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Function {
    /// Name as written in WIT; that of a resource's function as [`FunctionKind`] has it.
    pub name: String,
    /// Parameters, in order.
    pub params: Vec<Param>,
    /// The result, if the function has one.
    pub result: Option<Type>,
    /// Whether it is an `async func`. No [`Contract`] has one yet.
    pub is_async: bool,
    /// The documentation comment.
    pub docs: String,
}

/// What a function is to the resources of its interface, as its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunctionKind<'a> {
    /// Nothing: `name`.
    Free,
    /// `[constructor]resource`
    Constructor {
        /// The resource's name.
        resource: &'a str,
    },
    /// `[method]resource.name`, whose first parameter is a borrowed handle.
    Method {
        /// The resource's name.
        resource: &'a str,
        /// The method's name.
        name: &'a str,
    },
    /// `[static]resource.name`
    Static {
        /// The resource's name.
        resource: &'a str,
        /// The function's name.
        name: &'a str,
    },
}

/// A named parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Name as written in WIT.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// An index into [`Schema::types`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub u32);

impl TypeId {
    /// The index as a `usize`.
    pub fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// A reference to a type: a primitive, or an entry of the type table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the primitives are WIT's own")]
pub enum Type {
    Bool,
    U8,
    U16,
    U32,
    U64,
    S8,
    S16,
    S32,
    S64,
    F32,
    F64,
    Char,
    String,
    /// An entry of the type table.
    Id(TypeId),
}

/// An entry of the type table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeDef {
    /// The name, for types that have one. Records, variants, enums, flags and aliases always do.
    pub name: Option<TypeName>,
    /// What the type is made of.
    pub kind: TypeKind,
    /// The documentation comment.
    pub docs: String,
}

/// A type's qualified name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeName {
    /// The interface or world that declares the type, by the name it has in [`Interface::name`] or
    /// [`Schema::world`]; empty for a Rust type that was never given one.
    pub owner: String,
    /// Name as written in WIT.
    pub name: String,
}

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.owner.is_empty() {
            write!(f, "{}/", self.owner)?;
        }
        f.write_str(&self.name)
    }
}

/// The shapes a type can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeKind {
    /// Named parts, all present.
    Record(Vec<Field>),
    /// One of several cases, each with an optional payload.
    Variant(Vec<Case>),
    /// One of several names.
    Enum(Vec<Label>),
    /// Any set of several names.
    Flags(Vec<Label>),
    /// Unnamed parts, all present.
    Tuple(Vec<Type>),
    /// Any number of elements.
    List(Type),
    /// Exactly so many elements.
    FixedList(Type, u32),
    /// Present or absent.
    Option(Type),
    /// Success or failure, each with an optional payload.
    Result {
        /// Payload of success.
        ok: Option<Type>,
        /// Payload of failure.
        err: Option<Type>,
    },
    /// Key and value pairs with distinct keys.
    Map(Type, Type),
    /// A type whose values stay where they are. Only handles of them travel.
    Resource(Provider),
    /// A handle that comes with its resource: whoever receives it decides when the resource is dropped.
    Own(Type),
    /// A handle of a resource that is lent for one call. Only parameters have it.
    Borrow(Type),
    /// Values that arrive one after the other. No [`Contract`] has one yet.
    Stream(Option<Type>),
    /// A value that arrives later. No [`Contract`] has one yet.
    Future(Option<Type>),
    /// Another name for a type. Aliases matter to generated code only; the wire, the hashes and the
    /// comparison look through them.
    Alias(Type),
}

/// The side that implements a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// The host: the resource is declared in an imported interface.
    Host,
    /// The package: the resource is declared in an exported interface.
    Package,
}

/// A field of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Name as written in WIT.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// The documentation comment.
    pub docs: String,
}

/// A case of a variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Name as written in WIT.
    pub name: String,
    /// The payload, if the case has one.
    pub ty: Option<Type>,
    /// The documentation comment.
    pub docs: String,
}

/// A case of an enum, or one flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Name as written in WIT.
    pub name: String,
    /// The documentation comment.
    pub docs: String,
}

impl Schema {
    /// The entry a reference names, or `None` for a primitive (or an index outside the table, which a
    /// [`Contract`] rules out).
    pub fn def(&self, ty: Type) -> Option<&TypeDef> {
        match ty {
            Type::Id(id) => self.types.get(id.index()),
            _ => None,
        }
    }

    /// The type behind any chain of aliases.
    ///
    /// An alias that leads to itself is answered with itself; a [`Contract`] has none.
    pub fn resolve(&self, ty: Type) -> Type {
        let mut current = ty;
        for _ in 0..=self.types.len() {
            match self.def(current).map(|def| &def.kind) {
                Some(TypeKind::Alias(target)) => current = *target,
                _ => return current,
            }
        }
        ty
    }

    /// The shape of a type, seen through aliases; `None` for a primitive.
    pub fn kind(&self, ty: Type) -> Option<&TypeKind> {
        self.def(self.resolve(ty)).map(|def| &def.kind)
    }

    /// A WIT-like rendering of a type for messages: `list<expr>`, `u32`.
    pub fn display(&self, ty: Type) -> TypeDisplay<'_> {
        TypeDisplay::new(self, ty)
    }

    /// Every function, with its interface: those of the imports first.
    pub fn functions(&self) -> impl Iterator<Item = (&Interface, &Function)> {
        let interfaces = self.imports.iter().chain(&self.exports);
        interfaces.flat_map(|interface| interface.functions.iter().map(move |f| (interface, f)))
    }

    /// The imported interface of that name.
    pub fn import(&self, interface: &str) -> Option<&Interface> {
        self.imports.iter().find(|i| i.name == interface)
    }

    /// The exported interface of that name.
    pub fn export(&self, interface: &str) -> Option<&Interface> {
        self.exports.iter().find(|i| i.name == interface)
    }
}

impl<'a> FunctionKind<'a> {
    /// What the function of this name is to the resources of its interface.
    pub fn of(name: &'a str) -> Self {
        let Some((kind, rest)) = name.strip_prefix('[').and_then(|n| n.split_once(']')) else {
            return Self::Free;
        };
        match (kind, rest.split_once('.')) {
            ("constructor", None) => Self::Constructor { resource: rest },
            ("method", Some((resource, name))) => Self::Method { resource, name },
            ("static", Some((resource, name))) => Self::Static { resource, name },
            _ => Self::Free,
        }
    }
}

impl Function {
    /// What the function is to the resources of its interface.
    pub fn kind(&self) -> FunctionKind<'_> {
        FunctionKind::of(&self.name)
    }

    /// The resource that the function belongs to.
    pub fn resource(&self) -> Option<&str> {
        match self.kind() {
            FunctionKind::Free => None,
            FunctionKind::Constructor { resource }
            | FunctionKind::Method { resource, .. }
            | FunctionKind::Static { resource, .. } => Some(resource),
        }
    }
}

impl Interface {
    /// The function of that name.
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|f| f.name == name)
    }

    /// The interface's own name without package and version: `query` of `demo:json-query/query@1.0.0`.
    pub fn short_name(&self) -> &str {
        short_name(&self.name)
    }
}

/// A function as messages name it: `query.run`, or `run` for a function of the world itself; for those of a resource
/// `counters.counter.constructor`, `counters.counter.increment`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunctionName<'a> {
    /// The interface's qualified name.
    pub interface: &'a str,
    /// The function's name.
    pub function: &'a str,
}

impl fmt::Display for FunctionName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.interface != ROOT {
            write!(f, "{}.", short_name(self.interface))?;
        }
        match FunctionKind::of(self.function) {
            FunctionKind::Free => f.write_str(self.function),
            FunctionKind::Constructor { resource } => write!(f, "{resource}.constructor"),
            FunctionKind::Method { resource, name } | FunctionKind::Static { resource, name } => {
                write!(f, "{resource}.{name}")
            }
        }
    }
}

/// The last part of a qualified name, without its version.
pub fn short_name(qualified: &str) -> &str {
    let unversioned = qualified
        .split_once('@')
        .map_or(qualified, |(head, _)| head);
    unversioned
        .rsplit_once('/')
        .map_or(unversioned, |(_, tail)| tail)
}

/// The name a function has among a core module's exports: `namespace:package/interface@version#function`, and
/// `$root#function` for a function of the world itself, so that none can meet a symbol of the guest's own.
pub fn core_export_name(interface: &str, function: &str) -> String {
    alloc::format!("{interface}#{function}")
}

impl TypeKind {
    /// The same shape of other types.
    pub(crate) fn map(&self, to: &dyn Fn(Type) -> Type) -> Self {
        let optional = |ty: &Option<Type>| ty.map(to);
        match self {
            Self::Record(fields) => {
                let mut fields = fields.clone();
                for field in &mut fields {
                    field.ty = to(field.ty);
                }
                Self::Record(fields)
            }
            Self::Variant(cases) => {
                let mut cases = cases.clone();
                for case in &mut cases {
                    case.ty = optional(&case.ty);
                }
                Self::Variant(cases)
            }
            Self::Enum(_) | Self::Flags(_) | Self::Resource(_) => self.clone(),
            Self::Tuple(parts) => Self::Tuple(parts.iter().copied().map(to).collect()),
            Self::List(ty) => Self::List(to(*ty)),
            Self::FixedList(ty, count) => Self::FixedList(to(*ty), *count),
            Self::Option(ty) => Self::Option(to(*ty)),
            Self::Result { ok, err } => Self::Result {
                ok: optional(ok),
                err: optional(err),
            },
            Self::Map(key, value) => Self::Map(to(*key), to(*value)),
            Self::Alias(ty) => Self::Alias(to(*ty)),
            Self::Own(ty) => Self::Own(to(*ty)),
            Self::Borrow(ty) => Self::Borrow(to(*ty)),
            Self::Stream(ty) => Self::Stream(optional(ty)),
            Self::Future(ty) => Self::Future(optional(ty)),
        }
    }

    /// Every type this shape refers to, in order.
    pub fn references(&self) -> Vec<Type> {
        match self {
            Self::Record(fields) => fields.iter().map(|f| f.ty).collect(),
            Self::Variant(cases) => cases.iter().filter_map(|c| c.ty).collect(),
            Self::Enum(_) | Self::Flags(_) => Vec::new(),
            Self::Tuple(parts) => parts.clone(),
            Self::List(ty)
            | Self::FixedList(ty, _)
            | Self::Option(ty)
            | Self::Alias(ty)
            | Self::Own(ty)
            | Self::Borrow(ty) => alloc::vec![*ty],
            Self::Resource(_) => Vec::new(),
            Self::Stream(ty) | Self::Future(ty) => ty.iter().copied().collect(),
            Self::Result { ok, err } => ok.iter().chain(err).copied().collect(),
            Self::Map(key, value) => alloc::vec![*key, *value],
        }
    }

    /// The types a value of this shape holds directly, without a heap indirection of its own: what a Rust
    /// type of this shape would embed.
    pub fn embedded(&self) -> Vec<Type> {
        match self {
            Self::List(_) | Self::Map(..) => Vec::new(),
            other => other.references(),
        }
    }

    /// The WIT keyword of the shape, for messages.
    pub fn keyword(&self) -> &'static str {
        match self {
            Self::Record(_) => "record",
            Self::Variant(_) => "variant",
            Self::Enum(_) => "enum",
            Self::Flags(_) => "flags",
            Self::Tuple(_) => "tuple",
            Self::List(_) | Self::FixedList(..) => "list",
            Self::Option(_) => "option",
            Self::Result { .. } => "result",
            Self::Map(..) => "map",
            Self::Resource(_) => "resource",
            Self::Own(_) => "own",
            Self::Borrow(_) => "borrow",
            Self::Stream(_) => "stream",
            Self::Future(_) => "future",
            Self::Alias(_) => "type",
        }
    }
}
