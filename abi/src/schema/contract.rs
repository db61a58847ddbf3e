use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use super::{Function, Interface, Schema, Type, TypeDef, TypeKind, graph};
use crate::wire::Width;

/// The most entries a type table may have.
pub const MAX_TYPES: usize = 1 << 16;

/// The most types that may lie on a path from one recursive type to the next, or to a leaf. It bounds the
/// stack that reading one level of a value takes.
pub const MAX_NESTING: u32 = 100;

/// A schema that has been checked, with what the wire needs to know of each type.
///
/// In a contract every index is inside the table, names are unique where they must be, every type has a
/// finite value, every cycle passes through a record or variant, and nesting outside cycles is bounded.
///
/// ```
/// use pack_abi::Contract;
/// use pack_abi::schema::{Function, Interface, Param, ROOT, Schema, Type};
///
/// let greet = Function {
///     name: "greet".to_owned(),
///     params: vec![Param { name: "name".to_owned(), ty: Type::String }],
///     result: Some(Type::String),
///     ..Function::default()
/// };
/// let root = Interface { name: ROOT.to_owned(), functions: vec![greet], ..Interface::default() };
/// let contract = Contract::new(Schema {
///     world: "demo:greeting/greeting".to_owned(),
///     exports: vec![root],
///     ..Schema::default()
/// })?;
///
/// assert!(contract.to_wit()?.contains("export greet: func(name: string) -> string;"));
/// for (interface, function) in contract.functions() {
///     println!("{} of {}", function.name, interface.name);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Contracts mostly come from elsewhere: from WIT by `pack_codegen::wit`, from a package by
/// [`metadata::read`](crate::metadata::read), from Rust types by [`schema_of`](crate::schema_of). What is in the
/// [`Schema`] can be asked of the contract, by `Deref`.
#[derive(Debug, Clone)]
pub struct Contract {
    schema: Schema,
    facts: Vec<Facts>,
    /// Which types have handles in them.
    handles: Vec<bool>,
}

#[derive(Debug, Clone, Copy)]
struct Facts {
    recursive: bool,
    min_width: u32,
    /// Whether all values take so many.
    fixed: bool,
}

impl Contract {
    /// Checks a schema.
    ///
    /// # Errors
    ///
    /// The first rule the schema breaks, and where.
    pub fn new(schema: Schema) -> Result<Self, SchemaError> {
        if schema.types.len() > MAX_TYPES {
            return Err(SchemaError::TooManyTypes {
                count: schema.types.len(),
            });
        }
        check_references(&schema)?;
        check_names(&schema)?;
        check_keys(&schema)?;
        check_supported(&schema)?;
        check_handles(&schema)?;
        let edges: Vec<Vec<usize>> = schema
            .types
            .iter()
            .map(|def| indices(&def.kind.references()))
            .collect();
        let components = graph::components(&edges);
        check_cycles(&schema, &components)?;
        for (def, finite) in schema.types.iter().zip(graph::finite(&schema)) {
            if !finite {
                return Err(SchemaError::Infinite {
                    place: describe(def),
                });
            }
        }
        let facts = facts(&schema, &components)?;
        let is_handle = |at: usize| {
            let kind = schema.types.get(at).map(|def| &def.kind);
            matches!(kind, Some(TypeKind::Own(_) | TypeKind::Borrow(_)))
        };
        let handles = graph::reaching(&edges, is_handle);
        Ok(Self {
            schema,
            facts,
            handles,
        })
    }

    /// The checked schema.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Whether the type is a record or variant on a cycle, so that its values carry a node head.
    pub fn is_recursive(&self, ty: Type) -> bool {
        match self.schema.resolve(ty) {
            Type::Id(id) => self
                .facts
                .get(id.index())
                .is_some_and(|facts| facts.recursive),
            _ => false,
        }
    }

    /// Whether values of the type have handles of resources in them.
    pub fn has_handles(&self, ty: Type) -> bool {
        match ty {
            Type::Id(id) => self.handles.get(id.index()) == Some(&true),
            _ => false,
        }
    }

    /// Whether the function passes or returns resources.
    pub fn passes_handles(&self, function: &Function) -> bool {
        let params = function.params.iter().map(|param| param.ty);
        params.chain(function.result).any(|ty| self.has_handles(ty))
    }

    /// The fewest bytes a value of the type takes on the wire.
    pub fn min_width(&self, ty: Type) -> u32 {
        min_width(self.schema.resolve(ty), &|id| {
            self.facts.get(id).map_or(0, |f| f.min_width)
        })
    }

