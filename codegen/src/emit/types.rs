use std::collections::BTreeSet;

use pack_abi::schema::{Case, Field, Label, Provider, Type, TypeDef, TypeId, TypeKind, TypeName};
use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{Lifetime, Path};

use super::exports::resource_trait_path;
use super::model::Model;
use super::tree::Tree;
use super::{docs, elsewhere};
use crate::wit::Place;
use crate::{Side, names};

/// Adds every named type of the contract to its module; for those from elsewhere, a check that they are what the WIT
/// says.
pub(super) fn add_types(model: &Model<'_>, tree: &mut Tree) {
    let rules = &model.settings.rules;
    for (def, at) in model.contract.types.iter().zip(0_u32..) {
        let id = TypeId(at);
        if rules.is_transparent(id) {
            continue;
        }
        if let Some(name) = &def.name {
            if let Some(path) = rules.elsewhere(id, 0) {
                let check = elsewhere::check(model, id, def, name, &path);
                tree.add(&[], Place::Type(id), check);
                continue;
            }
            let module = model.types_module(&name.owner);
            let definition = define(model, id, def, name);
            let generated = module.is_empty().then(super::generated);
            tree.add(module, Place::Type(id), quote!(#generated #definition));
        }
    }
}

/// ```text
/// /// docs
/// #[derive(Debug, Clone, PartialEq, pack::GraphValue, pack::PackType)]
/// #[pack(crate = pack, interface = "demo:json-query/types@1.0.0", recursive)]
/// pub enum Json { … }
/// ```
fn define(model: &Model<'_>, id: TypeId, def: &TypeDef, name: &TypeName) -> TokenStream {
    let (ident, docs) = (names::type_ident(&name.name), docs(&def.docs));
    let place = model.inside(id, model.types_module(&name.owner));
    match &def.kind {
        TypeKind::Alias(target) => {
            let target = model.owned(*target, place);
            let view = view(model, id, def, name);
            quote!(#docs pub type #ident = #target; #view)
        }
        TypeKind::Flags(labels) => flags(model, id, name, labels, &docs, &def.docs),
        TypeKind::Record(fields) => {
            let head = head(model, id, name);
            let fields = fields.iter().map(|Field { name, ty, docs }| {
                let (field, ty, docs) = (
                    names::value_ident(name),
                    model.owned(*ty, place),
                    super::docs(docs),
                );
                let rename = rename(&field.to_string(), name);
                quote!(#docs #rename pub #field: #ty)
            });
            let (view, error) = (view(model, id, def, name), error_impl(model, id, &ident));
            quote!(#docs #head pub struct #ident { #(#fields,)* } #view #error)
        }
        TypeKind::Variant(cases) => {
            let head = head(model, id, name);
            let cases = cases.iter().map(|Case { name, ty, docs }| {
                let (case, docs) = (names::type_ident(name), super::docs(docs));
                let payload = ty.map(|ty| model.owned(ty, place)).map(|ty| quote!((#ty)));
                let rename = rename(&case.to_string(), name);
                quote!(#docs #rename #case #payload)
            });
            let (view, error) = (view(model, id, def, name), error_impl(model, id, &ident));
            quote!(#docs #head pub enum #ident { #(#cases,)* } #view #error)
        }
        TypeKind::Enum(labels) => {
            let head = head(model, id, name);
            let cases = labels.iter().map(|Label { name, docs }| {
                let (case, docs) = (names::type_ident(name), super::docs(docs));
                let rename = rename(&case.to_string(), name);
                quote!(#docs #rename #case)
            });
            let error = error_impl(model, id, &ident);
            quote!(#docs #head pub enum #ident { #(#cases,)* } #error)
        }
        TypeKind::Resource(provider) => resource(model, id, name, *provider, &docs, &def.docs),
        // Anonymous types are written where they are used.
        TypeKind::Own(_)
        | TypeKind::Borrow(_)
        | TypeKind::Stream(_)
        | TypeKind::Future(_)
        | TypeKind::Tuple(_)
        | TypeKind::List(_)
        | TypeKind::FixedList(..)
        | TypeKind::Option(_)
        | TypeKind::Result { .. }
        | TypeKind::Map(..) => TokenStream::new(),
    }
}

/// The derives and attributes of a type.
fn head(model: &Model<'_>, id: TypeId, name: &TypeName) -> TokenStream {
    let (facade, ty) = (&model.settings.facade, Type::Id(id));
    let mut derives = vec!["Debug"];
    if !model.owns(ty) {
        derives.push("Clone");
    }
    if model.is_copy(ty) {
        derives.push("Copy");
    }
    if model.is_partial_eq(ty) {
        derives.push("PartialEq");
    }
    if model.is_eq(ty) {
        derives.extend(["Eq", "Hash"]);
    }
    if matches!(model.contract.kind(ty), Some(TypeKind::Enum(_))) {
        derives.extend(["PartialOrd", "Ord"]);
    }
    let (derives, attributes) = (
        self::derives(model, id, &derives),
        model.settings.rules.attributes(id),
    );
    let owner = &name.owner;
    let rename =
        (names::wit_name(&names::type_ident(&name.name).to_string()) != name.name).then(|| {
            let name = &name.name;
            quote!(, rename = #name)
        });
    // Known here, so that the compiler need not find out.
    let recursive = match model.contract.kind(ty) {
        Some(TypeKind::Record(_) | TypeKind::Variant(_)) => match model.contract.is_recursive(ty) {
            true => quote!(, recursive),
            false => quote!(, recursive = false),
        },
        _ => TokenStream::new(),
    };
    // Unless an option says another, or may say one.
    let has_repr = attributes
        .iter()
        .any(|own| own.path().is_ident("repr") || own.path().is_ident("cfg_attr"));
    let repr = (model.is_plain_in_order(id) && !has_repr).then(|| quote!(#[repr(C)]));
    let (derive_view, view) = match model.has_view(ty) {
        true => (
            quote!(, #facade::GraphView),
            view_attribute(model, id, name),
        ),
        false => Default::default(),
    };
    quote! {
        #[derive(#derives #facade::GraphValue, #facade::PackType #derive_view)]
        #[pack(crate = #facade, interface = #owner #rename #recursive #view)]
        #repr
        #(#attributes)*
    }
}

/// Says what the view of a type is.
fn view_attribute(model: &Model<'_>, id: TypeId, name: &TypeName) -> TokenStream {
    match model.contract.kind(Type::Id(id)) {
        Some(TypeKind::Enum(_)) => TokenStream::new(),
        _ if model.is_copy(Type::Id(id)) => quote!(, copy),
        _ => {
            let view = model.view_ident(name);
            quote!(, view = #view)
        }
    }
}

/// ```text
/// /// A [`Json`] where it lies in a message.
/// pub enum JsonRef<'a> { … }
/// ```
///
/// The derive could make it as well, but not with types that a person reads, and that the compiler knows to be covariant.
fn view(model: &Model<'_>, id: TypeId, def: &TypeDef, name: &TypeName) -> Option<TokenStream> {
    let ty = Type::Id(id);
    if !model.has_view(ty) || model.is_copy(model.contract.resolve(ty)) {
        return None;
    }
    let (ident, lifetime) = (
        model.view_ident(name),
        Lifetime::new("'a", Span::call_site()),
    );
    let docs = format!(
        " A [`{}`] where it lies in a message.",
        names::type_ident(&name.name)
    );
    let place = model.inside(id, model.types_module(&name.owner));
    let view = |ty: Type| model.view(ty, place, &lifetime);
    let definition = match &def.kind {
        TypeKind::Alias(target) => {
            let target = view(*target);
            quote!(pub type #ident<#lifetime> = #target;)
        }
        TypeKind::Record(fields) => {
            let names = fields.iter().map(|field| names::value_ident(&field.name));
            let types = fields.iter().map(|field| view(field.ty));
            quote!(pub struct #ident<#lifetime> { #(pub #names: #types,)* })
        }
        TypeKind::Variant(cases) => {
            let cases = cases.iter().map(|case| {
                let name = names::type_ident(&case.name);
                let payload = case.ty.map(view).map(|ty| quote!((#ty)));
                quote!(#name #payload)
            });
            quote!(pub enum #ident<#lifetime> { #(#cases,)* })
        }
        _ => return None,
    };
    let generated = place.module.is_empty().then(super::generated);
    Some(quote!(#generated #[doc = #docs] #definition))
}

/// The standard derives of a type, then those that the options add. What is asked for although it is there
/// is there once.
fn derives(model: &Model<'_>, id: TypeId, standard: &[&str]) -> TokenStream {
    let p = &model.private;
    let own = standard.iter().map(|name| names::ident(name));
    let is_standard = |path: &Path| {
        let segments: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        match segments.as_slice() {
            [name] => standard.contains(&name.as_str()),
            [root, .., name] if root == "std" || root == "core" => {
                standard.contains(&name.as_str())
            }
            _ => false,
        }
    };
    let mut seen = BTreeSet::new();
    let added = model
        .settings
        .rules
        .derives(id)
        .iter()
        .filter(|path| !is_standard(path) && seen.insert(path.to_token_stream().to_string()));
    quote!(#(#p::#own,)* #(#added,)*)
}

/// Says the WIT name where the Rust name does not.
fn rename(rust: &str, wit: &str) -> Option<TokenStream> {
    (names::wit_name(rust) != wit).then(|| quote!(#[pack(rename = #wit)]))
}

/// A type that functions fail with is an error.
fn error_impl(model: &Model<'_>, id: TypeId, ident: &syn::Ident) -> Option<TokenStream> {
    let p = &model.private;
    model.is_error(id).then(|| {
        quote! {
            impl #p::fmt::Display for #ident {
                fn fmt(&self, f: &mut #p::fmt::Formatter<'_>) -> #p::fmt::Result {
                    #p::fmt::Debug::fmt(self, f)
                }
            }
            impl #p::error::Error for #ident {}
        }
    })
}

/// ```text
/// pub struct File(Own<File>);
/// impl Resource for File { … }
/// ```
fn resource(
    model: &Model<'_>,
    id: TypeId,
    name: &TypeName,
    provider: Provider,
    docs: &TokenStream,
    docs_text: &str,
) -> TokenStream {
    let (p, facade) = (&model.private, &model.settings.facade);
    let ident = names::type_ident(&name.name);
    let (owner, wit_name) = (&name.owner, &name.name);
    let (derives, attributes) = (
        derives(model, id, &["Debug"]),
        model.settings.rules.attributes(id),
    );
    let (raw, provider_ident) = match (model.settings.side, provider) {
        (Side::Guest, Provider::Host) => ("ImportedHandle", "Host"),
        (Side::Guest, Provider::Package) => ("ExportedHandle", "Package"),
        (Side::Host, Provider::Host) => ("HostHandle", "Host"),
        (Side::Host, Provider::Package) => ("GuestHandle", "Package"),
    };
    let (raw, provider_ident) = (format_ident!("{raw}"), format_ident!("{provider_ident}"));
    let own = match (model.settings.side, provider) {
        (Side::Guest, Provider::Package) => {
            // What its methods are not there for, it cannot be.
            let bound = resource_trait_path(model, name).unwrap_or(quote!(#p::Any));
            quote! {
                impl #ident {
                    /// A resource that is this value.
                    pub fn new(value: impl #bound) -> Self {
                        #p::new_resource(value)
                    }

                    /// The value the resource was made of, if it is of this type.
                    pub fn get<T: #bound>(&self) -> #p::Option<#p::Rc<T>> {
                        #p::resource_value(self)
                    }
                }
            }
        }
        (Side::Host, Provider::Host) => quote! {
            impl #ident {
                /// A resource that is this value.
                pub fn new(value: impl #p::Any + #p::Send) -> Self {
                    #p::new_resource(value)
                }

                /// Works on the value the resource was made of.
                ///
                /// # Errors
                ///
                /// If the resource is gone, was made of a value of another type, or is being worked on by an outer call.
                pub fn with<T: #p::Any + #p::Send, O>(
                    &self,
                    work: impl #p::FnOnce(&mut T) -> O,
                ) -> #p::Result<O, #p::HandleProblem> {
                    #p::with_resource(self, work)
                }

                /// The value the resource was made of.
                ///
                /// # Errors
                ///
                /// The resource, if it was made of a value of another type.
                pub fn into_inner<T: #p::Any + #p::Send>(self) -> #p::Result<T, Self> {
                    #p::into_value(self)
                }
            }
        },
        _ => TokenStream::new(),
    };
    quote! {
        #docs
        #[derive(#derives #facade::GraphValue, #facade::PackType)]
        #[pack(crate = #facade, recursive = false)]
        #(#attributes)*
        pub struct #ident(#p::Own<#ident>);
        impl #p::Resource for #ident {
            const OWNER: &'static #p::primitive::str = #owner;
            const NAME: &'static #p::primitive::str = #wit_name;
            const DOCS: &'static #p::primitive::str = #docs_text;
            const PROVIDER: #p::Provider = #p::Provider::#provider_ident;
            type Raw = #p::#raw;

            fn handle(&self) -> &#p::Own<Self> {
                &self.0
            }

            fn from_handle(handle: #p::Own<Self>) -> Self {
                Self(handle)
            }
        }
        #own
    }
}

/// The most flags a type may have: as many as the widest integer has bits.
pub(crate) const MAX_FLAGS: usize = 128;

/// ```text
/// bitflags! { pub struct Access: u8 { const READ = 1 << 0; } }
/// impl Encode for Access { … }
/// ```
fn flags(
    model: &Model<'_>,
    id: TypeId,
    name: &TypeName,
    labels: &[Label],
    docs: &TokenStream,
    docs_text: &str,
) -> TokenStream {
    let p = &model.private;
    let ident = names::type_ident(&name.name);
    let bits = match labels.len() {
        0..=8 => "u8",
        9..=16 => "u16",
        17..=32 => "u32",
        33..=64 => "u64",
        _ => "u128",
    };
    let bits = format_ident!("{bits}");
    let constants = labels.iter().enumerate().map(|(at, Label { name, docs })| {
        let (constant, at, docs) = (
            names::const_ident(name),
            Literal::usize_unsuffixed(at),
            super::docs(docs),
        );
        quote!(#docs const #constant = 1 << #at;)
    });
    let count = u32::try_from(labels.len()).unwrap_or(u32::MAX);
    let width = count.div_ceil(8);
    let (owner, wit_name) = (&name.owner, &name.name);
    let described = labels
        .iter()
        .map(|Label { name, docs }| quote!(#p::LabelInfo { name: #name, docs: #docs }));
    let standard = [
        "Debug",
        "Clone",
        "Copy",
        "PartialEq",
        "Eq",
        "PartialOrd",
        "Ord",
        "Hash",
    ];
    let (derives, attributes) = (
        derives(model, id, &standard),
        model.settings.rules.attributes(id),
    );
    let to_bits = quote!(#p::Into::<#p::primitive::u128>::into(self.bits()));
    // Reading checks that no other bits are set, so that nothing is cut off here.
    let from_bits = match labels.len() {
        65.. => quote!(Self::from_bits_retain),
        _ => quote!(|bits| Self::from_bits_retain(bits as #p::primitive::#bits)),
    };
    quote! {
        #p::bitflags::bitflags! {
            #docs
            #[derive(#derives)]
            #(#attributes)*
            pub struct #ident: #p::primitive::#bits {
                #(#constants)*
            }
        }
        impl #p::Encode for #ident {
            #[inline]
            fn encode<__S: #p::Sink>(&self, encoder: &mut #p::Encoder<__S>) {
                #p::encode_flags(#to_bits, #count, encoder);
            }
            #[inline]
            fn flatten(&self, slots: &mut #p::FlatWriter<'_>) {
                #p::flatten_flags(#to_bits, slots);
            }
        }
        impl #p::GraphValue for #ident {
            const MIN_WIDTH: #p::primitive::u32 = #width;
            #[inline]
            fn decode(decoder: &mut #p::Decoder<'_>) -> #p::Result<Self, #p::DecodeError> {
                #p::decode_flags(#count, decoder).map(#from_bits)
            }
            #[inline]
            fn unflatten(slots: &mut #p::FlatReader<'_>) -> #p::Result<Self, #p::DecodeError> {
                #p::unflatten_flags(#count, slots).map(#from_bits)
            }
        }
        impl #p::GraphView for #ident {
            type Ref<'__a> = Self;
            const HAS_NODES: #p::primitive::bool = false;
            #[inline]
            fn check(decoder: &mut #p::Decoder<'_>) -> #p::Result<(), #p::DecodeError> {
                #p::check_copied::<Self>(decoder)
            }
            #[inline]
            fn read(cursor: &mut #p::Cursor<'_>, _: #p::primitive::bool) -> Self {
                cursor.copied()
            }
            #[inline]
            fn to_owned(view: Self) -> Self {
                view
            }
        }
        impl #p::PackType for #ident {
            const IDENTITY: &'static #p::Identity = &#p::Identity::named(
                #owner,
                #wit_name,
                &[],
                #p::concat!(#p::module_path!(), ":", #p::line!(), ":", #p::column!()),
                0,
            );
            const INFO: #p::TypeRef = #p::TypeRef::new(const {
                &#p::TypeInfo {
                    identity: Self::IDENTITY,
                    docs: #docs_text,
                    recursive: #p::None,
                    shape: #p::Shape::Flags(&[#(#described),*]),
                }
            });
            type In<A: #p::Around> = Self;
        }
    }
}
