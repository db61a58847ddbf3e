//! `#[pack::export]`.
//!
//! The attribute knows nothing of the WIT. For each export trait `pack::world!` leaves a macro of the same name
//! and path, which knows the core signatures; the attribute calls it.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::{FnArg, Item, ItemFn, ItemImpl, Path, ReturnType, Safety};

/// Expands the attribute.
///
/// # Errors
///
/// If the item is not one that can be exported.
pub fn expand(argument: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let item = syn::parse2::<Item>(item)?;
    match &item {
        Item::Impl(implementation) => export_impl(&argument, implementation),
        Item::Fn(function) => export_fn(argument, function),
        other => Err(syn::Error::new(other.span(), EXPECTED)),
    }
}

const EXPECTED: &str = "`#[pack::export]` goes on an `impl` of an export trait, or on a `fn`";

/// ```text
/// impl exports::demo::greeting::Greeter for Package { … }
/// exports::demo::greeting::Greeter!(Package, exports::demo::greeting::Greeter);
/// ```
fn export_impl(argument: &TokenStream, item: &ItemImpl) -> syn::Result<TokenStream> {
    if !argument.is_empty() {
        let message = "on an `impl` the attribute has no argument: the trait says what is exported";
        return Err(syn::Error::new(argument.span(), message));
    }
    let Some((path, _)) = &item.trait_ else {
        let message = "expected an `impl` of an export trait: `impl exports::…::Name for Type`";
        return Err(syn::Error::new(item.self_ty.span(), message));
    };
    if !item.generics.params.is_empty() {
        let message = "an exported type cannot be generic: the host would have to choose";
        return Err(syn::Error::new(item.generics.span(), message));
    }
    let ty = &item.self_ty;
    Ok(quote! {
        #item
        #path!(#ty, #path);
    })
}

/// ```text
/// fn greet(name: String) -> String { … }
/// const _: () = {
///     struct __PackExport;
///     impl exports::greet for __PackExport { fn greet(__a0: String) -> String { greet(__a0) } }
///     exports::greet!(__PackExport, exports::greet);
/// };
/// ```
fn export_fn(argument: TokenStream, item: &ItemFn) -> syn::Result<TokenStream> {
    let module: Path = if argument.is_empty() {
        syn::parse_quote!(exports)
    } else {
        let span = argument.span();
        syn::parse2(argument).map_err(|_| {
            let message =
                "expected the path of the interface's module: `#[pack::export(exports::…::name)]`";
            syn::Error::new(span, message)
        })?
    };
    let signature = &item.sig;
    let refuse = |span, what: &str| {
        Err(syn::Error::new(
            span,
            format!("an exported function cannot {what}"),
        ))
    };
    if let Some(token) = &signature.asyncness {
        return refuse(token.span(), "be async");
    }
    if let Safety::Unsafe(token) = &signature.safety {
        return refuse(
            token.span(),
            "be unsafe: its caller is the host, which knows no conditions",
        );
    }
    if !signature.generics.params.is_empty() {
        return refuse(
            signature.generics.span(),
            "be generic: the host would have to choose",
        );
    }
    let mut types = Vec::new();
    for input in &signature.inputs {
        match input {
            FnArg::Typed(param) => types.push(&param.ty),
            FnArg::Receiver(receiver) => return refuse(receiver.span(), "take `self`"),
            #[allow(unreachable_patterns, reason = "the enum may grow")]
            other => return refuse(other.span(), "take this parameter"),
        }
    }
    let name = &signature.ident;
    let arguments: Vec<_> = (0..types.len())
        .map(|at| format_ident!("__a{at}"))
        .collect();
    let output = match &signature.output {
        ReturnType::Default => None,
        output => Some(output),
    };
    Ok(quote! {
        #item
        const _: () = {
            struct __PackExport;
            impl #module::#name for __PackExport {
                fn #name(#(#arguments: #types),*) #output {
                    #name(#(#arguments),*)
                }
            }
            #module::#name!(__PackExport, #module::#name);
        };
    })
}
