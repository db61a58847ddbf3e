//! `#[pack::export]`.
//!
//! The attribute knows nothing of the WIT. For each interface `pack::world!` leaves a macro that does. It is found
//! where the user's own path leads: by the name of the trait for an `impl`, and as `__export` in the module of the
//! interface for a function. So the road of an item has three stations:
//!
//! ```text
//! #[pack::export]                                      expand: what kind of item is it?
//! impl exports::demo::greeting::Greeter for Package { … }
//!
//! exports::demo::greeting::Greeter! { impl … }         a `macro_rules!` that puts the WIT before it
//!
//! ::pack::__private::export! { { WIT } impl … }        checked: does the item do what the WIT says?
//! ```
//!
//! `exports` is what the WIT looks like on the way, `compare` sets a signature beside it, `expand` writes the code.

mod compare;
mod expand;
pub(crate) mod exports;
mod inferred;

use heck::ToSnakeCase;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Attribute, Item, ItemFn, ItemImpl, Path, Signature, braced, parenthesized, token};

use exports::Exports;

pub use inferred::{inferred, package};

/// Expands the attribute.
///
/// # Errors
///
/// If the item is not one that can be exported.
pub fn expand(argument: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let item = syn::parse2::<Item>(item)?;
    match &item {
        Item::Impl(implementation) => of_impl(&argument, implementation),
        Item::Fn(function) => of_fn(argument, function),
        other => Err(syn::Error::new(other.span(), EXPECTED)),
    }
}

const EXPECTED: &str = "`#[pack::export]` goes on an `impl` of an export trait, or on a `fn`";

/// ```text
/// exports::demo::greeting::Greeter! { impl exports::demo::greeting::Greeter for Package { … } }
/// ```
fn of_impl(argument: &TokenStream, item: &ItemImpl) -> syn::Result<TokenStream> {
    let Some((path, _)) = &item.trait_ else {
        let message = "expected an `impl` of an export trait: `impl exports::…::Name for Type`";
        return Err(syn::Error::new(item.self_ty.span(), message));
    };
    let error = (!argument.is_empty()).then(|| {
        let message = "on an `impl` the attribute has no argument: the trait says what is exported";
        syn::Error::new(argument.span(), message).into_compile_error()
    });
    Ok(quote!(#error #path! { #item }))
}

/// ```text
/// #[allow(clippy::needless_pass_by_value, …)]
/// fn greet(name: String) -> String { … }
/// exports::__export! { (exports) fn greet(name: String) -> String }
/// ```
///
/// Clippy has opinions on signatures. It has none on those that a trait forces, and so it is with those that the
/// contract does.
fn of_fn(argument: TokenStream, item: &ItemFn) -> syn::Result<TokenStream> {
    let module = module_of(argument)?;
    let attributes = item.attrs.iter();
    let attributes = attributes.filter(|a| a.path().is_ident("cfg") || a.path().is_ident("doc"));
    let signature = &item.sig;
    Ok(quote! {
        #[allow(
            clippy::fn_params_excessive_bools,
            clippy::large_types_passed_by_value,
            clippy::needless_pass_by_value,
            clippy::option_option,
            clippy::result_large_err,
            clippy::result_unit_err,
            clippy::too_many_arguments,
            clippy::type_complexity,
            clippy::unnecessary_wraps,
            reason = "the contract says what is passed and returned"
        )]
        #item
        #module::__export! { (#module) #(#attributes)* #signature }
    })
}

/// The module in which a function finds what it does.
fn module_of(argument: TokenStream) -> syn::Result<Path> {
    if argument.is_empty() {
        return Ok(syn::parse_quote!(exports));
    }
    let span = argument.span();
    let mut path: Path = syn::parse2(argument).map_err(|_| {
        let message =
            "expected the path of the interface's module: `#[pack::export(exports::…::name)]`";
        syn::Error::new(span, message)
    })?;
    if let Some(last) = path.segments.last_mut()
        && last.ident.to_string().starts_with(char::is_uppercase)
    {
        let name = last.ident.clone();
        last.ident = Ident::new(&name.to_string().to_snake_case(), name.span());
        let words = path.to_token_stream().to_string();
        let module: String = words.split_whitespace().collect();
        let message = format!(
            "`{name}` is a trait, for an `impl`; a function says the module of the interface: \
             `#[pack::export({module})]`"
        );
        return Err(syn::Error::new(name.span(), message));
    }
    Ok(path)
}

/// What is exported is so under the conditions under which it is there.
fn conditions(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
}

/// Expands the hidden macro: what the attribute has handed over, after what `pack::world!` knows of the interface.
///
/// # Errors
///
/// If the input is not what those two write. What the user did wrong is in the expansion.
pub fn checked(input: TokenStream) -> syn::Result<TokenStream> {
    let expand = |input: ParseStream<'_>| {
        let wit;
        braced!(wit in input);
        let exports: Exports = wit.parse()?;
        Ok(if input.peek(token::Paren) {
            expand::function(&exports, &input.parse()?)
        } else {
            expand::implementation(&exports, input.parse()?)
        })
    };
    expand.parse2(input)
}

/// A function, as far as it matters; the whole of it stands beside the macro.
struct ExportedFn {
    module: Path,
    /// Conditions and documentation.
    attributes: Vec<Attribute>,
    signature: Signature,
}

impl ExportedFn {
    fn conditions(&self) -> impl Iterator<Item = &Attribute> {
        conditions(&self.attributes)
    }
}

impl Parse for ExportedFn {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let module;
        parenthesized!(module in input);
        Ok(Self {
            module: module.parse()?,
            attributes: input.call(Attribute::parse_outer)?,
            signature: input.parse()?,
        })
    }
}
