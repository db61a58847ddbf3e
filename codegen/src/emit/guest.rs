use pack_abi::convention::{self, Pass, Return, Role, Signature};
use pack_abi::metadata;
use pack_abi::schema::{FunctionKind, Interface, Provider, ROOT, TypeDef, TypeKind};
use std::collections::BTreeMap;

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::calls::Call;
use super::exports::add_exports;
use super::mocks::Mock;
use super::model::{Model, Place};
use super::tree::Tree;
use super::types::add_types;
use super::{Clash, Settings, docs, interface_place};
use crate::names;
use crate::wit::{self, World};

/// Everything `pack::world!` stands for.
///
/// ```text
/// pub mod demo { pub mod json_query { pub mod types { … } pub mod log { pub fn log(…) } } }
/// pub mod mocks { pub mod demo { pub mod json_query { pub mod log { pub fn log(…) } } } }
/// pub mod exports { pub mod demo { pub mod json_query { pub trait Query { … } } } }
/// const _: () = { __pack_alloc, __pack_free, __pack_types, the custom section };
/// ```
pub(crate) fn guest(
    world: &World,
    settings: &Settings,
    partial_exports: bool,
) -> Result<TokenStream, Vec<Clash>> {
    let contract = &world.contract;
    let model = Model::new(contract, &world.name, settings);
    let mut tree = Tree::default();
    add_types(&model, &mut tree);
    for interface in &contract.imports {
        let module = model.types_module(&interface.name).to_vec();
        tree.document(&module, &interface.docs);
        // Those of a resource are its methods.
        let mut methods: BTreeMap<&str, Vec<TokenStream>> = BTreeMap::new();
        for function in &interface.functions {
            let resource = function.resource();
            if resource.is_some_and(|resource| model.is_elsewhere(interface, resource)) {
                continue;
            }
            let call = Call::new(&model, function, Role::Import);
            let mock = Mock::new(&call, interface, &module);
            let import = import(&call, interface, &module, &mock);
            mock.add(&mut tree);
            match resource {
                Some(resource) => methods.entry(resource).or_default().push(import),
                None => {
                    let generated = module.is_empty().then(super::generated);
                    let place = wit::Place::Function(interface.name.clone(), function.name.clone());
                    tree.add(&module, place, quote!(#generated #import));
                }
            }
        }
        for (resource, methods) in methods {
            let ident = names::type_ident(resource);
            let generated = module.is_empty().then(super::generated);
            let place = interface_place(interface);
            tree.add(
                &module,
                place,
                quote!(#generated impl #ident { #(#methods)* }),
            );
        }
    }
    for interface in &contract.exports {
        if interface.name != ROOT {
            tree.document(model.types_module(&interface.name), &interface.docs);
        }
    }
    add_exports(&model, world, partial_exports, &mut tree);
    let (modules, entry) = (tree.into_tokens()?, entry_points(&model));
    Ok(quote!(#modules #entry))
}

/// A function of the host.
fn import(
    call: &Call<'_>,
    interface: &Interface,
    module: &[String],
    mock: &Mock<'_>,
) -> TokenStream {
    let (model, function) = (call.model, call.function);
    let p = &model.private;
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
    // What comes after it is for WebAssembly alone, but compiled natively too, so that a mistake is seen wherever it is built.
    let ask = mock.ask();
    let span = model.span(interface, function);
    let (lower, core) = call.lower();
    let borrow = call.borrow();
    let mut passes = call.signature.params.iter();
    let is_written = passes.any(|pass| matches!(pass, Pass::Elements(_) | Pass::Encoded));
    let mutable = is_written.then(|| quote!(mut));
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
        // Of imports there is none that returns contents.
        Return::Contents(_) | Return::Encoded => quote! {
            #p::encoded_result(|__space, __length| unsafe { __import(#(#core,)* __space, __length) })
        },
    };
    quote! {
        #docs
        #[cfg_attr(not(target_arch = "wasm32"), track_caller)]
        pub fn #name(#(#params),*) #output {
            #[cfg(target_arch = "wasm32")]
            #[link(wasm_import_module = #core_module)]
            unsafe extern "C" {
                #[link_name = #core_name]
                fn __import(#(_: #core_types),*) #core_result;
            }
            #[cfg(not(target_arch = "wasm32"))]
            unsafe fn __import(#(_: #core_types),*) #core_result {
                // A mock has answered before, or there was a panic that says that none is set.
                #p::unreachable!()
            }

            #span
            #this
            #[cfg(not(target_arch = "wasm32"))]
            #ask
            let #mutable __area = #p::Area::new();
            #borrow
            #lower
            #fetch
        }
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
    let types = convention::TYPES;
    let exports = model.contract.exports.iter();
    let mut functions = exports.flat_map(|interface| &interface.functions);
    // Without it, the package does without an allocator.
    let memory = functions
        .any(|function| Signature::of(model.contract, function, Role::Export).is_in_memory())
        .then(|| memory_exports(p));
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
            #memory
            #drop_export
        };
    }
}

/// The exports through which the host has room for arguments.
pub(crate) fn memory_exports(p: &TokenStream) -> TokenStream {
    let (alloc, free) = (convention::ALLOC, convention::FREE);
    quote! {
        #[unsafe(export_name = #alloc)]
        extern "C" fn alloc(length: #p::primitive::i32) -> #p::primitive::i32 {
            #p::alloc(length)
        }
        #[unsafe(export_name = #free)]
        unsafe extern "C" fn free(pointer: #p::primitive::i32, length: #p::primitive::i32) {
            unsafe { #p::free(pointer, length) }
        }
    }
}
