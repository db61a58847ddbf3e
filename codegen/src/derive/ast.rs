use std::collections::BTreeMap;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};

use syn::{Data, DeriveInput, Fields, Generics, Ident, Member, Type};

use super::attr::{self, ContainerAttr, Errors};
use crate::names;

/// The input of a derive, as the wire sees it.
pub(super) struct Input<'a> {
    pub(super) ident: &'a Ident,
    pub(super) generics: &'a Generics,
    pub(super) attr: ContainerAttr,
    pub(super) name: String,
    pub(super) docs: String,
    /// Whether values carry a node head.
    pub(super) recursive: bool,
    pub(super) shape: Shape<'a>,
}

pub(super) enum Shape<'a> {
    /// A struct with named fields, or none.
    Record(Vec<Field<'a>>),
    /// A struct with one unnamed field: on the wire the same as that field.
    Newtype(Field<'a>),
    /// A struct with several unnamed fields.
    Tuple(Vec<Field<'a>>),
    /// An enum without payloads.
    Enum(Vec<Case<'a>>),
    /// Any other enum.
    Variant(Vec<Case<'a>>),
}

pub(super) struct Field<'a> {
    pub(super) member: Member,
    /// The WIT name; the number of an unnamed field.
    pub(super) name: String,
    pub(super) ty: &'a Type,
    pub(super) docs: String,
}

pub(super) struct Case<'a> {
    pub(super) ident: &'a Ident,
    pub(super) name: String,
    /// Unnamed fields: the payload, or the parts of a tuple that is the payload.
    pub(super) fields: Vec<Field<'a>>,
    pub(super) docs: String,
}

impl<'a> Input<'a> {
    pub(super) fn new(input: &'a DeriveInput) -> syn::Result<Self> {
        let mut errors = Errors::default();
        let attr = attr::container(&input.attrs, &mut errors);
        let shape = match &input.data {
            Data::Struct(data) => struct_shape(&data.fields, &mut errors),
            Data::Enum(data) => enum_shape(input, data, &mut errors),
            Data::Union(data) => {
                let message =
                    "a union cannot travel: nothing says which of its fields is set; use an enum";
                errors.push(syn::Error::new(data.union_token.span, message));
                Shape::Record(Vec::new())
            }
        };
        if let Some(lifetime) = input.generics.lifetimes().next() {
            let message = "a type that borrows cannot be read back: own the data (String for &str, Vec<T> for &[T])";
            errors.push(syn::Error::new_spanned(lifetime, message));
        }
        let headless = matches!(shape, Shape::Newtype(_) | Shape::Tuple(_) | Shape::Enum(_));
        if attr.recursive && headless {
            let message =
                "only a struct with named fields and an enum with payloads can be recursive";
            errors.push(syn::Error::new_spanned(&input.ident, message));
        }
        errors.finish()?;
        let name = attr
            .rename
            .clone()
            .unwrap_or_else(|| wit_name(&input.ident));
        let mut this = Self {
            ident: &input.ident,
            generics: &input.generics,
            name,
            docs: attr::docs(&input.attrs),
            recursive: attr.recursive,
            attr,
            shape,
        };
        // A type that names itself is recursive and need not say so. A longer cycle cannot be seen from here.
        this.recursive |= !headless && this.fields().any(|field| mentions(field.ty, this.ident));
        Ok(this)
    }

    /// All fields, those of all cases included.
    pub(super) fn fields(&self) -> impl Iterator<Item = &Field<'a>> {
        let (fields, cases): (&[Field<'_>], &[Case<'_>]) = match &self.shape {
            Shape::Record(fields) | Shape::Tuple(fields) => (fields, &[]),
            Shape::Newtype(field) => (std::slice::from_ref(field), &[]),
            Shape::Enum(cases) | Shape::Variant(cases) => (&[], cases),
        };
        fields
            .iter()
            .chain(cases.iter().flat_map(|case| &case.fields))
    }

    /// The generics with `bound` on every type parameter. Parameters carry the bounds, not fields: that is
    /// what lets a recursive type refer to itself without a cycle of bounds.
    pub(super) fn bounded_generics(&self, bound: &TokenStream) -> Generics {
        let mut generics = self.generics.clone();
        let params: Vec<Ident> = generics
            .type_params()
            .map(|param| param.ident.clone())
            .collect();
        let clause = generics.make_where_clause();
        for param in params {
            clause.predicates.push(syn::parse_quote!(#param: #bound));
        }
        generics
    }
}

impl Case<'_> {
    /// A pattern that binds the payload's parts to `f0`, `f1`, ….
    pub(super) fn pattern(&self) -> TokenStream {
        let ident = self.ident;
        let bindings = self.bindings();
        if bindings.is_empty() {
            quote!(Self::#ident)
        } else {
            quote!(Self::#ident(#(#bindings),*))
        }
    }

    pub(super) fn bindings(&self) -> Vec<Ident> {
        (0..self.fields.len())
            .map(|at| Ident::new(&format!("f{at}"), Span::call_site()))
            .collect()
    }
}

fn struct_shape<'a>(fields: &'a Fields, errors: &mut Errors) -> Shape<'a> {
    let parts = collect(fields, errors);
    match fields {
        Fields::Unnamed(_) => match <[Field<'a>; 1]>::try_from(parts) {
            Ok([only]) => Shape::Newtype(only),
            Err(parts) => Shape::Tuple(parts),
        },
        Fields::Named(_) | Fields::Unit => Shape::Record(parts),
    }
}

fn collect<'a>(fields: &'a Fields, errors: &mut Errors) -> Vec<Field<'a>> {
    let mut names = BTreeMap::new();
    let mut parts = Vec::new();
    for (member, field) in fields.members().zip(fields) {
        let attr = attr::member(&field.attrs, errors);
        let name = match &member {
            Member::Named(ident) => attr.rename.unwrap_or_else(|| wit_name(ident)),
            Member::Unnamed(index) => {
                if attr.rename.is_some() {
                    let message = "a field without a name cannot be renamed";
                    errors.push(syn::Error::new_spanned(field, message));
                }
                index.index.to_string()
            }
        };
        report_twin(&mut names, &name, field, errors);
        parts.push(Field {
            member,
            name,
            ty: &field.ty,
            docs: attr::docs(&field.attrs),
        });
    }
    parts
}

