use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};

use proc_macro2::Span;
use quote::{ToTokens, format_ident, quote};
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{Data, DeriveInput, Generics, Ident, Member, Path, Type, Visibility};

use super::attr::{self, ContainerAttr, Errors};
use super::params::{self, Params, WithoutSelf};
use crate::names::{self, Spelling};

/// The input of a derive, as the wire sees it.
pub(super) struct Input<'a> {
    pub(super) vis: &'a Visibility,
    pub(super) ident: &'a Ident,
    pub(super) generics: &'a Generics,
    pub(super) attr: ContainerAttr,
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) shape: Shape,
    pub(super) params: Params,
    /// The types of the fields that are made by `Default`.
    skipped: Vec<Type>,
    /// The type with its parameters: `Pair<A, B>`.
    pub(super) this: Type,
    /// A number made of the type's text, which tells it from others of its name and place.
    pub(super) salt: u64,
}

pub(super) enum Shape {
    /// A struct with named fields, or none.
    Record(Fields),
    /// A struct with one unnamed field: on the wire the same as that field.
    Newtype(Fields),
    /// A struct with several unnamed fields.
    Tuple(Fields),
    /// An enum without payloads.
    Enum(Vec<Case>),
    /// Any other enum.
    Variant(Vec<Case>),
}

impl Shape {
    /// What converts some field.
    pub(super) fn converted(&self) -> Option<&Path> {
        self.sent().find_map(|field| field.with.as_ref())
    }

    /// All fields that travel.
    pub(super) fn sent(&self) -> impl Iterator<Item = &Field> {
        field_lists(self).flat_map(|fields| &fields.sent)
    }
}

#[derive(Default)]
pub(super) struct Fields {
    /// Those that travel.
    pub(super) sent: Vec<Field>,
    pub(super) skipped: Vec<Skipped>,
}

pub(super) struct Field {
    pub(super) vis: Visibility,
    pub(super) member: Member,
    /// The WIT name; the number of an unnamed field.
    pub(super) name: String,
    /// The type that travels.
    pub(super) ty: Type,
    /// The module that makes it of the field, and the field of it.
    pub(super) with: Option<Path>,
    pub(super) docs: String,
}

pub(super) struct Skipped {
    pub(super) member: Member,
    pub(super) ty: Type,
    pub(super) default: Option<Path>,
}

pub(super) struct Case {
    pub(super) ident: Ident,
    pub(super) name: String,
    pub(super) fields: Fields,
    pub(super) payload: Payload,
    /// Whether it does not travel.
    pub(super) skipped: bool,
    pub(super) docs: String,
}

/// What the fields of a case are on the wire.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Payload {
    Nothing,
    /// The one field.
    Field,
    /// A tuple of the fields.
    Tuple,
    /// A record of the fields, which has the name of the enum and the case.
    Record,
}

