//! What a side begins with: the code that someone has to write, with `todo!()` where the work is.

use std::collections::BTreeSet;

use pack_abi::schema::ROOT;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;
use syn::visit_mut::{self, VisitMut};
use syn::{FnArg, Ident, Item, ItemTrait, Path, Signature, TraitItem};

use crate::output::with_blank_lines;
use crate::{Config, Diagnostic, Diagnostics, Side, names, wit};

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
        let world = wit::parse_with(&self.source, self.world.as_deref(), &self.features)?;
        let mut taken = Taken::new(&bindings.items);
        let root = match side {
            Side::Guest => "exports",
            Side::Host => "imports",
        };
        let mut found = Vec::new();
        traits(&bindings.items, &mut Vec::new(), root, &mut found);
        let readable = |module: &[Ident]| Readable {
            module: module.to_vec(),
            facade: facade.clone(),
            taken: taken.0.clone(),
        };
        let found: Vec<_> = found
            .into_iter()
            .map(|found| (readable(&found.module), found))
            .collect();
        let items = match side {
            Side::Guest => {
                // The world's own functions are exported one by one.
                let own = world
                    .contract
                    .export(ROOT)
                    .is_some_and(|own| !own.functions.is_empty());
                guest(
                    found,
                    own.then(|| names::type_ident(&world.name)),
                    &facade,
                    &mut taken,
                )
            }
            Side::Host => host(found, &mut taken),
        };
        let file = syn::parse2(items).map_err(not_rust)?;
        Ok(with_blank_lines(&prettyplease::unparse(&file)))
    }
}

/// The names that are there already, where the code is to stand.
struct Taken(BTreeSet<String>);

impl Taken {
    fn new(items: &[Item]) -> Self {
        let idents = items.iter().filter_map(|item| match item {
            Item::Enum(item) => Some(&item.ident),
            Item::Mod(item) => Some(&item.ident),
            Item::Struct(item) => Some(&item.ident),
            Item::Trait(item) => Some(&item.ident),
            Item::Type(item) => Some(&item.ident),
            _ => None,
        });
        Self(idents.map(ToString::to_string).collect())
    }

    /// Such a name, or one that is like it.
    fn free(&mut self, name: &str) -> Ident {
        let mut name = name.to_owned();
        while PRELUDE.iter().any(|(taken, _)| *taken == name) || !self.0.insert(name.clone()) {
            name.push_str("Impl");
        }
        format_ident!("{name}")
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

/// `world` is the name of the trait of the world's own functions.
fn guest(
    found: Vec<(Readable, Found)>,
    world: Option<Ident>,
    facade: &Path,
    taken: &mut Taken,
) -> TokenStream {
    // As one writes it, not as generated code does.
    let facade = Path {
        leading_colon: None,
        ..facade.clone()
    };
    let mut items = TokenStream::new();
    let mut package = None;
    for (mut readable, trait_) in found {
        let methods = trait_.methods(&mut readable);
        if trait_.module.len() == 1 && Some(&trait_.definition.ident) == world.as_ref() {
            items.extend(quote!(#(#[#facade::export] #methods)*));
            continue;
        }
        let (path, name) = (trait_.path(), trait_.definition.ident.to_string());
        let implementor = match name.strip_suffix("Resource") {
            Some(resource) if trait_.is_of_resource() => {
                let docs = format!(" A `{resource}` of this package.");
                let resource = taken.free(resource);
                items.extend(quote!(#[doc = #docs] pub struct #resource;));
                resource
            }
            _ => package
                .get_or_insert_with(|| {
                    let package = taken.free("Package");
                    items.extend(quote! {
                        /// Has the exports of this package.
                        pub struct #package;
                    });
                    package
                })
                .clone(),
        };
        items.extend(quote! {
            #[#facade::export]
            impl #path for #implementor { #(#methods)* }
        });
    }
    items
}

fn host(found: Vec<(Readable, Found)>, taken: &mut Taken) -> TokenStream {
    let host = taken.free("Host");
    let mut items = quote! {
        /// What the package may ask of this program.
        pub struct #host;
    };
    for (mut readable, trait_) in found {
        let (path, methods) = (trait_.path(), trait_.methods(&mut readable));
        let resources = trait_
            .definition
            .items
            .iter()
            .filter_map(|item| match item {
                TraitItem::Type(resource) => Some(&resource.ident),
                _ => None,
            });
        items.extend(quote! {
            impl #path for #host { #(type #resources = ();)* #(#methods)* }
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

    fn methods(&self, readable: &mut Readable) -> Vec<TokenStream> {
        let methods = self.definition.items.iter().filter_map(|item| match item {
            TraitItem::Fn(method) => Some(method),
            _ => None,
        });
        let write = |method: &syn::TraitItemFn| {
            let mut signature: Signature = method.sig.clone();
            readable.visit_signature_mut(&mut signature);
            let docs = method.attrs.iter().filter(|a| a.path().is_ident("doc"));
            let has_params = signature
                .inputs
                .iter()
                .any(|i| matches!(i, FnArg::Typed(_)));
            let expect = has_params
                .then(|| quote!(#[expect(unused_variables, reason = "until it is written")]));
            let message = format!("write `{}`", signature.ident.unraw());
            quote!(#(#docs)* #expect #signature { todo!(#message) })
        };
        methods.map(write).collect()
    }
}

/// Writes the paths of generated code as a person would who stands at its root.
struct Readable {
    /// Where they stand.
    module: Vec<Ident>,
    facade: Path,
    /// What the names at the root are.
    taken: BTreeSet<String>,
}

impl VisitMut for Readable {
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
                Some([name]) => {
                    match PRELUDE.iter().find(|(prelude, _)| prelude == name) {
                        Some(_) if !self.taken.contains(*name) => {}
                        Some((_, module)) => {
                            prefix = vec![format_ident!("std"), format_ident!("{module}")];
                        }
                        // What the standard library does not have in its prelude, the crate has at its root.
                        None => {
                            let root = self.facade.segments.iter().map(|s| s.ident.clone());
                            prefix = root.collect();
                        }
                    }
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
            prefix = self.module.clone();
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

/// What is in scope everywhere, and its module in the standard library.
const PRELUDE: [(&str, &str); 6] = [
    ("Box", "boxed"),
    ("Option", "option"),
    ("Result", "result"),
    ("Send", "marker"),
    ("String", "string"),
    ("Vec", "vec"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// That they compile is a test of its own, in `tests/tests/skeleton.rs` of the workspace.
    #[test]
    fn a_side_begins_with_what_it_has_to_write() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/skeleton");
        for world in ["shop", "names"] {
            for (side, name) in [(Side::Guest, "guest"), (Side::Host, "host")] {
                let config = Config::path(folder.join(format!("{world}.wit")));
                let skeleton = config.skeleton(side).unwrap();
                let file = folder.join(format!("{world}.{name}.rs"));
                if std::env::var_os("PACK_BLESS").is_some() {
                    std::fs::write(&file, &skeleton).unwrap();
                } else {
                    let expected = std::fs::read_to_string(&file).unwrap();
                    assert!(
                        skeleton == expected,
                        "{} is now\n{skeleton}",
                        file.display()
                    );
                }
            }
        }
    }

    #[test]
    fn the_crate_may_have_another_name() {
        let wit = "package a:b; world w { export f: func(); }";
        let config = Config::inline(wit).crate_path("my::pack");
        let skeleton = config.skeleton(Side::Guest).unwrap();
        assert!(skeleton.starts_with("#[my::pack::export]\n"), "{skeleton}");
    }
}