    /// The bytes a value of the type takes on the wire, if all take the same and at least one: primitives other than strings,
    /// enums, flags, and records, tuples and fixed lists of those.
    pub fn fixed_width(&self, ty: Type) -> Option<u32> {
        let ty = self.schema.resolve(ty);
        let is_fixed = is_fixed(ty, &|id| self.facts.get(id).is_some_and(|f| f.fixed));
        // Widths too large to count end at the greatest number.
        let width = self.min_width(ty);
        (is_fixed && width > 0 && width < u32::MAX).then_some(width)
    }

    /// The width of the discriminant of a variant or enum with so many cases, given whether it is recursive.
    pub fn discriminant_width(cases: usize, recursive: bool) -> Width {
        Width::for_values(cases.saturating_add(usize::from(recursive)))
    }
}

impl Deref for Contract {
    type Target = Schema;

    fn deref(&self) -> &Schema {
        &self.schema
    }
}

fn table_index(ty: Type) -> Option<usize> {
    match ty {
        Type::Id(id) => Some(id.index()),
        _ => None,
    }
}

fn indices(types: &[Type]) -> Vec<usize> {
    types.iter().copied().filter_map(table_index).collect()
}

fn describe(def: &TypeDef) -> String {
    match &def.name {
        Some(name) => alloc::format!("{} {}", def.kind.keyword(), name.name),
        None => alloc::format!("a {}", def.kind.keyword()),
    }
}

fn check_references(schema: &Schema) -> Result<(), SchemaError> {
    let check = |ty: Type, place: &dyn Fn() -> String| match table_index(ty) {
        Some(index) if index >= schema.types.len() => {
            Err(SchemaError::UnknownType { place: place() })
        }
        _ => Ok(()),
    };
    for def in &schema.types {
        for ty in def.kind.references() {
            check(ty, &|| describe(def))?;
        }
    }
    for interface in schema.imports.iter().chain(&schema.exports) {
        for function in &interface.functions {
            for ty in function.params.iter().map(|p| p.ty).chain(function.result) {
                check(ty, &|| {
                    alloc::format!("{}.{}", interface.short_name(), function.name)
                })?;
            }
        }
    }
    Ok(())
}

fn check_names(schema: &Schema) -> Result<(), SchemaError> {
    let named = schema.types.iter().filter_map(|def| def.name.as_ref());
    for name in named.clone() {
        check_name(&name.name, "-", || {
            alloc::format!("a type of {}", name.owner)
        })?;
        if !name.owner.is_empty() {
            check_name(&name.owner, QUALIFIED, || {
                String::from("the owner of a type")
            })?;
        }
    }
    unique(named, |name| {
        alloc::format!("type {} in {}", name.name, name.owner)
    })?;
    for def in &schema.types {
        let needs_name = matches!(
            def.kind,
            TypeKind::Record(_)
                | TypeKind::Variant(_)
                | TypeKind::Enum(_)
                | TypeKind::Flags(_)
                | TypeKind::Resource(_)
                | TypeKind::Alias(_)
        );
        match (needs_name, &def.name) {
            (true, None) => {
                return Err(SchemaError::Unnamed {
                    place: describe(def),
                });
            }
            // An alias is what names it. Were there two ways to say this, one contract would have two digests.
            (false, Some(name)) => {
                return Err(SchemaError::Named {
                    name: name.name.clone(),
                    kind: def.kind.keyword(),
                });
            }
            _ => {}
        }
        let members: Vec<&str> = match &def.kind {
            TypeKind::Record(fields) => fields.iter().map(|field| field.name.as_str()).collect(),
            TypeKind::Variant(cases) => cases.iter().map(|case| case.name.as_str()).collect(),
            TypeKind::Enum(labels) | TypeKind::Flags(labels) => {
                labels.iter().map(|label| label.name.as_str()).collect()
            }
            _ => Vec::new(),
        };
        if members.is_empty() && matches!(def.kind, TypeKind::Variant(_) | TypeKind::Enum(_)) {
            return Err(SchemaError::NoCases {
                place: describe(def),
            });
        }
        for name in &members {
            check_name(name, "-", || alloc::format!("in {}", describe(def)))?;
        }
        unique(members.into_iter(), |name| {
            alloc::format!("{name} in {}", describe(def))
        })?;
    }
    for side in [&schema.imports, &schema.exports] {
        unique(side.iter().map(|i: &Interface| i.name.as_str()), |n| {
            alloc::format!("interface {n}")
        })?;
        for Interface {
            name: interface,
            functions,
            ..
        } in side
        {
            check_name(interface, QUALIFIED, || String::from("an interface"))?;
            for Function { name, params, .. } in functions {
                check_name(name, "-[].", || alloc::format!("a function of {interface}"))?;
                for param in params {
                    check_name(&param.name, "-", || {
                        alloc::format!("a parameter of {name} in {interface}")
                    })?;
                }
            }
            unique(functions.iter().map(|f| f.name.as_str()), |n| {
                alloc::format!("function {n} in {interface}")
            })?;
        }
    }
    Ok(())
}

