//! From the resolved world to our own model, with the references that placeholders stand for.

use std::collections::{HashMap, HashSet};

use pack_abi::schema::{
    self as abi, Case, EXPORTS, Field, Label, Provider, ROOT, Schema, TypeDef, TypeKind, TypeName,
};
use wit_parser::{
    Docs, Function, FunctionKind, Handle, InterfaceId, Resolve, Span, Type, TypeDefKind, TypeId,
    TypeOwner, WorldId, WorldItem, WorldKey,
};

use super::source::{Sources, Spot};
use super::{At, Mistake, Place, Places};
use crate::comment;

/// A schema that has not been checked, and is nonsense where there are mistakes.
pub(super) struct Draft {
    pub(super) schema: Schema,
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) places: Places,
    pub(super) mistakes: Vec<Mistake>,
}

/// Translates a world.
pub(super) fn draft(resolve: &Resolve, world: WorldId, sources: &Sources) -> Draft {
    let mut builder = Builder::new(resolve, sources);
    let mut draft_name = String::new();
    let mut draft_docs = String::new();
    if let Some(world) = resolve.worlds.get(world) {
        draft_name.clone_from(&world.name);
        draft_docs = documentation(&world.docs);
        builder.schema.world = world.package.map_or_else(
            || world.name.clone(),
            |package| resolve.id_of_name(package, &world.name),
        );
        builder.place(Place::World, world.span);
        let imports = world.imports.iter().map(|item| (item, Direction::Import));
        let exports = world.exports.iter().map(|item| (item, Direction::Export));
        let items = || imports.clone().chain(exports.clone());
        for ((key, item), direction) in items() {
            builder.name_interface(key, item, world.span);
            if let WorldItem::Interface { id, .. } = item {
                builder.directions.entry(*id).or_default().insert(direction);
            }
        }
        builder.twofold = twofold(resolve, &builder.directions);
        // Named types come first, so that references to them can be written down in any order.
        let mut world_types = Vec::new();
        for ((_, item), direction) in items() {
            match item {
                WorldItem::Interface { id, .. } => builder.declare_types_of(*id, direction),
                WorldItem::Type { id, .. } => world_types.push(*id),
                WorldItem::Function(_) => {}
            }
        }
        builder.declare(world_types, Direction::Import);
        builder.define_types();
        builder.schema.imports = builder.interfaces(&world.imports, Direction::Import);
        builder.schema.exports = builder.interfaces(&world.exports, Direction::Export);
    }
    Draft {
        schema: builder.schema,
        name: draft_name,
        docs: draft_docs,
        places: builder.places,
        mistakes: builder.mistakes,
    }
}

/// What tells types without a name apart.
type Shape = (&'static str, Option<u32>, Vec<Option<abi::Type>>);

/// The start of a name in the author's text.
type Definition = (usize, usize);

struct Builder<'a> {
    resolve: &'a Resolve,
    sources: &'a Sources,
    schema: Schema,
    places: Places,
    mistakes: Vec<Mistake>,
    /// What interfaces are called in the schema.
    interface_names: HashMap<InterfaceId, String>,
    /// Named types, and their places in the table.
    named: Vec<(TypeId, Direction, abi::TypeId)>,
    ids: HashMap<(TypeId, Direction), abi::TypeId>,
    /// Types without a name, each once.
    anonymous: HashMap<Shape, abi::TypeId>,
    /// What each placeholder number stands for.
    placeholders: HashMap<u32, (Spot, Definition)>,
    /// Types by where they are defined. A world that is included has its types copied, so that one
    /// definition may have several owners.
    definitions: HashMap<(TypeOwner, Definition), TypeId>,
    /// Whether each interface of the world is imported, exported, or both.
    directions: HashMap<InterfaceId, HashSet<Direction>>,
    /// Interfaces that are both, with resources that are therefore two: one that the host provides and one that the
    /// package provides. All their types are there twice.
    twofold: HashSet<InterfaceId>,
}