fn enum_shape<'a>(
    input: &'a DeriveInput,
    data: &'a syn::DataEnum,
    errors: &mut Errors,
) -> Shape<'a> {
    if data.variants.is_empty() {
        let message =
            "an enum without variants has no values to send; WIT asks for at least one case";
        errors.push(syn::Error::new_spanned(&input.ident, message));
    }
    let mut names = BTreeMap::new();
    let mut cases = Vec::new();
    for variant in &data.variants {
        let attr = attr::member(&variant.attrs, errors);
        let name = attr.rename.unwrap_or_else(|| wit_name(&variant.ident));
        report_twin(&mut names, &name, &variant.ident, errors);
        if let Fields::Named(fields) = &variant.fields {
            let message = "WIT has no records without a name: move these fields into a struct of their own, and let \
                           this variant hold it";
            errors.push(syn::Error::new_spanned(fields, message));
        }
        let fields = collect(&variant.fields, errors);
        cases.push(Case {
            ident: &variant.ident,
            name,
            fields,
            docs: attr::docs(&variant.attrs),
        });
    }
    if cases.iter().all(|case| case.fields.is_empty()) {
        Shape::Enum(cases)
    } else {
        Shape::Variant(cases)
    }
}

fn report_twin(
    names: &mut BTreeMap<String, ()>,
    name: &str,
    at: &impl ToTokens,
    errors: &mut Errors,
) {
    if names.insert(name.to_owned(), ()).is_some() {
        let message = format!(
            "another part has the WIT name `{name}` too; give one of them `#[pack(rename = \"…\")]`"
        );
        errors.push(syn::Error::new_spanned(at, message));
    }
}

fn wit_name(ident: &Ident) -> String {
    names::wit_name(&ident.to_string())
}

/// Whether a type names an identifier or `Self` anywhere.
fn mentions(ty: &Type, ident: &Ident) -> bool {
    fn found(tokens: TokenStream, ident: &Ident) -> bool {
        tokens.into_iter().any(|tree| match tree {
            proc_macro2::TokenTree::Ident(word) => word == *ident || word == "Self",
            proc_macro2::TokenTree::Group(group) => found(group.stream(), ident),
            _ => false,
        })
    }
    found(ty.to_token_stream(), ident)
}
