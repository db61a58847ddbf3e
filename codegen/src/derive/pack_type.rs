use proc_macro2::TokenStream;
use quote::quote;

use super::ast::{Case, Field, Input, Shape};

/// ```text
/// impl PackType for Point {
///     fn describe(builder: &mut SchemaBuilder) -> Type {
///         builder.named::<Self>(TypeName { … }, false, "docs", |builder| TypeKind::Record(vec![…]))
///     }
/// }
/// ```
pub(super) fn expand(input: &Input<'_>) -> TokenStream {
    let ident = input.ident;
    let generics = input.bounded_generics(&quote!(__pack::PackType));
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let body = match &input.shape {
        Shape::Newtype(field) => describe(field),
        Shape::Tuple(fields) => {
            let parts = fields.iter().map(describe);
            quote! {
                let parts = __pack::vec![#(#parts),*];
                __builder.anonymous(__pack::TypeKind::Tuple(parts))
            }
        }
        Shape::Record(fields) => {
            let fields = fields.iter().map(|field| {
                let (name, ty, docs) = (&field.name, describe(field), &field.docs);
                quote!(__pack::Field { name: __pack::Into::into(#name), ty: #ty, docs: __pack::Into::into(#docs) })
            });
            named(
                input,
                &quote!(__pack::TypeKind::Record(__pack::vec![#(#fields),*])),
            )
        }
        Shape::Enum(cases) => {
            let labels = cases.iter().map(|case| {
                let (name, docs) = (&case.name, &case.docs);
                quote!(__pack::Label { name: __pack::Into::into(#name), docs: __pack::Into::into(#docs) })
            });
            named(
                input,
                &quote!(__pack::TypeKind::Enum(__pack::vec![#(#labels),*])),
            )
        }
        Shape::Variant(cases) => {
            let cases = cases.iter().map(|case| {
                let (name, ty, docs) = (&case.name, payload(case), &case.docs);
                quote!(__pack::Case { name: __pack::Into::into(#name), ty: #ty, docs: __pack::Into::into(#docs) })
            });
            named(
                input,
                &quote!(__pack::TypeKind::Variant(__pack::vec![#(#cases),*])),
            )
        }
    };
    quote! {
        #[automatically_derived]
        impl #impl_generics __pack::PackType for #ident #ty_generics #where_clause {
            fn describe(__builder: &mut __pack::SchemaBuilder) -> __pack::Type {
                #body
            }
        }
    }
}

fn describe(field: &Field<'_>) -> TokenStream {
    let ty = field.ty;
    quote!(<#ty as __pack::PackType>::describe(__builder))
}

fn payload(case: &Case<'_>) -> TokenStream {
    match case.fields.as_slice() {
        [] => quote!(__pack::None),
        [only] => {
            let ty = describe(only);
            quote!(__pack::Some(#ty))
        }
        several => {
            let parts = several.iter().map(describe);
            quote!(__pack::Some({
                let parts = __pack::vec![#(#parts),*];
                __builder.anonymous(__pack::TypeKind::Tuple(parts))
            }))
        }
    }
}

fn named(input: &Input<'_>, kind: &TokenStream) -> TokenStream {
    let (name, docs, recursive) = (&input.name, &input.docs, input.recursive);
    let owner = input.attr.interface.as_deref().unwrap_or_default();
    quote! {
        let name = __pack::TypeName { owner: __pack::Into::into(#owner), name: __pack::Into::into(#name) };
        __builder.named::<Self>(name, #recursive, #docs, |__builder| #kind)
    }
}