impl<'a> Input<'a> {
    pub(super) fn new(input: &'a DeriveInput) -> syn::Result<Self> {
        let mut errors = Errors::default();
        let attr = attr::container(&input.attrs, &mut errors);
        let spelling = attr.rename_all.unwrap_or_default();
        let ident = &input.ident;
        let arguments = params::arguments(&input.generics);
        let this: Type = syn::parse_quote!(#ident #arguments);
        let shape = match &input.data {
            Data::Struct(data) => struct_shape(&data.fields, spelling, &this, &mut errors),
            Data::Enum(data) => enum_shape(input, data, spelling, &this, &mut errors),
            Data::Union(data) => {
                let message =
                    "a union cannot travel: nothing says which of its fields is set; use an enum";
                errors.at(data.union_token.span, message);
                Shape::Record(Fields::default())
            }
        };
        if let Some(repr) = input.attrs.iter().find(|attr| is_packed(attr)) {
            let message = "a packed type cannot travel: its fields cannot be referred to; send another, and convert";
            errors.push(syn::Error::new_spanned(repr, message));
        }
        if let Some(lifetime) = input.generics.lifetimes().next() {
            let message = "a type that borrows cannot be read back: own the data (String for &str, Vec<T> for &[T])";
            errors.at(lifetime.span(), message);
        }
        check_heads(input, &shape, &attr, &mut errors);
        let name = match &attr.rename {
            Some(name) => name.value(),
            None => wit_name(ident, Spelling::Kebab, &mut errors),
        };
        errors.finish()?;
        let sent = shape.sent().filter(|field| field.with.is_none());
        let params = Params::of(ident, &input.generics, sent.map(|field| &field.ty));
        let skipped = field_lists(&shape).flat_map(|fields| &fields.skipped);
        let skipped = skipped.filter(|field| field.default.is_none() && !is_phantom(&field.ty));
        Ok(Self {
            skipped: skipped.map(|field| field.ty.clone()).collect(),
            vis: &input.vis,
            ident,
            generics: &input.generics,
            attr,
            name,
            docs: attr::docs(&input.attrs),
            params,
            this,
            salt: salt(input),
            shape,
        })
    }

    /// The generics of an implementation of `bound`.
    pub(super) fn bounded_generics(&self, bound: &proc_macro2::TokenStream) -> Generics {
        self.params
            .bounded(self.generics, &self.this, self.attr.bound.as_deref(), bound)
    }

    /// The generics of an implementation of `GraphValue`, which makes what is skipped as well.
    pub(super) fn value_generics(&self) -> Generics {
        self.making_generics(&quote!(__pack::GraphValue))
    }

    /// The generics of an implementation of `bound` that makes values, and so what is skipped as well.
    pub(super) fn making_generics(&self, bound: &proc_macro2::TokenStream) -> Generics {
        let mut generics = self.bounded_generics(bound);
        if self.attr.bound.is_none() {
            let defaults = self.skipped.iter();
            let defaults = defaults.filter(|ty| params::depends(ty, self.generics));
            let clause = generics.make_where_clause();
            clause.predicates.extend(
                defaults
                    .map(|ty| -> syn::WherePredicate { syn::parse_quote!(#ty: __pack::Default) }),
            );
        }
        generics
    }

    /// Whether there may be more than one type of this definition.
    pub(super) fn is_generic(&self) -> bool {
        !self.generics.params.is_empty()
    }
}

impl Fields {
    /// A pattern for the fields that travel, each bound to `__0`, `__1`, ….
    pub(super) fn pattern(&self, path: &proc_macro2::TokenStream) -> proc_macro2::TokenStream {
        let (members, bindings) = (self.sent.iter().map(|field| &field.member), self.bindings());
        let rest = (!self.skipped.is_empty()).then(|| quote!(..));
        quote!(#path { #(#members: #bindings,)* #rest })
    }

    pub(super) fn bindings(&self) -> Vec<Ident> {
        (0..self.sent.len())
            .map(|at| Ident::new(&format!("__{at}"), Span::call_site()))
            .collect()
    }
}

impl Field {
    /// The span of what the user wrote the type with.
    pub(super) fn span(&self) -> Span {
        self.ty.span()
    }
}

/// The fields of a struct, or of each case that travels.
fn field_lists(shape: &Shape) -> impl Iterator<Item = &Fields> {
    let (fields, cases): (Option<&Fields>, &[Case]) = match shape {
        Shape::Record(fields) | Shape::Newtype(fields) | Shape::Tuple(fields) => {
            (Some(fields), &[])
        }
        Shape::Enum(cases) | Shape::Variant(cases) => (None, cases),
    };
    let cases = cases.iter().filter(|case| !case.skipped);
    fields.into_iter().chain(cases.map(|case| &case.fields))
}

fn struct_shape(
    fields: &syn::Fields,
    spelling: Spelling,
    this: &Type,
    errors: &mut Errors,
) -> Shape {
    let parts = collect(fields, spelling, this, errors);
    match fields {
        syn::Fields::Unnamed(_) if parts.sent.len() == 1 => Shape::Newtype(parts),
        syn::Fields::Unnamed(_) => Shape::Tuple(parts),
        syn::Fields::Named(_) | syn::Fields::Unit => Shape::Record(parts),
    }
}

fn collect(fields: &syn::Fields, spelling: Spelling, this: &Type, errors: &mut Errors) -> Fields {
    let mut names = BTreeSet::new();
    let mut parts = Fields::default();
    for (member, field) in fields.members().zip(fields) {
        let attr = attr::field(&field.attrs, errors);
        let mut ty = field.ty.clone();
        WithoutSelf(this).visit_type_mut(&mut ty);
        if attr.skip.is_some() || is_phantom(&ty) {
            parts.skipped.push(Skipped {
                member,
                ty,
                default: attr.default.and_then(|(_, path)| path),
            });
            continue;
        }
        let name = match (&member, &attr.rename) {
            (Member::Named(_), Some(name)) => name.value(),
            (Member::Named(ident), None) => wit_name(ident, spelling, errors),
            (Member::Unnamed(index), rename) => {
                if let Some(name) = rename {
                    errors.at(name.span(), "a field without a name cannot be renamed");
                }
                index.index.to_string()
            }
        };
        match &member {
            Member::Named(ident) => report_twin(&mut names, &name, ident, errors),
            Member::Unnamed(_) => {}
        }
        if let Some(module) = &attr.with {
            ty = syn::parse_quote_spanned!(module.span()=> #module::Wire);
        }
        parts.sent.push(Field {
            vis: field.vis.clone(),
            member,
            name,
            ty,
            with: attr.with,
            docs: attr::docs(&field.attrs),
        });
    }
    parts
}

fn enum_shape(
    input: &DeriveInput,
    data: &syn::DataEnum,
    spelling: Spelling,
    this: &Type,
    errors: &mut Errors,
) -> Shape {
    let mut names = BTreeSet::new();
    let mut cases = Vec::new();
    for variant in &data.variants {
        let attr = attr::variant(&variant.attrs, errors);
        if attr.skip.is_some() {
            // Its fields do not travel either, whatever they say.
            cases.push(Case {
                ident: variant.ident.clone(),
                name: String::new(),
                fields: Fields::default(),
                payload: Payload::Nothing,
                skipped: true,
                docs: String::new(),
            });
            continue;
        }
        let name = match attr.rename {
            Some(name) => name.value(),
            None => wit_name(&variant.ident, spelling, errors),
        };
        report_twin(&mut names, &name, &variant.ident, errors);
        let fields = collect(&variant.fields, Spelling::Kebab, this, errors);
        let payload = match (&variant.fields, fields.sent.len()) {
            (_, 0) => Payload::Nothing,
            (syn::Fields::Named(_), _) => Payload::Record,
            (_, 1) => Payload::Field,
            _ => Payload::Tuple,
        };
        cases.push(Case {
            ident: variant.ident.clone(),
            name,
            fields,
            payload,
            skipped: false,
            docs: attr::docs(&variant.attrs),
        });
    }
    let mut sent = cases.iter().filter(|case| !case.skipped).peekable();
    if sent.peek().is_none() {
        let message = match cases.is_empty() {
            true => {
                "an enum without variants has no values to send; WIT asks for at least one case"
            }
            false => {
                "all variants are skipped, so that there are no values to send; WIT asks for at least one case"
            }
        };
        errors.at(input.ident.span(), message);
    }
    if sent.all(|case| case.payload == Payload::Nothing) {
        Shape::Enum(cases)
    } else {
        Shape::Variant(cases)
    }
}

/// Only types with a name have values with a node head, and only they can be recursive.
fn check_heads(input: &DeriveInput, shape: &Shape, attr: &ContainerAttr, errors: &mut Errors) {
    let ident = &input.ident;
    if attr.recursive == Some(true)
        && matches!(shape, Shape::Newtype(_) | Shape::Tuple(_) | Shape::Enum(_))
    {
        let message = "only a struct with named fields and an enum with payloads can be recursive";
        errors.at(ident.span(), message);
    }
    let (Shape::Newtype(fields) | Shape::Tuple(fields)) = shape else {
        return;
    };
    for name in [&attr.rename, &attr.interface].into_iter().flatten() {
        let message =
            "a struct without named fields has no name in WIT: it travels as its fields do";
        errors.at(name.span(), message);
    }
    for field in &fields.sent {
        if params::mentions(&field.ty, ident) && attr.recursive.is_none() {
            let message = "a struct without named fields is its fields on the wire, and cannot contain itself: give \
                           the fields names";
            errors.push(syn::Error::new_spanned(&field.ty, message));
        }
    }
}

fn report_twin(names: &mut BTreeSet<String>, name: &str, at: &Ident, errors: &mut Errors) {
    if !names.insert(name.to_lowercase()) {
        let message = format_args!(
            "another part has the WIT name `{name}` too, in this or the other case; give one of them `#[pack(rename = \
             \"…\")]`"
        );
        errors.at(at.span(), message);
    }
}

fn wit_name(ident: &Ident, spelling: Spelling, errors: &mut Errors) -> String {
    let name = spelling.wit_name(&ident.to_string());
    if !names::is_wit_name(&name) {
        let message = format_args!(
            "`{name}` is no WIT name: {}; give it one with `#[pack(rename = \"…\")]`",
            names::WIT_NAME_RULE
        );
        errors.at(ident.span(), message);
    }
    name
}

fn is_phantom(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "PhantomData"))
}

/// `#[repr(packed)]`, `#[repr(C, packed(2))]`.
fn is_packed(attr: &syn::Attribute) -> bool {
    attr.path().is_ident("repr")
        && attr.meta.require_list().is_ok_and(|list| {
            let mut words = list.tokens.clone().into_iter();
            words
                .any(|word| matches!(word, proc_macro2::TokenTree::Ident(word) if word == "packed"))
        })
}

/// The same in every build, and for both derives.
fn salt(input: &DeriveInput) -> u64 {
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    input.to_token_stream().to_string().hash(&mut hasher);
    hasher.finish()
}

/// FNV-1a. The standard library's hasher may change with the compiler.
struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A name for something of a case.
pub(super) fn of_case(word: &str, at: u32) -> Ident {
    format_ident!("__{word}_{at}")
}