/// What a qualified name has besides letters and digits: `namespace:package/interface@1.0.0-rc+1`, or `$root`.
const QUALIFIED: &str = "-:/@.+$";

/// Names end up in core names, where `#` parts them, and in messages.
fn check_name(name: &str, also: &str, place: impl FnOnce() -> String) -> Result<(), SchemaError> {
    if !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || also.contains(c))
    {
        return Ok(());
    }
    Err(SchemaError::Name {
        name: name.escape_debug().take(80).collect(),
        place: place(),
    })
}

/// Keys are compared: those of a map must have one way to be equal, and one to be written.
fn check_keys(schema: &Schema) -> Result<(), SchemaError> {
    for def in &schema.types {
        if let TypeKind::Map(key, _) = &def.kind
            && matches!(schema.resolve(*key), Type::F32 | Type::F64 | Type::Id(_))
        {
            return Err(SchemaError::Key {
                place: describe(def),
            });
        }
    }
    Ok(())
}

/// What the model has a place for, and nothing else yet.
fn check_supported(schema: &Schema) -> Result<(), SchemaError> {
    for def in &schema.types {
        if matches!(def.kind, TypeKind::Stream(_) | TypeKind::Future(_)) {
            let what = def.kind.keyword();
            return Err(SchemaError::Unsupported {
                what,
                place: describe(def),
            });
        }
    }
    for (interface, function) in schema.functions() {
        if function.is_async {
            return Err(SchemaError::Unsupported {
                what: "async func",
                place: super::diff::function_name(interface, function),
            });
        }
    }
    Ok(())
}

/// Handles are of resources, resources travel as handles only, and what is borrowed is not given back.
fn check_handles(schema: &Schema) -> Result<(), SchemaError> {
    let is_resource = |ty: Type| matches!(schema.kind(ty), Some(TypeKind::Resource(_)));
    for def in &schema.types {
        let handle = match def.kind {
            TypeKind::Own(ty) | TypeKind::Borrow(ty) => Some(ty),
            TypeKind::Alias(_) => continue,
            _ => None,
        };
        let fits = match handle {
            Some(ty) => is_resource(ty),
            None => !def.kind.references().into_iter().any(is_resource),
        };
        if !fits {
            return Err(SchemaError::Handle {
                place: describe(def),
            });
        }
    }
    let edges: Vec<Vec<usize>> = schema
        .types
        .iter()
        .map(|def| indices(&def.kind.references()))
        .collect();
    let is_borrow = |at: usize| {
        let def: Option<&TypeDef> = schema.types.get(at);
        def.is_some_and(|def| matches!(def.kind, TypeKind::Borrow(_)))
    };
    let borrows = graph::reaching(&edges, is_borrow);
    for (interface, function) in schema.functions() {
        let place = || super::diff::function_name(interface, function);
        let mut types = function.params.iter().map(|p| p.ty).chain(function.result);
        if types.any(is_resource) {
            return Err(SchemaError::Handle { place: place() });
        }
        let result = function.result.and_then(table_index);
        if result.is_some_and(|at| borrows.get(at) == Some(&true)) {
            return Err(SchemaError::BorrowedResult { place: place() });
        }
    }
    Ok(())
}

fn unique<T: Ord + Copy>(
    names: impl Iterator<Item = T>,
    describe: impl Fn(T) -> String,
) -> Result<(), SchemaError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(SchemaError::Duplicate {
                what: describe(name),
            });
        }
    }
    Ok(())
}

/// A cycle that passes through no record or variant would have no place for a node head, and no Rust type.
fn check_cycles(schema: &Schema, components: &[(usize, bool)]) -> Result<(), SchemaError> {
    let heads = |def: &TypeDef| matches!(def.kind, TypeKind::Record(_) | TypeKind::Variant(_));
    let headless: Vec<Vec<usize>> = schema
        .types
        .iter()
        .zip(components)
        .map(|(def, (own, cyclic))| {
            if heads(def) || !cyclic {
                return Vec::new();
            }
            let inside = |at: &usize| components.get(*at).is_some_and(|(other, _)| other == own);
            indices(&def.kind.references())
                .into_iter()
                .filter(inside)
                .collect()
        })
        .collect();
    for (def, (_, cyclic)) in schema.types.iter().zip(graph::components(&headless)) {
        if cyclic {
            return Err(SchemaError::Headless {
                place: describe(def),
            });
        }
    }
    Ok(())
}