/// In which direction the functions go that a type is for. It says who provides a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Direction {
    Import,
    Export,
}

/// Where a reference to a type stands.
#[derive(Clone, Copy)]
struct Scope {
    owner: TypeOwner,
    direction: Direction,
}

/// Stands for what is not supported, until the mistake is reported.
const UNSUPPORTED: abi::Type = abi::Type::U8;

impl<'a> Builder<'a> {
    fn new(resolve: &'a Resolve, sources: &'a Sources) -> Self {
        let mut builder = Self {
            resolve,
            sources,
            schema: Schema::default(),
            places: Places::new(),
            mistakes: Vec::new(),
            interface_names: HashMap::new(),
            named: Vec::new(),
            ids: HashMap::new(),
            anonymous: HashMap::new(),
            placeholders: HashMap::new(),
            definitions: HashMap::new(),
            directions: HashMap::new(),
            twofold: HashSet::new(),
        };
        for (file, placeholder) in sources.placeholders() {
            let spot = Spot {
                file,
                start: placeholder.at.start,
                end: placeholder.at.end,
            };
            builder
                .placeholders
                .insert(placeholder.number, (spot, (file, placeholder.definition)));
        }
        for (id, def) in &resolve.types {
            if let (Some(_), Some(spot)) = (&def.name, builder.spot(def.span)) {
                builder
                    .definitions
                    .insert((def.owner, (spot.file, spot.start)), id);
            }
        }
        builder
    }

    fn spot(&self, span: Span) -> Option<Spot> {
        self.sources.spot(&self.resolve.source_map, span)
    }

    /// Of several things at the same place in the schema, the first keeps it.
    fn place(&mut self, place: Place, span: Span) {
        if let Some(spot) = self.spot(span) {
            self.places.entry(place).or_insert(spot);
        }
    }

    fn mistake(&mut self, span: Span, message: String, help: impl Into<String>) {
        let at = At::Spot(self.spot(span));
        self.mistakes.push(Mistake {
            at,
            message,
            help: Some(help.into()),
        });
    }

    fn unsupported(&mut self, span: Span, what: &str, help: impl Into<String>) {
        self.mistake(span, format!("`{what}` is not supported yet"), help);
    }

    fn name_interface(&mut self, key: &WorldKey, item: &WorldItem, world: Span) {
        let WorldItem::Interface { id, span, .. } = item else {
            return;
        };
        let Some(interface) = self.resolve.interfaces.get(*id) else {
            return;
        };
        let name = match (key, self.resolve.id_of(*id)) {
            (WorldKey::Name(label), Some(qualified)) => {
                // Items that `wit-parser` has sorted into a world have lost their spans.
                self.mistake(
                    if span.is_known() { *span } else { world },
                    format!("`{label}` gives a name of its own to an interface, which is not supported yet"),
                    format!("import or export `{qualified}` itself"),
                );
                qualified
            }
            (WorldKey::Name(label), None) => label.clone(),
            (WorldKey::Interface(_), qualified) => qualified.unwrap_or_default(),
        };
        self.place(Place::Interface(name.clone()), interface.span);
        self.interface_names.insert(*id, name);
    }

    fn declare_types_of(&mut self, interface: InterfaceId, direction: Direction) {
        if let Some(interface) = self.resolve.interfaces.get(interface) {
            self.declare(interface.types.values().copied().collect(), direction);
        }
    }

    /// In which direction the types of an owner are used, where a function of this direction asks for them.
    fn direction(&self, owner: TypeOwner, asked: Direction) -> Direction {
        let TypeOwner::Interface(interface) = owner else {
            return Direction::Import;
        };
        let exported = self
            .directions
            .get(&interface)
            .is_some_and(|directions| directions.contains(&Direction::Export));
        if self.twofold.contains(&interface) {
            asked
        } else if exported {
            Direction::Export
        } else {
            Direction::Import
        }
    }

