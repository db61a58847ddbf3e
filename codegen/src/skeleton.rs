//! What a side begins with: the code that someone has to write, with `todo!()` where the work is.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{FnArg, Ident, Item, ItemTrait, Path, Signature, TraitItem};

use crate::output::with_blank_lines;
use crate::{Config, Diagnostic, Diagnostics, Side};

impl Config {
    /// What an implementation of a side begins with, as formatted Rust: of a guest all its exports, on a struct
    /// `Package` and as functions; of a host all that it provides, on a struct `Host`. It stands beside the bindings
    /// and compiles as it is; what has to be written is `todo!()`.
    ///
    /// ```
    /// use pack_codegen::{Config, Side};
    ///
    /// let wit = "package demo:greeting; world greeting { export greet: func(name: string) -> string; }";
    /// let skeleton = Config::inline(wit).skeleton(Side::Guest)?;
    /// assert!(skeleton.contains("fn greet(name: String) -> String {\n"));
    /// # Ok::<(), pack_codegen::Diagnostics>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`generate`](Self::generate).
    pub fn skeleton(&self, side: Side) -> Result<String, Diagnostics> {
        let not_rust = |error| Diagnostic::new(format!("the generated code is not Rust: {error}"));
        let bindings = syn::parse2::<syn::File>(self.generate(side)?.tokens).map_err(not_rust)?;
        let facade: Path = self.facade(side)?;
        let root = match side {
            Side::Guest => "exports",
            Side::Host => "imports",
        };
        let mut found = Vec::new();
        traits(&bindings.items, &mut Vec::new(), root, &mut found);
        let items = match side {
            Side::Guest => guest(found, &facade),
            Side::Host => host(found, &facade),
        };
        let file = syn::parse2(items).map_err(not_rust)?;
        Ok(with_blank_lines(&prettyplease::unparse(&file)))
    }
}

/// A trait that is to be implemented, and the modules it is in.
struct Found {
    module: Vec<Ident>,
    definition: ItemTrait,
}

/// Those below an outermost module.
fn traits(items: &[Item], module: &mut Vec<Ident>, root: &str, found: &mut Vec<Found>) {
    for item in items {
        match item {
            Item::Mod(inner) if module.is_empty() && inner.ident != root => {}
            Item::Mod(inner) if inner.ident == "__pack" => {}
            Item::Mod(inner) => {
                module.push(inner.ident.clone());
                let items = inner.content.as_ref().map_or(&[][..], |(_, items)| items);
                traits(items, module, root, found);
                module.pop();
            }
            Item::Trait(definition) if !module.is_empty() => found.push(Found {
                module: module.clone(),
                definition: definition.clone(),
            }),
            _ => {}
        }
    }
}

