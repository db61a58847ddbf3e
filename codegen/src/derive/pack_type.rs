use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::ast::{Case, Field, Input, Payload, Shape};
use super::params;

/// ```text
/// static INFO: TypeInfo = TypeInfo { …, shape: Shape::Record(&[FieldInfo { name: "x", ty: <f64>::INFO, … }, …]) };
///
/// impl PackType for Point {
///     const IDENTITY: &'static Identity = &Identity::named("", "point", &[], "my_crate:1:2", 123);
///     const INFO: TypeRef = TypeRef::new(&INFO);
/// }
/// ```
pub(super) fn expand(input: &Input<'_>) -> TokenStream {
    let this = &input.this;
    match &input.shape {
        Shape::Newtype(fields) => fields
            .sent
            .iter()
            .map(|field| same_as(input, field))
            .collect(),
        Shape::Tuple(fields) => {
            let parts: Vec<_> = fields.sent.iter().map(part).collect();
            let shape = tuple(&fields.sent.iter().map(passed_on).collect::<Vec<_>>());
            in_each_place(
                input,
                &anonymous(&parts),
                &reference(
                    &quote!(__pack::TypeInfo::new(<#this as __pack::PackType>::IDENTITY, #shape)),
                ),
            )
        }
        Shape::Record(_) | Shape::Enum(_) | Shape::Variant(_) => named(input),
    }
}

fn implement(input: &Input<'_>, items: &TokenStream) -> TokenStream {
    let this = &input.this;
    let generics = input.bounded_generics(&quote!(__pack::PackType));
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics __pack::PackType for #this #where_clause {
            #items
        }
    }
}

/// A type without a static: a generic one, or one whose description is that of its parts. `info` may name what is around
/// it, `__Around`.
///
/// ```text
/// const fn __info<T, __Around: Around>() -> TypeRef { … <<Vec<T> as PackType>::In<Inside<Tree<T>, __Around>>>::INFO … }
///
/// impl<T, __Around: Around> DescribedIn<__Around> for Tree<T> {
///     const INFO_IN: TypeRef = if is_inside_itself::<Self, __Around>() { … } else { __info::<T, __Around>() };
/// }
/// ```
fn in_each_place(input: &Input<'_>, identity: &TokenStream, info: &TokenStream) -> TokenStream {
    let this = &input.this;
    let implementation = implement(
        input,
        &quote! {
            const IDENTITY: &'static __pack::Identity = #identity;
            const INFO: __pack::TypeRef = <Self as __pack::DescribedIn<__pack::Outside>>::INFO_IN;
            type In<__Around: __pack::Around> = __pack::Within<Self, __Around>;
        },
    );
    let mut generics = input.bounded_generics(&quote!(__pack::PackType));
    generics
        .params
        .push(syn::parse_quote!(__Around: __pack::Around));
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let turbofish = params::turbofish(&generics);
    // A function, since the compiler evaluates all constants of a body, also those of branches that are not taken.
    quote! {
        #implementation
        #[automatically_derived]
        impl #impl_generics __pack::DescribedIn<__Around> for #this #where_clause {
            const INFO_IN: __pack::TypeRef = if __pack::is_inside_itself::<Self, __Around>() {
                __pack::TypeRef::new(const {
                    &__pack::TypeInfo::new(
                        <Self as __pack::PackType>::IDENTITY,
                        __pack::Shape::Mention,
                    )
                })
            } else {
                __info #turbofish ()
            };
        }
        const fn __info #impl_generics () -> __pack::TypeRef #where_clause {
            #info
        }
    }
}

/// A newtype is what its field is.
fn same_as(input: &Input<'_>, field: &Field) -> TokenStream {
    let (part, info) = (part(field), passed_on(field));
    if input.is_generic() {
        return in_each_place(input, &quote!(#part::IDENTITY), &info);
    }
    // What the compiler shows of a cycle of such types is little more than this name.
    let implementation = in_each_place(
        input,
        &quote!(A_CYCLE_NEEDS_A_STRUCT_WITH_NAMED_FIELDS),
        &info,
    );
    quote! {
        const A_CYCLE_NEEDS_A_STRUCT_WITH_NAMED_FIELDS: &'static __pack::Identity = #part::IDENTITY;
        #implementation
    }
}

/// A type that has a name in WIT.
fn named(input: &Input<'_>) -> TokenStream {
    let identity = identity(input, &input.name);
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
    if input.is_generic() {
        return in_each_place(input, &quote!(&#identity), &reference(&info));
    }
    let implementation = implement(
        input,
        &quote! {
            const IDENTITY: &'static __pack::Identity = &#identity;
            const INFO: __pack::TypeRef = __pack::TypeRef::new(&__INFO);
            type In<__Around: __pack::Around> = Self;
        },
    );
    quote! {
        static __INFO: __pack::TypeInfo = #info;
        #implementation
    }
}

fn identity(input: &Input<'_>, word: &str) -> TokenStream {
    let owner = input.attr.interface.as_ref().map(syn::LitStr::value);
    let owner = owner.unwrap_or_default();
    let args = input.params.args();
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
        let (name, docs, ty) = (&field.name, &field.docs, info(input, field));
        quote!(__pack::FieldInfo { name: #name, ty: #ty, docs: #docs })
    });
    quote!(__pack::Shape::Record(&[#(#fields),*]))
}

fn payload(input: &Input<'_>, case: &Case) -> Option<TokenStream> {
    let fields = &case.fields.sent;
    let (identity, shape) = match case.payload {
        Payload::Nothing => return None,
        Payload::Field => return Some(info(input, fields.first()?)),
        Payload::Tuple => {
            let infos: Vec<_> = fields.iter().map(|field| info(input, field)).collect();
            let parts: Vec<_> = fields.iter().map(part).collect();
            (anonymous(&parts), tuple(&infos))
        }
        Payload::Record => {
            let identity = identity(input, &format!("{}-{}", input.name, case.name));
            (quote!(const { &#identity }), record(input, fields))
        }
    };
    Some(reference(&quote!(__pack::TypeInfo::new(#identity, #shape))))
}

fn part(field: &Field) -> TokenStream {
    let ty = &field.ty;
    quote_spanned!(field.span()=> <#ty as __pack::PackType>)
}

/// The description of a field's type, as a part of this one.
fn info(input: &Input<'_>, field: &Field) -> TokenStream {
    let part = part(field);
    if !input.is_generic() {
        return quote!(#part::INFO);
    }
    let this = &input.this;
    quote!(<#part::In<__pack::Inside<#this, __Around>> as __pack::PackType>::INFO)
}

/// The same for a type without a name, which is no more than its parts: around them is what is around it.
fn passed_on(field: &Field) -> TokenStream {
    let part = part(field);
    quote!(<#part::In<__Around> as __pack::PackType>::INFO)
}

fn reference(info: &TokenStream) -> TokenStream {
    quote!(__pack::TypeRef::new(const { &#info }))
}

/// The identity of a tuple.
fn anonymous(parts: &[TokenStream]) -> TokenStream {
    quote! {
        const {
            &__pack::Identity::anonymous(
                "tuple",
                const { &[#(__pack::Arg::Type(#parts::IDENTITY)),*] },
            )
        }
    }
}

fn tuple(infos: &[TokenStream]) -> TokenStream {
    quote!(__pack::Shape::Tuple(const { &[#(#infos),*] }))
}

fn option(tokens: Option<TokenStream>) -> TokenStream {
    match tokens {
        Some(tokens) => quote!(__pack::Some(#tokens)),
        None => quote!(__pack::None),
    }
}
