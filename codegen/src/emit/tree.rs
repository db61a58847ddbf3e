use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use super::types::docs;
use crate::names;

/// Nested modules and what is in them, in order of name.
#[derive(Default)]
pub(super) struct Tree {
    items: TokenStream,
    docs: String,
    children: BTreeMap<String, Tree>,
}

impl Tree {
    /// Adds items to the module at a path.
    pub(super) fn add(&mut self, path: &[String], items: TokenStream) {
        self.at(path).items.extend(items);
    }

    /// Documents the module at a path, if it exists.
    pub(super) fn document(&mut self, path: &[String], docs: &str) {
        self.at(path).docs = docs.to_owned();
    }

    fn at(&mut self, path: &[String]) -> &mut Self {
        path.iter().fold(self, |tree, name| {
            tree.children.entry(name.clone()).or_default()
        })
    }

    fn is_empty(&self) -> bool {
        self.items.is_empty() && self.children.values().all(Self::is_empty)
    }

    pub(super) fn into_tokens(self) -> TokenStream {
        let Self {
            items, children, ..
        } = self;
        let modules = children
            .into_iter()
            .filter(|(_, child)| !child.is_empty())
            .map(|(name, child)| {
                let name = names::ident(&name);
                let docs = docs(&child.docs);
                let inner = child.into_tokens();
                quote!(#docs pub mod #name { #inner })
            });
        quote!(#items #(#modules)*)
    }
}
