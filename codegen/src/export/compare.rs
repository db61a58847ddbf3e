//! A signature beside the WIT's.
//!
//! Whether two types are the same only the compiler knows: they may be written in many ways. So what comes in and goes
//! out passes through a trait that only one type implements, and that says what is wrong with others:
//!
//! ```text
//! #[diagnostic::on_unimplemented(message = "parameter `name` of `greet` must be `{Wit}`, not `{Self}`", …)]
//! trait __greet__0<Wit> { fn is(wit: Wit) -> Self; }
//! impl<Wit> __greet__0<Wit> for Wit { fn is(wit: Wit) -> Self { wit } }
//!
//! greet(<String as __greet__0<…>>::is(__a0))
//! ```
//!
//! On either side of the call a type is what it says, so that a wrong one is one error.
//!
//! Where a function may borrow what it is passed, or what it returns, the trait has a second implementation, and says which
//! it was. The code around the function is made for that form:
//!
//! ```text
//! trait __greet__0<Wit> { type Form; }
//! impl<Wit> __greet__0<Wit> for Wit { type Form = Owned; }
//! impl<'m> __greet__0<String> for &'m str { type Form = Borrowed; }
//!
//! ThisPackage::greet::<<&str as __greet__0<…>>::Form>(|_, __a0| greet(__a0), …)
//! ```

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::visit_mut::VisitMut;
use syn::{FnArg, Lifetime, PatType, ReturnType, Safety, Signature, Type};

use super::exports::{Exports, Function, Words};

/// What came of the comparison.
pub(super) struct Compared {
    /// What is wrong by the words.
    pub(super) errors: Vec<syn::Error>,
    /// The traits for what only the compiler can say.
    pub(super) traits: TokenStream,
    /// Their functions for each of the user's parameters: they take what the WIT says, and return what the user says. There
    /// is none for what may be borrowed, which is passed as the user says.
    pub(super) params: Vec<Option<TokenStream>>,
    /// The function for what the user's function returns, if that is written, likewise: it returns what the WIT says.
    pub(super) result: Option<TokenStream>,
    /// The forms of what may be borrowed.
    pub(super) forms: Vec<TokenStream>,
}

/// What an exported function belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Nothing: it may borrow.
    Itself,
    /// A trait, whose types it has.
    Trait,
}

impl Compared {
    /// Statements that have the compiler check the types of a function that is not called, as something else is wrong
    /// with it.
    pub(super) fn checks(&self) -> TokenStream {
        let (traits, forms) = (&self.traits, &self.forms);
        let all = self.params.iter().flatten().chain(&self.result);
        quote! {
            #traits
            #(let _ = #all;)*
            #(let _: ::core::marker::PhantomData<#forms>;)*
        }
    }

