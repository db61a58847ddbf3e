use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Lit, LitStr, Meta, Path, Token, spanned::Spanned};

/// `#[pack(...)]` on a type.
#[derive(Default)]
pub(super) struct ContainerAttr {
    /// `crate = path`: the crate whose `__private` module the code names.
    pub(super) facade: Option<Path>,
    /// `rename = "name"`: the WIT name, where it is not the kebab-case form of the Rust name.
    pub(super) rename: Option<String>,
    /// `interface = "name"`: the interface the type is declared in.
    pub(super) interface: Option<String>,
    /// `recursive`: the type lies on a cycle of types.
    pub(super) recursive: bool,
}

/// `#[pack(...)]` on a field or a variant.
#[derive(Default)]
pub(super) struct MemberAttr {
    /// `rename = "name"`.
    pub(super) rename: Option<String>,
}

/// Collects all errors instead of stopping at the first.
#[derive(Default)]
pub(super) struct Errors(Option<syn::Error>);

impl Errors {
    pub(super) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    pub(super) fn finish(self) -> syn::Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

const CONTAINER_WORDS: &str =
    "`crate = path`, `rename = \"name\"`, `interface = \"name\"` and `recursive`";

pub(super) fn container(attrs: &[Attribute], errors: &mut Errors) -> ContainerAttr {
    let mut attr = ContainerAttr::default();
    for meta in pack_metas(attrs, errors) {
        let fresh = if meta.path().is_ident("crate") {
            facade(&meta, errors).map(|path| attr.facade.replace(path).is_none())
        } else if meta.path().is_ident("rename") {
            text(&meta, errors).map(|text| attr.rename.replace(text).is_none())
        } else if meta.path().is_ident("interface") {
            text(&meta, errors).map(|text| attr.interface.replace(text).is_none())
        } else if meta.path().is_ident("recursive") {
            word(&meta, errors).map(|()| !core::mem::replace(&mut attr.recursive, true))
        } else {
            let message = format!("unknown attribute of a type; there are {CONTAINER_WORDS}");
            errors.push(syn::Error::new(meta.span(), message));
            None
        };
        report_repeat(&meta, fresh, errors);
    }
    attr
}

pub(super) fn member(attrs: &[Attribute], errors: &mut Errors) -> MemberAttr {
    let mut attr = MemberAttr::default();
    for meta in pack_metas(attrs, errors) {
        let fresh = if meta.path().is_ident("rename") {
            text(&meta, errors).map(|text| attr.rename.replace(text).is_none())
        } else {
            let on_type = ["crate", "interface", "recursive"]
                .iter()
                .any(|w| meta.path().is_ident(w));
            let message = if on_type {
                "this attribute belongs on the type, not on a part of it"
            } else {
                "unknown attribute of a field or variant; there is `rename = \"name\"`"
            };
            errors.push(syn::Error::new(meta.span(), message));
            None
        };
        report_repeat(&meta, fresh, errors);
    }
    attr
}

/// The lines of a documentation comment.
pub(super) fn docs(attrs: &[Attribute]) -> String {
    let lines = attrs.iter().filter_map(|attr| match &attr.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(lit) => match &lit.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    let lines: Vec<String> = lines
        .map(|line| line.strip_prefix(' ').map_or(line.clone(), str::to_owned))
        .collect();
    lines.join("\n").trim().to_owned()
}

fn pack_metas(attrs: &[Attribute], errors: &mut Errors) -> Vec<Meta> {
    let mut metas = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("pack")) {
        match attr.parse_args_with(parse_metas) {
            Ok(found) => metas.extend(found),
            Err(error) => errors.push(error),
        }
    }
    metas
}

/// Like `Punctuated<Meta, Token![,]>`, but with `crate` as a name and a path as its value.
fn parse_metas(input: syn::parse::ParseStream<'_>) -> syn::Result<Vec<Meta>> {
    use syn::ext::IdentExt;
    let items = Punctuated::<Meta, Token![,]>::parse_terminated_with(input, |input| {
        let path = Path::from(input.call(syn::Ident::parse_any)?);
        if input.peek(Token![=]) {
            let eq_token = input.parse()?;
            return Ok(Meta::NameValue(syn::MetaNameValue {
                path,
                eq_token,
                value: input.parse()?,
            }));
        }
        Ok(Meta::Path(path))
    })?;
    Ok(items.into_iter().collect())
}

fn facade(meta: &Meta, errors: &mut Errors) -> Option<Path> {
    if let Meta::NameValue(pair) = meta
        && let Expr::Path(path) = &pair.value
    {
        return Some(path.path.clone());
    }
    errors.push(syn::Error::new(
        meta.span(),
        "expected a path: `crate = ::my_crate::pack`",
    ));
    None
}

fn text(meta: &Meta, errors: &mut Errors) -> Option<String> {
    if let Meta::NameValue(pair) = meta
        && let Expr::Lit(lit) = &pair.value
        && let Lit::Str(text) = &lit.lit
    {
        return check_text(text, errors);
    }
    errors.push(syn::Error::new(
        meta.span(),
        "expected a string: `… = \"name\"`",
    ));
    None
}

fn check_text(text: &LitStr, errors: &mut Errors) -> Option<String> {
    if text.value().is_empty() {
        errors.push(syn::Error::new(text.span(), "a name cannot be empty"));
        return None;
    }
    Some(text.value())
}

fn word(meta: &Meta, errors: &mut Errors) -> Option<()> {
    match meta.require_path_only() {
        Ok(_) => Some(()),
        Err(error) => {
            errors.push(error);
            None
        }
    }
}

fn report_repeat(meta: &Meta, fresh: Option<bool>, errors: &mut Errors) {
    if fresh == Some(false) {
        errors.push(syn::Error::new(
            meta.span(),
            "this attribute is there twice",
        ));
    }
}
