//! `#[derive(GraphValue)]`, `#[derive(PackType)]` and `#[derive(GraphView)]`.
//!
//! ```text
//! ast         the input as the wire sees it: record, tuple, newtype, enum, variant
//! attr        #[pack(...)]
//! params      type parameters: bounds, replacements
//! graph_value
//! pack_type
//! graph_view  one expansion each
//! ```

mod ast;
mod attr;
mod graph_value;
mod graph_view;
mod pack_type;
mod params;

pub(crate) use attr::docs;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Path};

use ast::Input;

/// The implementation of `Encode` and `GraphValue` for a type. `facade` is the crate whose `__private`
/// module the code names, unless the type has an attribute that says otherwise.
///
/// # Errors
///
/// Everything that is wrong with the input.
pub fn graph_value(input: &DeriveInput, facade: &Path) -> syn::Result<TokenStream> {
    let input = Input::new(input)?;
    Ok(in_const(&input, facade, graph_value::expand(&input)))
}

/// The implementation of `PackType` for a type; otherwise like [`graph_value`].
///
/// # Errors
///
/// Everything that is wrong with the input.
pub fn pack_type(input: &DeriveInput, facade: &Path) -> syn::Result<TokenStream> {
    let input = Input::new(input)?;
    Ok(in_const(&input, facade, pack_type::expand(&input)))
}

/// The implementation of `GraphView` for a type, and the type that is its view; otherwise like [`graph_value`].
///
/// # Errors
///
/// Everything that is wrong with the input.
pub fn graph_view(input: &DeriveInput, facade: &Path) -> syn::Result<TokenStream> {
    let input = Input::new(input)?;
    let private = input.attr.facade.as_ref().unwrap_or(facade);
    let graph_view::Expansion {
        definition,
        implementations,
    } = graph_view::expand(&input, &quote!(#private::__private))?;
    let implementations = in_const(&input, facade, implementations);
    Ok(quote!(#definition #implementations))
}

/// Code that lets a type stand in for one whose derive failed, so that one mistake gives one error.
pub fn fallback(input: &DeriveInput, facade: &Path, is_graph_value: bool) -> TokenStream {
    if input.generics.lifetimes().next().is_some() {
        // No implementation would be accepted.
        return TokenStream::new();
    }
    let ident = &input.ident;
    let arguments = params::arguments(&input.generics);
    let this: syn::Type = syn::parse_quote!(#ident #arguments);
    let generics = params::owned(&input.generics, &this);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let private = quote!(#facade::__private);
    if !is_graph_value {
        return quote! {
            #[automatically_derived]
            impl #impl_generics #private::PackType for #this #where_clause {
                const IDENTITY: &'static #private::Identity =
                    <#private::primitive::bool as #private::PackType>::IDENTITY;
                const INFO: #private::TypeRef =
                    <#private::primitive::bool as #private::PackType>::INFO;
                type In<__Around: #private::Around> = Self;
            }
        };
    }
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::Encode for #this #where_clause {
            fn encode<__S: #private::Sink>(&self, _: &mut #private::Encoder<__S>) {}
        }
        #[automatically_derived]
        impl #impl_generics #private::GraphValue for #this #where_clause {
            const MIN_WIDTH: u32 = 0;
            fn decode(d: &mut #private::Decoder<'_>) -> #private::Result<Self, #private::DecodeError> {
                #private::Err(d.error(#private::DecodeErrorKind::Unsupported))
            }
        }
    }
}

/// Wraps an expansion, which calls the crate `__pack`, so that none of its names meet the user's.
fn in_const(input: &Input<'_>, facade: &Path, expansion: TokenStream) -> TokenStream {
    let facade = input.attr.facade.as_ref().unwrap_or(facade);
    quote! {
        #[allow(
            deprecated,
            unused_qualifications,
            clippy::multiple_bound_locations,
            reason = "types of fields are qualified, bounds added, and all parts used, whatever they are"
        )]
        const _: () = {
            use #facade::__private as __pack;
            #expansion
        };
    }
}
