//! What stands in for the bindings of a guest if there are none, so that one mistake in the WIT is one error.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::names;
use crate::wit::{Outline, Source, outlines};

/// The errors, and modules in which the names of the WIT lead nowhere without a further error: types are of the kind that
/// the compiler asks no more about since there was an error, functions are constants of such a type, and the macros to
/// which `#[pack::export]` hands its items take all.
///
/// ```text
/// pub type __PackUnknown = <[(); compile_error!("…")] as __PackWit>::Type;
/// pub mod demo { pub mod greeting { pub mod types { pub type Person = super::super::super::__PackUnknown; } } }
/// pub mod exports { pub mod demo { pub mod greeting { pub(crate) use … as Greeter; … } } }
/// ```
///
/// What is left are uses of a case by its path, `use Shape::Circle`: they need a type that has it.
pub(crate) fn stand_in(source: &Source, error: &syn::Error) -> TokenStream {
    let mut errors: Vec<TokenStream> = error
        .clone()
        .into_iter()
        .map(|error| error.into_compile_error())
        .collect();
    // Expanded after the others.
    let last = errors.pop();
    let mut root = Module::default();
    root.child(&["exports".to_owned()]).hand_over(1, "__export");
    for outline in outlines(source) {
        root.add(&outline);
    }
    let (modules, unknown) = (root.into_tokens(), unknown());
    quote! {
        #(#errors)*
        #[doc(hidden)]
        pub trait __PackWit {
            type Type;
        }
        impl __PackWit for [(); 0] {
            type Type = ();
        }
        // Whatever comes of a length that is an error, the compiler says no more of.
        #[doc(hidden)]
        pub type #unknown = <[(); #last] as __PackWit>::Type;
        #[doc(hidden)]
        #[allow(unused_macros, reason = "nothing may be exported")]
        macro_rules! __pack_unknown {
            ($($item:tt)*) => {};
        }
        #[allow(unused_imports, reason = "nothing may be exported")]
        pub(crate) use __pack_unknown;
        #modules
    }
}

fn unknown() -> Ident {
    format_ident!("__PackUnknown")
}

/// A module, with items by name and kind.
#[derive(Default)]
struct Module {
    items: BTreeMap<(bool, String), TokenStream>,
    children: BTreeMap<String, Module>,
}

impl Module {
    fn add(&mut self, outline: &Outline) {
        let inner = match outline.interface.as_str() {
            "" => Vec::new(),
            interface => names::module_path(interface, false),
        };
        let (supers, unknown) = (supers(inner.len()), unknown());
        let module = self.child(&inner);
        for name in &outline.types {
            let ident = names::type_ident(name);
            let item = quote!(pub type #ident = #supers #unknown;);
            module.items.insert((false, ident.to_string()), item);
        }
        for name in &outline.functions {
            module.add_function(inner.len(), name);
        }
        self.add_mocks(&inner, outline);
        let mut exports = vec!["exports".to_owned()];
        let Some((interface, outer)) = inner.split_last() else {
            return;
        };
        exports.extend(outer.iter().cloned());
        let trait_ident = names::type_ident(interface).to_string();
        self.child(&exports).hand_over(exports.len(), &trait_ident);
        exports.push(interface.clone());
        let module = self.child(&exports);
        module.hand_over(exports.len(), "__export");
        for name in &outline.types {
            let resource = format!("{}Resource", names::type_ident(name));
            module.hand_over(exports.len(), &resource);
        }
    }

    /// Adds what tests have imports answered with.
    fn add_mocks(&mut self, interface: &[String], outline: &Outline) {
        let path: Vec<String> = [names::MOCKS.to_owned()]
            .into_iter()
            .chain(interface.iter().cloned())
            .collect();
        let module = self.child(&path);
        for name in &outline.functions {
            module.add_function(path.len(), name);
        }
    }

    /// Adds a function.
    fn add_function(&mut self, depth: usize, name: &str) {
        let (ident, supers, unknown) = (names::value_ident(name), supers(depth), unknown());
        let item = quote!(
            #[allow(non_upper_case_globals, reason = "it is a function")]
            pub const #ident: #supers #unknown = ::core::panic!();
        );
        self.items.insert((false, ident.to_string()), item);
    }

    /// Adds a macro that takes an exported item.
    fn hand_over(&mut self, depth: usize, name: &str) {
        let (ident, supers) = (names::ident(name), supers(depth));
        let item = quote! {
            #[allow(unused_imports, reason = "nothing may be exported")]
            pub(crate) use #supers __pack_unknown as #ident;
        };
        self.items.insert((true, name.to_owned()), item);
    }

    fn child(&mut self, path: &[String]) -> &mut Self {
        path.iter().fold(self, |module, name| {
            module.children.entry(name.clone()).or_default()
        })
    }

    fn into_tokens(self) -> TokenStream {
        let items = self.items.into_values();
        let children = self.children.into_iter().map(|(name, module)| {
            let (name, content) = (names::ident(&name), module.into_tokens());
            quote!(pub mod #name { #content })
        });
        quote!(#(#items)* #(#children)*)
    }
}

fn supers(depth: usize) -> TokenStream {
    std::iter::repeat_n(quote!(super::), depth).collect()
}
