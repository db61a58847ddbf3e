use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use super::types::docs;
use crate::names;

/// Nested modules and what is in them, in order of name.
#[derive(Default)]
pub(super) struct Tree {
    items: TokenStream,
    /// On the module itself.
    attributes: TokenStream,
    children: BTreeMap<String, Tree>,
}

impl Tree {
    /// Adds items to the module at a path.
    pub(super) fn add(&mut self, path: &[String], items: TokenStream) {
        self.at(path).items.extend(items);
    }

    /// Documents the module at a path.
    pub(super) fn document(&mut self, path: &[String], text: &str) {
        self.at(path).attributes = docs(text);
    }

    /// Leaves the module at a path out of the documentation.
    pub(super) fn hide(&mut self, path: &[String]) {
        self.at(path).attributes = quote!(#[doc(hidden)]);
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
        self.into_tokens_with(Some(super::generated()))
    }

    /// `outermost` goes on the outermost modules.
    fn into_tokens_with(self, outermost: Option<TokenStream>) -> TokenStream {
        let modules = self
            .children
            .into_iter()
            .filter(|(_, child)| !child.is_empty());
        let modules = modules.map(|(name, mut child)| {
            let (name, attributes) = (names::ident(&name), std::mem::take(&mut child.attributes));
            let inner = child.into_tokens_with(None);
            quote!(#attributes #outermost pub mod #name { #inner })
        });
        let items = self.items;
        quote!(#items #(#modules)*)
    }
}