    /// Gives places in the table to named types, in the order of the text.
    fn declare(&mut self, mut types: Vec<TypeId>, direction: Direction) {
        types.sort_by_key(|id| {
            self.resolve
                .types
                .get(*id)
                .and_then(|def| self.spot(def.span))
        });
        for id in types {
            self.id_of(id, direction);
        }
    }

    /// The place of a named type in the table.
    fn id_of(&mut self, id: TypeId, asked: Direction) -> abi::TypeId {
        let owner = self
            .resolve
            .types
            .get(id)
            .map_or(TypeOwner::None, |def| def.owner);
        let direction = self.direction(owner, asked);
        if let Some(known) = self.ids.get(&(id, direction)) {
            return *known;
        }
        let new = self.push(TypeDef {
            name: None,
            kind: TypeKind::Flags(Vec::new()),
            docs: String::new(),
        });
        self.ids.insert((id, direction), new);
        self.named.push((id, direction, new));
        new
    }

    fn push(&mut self, def: TypeDef) -> abi::TypeId {
        // Contract::new refuses tables that are anywhere near this large.
        let id = abi::TypeId(u32::try_from(self.schema.types.len()).unwrap_or(u32::MAX));
        self.schema.types.push(def);
        id
    }

    fn define_types(&mut self) {
        let mut at = 0;
        // Defining one may declare more.
        while let Some((id, direction, target)) = self.named.get(at).copied() {
            at += 1;
            let resolve = self.resolve;
            let Some(def) = resolve.types.get(id) else {
                continue;
            };
            let name = def.name.clone().unwrap_or_default();
            let owner = match def.owner {
                TypeOwner::Interface(interface) => {
                    let known = self.interface_names.get(&interface).cloned();
                    let name = known
                        .or_else(|| resolve.id_of(interface))
                        .unwrap_or_default();
                    if direction == Direction::Export && self.twofold.contains(&interface) {
                        format!("{EXPORTS}{name}")
                    } else {
                        name
                    }
                }
                TypeOwner::World(_) => self.schema.world.clone(),
                TypeOwner::None => String::new(),
            };
            self.place(Place::Type(target), def.span);
            let scope = Scope {
                owner: def.owner,
                direction,
            };
            let kind = self.kind(def, &name, target, scope);
            let docs = documentation(&def.docs);
            if let Some(slot) = self.schema.types.get_mut(target.index()) {
                *slot = TypeDef {
                    name: Some(TypeName { owner, name }),
                    kind,
                    docs,
                };
            }
        }
    }

    /// The shape of a named type.
    fn kind(
        &mut self,
        def: &wit_parser::TypeDef,
        name: &str,
        id: abi::TypeId,
        scope: Scope,
    ) -> TypeKind {
        match &def.kind {
            TypeDefKind::Record(record) => {
                let members = record
                    .fields
                    .iter()
                    .map(|field| (field.name.as_str(), field.span));
                self.members(id, "record", name, members);
                let field = |field: &wit_parser::Field| Field {
                    name: field.name.clone(),
                    ty: self.ty(&field.ty, scope, field.span),
                    docs: documentation(&field.docs),
                };
                TypeKind::Record(record.fields.iter().map(field).collect())
            }
            TypeDefKind::Variant(variant) => {
                self.members(
                    id,
                    "variant",
                    name,
                    variant
                        .cases
                        .iter()
                        .map(|case| (case.name.as_str(), case.span)),
                );
                let case = |case: &wit_parser::Case| Case {
                    name: case.name.clone(),
                    ty: case.ty.as_ref().map(|ty| self.ty(ty, scope, case.span)),
                    docs: documentation(&case.docs),
                };
                TypeKind::Variant(variant.cases.iter().map(case).collect())
            }
            TypeDefKind::Enum(cases) => {
                self.members(
                    id,
                    "enum",
                    name,
                    cases
                        .cases
                        .iter()
                        .map(|case| (case.name.as_str(), case.span)),
                );
                TypeKind::Enum(
                    cases
                        .cases
                        .iter()
                        .map(|case| label(&case.name, &case.docs))
                        .collect(),
                )
            }
            TypeDefKind::Flags(flags) => {
                self.members(
                    id,
                    "flags",
                    name,
                    flags
                        .flags
                        .iter()
                        .map(|flag| (flag.name.as_str(), flag.span)),
                );
                TypeKind::Flags(
                    flags
                        .flags
                        .iter()
                        .map(|flag| label(&flag.name, &flag.docs))
                        .collect(),
                )
            }
            TypeDefKind::Resource => TypeKind::Resource(match scope.direction {
                Direction::Import => Provider::Host,
                Direction::Export => Provider::Package,
            }),
            TypeDefKind::Type(ty) => TypeKind::Alias(self.ty(ty, scope, def.span)),
            other => match self.placeholder(other, scope) {
                Some((target, _)) => TypeKind::Alias(target),
                None => TypeKind::Alias(match self.shape(other, scope, def.span) {
                    Some(shape) => self.anonymous(shape, def.span),
                    None => UNSUPPORTED,
                }),
            },
        }
    }