    /// The arguments of a call of the user's function.
    pub(super) fn passed(&self, arguments: &[Ident]) -> Vec<TokenStream> {
        let params = self.params.iter().zip(arguments);
        params
            .map(|(is, argument)| match is {
                Some(is) => quote!(#is(#argument)),
                None => quote!(#argument),
            })
            .collect()
    }
}

/// Compares as far as words go. `types` is a path below which the types of the WIT are.
pub(super) fn compare(
    exports: &Exports,
    function: &Function,
    signature: &Signature,
    types: &TokenStream,
    of: Of,
) -> Compared {
    let comparison = Comparison {
        exports,
        function,
        name: function.ident.to_string(),
        types,
        of,
    };
    let mut compared = Compared {
        errors: comparison.qualifiers(signature),
        traits: TokenStream::new(),
        params: Vec::new(),
        result: None,
        forms: Vec::new(),
    };
    if !compared.errors.is_empty() && !signature.generics.params.is_empty() {
        // The types may be unknown outside the function.
        return compared;
    }
    let params: Vec<&PatType> = signature.inputs.iter().filter_map(typed).collect();
    compared.errors.extend(comparison.count(signature, &params));
    for (at, (param, (name, words))) in params.iter().zip(&function.params).enumerate() {
        let check = Check {
            what: format!("parameter `{name}` of `{}`", comparison.name),
            label: format!("`{name}: {}` in the WIT", words.wit),
            wit: function.param_type(at),
            signature: quote!(fn is(value: Wit) -> Self),
        };
        let is = comparison.same(&mut compared, &check, words, &param.ty);
        compared.params.push(is);
    }
    let check = Check {
        what: format!("the result of `{}`", comparison.name),
        label: match &function.result {
            Some(words) => format!("`{}` in the WIT", words.wit),
            None => "the WIT has no result".to_owned(),
        },
        wit: function.result_type(),
        signature: quote!(fn is(value: Self) -> Wit),
    };
    match (&signature.output, &function.result) {
        (ReturnType::Default, None) => {}
        (ReturnType::Default, Some(words)) => {
            let message = format!("{} must be `{}`, and there is none", check.what, words.rust);
            compared
                .errors
                .push(comparison.error(parameters(signature), &message));
        }
        (ReturnType::Type(_, ty), words) => {
            let nothing = Words {
                wit: String::new(),
                rust: "()".to_owned(),
                borrowed: Vec::new(),
            };
            let words = words.as_ref().unwrap_or(&nothing);
            compared.result = comparison.same(&mut compared, &check, words, ty);
        }
    }
    compared
}

fn typed(input: &FnArg) -> Option<&PatType> {
    match input {
        FnArg::Typed(param) => Some(param),
        FnArg::Receiver(_) => None,
    }
}

/// What no exported function can be, whatever its contract.
pub(super) fn unfit(signature: &Signature) -> Vec<syn::Error> {
    let mut errors = Vec::new();
    let mut refuse = |tokens: &dyn ToTokens, what: &str| {
        let message = format!("an exported function cannot {what}");
        errors.push(syn::Error::new_spanned(tokens, message));
    };
    if let Some(token) = &signature.asyncness {
        refuse(token, "be async");
    }
    if let Safety::Unsafe(token) = &signature.safety {
        refuse(
            token,
            "be unsafe: its caller is the host, which knows no conditions",
        );
    }
    let generics = &signature.generics;
    if generics.lifetimes().count() < generics.params.len() {
        refuse(generics, "be generic: the host would have to choose");
    }
    for param in signature.inputs.iter().filter_map(typed) {
        let is_condition = |attribute: &&syn::Attribute| {
            attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr")
        };
        if let Some(condition) = param.attrs.iter().find(is_condition) {
            refuse(
                condition,
                "have a parameter on a condition: the contract is the same in every build",
            );
        }
    }
    errors
}

/// The place of all parameters.
fn parameters(signature: &Signature) -> TokenStream {
    let mut group = Group::new(Delimiter::Parenthesis, TokenStream::new());
    group.set_span(signature.paren_token.span.join());
    TokenTree::Group(group).into()
}

struct Comparison<'e> {
    exports: &'e Exports,
    function: &'e Function,
    /// The Rust name of the function.
    name: String,
    types: &'e TokenStream,
    of: Of,
}

/// One type to compare.
struct Check {
    /// What has the type.
    what: String,
    /// Its WIT type, for people.
    label: String,
    /// Its WIT type, for the compiler: the name of one of the hidden trait's types.
    wit: Ident,
    /// The function of the trait that checks it.
    signature: TokenStream,
}

impl Check {
    fn trait_ident(&self) -> Ident {
        format_ident!("__{}", self.wit)
    }
}

impl Comparison<'_> {
    /// An error with the declaration and the signature that would be right.
    fn error(&self, tokens: impl ToTokens, message: &str) -> syn::Error {
        let message = format!(
            "{message}\n  {}\n  help: write `{}`",
            self.exports.wit_line(self.function),
            self.function.rust_signature(),
        );
        syn::Error::new_spanned(tokens, message)
    }

    /// What no exported function can be.
    fn qualifiers(&self, signature: &Signature) -> Vec<syn::Error> {
        let mut errors = unfit(signature);
        let generics = &signature.generics;
        let has_lifetimes =
            generics.lifetimes().count() == generics.params.len() && !generics.params.is_empty();
        if has_lifetimes && self.of == Of::Trait {
            let message = "a method of an export trait cannot borrow: what it is passed and what it returns is owned; a \
                           function that is exported by itself can";
            errors.push(self.error(generics, message));
        }
        let receiver = match signature.inputs.first() {
            Some(FnArg::Receiver(receiver)) => Some(receiver),
            _ => None,
        };
        if self.function.has_receiver() {
            let is_right = receiver.is_some_and(|receiver| {
                let text = receiver.to_token_stream().to_string();
                text.split_whitespace().collect::<String>() == "&self"
            });
            if !is_right {
                let place =
                    receiver.map_or_else(|| parameters(signature), ToTokens::to_token_stream);
                let message = format!("`{}` is called on a resource, by `&self`", self.name);
                errors.push(self.error(place, &message));
            }
        } else if let Some(receiver) = receiver {
            let message = "an exported function cannot take `self`: what a package keeps between calls is in its statics";
            errors.push(syn::Error::new_spanned(receiver, message));
        }
        errors
    }

