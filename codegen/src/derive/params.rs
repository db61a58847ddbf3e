//! What an implementation has to know of the type parameters.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    ExprPath, GenericArgument, GenericParam, Generics, Ident, PathArguments, Type, TypePath,
    WherePredicate, parse_quote,
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
    pub(super) fn of<'a>(
        own: &Ident,
        generics: &Generics,
        parts: impl Iterator<Item = &'a Type>,
    ) -> Self {
        let mut used = Used {
            own,
            declared: generics.type_params().map(|param| &param.ident).collect(),
            types: Vec::new(),
            projections: Vec::new(),
            own_arguments: Vec::new(),
        };
        for part in parts {
            used.visit_type(part);
        }
        used.follow_own_arguments(generics);
        let Used {
            declared,
            types,
            mut projections,
            ..
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
        this: &Type,
        said: Option<&[WherePredicate]>,
        bound: &TokenStream,
    ) -> Generics {
        let mut generics = owned(generics, this);
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
    pub(super) fn args(&self) -> TokenStream {
        let types = self.types.iter().map(ToTokens::to_token_stream);
        let projections = self.projections.iter().map(ToTokens::to_token_stream);
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

/// Whether a path is one of what belongs to a parameter.
pub(super) fn begins_with(path: &syn::Path, param: &Ident) -> bool {
    path.segments
        .first()
        .is_some_and(|first| first.ident == *param)
}

/// The generics of a type that borrows nothing.
pub(super) fn owned(generics: &Generics, this: &Type) -> Generics {
    let mut generics = generics.clone();
    WithoutSelf(this).visit_generics_mut(&mut generics);
    let params: Vec<Ident> = generics.type_params().map(|p| p.ident.clone()).collect();
    let clause = generics.make_where_clause();
    for param in params {
        clause.predicates.push(parse_quote!(#param: 'static));
    }
    generics
}

struct Used<'a> {
    /// The type itself.
    own: &'a Ident,
    declared: Vec<&'a Ident>,
    types: Vec<Ident>,
    projections: Vec<TypePath>,
    /// What the type has for its parameters where it contains itself, with their positions. They count if the parameters
    /// do.
    own_arguments: Vec<(usize, Type)>,
}

impl Used<'_> {
    fn follow_own_arguments(&mut self, generics: &Generics) {
        let params = generics.params.iter();
        let params: Vec<_> = params
            .filter(|param| !matches!(param, GenericParam::Lifetime(_)))
            .collect();
        let is_used = |types: &[Ident], at: usize| match params.get(at) {
            Some(GenericParam::Type(param)) => types.contains(&param.ident),
            _ => false,
        };
        loop {
            let arguments = std::mem::take(&mut self.own_arguments);
            let (used, unused): (Vec<_>, Vec<_>) = arguments
                .into_iter()
                .partition(|(at, _)| is_used(&self.types, *at));
            self.own_arguments = unused;
            if used.is_empty() {
                return;
            }
            for (_, ty) in &used {
                self.visit_type(ty);
            }
        }
    }
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
            None if path.qself.is_none()
                && path.path.segments.len() == 1
                && of == Some(self.own) =>
            {
                let arguments = path.path.segments.iter().map(|segment| &segment.arguments);
                for argument in arguments {
                    if let PathArguments::AngleBracketed(arguments) = argument {
                        let arguments = arguments.args.iter();
                        let arguments =
                            arguments.filter(|arg| !matches!(arg, GenericArgument::Lifetime(_)));
                        self.own_arguments
                            .extend(arguments.enumerate().filter_map(|(at, arg)| match arg {
                                GenericArgument::Type(ty) => Some((at, ty.clone())),
                                _ => None,
                            }));
                    }
                }
            }
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

    /// `Self::LENGTH` becomes `<Name>::LENGTH`.
    fn visit_expr_path_mut(&mut self, expr: &mut ExprPath) {
        let mut segments = expr.path.segments.iter();
        if expr.qself.is_none()
            && segments.next().is_some_and(|first| first.ident == "Self")
            && let Some(name) = segments.next()
        {
            let this = self.0;
            let rest = segments;
            *expr = parse_quote!(<#this>::#name #(::#rest)*);
        }
        visit_mut::visit_expr_path_mut(self, expr);
    }
}

/// Whether a type depends on a type parameter.
pub(super) fn depends(ty: &Type, generics: &Generics) -> bool {
    generics.type_params().any(|param| {
        let mut found = false;
        walk_idents(ty.to_token_stream(), &mut |ident| {
            found |= *ident == param.ident
        });
        found
    })
}

fn walk_idents(tokens: TokenStream, see: &mut impl FnMut(&Ident)) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => see(&ident),
            TokenTree::Group(group) => walk_idents(group.stream(), see),
            _ => {}
        }
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

/// The parameters of a type, as arguments of the type: `<A, { N }>`. Without the braces, a type of the same name would go
/// before the number.
pub(super) fn arguments(generics: &Generics) -> TokenStream {
    let params = generics.params.iter().map(|param| match param {
        GenericParam::Type(param) => param.ident.to_token_stream(),
        GenericParam::Const(param) => {
            let ident = &param.ident;
            quote!({ #ident })
        }
        GenericParam::Lifetime(param) => param.lifetime.to_token_stream(),
    });
    if generics.params.is_empty() {
        return TokenStream::new();
    }
    let open = generics.lt_token.unwrap_or_default();
    let close = generics.gt_token.unwrap_or_default();
    quote!(#open #(#params),* #close)
}

/// The same, to call one of the type's functions with.
pub(super) fn turbofish(generics: &Generics) -> TokenStream {
    let arguments = arguments(generics);
    match arguments.is_empty() {
        true => arguments,
        false => quote!(::#arguments),
    }
}