    /// Notes where the members of a type are, and that no two have the same name.
    fn members<'m>(
        &mut self,
        id: abi::TypeId,
        keyword: &str,
        name: &str,
        members: impl Iterator<Item = (&'m str, Span)>,
    ) {
        let mut seen = HashSet::new();
        for (at, (member, span)) in members.enumerate() {
            self.place(Place::Member(id, at), span);
            if !seen.insert(member) {
                self.mistake(
                    span,
                    format!("{keyword} `{name}` has `{member}` twice"),
                    "give one of them another name",
                );
            }
        }
    }

    /// A reference, in a type of this owner. `near` is a place for what has none of its own.
    fn ty(&mut self, ty: &Type, scope: Scope, near: Span) -> abi::Type {
        let id = match ty {
            Type::Bool => return abi::Type::Bool,
            Type::U8 => return abi::Type::U8,
            Type::U16 => return abi::Type::U16,
            Type::U32 => return abi::Type::U32,
            Type::U64 => return abi::Type::U64,
            Type::S8 => return abi::Type::S8,
            Type::S16 => return abi::Type::S16,
            Type::S32 => return abi::Type::S32,
            Type::S64 => return abi::Type::S64,
            Type::F32 => return abi::Type::F32,
            Type::F64 => return abi::Type::F64,
            Type::Char => return abi::Type::Char,
            Type::String => return abi::Type::String,
            Type::ErrorContext => {
                self.unsupported(
                    near,
                    "error-context",
                    "use a `string`, or a variant with a case for each error",
                );
                return UNSUPPORTED;
            }
            Type::Id(id) => *id,
        };
        let resolve = self.resolve;
        let Some(def) = resolve.types.get(id) else {
            return UNSUPPORTED;
        };
        if def.name.is_some() {
            return abi::Type::Id(self.id_of(id, scope.direction));
        }
        match self.placeholder(&def.kind, scope) {
            // The name of a resource stands for a handle that owns it.
            Some((target, true)) => return self.anonymous(TypeKind::Own(target), def.span),
            Some((target, false)) => return target,
            None => {}
        }
        match self.shape(&def.kind, scope, def.span) {
            Some(kind) => self.anonymous(kind, def.span),
            None => UNSUPPORTED,
        }
    }

    /// The place of a type without name in the table.
    fn anonymous(&mut self, kind: TypeKind, span: Span) -> abi::Type {
        let size = match kind {
            TypeKind::FixedList(_, size) => Some(size),
            _ => None,
        };
        let parts = match &kind {
            TypeKind::Result { ok, err } => vec![*ok, *err],
            other => other.references().into_iter().map(Some).collect(),
        };
        let shape = (kind.keyword(), size, parts);
        if let Some(known) = self.anonymous.get(&shape) {
            return abi::Type::Id(*known);
        }
        let new = self.push(TypeDef {
            name: None,
            kind,
            docs: String::new(),
        });
        self.place(Place::Type(new), span);
        self.anonymous.insert(shape, new);
        abi::Type::Id(new)
    }

