use std::collections::{BTreeMap, BTreeSet};

use pack_abi::schema::{
    Contract, Function, Interface, ROOT, Type, TypeId, TypeKind, TypeName, components, reaching,
};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};
use syn::Lifetime;

use super::{Settings, layout};
use crate::{Ownership, names};

/// What the generators ask about a world.
pub(super) struct Model<'a> {
    pub(super) contract: &'a Contract,
    pub(super) world: &'a str,
    pub(super) settings: &'a Settings,
    /// The hidden module of the facade crate.
    pub(super) private: TokenStream,
    modules: BTreeMap<&'a str, Vec<String>>,
    /// Components of the graph of what embeds what: inside a cyclic one, Rust needs a `Box`.
    embedding: Vec<(usize, bool)>,
    copy: Vec<bool>,
    eq: Vec<bool>,
    /// Which types have owning handles in them.
    owns: Vec<bool>,
    /// Types that contain none from elsewhere, which may not be comparable.
    partial_eq: Vec<bool>,
    /// Of types that are in memory as on the wire if their fields stay in order.
    alignments: Vec<Option<u32>>,
    errors: BTreeSet<TypeId>,
}

/// How a type is written down.
#[derive(Clone, Copy)]
pub(super) struct Place<'p> {
    /// The module the code stands in.
    pub(super) module: &'p [String],
    /// The component of the definition the reference stands in, if it stands in one.
    component: Option<usize>,
}

impl<'p> Place<'p> {
    pub(super) fn module(module: &'p [String]) -> Self {
        Self {
            module,
            component: None,
        }
    }

    /// Below something that is on the heap.
    fn unboxed(self) -> Self {
        Self::module(self.module)
    }
}

impl<'a> Model<'a> {
    pub(super) fn new(contract: &'a Contract, world: &'a str, settings: &'a Settings) -> Self {
        let edges = |parts: fn(&TypeKind) -> Vec<Type>| -> Vec<Vec<usize>> {
            let indices = |kind| parts(kind).into_iter().filter_map(table_index).collect();
            contract
                .types
                .iter()
                .map(|def| indices(&def.kind))
                .collect()
        };
        let kind = |at: usize| contract.types.get(at).map(|def| &def.kind);
        let all = edges(TypeKind::references);
        let owns = reaching(&all, |at| matches!(kind(at), Some(TypeKind::Own(_))));
        let mut model = Self {
            contract,
            world,
            settings,
            private: super::private(&settings.facade),
            modules: modules(contract),
            embedding: components(&edges(TypeKind::embedded)),
            copy: Vec::new(),
            eq: Vec::new(),
            owns,
            partial_eq: Vec::new(),
            alignments: layout::alignments(contract, settings),
            errors: BTreeSet::new(),
        };
        model.copy = model.greatest(
            |ty| !matches!(ty, Type::String),
            |model, at, kind| {
                let cyclic = model.embedding.get(at).is_some_and(|(_, cyclic)| *cyclic);
                !cyclic
                    && !matches!(
                        kind,
                        TypeKind::List(_)
                            | TypeKind::Map(..)
                            | TypeKind::Resource(_)
                            | TypeKind::Own(_)
                            | TypeKind::Borrow(_)
                    )
            },
        );
        let plain = |_: &Self, at: usize, _: &TypeKind| {
            let id = u32::try_from(at).map(TypeId);
            !id.is_ok_and(|id| contract.has_handles(Type::Id(id)))
        };
        model.partial_eq = model.greatest(|_| true, plain);
        model.eq = model.greatest(|ty| !matches!(ty, Type::F32 | Type::F64), plain);
        model.errors = error_types(contract);
        model
    }

