use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;
use syn::visit_mut::VisitMut;

use super::ast::{Case, Field, Input, Payload, Shape};
use super::params::{self, WithinOuter};

/// ```text
/// static INFO: TypeInfo = TypeInfo { …, shape: Shape::Record(&[FieldInfo { name: "x", ty: <f64>::INFO, … }, …]) };
///
/// impl PackType for Point {
///     const IDENTITY: &'static Identity = &Identity::named("", "point", &[], "my_crate:1:2", 123);
///     const INFO: TypeRef = TypeRef::new(&INFO);
/// }
/// ```
pub(super) fn expand(input: &Input<'_>) -> TokenStream {
    match &input.shape {
        Shape::Newtype(fields) => {
            let fields: TokenStream = fields
                .sent
                .iter()
                .map(|field| same_as(input, field))
                .collect();
            fields
        }
        Shape::Tuple(fields) => {
            let parts: Vec<&Type> = fields.sent.iter().map(|field| &field.ty).collect();
            let (args, shape) = tuple(&parts);
            implement(
                input,
                &quote! {
                    const IDENTITY: &'static __pack::Identity = &__pack::Identity::anonymous("tuple", #args);
                    const INFO: __pack::TypeRef = __pack::TypeRef::new(const {
                        &__pack::TypeInfo::new(Self::IDENTITY, #shape)
                    });
                },
            )
        }
        Shape::Record(_) | Shape::Enum(_) | Shape::Variant(_) => named(input),
    }
}

fn implement(input: &Input<'_>, items: &TokenStream) -> TokenStream {
    let ident = input.ident;
    let generics = input.bounded_generics(&quote!(__pack::PackType));
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics __pack::PackType for #ident #ty_generics #where_clause {
            #items
        }
    }
}