    fn count(&self, signature: &Signature, params: &[&PatType]) -> Option<syn::Error> {
        let (wit, here) = (self.function.params.len(), params.len());
        let wrong = match params.get(wit) {
            Some(extra) => extra.to_token_stream(),
            None if here < wit => parameters(signature),
            None => return None,
        };
        let parameters = if wit == 1 { "parameter" } else { "parameters" };
        let here = match here {
            0 => "none".to_owned(),
            here => here.to_string(),
        };
        let message = format!(
            "`{}` has {wit} {parameters} in the WIT, and {here} here",
            self.name
        );
        Some(self.error(wrong, &message))
    }

    /// The function that checks the user's type, and its trait; unless it is a type that can stand in no path, which
    /// those of the WIT can.
    fn same(
        &self,
        compared: &mut Compared,
        check: &Check,
        words: &Words,
        ty: &Type,
    ) -> Option<TokenStream> {
        let kind = match ty {
            Type::Never(_) => Some("`!`"),
            ty => is_opaque(ty).then_some("an `impl Trait`"),
        };
        if let Some(kind) = kind {
            let message = format!("{} must be `{}`, not {kind}", check.what, words.rust);
            compared.errors.push(self.error(ty, &message));
            return None;
        }
        let borrowed: &[String] = match self.of {
            Of::Itself => &words.borrowed,
            Of::Trait => &[],
        };
        compared.traits.extend(self.check_trait(check, borrowed));
        let (types, name, wit) = (self.types, check.trait_ident(), &check.wit);
        let ty = without_lifetimes(ty);
        if !borrowed.is_empty() {
            compared
                .forms
                .push(quote!(<#ty as #name<#types::#wit>>::Form));
            return None;
        }
        Some(quote!(<#ty as #name<#types::#wit>>::is))
    }

    fn check_trait(&self, check: &Check, borrowed: &[String]) -> TokenStream {
        // Braces would be parameters of the message.
        let escaped = |text: &str| text.replace('{', "{{").replace('}', "}}");
        let or = borrowed.iter().enumerate().map(|(at, words)| {
            let before = if at + 1 == borrowed.len() { " or" } else { "," };
            format!("{before} `{}`", escaped(words))
        });
        let or: String = or.collect();
        let message = format!(
            "{} must be `{{Wit}}`{or}, not `{{Self}}`",
            escaped(&check.what)
        );
        let label = escaped(&check.label);
        let line = escaped(&self.exports.wit_line(self.function));
        let rust = escaped(&format!("in Rust: `{}`", self.function.rust_signature()));
        let (p, name, signature) = (&self.exports.private, check.trait_ident(), &check.signature);
        let (types, wit) = (self.types, &check.wit);
        let others = borrowed.iter().enumerate().map(|(at, words)| {
            let borrowed = Function::borrowed_type(wit, at);
            let form = match words.as_str() {
                words if words.starts_with("&[") => quote!(Sliced),
                words if words.starts_with("&mut [") => quote!(SlicedMut),
                _ => quote!(Borrowed),
            };
            quote! {
                #[diagnostic::do_not_recommend]
                impl<'m> #name<#types::#wit> for #types::#borrowed<'m> {
                    type Form = #p::#form;
                }
            }
        });
        let (item, own) = match borrowed {
            [] => (quote!(#signature;), quote!(#signature { value })),
            _ => (
                quote!(
                    type Form;
                ),
                quote!(type Form = #p::Owned;),
            ),
        };
        quote! {
            #[diagnostic::on_unimplemented(message = #message, label = #label, note = #line, note = #rust)]
            trait #name<Wit>: #p::Sized { #item }
            impl<Wit> #name<Wit> for Wit { #own }
            #(#others)*
        }
    }
}

/// A type outside of the function: its lifetimes have no names there.
fn without_lifetimes(ty: &Type) -> Type {
    struct WithoutLifetimes;
    impl VisitMut for WithoutLifetimes {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident != "static" {
                lifetime.ident = Ident::new("_", lifetime.ident.span());
            }
        }

        // Those of `for<'a> fn(&'a str)` are its own.
        fn visit_type_fn_ptr_mut(&mut self, _: &mut syn::TypeFnPtr) {}
        fn visit_type_trait_object_mut(&mut self, _: &mut syn::TypeTraitObject) {}
    }
    let mut ty = ty.clone();
    WithoutLifetimes.visit_type_mut(&mut ty);
    ty
}

/// Whether a type is an `impl Trait`, or made of one.
pub(super) fn is_opaque(ty: &Type) -> bool {
    let is_impl = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "impl");
    contains(&ty.to_token_stream(), &is_impl)
}

/// Whether some token is such, at any depth.
fn contains(tokens: &TokenStream, is_such: &dyn Fn(&TokenTree) -> bool) -> bool {
    tokens.clone().into_iter().any(|token| match &token {
        TokenTree::Group(group) => contains(&group.stream(), is_such),
        token => is_such(token),
    })
}