fn guest(found: Vec<Found>, facade: &Path) -> TokenStream {
    let mut items = TokenStream::new();
    let mut has_package = false;
    for trait_ in found {
        let methods = trait_.methods(facade);
        // The world's own functions are exported one by one.
        if trait_.module.len() == 1 {
            items.extend(quote!(#(#[pack::export] #methods)*));
            continue;
        }
        let (path, name) = (trait_.path(), trait_.definition.ident.to_string());
        let implementor = match name.strip_suffix("Resource") {
            Some(resource) if trait_.is_of_resource() => {
                let resource = format_ident!("{resource}");
                let docs = format!(" A `{resource}` of this package.");
                items.extend(quote!(#[doc = #docs] pub struct #resource;));
                resource
            }
            _ => {
                if !has_package {
                    items.extend(quote! {
                        /// Has the exports of this package.
                        pub struct Package;
                    });
                }
                has_package = true;
                format_ident!("Package")
            }
        };
        items.extend(quote! {
            #[pack::export]
            impl #path for #implementor { #(#methods)* }
        });
    }
    items
}

fn host(found: Vec<Found>, facade: &Path) -> TokenStream {
    let mut items = quote! {
        /// What the package may ask of this program.
        pub struct Host;
    };
    for trait_ in found {
        let (path, methods) = (trait_.path(), trait_.methods(facade));
        let resources = trait_
            .definition
            .items
            .iter()
            .filter_map(|item| match item {
                TraitItem::Type(resource) => Some(&resource.ident),
                _ => None,
            });
        items.extend(quote! {
            impl #path for Host { #(type #resources = ();)* #(#methods)* }
        });
    }
    items
}

impl Found {
    fn path(&self) -> TokenStream {
        let (module, name) = (&self.module, &self.definition.ident);
        quote!(#(#module::)* #name)
    }

    /// A trait of a resource is for a type that is the resource; that of an interface is not.
    fn is_of_resource(&self) -> bool {
        self.definition.supertraits.len() > 1
    }

    fn methods(&self, facade: &Path) -> Vec<TokenStream> {
        let methods = self.definition.items.iter().filter_map(|item| match item {
            TraitItem::Fn(method) => Some(method),
            _ => None,
        });
        let write = |method: &syn::TraitItemFn| {
            let mut signature: Signature = method.sig.clone();
            Readable {
                module: &self.module,
                facade,
            }
            .visit_signature_mut(&mut signature);
            let docs = method.attrs.iter().filter(|a| a.path().is_ident("doc"));
            let has_params = signature
                .inputs
                .iter()
                .any(|i| matches!(i, FnArg::Typed(_)));
            let expect = has_params
                .then(|| quote!(#[expect(unused_variables, reason = "until it is written")]));
            let message = format!("write `{}`", signature.ident);
            quote!(#(#docs)* #expect #signature { todo!(#message) })
        };
        methods.map(write).collect()
    }
}

/// Writes the paths of generated code as a person would who stands at its root.
struct Readable<'a> {
    /// Where they stand.
    module: &'a [Ident],
    facade: &'a Path,
}

impl VisitMut for Readable<'_> {
    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        let names: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut facade: Vec<String> = self
            .facade
            .segments
            .iter()
            .map(|s| s.ident.to_string())
            .collect();
        facade.push("__private".to_owned());
        let is_facade = names.iter().zip(&facade).filter(|(a, b)| *a == b).count() == facade.len();
        let mut prefix: Vec<Ident> = Vec::new();
        let dropped = if is_facade {
            match names.get(facade.len()..) {
                Some(["primitive", _]) => facade.len() + 1,
                Some(["BTreeMap"]) => {
                    prefix = vec![format_ident!("std"), format_ident!("collections")];
                    facade.len()
                }
                // What the standard library does not have in its prelude, the crate has at its root.
                Some([name]) if !PRELUDE.contains(name) => {
                    let root = self.facade.segments.iter().map(|s| s.ident.clone());
                    prefix = root.collect();
                    facade.len()
                }
                _ => facade.len(),
            }
        } else if path.leading_colon.is_none() && names.first() == Some(&"super") {
            let ups = names.iter().take_while(|name| **name == "super").count();
            let kept = self.module.len().saturating_sub(ups);
            prefix = self.module.iter().take(kept).cloned().collect();
            ups
        } else if path.leading_colon.is_none() && is_of_module(&names) {
            prefix = self.module.to_vec();
            0
        } else {
            return;
        };
        let rest = path.segments.iter().skip(dropped).cloned();
        let prefix = prefix.into_iter().map(syn::PathSegment::from);
        path.segments = prefix.chain(rest).collect();
        path.leading_colon = None;
    }
}

/// Whether a path without `super` goes on from where it stands.
fn is_of_module(names: &[&str]) -> bool {
    !matches!(names, ["Self", ..] | ["self", ..] | ["crate", ..])
}

const PRELUDE: [&str; 6] = ["String", "Vec", "Option", "Result", "Send", "Box"];

#[cfg(test)]
mod tests {
    use super::*;

    const WIT: &str = include_str!("../tests/skeleton/shop.wit");

    /// That they compile is a test of its own, in `tests/tests/skeleton.rs` of the workspace.
    #[test]
    fn a_side_begins_with_what_it_has_to_write() {
        let cases = [
            (
                Side::Guest,
                "guest.rs",
                include_str!("../tests/skeleton/guest.rs"),
            ),
            (
                Side::Host,
                "host.rs",
                include_str!("../tests/skeleton/host.rs"),
            ),
        ];
        for (side, file, expected) in cases {
            let skeleton = Config::inline(WIT).skeleton(side).unwrap();
            if std::env::var_os("PACK_BLESS").is_some() {
                let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/skeleton/");
                std::fs::write(format!("{folder}{file}"), &skeleton).unwrap();
            } else {
                assert!(skeleton == expected, "{file} is now\n{skeleton}");
            }
        }
    }
}