    /// The types that have a property: the table entries that have it themselves and whose parts all have it.
    /// Those from elsewhere have none.
    fn greatest(
        &self,
        primitive: impl Fn(Type) -> bool,
        own: impl Fn(&Self, usize, &TypeKind) -> bool,
    ) -> Vec<bool> {
        let types = &self.contract.types;
        let mut has: Vec<bool> = types
            .iter()
            .enumerate()
            .zip(0_u32..)
            .map(|((at, def), id)| {
                !self.settings.rules.is_elsewhere(TypeId(id)) && own(self, at, &def.kind)
            })
            .collect();
        loop {
            let holds = |ty: &Type| match table_index(*ty) {
                Some(at) => has.get(at).copied().unwrap_or(false),
                None => primitive(*ty),
            };
            let next: Vec<bool> = types
                .iter()
                .zip(&has)
                .map(|(def, has)| *has && def.kind.references().iter().all(holds))
                .collect();
            if next == has {
                return has;
            }
            has = next;
        }
    }

    pub(super) fn is_copy(&self, ty: Type) -> bool {
        table_index(ty).map_or(ty != Type::String, |at| {
            self.copy.get(at).copied().unwrap_or(false)
        })
    }

    pub(super) fn is_eq(&self, ty: Type) -> bool {
        let float = matches!(ty, Type::F32 | Type::F64);
        table_index(ty).map_or(!float, |at| self.eq.get(at).copied().unwrap_or(false))
    }

    pub(super) fn is_partial_eq(&self, ty: Type) -> bool {
        table_index(ty).is_none_or(|at| self.partial_eq.get(at).copied().unwrap_or(false))
    }

    /// Whether values of the type are in memory as on the wire if their fields stay in order.
    pub(super) fn is_plain_in_order(&self, id: TypeId) -> bool {
        matches!(self.alignments.get(id.index()), Some(Some(_)))
    }

    /// Whether values of the type have handles in them.
    pub(super) fn has_handles(&self, ty: Type) -> bool {
        self.contract.has_handles(ty)
    }

    /// Whether values of the type own resources, so that whoever passes one parts with it.
    pub(super) fn owns(&self, ty: Type) -> bool {
        table_index(ty).is_some_and(|at| self.owns.get(at) == Some(&true))
    }

    /// Whether the type is a borrowed handle itself.
    pub(super) fn is_borrow(&self, ty: Type) -> bool {
        matches!(self.contract.kind(ty), Some(TypeKind::Borrow(_)))
    }

    /// Whether some function fails with this type.
    pub(super) fn is_error(&self, id: TypeId) -> bool {
        self.errors.contains(&id)
    }

    /// Whether a resource of an interface comes from elsewhere, where it has its methods.
    pub(super) fn is_elsewhere(&self, interface: &Interface, resource: &str) -> bool {
        let owner = match interface.name.as_str() {
            ROOT => self.contract.world.as_str(),
            owner => owner,
        };
        let mut types = self.contract.types.iter().zip(0_u32..);
        types.any(|(def, at)| {
            let name = def.name.as_ref();
            name.is_some_and(|name| name.owner == owner && name.name == resource)
                && self.settings.rules.is_elsewhere(TypeId(at))
        })
    }