    /// The shape of a type that may be without a name, or `None` if it is not supported.
    fn shape(&mut self, kind: &TypeDefKind, scope: Scope, span: Span) -> Option<TypeKind> {
        let mut ty = |ty: &Type| self.ty(ty, scope, span);
        Some(match kind {
            TypeDefKind::Tuple(tuple) => TypeKind::Tuple(tuple.types.iter().map(ty).collect()),
            TypeDefKind::List(element) => TypeKind::List(ty(element)),
            TypeDefKind::FixedLengthList(element, size) => TypeKind::FixedList(ty(element), *size),
            TypeDefKind::Option(some) => TypeKind::Option(ty(some)),
            TypeDefKind::Result(result) => TypeKind::Result {
                ok: result.ok.as_ref().map(&mut ty),
                err: result.err.as_ref().map(&mut ty),
            },
            TypeDefKind::Map(key, value) => TypeKind::Map(ty(key), ty(value)),
            TypeDefKind::Stream(_) => {
                let help =
                    "pass a `list`, or let one side call a function of the other for each element";
                self.unsupported(span, "stream", help);
                return None;
            }
            TypeDefKind::Future(_) => {
                let help = "let the function return the value, or call a function of the other side when it is there";
                self.unsupported(span, "future", help);
                return None;
            }
            TypeDefKind::Handle(Handle::Own(resource)) => TypeKind::Own(ty(&Type::Id(*resource))),
            TypeDefKind::Handle(Handle::Borrow(resource)) => {
                TypeKind::Borrow(ty(&Type::Id(*resource)))
            }
            // These have names, or do not get this far.
            TypeDefKind::Record(_)
            | TypeDefKind::Variant(_)
            | TypeDefKind::Enum(_)
            | TypeDefKind::Flags(_)
            | TypeDefKind::Resource
            | TypeDefKind::Type(_)
            | TypeDefKind::Unknown => return None,
        })
    }

    /// Whether a type is a resource, be it by another name.
    fn is_resource(&self, mut id: TypeId) -> bool {
        // `wit-parser` has no circles of names.
        while let Some(TypeDefKind::Type(Type::Id(next))) =
            self.resolve.types.get(id).map(|def| &def.kind)
        {
            id = *next;
        }
        let kind = self.resolve.types.get(id).map(|def| &def.kind);
        matches!(kind, Some(TypeDefKind::Resource))
    }

    /// What a placeholder stands for, if it is one; and whether that is a resource.
    fn placeholder(&mut self, kind: &TypeDefKind, scope: Scope) -> Option<(abi::Type, bool)> {
        let TypeDefKind::FixedLengthList(Type::U8, number) = kind else {
            return None;
        };
        let (spot, definition) = self.placeholders.get(number)?;
        if let Some(target) = self.definitions.get(&(scope.owner, *definition)).copied() {
            let ty = abi::Type::Id(self.id_of(target, scope.direction));
            return Some((ty, self.is_resource(target)));
        }
        // `wit-parser` has dropped the type, as it does with what is behind a feature gate.
        let name = self
            .sources
            .text(spot.file)
            .get(spot.start..spot.end)
            .unwrap_or_default();
        self.mistakes.push(Mistake {
            at: At::Spot(Some(spot.clone())),
            message: format!("type `{name}` is behind a feature gate that is closed"),
            help: Some(
                "put what refers to it behind the same gate, or remove its `@unstable`".to_owned(),
            ),
        });
        Some((UNSUPPORTED, false))
    }