fn min_width(ty: Type, of: &dyn Fn(usize) -> u32) -> u32 {
    match ty {
        Type::Bool | Type::U8 | Type::S8 => 1,
        Type::U16 | Type::S16 => 2,
        Type::U32 | Type::S32 | Type::F32 | Type::Char | Type::String => 4,
        Type::U64 | Type::S64 | Type::F64 => 8,
        Type::Id(id) => of(id.index()),
    }
}

fn is_fixed(ty: Type, of: &dyn Fn(usize) -> bool) -> bool {
    match ty {
        Type::String => false,
        Type::Id(id) => of(id.index()),
        _ => true,
    }
}

fn facts(schema: &Schema, components: &[(usize, bool)]) -> Result<Vec<Facts>, SchemaError> {
    // Recursive heads first: they end every path, so that the rest is a graph without cycles.
    let mut facts: Vec<Option<(Facts, u32)>> = schema
        .types
        .iter()
        .zip(components)
        .map(|(def, (_, cyclic))| {
            let cases = match &def.kind {
                TypeKind::Record(_) => 1,
                TypeKind::Variant(cases) => cases.len(),
                _ => return None,
            };
            let min_width = Contract::discriminant_width(cases, true).bytes();
            cyclic.then_some((
                Facts {
                    recursive: true,
                    min_width,
                    fixed: false,
                },
                0,
            ))
        })
        .collect();
    // An explicit stack: tables may be chains as long as they are large.
    for root in 0..schema.types.len() {
        let mut stack = alloc::vec![root];
        while let Some(at) = stack.last().copied() {
            if facts.get(at).is_some_and(Option::is_some) {
                stack.pop();
                continue;
            }
            let Some(def) = schema.types.get(at) else {
                stack.pop();
                continue;
            };
            let parts = indices(&def.kind.references());
            let before = stack.len();
            stack.extend(
                parts
                    .iter()
                    .filter(|part| facts.get(**part).is_some_and(Option::is_none)),
            );
            if stack.len() > before {
                continue;
            }
            let known = |part: usize| facts.get(part).copied().flatten();
            let width = |ty: Type| min_width(ty, &|id| known(id).map_or(0, |(f, _)| f.min_width));
            let min_width = match &def.kind {
                TypeKind::Record(fields) => sum(fields.iter().map(|f| width(f.ty))),
                TypeKind::Tuple(parts) => sum(parts.iter().map(|ty| width(*ty))),
                TypeKind::Variant(cases) => {
                    let payload = cases
                        .iter()
                        .map(|c| c.ty.map_or(0, width))
                        .min()
                        .unwrap_or(0);
                    Contract::discriminant_width(cases.len(), false)
                        .bytes()
                        .saturating_add(payload)
                }
                TypeKind::Enum(labels) => Contract::discriminant_width(labels.len(), false).bytes(),
                TypeKind::Flags(labels) => {
                    u32::try_from(labels.len().div_ceil(8)).unwrap_or(u32::MAX)
                }
                TypeKind::List(_) | TypeKind::Map(..) | TypeKind::Own(_) | TypeKind::Borrow(_) => 4,
                TypeKind::Resource(_) | TypeKind::Stream(_) | TypeKind::Future(_) => 0,
                TypeKind::FixedList(ty, count) => width(*ty).saturating_mul(*count),
                TypeKind::Option(_) => 1,
                TypeKind::Result { ok, err } => {
                    let payload = |ty: &Option<Type>| ty.map_or(0, width);
                    payload(ok).min(payload(err)).saturating_add(1)
                }
                TypeKind::Alias(ty) => width(*ty),
            };
            let part_is_fixed =
                |ty: Type| is_fixed(ty, &|id| known(id).is_some_and(|(f, _)| f.fixed));
            let fixed = match &def.kind {
                TypeKind::Enum(_) | TypeKind::Flags(_) => true,
                TypeKind::Record(_)
                | TypeKind::Tuple(_)
                | TypeKind::FixedList(..)
                | TypeKind::Alias(_) => def.kind.references().into_iter().all(part_is_fixed),
                _ => false,
            };
            let below = parts
                .iter()
                .filter_map(|part| known(*part))
                .map(|(_, nesting)| nesting)
                .max();
            let nesting = below.unwrap_or(0) + 1;
            if nesting > MAX_NESTING {
                return Err(SchemaError::TooNested {
                    place: describe(def),
                });
            }
            if let Some(slot) = facts.get_mut(at) {
                *slot = Some((
                    Facts {
                        recursive: false,
                        min_width,
                        fixed,
                    },
                    nesting,
                ));
            }
            stack.pop();
        }
    }
    Ok(facts
        .into_iter()
        .flatten()
        .map(|(facts, _)| facts)
        .collect())
}

