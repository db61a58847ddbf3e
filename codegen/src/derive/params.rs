//! What an implementation has to know of the type parameters.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    GenericParam, Generics, Ident, Type, TypeParamBound, TypePath, WherePredicate, parse_quote,
};

/// The parameters that parts of a type are made of. Others, such as the marker of a `PhantomData`, need nothing.
pub(super) struct Params {
    /// Type parameters, in order of declaration.
    pub(super) types: Vec<Ident>,
    /// Types that belong to a type parameter, such as `T::Item`.
    pub(super) projections: Vec<TypePath>,
    /// Const parameters.
    pub(super) numbers: Vec<Ident>,
}

impl Params {
    pub(super) fn of<'a>(generics: &Generics, parts: impl Iterator<Item = &'a Type>) -> Self {
        let mut used = Used {
            declared: generics.type_params().map(|param| &param.ident).collect(),
            types: Vec::new(),
            projections: Vec::new(),
        };
        for part in parts {
            used.visit_type(part);
        }
        let Used {
            declared,
            types,
            mut projections,
        } = used;
        let mut seen = BTreeSet::new();
        projections.retain(|path| seen.insert(path.to_token_stream().to_string()));
        Self {
            types: declared
                .into_iter()
                .filter(|param| types.contains(param))
                .cloned()
                .collect(),
            projections,
            numbers: generics
                .const_params()
                .map(|param| param.ident.clone())
                .collect(),
        }
    }

    /// The generics of an implementation. Parameters carry the bound, not fields: that is what lets a recursive type
    /// refer to itself without a cycle of bounds.
    pub(super) fn bounded(
        &self,
        generics: &Generics,
        said: Option<&[WherePredicate]>,
        bound: &TokenStream,
    ) -> Generics {
        let mut generics = owned(generics);
        let clause = generics.make_where_clause();
        match said {
            Some(predicates) => clause.predicates.extend(predicates.iter().cloned()),
            None => {
                let (types, projections) = (&self.types, &self.projections);
                for bounded in types.iter().map(ToTokens::to_token_stream) {
                    clause.predicates.push(parse_quote!(#bounded: #bound));
                }
                for bounded in projections {
                    clause.predicates.push(parse_quote!(#bounded: #bound));
                }
            }
        }
        generics
    }

    /// The parameters as part of an identity.
    pub(super) fn args(&self, of_type: impl Fn(&Type) -> Type) -> TokenStream {
        let types = self
            .types
            .iter()
            .map(|param| of_type(&parse_quote!(#param)));
        let projections = self.projections.iter().map(|path| Type::Path(path.clone()));
        let types = types.chain(projections);
        let numbers = &self.numbers;
        quote! {
            const {
                &[
                    #(__pack::Arg::Type(<#types as __pack::PackType>::IDENTITY),)*
                    #(__pack::Arg::Number(#numbers as __pack::primitive::u64),)*
                ]
            }
        }
    }
}

/// The generics of a type that borrows nothing.
pub(super) fn owned(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    let params: Vec<Ident> = generics.type_params().map(|p| p.ident.clone()).collect();
    let clause = generics.make_where_clause();
    for param in params {
        clause.predicates.push(parse_quote!(#param: 'static));
    }
    generics
}

struct Used<'a> {
    declared: Vec<&'a Ident>,
    types: Vec<Ident>,
    projections: Vec<TypePath>,
}

impl<'ast> Visit<'ast> for Used<'_> {
    fn visit_type_path(&mut self, path: &'ast TypePath) {
        let of = match &path.qself {
            Some(qself) => match &*qself.ty {
                Type::Path(of) => of.path.get_ident(),
                _ => None,
            },
            None if path.path.leading_colon.is_some() => None,
            None => path.path.segments.first().map(|segment| &segment.ident),
        };
        match of.filter(|of| self.declared.contains(of)) {
            Some(param) if path.path.is_ident(param) => self.types.push(param.clone()),
            Some(_) => self.projections.push(path.clone()),
            None => visit::visit_type_path(self, path),
        }
    }
}

/// Replaces `Self`, which means nothing outside the implementation.
pub(super) struct WithoutSelf<'a>(pub(super) &'a Type);

impl VisitMut for WithoutSelf<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        match ty {
            Type::Path(path) if path.qself.is_none() && path.path.is_ident("Self") => {
                *ty = self.0.clone();
            }
            _ => visit_mut::visit_type_mut(self, ty),
        }
    }
}

/// Replaces type parameters `T` by `Within<T, Outer>`.
pub(super) struct WithinOuter<'a> {
    pub(super) params: &'a [&'a Ident],
    pub(super) outer: &'a Type,
}

impl VisitMut for WithinOuter<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Path(path) = ty
            && path.qself.is_none()
            && let Some(param) = self.params.iter().find(|param| path.path.is_ident(**param))
        {
            let outer = self.outer;
            *ty = parse_quote!(__pack::Within<#param, #outer>);
            return;
        }
        visit_mut::visit_type_mut(self, ty);
    }
}

/// The type parameters that `Within` may stand for: those that have no traits but the ones it has.
pub(super) fn replaceable(generics: &Generics) -> Vec<&Ident> {
    generics
        .type_params()
        .filter(|param| {
            let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
            param.bounds.iter().all(is_harmless)
                && predicates.into_iter().all(|predicate| match predicate {
                    WherePredicate::Type(predicate) => {
                        let ident = &param.ident;
                        let is_param =
                            matches!(&predicate.bounded_ty, Type::Path(path) if path.path.is_ident(ident));
                        match is_param {
                            true => predicate.bounds.iter().all(is_harmless),
                            false => !mentions(&predicate.bounded_ty, ident),
                        }
                    }
                    _ => true,
                })
        })
        .map(|param| &param.ident)
        .collect()
}

fn is_harmless(bound: &TypeParamBound) -> bool {
    const TRAITS: [&str; 16] = [
        "Clone",
        "Copy",
        "Debug",
        "Default",
        "Encode",
        "Eq",
        "GraphValue",
        "Hash",
        "Ord",
        "PackType",
        "PartialEq",
        "PartialOrd",
        "Send",
        "Sized",
        "Sync",
        "Unpin",
    ];
    match bound {
        TypeParamBound::Trait(bound) => bound
            .path
            .segments
            .last()
            .is_some_and(|segment| TRAITS.iter().any(|name| segment.ident == name)),
        _ => true,
    }
}

/// Whether a type names an identifier, or `Self`, by itself.
pub(super) fn mentions(ty: &Type, ident: &Ident) -> bool {
    struct Finder<'a>(&'a Ident, bool);
    impl<'ast> Visit<'ast> for Finder<'_> {
        fn visit_type_path(&mut self, path: &'ast TypePath) {
            let first = path.path.segments.first().map(|segment| &segment.ident);
            self.1 |= path.path.segments.len() == 1
                && first.is_some_and(|first| first == self.0 || first == "Self");
            visit::visit_type_path(self, path);
        }
    }
    let mut finder = Finder(ident, false);
    finder.visit_type(ty);
    finder.1
}

/// The generics of a type, as parameters to call one of its functions with.
pub(super) fn turbofish(generics: &Generics) -> TokenStream {
    let params = generics.params.iter().filter_map(|param| match param {
        GenericParam::Type(param) => Some(&param.ident),
        GenericParam::Const(param) => Some(&param.ident),
        GenericParam::Lifetime(_) => None,
    });
    quote!(::<#(#params),*>)
}
