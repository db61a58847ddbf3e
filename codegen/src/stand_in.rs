//! What stands for the code of a world that is wrong, so that one mistake in the WIT is one error: the modules, types
//! and macros that other code names, as far as the text shows them.
//!
//! What such types are made of, and the functions that a package imports, are not there: code that goes into them has
//! errors of its own.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::names;
use crate::options::MacroInput;
use crate::wit::{Outline, OutlineKind, outlines};

impl MacroInput {
    /// The code for a guest.
    pub fn stand_in(&self) -> TokenStream {
        let mut root = Module::default();
        let exports = ["exports".to_owned()];
        root.at(&exports).macros.insert(names::ident("__export"));
        for outline in outlines(&self.config.source) {
            root.add(&exports, &outline);
        }
        let code = root.into_tokens();
        quote! {
            #[allow(unused_macros, reason = "it stands for what is wrong")]
            macro_rules! __pack_wrong {
                ($($item:tt)*) => {};
            }
            #code
        }
    }
}

#[derive(Default)]
struct Module {
    types: BTreeSet<Ident>,
    /// What an exported item is handed to: each takes it, and is done.
    macros: BTreeSet<Ident>,
    children: BTreeMap<String, Module>,
}

impl Module {
    fn at(&mut self, path: &[String]) -> &mut Self {
        path.iter().fold(self, |module, name| {
            module.children.entry(name.clone()).or_default()
        })
    }

    fn add(&mut self, exports: &[String], outline: &Outline) {
        let types = || outline.types.iter().map(|name| names::type_ident(name));
        match outline.kind {
            OutlineKind::World => {
                self.types.extend(types());
                let name = names::type_ident(&outline.name);
                self.at(exports).macros.insert(name);
            }
            OutlineKind::Interface => {
                let module = names::module_path(&outline.name, false);
                self.at(&module).types.extend(types());
                let mut module = [exports, &module].concat();
                let inner = self.at(&module);
                inner.types.extend(types());
                inner.macros.insert(names::ident("__export"));
                inner.macros.extend(
                    outline
                        .resources
                        .iter()
                        .map(|name| format_ident!("{}Resource", names::type_ident(name))),
                );
                module.pop();
                let name = names::interface_ident(&outline.name, "");
                self.at(&module).macros.insert(name);
            }
        }
    }

    fn into_tokens(self) -> TokenStream {
        let (types, macros) = (self.types, self.macros);
        let children = self.children.into_iter().map(|(name, child)| {
            let (name, code) = (names::ident(&name), child.into_tokens());
            quote!(#[allow(dead_code, missing_docs, unused_imports, reason = "it stands for what is wrong")] pub mod #name { #code })
        });
        quote! {
            #(#[allow(dead_code, missing_docs, missing_debug_implementations, reason = "it stands for what is wrong")] pub enum #types {})*
            #(pub(crate) use __pack_wrong as #macros;)*
            #(#children)*
        }
    }
}
