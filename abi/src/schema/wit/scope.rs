//! What each interface, and the world, has and uses.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::WitError;
use super::name::Qualified;
use crate::schema::{
    Contract, EXPORTS, Function, FunctionKind, Interface, Provider, ROOT, Type, TypeDef, TypeId,
    TypeKind, components,
};

/// What a contract without a world is printed as.
const NO_WORLD: &str = "local:types/types";

/// Something with types and functions in it.
pub(super) struct Scope<'a> {
    pub(super) kind: ScopeKind<'a>,
    pub(super) docs: &'a str,
    /// Its own types, without those it only uses.
    pub(super) types: Vec<TypeId>,
    pub(super) functions: Vec<&'a Function>,
    /// The types of other interfaces, by interface: the name there, and the name here.
    pub(super) uses: BTreeMap<&'a str, Vec<(&'a str, String)>>,
    /// What foreign types are called here.
    locals: BTreeMap<TypeId, String>,
    /// Whose types are its own.
    owner: Option<&'a str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ScopeKind<'a> {
    Interface(Qualified<'a>),
    /// The exported side of an interface that is imported too. WIT has one definition for both.
    Twin(Qualified<'a>),
    World(Qualified<'a>),
    /// An interface inside the world.
    Import(&'a str),
    /// An interface inside the world.
    Export(&'a str),
}

/// The world first, then interfaces in the order in which they are met.
pub(super) fn scopes(contract: &Contract) -> Result<Vec<Scope<'_>>, WitError> {
    let world = world_name(contract);
    let mut scopes = alloc::vec![Scope::new(
        ScopeKind::World(Qualified::new(world)?),
        "",
        Some(world)
    )];
    let owners = contract.types.iter().filter_map(|def| def.name.as_ref());
    let owners = owners.map(|name| name.owner.as_str());
    let interfaces = contract.imports.iter().chain(&contract.exports);
    if interfaces.clone().any(|interface| interface.name == world) {
        let world = Qualified::new(world)?;
        return Err(WitError::Duplicate {
            name: world.name.to_string(),
            scope: format!("package {}", world.package.header()?),
        });
    }
    let names = owners.chain(interfaces.map(|interface| interface.name.as_str()));
    let mut seen = BTreeSet::from([world, "", ROOT]);
    for name in names.map(without_side).filter(|name| name.contains(':')) {
        if seen.insert(name) {
            scopes.extend(interface(contract, name)?);
        }
    }
    let inline = |interface: &&Interface| interface.name != ROOT && !interface.name.contains(':');
    let imports: Vec<&Interface> = contract.imports.iter().filter(inline).collect();
    let exports: Vec<&Interface> = contract.exports.iter().filter(inline).collect();
    for interface in &imports {
        let twin = exports.iter().find(|export| export.name == interface.name);
        // Each of the two has types of its own. All of them are in one of the two, or they would have the same
        // owner; where that is, its functions show.
        let owns = twin.is_none_or(|twin| !mentions(contract, twin, &interface.name));
        let owner = owns.then_some(interface.name.as_str());
        let mut scope = Scope::new(ScopeKind::Import(&interface.name), &interface.docs, owner);
        scope.functions.extend(&interface.functions);
        scopes.push(scope);
    }
    for interface in &exports {
        let is_owned = |scope: &Scope<'_>| scope.owner == Some(interface.name.as_str());
        let owner = (!scopes.iter().any(is_owned)).then_some(interface.name.as_str());
        let mut scope = Scope::new(ScopeKind::Export(&interface.name), &interface.docs, owner);
        scope.functions.extend(&interface.functions);
        scopes.push(scope);
    }
    for side in [&contract.imports, &contract.exports] {
        let root = side.iter().filter(|interface| interface.name == ROOT);
        let functions = root.flat_map(|interface| &interface.functions);
        if let Some(world) = scopes.first_mut() {
            world.functions.extend(functions);
        }
    }
    for scope in &mut scopes {
        scope.find_types(contract)?;
    }
    check_owners(contract, &scopes)?;
    check_circles(contract, &scopes)?;
    check_exports(contract, &scopes)?;
    check_providers(contract, &scopes)?;
    Ok(scopes)
}

fn world_name(contract: &Contract) -> &str {
    match contract.world.as_str() {
        "" => NO_WORLD,
        world => world,
    }
}

/// The interface or world a type is in.
fn owner_of(contract: &Contract, id: TypeId) -> Option<&str> {
    let name = contract.types.get(id.index())?.name.as_ref()?;
    Some(match name.owner.as_str() {
        "" => world_name(contract),
        owner => owner,
    })
}

/// What an interface is called in WIT, of the owner of a type.
fn without_side(owner: &str) -> &str {
    owner.strip_prefix(EXPORTS).unwrap_or(owner)
}

/// An interface that is imported, exported, or only there for its types; if it is imported and exported, with its twin.
fn interface<'a>(contract: &'a Contract, name: &'a str) -> Result<Vec<Scope<'a>>, WitError> {
    let qualified = Qualified::new(name)?;
    let (import, export) = (contract.import(name), contract.export(name));
    let with = |kind, side: Option<&'a Interface>, owner| {
        let mut scope = Scope::new(kind, side.map_or("", |side| &side.docs), Some(owner));
        scope
            .functions
            .extend(side.into_iter().flat_map(|side| &side.functions));
        scope
    };
    let mut first = with(ScopeKind::Interface(qualified), import.or(export), name);
    if let (true, Some(export)) = (first.docs.is_empty(), export) {
        first.docs = &export.docs;
    }
    if import.is_none() {
        return Ok(alloc::vec![first]);
    }
    // Where resources are concerned, each side has its types; otherwise they share them.
    let owners = contract.types.iter().filter_map(|def| def.name.as_ref());
    let of_exports = owners
        .map(|name| name.owner.as_str())
        .find(|owner| *owner != name && without_side(owner) == name);
    let twin = export.map(|export| {
        with(
            ScopeKind::Twin(qualified),
            Some(export),
            of_exports.unwrap_or(name),
        )
    });
    Ok(core::iter::once(first).chain(twin).collect())
}

/// Whether the functions of an interface use types of this owner.
fn mentions(contract: &Contract, interface: &Interface, owner: &str) -> bool {
    let functions: Vec<&Function> = interface.functions.iter().collect();
    named_references(contract, &[], &functions)
        .into_iter()
        .any(|id| owner_of(contract, id) == Some(owner))
}

/// The named types that types and functions refer to, be it inside of types without a name; each once, in order.
fn named_references(contract: &Contract, types: &[TypeId], functions: &[&Function]) -> Vec<TypeId> {
    let kinds = types.iter().filter_map(|id| contract.types.get(id.index()));
    let of_types = kinds.flat_map(|def| def.kind.references());
    let of_functions = functions
        .iter()
        .flat_map(|function| function.params.iter().map(|p| p.ty).chain(function.result));
    let mut open: Vec<Type> = of_types.chain(of_functions).collect();
    open.reverse();
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    while let Some(ty) = open.pop() {
        let (Type::Id(id), Some(def)) = (ty, contract.def(ty)) else {
            continue;
        };
        if !seen.insert(id) {
            continue;
        }
        match &def.name {
            Some(_) => found.push(id),
            None => open.extend(def.kind.references().into_iter().rev()),
        }
    }
    found
}

impl<'a> Scope<'a> {
    fn new(kind: ScopeKind<'a>, docs: &'a str, owner: Option<&'a str>) -> Self {
        Self {
            kind,
            docs,
            types: Vec::new(),
            functions: Vec::new(),
            uses: BTreeMap::new(),
            locals: BTreeMap::new(),
            owner,
        }
    }

    /// What a type with a name is called here.
    pub(super) fn local<'s>(&'s self, id: TypeId, own: &'s str) -> &'s str {
        self.locals.get(&id).map_or(own, String::as_str)
    }

    /// For messages.
    fn describe(&self) -> String {
        match &self.kind {
            ScopeKind::Interface(name) | ScopeKind::Twin(name) => {
                format!("interface {}", name.name)
            }
            ScopeKind::World(name) => format!("world {}", name.name),
            ScopeKind::Import(name) | ScopeKind::Export(name) => format!("interface {name}"),
        }
    }

    /// Fills in everything about types.
    fn find_types(&mut self, contract: &'a Contract) -> Result<(), WitError> {
        let mut taken: BTreeSet<String> = BTreeSet::new();
        let mut used = Vec::new();
        for (def, at) in contract.types.iter().zip(0_u32..) {
            let id = TypeId(at);
            let (Some(name), Some(owner)) = (&def.name, owner_of(contract, id)) else {
                continue;
            };
            if self.owner != Some(owner) {
                continue;
            }
            if !taken.insert(name.name.to_ascii_lowercase()) {
                return Err(self.duplicate(&name.name));
            }
            match &def.kind {
                TypeKind::Alias(Type::Id(target))
                    if owner_of(contract, *target).is_some_and(|other| other != owner) =>
                {
                    used.push((*target, name.name.clone()));
                }
                _ => self.types.push(id),
            }
        }
        for (target, name) in used {
            self.add_use(contract, target, name)?;
        }
        self.check_functions(contract, &mut taken)?;
        for id in named_references(contract, &self.types, &self.functions) {
            if owner_of(contract, id) == self.owner || self.locals.contains_key(&id) {
                continue;
            }
            let Some(name) = contract
                .types
                .get(id.index())
                .and_then(|def| def.name.as_ref())
            else {
                continue;
            };
            let mut local = name.name.clone();
            let mut number = 2_u32;
            while !taken.insert(local.to_ascii_lowercase()) {
                local = format!("{}-{number}", name.name);
                number = number.saturating_add(1);
            }
            self.add_use(contract, id, local)?;
        }
        Ok(())
    }

    fn add_use(
        &mut self,
        contract: &'a Contract,
        id: TypeId,
        local: String,
    ) -> Result<(), WitError> {
        let name = contract
            .types
            .get(id.index())
            .and_then(|def| def.name.as_ref());
        let source = owner_of(contract, id).filter(|owner| owner.contains(':'));
        let (Some(name), Some(source), false) =
            (name, source, source == Some(world_name(contract)))
        else {
            return Err(WitError::OutOfReach {
                ty: contract.display(Type::Id(id)).to_string(),
                scope: self.describe(),
            });
        };
        self.locals.entry(id).or_insert_with(|| local.clone());
        self.uses
            .entry(without_side(source))
            .or_default()
            .push((&name.name, local));
        Ok(())
    }

    /// Functions must not be called as types are, nor as each other.
    fn check_functions(
        &self,
        contract: &Contract,
        taken: &mut BTreeSet<String>,
    ) -> Result<(), WitError> {
        let mut functions = BTreeSet::new();
        for function in &self.functions {
            let name = self.function_name(contract, function)?.to_ascii_lowercase();
            let is_taken = match self.kind {
                // What a world exports may have the name of something else.
                ScopeKind::World(_) => {
                    let imports = contract.import(ROOT);
                    let import = imports.and_then(|root| root.function(&function.name));
                    import.is_some_and(|import| core::ptr::eq(import, *function))
                        && taken.contains(&name)
                }
                _ => taken.contains(&name) || functions.contains(&name),
            };
            if is_taken {
                return Err(self.duplicate(&function.name));
            }
            functions.insert(name);
            let mut params = BTreeSet::new();
            for param in &function.params {
                if !params.insert(&param.name) {
                    return Err(WitError::Duplicate {
                        name: param.name.clone(),
                        scope: format!("function {}", function.name),
                    });
                }
            }
        }
        taken.extend(functions);
        if let ScopeKind::World(_) = self.kind {
            for interface in contract.imports.iter().chain(&contract.exports) {
                taken.insert(interface.name.to_ascii_lowercase());
            }
        }
        Ok(())
    }

    /// The name by which a function must differ from others of the scope: methods and static functions of a resource
    /// are of one kind in this.
    fn function_name(&self, contract: &Contract, function: &Function) -> Result<String, WitError> {
        let (resource, name) = match function.kind() {
            FunctionKind::Free => return Ok(function.name.clone()),
            FunctionKind::Constructor { resource } => (resource, ""),
            FunctionKind::Method { resource, name } | FunctionKind::Static { resource, name } => {
                (resource, name)
            }
        };
        let is_meant = |id: &&TypeId| {
            let def = contract.types.get(id.index());
            def.is_some_and(|def| {
                matches!(def.kind, TypeKind::Resource(_))
                    && def.name.as_ref().is_some_and(|name| name.name == resource)
            })
        };
        let own = self.types.iter().find(is_meant).map(|id| Type::Id(*id));
        let owns = |ty: Option<Type>, own: Type| match ty.and_then(|ty| contract.kind(ty)) {
            Some(TypeKind::Own(ty)) => contract.resolve(*ty) == own,
            _ => false,
        };
        let borrows = |ty: Option<Type>, own: Type| match ty.and_then(|ty| contract.kind(ty)) {
            Some(TypeKind::Borrow(ty)) => contract.resolve(*ty) == own,
            _ => false,
        };
        let fits = own.is_some_and(|own| match function.kind() {
            FunctionKind::Method { .. } => {
                let this = function.params.first().filter(|this| this.name == "self");
                borrows(this.map(|this| this.ty), own)
            }
            FunctionKind::Constructor { .. } => {
                match function.result.and_then(|ty| contract.kind(ty)) {
                    Some(TypeKind::Result { ok, .. }) => owns(*ok, own),
                    _ => owns(function.result, own),
                }
            }
            _ => true,
        });
        // A world has resources among its imports only.
        let is_export = matches!(self.kind, ScopeKind::World(_))
            && contract
                .export(ROOT)
                .is_some_and(|root| root.function(&function.name).is_some());
        match fits && !is_export {
            true => Ok(format!("{resource}.{name}")),
            false => Err(WitError::Name {
                name: function.name.clone(),
            }),
        }
    }

    fn duplicate(&self, name: &str) -> WitError {
        WitError::Duplicate {
            name: name.to_string(),
            scope: self.describe(),
        }
    }
}

/// Every type must be in a scope that is written.
fn check_owners(contract: &Contract, scopes: &[Scope<'_>]) -> Result<(), WitError> {
    let known: BTreeSet<&str> = scopes.iter().filter_map(|scope| scope.owner).collect();
    for at in 0..contract.types.len() {
        let id = TypeId(u32::try_from(at).unwrap_or(u32::MAX));
        if let Some(owner) = owner_of(contract, id).filter(|owner| !known.contains(owner)) {
            return Err(WitError::Name {
                name: owner.to_string(),
            });
        }
    }
    Ok(())
}

/// Neither interfaces nor packages may need each other in a circle.
fn check_circles(contract: &Contract, scopes: &[Scope<'_>]) -> Result<(), WitError> {
    let home = Qualified::new(world_name(contract))?.package;
    let mut interfaces: BTreeSet<(String, String)> = BTreeSet::new();
    let mut packages: BTreeSet<(String, String)> = BTreeSet::new();
    for scope in scopes {
        let own = match scope.kind {
            ScopeKind::Interface(name) | ScopeKind::Twin(name) => name.package,
            _ => home,
        };
        let mut needs: Vec<&str> = scope.uses.keys().copied().collect();
        if let ScopeKind::World(_) = scope.kind {
            let sides = contract.imports.iter().chain(&contract.exports);
            needs.extend(sides.map(|interface| interface.name.as_str()));
        }
        for needed in needs.into_iter().filter(|needed| needed.contains(':')) {
            let package = Qualified::new(needed)?.package;
            if package != own {
                packages.insert((own.header()?, package.header()?));
            }
            if let (ScopeKind::Interface(_) | ScopeKind::Twin(_), Some(owner)) =
                (scope.kind, scope.owner)
            {
                interfaces.insert((without_side(owner).to_string(), needed.to_string()));
            }
        }
    }
    for (what, needs) in [("interface", interfaces), ("package", packages)] {
        if let Some(name) = on_a_circle(&needs) {
            return Err(WitError::Circle {
                name: format!("{what} {name}"),
            });
        }
    }
    Ok(())
}

/// What an exported interface uses is imported, unless it is exported itself; and what is imported cannot use what is
/// exported. So WIT wants what is between two exported interfaces to be exported as well.
fn check_exports(contract: &Contract, scopes: &[Scope<'_>]) -> Result<(), WitError> {
    let needs = |name: &str| {
        let own = scopes.iter().filter(move |scope| match scope.kind {
            ScopeKind::Interface(_) | ScopeKind::Twin(_) => {
                scope.owner.map(without_side) == Some(name)
            }
            ScopeKind::Export(own) => own == name,
            _ => false,
        });
        let needed = own.flat_map(|scope| scope.uses.keys().copied().map(without_side));
        let needed: Vec<&str> = needed.filter(|needed| needed.contains(':')).collect();
        needed
    };
    let is_exported = |name: &str| contract.export(name).is_some();
    let mut seen = BTreeSet::new();
    let exported = contract.exports.iter().map(|export| export.name.as_str());
    let mut open: Vec<&str> = exported.flat_map(needs).collect();
    while let Some(between) = open.pop() {
        if is_exported(between) || !seen.insert(between) {
            continue;
        }
        let needed = needs(between);
        if let Some(exported) = needed.iter().find(|needed| is_exported(needed)) {
            return Err(WitError::Between {
                interface: between.to_string(),
                exported: (*exported).to_string(),
            });
        }
        open.extend(needed);
    }
    Ok(())
}

/// Resources of the package are those of what it exports; and what is imported knows those of the host only.
fn check_providers(contract: &Contract, scopes: &[Scope<'_>]) -> Result<(), WitError> {
    for def in &contract.types {
        let (TypeKind::Resource(provider), Some(name)) = (&def.kind, &def.name) else {
            continue;
        };
        let interface = without_side(&name.owner);
        let is_only_exported =
            contract.import(interface).is_none() && contract.export(interface).is_some();
        let is_of_package = interface != name.owner || is_only_exported;
        if is_of_package != (*provider == Provider::Package) {
            return Err(WitError::Provider {
                resource: name.name.clone(),
                interface: interface.to_string(),
            });
        }
    }
    let names = contract.types.iter().filter_map(|def| def.name.as_ref());
    let twofold: BTreeSet<&str> = names
        .filter_map(|name| name.owner.strip_prefix(EXPORTS))
        .collect();
    let of_exports = types_of_exports(contract);
    let provided = provided_interfaces(contract, scopes, &of_exports);
    for scope in scopes {
        let is_imported = match scope.kind {
            ScopeKind::Interface(_) => {
                let name = scope.owner.map_or("", without_side);
                contract.import(name).is_some() || contract.export(name).is_none()
            }
            // What it uses it imports, be it for functions that it exports.
            ScopeKind::World(_) | ScopeKind::Import(_) => true,
            ScopeKind::Twin(_) | ScopeKind::Export(_) => false,
        };
        // Of what is there twice, each side uses its own.
        let is_out_of_reach = |id: &TypeId| match owner_of(contract, *id) {
            owner if owner == scope.owner => false,
            Some(owner) if is_imported => of_exports.contains(id) || provided.contains(owner),
            Some(owner) => twofold.contains(owner),
            None => false,
        };
        let used = named_references(contract, &scope.types, &scope.functions);
        if let Some(id) = used.into_iter().find(is_out_of_reach) {
            return Err(WitError::OutOfReach {
                ty: contract.display(Type::Id(id)).to_string(),
                scope: scope.describe(),
            });
        }
    }
    Ok(())
}

/// The types that are there once more for exports, are resources of the package, or have one inside.
fn types_of_exports(contract: &Contract) -> BTreeSet<TypeId> {
    let types = || (0_u32..).map(TypeId).zip(&contract.types);
    let mut users: BTreeMap<TypeId, Vec<TypeId>> = BTreeMap::new();
    for (user, def) in types() {
        for ty in def.kind.references() {
            if let Type::Id(id) = ty {
                users.entry(id).or_default().push(user);
            }
        }
    }
    let is_of_exports = |def: &TypeDef| {
        let owner = def.name.as_ref().map_or("", |name| &name.owner);
        owner.starts_with(EXPORTS) || def.kind == TypeKind::Resource(Provider::Package)
    };
    let first = types().filter(|(_, def)| is_of_exports(def));
    reached(first.map(|(id, _)| id).collect(), &users)
}

/// The interfaces that nobody can import without importing one of those that only exports have, with resources: of such,
/// the import would have resources of its own.
fn provided_interfaces<'a>(
    contract: &Contract,
    scopes: &'a [Scope<'_>],
    of_exports: &BTreeSet<TypeId>,
) -> BTreeSet<&'a str> {
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut first = Vec::new();
    for scope in scopes {
        let (ScopeKind::Interface(_), Some(owner)) = (scope.kind, scope.owner) else {
            continue;
        };
        for used in scope.uses.keys() {
            users.entry(used).or_default().push(owner);
        }
        let is_only_exported = contract.import(owner).is_none() && contract.export(owner).is_some();
        let used = named_references(contract, &scope.types, &scope.functions);
        let mut types = scope.types.iter().chain(&used);
        if is_only_exported && types.any(|id| of_exports.contains(id)) {
            first.push(owner);
        }
    }
    reached(first, &users)
}

/// What the edges of a graph lead to, from some of its nodes.
fn reached<T: Ord + Copy>(first: Vec<T>, edges: &BTreeMap<T, Vec<T>>) -> BTreeSet<T> {
    let (mut seen, mut open) = (BTreeSet::new(), first);
    while let Some(node) = open.pop() {
        if seen.insert(node) {
            open.extend(edges.get(&node).into_iter().flatten());
        }
    }
    seen
}

/// A node of a graph, given by its edges, that leads to itself.
fn on_a_circle(edges: &BTreeSet<(String, String)>) -> Option<&str> {
    let nodes: BTreeSet<&str> = edges
        .iter()
        .flat_map(|(from, to)| [from.as_str(), to.as_str()])
        .collect();
    let nodes: Vec<&str> = nodes.into_iter().collect();
    let index = |name: &str| nodes.binary_search(&name).ok();
    let targets = |from: &&str| {
        let own = edges.iter().filter(|(other, _)| other == from);
        own.filter_map(|(_, to)| index(to)).collect()
    };
    let edges: Vec<Vec<usize>> = nodes.iter().map(targets).collect();
    let found = components(&edges).into_iter().zip(&nodes);
    found
        .into_iter()
        .find(|((_, cyclic), _)| *cyclic)
        .map(|(_, name)| *name)
}
