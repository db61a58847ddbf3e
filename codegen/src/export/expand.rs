//! What an exported item becomes.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{AttrStyle, Attribute, FnArg, ImplItem, ImplItemFn, ItemImpl, Path, ReturnType, Type};

use super::compare::{Compared, Of, compare};
use super::exports::{Exports, Function};
use super::{ExportedFn, conditions};
use crate::names;
use crate::suggest::{list, nearest};

/// An `impl`, with the signatures of the trait; and the core exports.
///
/// ```text
/// const _: () = {
///     type __ThisPackage<T: Greeter> = T::ThisPackage;
///     impl<__Function> ::pack::__private::ExportedOnce<__Function> for __ThisPackage<Package> {}
///     impl Greeter for Package {
///         fn greet(__a0: Self::greet__0) -> Self::greet__return {
///             trait __greet__0<Wit> { … } …
///             let __body = |name: String| -> String { … };
///             <String as __greet__return<…>>::is(__body(<String as __greet__0<…>>::is(__a0)))
///         }
///     }
///     unsafe extern "C" fn __export(…) { … }
/// };
/// ```
///
/// What the user wrote is a closure inside, so that a wrong type is no second error, of a method that does not fit
/// its trait. `Self`, `return` and `?` mean in a closure what they mean in a method.
pub(super) fn implementation(exports: &Exports, mut item: ItemImpl) -> TokenStream {
    let Some((path, _)) = item.trait_.clone() else {
        return TokenStream::new();
    };
    let p = &exports.private;
    let end = path
        .segments
        .last()
        .map_or_else(Span::call_site, Spanned::span);
    let mut items = Items::default();
    let exported = if item.generics.params.is_empty() {
        items = Items::new(
            exports,
            &path,
            &item.self_ty,
            std::mem::take(&mut item.items),
        );
        item.items = std::mem::take(&mut items.methods);
        let ty = &item.self_ty;
        let symbols = exports.functions.iter().map(|function| {
            let (name, flat) = (&function.ident, &function.flat);
            let shim = match &exports.resource {
                Some(_) => quote!(<__ThisPackage<#ty>>::#flat::<#ty>),
                None => {
                    let forms = function.borrowable().map(|_| quote!(#p::Owned));
                    quote!(<__ThisPackage<#ty>>::#flat::<#(#forms),*>)
                }
            };
            let export = exports.resource.is_none().then(|| {
                let arguments = arguments(function.params.len());
                quote!(|_, #(#arguments),*| <#ty as #path>::#name(#(#arguments),*),)
            });
            symbol(exports, function, &shim, export.as_ref())
        });
        quote!(#item #(#symbols)*)
    } else {
        let message = "an exported type cannot be generic: the host would have to choose";
        items
            .errors
            .push(syn::Error::new(item.generics.span(), message));
        // Any type leads to the package.
        item.self_ty = syn::parse_quote!(());
        TokenStream::new()
    };
    let (ty, helpers) = (&item.self_ty, &items.helpers);
    let helpers = (!helpers.is_empty()).then(|| quote!(impl #ty { #(#helpers)* }));
    let exported_once = match &exports.resource {
        None => quote_spanned! {end=>
            impl<__Function> #p::ExportedOnce<#p::Free<__Function>> for __ThisPackage<#ty> {}
        },
        Some(resource) => {
            let resource = names::value_ident(resource);
            quote_spanned! {end=>
                type __Resource<__T: #path> = __T::#resource;
                impl #p::ExportedOnce<__Resource<#ty>> for __ThisPackage<#ty> {}
            }
        }
    };
    let content = quote! {
        type __ThisPackage<__T: #path> = __T::ThisPackage;
        #exported_once
        #exported
        #helpers
    };
    block(conditions(&item.attrs), items.errors, &content)
}

/// A function, called by its core export.
///
/// ```text
/// const _: () = {
///     impl ::pack::__private::ExportedOnce<exports::__pack::greet> for exports::__pack::ThisPackage {}
///     trait __greet__0<Wit> { … } …
///     unsafe extern "C" fn __export(…) {
///         … |__a0| <String as __greet__return<…>>::is(greet(<String as __greet__0<…>>::is(__a0))) …
///     }
/// };
/// ```
pub(super) fn function(exports: &Exports, item: &ExportedFn) -> TokenStream {
    let (p, module, ident) = (&exports.private, &item.module, &item.signature.ident);
    let this_package = quote!(#module::__pack::ThisPackage);
    let span = ident.span();
    let Some(function) = exports.function(ident) else {
        let unknown = Unknown::new(exports, ident, exports.idents());
        let error = syn::Error::new(span, unknown.message);
        let meant = unknown.meant.map(|(interface, meant)| {
            let interface = interface.into_iter();
            let module = quote!(#module #(::#interface)*::__pack);
            quote_spanned!(span=> impl #p::Misspelled<#p::Free<#module::#meant>> for #module::ThisPackage {})
        });
        return block(item.conditions(), vec![error], &meant.to_token_stream());
    };
    let flat = &function.flat;
    let mut content = quote_spanned! {span=>
        impl #p::ExportedOnce<#p::Free<#module::__pack::#flat>> for #this_package {}
    };
    let types = quote!(<() as #module::__pack::Types>);
    let compared = compare(exports, function, &item.signature, &types, Of::Itself);
    let Compared {
        traits,
        params,
        result,
        forms,
        ..
    } = &compared;
    if compared.errors.is_empty() {
        content.extend(traits.clone());
        let arguments = arguments(params.len());
        let passed = compared.passed(&arguments);
        // The compiler points at the function where it borrows for longer than the call.
        let call = quote_spanned!(span=> #ident(#(#passed),*));
        let call = call_through(result.as_ref(), &call);
        let export = quote_spanned!(span=> |_, #(#arguments),*| #call,);
        let shim = quote!(#this_package::#flat::<#(#forms),*>);
        content.extend(symbol(exports, function, &shim, Some(&export)));
    } else {
        let checks = compared.checks();
        content.extend(quote!(fn __check() { #checks }));
    }
    block(item.conditions(), compared.errors, &content)
}

/// Everything an item expands to, apart from everything else there is.
pub(super) fn block<'a>(
    conditions: impl Iterator<Item = &'a Attribute>,
    errors: Vec<syn::Error>,
    content: &TokenStream,
) -> TokenStream {
    let errors = errors.iter().map(syn::Error::to_compile_error);
    quote! {
        #(#conditions)*
        #[allow(
            dead_code,
            deprecated,
            non_camel_case_types,
            non_local_definitions,
            type_alias_bounds,
            clippy::result_large_err,
            reason = "generated by `export`"
        )]
        const _: () = {
            #(#errors)*
            #content
        };
    }
}

/// What becomes of the items of an `impl`.
#[derive(Default)]
struct Items {
    methods: Vec<ImplItem>,
    /// What is in the wrong place: used in the right one, so that its uses are no errors of their own.
    helpers: Vec<ImplItem>,
    errors: Vec<syn::Error>,
}

impl Items {
    fn new(exports: &Exports, path: &Path, ty: &Type, items: Vec<ImplItem>) -> Self {
        let mut this = Self::default();
        let is_there = |function: &Function| {
            items.iter().any(|item| match item {
                ImplItem::Fn(method) => method.sig.ident == function.ident,
                // It may stand for any function; what is missing then the compiler says.
                ImplItem::Macro(_) | ImplItem::Verbatim(_) => true,
                _ => false,
            })
        };
        let mut missing: Vec<&Function> = exports.functions.iter().collect();
        missing.retain(|function| !is_there(function));
        this.methods.extend(
            missing
                .iter()
                .map(|function| stub(function, &TokenStream::new())),
        );
        let mut seen = Vec::new();
        for item in items {
            match item {
                ImplItem::Fn(method) => match exports.function(&method.sig.ident) {
                    Some(function) => {
                        // Of several on conditions, one may be there.
                        let is_certain = conditions(&method.attrs).next().is_none();
                        if is_certain && seen.contains(&function.name) {
                            let line = exports.wit_line(function);
                            let message =
                                format!("this `impl` has `{}` twice\n  {line}", function.ident);
                            this.errors
                                .push(syn::Error::new(method.sig.ident.span(), message));
                            continue;
                        }
                        if is_certain {
                            seen.push(function.name.clone());
                        }
                        this.method(exports, function, method);
                    }
                    None => this.unknown(exports, ty, &mut missing, method),
                },
                ImplItem::Const(constant) => {
                    this.misplaced(constant.ident.span(), ty);
                    this.helpers.push(ImplItem::Const(constant));
                }
                ImplItem::Type(alias) => this.misplaced(alias.ident.span(), ty),
                other => this.methods.push(other),
            }
        }
        if !missing.is_empty() {
            let names = list(missing.iter().map(|function| function.ident.clone()));
            let mut message = format!("this `impl` lacks {names}");
            for function in missing {
                message += &format!(
                    "\n  {}\n  help: add `{} {{ … }}`",
                    exports.wit_line(function),
                    function.rust_signature(),
                );
            }
            this.errors.push(syn::Error::new_spanned(path, message));
        }
        this
    }

    fn method(&mut self, exports: &Exports, function: &Function, method: ImplItemFn) {
        let mut compared = compare(exports, function, &method.sig, &quote!(Self), Of::Trait);
        let qualifiers = [
            (method.sig.constness.to_token_stream(), "be const"),
            (method.sig.abi.to_token_stream(), "have an ABI of its own"),
        ];
        for (tokens, what) in qualifiers {
            if !tokens.is_empty() {
                let message = format!("a method of an export trait cannot {what}");
                compared
                    .errors
                    .push(syn::Error::new_spanned(tokens, message));
            }
        }
        if !compared.errors.is_empty() {
            self.methods.push(stub(function, &compared.checks()));
            self.errors.extend(compared.errors);
            return;
        }
        let ImplItemFn {
            attrs,
            vis,
            sig,
            block,
            ..
        } = &method;
        let attributes = attrs.iter().cloned().map(|attribute| Attribute {
            // Those inside would be in front of the closure.
            style: AttrStyle::Outer,
            ..attribute
        });
        // The user's own token: no other `self` is the one in the body.
        let receiver = sig.receiver().map(|receiver| quote!(#receiver,));
        let inputs: Vec<_> = sig
            .inputs
            .iter()
            .filter(|input| matches!(input, FnArg::Typed(_)))
            .collect();
        let body = match &sig.output {
            ReturnType::Default => {
                // Where the compiler says that nothing is returned.
                let nothing = quote_spanned!(sig.paren_token.span.close()=> -> ());
                quote!(|#(#inputs),*| #nothing #block)
            }
            output => quote!(|#(#inputs),*| #output #block),
        };
        let Compared { traits, params, .. } = &compared;
        let arguments = arguments(params.len());
        let passed = compared.passed(&arguments);
        let types = (0..params.len()).map(|at| function.param_type(at));
        let call = quote!(__body(#(#passed),*));
        let call = call_through(compared.result.as_ref(), &call);
        let name = &sig.ident;
        let output = function.result.as_ref().map(|_| {
            let ty = function.result_type();
            quote!(-> Self::#ty)
        });
        self.methods.push(ImplItem::Verbatim(quote! {
            #(#attributes)*
            #[allow(clippy::redundant_closure_call, reason = "it keeps the types apart")]
            #vis fn #name(#receiver #(#arguments: Self::#types),*) #output {
                #traits
                let __body = #body;
                #call
            }
        }));
    }

    fn unknown(
        &mut self,
        exports: &Exports,
        ty: &Type,
        missing: &mut Vec<&Function>,
        method: ImplItemFn,
    ) {
        let ident = &method.sig.ident;
        let idents = missing.iter().map(|function| function.ident.clone());
        let Unknown { message, meant } = Unknown::new(exports, ident, idents);
        let message = match meant {
            Some(_) => message,
            None => format!("{message}{}", elsewhere(ty)),
        };
        self.errors.push(syn::Error::new(ident.span(), message));
        let meant = meant.map(|(_, meant)| meant);
        missing.retain(|function| Some(function.ident.clone()) != meant);
        self.helpers.push(ImplItem::Fn(method));
    }

    fn misplaced(&mut self, span: Span, ty: &Type) {
        let message = format!("an export trait has only functions{}", elsewhere(ty));
        self.errors.push(syn::Error::new(span, message));
    }
}

/// Where an item belongs that is of no trait.
fn elsewhere(ty: &Type) -> String {
    let ty = ty.to_token_stream();
    format!("\n  help: what is the package's own goes into an `impl {ty} {{ … }}` without a trait")
}

/// In place of a method that is wrong or not there.
fn stub(function: &Function, checks: &TokenStream) -> ImplItem {
    let name = &function.ident;
    let receiver = function.has_receiver().then(|| quote!(&self,));
    let types = (0..function.params.len()).map(|at| function.param_type(at));
    let output = function.result_type();
    ImplItem::Verbatim(quote! {
        fn #name(#receiver #(_: Self::#types),*) -> Self::#output {
            #checks
            ::core::unimplemented!()
        }
    })
}

/// Variables for arguments of the WIT's types.
fn arguments(count: usize) -> Vec<Ident> {
    (0..count).map(|at| format_ident!("__a{at}")).collect()
}

/// A call whose result goes through a function, if there is one.
fn call_through(result: Option<&TokenStream>, call: &TokenStream) -> TokenStream {
    match result {
        Some(result) => quote!(#result(#call)),
        None => call.clone(),
    }
}

/// The core export, which calls the shim of a function, with what it exports before the core arguments.
fn symbol(
    exports: &Exports,
    function: &Function,
    shim: &TokenStream,
    export: Option<&TokenStream>,
) -> TokenStream {
    let (p, symbol) = (&exports.private, exports.symbol(function));
    let idents: Vec<_> = (0..function.core_params.len())
        .map(|at| format_ident!("p{at}"))
        .collect();
    let types = &function.core_params;
    let result = function
        .core_result
        .iter()
        .map(|ty| quote!(-> #p::primitive::#ty));
    quote! {
        const _: () = {
            #[cfg_attr(target_arch = "wasm32", unsafe(export_name = #symbol))]
            unsafe extern "C" fn __export(#(#idents: #p::primitive::#types),*) #(#result)* {
                unsafe { #shim(#export #(#idents),*) }
            }
        };
    }
}

/// A name that no function has.
struct Unknown {
    message: String,
    /// The function that is probably meant, after the path from the module at hand to that of its interface.
    meant: Option<(Option<Path>, Ident)>,
}

impl Unknown {
    fn new(exports: &Exports, ident: &Ident, known: impl Iterator<Item = Ident>) -> Self {
        let text = ident.to_string();
        let (what, has) = if exports.is_world() {
            (
                format!("`{text}` is not a function the world exports"),
                "it exports",
            )
        } else if let Some(resource) = &exports.resource {
            (
                format!("`{text}` is not a function of the resource `{resource}`"),
                "it has",
            )
        } else {
            let interface = &exports.interface;
            (
                format!("`{text}` is not a function of the interface `{interface}`"),
                "it has",
            )
        };
        let mut elsewhere = exports.elsewhere.iter();
        if let Some(interface) = elsewhere.find(|other| other.functions.contains(&text)) {
            let module = &interface.module;
            return Self {
                message: format!(
                    "{what} itself: it is in an interface\n  help: write `#[pack::export(exports::{module})]`"
                ),
                meant: syn::parse_str(module)
                    .ok()
                    .map(|module| (Some(module), ident.clone())),
            };
        }
        let known: Vec<(String, Ident)> = known.map(|ident| (ident.to_string(), ident)).collect();
        if let Some(near) = nearest(&text, known.iter().map(|(text, _)| text.as_str())) {
            let meant = known.iter().find(|(text, _)| text == near);
            return Self {
                message: format!("{what}: did you mean `{near}`?"),
                meant: meant.map(|(_, ident)| (None, ident.clone())),
            };
        }
        let all = match exports.functions.as_slice() {
            [] => "none".to_owned(),
            _ => list(exports.idents()),
        };
        Self {
            message: format!("{what}; {has} {all}"),
            meant: None,
        }
    }
}