    fn interfaces(
        &mut self,
        items: &wit_parser::IndexMap<WorldKey, WorldItem>,
        direction: Direction,
    ) -> Vec<abi::Interface> {
        let mut interfaces: Vec<abi::Interface> = Vec::new();
        let mut root = abi::Interface {
            name: ROOT.to_owned(),
            ..abi::Interface::default()
        };
        let resolve = self.resolve;
        for item in items.values() {
            match item {
                WorldItem::Interface { id, docs, .. } => {
                    let Some(interface) = resolve.interfaces.get(*id) else {
                        continue;
                    };
                    let name = self.interface_names.get(id).cloned().unwrap_or_default();
                    let functions = interface.functions.values();
                    let functions = functions
                        .filter_map(|function| self.function(&name, function, direction))
                        .collect();
                    let docs = [&interface.docs, docs].map(documentation);
                    let docs = docs.into_iter().find(|docs| !docs.is_empty());
                    interfaces.push(abi::Interface {
                        name,
                        functions,
                        docs: docs.unwrap_or_default(),
                    });
                }
                WorldItem::Function(function) => {
                    root.functions
                        .extend(self.function(ROOT, function, direction));
                }
                WorldItem::Type { .. } => {}
            }
        }
        if !root.functions.is_empty() {
            interfaces.push(root);
        }
        interfaces
    }

    /// `None` if the function is not supported.
    fn function(
        &mut self,
        interface: &str,
        function: &Function,
        direction: Direction,
    ) -> Option<abi::Function> {
        match function.kind {
            FunctionKind::Freestanding
            | FunctionKind::Method(_)
            | FunctionKind::Static(_)
            | FunctionKind::Constructor(_) => {}
            FunctionKind::AsyncFreestanding
            | FunctionKind::AsyncMethod(_)
            | FunctionKind::AsyncStatic(_) => {
                self.unsupported(function.span, "async func", "leave out `async`");
                return None;
            }
        }
        let scope = Scope {
            owner: TypeOwner::None,
            direction,
        };
        let name = function.name.clone();
        self.place(
            Place::Function(interface.to_owned(), name.clone()),
            function.span,
        );
        let mut params = Vec::new();
        for param in &function.params {
            let place = Place::Param(interface.to_owned(), name.clone(), param.name.clone());
            self.place(place, param.span);
            let ty = self.ty(&param.ty, scope, param.span);
            params.push(abi::Param {
                name: param.name.clone(),
                ty,
            });
        }
        let result = function
            .result
            .as_ref()
            .map(|ty| self.ty(ty, scope, function.span));
        let docs = documentation(&function.docs);
        Some(abi::Function {
            name,
            params,
            result,
            is_async: false,
            docs,
        })
    }
}

/// The interfaces that are imported and exported, and declare a resource or use types of one that does.
fn twofold(
    resolve: &Resolve,
    directions: &HashMap<InterfaceId, HashSet<Direction>>,
) -> HashSet<InterfaceId> {
    let both = directions
        .iter()
        .filter(|(_, directions)| directions.len() == 2);
    let both: Vec<InterfaceId> = both.map(|(id, _)| *id).collect();
    let types = |id: InterfaceId| {
        let interface = resolve.interfaces.get(id).into_iter();
        interface
            .flat_map(|i| i.types.values())
            .filter_map(|id| resolve.types.get(*id))
    };
    let mut found: HashSet<InterfaceId> = both
        .iter()
        .copied()
        .filter(|id| types(*id).any(|def| def.kind == TypeDefKind::Resource))
        .collect();
    loop {
        let uses = |def: &wit_parser::TypeDef| match def.kind {
            TypeDefKind::Type(Type::Id(used)) => match resolve.types.get(used).map(|def| def.owner)
            {
                Some(TypeOwner::Interface(other)) => found.contains(&other),
                _ => false,
            },
            _ => false,
        };
        let more: Vec<InterfaceId> = both
            .iter()
            .copied()
            .filter(|id| !found.contains(id) && types(*id).any(uses))
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

fn label(name: &str, docs: &Docs) -> Label {
    Label {
        name: name.to_owned(),
        docs: documentation(docs),
    }
}

/// `wit-parser` leaves the lines of block comments as indented as they are.
fn documentation(docs: &Docs) -> String {
    docs.contents
        .as_deref()
        .map(comment::text)
        .unwrap_or_default()
}
