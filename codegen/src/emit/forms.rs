//! The called end where arguments may be borrowed. In guests, the exported function chooses for each parameter, and for its
//! result, whether it is a value of its own or borrowed:
//!
//! ```text
//! unsafe fn greet<__F0: Form, __R: ResultForm<String>>(
//!     export: impl for<'m> FnOnce(&'m Call, __F0::Text<'m>) -> __R::Value<'m>, p0: i32, p1: i32,
//! ) -> i64 {
//!     let a0 = __call.text(p0, p1)?;
//!     let __result = export(&__call, __F0::text(a0));
//!     …
//! }
//! ```
//!
//! What is borrowed is so for the time of the call: that is why `Call` is an argument as well. In hosts, the option `views`
//! says which functions borrow.

use pack_abi::convention::{Pass, Return, Role};
use pack_abi::schema::{Interface, Type, TypeKind};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Lifetime;

use super::calls::{Call, core_type};
use super::model::Place;

/// How something may be borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Borrowable {
    /// As `&str`, a parameter of its own.
    Text,
    /// As a view: a list that is a parameter of its own, a parameter in the buffer, or a result.
    View,
    /// As a slice of these elements: a list that is a parameter of its own, or a result.
    Slice(Type),
    /// The same, to be written to: a parameter.
    SliceMut(Type),
}

/// What the called end is made of.
pub(super) struct Lifted {
    /// The type parameters that stand for forms, with their bounds.
    pub(super) forms: Vec<TokenStream>,
    /// Reads what is passed.
    pub(super) statements: TokenStream,
    /// What the exported function is passed.
    pub(super) arguments: Vec<TokenStream>,
    /// Their types, and that of its result.
    pub(super) types: Vec<TokenStream>,
    pub(super) output: TokenStream,
}

