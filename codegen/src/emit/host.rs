use pack_abi::convention::{Return, Role};
use pack_abi::metadata;
use pack_abi::schema::{Contract, Function, FunctionKind, Interface, ROOT, hash};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Lifetime;

use super::calls::{Call, core_type, wit_signature};
use super::model::{Model, Place};
use super::tree::Tree;
use super::types::add_types;
use super::{Clash, Settings, docs, interface_place};
use crate::names;
use crate::wit::{self, World};

/// Everything `pack_runtime::bindgen!` stands for.
///
/// ```text
/// pub mod demo { pub mod json_query { pub mod types { … } } }
/// pub mod imports { pub mod demo { pub mod json_query { pub trait Log { … } } } }
/// pub mod exports { pub mod demo { pub mod json_query { pub struct Query<'a, __T> { … } } } }
/// pub trait JsonQueryImports: imports::demo::json_query::Log {}
/// pub struct JsonQuery<__T> { … }
/// mod functions { one marker type a function, which knows the calling convention }
/// ```
pub(crate) fn host(world: &World, settings: &Settings) -> Result<TokenStream, Vec<Clash>> {
    let contract = &world.contract;
    let model = Model::new(contract, &world.name, settings);
    let mut tree = Tree::default();
    add_types(&model, &mut tree);
    let interfaces = contract
        .imports
        .iter()
        .chain(&contract.exports)
        .filter(|i| i.name != ROOT);
    for interface in interfaces {
        tree.document(model.types_module(&interface.name), &interface.docs);
    }
    for interface in with_functions(&contract.imports) {
        let (module, name) = model.interface_item("imports", interface);
        let place = interface_place(interface);
        tree.add(
            &module,
            place,
            import_trait(&model, interface, &name, &module),
        );
    }
    for interface in with_functions(&contract.exports) {
        add_functions(&model, interface, &mut tree);
        if interface.name != ROOT {
            let (module, name) = model.interface_item("exports", interface);
            let place = interface_place(interface);
            tree.add(&module, place, client(&model, interface, &name, &module));
        }
    }
    tree.document(
        &["imports".to_owned()],
        "What the host provides: a trait for each imported interface.",
    );
    tree.document(
        &["exports".to_owned()],
        "What the package provides: a client for each exported interface.",
    );
    tree.hide(&["functions".to_owned()]);
    tree.add(&[], wit::Place::World, world_struct(&model, &world.docs));
    tree.into_tokens()
}

fn with_functions(interfaces: &[Interface]) -> impl Iterator<Item = &Interface> {
    interfaces
        .iter()
        .filter(|interface| !interface.functions.is_empty())
}

