//! The calling convention, from both ends. What a caller lowers, the other side lifts:
//!
//! ```text
//! caller   let (c0, c1) = __area.text(text);                 callee   let a0 = __call.text(p0, p1)?;
//!          let [s0] = __area.flat(&level); let c2 = to_i32(s0);       let a1 = __call.flat::<Level>(&[from_i32(p2)])?;
//!          let (c3, c4) = __area.encode(|e| { … });                   let (a2, a3) = __call.params(p3, p4, |d| …)?;
//! ```
//!
//! `area` and `call` are different types in hosts and guests, with the same methods.

use pack_abi::convention::{CoreType, Pass, Return, Role, Signature};
use pack_abi::schema::{Function, FunctionKind, Param, Type, TypeKind};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::Lifetime;

use super::model::{Model, Place};
use crate::names;

/// One function, and everything its generated code is made of.
pub(super) struct Call<'a> {
    pub(super) function: &'a Function,
    pub(super) signature: Signature,
    pub(super) model: &'a Model<'a>,
}

impl<'a> Call<'a> {
    pub(super) fn new(model: &'a Model<'a>, function: &'a Function, role: Role) -> Self {
        Self {
            function,
            signature: Signature::of(model.contract, function, role),
            model,
        }
    }

    /// The parameters' Rust names.
    pub(super) fn param_idents(&self) -> Vec<Ident> {
        self.function
            .params
            .iter()
            .map(|param| names::value_ident(&param.name))
            .collect()
    }

    /// The parameters' types as the called side owns them.
    pub(super) fn owned_params(&self, place: Place<'_>) -> Vec<TokenStream> {
        self.function
            .params
            .iter()
            .map(|param| self.model.owned(param.ty, place))
            .collect()
    }

    /// The parameters' types as the calling side passes them.
    pub(super) fn passed_params(&self, place: Place<'_>) -> Vec<TokenStream> {
        self.function
            .params
            .iter()
            .map(|param| self.model.passed(param.ty, place))
            .collect()
    }

