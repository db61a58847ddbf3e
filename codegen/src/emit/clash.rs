//! Two things with one name in the generated code, found before the compiler does.
//!
//! What code declares is read from its tokens, so that no generator has to remember to say it.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::wit::Place;

/// Names are unique within one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Space {
    Types,
    Values,
    Macros,
}

/// A name that code declares, and what it is inside of: nothing, a trait, or the methods of a type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub(super) container: Option<String>,
    pub(super) space: Space,
    pub(super) name: String,
}

/// What two things have the same name.
#[derive(Debug)]
pub(crate) struct Clash {
    /// The path they have in Rust.
    pub(crate) rust: String,
    /// The one that is reported.
    pub(crate) one: Declared,
    pub(crate) other: Declared,
}

/// What a name in the generated code comes from.
#[derive(Debug, Clone)]
pub(crate) struct Declared {
    pub(crate) place: Place,
    /// Whether it is the module that holds it, or one above that.
    pub(crate) is_module: bool,
}

impl Clash {
    pub(super) fn new(rust: String, first: Declared, second: Declared) -> Self {
        let (one, other) = match second.is_module || second.place == Place::World {
            true => (first, second),
            false => (second, first),
        };
        Self { rust, one, other }
    }
}

/// The names that items declare.
pub(super) fn names(items: &TokenStream) -> Vec<Name> {
    let mut found = Vec::new();
    scan(items.clone(), None, &mut found);
    found
}

fn scan(items: TokenStream, container: Option<&str>, found: &mut Vec<Name>) {
    let mut tokens = items.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let TokenTree::Ident(keyword) = token else {
            continue;
        };
        let mut declare = |space, name: &str| {
            found.push(Name {
                container: container.map(str::to_owned),
                space,
                name: name.to_owned(),
            });
        };
        match keyword.to_string().as_str() {
            keyword
            @ ("struct" | "enum" | "trait" | "type" | "mod" | "fn" | "static" | "const") => {
                let Some(TokenTree::Ident(name)) = tokens.peek() else {
                    continue;
                };
                let name = name.to_string();
                let space = match keyword {
                    "fn" | "static" | "const" => Space::Values,
                    _ => Space::Types,
                };
                // `const fn` declares what comes after `fn`.
                if !matches!(name.as_str(), "_" | "fn" | "unsafe") {
                    declare(space, &name);
                }
                if keyword == "trait" {
                    let body = tokens.by_ref().find_map(braces);
                    scan(body.unwrap_or_default(), Some(&name), found);
                }
            }
            "impl" => {
                let mut head = Vec::new();
                let body = tokens.by_ref().find_map(|token| {
                    head.push(token.to_string());
                    braces(token)
                });
                let of_trait = head.iter().any(|word| word == "for");
                if let (false, Some(name)) = (of_trait, self_type(&head)) {
                    scan(body.unwrap_or_default(), Some(name), found);
                }
            }
            "macro_rules" => {
                let name = tokens.by_ref().find_map(|token| match token {
                    TokenTree::Ident(name) => Some(name.to_string()),
                    _ => None,
                });
                declare(Space::Macros, &name.unwrap_or_default());
            }
            // Only macros are imported, to give them a path.
            "as" => {
                if let Some(TokenTree::Ident(name)) = tokens.peek() {
                    declare(Space::Macros, &name.to_string());
                }
            }
            "bitflags" => {
                if let Some(body) = tokens.by_ref().find_map(braces) {
                    scan(body, container, found);
                }
            }
            _ => {}
        }
    }
}

fn braces(token: TokenTree) -> Option<TokenStream> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
        _ => None,
    }
}

/// The type of `impl<'a, T: 'static> Name<'a, T>`.
fn self_type(head: &[String]) -> Option<&str> {
    let mut depth = 0_u32;
    for word in head {
        match word.as_str() {
            "<" => depth = depth.saturating_add(1),
            ">" => depth = depth.saturating_sub(1),
            word if depth == 0 => return Some(word),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn everything_that_is_declared_is_found() {
        let found = names(&quote! {
            #[derive(Debug)]
            pub struct A<T>(T);
            bitflags::bitflags! { #[derive(Clone)] pub struct B: u8 { const C = 1; } }
            pub enum D { E(fn(u8) -> u8), F }
            pub type G = fn() -> u8;
            pub trait H: Sized + 'static { type I: Clone; fn j(&self) { struct Inner; } }
            impl<T: 'static> A<T> { pub fn k() {} pub const fn l() {} }
            impl<T> H for A<T> { type I = u8; fn m() {} }
            pub unsafe fn n() { fn o() {} }
            const _: () = { fn p() {} };
            const Q: u8 = 1;
            macro_rules! r { ($a:ty) => { fn s() {} }; }
            pub(crate) use r as t;
        });
        let found: Vec<String> = found
            .into_iter()
            .map(
                |Name {
                     container,
                     space,
                     name,
                 }| {
                    format!(
                        "{space:?} {}{name}",
                        container.map_or(String::new(), |c| c + "::")
                    )
                },
            )
            .collect();
        let expected = [
            "Types A",
            "Types B",
            "Types D",
            "Types G",
            "Types H",
            "Types H::I",
            "Values H::j",
            "Values A::k",
            "Values A::l",
            "Values n",
            "Values Q",
            "Macros r",
            "Macros t",
        ];
        assert_eq!(found, expected);
    }
}