fn sum(widths: impl Iterator<Item = u32>) -> u32 {
    widths.fold(0, u32::saturating_add)
}

/// A rule of [`Contract`] that a schema breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields say where, in words")]
pub enum SchemaError {
    /// The table is larger than [`MAX_TYPES`].
    TooManyTypes { count: usize },
    /// A reference leads outside the table.
    UnknownType { place: String },
    /// A record, variant, enum, flags or alias has no name.
    Unnamed { place: String },
    /// A type that is none of those has one, where an alias would name it.
    Named { name: String, kind: &'static str },
    /// Two things that must differ in name do not.
    Duplicate { what: String },
    /// A name that WIT does not allow.
    Name { name: String, place: String },
    /// A map whose keys are neither bool, integers, char nor strings.
    Key { place: String },
    /// A variant or enum without cases.
    NoCases { place: String },
    /// A type that has no finite value.
    Infinite { place: String },
    /// A cycle that passes through no record or variant.
    Headless { place: String },
    /// Something that the model has a place for, but calls do not support yet.
    Unsupported { what: &'static str, place: String },
    /// A handle of something that is no resource, or a resource without a handle.
    Handle { place: String },
    /// A function that returns a borrowed handle.
    BorrowedResult { place: String },
    /// More than [`MAX_NESTING`] types inside each other.
    TooNested { place: String },
    /// Two Rust types of one schema have the same WIT name.
    SameName { owner: String, name: String },
    /// A Rust type and its schema disagree on whether the type is recursive.
    Recursion { ty: String, declared: bool },
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyTypes { count } => {
                write!(f, "{count} types, where at most {MAX_TYPES} are allowed")
            }
            Self::UnknownType { place } => {
                write!(f, "{place} refers to a type that the table does not have")
            }
            Self::Unnamed { place } => write!(f, "{place} has no name"),
            Self::Named { name, kind } => {
                write!(
                    f,
                    "`{name}` is a name of `{kind}`, which only an alias gives one"
                )
            }
            Self::Duplicate { what } => write!(f, "{what} is there twice"),
            Self::Name { name, place } => {
                write!(
                    f,
                    "`{name}`, {place}, is not a name as WIT has them: ASCII letters, digits and `-`"
                )
            }
            Self::Key { place } => {
                write!(
                    f,
                    "the keys of {place} are neither bool, integers, char nor strings"
                )
            }
            Self::NoCases { place } => write!(f, "{place} has no cases"),
            Self::Infinite { place } => write!(
                f,
                "{place} contains itself without end: no finite value exists; put an option, a list or a \
                 variant case without it on the way"
            ),
            Self::Headless { place } => write!(
                f,
                "{place} leads to itself through no record or variant; put one of those on the way"
            ),
            Self::Unsupported { what, place } => {
                write!(f, "{place}: `{what}` is not supported yet")
            }
            Self::Handle { place } => write!(
                f,
                "{place}: `own` and `borrow` are of resources, and resources travel as `own` or `borrow` only"
            ),
            Self::BorrowedResult { place } => {
                write!(
                    f,
                    "{place} returns a borrowed handle, which is lent for the call only"
                )
            }
            Self::TooNested { place } => {
                write!(
                    f,
                    "{place} nests more than {MAX_NESTING} types inside each other"
                )
            }
            Self::SameName { owner, name } => {
                write!(f, "two Rust types have the WIT name `{name}`")?;
                if !owner.is_empty() {
                    write!(f, " in {owner}")?;
                }
                f.write_str(": give one of them another, #[pack(rename = \"…\")], or another #[pack(interface = \"…\")]")
            }
            Self::Recursion {
                ty,
                declared: false,
            } => write!(
                f,
                "the Rust type of {ty} says #[pack(recursive = false)] but is part of a cycle: remove it"
            ),
            Self::Recursion { ty, declared: true } => write!(
                f,
                "the Rust type of {ty} says #[pack(recursive)] but is part of no cycle: remove it"
            ),
        }
    }
}

impl core::error::Error for SchemaError {}

impl Contract {
    /// The type's name for messages, in WIT words: `variant json`, `list<json>`, `u32`.
    pub fn describe(&self, ty: Type) -> String {
        match self.schema.def(self.schema.resolve(ty)) {
            Some(def) if def.name.is_some() => describe(def),
            _ => self.schema.display(ty).to_string(),
        }
    }
}