/// A newtype is what its field is.
fn same_as(input: &Input<'_>, field: &Field) -> TokenStream {
    let ty = &field.ty;
    let part = quote_spanned!(field.span()=> <#ty as __pack::PackType>);
    if input.is_generic() {
        return implement(
            input,
            &quote! {
                const IDENTITY: &'static __pack::Identity = #part::IDENTITY;
                const INFO: __pack::TypeRef = #part::INFO;
            },
        );
    }
    // What the compiler shows of a cycle of such types is little more than this name.
    let implementation = implement(
        input,
        &quote! {
            const IDENTITY: &'static __pack::Identity = A_CYCLE_NEEDS_A_STRUCT_WITH_NAMED_FIELDS;
            const INFO: __pack::TypeRef = #part::INFO;
        },
    );
    quote! {
        const A_CYCLE_NEEDS_A_STRUCT_WITH_NAMED_FIELDS: &'static __pack::Identity = #part::IDENTITY;
        #implementation
    }
}

/// A type that has a name in WIT.
fn named(input: &Input<'_>) -> TokenStream {
    let args = input.params.args(Type::clone);
    let identity = identity(input, &input.name, &args);
    let this = &input.this;
    let docs = &input.docs;
    let recursive = option(input.attr.recursive.map(|said| quote!(#said)));
    let shape = shape(input);
    let info = quote! {
        __pack::TypeInfo {
            identity: <#this as __pack::PackType>::IDENTITY,
            docs: #docs,
            recursive: #recursive,
            shape: #shape,
        }
    };
    if !input.is_generic() {
        let implementation = implement(
            input,
            &quote! {
                const IDENTITY: &'static __pack::Identity = &#identity;
                const INFO: __pack::TypeRef = __pack::TypeRef::new(&__INFO);
            },
        );
        return quote! {
            static __INFO: __pack::TypeInfo = #info;
            #implementation
        };
    }
    let generics = input.bounded_generics(&quote!(__pack::PackType));
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let turbofish = params::turbofish(input.generics);
    let implementation = implement(
        input,
        &quote! {
            const IDENTITY: &'static __pack::Identity = &#identity;
            const INFO: __pack::TypeRef = if Self::IDENTITY.is_open() {
                __pack::TypeRef::new(const {
                    &__pack::TypeInfo::new(Self::IDENTITY, __pack::Shape::Mention)
                })
            } else {
                __info #turbofish ()
            };
        },
    );
    // A function, since the compiler evaluates all constants of a body, also those of branches that are not taken.
    quote! {
        const fn __info #impl_generics () -> __pack::TypeRef #where_clause {
            __pack::TypeRef::new(const { &#info })
        }
        #implementation
    }
}

fn identity(input: &Input<'_>, word: &str, args: &TokenStream) -> TokenStream {
    let owner = input.attr.interface.as_ref().map(syn::LitStr::value);
    let owner = owner.unwrap_or_default();
    let salt = input.salt;
    quote! {
        __pack::Identity::named(
            #owner,
            #word,
            #args,
            __pack::concat!(__pack::module_path!(), ":", __pack::line!(), ":", __pack::column!()),
            #salt,
        )
    }
}

fn shape(input: &Input<'_>) -> TokenStream {
    match &input.shape {
        Shape::Record(fields) => record(input, &fields.sent),
        Shape::Enum(cases) => {
            let labels = cases.iter().filter(|case| !case.skipped).map(|case| {
                let (name, docs) = (&case.name, &case.docs);
                quote!(__pack::LabelInfo { name: #name, docs: #docs })
            });
            quote!(__pack::Shape::Enum(&[#(#labels),*]))
        }
        Shape::Variant(cases) => {
            let cases = cases.iter().filter(|case| !case.skipped).map(|case| {
                let (name, docs) = (&case.name, &case.docs);
                let ty = option(payload(input, case));
                quote!(__pack::CaseInfo { name: #name, ty: #ty, docs: #docs })
            });
            quote!(__pack::Shape::Variant(&[#(#cases),*]))
        }
        Shape::Newtype(_) | Shape::Tuple(_) => TokenStream::new(),
    }
}

fn record(input: &Input<'_>, fields: &[Field]) -> TokenStream {
    let fields = fields.iter().map(|field| {
        let (name, docs) = (&field.name, &field.docs);
        let ty = info(field, &within(input, &field.ty));
        quote!(__pack::FieldInfo { name: #name, ty: #ty, docs: #docs })
    });
    quote!(__pack::Shape::Record(&[#(#fields),*]))
}

fn payload(input: &Input<'_>, case: &Case) -> Option<TokenStream> {
    let fields = &case.fields.sent;
    let info = match case.payload {
        Payload::Nothing => return None,
        Payload::Field => {
            let field = fields.first()?;
            return Some(info(field, &within(input, &field.ty)));
        }
        Payload::Tuple => {
            let parts: Vec<Type> = fields.iter().map(|f| within(input, &f.ty)).collect();
            let (args, shape) = tuple(&parts.iter().collect::<Vec<_>>());
            quote! {
                __pack::TypeInfo::new(
                    const { &__pack::Identity::anonymous("tuple", #args) },
                    #shape,
                )
            }
        }
        Payload::Record => {
            let word = format!("{}-{}", input.name, case.name);
            let args = input.params.args(|ty| within(input, ty));
            let (identity, shape) = (identity(input, &word, &args), record(input, fields));
            quote!(__pack::TypeInfo::new(const { &#identity }, #shape))
        }
    };
    Some(quote!(__pack::TypeRef::new(const { &#info })))
}

fn info(field: &Field, ty: &Type) -> TokenStream {
    quote_spanned!(field.span()=> <#ty as __pack::PackType>::INFO)
}

/// The parameters of the identity of a tuple, and its shape.
fn tuple(parts: &[&Type]) -> (TokenStream, TokenStream) {
    let args = quote!(const { &[#(__pack::Arg::Type(<#parts as __pack::PackType>::IDENTITY)),*] });
    let shape = quote!(__pack::Shape::Tuple(const { &[#(<#parts as __pack::PackType>::INFO),*] }));
    (args, shape)
}

/// A type as a part of this one.
fn within(input: &Input<'_>, ty: &Type) -> Type {
    let mut ty = ty.clone();
    let params = params::replaceable(input.generics);
    let mut replace = WithinOuter {
        params: &params,
        outer: &input.this,
    };
    replace.visit_type_mut(&mut ty);
    ty
}

fn option(tokens: Option<TokenStream>) -> TokenStream {
    match tokens {
        Some(tokens) => quote!(__pack::Some(#tokens)),
        None => quote!(__pack::None),
    }
}
