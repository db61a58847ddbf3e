//! The macros of Pack. Use them through `pack` (in guests) and `pack_runtime` (in hosts), which say there what
//! they do; everything behind them is in `pack-codegen`.
//!
//! | here | in guests | in hosts |
//! | --- | --- | --- |
//! | [`world!`] | `pack::world!` | |
//! | [`package!`] | `pack::package!` | |
//! | [`macro@export`] | `#[pack::export]` | |
//! | [`bindgen!`] | | `pack_runtime::bindgen!` |
//! | [`GuestGraphValue`], [`HostGraphValue`] | `pack::GraphValue` | `pack_runtime::GraphValue` |
//! | [`GuestPackType`], [`HostPackType`] | `pack::PackType` | `pack_runtime::PackType` |
//! | [`GuestGraphView`], [`HostGraphView`] | `pack::GraphView` | `pack_runtime::GraphView` |
//!
//! The derives are there twice because the code they make names the crate that they are used through. [`export_checked!`]
//! and [`export_inferred!`] are called by code that other macros have made.

use pack_codegen::{MacroInput, Side, derive};
use proc_macro::TokenStream;
use syn::{DeriveInput, Path, parse_macro_input, parse_quote};

/// `pack::world!`
#[proc_macro]
pub fn world(input: TokenStream) -> TokenStream {
    bindings(input, Side::Guest)
}

/// `pack_runtime::bindgen!`
#[proc_macro]
pub fn bindgen(input: TokenStream) -> TokenStream {
    bindings(input, Side::Host)
}

/// `#[pack::export]`
#[proc_macro_attribute]
pub fn export(argument: TokenStream, item: TokenStream) -> TokenStream {
    let fallback = item.clone();
    pack_codegen::export::expand(argument.into(), item.into()).map_or_else(
        |error| {
            // The item stays, so that its uses are no errors of their own.
            let mut tokens = TokenStream::from(error.into_compile_error());
            tokens.extend(fallback);
            tokens
        },
        Into::into,
    )
}

/// What `#[pack::export]` hands an item to, by way of a macro that knows the WIT.
#[proc_macro]
pub fn export_checked(input: TokenStream) -> TokenStream {
    pack_codegen::export::checked(input.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// `pack::package!`
#[proc_macro]
pub fn package(input: TokenStream) -> TokenStream {
    pack_codegen::export::package(input.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// What `#[pack::export]` hands a function to, by way of a macro that knows the package's name.
#[proc_macro]
pub fn export_inferred(input: TokenStream) -> TokenStream {
    pack_codegen::export::inferred(input.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

#[doc = include_str!("derive.md")]
#[proc_macro_derive(GuestGraphValue, attributes(pack))]
pub fn guest_graph_value(input: TokenStream) -> TokenStream {
    derived(parse_macro_input!(input), &guest(), true)
}

/// Implements `PackType`: the type describes itself. Goes together with the derive of `GraphValue`, where the rules and
/// the attributes are explained.
#[proc_macro_derive(GuestPackType, attributes(pack))]
pub fn guest_pack_type(input: TokenStream) -> TokenStream {
    derived(parse_macro_input!(input), &guest(), false)
}

#[doc = include_str!("derive.md")]
#[proc_macro_derive(HostGraphValue, attributes(pack))]
pub fn host_graph_value(input: TokenStream) -> TokenStream {
    derived(parse_macro_input!(input), &host(), true)
}

/// Implements `PackType`: the type describes itself. Goes together with the derive of `GraphValue`, where the rules and
/// the attributes are explained.
#[proc_macro_derive(HostPackType, attributes(pack))]
pub fn host_pack_type(input: TokenStream) -> TokenStream {
    derived(parse_macro_input!(input), &host(), false)
}

#[doc = include_str!("derive_view.md")]
#[proc_macro_derive(GuestGraphView, attributes(pack))]
pub fn guest_graph_view(input: TokenStream) -> TokenStream {
    viewed(&parse_macro_input!(input), &guest())
}

#[doc = include_str!("derive_view.md")]
#[proc_macro_derive(HostGraphView, attributes(pack))]
pub fn host_graph_view(input: TokenStream) -> TokenStream {
    viewed(&parse_macro_input!(input), &host())
}

fn viewed(input: &DeriveInput, facade: &Path) -> TokenStream {
    derive::graph_view(input, facade)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

fn guest() -> Path {
    parse_quote!(::pack)
}

fn host() -> Path {
    parse_quote!(::pack_runtime)
}

fn bindings(input: TokenStream, side: Side) -> TokenStream {
    let input = parse_macro_input!(input as MacroInput);
    input
        .expand(side, env!("OUT_DIR"))
        .unwrap_or_else(|error| input.expand_error(side, &error))
        .into()
}

fn derived(input: DeriveInput, facade: &Path, is_graph_value: bool) -> TokenStream {
    let expansion = if is_graph_value {
        derive::graph_value(&input, facade)
    } else {
        derive::pack_type(&input, facade)
    };
    let tokens = expansion.unwrap_or_else(|error| {
        let mut tokens = derive::fallback(&input, facade, is_graph_value);
        tokens.extend(error.into_compile_error());
        tokens
    });
    tokens.into()
}