/// The trait a host implements for an imported interface.
fn import_trait(
    model: &Model<'_>,
    interface: &Interface,
    name: &Ident,
    module: &[String],
) -> TokenStream {
    let p = &model.private;
    let place = Place::module(module);
    // One that has static functions only is never seen by them.
    let is_kept = |name: &&str| {
        interface
            .functions
            .iter()
            .any(|function| match function.kind() {
                FunctionKind::Constructor { resource } | FunctionKind::Method { resource, .. } => {
                    resource == *name
                }
                FunctionKind::Static { .. } | FunctionKind::Free => false,
            })
    };
    let resources = Model::resources(interface).into_iter().filter(is_kept).map(|name| {
        let ident = names::type_ident(name);
        let docs = format!(
            "What a `{name}` is in the host. Dropped when the guest drops it, or with the instance."
        );
        quote! {
            #[doc = #docs]
            type #ident: #p::Send + 'static;
        }
    });
    let methods = interface.functions.iter().map(|function| {
        let call = Call::new(model, function, Role::Import);
        let (ident, docs) = (names::function_ident(function), docs(&function.docs));
        let (params, mut types) = (call.param_idents(), call.owned_params(place));
        if call.is_viewed(interface) {
            let borrowable = call.borrowable_params().into_iter();
            let borrowable = borrowable.zip(&function.params).zip(&mut types);
            for ((borrowable, param), ty) in borrowable {
                if let Some(borrowable) = borrowable.first() {
                    *ty = call.borrowed_as(*borrowable, param.ty, place, &elided());
                }
            }
        }
        let own = |resource| {
            let ident = names::type_ident(resource);
            quote!(Self::#ident)
        };
        if let (FunctionKind::Method { resource, .. }, Some(this)) =
            (function.kind(), types.first_mut())
        {
            let resource = own(resource);
            *this = quote!(&mut #resource);
        }
        let output = function.result.map(|_| match function.kind() {
            FunctionKind::Constructor { resource } => call.constructed(&own(resource), place),
            _ => call.output(place),
        });
        let output = match model.settings.fallible_imports {
            true => {
                let output = output.unwrap_or_else(|| quote!(()));
                Some(quote!(#p::Result<#output, #p::HostError>))
            }
            false => output,
        };
        let output = if model.settings.is_async {
            let output = output.unwrap_or_else(|| quote!(()));
            Some(quote!(-> impl #p::Future<Output = #output> + #p::Send))
        } else {
            output.map(|ty| quote!(-> #ty))
        };
        quote! {
            #docs
            fn #ident(&mut self, #(#params: #types),*) #output;
        }
    });
    let docs = docs(&interface.docs);
    quote!(#docs pub trait #name { #(#resources)* #(#methods)* })
}

/// The statements that offer an imported interface's functions to a package.
fn link_interface(model: &Model<'_>, interface: &Interface) -> TokenStream {
    let p = &model.private;
    let (module, name) = model.interface_item("imports", interface);
    let path = model.path(&[], &module, &name);
    let place = Place::module(&[]);
    let functions = interface.functions.iter().map(|function| {
        let call = Call::new(model, function, Role::Import);
        let ident = names::function_ident(function);
        let (core_idents, core_types) = (call.core_idents(), call.core_params());
        let core_result = call.core_result().map_or(quote!(()), |ty| quote!(#ty));
        let is_viewed = call.is_viewed(interface);
        let (lift, arguments) = match is_viewed {
            true => {
                let lifted = call.lift_formed(place);
                (lifted.statements, lifted.arguments)
            }
            false => {
                let (lift, arguments) = call.lift(place);
                (
                    lift,
                    arguments.iter().map(ToTokens::to_token_stream).collect(),
                )
            }
        };
        let wait = model.settings.is_async.then(|| quote!(.await));
        let failed = model.settings.fallible_imports;
        let failed = failed.then(|| quote!(.map_err(#p::HostProblem::Failed)?));
        let mut lock = None;
        let target = match (function.kind(), arguments.split_first()) {
            (FunctionKind::Method { resource, .. }, Some((this, rest))) => {
                let resource = names::type_ident(resource);
                lock = Some(quote! {
                    let mut __lock = #p::lock_resource::<_, <__T as #path>::#resource>(&*#this)?;
                    let __this = __lock.value()?;
                });
                quote!(<__T as #path>::#ident(__call.data(), __this, #(#rest),*) #wait #failed)
            }
            (FunctionKind::Constructor { .. }, _) => {
                let target =
                    quote!(<__T as #path>::#ident(__call.data(), #(#arguments),*) #wait #failed);
                call.wrap_constructed(&target, place)
            }
            _ if is_viewed => quote!({
                let (__data, __call) = __call.borrow();
                #lift
                <__T as #path>::#ident(__data, #(#arguments),*) #wait #failed
            }),
            _ => quote!(<__T as #path>::#ident(__call.data(), #(#arguments),*) #wait #failed),
        };
        let lift = (!is_viewed).then_some(lift);
        let answer = call.answer(&target, place);
        let (owner, called) = (interface, function);
        let (interface, function) = (&interface.name, &function.name);
        if model.settings.is_async {
            let future = quote! {
                async move {
                    #p::host_call_async::<#core_result>(#interface, #function, async {
                        let mut __call = #p::HostCall::new(&mut caller)?;
                        #lift
                        #lock
                        #answer
                    })
                    .await
                }
            };
            let future = model.future_in_span(owner, called, future);
            return quote! {
                imports.function_async(
                    #interface,
                    #function,
                    |
                        mut caller: #p::Caller<'_, #p::State<__T>>,
                        (#(#core_idents,)*): (#(#core_types,)*),
                    | {
                        #p::Box::new(#future)
                    },
                )?;
            };
        }
        let span = model.span(owner, called);
        quote! {
            imports.function(
                #interface,
                #function,
                |mut caller: #p::Caller<'_, #p::State<__T>>, #(#core_idents: #core_types),*|
                    -> #p::HostResult<#core_result>
                {
                    #span
                    #p::host_call::<#core_result>(#interface, #function, || {
                        let mut __call = #p::HostCall::new(&mut caller)?;
                        #lift
                        #lock
                        #answer
                    })
                },
            )?;
        }
    });
    quote!(#(#functions)*)
}

/// The module of an interface's markers, such as `functions::demo::json_query::query`.
fn functions_module(model: &Model<'_>, interface: &Interface) -> Vec<String> {
    let mut module = vec!["functions".to_owned()];
    module.extend(model.types_module(&interface.name).iter().cloned());
    module
}

fn handles_ident() -> Ident {
    format_ident!("__Handles")
}

/// For each exported function a marker, and a struct with the handles of all of them.
fn add_functions(model: &Model<'_>, interface: &Interface, tree: &mut Tree) {
    let p = &model.private;
    let module = functions_module(model, interface);
    let (handles, place) = (handles_ident(), Place::module(&module));
    let items = interface
        .functions
        .iter()
        .map(|function| marker(model, interface, function, place));
    let fields: Vec<_> = interface
        .functions
        .iter()
        .map(names::function_ident)
        .collect();
    let markers: Vec<_> = interface
        .functions
        .iter()
        .map(names::marker_ident)
        .collect();
    tree.add(
        &module,
        interface_place(interface),
        quote! {
            #(#items)*
            #[derive(#p::Debug)]
            pub struct #handles { #(pub #fields: #p::Export<#markers>,)* }
            impl #handles {
                pub fn bind<__T: 'static>(instance: &mut #p::Instance<__T>) -> #p::Result<Self, #p::Error> {
                    #p::Ok(Self { #(#fields: instance.bind()?,)* })
                }
            }
        },
    );
}

/// ```text
/// pub enum Parse {}
/// impl ExportFunction for Parse {
///     type Args<'a> = (&'a str,);
///     type Output = Result<Filter, ParseError>;
///     type CoreParams = (i32, i32);
///     type CoreResult = i64;
///     fn lower(…) -> Self::CoreParams { … }
///     fn lift(…) -> Result<Self::Output, DecodeError> { … }
/// }
/// ```
fn marker(
    model: &Model<'_>,
    interface: &Interface,
    function: &Function,
    place: Place<'_>,
) -> TokenStream {
    let p = &model.private;
    let call = Call::new(model, function, Role::Export);
    let ident = names::marker_ident(function);
    let lifetime: Lifetime = syn::parse_quote!('a);
    let (params, types) = (call.param_idents(), call.borrowed_params(place, &lifetime));
    let (core_types, output, needs_instance) = (
        call.core_params(),
        call.output(place),
        call.needs_instance(),
    );
    let core_result = call.core_result().map_or(quote!(()), |ty| quote!(#ty));
    let (lower, core) = call.lower();
    let core = (!core.is_empty()).then(|| quote!((#(#core,)*)));
    let lift = match call.signature.result {
        Return::Nothing => quote!(#p::Ok(result)),
        Return::Flat(ty) => {
            let from = format_ident!("from_{}", core_type(ty));
            quote!(__results.flat(#p::#from(result)))
        }
        Return::Contents(width) => quote!(__results.contents(result, #width)),
        Return::Encoded if function.result.is_some_and(|ty| model.has_handles(ty)) => {
            quote!(__results.encoded_with_handles(result))
        }
        Return::Encoded => quote!(__results.encoded(result)),
    };
    let (in_memory, contents) = match call.signature.result {
        Return::Nothing | Return::Flat(_) => (false, quote!(#p::None)),
        Return::Contents(width) => (true, quote!(#p::Some(#width))),
        Return::Encoded => (true, quote!(#p::None)),
    };
    let view = call.viewed_result(interface, place).map(|view| {
        quote! {
            impl #p::ViewFunction for #ident {
                const CONTENTS: #p::Option<#p::primitive::u32> = #contents;
                type View = #view;
            }
        }
    });
    let (interface, name) = (&interface.name, &function.name);
    quote! {
        #view
        #[derive(#p::Debug)]
        pub enum #ident {}
        impl #p::ExportFunction for #ident {
            const FUNCTION: #p::FunctionName<'static> =
                #p::FunctionName { interface: #interface, function: #name };
            const NEEDS_INSTANCE: #p::primitive::bool = #needs_instance;
            const RESULT_IN_MEMORY: #p::primitive::bool = #in_memory;
            type Args<'a> = (#(#types,)*);
            type Output = #output;
            type CoreParams = (#(#core_types,)*);
            type CoreResult = #core_result;

            #[inline]
            fn lower(__args: Self::Args<'_>, __area: &mut #p::Area<'_>) -> Self::CoreParams {
                let (#(#params,)*) = __args;
                #lower
                #core
            }

            #[inline]
            fn lift(
                result: Self::CoreResult,
                __results: &mut #p::Results<'_>,
            ) -> #p::Result<Self::Output, #p::DecodeError> {
                #lift
            }
        }
    }
}

fn asyncness(model: &Model<'_>) -> Option<TokenStream> {
    model.settings.is_async.then(|| quote!(async))
}

/// A bound on the host's data, which goes from thread to thread if calls can wait.
fn send(model: &Model<'_>) -> Option<TokenStream> {
    let p = &model.private;
    model.settings.is_async.then(|| quote!(#p::Send +))
}

/// A call of a function's handle: of which, by what method, and what is awaited then.
struct HandleCall {
    function: Ident,
    method: Ident,
    wait: Option<TokenStream>,
}

impl HandleCall {
    fn new(model: &Model<'_>, function: &Ident, is_viewed: bool) -> Self {
        let method = if is_viewed { "view" } else { "call" };
        let (method, wait) = match model.settings.is_async {
            true => (format!("{method}_async"), Some(quote!(.await))),
            false => (method.to_owned(), None),
        };
        Self {
            function: function.clone(),
            method: names::ident(&method),
            wait,
        }
    }
}

/// The lifetime of what is borrowed where nothing has to name it.
fn elided() -> Lifetime {
    Lifetime::new("'_", Span::call_site())
}

/// One method a function. `body` makes the call of a function, given its arguments as a tuple. Where the instance is
/// borrowed by the client, for a lifetime, results that are viewed are so for that lifetime.
fn client_methods(
    model: &Model<'_>,
    interface: &Interface,
    place: Place<'_>,
    borrowed: Option<&Lifetime>,
    body: impl Fn(&HandleCall, TokenStream) -> TokenStream,
) -> TokenStream {
    let p = &model.private;
    let asyncness = asyncness(model);
    let methods = interface.functions.iter().map(|function| {
        let call = Call::new(model, function, Role::Export);
        let (ident, docs) = (names::function_ident(function), docs(&function.docs));
        let blank = (!function.docs.is_empty()).then(|| quote!(#[doc = ""]));
        let wit = format!(" `{}`", wit_signature(model, function));
        let (params, types) = (call.param_idents(), call.passed_params(place));
        let arguments = call.borrowed_arguments();
        let view = call.viewed_result(interface, place);
        let handle_call = HandleCall::new(model, &ident, view.is_some());
        let body = body(&handle_call, quote!((#(#arguments,)*)));
        let (receiver, output) = match (view, borrowed) {
            (None, _) => (quote!(&mut self), call.output(place)),
            (Some(view), None) => (quote!(&mut self), quote!(#p::View<'_, #view>)),
            (Some(view), Some(lifetime)) => (quote!(self), quote!(#p::View<#lifetime, #view>)),
        };
        let body = match model.settings.is_async {
            true if model.settings.tracing => {
                let future = model.future_in_span(interface, function, quote!(async { #body }));
                quote!(#future.await)
            }
            true => body,
            false => {
                let span = model.span(interface, function);
                quote!(#span #body)
            }
        };
        let is_taken = interface.name == ROOT && TAKEN.contains(&function.name.as_str());
        let ident = if is_taken {
            format_ident!("{ident}_")
        } else {
            ident
        };
        quote! {
            #docs
            #blank
            #[doc = #wit]
            ///
            /// # Errors
            ///
            /// If the call does not come to an end, or its result is not what the contract says.
            pub #asyncness fn #ident(#receiver, #(#params: #types),*) -> #p::Result<#output, #p::Error> {
                #body
            }
        }
    });
    quote!(#(#methods)*)
}

/// The client of an exported interface.
fn client(
    model: &Model<'_>,
    interface: &Interface,
    name: &Ident,
    module: &[String],
) -> TokenStream {
    let p = &model.private;
    let handles = model.path(
        module,
        &functions_module(model, interface),
        &handles_ident(),
    );
    let lifetime = Lifetime::new("'a", Span::call_site());
    let methods = client_methods(
        model,
        interface,
        Place::module(module),
        Some(&lifetime),
        |call, arguments| {
            let HandleCall {
                function,
                method,
                wait,
            } = call;
            quote!(self.functions.#function.#method(self.instance, #arguments) #wait)
        },
    );
    let docs = docs(&interface.docs);
    let send = send(model);
    quote! {
        #docs
        #[derive(#p::Debug)]
        pub struct #name<'a, __T: 'static> {
            instance: &'a mut #p::Instance<__T>,
            functions: &'a #handles,
        }
        impl<'a, __T: #send 'static> #name<'a, __T> {
            #[doc(hidden)]
            pub fn __new(instance: &'a mut #p::Instance<__T>, functions: &'a #handles) -> Self {
                Self { instance, functions }
            }
            #methods
        }
    }
}

/// The world: an instance of a package, with its clients.
fn world_struct(model: &Model<'_>, docs: &str) -> TokenStream {
    let p = &model.private;
    let (world, contract) = (names::type_ident(model.world), model.contract);
    let imports_trait = format_ident!("{world}Imports");
    let imports: Vec<_> = with_functions(&contract.imports).collect();
    let bounds = imports.iter().map(|interface| {
        let (module, name) = model.interface_item("imports", interface);
        model.path(&[], &module, &name)
    });
    let bounds: Vec<_> = bounds.collect();
    let links = imports
        .iter()
        .map(|interface| link_interface(model, interface));

    let exports: Vec<_> = with_functions(&contract.exports).collect();
    let fields: Vec<_> = (0..exports.len())
        .map(|at| format_ident!("__handles{at}"))
        .collect();
    let handles: Vec<_> = exports
        .iter()
        .map(|interface| model.path(&[], &functions_module(model, interface), &handles_ident()))
        .collect();
    let wait = model.settings.is_async.then(|| quote!(.await));
    let accessors = exports.iter().zip(&fields).map(|(interface, field)| {
        if interface.name == ROOT {
            return client_methods(
                model,
                interface,
                Place::module(&[]),
                None,
                |call, arguments| {
                    let HandleCall {
                        function,
                        method,
                        wait,
                    } = call;
                    quote!(self.#field.#function.#method(&mut self.instance, #arguments) #wait)
                },
            );
        }
        let (module, name) = model.interface_item("exports", interface);
        let (client, ident) = (
            model.path(&[], &module, &name),
            accessor(contract, interface),
        );
        let docs = format!(" The package's `{}`.", interface.name);
        quote! {
            #[doc = #docs]
            pub fn #ident(&mut self) -> #client<'_, __T> {
                #client::__new(&mut self.instance, &self.#field)
            }
        }
    });

    let bytes = Literal::byte_string(&metadata::write(contract.schema()));
    let (import_hashes, export_hashes) = (
        hashes(contract, &contract.imports),
        hashes(contract, &contract.exports),
    );
    let qualified = &contract.world;
    let blank = (!docs.is_empty()).then(|| quote!(#[doc = ""]));
    let docs = super::docs(docs);
    let struct_docs = format!(" An instance of a package that implements the world `{qualified}`.");
    let imports_docs =
        format!(" Everything a host provides to a package of the world `{qualified}`.");
    let generated = super::generated();
    let (asyncness, send) = (asyncness(model), send(model));
    let (instantiate, marker) = match model.settings.is_async {
        true => ("instantiate_async", "AsyncWorld"),
        false => ("instantiate", "BlockingWorld"),
    };
    let (instantiate, marker) = (format_ident!("{instantiate}"), format_ident!("{marker}"));
    quote! {
        #generated
        #[doc = #imports_docs]
        pub trait #imports_trait: #(#bounds +)* {}
        impl<__T: #(#bounds +)*> #imports_trait for __T {}

        #generated
        #docs
        #blank
        #[doc = #struct_docs]
        #[derive(#p::Debug)]
        pub struct #world<__T: 'static> {
            instance: #p::Instance<__T>,
            #(#fields: #handles,)*
        }

        #generated
        impl<__T: #imports_trait + #send 'static> #world<__T> {
            /// Checks a package against the contract this program was compiled with, and connects its imports.
            /// What comes back makes instances.
            ///
            /// # Errors
            ///
            /// If the package does not fit the contract, or needs imports that the host does not have.
            pub fn link(package: &#p::Package) -> #p::Result<#p::Linked<Self>, #p::Error> {
                #p::Linker::new(package)?.offer_world::<Self>()?.link()
            }

            /// [`link`](Self::link), then one instance, which owns `host`.
            ///
            /// # Errors
            ///
            /// Those of `link`; or if the package fails while it starts.
            pub #asyncness fn instantiate(package: &#p::Package, host: __T) -> #p::Result<Self, #p::Error> {
                Self::link(package)?.#instantiate(host) #wait
            }
        }

        #generated
        impl<__T: #send 'static> #world<__T> {
            /// The instance itself: its host data, its types.
            pub fn instance(&self) -> &#p::Instance<__T> {
                &self.instance
            }

            /// The instance itself: its host data, its types, calls by name.
            pub fn instance_mut(&mut self) -> &mut #p::Instance<__T> {
                &mut self.instance
            }
            #(#accessors)*
        }

        #generated
        impl<__T: #send 'static> #p::#marker for #world<__T> {}

        #generated
        impl<__T: #send 'static> #p::Client for #world<__T> {
            type Host = __T;

            const CONTRACT: #p::HostContract = #p::HostContract {
                world: #qualified,
                metadata: #bytes,
                imports: &[#(#import_hashes),*],
                exports: &[#(#export_hashes),*],
            };

            fn bind(mut instance: #p::Instance<__T>) -> #p::Result<Self, #p::Error> {
                #p::Ok(Self { #(#fields: #handles::bind(&mut instance)?,)* instance })
            }

            fn instance(&self) -> &#p::Instance<__T> {
                &self.instance
            }
        }

        #generated
        impl<__T: #imports_trait + #send 'static> #p::World for #world<__T> {
            fn link(imports: &mut #p::Imports<__T>) -> #p::Result<(), #p::Error> {
                #(#links)*
                #p::Ok(())
            }
        }
    }
}

/// Interface, name and hash of every function.
fn hashes(contract: &Contract, interfaces: &[Interface]) -> Vec<TokenStream> {
    let functions = interfaces
        .iter()
        .flat_map(|interface| interface.functions.iter().map(move |f| (interface, f)));
    functions
        .map(
            |(
                Interface {
                    name: interface, ..
                },
                function,
            )| {
                let hash = hash::function(contract, interface, function);
                let (name, hash) = (
                    &function.name,
                    hash.iter().map(|byte| Literal::u8_unsuffixed(*byte)),
                );
                quote!((#interface, #name, [#(#hash),*]))
            },
        )
        .collect()
}

/// What else the world's struct has by name. A function of the world with such a name gets a `_`.
const TAKEN: [&str; 4] = ["instance", "instance-mut", "link", "instantiate"];

/// The method that gives an interface's client: its short name, or its full name where that is taken.
fn accessor(contract: &Contract, interface: &Interface) -> Ident {
    let short = interface.short_name();
    let is_twin = |other: &&Interface| other.short_name() == short;
    let is_function = contract
        .export(ROOT)
        .is_some_and(|root| root.function(short).is_some());
    if TAKEN.contains(&short) || is_function || contract.exports.iter().filter(is_twin).count() > 1
    {
        return names::value_ident(&names::module_path(&interface.name, true).join("-"));
    }
    names::value_ident(short)
}
