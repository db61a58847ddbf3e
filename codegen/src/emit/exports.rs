//! The exports of a guest: traits to implement, what checks the implementations, and what stands between them and
//! the core signatures.

use pack_abi::convention::Role;
use pack_abi::schema::{self, FunctionKind, Interface, ROOT, Type, TypeId, TypeKind, TypeName};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::Lifetime;

use super::calls::{Call, core_type};
use super::forms::{Borrowable, Lifted};
use super::model::{Model, Place};
use super::tree::Tree;
use super::{docs, interface_place};
use crate::export::exports::{Elsewhere, Exports, Function, Words};
use crate::wit::{self, World};
use crate::{Location, names};

/// Adds the exports to the module `exports`. Unless they are `partial`, each must be there.
///
/// ```text
/// pub mod exports { pub mod demo { pub mod greeting {
///     pub trait Greeter: greeter::__pack::Types { fn greet(name: String) -> String; }
///     pub(crate) use __pack_exports_demo_greeting_greeter as Greeter;     // a macro
///     pub mod greeter {
///         pub(crate) use __pack_exports_demo_greeting_greeter as __export;
///         pub mod __pack {
///             pub enum ThisPackage {}
///             impl ThisPackage { pub unsafe fn greet(export: impl FnOnce(String) -> String, p0: i32, p1: i32) -> i64 { … } }
///             pub enum greet {}
///             pub(crate) trait Types { type ThisPackage; type greet__0; type greet__return; }
///             impl<T> Types for T { … }
///         }
///     }
/// } } }
/// ```
///
/// Of all this, `#[pack::export]` can only be sure to reach what has the name of the trait, which the user may have
/// imported from anywhere. So the trait leads to the rest, as the types of a trait that all types implement.
///
/// A resource has a trait of its own in the module of its interface, and is exported on its own.
pub(super) fn add_exports(model: &Model<'_>, world: &World, partial: bool, tree: &mut Tree) {
    let interfaces: Vec<&Interface> = model
        .contract
        .exports
        .iter()
        .filter(|interface| !interface.functions.is_empty())
        .collect();
    if interfaces.is_empty() {
        return;
    }
    let root = ["exports".to_owned()];
    let docs =
        "What this package provides: a trait for each exported interface, and for each resource.";
    tree.document(&root, docs);
    for interface in &interfaces {
        Target::new(model, world, interface).add(partial, tree);
    }
    if !interfaces.iter().any(|interface| interface.name == ROOT) {
        // A function that names no interface finds out here.
        let none = Interface {
            name: ROOT.to_owned(),
            docs: String::new(),
            functions: Vec::new(),
        };
        let target = Target::new(model, world, &none);
        let knowing = target.knowing(&target.free);
        let alias = target.alias(&target.free, &names::ident(EXPORT));
        tree.add(&root, wit::Place::World, quote!(#knowing #alias));
    }
}

/// The macro of an interface's module.
const EXPORT: &str = "__export";

/// Where the exports of an interface go.
struct Target<'a> {
    model: &'a Model<'a>,
    world: &'a World,
    interface: &'a Interface,
    /// The module of the trait.
    module: Vec<String>,
    /// The trait.
    name: Ident,
    /// The module of the interface's own: there are its resources, and it stands for the interface when functions are
    /// exported one by one.
    inner: Vec<String>,
    /// The module of what only generated code names.
    hidden: Vec<String>,
    /// The functions of no resource.
    free: Exports,
    resources: Vec<Exports>,
}

impl<'a> Target<'a> {
    fn new(model: &'a Model<'a>, world: &'a World, interface: &'a Interface) -> Self {
        let (module, name) = model.interface_item("exports", interface);
        let mut inner = vec!["exports".to_owned()];
        inner.extend(model.types_module(&interface.name).iter().cloned());
        let mut hidden = inner.clone();
        hidden.push("__pack".to_owned());
        let resources = Model::resources(interface).into_iter();
        Self {
            model,
            world,
            interface,
            module,
            name,
            inner,
            hidden,
            free: exports(model, world, interface, None),
            resources: resources
                .map(|resource| exports(model, world, interface, Some(resource)))
                .collect(),
        }
    }

    fn add(&self, partial: bool, tree: &mut Tree) {
        let place = || interface_place(self.interface);
        let knowing = self.knowing(&self.free);
        tree.add(&self.module, place(), knowing);
        if !self.free.functions.is_empty() {
            let docs = docs(match self.free.is_world() {
                true => &self.world.docs,
                false => &self.interface.docs,
            });
            let definition = self.export_trait(&self.free, &self.name, &self.module);
            tree.add(&self.module, place(), quote!(#docs #definition));
        }
        let alias = self.alias(&self.free, &names::ident(EXPORT));
        tree.add(&self.inner, place(), alias);
        for resource in &self.resources {
            let (knowing, name) = (self.knowing(resource), resource_trait(resource));
            let docs = resource.resource.as_deref().unwrap_or_default();
            let docs = format!(" The constructors, methods and functions of `{docs}`.");
            let definition = self.export_trait(resource, &name, &self.inner);
            let items = quote!(#knowing #[doc = #docs] #definition);
            tree.add(&self.inner, place(), items);
        }
        if self.interface.name != ROOT {
            let docs = format!(
                "For functions that are exported one by one: `#[export({})]`.",
                path_words(&self.inner),
            );
            tree.document(&self.inner, &docs);
        }
        let assertions = (!partial).then(|| self.assertions());
        let (marker, types) = (self.shims(), self.types());
        tree.add(
            &self.hidden,
            place(),
            quote! {
                #![allow(non_camel_case_types, reason = "functions and their types are named alike")]
                #marker
                #types
                #assertions
            },
        );
        tree.hide(&self.hidden);
    }

    /// What is exported on its own: functions of no resource, and resources. The name of each, and its type for the
    /// traits that say what is exported.
    fn units(&self) -> Vec<(Ident, TokenStream)> {
        let p = &self.model.private;
        let free = self.free.functions.iter().map(|function| {
            let name = function.flat.clone();
            let unit = quote!(#p::Free<#name>);
            (name, unit)
        });
        let resources = self.resources.iter().filter_map(|exports| {
            let name = names::value_ident(exports.resource.as_deref()?);
            Some((name.clone(), quote!(#name)))
        });
        free.chain(resources).collect()
    }

    /// The name of a macro, of which each module sees those of the modules around it.
    fn macro_name(&self, exports: &Exports) -> Ident {
        let mut path = self.inner.clone();
        path.extend(
            exports
                .resource
                .iter()
                .map(|name| names::value_ident(name).to_string()),
        );
        format_ident!("__pack_{}", path.join("_").replace("r#", ""))
    }

    /// The macro that hands an exported item on, after what the WIT says.
    fn knowing(&self, exports: &Exports) -> TokenStream {
        let (p, name) = (&self.model.private, self.macro_name(exports));
        quote! {
            #[doc(hidden)]
            #[allow(unused_macros, reason = "exports may be missing")]
            macro_rules! #name {
                ($($item:tt)*) => { #p::export! { { #exports } $($item)* } };
            }
        }
    }

    /// The macro where the user's path leads.
    fn alias(&self, exports: &Exports, alias: &Ident) -> TokenStream {
        let name = self.macro_name(exports);
        quote! {
            #[doc(hidden)]
            #[allow(unused_imports, reason = "an interface is exported as a whole or function by function")]
            pub(crate) use #name as #alias;
        }
    }

    fn export_trait(&self, exports: &Exports, name: &Ident, module: &[String]) -> TokenStream {
        let p = &self.model.private;
        let place = Place::module(module);
        let resource = exports.resource.as_deref();
        let functions = self.interface.functions.iter();
        let functions = functions.filter(|function| function.resource() == resource);
        let methods = functions.map(|function| {
            let call = Call::new(self.model, function, Role::Export);
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
                FunctionKind::Constructor { .. } => {
                    output = Some(call.constructed(&quote!(Self), place));
                }
                FunctionKind::Static { .. } | FunctionKind::Free => {}
            }
            let output = output.map(|ty| quote!(-> #ty));
            quote! {
                #docs
                fn #name(#(#params),*) #output;
            }
        });
        let types = self
            .model
            .path(module, &self.hidden, &names::ident("Types"));
        let bounds = resource.map(|_| quote!(+ #p::Sized + 'static));
        let alias = self.alias(exports, name);
        quote! {
            #[allow(private_bounds, reason = "it is for generated code")]
            pub trait #name: #types #bounds { #(#methods)* }
            #alias
        }
    }

    /// The type that stands for what this package does of the interface, with a function for each exported one.
    fn shims(&self) -> TokenStream {
        let shims = self
            .interface
            .functions
            .iter()
            .map(|function| self.shim(function));
        let units = self.units();
        let names = units.iter().map(|(name, _)| name);
        quote! {
            pub enum ThisPackage {}
            impl ThisPackage { #(#shims)* }
            #(pub enum #names {})*
        }
    }

    /// Takes core arguments, and calls what is exported with those they stand for.
    fn shim(&self, function: &schema::Function) -> TokenStream {
        let p = &self.model.private;
        let place = Place::module(&self.hidden);
        let call = Call::new(self.model, function, Role::Export);
        let (name, method) = (
            names::function_ident(function),
            names::method_ident(function),
        );
        let (core_idents, core_types) = (call.core_idents(), call.core_params());
        let core_result = call.core_result().map_or(quote!(()), |ty| quote!(#ty));
        let Lifted {
            forms,
            statements: lift,
            arguments,
            types,
            output,
        } = call.lift_formed(place);
        let target = match (function.kind(), arguments.split_first()) {
            (FunctionKind::Free, _) => quote!(export(&__call, #(#arguments),*)),
            (FunctionKind::Method { .. }, Some((this, rest))) => {
                quote!(__R::#method(&*#p::this_resource::<_, __R>(&#this)?, #(#rest),*))
            }
            (FunctionKind::Constructor { .. }, _) => {
                call.wrap_constructed(&quote!(__R::#method(#(#arguments),*)), place)
            }
            _ => quote!(__R::#method(#(#arguments),*)),
        };
        let (generics, export) = match function.resource() {
            Some(resource) => {
                let name = resource_trait_ident(resource);
                let path = self.model.path(&self.hidden, &self.inner, &name);
                (Some(quote!(<__R: #path>)), None)
            }
            None => {
                let export =
                    quote!(export: impl for<'m> #p::FnOnce(&'m #p::Call, #(#types),*) -> #output,);
                (Some(quote!(<#(#forms),*>)), Some(export))
            }
        };
        let answer = call.answer(&target, place);
        let in_memory = call.signature.result.is_in_memory();
        // What is in memory is given when all that the call has had is gone.
        let (given, give) = match in_memory {
            true => {
                let result = call.output(place);
                (quote!(#p::Given<#result>), Some(quote!(.give())))
            }
            false => (core_result.clone(), None),
        };
        let span = self.model.span(self.interface, function);
        quote! {
            pub unsafe fn #name #generics(#export #(#core_idents: #core_types),*) -> #core_result {
                #span
                let outcome = (|| -> #p::Result<#given, #p::DecodeError> {
                    let __call = unsafe { #p::Call::new(#in_memory) };
                    #lift
                    #answer
                })();
                #p::finish(outcome) #give
            }
        }
    }

    /// The types of everything, by names that every implementation of the trait can use.
    fn types(&self) -> TokenStream {
        let place = Place::module(&self.hidden);
        let (lifetime, mut borrowed) = (Lifetime::new("'m", Span::call_site()), Vec::new());
        let mut types = vec![(names::ident("ThisPackage"), quote!(ThisPackage))];
        let resources = self
            .resources
            .iter()
            .filter_map(|exports| exports.resource.as_deref());
        types.extend(resources.map(|resource| {
            let name = names::value_ident(resource);
            (name.clone(), quote!(#name))
        }));
        for function in &self.interface.functions {
            let known = [&self.free].into_iter().chain(&self.resources);
            let mut known = known.flat_map(|exports| &exports.functions);
            let Some(known) = known.find(|known| known.name == function.name) else {
                continue;
            };
            let call = Call::new(self.model, function, Role::Export);
            let (is_method, output) = match function.kind() {
                FunctionKind::Method { .. } => (true, call.output(place)),
                FunctionKind::Constructor { .. } => (false, call.constructed(&quote!(__T), place)),
                FunctionKind::Static { .. } | FunctionKind::Free => (false, call.output(place)),
            };
            let params = call
                .owned_params(place)
                .into_iter()
                .skip(usize::from(is_method));
            types.extend(
                params
                    .enumerate()
                    .map(|(at, ty)| (known.param_type(at), ty)),
            );
            types.push((known.result_type(), output));
            let params = function.params.iter().map(|param| param.ty);
            let params = params.zip(call.borrowable_params()).enumerate();
            let params =
                params.map(|(at, (ty, borrowable))| (known.param_type(at), ty, borrowable));
            let result = function
                .result
                .map(|ty| (known.result_type(), ty, call.borrowable_result()));
            for (name, ty, borrowable) in params.chain(result) {
                for (at, borrowable) in borrowable.into_iter().enumerate() {
                    let ty = call.borrowed_as(borrowable, ty, place, &lifetime);
                    borrowed.push((Function::borrowed_type(&name, at), ty));
                }
            }
        }
        let (borrowed_names, borrowed): (Vec<_>, Vec<_>) = borrowed.into_iter().unzip();
        let (names, types): (Vec<_>, Vec<_>) = types.into_iter().unzip();
        quote! {
            // Types from elsewhere may be no more than this.
            pub(crate) trait Types { #(type #names;)* #(type #borrowed_names<'m>;)* }
            impl<__T> Types for __T { #(type #names = #types;)* #(type #borrowed_names<'m> = #borrowed;)* }
        }
    }

    /// Fails to compile where something is exported nowhere: a function or a resource; or the interface, if that is all
    /// of it.
    fn assertions(&self) -> TokenStream {
        let p = &self.model.private;
        let (names, units): (Vec<_>, Vec<_>) = self.units().into_iter().unzip();
        let functions = self
            .free
            .functions
            .iter()
            .map(|function| self.function_missing(function));
        let resources = self
            .resources
            .iter()
            .filter_map(|exports| self.resource_missing(exports));
        let messages = functions.chain(resources);
        let is_world = self.free.is_world();
        let any = if is_world {
            quote!(true)
        } else {
            quote!(#(#names)||*)
        };
        let whole = (!is_world).then(|| {
            let message = self.interface_missing();
            quote!(
                const _: () = if !ANY {
                    ::core::panic!("{}", #message)
                };
            )
        });
        quote! {
            #[allow(non_upper_case_globals, unused_imports, reason = "generated from WIT")]
            const _: () = {
                use #p::NotProvided as _;
                #(const #names: #p::primitive::bool = #p::Export::<ThisPackage, #units>::IS_PROVIDED
                    || #p::Export::<ThisPackage, #units>::IS_MEANT;)*
                const ANY: #p::primitive::bool = #any;
                #whole
                #(const _: () = if ANY && !#names { ::core::panic!("{}", #messages) };)*
            };
        }
    }

    fn function_missing(&self, function: &Function) -> String {
        let exports = &self.free;
        let (what, argument) = if exports.is_world() {
            (format!("`{}`", function.name), String::new())
        } else {
            let interface = &self.interface.name;
            let what = format!("`{}` of the interface `{interface}`", function.name);
            (what, format!("({})", path_words(&self.inner)))
        };
        let (line, signature) = (exports.wit_line(function), function.rust_signature());
        self.missing(&what, &line, &[format!("{argument}] {signature}")])
    }

    fn resource_missing(&self, exports: &Exports) -> Option<String> {
        let (interface, resource) = (&self.interface.name, exports.resource.as_deref()?);
        let types = self.model.contract.types.iter().zip(0_u32..);
        let id = types.filter_map(|(def, at)| {
            let name = def.name.as_ref()?;
            let is_it = name.name == resource && name.owner.ends_with(interface.as_str());
            is_it.then_some(TypeId(at))
        });
        let line = id
            .last()
            .and_then(|id| line_of(self.world, &wit::Place::Type(id)));
        let what = format!("the resource `{resource}` of the interface `{interface}`");
        let example = self.resource_example(exports);
        Some(self.missing(&what, &line.unwrap_or_default(), &[example]))
    }

    /// With all that it takes, for nothing of it is there.
    fn interface_missing(&self) -> String {
        let interface = &self.interface.name;
        let line = line_of(self.world, &wit::Place::Interface(interface.clone()));
        let free = (!self.free.functions.is_empty()).then(|| {
            let path = format!("{}::{}", path_words(&self.module), self.name);
            format!("] impl {path} for Package")
        });
        let resources = self.resources.iter();
        let resources = resources.map(|resource| self.resource_example(resource));
        let examples: Vec<String> = free.into_iter().chain(resources).collect();
        let what = format!("the interface `{interface}`");
        self.missing(&what, &line.unwrap_or_default(), &examples)
    }

    fn resource_example(&self, exports: &Exports) -> String {
        let path = format!("{}::{}", path_words(&self.inner), resource_trait(exports));
        format!("] impl {path} for MyType")
    }

    /// What to say of an export that is not there.
    fn missing(&self, what: &str, line: &str, examples: &[String]) -> String {
        let facade = &self.model.settings.facade;
        let facade = quote!(#facade).to_string().replace(' ', "");
        let facade = facade.trim_start_matches("::");
        let mut message =
            format!("the world exports {what}, and nothing in this crate provides it\n  {line}");
        for example in examples {
            message += &format!("\n  help: add `#[{facade}::export{example} {{ … }}`");
        }
        message + "\n  help: or let exports be missing, with `partial_exports: true` in `world!`"
    }
}

/// The trait of a resource's functions.
fn resource_trait(exports: &Exports) -> Ident {
    resource_trait_ident(exports.resource.as_deref().unwrap_or_default())
}

fn resource_trait_ident(resource: &str) -> Ident {
    format_ident!("{}Resource", names::type_ident(resource))
}

/// The path to that trait from where the resource's type is; none for a resource without functions.
pub(super) fn resource_trait_path(model: &Model<'_>, resource: &TypeName) -> Option<TokenStream> {
    let owner = resource.owner.as_str();
    let exported = owner.strip_prefix(schema::EXPORTS).unwrap_or(owner);
    let interface = model.contract.export(exported)?;
    if !Model::resources(interface).contains(resource.name.as_str()) {
        return None;
    }
    let mut module = vec!["exports".to_owned()];
    module.extend(model.types_module(exported).iter().cloned());
    let ident = resource_trait_ident(&resource.name);
    Some(model.path(model.types_module(owner), &module, &ident))
}

/// What `#[pack::export]` is told of the functions of a resource, or of none.
fn exports(
    model: &Model<'_>,
    world: &World,
    interface: &Interface,
    resource: Option<&str>,
) -> Exports {
    let functions = interface.functions.iter();
    let functions = functions.filter(|function| function.resource() == resource);
    let functions = functions.map(|function| {
        let call = Call::new(model, function, Role::Export);
        let words = |ty: Type, borrowable: &[Borrowable]| Words {
            wit: model.contract.display(ty).to_string(),
            rust: rust_words(model, ty),
            borrowed: borrowable
                .iter()
                .map(|borrowable| borrowed_words(model, *borrowable, ty))
                .collect(),
        };
        let result = function.result;
        let mut result = result.map(|ty| words(ty, &call.borrowable_result()));
        if let (FunctionKind::Constructor { .. }, Some(result)) = (function.kind(), &mut result) {
            result.rust = match function.result.and_then(|ty| model.contract.kind(ty)) {
                Some(TypeKind::Result { err, .. }) => {
                    format!(
                        "Result<Self, {}>",
                        err.map_or("()".to_owned(), |ty| rust_words(model, ty))
                    )
                }
                _ => "Self".to_owned(),
            };
        }
        let is_method = matches!(function.kind(), FunctionKind::Method { .. });
        let params = function.params.iter().zip(call.borrowable_params());
        let params = params.skip(usize::from(is_method));
        let place = wit::Place::Function(interface.name.clone(), function.name.clone());
        let core_types = call.signature.core_params();
        Function {
            name: function.name.clone(),
            ident: names::method_ident(function),
            flat: names::function_ident(function),
            params: params
                .map(|(param, borrowable)| (param.name.clone(), words(param.ty, &borrowable)))
                .collect(),
            result,
            core_params: core_types.into_iter().map(core_type).collect(),
            core_result: call.signature.core_result().map(core_type),
            place: world
                .locate(&place)
                .map_or(String::new(), |location| place_words(&location)),
        }
    });
    let functions = functions.collect();
    let others = model.contract.exports.iter();
    let others = others.filter(|other| interface.name == ROOT && other.name != ROOT);
    let elsewhere = others.map(|other| {
        let functions = other.functions.iter();
        let functions = functions.filter(|function| function.resource().is_none());
        Elsewhere {
            module: path_words(model.types_module(&other.name)),
            functions: functions
                .map(|function| names::function_ident(function).to_string())
                .collect(),
        }
    });
    Exports {
        private: model.private.clone(),
        interface: interface.name.clone(),
        resource: resource.map(str::to_owned),
        functions,
        elsewhere: elsewhere.collect(),
    }
}

fn path_words(module: &[String]) -> String {
    let names: Vec<_> = module
        .iter()
        .map(|name| names::ident(name).to_string())
        .collect();
    names.join("::")
}

/// A file and a line. Files in the crate's folder go by their path in it.
fn place_words(location: &Location) -> String {
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let file = std::path::Path::new(&location.file);
    let file = file.strip_prefix(root).unwrap_or(file).display();
    format!("{file}:{}", location.line)
}

/// The whole line of a place, with where it is.
fn line_of(world: &World, place: &wit::Place) -> Option<String> {
    let location = world.locate(place)?;
    Some(format!(
        "{}: {}",
        place_words(&location),
        location.text.trim()
    ))
}

/// What something is borrowed as, in words.
fn borrowed_words(model: &Model<'_>, borrowable: Borrowable, ty: Type) -> String {
    match borrowable {
        Borrowable::Text => "&str".to_owned(),
        Borrowable::View => view_words(model, ty),
        Borrowable::Slice(element) => format!("&[{}]", rust_words(model, element)),
        Borrowable::SliceMut(element) => format!("&mut [{}]", rust_words(model, element)),
    }
}

/// The view of a type, as it is written where the names in it are in scope.
fn view_words(model: &Model<'_>, ty: Type) -> String {
    let words = |ty: Type| view_words(model, ty);
    let payload = |ty: &Option<Type>| ty.map_or("()".to_owned(), words);
    let Some(def) = model.contract.def(ty) else {
        return match ty {
            Type::String => "&str".to_owned(),
            _ => rust_words(model, ty),
        };
    };
    match (&def.name, &def.kind) {
        (_, TypeKind::Alias(target)) => words(*target),
        (Some(_), _) if model.is_copy(ty) => rust_words(model, ty),
        (Some(name), _) => format!("{}<'_>", model.view_ident(name)),
        (None, TypeKind::List(element) | TypeKind::FixedList(element, _)) => {
            format!("ListRef<'_, {}>", rust_words(model, *element))
        }
        (None, TypeKind::Map(key, value)) => {
            let (key, value) = (rust_words(model, *key), rust_words(model, *value));
            format!("MapRef<'_, {key}, {value}>")
        }
        (None, TypeKind::Option(some)) => format!("Option<{}>", words(*some)),
        (None, TypeKind::Result { ok, err }) => {
            format!("Result<{}, {}>", payload(ok), payload(err))
        }
        (None, TypeKind::Tuple(parts)) => {
            let parts: Vec<_> = parts.iter().map(|part| words(*part)).collect();
            match parts.as_slice() {
                [only] => format!("({only},)"),
                parts => format!("({})", parts.join(", ")),
            }
        }
        (None, _) => rust_words(model, ty),
    }
}

/// A type as it is written where the names in it are in scope.
fn rust_words(model: &Model<'_>, ty: Type) -> String {
    let words = |ty: Type| rust_words(model, ty);
    let payload = |ty: &Option<Type>| ty.map_or("()".to_owned(), words);
    let Some(def) = model.contract.def(ty) else {
        let words = match ty {
            Type::S8 => "i8",
            Type::S16 => "i16",
            Type::S32 => "i32",
            Type::S64 => "i64",
            Type::String => "String",
            _ => return model.contract.display(ty).to_string(),
        };
        return words.to_owned();
    };
    if let Some(name) = &def.name {
        return names::type_ident(&name.name).to_string();
    }
    match &def.kind {
        TypeKind::List(element) => format!("Vec<{}>", words(*element)),
        TypeKind::FixedList(element, count) => format!("[{}; {count}]", words(*element)),
        TypeKind::Option(some) => format!("Option<{}>", words(*some)),
        TypeKind::Result { ok, err } => format!("Result<{}, {}>", payload(ok), payload(err)),
        TypeKind::Map(key, value) => format!("BTreeMap<{}, {}>", words(*key), words(*value)),
        TypeKind::Alias(target) | TypeKind::Own(target) => words(*target),
        TypeKind::Borrow(resource) => format!("Borrow<{}>", words(*resource)),
        TypeKind::Tuple(parts) => match parts.as_slice() {
            [only] => format!("({},)", words(*only)),
            parts => {
                let parts: Vec<_> = parts.iter().map(|part| words(*part)).collect();
                format!("({})", parts.join(", "))
            }
        },
        // These have names, or are in no contract.
        _ => String::new(),
    }
}