    /// The statement that begins the span of a call, if there is one; it ends with the block.
    pub(super) fn span(&self, interface: &Interface, function: &Function) -> Option<TokenStream> {
        let p = &self.private;
        let (interface, function) = (&interface.name, &function.name);
        let span = || quote!(let __span = #p::call_span!(#interface, #function););
        self.settings.tracing.then(span)
    }

    /// A future that is the rest of a call, in a span if there is one.
    pub(super) fn future_in_span(
        &self,
        interface: &Interface,
        function: &Function,
        future: TokenStream,
    ) -> TokenStream {
        let p = &self.private;
        let (interface, function) = (&interface.name, &function.name);
        match self.settings.tracing {
            true => quote!(#p::future_in_call_span!(#interface, #function, #future)),
            false => future,
        }
    }

    /// The resources that have functions of their own in an interface.
    pub(super) fn resources(interface: &Interface) -> BTreeSet<&str> {
        let functions = interface.functions.iter();
        functions.filter_map(Function::resource).collect()
    }

    /// The module an interface's or the world's own types are in.
    pub(super) fn types_module(&self, owner: &str) -> &[String] {
        self.modules.get(owner).map_or(&[], Vec::as_slice)
    }

    /// The module a trait or client of an interface is in, below `exports` or `imports`, and its name.
    pub(super) fn interface_item(&self, side: &str, interface: &Interface) -> (Vec<String>, Ident) {
        let mut module = vec![side.to_owned()];
        let own = self.types_module(&interface.name);
        module.extend(
            own.split_last()
                .map_or(&[][..], |(_, parents)| parents)
                .iter()
                .cloned(),
        );
        (module, names::interface_ident(&interface.name, self.world))
    }

    /// A path from one module to an item in another, which holds wherever the output is put.
    pub(super) fn path(&self, from: &[String], to: &[String], item: &Ident) -> TokenStream {
        let shared = from.iter().zip(to).take_while(|(a, b)| a == b).count();
        let ups = from.iter().skip(shared).map(|_| quote!(super::));
        let downs = to.iter().skip(shared).map(|name| names::ident(name));
        quote!(#(#ups)* #(#downs::)* #item)
    }

    /// A type as its owner holds it.
    pub(super) fn owned(&self, ty: Type, place: Place<'_>) -> TokenStream {
        let p = &self.private;
        let owned = |ty: Type| self.owned(ty, place);
        let primitive = |name: &str| {
            let name = names::ident(name);
            quote!(#p::primitive::#name)
        };
        let id = match ty {
            Type::Bool => return primitive("bool"),
            Type::U8 => return primitive("u8"),
            Type::U16 => return primitive("u16"),
            Type::U32 => return primitive("u32"),
            Type::U64 => return primitive("u64"),
            Type::S8 => return primitive("i8"),
            Type::S16 => return primitive("i16"),
            Type::S32 => return primitive("i32"),
            Type::S64 => return primitive("i64"),
            Type::F32 => return primitive("f32"),
            Type::F64 => return primitive("f64"),
            Type::Char => return primitive("char"),
            Type::String => return quote!(#p::String),
            Type::Id(id) => id,
        };
        let Some(def) = self.contract.def(ty) else {
            return quote!(());
        };
        if let Some(name) = &def.name {
            // An alias has the boxes in its own definition.
            let is_alias = matches!(def.kind, TypeKind::Alias(_));
            if let TypeKind::Alias(target) = def.kind
                && self.settings.rules.is_transparent(id)
            {
                return self.owned(target, self.inside(id, place.module));
            }
            let elsewhere = self.settings.rules.elsewhere(id, place.module.len());
            let path = match elsewhere {
                Some(path) => quote!(#path),
                None => self.path(
                    place.module,
                    self.types_module(&name.owner),
                    &names::type_ident(&name.name),
                ),
            };
            let boxed = !is_alias && self.is_boxed(id, place);
            return if boxed { quote!(#p::Box<#path>) } else { path };
        }
        match &def.kind {
            TypeKind::Tuple(parts) => {
                let parts = parts.iter().map(|ty| owned(*ty));
                quote!((#(#parts,)*))
            }
            TypeKind::List(element) => {
                // A list is a heap indirection of its own.
                let element = self.owned(*element, place.unboxed());
                quote!(#p::Vec<#element>)
            }
            TypeKind::FixedList(element, count) => {
                let (element, count) = (owned(*element), Literal::u32_unsuffixed(*count));
                quote!([#element; #count])
            }
            TypeKind::Option(some) => {
                let some = owned(*some);
                quote!(#p::Option<#some>)
            }
            TypeKind::Result { ok, err } => {
                let payload = |ty: &Option<Type>| ty.map_or(quote!(()), owned);
                let (ok, err) = (payload(ok), payload(err));
                quote!(#p::Result<#ok, #err>)
            }
            TypeKind::Map(key, value) => {
                let place = place.unboxed();
                let (key, value) = (self.owned(*key, place), self.owned(*value, place));
                quote!(#p::BTreeMap<#key, #value>)
            }
            TypeKind::Own(resource) => owned(*resource),
            TypeKind::Borrow(resource) => {
                let resource = owned(*resource);
                quote!(#p::Borrow<#resource>)
            }
            // These always have a name, or are in no contract.
            TypeKind::Record(_)
            | TypeKind::Variant(_)
            | TypeKind::Enum(_)
            | TypeKind::Flags(_)
            | TypeKind::Resource(_)
            | TypeKind::Stream(_)
            | TypeKind::Future(_)
            | TypeKind::Alias(_) => quote!(()),
        }
    }

    /// Whether values of the type can be read where they lie: resources are not in the message, and of types from elsewhere
    /// it is not known.
    pub(super) fn has_view(&self, ty: Type) -> bool {
        let is_resource = matches!(self.contract.kind(ty), Some(TypeKind::Resource(_)));
        self.is_partial_eq(ty) && !is_resource
    }

    /// The name of the type that is the view of another.
    pub(super) fn view_ident(&self, name: &TypeName) -> Ident {
        let types = self.contract.types.iter();
        let names = types.filter_map(|def| def.name.as_ref());
        let names = names.filter(|other| other.owner == name.owner);
        let taken: BTreeSet<Ident> = names.map(|other| names::type_ident(&other.name)).collect();
        let ident = names::type_ident(&name.name);
        let mut view = format_ident!("{ident}Ref");
        if taken.contains(&view) {
            view = format_ident!("{ident}View");
        }
        while taken.contains(&view) {
            view = format_ident!("{view}_");
        }
        view
    }

    /// A type as it is read where it lies in a message.
    pub(super) fn view(&self, ty: Type, place: Place<'_>, lifetime: &Lifetime) -> TokenStream {
        let p = &self.private;
        let view = |ty: Type| self.view(ty, place, lifetime);
        let (Type::Id(id), Some(def)) = (ty, self.contract.def(ty)) else {
            return match ty {
                Type::String => quote!(&#lifetime #p::primitive::str),
                _ => self.owned(ty, place),
            };
        };
        if let TypeKind::Alias(target) = def.kind {
            return self.view(target, self.inside(id, place.module), lifetime);
        }
        if let Some(name) = &def.name {
            if self.is_copy(ty) {
                return self.owned(ty, place);
            }
            if self.is_boxed(id, place) {
                let owned = self.owned(ty, place.unboxed());
                return quote!(#p::BoxRef<#lifetime, #owned>);
            }
            let module = self.types_module(&name.owner);
            let path = self.path(place.module, module, &self.view_ident(name));
            return quote!(#path<#lifetime>);
        }
        match &def.kind {
            TypeKind::Tuple(parts) => {
                let parts = parts.iter().map(|ty| view(*ty));
                quote!((#(#parts,)*))
            }
            TypeKind::List(element) => {
                let element = self.owned(*element, place.unboxed());
                quote!(#p::ListRef<#lifetime, #element>)
            }
            TypeKind::FixedList(element, _) => {
                let element = self.owned(*element, place);
                quote!(#p::ListRef<#lifetime, #element>)
            }
            TypeKind::Option(some) => {
                let some = view(*some);
                quote!(#p::Option<#some>)
            }
            TypeKind::Result { ok, err } => {
                let payload = |ty: &Option<Type>| ty.map_or(quote!(()), view);
                let (ok, err) = (payload(ok), payload(err));
                quote!(#p::Result<#ok, #err>)
            }
            TypeKind::Map(key, value) => {
                let place = place.unboxed();
                let (key, value) = (self.owned(*key, place), self.owned(*value, place));
                quote!(#p::MapRef<#lifetime, #key, #value>)
            }
            // They have no views, or names.
            _ => self.owned(ty, place),
        }
    }

    fn is_boxed(&self, id: TypeId, place: Place<'_>) -> bool {
        place.component.is_some() && self.cyclic_component(id) == place.component
    }

    fn cyclic_component(&self, id: TypeId) -> Option<usize> {
        self.embedding
            .get(id.index())
            .filter(|(_, cyclic)| *cyclic)
            .map(|(component, _)| *component)
    }

    /// The place of a reference inside the definition of a type.
    pub(super) fn inside<'p>(&self, id: TypeId, module: &'p [String]) -> Place<'p> {
        Place {
            module,
            component: self.cyclic_component(id),
        }
    }

    /// Whether a caller passes a type by value although that is not free: because the options say so, or because the
    /// caller parts with a resource.
    pub(super) fn is_passed_owned(&self, ty: Type) -> bool {
        let asked = self.settings.ownership == Ownership::Owned && !self.has_handles(ty);
        self.owns(ty) || asked && !self.is_copy(self.contract.resolve(ty))
    }

    /// A type as a caller passes it.
    pub(super) fn passed(&self, ty: Type, place: Place<'_>) -> TokenStream {
        if self.is_passed_owned(ty) {
            self.owned(ty, place)
        } else {
            self.borrowed(ty, place, None)
        }
    }

    /// A type as it is lowered: by value if that is free, otherwise as a reference to what the caller passed.
    pub(super) fn borrowed(
        &self,
        ty: Type,
        place: Place<'_>,
        lifetime: Option<&Lifetime>,
    ) -> TokenStream {
        let p = &self.private;
        let borrowed = |ty: Type| self.borrowed(ty, place, lifetime);
        let resolved = self.contract.resolve(ty);
        if self.is_copy(resolved) {
            return self.owned(ty, place);
        }
        if self.is_passed_owned(ty) {
            let owned = self.owned(ty, place);
            return quote!(&#lifetime #owned);
        }
        match self.contract.kind(resolved) {
            Some(TypeKind::Borrow(resource)) => {
                let resource = self.owned(*resource, place);
                quote!(&#lifetime #resource)
            }
            Some(TypeKind::Option(_) | TypeKind::Result { .. } | TypeKind::Tuple(_))
                if self.has_handles(resolved) =>
            {
                let owned = self.owned(ty, place);
                quote!(&#lifetime #owned)
            }
            None => quote!(&#lifetime #p::primitive::str),
            Some(TypeKind::List(element)) => {
                let element = self.owned(*element, place);
                quote!(&#lifetime [#element])
            }
            Some(TypeKind::Option(some)) => {
                let some = borrowed(*some);
                quote!(#p::Option<#some>)
            }
            Some(TypeKind::Result { ok, err }) => {
                let payload = |ty: &Option<Type>| ty.map_or(quote!(()), borrowed);
                let (ok, err) = (payload(ok), payload(err));
                quote!(#p::Result<#ok, #err>)
            }
            Some(TypeKind::Tuple(parts)) => {
                let parts = parts.iter().map(|ty| borrowed(*ty));
                quote!((#(#parts,)*))
            }
            Some(_) => {
                let owned = self.owned(ty, place);
                quote!(&#lifetime #owned)
            }
        }
    }
}

fn table_index(ty: Type) -> Option<usize> {
    match ty {
        Type::Id(id) => Some(id.index()),
        _ => None,
    }
}

/// The module of each interface. Where a package is there in several versions, its module says which.
fn modules(contract: &Contract) -> BTreeMap<&str, Vec<String>> {
    let owners = contract
        .types
        .iter()
        .filter_map(|def| def.name.as_ref())
        .map(|name| name.owner.as_str());
    let interfaces = contract
        .imports
        .iter()
        .chain(&contract.exports)
        .map(|interface| interface.name.as_str());
    let owners: BTreeSet<&str> = owners
        .chain(interfaces)
        .filter(|owner| *owner != contract.world && *owner != ROOT)
        .collect();
    let versions = |package: &str| {
        let same = owners
            .iter()
            .filter(|other| names::package_of(other) == Some(package));
        same.map(|other| other.split_once('@').map(|(_, version)| version))
            .collect::<BTreeSet<_>>()
            .len()
    };
    let path = |owner: &str| {
        let several = names::package_of(owner).is_some_and(|package| versions(package) > 1);
        names::module_path(owner, several)
    };
    owners.iter().map(|owner| (*owner, path(owner))).collect()
}

/// The named types that stand in the error place of some function's result.
fn error_types(contract: &Contract) -> BTreeSet<TypeId> {
    let functions = contract
        .imports
        .iter()
        .chain(&contract.exports)
        .flat_map(|i| &i.functions);
    let errors = functions.filter_map(|function| match contract.kind(function.result?)? {
        TypeKind::Result { err, .. } => match contract.resolve((*err)?) {
            Type::Id(id) => Some(id),
            _ => None,
        },
        _ => None,
    });
    errors.collect()
}
