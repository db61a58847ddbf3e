use pack_abi::convention::{self, Return, Role};
use pack_abi::metadata;
use pack_abi::schema::{
    Contract, Function, FunctionKind, Interface, Provider, ROOT, TypeDef, TypeKind,
    core_export_name,
};
use std::collections::BTreeMap;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::Settings;
use super::calls::{Call, wit_signature};
use super::model::{Model, Place};
use super::tree::Tree;
use super::types::{add_types, docs};
use crate::names;

/// Everything `pack::world!` stands for.
///
/// ```text
/// pub mod demo { pub mod json_query { pub mod types { … } pub mod log { pub fn log(…) } } }
/// pub mod exports { pub mod demo { pub mod json_query { pub trait Query { … } } } }
/// const _: () = { __pack_alloc, __pack_free, __pack_types, the custom section };
/// ```
pub(crate) fn guest(contract: &Contract, world: &str, settings: &Settings) -> TokenStream {
    let model = Model::new(contract, world, settings);
    let mut tree = Tree::default();
    add_types(&model, &mut tree);
    for interface in &contract.imports {
        let module = model.types_module(&interface.name).to_vec();
        tree.document(&module, &interface.docs);
        // Those of a resource are its methods.
        let mut methods: BTreeMap<&str, Vec<TokenStream>> = BTreeMap::new();
        for function in &interface.functions {
            let import = import(&model, interface, function, &module);
            match function.resource() {
                Some(resource) => methods.entry(resource).or_default().push(import),
                None => {
                    let generated = module.is_empty().then(super::generated);
                    tree.add(&module, quote!(#generated #import));
                }
            }
        }
        for (resource, methods) in methods {
            let ident = names::type_ident(resource);
            let generated = module.is_empty().then(super::generated);
            tree.add(&module, quote!(#generated impl #ident { #(#methods)* }));
        }
    }
    for interface in &contract.exports {
        if interface.name != ROOT {
            tree.document(model.types_module(&interface.name), &interface.docs);
        }
        if !interface.functions.is_empty() {
            add_export(&model, interface, &mut tree);
        }
    }
    tree.document(
        &["exports".to_owned()],
        "What this package provides: a trait for each exported interface.",
    );
    let (modules, entry) = (tree.into_tokens(), entry_points(&model));
    quote!(#modules #entry)
}

/// A function of the host.
fn import(
    model: &Model<'_>,
    interface: &Interface,
    function: &Function,
    module: &[String],
) -> TokenStream {
    let p = &model.private;
    let call = Call::new(model, function, Role::Import);
    let place = Place::module(module);
    let (name, docs) = (names::method_ident(function), docs(&function.docs));
    let (params, types) = (call.param_idents(), call.passed_params(place));
    let params = params.iter().zip(&types);
    let (params, this) = match function.kind() {
        FunctionKind::Method { .. } => {
            let this = call.param_idents().into_iter().take(1);
            let params = params.skip(1).map(|(param, ty)| quote!(#param: #ty));
            let params = std::iter::once(quote!(&self)).chain(params).collect();
            (params, quote!(#(let #this = self;)*))
        }
        _ => {
            let params: Vec<_> = params.map(|(param, ty)| quote!(#param: #ty)).collect();
            (params, TokenStream::new())
        }
    };
    let output = function
        .result
        .map(|_| call.output(place))
        .map(|ty| quote!(-> #ty));
    let (core_types, core_result) = (
        call.core_params(),
        call.core_result().map(|ty| quote!(-> #ty)),
    );
    let (core_module, core_name) = (&interface.name, &function.name);
    let outside = match call.signature.result {
        Return::Nothing => quote!({}),
        _ => quote!({ #p::outside_wasm(#core_module, #core_name) }),
    };
    let (lower, core) = call.lower();
    let borrow = call.borrow();
    let mutable = call.signature.has_buffer().then(|| quote!(mut));
    let fetch = match call.signature.result {
        // SAFETY of all three: the host reads what the arguments point to before it returns.
        Return::Nothing => quote!(unsafe { __import(#(#core),*) }),
        Return::Flat(ty) => {
            let from = format_ident!("from_{}", super::calls::core_type(ty));
            quote!(#p::flat_result(#p::#from(unsafe { __import(#(#core),*) })))
        }
        Return::Encoded if function.result.is_some_and(|ty| model.has_handles(ty)) => quote! {
            #p::encoded_result_with_handles(|__space, __length| unsafe { __import(#(#core,)* __space, __length) })
        },
        Return::Encoded => quote! {
            #p::encoded_result(|__space, __length| unsafe { __import(#(#core,)* __space, __length) })
        },
    };
    quote! {
        #docs
        pub fn #name(#(#params),*) #output {
            #[cfg(target_arch = "wasm32")]
            #[link(wasm_import_module = #core_module)]
            unsafe extern "C" {
                #[link_name = #core_name]
                fn __import(#(_: #core_types),*) #core_result;
            }
            #[cfg(not(target_arch = "wasm32"))]
            unsafe fn __import(#(_: #core_types),*) #core_result #outside

            #this
            let #mutable __area = #p::Area::new();
            #borrow
            #lower
            #fetch
        }
    }
}

/// The trait of an exported interface, and the macro of the same name that exports an implementation; and
/// a trait and macro like that for each function alone.
///
/// The macros are what `#[pack::export]` calls: it knows the path of the trait and nothing else.
fn add_export(model: &Model<'_>, interface: &Interface, tree: &mut Tree) {
    let p = &model.private;
    let (module, name) = model.interface_item("exports", interface);
    let mut inner = vec!["exports".to_owned()];
    inner.extend(model.types_module(&interface.name).iter().cloned());
    let resources = Model::resources(interface);
    let types = resources.iter().map(|resource| {
        let ident = names::type_ident(resource);
        let methods = model.path(&module, &inner, &resource_trait(resource));
        let docs = format!("What a `{resource}` is in this package.");
        quote! {
            #[doc = #docs]
            type #ident: #methods;
        }
    });
    let methods = interface
        .functions
        .iter()
        .map(|function| match function.resource() {
            Some(resource) => {
                let methods = model.path(&module, &inner, &resource_trait(resource));
                forward(model, function, resource, &methods)
            }
            None => method(model, function, &module),
        });
    let symbols = interface
        .functions
        .iter()
        .map(|function| symbol(model, interface, function));
    let docs = docs(&interface.docs);
    let export = export_macro(&name, &quote!(#(#symbols)*));
    tree.add(
        &module,
        quote! { #docs pub trait #name { #(#types)* #(#methods)* } #export },
    );

    let module = inner;
    for resource in resources {
        let own = |function: &&Function| function.resource() == Some(resource);
        let functions = || interface.functions.iter().filter(own);
        let name = resource_trait(resource);
        let methods = functions().map(|function| method(model, function, &module));
        let symbols = functions().map(|function| symbol(model, interface, function));
        let export = export_macro(&name, &quote!(#(#symbols)*));
        let docs = format!("The constructors, methods and functions of `{resource}`.");
        tree.add(
            &module,
            quote! {
                #[doc = #docs]
                pub trait #name: #p::Sized + 'static { #(#methods)* }
                #export
            },
        );
    }
    let free = interface
        .functions
        .iter()
        .filter(|function| function.kind() == FunctionKind::Free);
    for function in free {
        let name = names::value_ident(&function.name);
        let docs = format!("`{}`", wit_signature(model, function));
        let method = method(model, function, &module);
        let export = export_macro(&name, &symbol(model, interface, function));
        tree.add(
            &module,
            quote! {
                #[doc = #docs]
                #[allow(non_camel_case_types, reason = "it has the name of its function")]
                pub trait #name { #method }
                #export
            },
        );
    }
}

/// The trait of a resource's functions.
fn resource_trait(resource: &str) -> Ident {
    format_ident!("{}Resource", names::type_ident(resource))
}

/// In the trait of an interface, what stands between a resource's method and the core signature.
fn forward(
    model: &Model<'_>,
    function: &Function,
    resource: &str,
    methods: &TokenStream,
) -> TokenStream {
    let call = Call::new(model, function, Role::Export);
    let (core_idents, core_types) = (call.core_idents(), call.core_params());
    let core_result = call.core_result().map(|ty| quote!(-> #ty));
    let (resource, shim) = (names::type_ident(resource), shim_ident(function));
    quote! {
        #[doc(hidden)]
        unsafe fn #shim(#(#core_idents: #core_types),*) #core_result {
            unsafe { <Self::#resource as #methods>::#shim(#(#core_idents),*) }
        }
    }
}

fn export_macro(name: &Ident, symbols: &TokenStream) -> TokenStream {
    let hidden = format_ident!("__pack_export_{}", name);
    quote! {
        #[doc(hidden)]
        #[allow(unused_macros, reason = "an interface is exported as a whole or function by function")]
        macro_rules! #hidden { ($export:ty, $interface:path) => { #symbols }; }
        #[doc(hidden)]
        #[allow(unused_imports, reason = "as above")]
        pub(crate) use #hidden as #name;
    }
}

/// The method a guest author writes, and the one that stands between it and the core signature.
fn method(model: &Model<'_>, function: &Function, module: &[String]) -> TokenStream {
    let p = &model.private;
    let call = Call::new(model, function, Role::Export);
    let place = Place::module(module);
    let (name, docs) = (names::method_ident(function), docs(&function.docs));
    let (params, types) = (call.param_idents(), call.owned_params(place));
    let mut params: Vec<_> = params
        .iter()
        .zip(&types)
        .map(|(param, ty)| quote!(#param: #ty))
        .collect();
    let mut output = function.result.map(|_| call.output(place));
    match function.kind() {
        FunctionKind::Method { .. } => {
            if let Some(this) = params.first_mut() {
                *this = quote!(&self);
            }
        }
        FunctionKind::Constructor { .. } => output = Some(call.constructed(&quote!(Self), place)),
        FunctionKind::Static { .. } | FunctionKind::Free => {}
    }
    let output = output.map(|ty| quote!(-> #ty));
    let (core_idents, core_types) = (call.core_idents(), call.core_params());
    let core_result = call.core_result().map_or(quote!(()), |ty| quote!(#ty));
    let (lift, arguments) = call.lift(place);
    let target = match (function.kind(), arguments.split_first()) {
        (FunctionKind::Method { .. }, Some((this, rest))) => {
            quote!(Self::#name(&*#p::this_resource::<_, Self>(&#this)?, #(#rest),*))
        }
        (FunctionKind::Constructor { .. }, _) => {
            call.wrap_constructed(&quote!(Self::#name(#(#arguments),*)), place)
        }
        _ => quote!(Self::#name(#(#arguments),*)),
    };
    let (answer, shim) = (call.answer(&target), shim_ident(function));
    quote! {
        #docs
        fn #name(#(#params),*) #output;

        #[doc(hidden)]
        unsafe fn #shim(#(#core_idents: #core_types),*) -> #core_result {
            let outcome = (|| -> #p::Result<#core_result, #p::DecodeError> {
                let __call = unsafe { #p::Call::new() };
                #lift
                #answer
            })();
            #p::finish(outcome)
        }
    }
}

fn shim_ident(function: &Function) -> Ident {
    format_ident!("__pack_{}", names::function_ident(function))
}

/// The core export, inside a macro with `$export` and `$interface`.
fn symbol(model: &Model<'_>, interface: &Interface, function: &Function) -> TokenStream {
    let call = Call::new(model, function, Role::Export);
    let (core_idents, core_types) = (call.core_idents(), call.core_params());
    let core_result = call.core_result().map(|ty| quote!(-> #ty));
    let (core_name, shim) = (
        core_export_name(&interface.name, &function.name),
        shim_ident(function),
    );
    quote! {
        const _: () = {
            #[cfg_attr(target_arch = "wasm32", unsafe(export_name = #core_name))]
            #[allow(dead_code, reason = "natively no one calls it")]
            unsafe extern "C" fn export(#(#core_idents: #core_types),*) #core_result {
                unsafe { <$export as $interface>::#shim(#(#core_idents),*) }
            }
        };
    }
}

/// The exports every package has, and its metadata.
///
/// One static is both the custom section and the memory that `__pack_types` points to.
fn entry_points(model: &Model<'_>) -> TokenStream {
    let p = &model.private;
    let bytes = metadata::write(model.contract.schema());
    let (length, bytes) = (bytes.len(), Literal::byte_string(&bytes));
    let section = metadata::SECTION;
    let (alloc, free, types) = (convention::ALLOC, convention::FREE, convention::TYPES);
    let provides = |def: &TypeDef| def.kind == TypeKind::Resource(Provider::Package);
    let drop_export = model.contract.types.iter().any(provides).then(|| {
        let name = convention::DROP_EXPORT;
        quote! {
            #[unsafe(export_name = #name)]
            extern "C" fn drop_resource(number: #p::primitive::i32) {
                #p::drop_held(number);
            }
        }
    });
    quote! {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            #[used]
            #[unsafe(link_section = #section)]
            static METADATA: [#p::primitive::u8; #length] = *#bytes;

            #[unsafe(export_name = #types)]
            extern "C" fn types() -> #p::primitive::i64 {
                #p::point_to(&METADATA)
            }
            #[unsafe(export_name = #alloc)]
            extern "C" fn alloc(length: #p::primitive::i32) -> #p::primitive::i32 {
                #p::alloc(length)
            }
            #[unsafe(export_name = #free)]
            unsafe extern "C" fn free(pointer: #p::primitive::i32, length: #p::primitive::i32) {
                unsafe { #p::free(pointer, length) }
            }
            #drop_export
        };
    }
}