    /// What the calling side passed, as it is lowered: references to what is owned.
    pub(super) fn borrowed_arguments(&self) -> Vec<TokenStream> {
        self.param_idents()
            .into_iter()
            .zip(&self.function.params)
            .map(
                |(ident, param)| match self.model.is_passed_owned(param.ty) {
                    true => quote!(&#ident),
                    false => quote!(#ident),
                },
            )
            .collect()
    }

    /// A statement that puts references into the variables of the parameters' names, where a caller passes by value.
    pub(super) fn borrow(&self) -> Option<TokenStream> {
        let (params, arguments) = (self.param_idents(), self.borrowed_arguments());
        let owned = |param: &Param| self.model.is_passed_owned(param.ty);
        let any = self.function.params.iter().any(owned);
        any.then(|| quote!(let (#(#params,)*) = (#(#arguments,)*);))
    }

    /// The parameters' types as they are lowered.
    pub(super) fn borrowed_params(
        &self,
        place: Place<'_>,
        lifetime: &Lifetime,
    ) -> Vec<TokenStream> {
        self.function
            .params
            .iter()
            .map(|param| self.model.borrowed(param.ty, place, Some(lifetime)))
            .collect()
    }

    /// The result's type.
    pub(super) fn output(&self, place: Place<'_>) -> TokenStream {
        self.function
            .result
            .map_or(quote!(()), |ty| self.model.owned(ty, place))
    }

    /// The result's type of a constructor, with `value` in the place of the resource.
    pub(super) fn constructed(&self, value: &TokenStream, place: Place<'_>) -> TokenStream {
        let p = &self.model.private;
        match self
            .function
            .result
            .and_then(|ty| self.model.contract.kind(ty))
        {
            Some(TypeKind::Result { err, .. }) => {
                let err = err.map_or(quote!(()), |ty| self.model.owned(ty, place));
                quote!(#p::Result<#value, #err>)
            }
            _ => value.clone(),
        }
    }

    /// Makes the resource of what a constructor returns.
    pub(super) fn wrap_constructed(&self, target: &TokenStream, place: Place<'_>) -> TokenStream {
        let p = &self.model.private;
        match self
            .function
            .result
            .and_then(|ty| self.model.contract.kind(ty))
        {
            Some(TypeKind::Result { ok: Some(ok), .. }) => {
                let resource = self.model.owned(*ok, place);
                quote!(#p::Result::map(#target, #resource::new))
            }
            _ => {
                let resource = self.output(place);
                quote!(#resource::new(#target))
            }
        }
    }

    /// The Rust types of the core parameters.
    pub(super) fn core_params(&self) -> Vec<TokenStream> {
        self.signature
            .core_params()
            .into_iter()
            .map(|core| self.primitive(core))
            .collect()
    }

    /// By absolute path: `i32` may be the name of a function, and so of a trait.
    fn primitive(&self, core: CoreType) -> TokenStream {
        let (p, core) = (&self.model.private, core_type(core));
        quote!(#p::primitive::#core)
    }

    /// The Rust type of the core result.
    pub(super) fn core_result(&self) -> Option<TokenStream> {
        self.signature
            .core_result()
            .map(|core| self.primitive(core))
    }

    /// Names for the core parameters: `p0`, `p1`, ….
    pub(super) fn core_idents(&self) -> Vec<Ident> {
        (0..self.signature.core_params().len())
            .map(|at| format_ident!("p{at}"))
            .collect()
    }

    /// The caller's end: statements that turn the arguments, which are in variables of the parameters' names,
    /// into core values by way of `area`; and those core values. The space for a result is not among them.
    pub(super) fn lower(&self) -> (TokenStream, Vec<Ident>) {
        let p = &self.model.private;
        let mut statements = TokenStream::new();
        let mut core = Vec::new();
        let mut fresh = || {
            let ident = format_ident!("__c{}", core.len());
            core.push(ident.clone());
            ident
        };
        let mut encoded = Vec::new();
        let types = self.function.params.iter().map(|param| param.ty);
        for ((param, pass), ty) in self
            .param_idents()
            .iter()
            .zip(&self.signature.params)
            .zip(types)
        {
            if self.model.is_borrow(ty) {
                statements.extend(quote!(let #param: #p::Borrow<_> = #p::Into::into(#param);));
            }
            statements.extend(match pass {
                Pass::Flat(types) => {
                    let slots: Vec<_> = (0..types.len())
                        .map(|at| format_ident!("__s{at}"))
                        .collect();
                    let convert = types.iter().zip(&slots).map(|(ty, slot)| {
                        let (ident, to) = (fresh(), format_ident!("to_{}", core_type(*ty)));
                        quote!(let #ident = #p::#to(#slot);)
                    });
                    quote!(let [#(#slots),*] = __area.flat(&#param); #(#convert)*)
                }
                Pass::Text => {
                    let (pointer, length) = (fresh(), fresh());
                    quote!(let (#pointer, #length) = __area.text(#param);)
                }
                Pass::Elements(_) => {
                    let (pointer, count) = (fresh(), fresh());
                    quote!(let (#pointer, #count) = __area.elements(#param);)
                }
                Pass::Encoded => {
                    encoded.push(param.clone());
                    continue;
                }
            });
        }
        if self.signature.has_buffer() {
            let (pointer, length) = (fresh(), fresh());
            statements.extend(quote! {
                let (#pointer, #length) = __area.encode(|__encoder| {
                    #(#p::Encode::encode(&#encoded, __encoder);)*
                });
            });
        }
        (statements, core)
    }

    /// The called end: statements that turn the core values `p0`, `p1`, … by way of `call` into owned
    /// arguments `a0`, `a1`, …; and those arguments.
    pub(super) fn lift(&self, place: Place<'_>) -> (TokenStream, Vec<Ident>) {
        let p = &self.model.private;
        let mut core = self.core_idents().into_iter();
        let mut next = || core.next().unwrap_or_else(|| format_ident!("missing"));
        let mut statements = TokenStream::new();
        let mut encoded = Vec::new();
        let arguments: Vec<_> = (0..self.signature.params.len())
            .map(|at| format_ident!("a{at}"))
            .collect();
        for ((argument, pass), param) in arguments
            .iter()
            .zip(&self.signature.params)
            .zip(&self.function.params)
        {
            let ty = self.model.owned(param.ty, place);
            statements.extend(match pass {
                Pass::Flat(types) => {
                    let slots = types.iter().map(|ty| {
                        let (ident, from) = (next(), format_ident!("from_{}", core_type(*ty)));
                        quote!(#p::#from(#ident))
                    });
                    quote!(let #argument: #ty = __call.flat(&[#(#slots),*])?;)
                }
                Pass::Text => {
                    let (pointer, length) = (next(), next());
                    quote!(let #argument: #ty = __call.text(#pointer, #length)?;)
                }
                Pass::Elements(width) => {
                    let (pointer, count, name) = (next(), next(), &param.name);
                    quote! {
                        let #argument: #ty =
                            __call.elements::<_, #p::Owned>(#pointer, #count, #width, #name)?;
                    }
                }
                Pass::Encoded => {
                    encoded.push((argument.clone(), ty, param.name.as_str()));
                    continue;
                }
            });
        }
        if self.signature.has_buffer() {
            let (pointer, length) = (next(), next());
            let read = self.params_method();
            let idents = encoded.iter().map(|(ident, ..)| ident);
            let reads = encoded.iter().map(|(_, ty, name)| {
                quote! {
                    match <#ty as #p::GraphValue>::decode(decoder) {
                        #p::Ok(value) => value,
                        #p::Err(error) => return #p::Err(error.in_field(#name)),
                    }
                }
            });
            statements.extend(quote! {
                let (#(#idents,)*) = __call.#read(#pointer, #length, |decoder| #p::Ok((#(#reads,)*)))?;
            });
        }
        (statements, arguments)
    }

    /// What reads the parameters that travel in the buffer.
    pub(super) fn params_method(&self) -> Ident {
        let types = self.function.params.iter().zip(&self.signature.params);
        let has_handles = types
            .filter(|(_, pass)| **pass == Pass::Encoded)
            .any(|(param, _)| self.model.has_handles(param.ty));
        match has_handles {
            true => format_ident!("params_with_handles"),
            false => format_ident!("params"),
        }
    }

    /// The called end: statements and a last expression that call `target` with the arguments, and turn its result by way of
    /// `call` into the core result.
    pub(super) fn answer(&self, target: &TokenStream, place: Place<'_>) -> TokenStream {
        let p = &self.model.private;
        let (ty, form) = (self.output(place), self.result_form());
        match self.signature.result {
            Return::Nothing => quote!(#target; #p::Ok(())),
            Return::Flat(core) => {
                let to = format_ident!("to_{}", core_type(core));
                quote!(let __result = #target; let [slot] = __call.flatten(&__result)?; #p::Ok(#p::#to(slot)))
            }
            Return::Contents(_) => {
                quote!(let __result = #target; #p::Ok(__call.contents::<#ty, #form>(__result, __is_read)))
            }
            Return::Encoded if self.signature.role == Role::Export => {
                quote!(let __result = #target; #p::Ok(__call.answer::<#ty, #form>(__result)))
            }
            Return::Encoded => {
                let idents = self.core_idents();
                let space = idents
                    .len()
                    .checked_sub(2)
                    .and_then(|at| idents.get(at..))
                    .unwrap_or_default();
                quote!(let __result = #target; __call.answer(&__result, #(#space),*))
            }
        }
    }

    /// Whether lowering the arguments needs the instance: for room in its memory, or for its resources.
    pub(super) fn needs_instance(&self) -> bool {
        let passes = self.signature.params.iter();
        passes.clone().any(|pass| !matches!(pass, Pass::Flat(_)))
            || self
                .function
                .params
                .iter()
                .any(|param| self.model.has_handles(param.ty))
    }
}

pub(super) fn core_type(core: CoreType) -> Ident {
    match core {
        CoreType::I32 => format_ident!("i32"),
        CoreType::I64 => format_ident!("i64"),
        CoreType::F32 => format_ident!("f32"),
        CoreType::F64 => format_ident!("f64"),
    }
}

/// The longest tuple, the same as where the standard library's own implementations end.
pub(crate) const MAX_TUPLE: usize = 12;

/// A type as the documentation of generated code names it.
pub(super) fn wit_signature(model: &Model<'_>, function: &Function) -> String {
    let show = |ty: Type| model.contract.display(ty).to_string();
    let params: Vec<String> = function
        .params
        .iter()
        .map(|param| format!("{}: {}", param.name, show(param.ty)))
        .collect();
    let result = function
        .result
        .map(|ty| format!(" -> {}", show(ty)))
        .unwrap_or_default();
    let (name, func) = match function.kind() {
        FunctionKind::Free => (function.name.clone(), "func"),
        FunctionKind::Constructor { resource } => (resource.to_owned(), "constructor"),
        FunctionKind::Method { resource, name } => (format!("{resource}.{name}"), "func"),
        FunctionKind::Static { resource, name } => (format!("{resource}.{name}"), "static func"),
    };
    format!("{name}: {func}({}){result}", params.join(", "))
}
