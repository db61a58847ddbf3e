use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::quote;

use super::clash::{self, Clash, Declared, Name, Space};
use super::docs;
use crate::names;
use crate::wit::Place;

/// Nested modules and what is in them, in order of name.
#[derive(Default)]
pub(super) struct Tree {
    items: TokenStream,
    /// The names of the items, and what they come from.
    names: Vec<(Name, Place)>,
    /// On the module itself.
    attributes: TokenStream,
    children: BTreeMap<String, Tree>,
}

impl Tree {
    /// Adds items to the module at a path. They come from one place of the WIT text.
    pub(super) fn add(&mut self, path: &[String], place: Place, items: TokenStream) {
        let tree = self.at(path);
        let names = clash::names(&items).into_iter();
        tree.names.extend(names.map(|name| (name, place.clone())));
        tree.items.extend(items);
    }

    /// Documents the module at a path.
    pub(super) fn document(&mut self, path: &[String], text: &str) {
        self.attributes(path, docs(text));
    }

    /// Leaves the module at a path out of the documentation.
    pub(super) fn hide(&mut self, path: &[String]) {
        self.attributes(path, quote!(#[doc(hidden)]));
    }

    /// Puts attributes on the module at a path.
    pub(super) fn attributes(&mut self, path: &[String], attributes: TokenStream) {
        self.at(path).attributes = attributes;
    }

    fn at(&mut self, path: &[String]) -> &mut Self {
        path.iter().fold(self, |tree, name| {
            tree.children.entry(name.clone()).or_default()
        })
    }

    fn is_empty(&self) -> bool {
        self.items.is_empty() && self.children.values().all(Self::is_empty)
    }

    /// The code; or the names that are there twice.
    pub(super) fn into_tokens(self) -> Result<TokenStream, Vec<Clash>> {
        let mut clashes = Vec::new();
        self.find_clashes("", &mut clashes);
        if clashes.is_empty() {
            return Ok(self.into_tokens_with(Some(super::generated())));
        }
        Err(clashes)
    }

    /// `path` is that of the module, with `::` at its end.
    fn find_clashes(&self, path: &str, found: &mut Vec<Clash>) {
        let items = self.names.iter().map(|(name, place)| {
            let is_module = false;
            (
                name.clone(),
                Declared {
                    place: place.clone(),
                    is_module,
                },
            )
        });
        let modules = self.children.iter().filter_map(|(name, child)| {
            let name = Name {
                container: None,
                space: Space::Types,
                name: names::ident(name).to_string(),
            };
            let (place, is_module) = (child.first_place()?.clone(), true);
            Some((name, Declared { place, is_module }))
        });
        let mut seen: BTreeMap<Name, Declared> = BTreeMap::new();
        let mut twins = BTreeSet::new();
        for (name, declared) in items.chain(modules) {
            // What is inside of two things with the same name is no mistake of its own.
            if name
                .container
                .as_ref()
                .is_some_and(|name| twins.contains(name))
            {
                continue;
            }
            let container = name.container.as_ref().map(|name| format!("{name}::"));
            let rust = format!("{path}{}{}", container.unwrap_or_default(), name.name);
            if let Some(first) = seen.insert(name.clone(), declared.clone()) {
                if name.container.is_none() {
                    twins.insert(name.name);
                }
                found.push(Clash::new(rust, first, declared));
            }
        }
        for (name, child) in &self.children {
            child.find_clashes(&format!("{path}{}::", names::ident(name)), found);
        }
    }

    fn first_place(&self) -> Option<&Place> {
        let own = self.names.first().map(|(_, place)| place);
        own.or_else(|| self.children.values().find_map(Self::first_place))
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
