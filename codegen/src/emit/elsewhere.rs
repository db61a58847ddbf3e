//! What the WIT says of the types that the user's code has, for the compiler to compare.

use pack_abi::schema::{Case, Field, Label, Provider, Type, TypeDef, TypeId, TypeKind, TypeName};
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Path;
use syn::spanned::Spanned;

use super::model::{Model, Place};

/// ```text
/// const _: () = assert_same(
///     "crate::Point",
///     <crate::Point as PackType>::INFO.get(),
///     "demo:types/shapes/point",
///     &TypeInfo { …, shape: Shape::Record(&[FieldInfo { name: "x", ty: <f64 as PackType>::INFO, … }, …]) },
/// );
/// ```
pub(super) fn check(
    model: &Model<'_>,
    id: TypeId,
    def: &TypeDef,
    name: &TypeName,
    path: &Path,
) -> TokenStream {
    let p = &model.private;
    let rust: String = path
        .to_token_stream()
        .to_string()
        .split_whitespace()
        .collect();
    let (owner, word) = (&name.owner, &name.name);
    let key = format!("{owner}/{word}");
    let shape = shape(model, &def.kind);
    let is_recursive = model.contract.is_recursive(Type::Id(id));
    let info = quote! {
        #p::TypeInfo {
            recursive: #p::Some(#is_recursive),
            ..#p::TypeInfo::new(const { &#p::Identity::named(#owner, #word, &[], "wit", 0) }, #shape)
        }
    };
    // A Rust type that stands for a resource is a handle that owns it.
    let info = match def.kind {
        TypeKind::Resource(_) => quote! {
            #p::TypeInfo::new(
                const { &#p::Identity::named(#owner, #word, &[], "wit handle", 0) },
                #p::Shape::Own(#p::TypeRef::new(const { &#info })),
            )
        },
        _ => info,
    };
    let generated = super::generated();
    // The compiler points at the call, which therefore stands where the path does.
    let span = path.span();
    let assert_same = quote!(#p::assert_same).into_iter().map(|mut token| {
        token.set_span(token.span().located_at(span));
        token
    });
    let call = quote_spanned! {span=>
        #(#assert_same)*(#rust, <#path as #p::PackType>::INFO.get(), #key, const { &#info })
    };
    quote!(#generated const _: () = #call;)
}

fn shape(model: &Model<'_>, kind: &TypeKind) -> TokenStream {
    let p = &model.private;
    let reference = |ty: Type| {
        let ty = model.owned(ty, Place::module(&[]));
        quote!(<#ty as #p::PackType>::INFO)
    };
    let labels = |labels: &[Label]| {
        let names = labels.iter().map(|Label { name, .. }| name);
        quote!(&[#(#p::LabelInfo { name: #names, docs: "" }),*])
    };
    match kind {
        TypeKind::Record(fields) => {
            let fields = fields.iter().map(|Field { name, ty, .. }| {
                let ty = reference(*ty);
                quote!(#p::FieldInfo { name: #name, ty: #ty, docs: "" })
            });
            quote!(#p::Shape::Record(const { &[#(#fields),*] }))
        }
        TypeKind::Variant(cases) => {
            let cases = cases.iter().map(|Case { name, ty, .. }| {
                let ty = match ty.map(reference) {
                    Some(ty) => quote!(#p::Some(#ty)),
                    None => quote!(#p::None),
                };
                quote!(#p::CaseInfo { name: #name, ty: #ty, docs: "" })
            });
            quote!(#p::Shape::Variant(const { &[#(#cases),*] }))
        }
        TypeKind::Enum(cases) => {
            let labels = labels(cases);
            quote!(#p::Shape::Enum(#labels))
        }
        TypeKind::Flags(flags) => {
            let labels = labels(flags);
            quote!(#p::Shape::Flags(#labels))
        }
        TypeKind::Resource(provider) => {
            let provider = match provider {
                Provider::Host => format_ident!("Host"),
                Provider::Package => format_ident!("Package"),
            };
            quote!(#p::Shape::Resource(#p::Provider::#provider))
        }
        // Only the types above have names of their own, by which they can be taken from elsewhere.
        _ => quote!(#p::Shape::Tuple(&[])),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Config, Side};

    /// Build scripts give paths as text; and both sides check.
    #[test]
    fn a_type_from_elsewhere_is_compared_with_the_wit() {
        let text = "package a:b; interface i { record r { a: u8 } } world w { import i; }";
        for side in [Side::Guest, Side::Host] {
            let config = Config::inline(text).with("r", "crate::x::R");
            let code = config.generate(side).unwrap().tokens.to_string();
            assert!(
                code.contains(r#"assert_same ("crate::x::R" , < crate :: x :: R as"#),
                "{code}"
            );
        }
    }
}