impl Call<'_> {
    /// Whether a host deals in views with this function.
    pub(super) fn is_viewed(&self, interface: &Interface) -> bool {
        let function = self.function;
        self.model.settings.views.contains(interface, function)
            && function
                .params
                .iter()
                .all(|param| !self.model.has_handles(param.ty))
    }

    /// The type of which a host views the result.
    pub(super) fn viewed_result(
        &self,
        interface: &Interface,
        place: Place<'_>,
    ) -> Option<TokenStream> {
        let ty = self.function.result?;
        let is_copy = self.model.is_copy(self.model.contract.resolve(ty));
        let in_memory = self.signature.result.is_in_memory();
        let is_meant = in_memory && !is_copy && self.model.has_view(ty);
        (is_meant && self.is_viewed(interface)).then(|| self.model.owned(ty, place))
    }

    /// How each parameter may be borrowed.
    pub(super) fn borrowable_params(&self) -> Vec<Vec<Borrowable>> {
        let params = self.function.params.iter().zip(&self.signature.params);
        let has_handles = params
            .clone()
            .filter(|(_, pass)| **pass == Pass::Encoded)
            .any(|(param, _)| self.model.has_handles(param.ty));
        let params = params.map(|(param, pass)| {
            let is_copy = self.model.is_copy(self.model.contract.resolve(param.ty));
            match pass {
                _ if self.function.resource().is_some() => Vec::new(),
                Pass::Flat(_) => Vec::new(),
                Pass::Text => vec![Borrowable::Text],
                Pass::Elements(_) => self.borrowable_elements(param.ty),
                Pass::Encoded if has_handles || is_copy => Vec::new(),
                Pass::Encoded => self.view(param.ty).into_iter().collect(),
            }
        });
        params.collect()
    }

    /// How a list may be borrowed that is a parameter of its own. Hosts have one way for each type.
    fn borrowable_elements(&self, ty: Type) -> Vec<Borrowable> {
        let Some(element) = self.element(ty) else {
            return Vec::new();
        };
        // Of bytes, a view is no more than a slice.
        let is_bytes = self.model.contract.resolve(element) == Type::U8;
        let view = self.view(ty).filter(|_| !is_bytes);
        let slices = match self.signature.role {
            Role::Export => vec![Borrowable::Slice(element), Borrowable::SliceMut(element)],
            Role::Import if is_bytes => vec![Borrowable::Slice(element)],
            Role::Import => Vec::new(),
        };
        view.into_iter().chain(slices).collect()
    }

    fn view(&self, ty: Type) -> Option<Borrowable> {
        self.model.has_view(ty).then_some(Borrowable::View)
    }

    /// The type of a list's elements.
    fn element(&self, ty: Type) -> Option<Type> {
        match self.model.contract.kind(ty) {
            Some(TypeKind::List(element)) => Some(*element),
            _ => None,
        }
    }

    /// How the result may be borrowed.
    pub(super) fn borrowable_result(&self) -> Vec<Borrowable> {
        let Some(ty) = self.function.result else {
            return Vec::new();
        };
        let is_flat = !self.signature.result.is_in_memory();
        if is_flat || self.function.resource().is_some() || self.model.has_handles(ty) {
            return Vec::new();
        }
        let slice = self.element(ty).map(Borrowable::Slice);
        let is_copy = self.model.is_copy(self.model.contract.resolve(ty));
        let view = self.view(ty).filter(|_| !is_copy);
        slice.into_iter().chain(view).collect()
    }

    /// The form of the result in the code around the function.
    pub(super) fn result_form(&self) -> TokenStream {
        let p = &self.model.private;
        match self.borrowable_result().is_empty() {
            true => quote!(#p::Owned),
            false => quote!(__R),
        }
    }

    /// The type that something is borrowed as.
    pub(super) fn borrowed_as(
        &self,
        borrowable: Borrowable,
        ty: Type,
        place: Place<'_>,
        lifetime: &Lifetime,
    ) -> TokenStream {
        let p = &self.model.private;
        match borrowable {
            Borrowable::Text => quote!(&#lifetime #p::primitive::str),
            Borrowable::Slice(element) => {
                let element = self.model.owned(element, place);
                quote!(&#lifetime [#element])
            }
            Borrowable::SliceMut(element) => {
                let element = self.model.owned(element, place);
                quote!(&#lifetime mut [#element])
            }
            Borrowable::View => self.model.view(ty, place, lifetime),
        }
    }

    /// The called end: statements that turn the core values `p0`, `p1`, … by way of `call` into arguments.
    pub(super) fn lift_formed(&self, place: Place<'_>) -> Lifted {
        let p = &self.model.private;
        let mut core = self.core_idents().into_iter();
        let mut next = || core.next().unwrap_or_else(|| format_ident!("missing"));
        let borrowable = self.borrowable_params();
        let mut lifted = Lifted {
            forms: Vec::new(),
            statements: TokenStream::new(),
            arguments: Vec::new(),
            types: Vec::new(),
            output: self.output(place),
        };
        let (mut held, mut checks, mut borrow) = (Vec::new(), Vec::new(), Vec::new());
        let mut are_read = Vec::new();
        let params = self.function.params.iter().zip(&self.signature.params);
        for (at, ((param, pass), borrowable)) in params.zip(&borrowable).enumerate() {
            let (argument, ty) = (format_ident!("a{at}"), self.model.owned(param.ty, place));
            let element = self.element(param.ty);
            let element = element.map(|ty| self.model.owned(ty, place));
            let bound = match pass {
                Pass::Elements(_) => quote!(#p::ListForm<#element>),
                _ => quote!(#p::Form),
            };
            // Those of resources are the trait's, and a host says beforehand what it borrows.
            let known = match (self.signature.role, borrowable.as_slice()) {
                (_, []) => Some(quote!(#p::Owned)),
                (Role::Import, [Borrowable::Slice(_), ..]) => Some(quote!(#p::Sliced)),
                (Role::Import, _) => Some(quote!(#p::Borrowed)),
                (Role::Export, _) => None,
            };
            let (form, formed) = known.map_or_else(
                || {
                    let ident = format_ident!("__F{at}");
                    lifted.forms.push(quote!(#ident: #bound));
                    (quote!(#ident), quote!(#ident))
                },
                |form| (form.clone(), quote!(<#form as #bound>)),
            );
            let (expression, borrowed) = match pass {
                Pass::Flat(types) => {
                    let slots = types.iter().map(|ty| {
                        let (ident, from) = (next(), format_ident!("from_{}", core_type(*ty)));
                        quote!(#p::#from(#ident))
                    });
                    lifted
                        .statements
                        .extend(quote!(let #argument: #ty = __call.flat(&[#(#slots),*])?;));
                    (quote!(#argument), ty)
                }
                Pass::Text => {
                    let (pointer, length) = (next(), next());
                    lifted
                        .statements
                        .extend(quote!(let #argument = __call.text(#pointer, #length)?;));
                    (quote!(#formed::text(#argument)), quote!(#formed::Text<'m>))
                }
                Pass::Elements(width) => {
                    let (pointer, count, name) = (next(), next(), &param.name);
                    lifted.statements.extend(quote! {
                        let mut #argument =
                            __call.elements::<#element, #form>(#pointer, #count, #width, #name)?;
                    });
                    are_read.push(quote!(#formed::IS_READ));
                    (
                        quote!(#formed::list(&mut #argument)),
                        quote!(#formed::Value<'m>),
                    )
                }
                Pass::Encoded => {
                    let is_borrowable = !borrowable.is_empty();
                    let (check, name) = (
                        match is_borrowable {
                            true => {
                                borrow.push(quote!(#formed::BORROWS));
                                quote!(#formed::hold::<#ty>)
                            }
                            false => quote!(<#ty as #p::GraphValue>::decode),
                        },
                        &param.name,
                    );
                    checks.push(quote! {
                        match #check(decoder) {
                            #p::Ok(value) => value,
                            #p::Err(error) => return #p::Err(error.in_field(#name)),
                        }
                    });
                    held.push(argument.clone());
                    match is_borrowable {
                        true => (
                            quote!(#formed::part::<#ty>(#argument, &__buffer)),
                            quote!(#formed::Part<'m, #ty>),
                        ),
                        false => (quote!(#argument), ty),
                    }
                }
            };
            lifted.arguments.push(expression);
            lifted.types.push(borrowed);
        }
        if self.signature.has_buffer() {
            let (pointer, length) = (next(), next());
            let read = quote!(|decoder| #p::Ok((#(#checks,)*)));
            lifted.statements.extend(if borrow.is_empty() {
                let params = self.params_method();
                quote!(let (#(#held,)*) = __call.#params(#pointer, #length, #read)?;)
            } else {
                let any = quote!(#(#borrow)||*);
                quote!(let ((#(#held,)*), __buffer) = __call.check(#pointer, #length, #any, #read)?;)
            });
        }
        if let Return::Contents(_) = self.signature.result {
            lifted
                .statements
                .extend(quote!(let __is_read = false #(|| #are_read)*;));
        }
        if !self.borrowable_result().is_empty() {
            let ty = self.output(place);
            lifted.forms.push(quote!(__R: #p::ResultForm<#ty>));
            lifted.output = quote!(__R::Value<'m>);
        }
        lifted
    }
}
