use proc_macro2::Span;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Expr, Lit, LitStr, Meta, MetaNameValue, Path, Token, WherePredicate,
    spanned::Spanned,
};

use crate::comment;
use crate::names::{self, Spelling};

/// `#[pack(...)]` on a type.
#[derive(Default)]
pub(super) struct ContainerAttr {
    /// `crate = path`: the crate whose `__private` module the code names.
    pub(super) facade: Option<Path>,
    /// `rename = "name"`: the WIT name, where it is not the kebab-case form of the Rust name.
    pub(super) rename: Option<LitStr>,
    /// `rename_all = "lowercase"`: how the names of fields or cases are spelled.
    pub(super) rename_all: Option<Spelling>,
    /// `interface = "name"`: the interface the type is declared in.
    pub(super) interface: Option<LitStr>,
    /// `recursive`, `recursive = false`: whether the type lies on a cycle of types.
    pub(super) recursive: Option<bool>,
    /// `bound = "T: Trait"`: the bounds of the implementations.
    pub(super) bound: Option<Vec<WherePredicate>>,
    /// `copy`: the type is its own view.
    pub(super) copy: Option<Span>,
    /// `view = Name`: the type that is its view.
    pub(super) view: Option<Path>,
}

/// `#[pack(...)]` on a variant.
#[derive(Default)]
pub(super) struct VariantAttr {
    /// `rename = "name"`.
    pub(super) rename: Option<LitStr>,
    /// `skip`: it has no case on the wire.
    pub(super) skip: Option<Span>,
}

/// `#[pack(...)]` on a field.
#[derive(Default)]
pub(super) struct FieldAttr {
    /// `rename = "name"`.
    pub(super) rename: Option<LitStr>,
    /// `skip`: it does not travel.
    pub(super) skip: Option<Span>,
    /// `default`, `default = path`: what a skipped field is read back as.
    pub(super) default: Option<(Span, Option<Path>)>,
    /// `with = module`: it travels as another type.
    pub(super) with: Option<Path>,
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

    pub(super) fn at(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(syn::Error::new(span, message));
    }

    pub(super) fn finish(self) -> syn::Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

const CONTAINER_WORDS: &str = "`crate = path`, `rename = \"name\"`, `rename_all = \"…\"`, `interface = \"name\"`, \
                               `recursive`, `bound = \"…\"`, `copy` and `view = Name`";
const VARIANT_WORDS: &str = "`rename = \"name\"` and `skip`";
const FIELD_WORDS: &str = "`rename = \"name\"`, `skip`, `default = path` and `with = module`";

pub(super) fn container(attrs: &[Attribute], errors: &mut Errors) -> ContainerAttr {
    let mut attr = ContainerAttr::default();
    for (word, meta) in pack_metas(attrs, errors) {
        match word.as_str() {
            "crate" => set(&mut attr.facade, &meta, path(&meta, errors), errors),
            "rename" => set(&mut attr.rename, &meta, wit_name(&meta, errors), errors),
            "rename_all" => set(&mut attr.rename_all, &meta, spelling(&meta, errors), errors),
            "interface" => set(&mut attr.interface, &meta, interface(&meta, errors), errors),
            "recursive" => set(&mut attr.recursive, &meta, flag(&meta, errors), errors),
            "bound" => set(&mut attr.bound, &meta, bound(&meta, errors), errors),
            "copy" => set(&mut attr.copy, &meta, alone(&meta, errors), errors),
            "view" => set(&mut attr.view, &meta, path(&meta, errors), errors),
            "skip" | "default" | "with" => {
                errors.at(
                    meta.span(),
                    "this attribute belongs on a part of the type, not on the type",
                );
            }
            _ => errors.at(
                meta.span(),
                format_args!("unknown attribute of a type; there are {CONTAINER_WORDS}"),
            ),
        }
    }
    if let (Some(span), Some(_)) = (attr.copy, &attr.view) {
        errors.at(span, "the view of a type is either a copy or another type");
    }
    attr
}

pub(super) fn variant(attrs: &[Attribute], errors: &mut Errors) -> VariantAttr {
    let mut attr = VariantAttr::default();
    for (word, meta) in pack_metas(attrs, errors) {
        match word.as_str() {
            "rename" => set(&mut attr.rename, &meta, wit_name(&meta, errors), errors),
            "skip" => set(&mut attr.skip, &meta, alone(&meta, errors), errors),
            "default" | "with" => {
                errors.at(
                    meta.span(),
                    "this attribute belongs on a field, not on a variant",
                );
            }
            other => misplaced_or_unknown(other, &meta, "variant", VARIANT_WORDS, errors),
        }
    }
    attr
}

pub(super) fn field(attrs: &[Attribute], errors: &mut Errors) -> FieldAttr {
    let mut attr = FieldAttr::default();
    for (word, meta) in pack_metas(attrs, errors) {
        match word.as_str() {
            "rename" => set(&mut attr.rename, &meta, wit_name(&meta, errors), errors),
            "skip" => set(&mut attr.skip, &meta, alone(&meta, errors), errors),
            "default" => {
                let value = match &meta {
                    Meta::Path(_) => Some((meta.span(), None)),
                    _ => path(&meta, errors).map(|path| (meta.span(), Some(path))),
                };
                set(&mut attr.default, &meta, value, errors);
            }
            "with" => set(&mut attr.with, &meta, path(&meta, errors), errors),
            other => misplaced_or_unknown(other, &meta, "field", FIELD_WORDS, errors),
        }
    }
    if let (Some((span, _)), None) = (&attr.default, attr.skip) {
        let message =
            "every field of a message is there: `default` is for fields that say `skip` too";
        errors.at(*span, message);
    }
    if let Some(skip) = attr.skip
        && (attr.rename.is_some() || attr.with.is_some())
    {
        let message = "a skipped field does not travel: it has no name and no form there";
        errors.at(skip, message);
    }
    attr
}

fn misplaced_or_unknown(word: &str, meta: &Meta, place: &str, words: &str, errors: &mut Errors) {
    match word {
        "crate" | "rename_all" | "interface" | "recursive" | "bound" | "copy" | "view" => {
            errors.at(
                meta.span(),
                "this attribute belongs on the type, not on a part of it",
            );
        }
        _ => errors.at(
            meta.span(),
            format_args!("unknown attribute of a {place}; there are {words}"),
        ),
    }
}

/// The lines of a documentation comment.
pub(crate) fn docs(attrs: &[Attribute]) -> String {
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
    comment::text(&lines.collect::<Vec<_>>().join("\n"))
}

/// Every `word` and `word = value` of the attributes, with the word.
fn pack_metas(attrs: &[Attribute], errors: &mut Errors) -> Vec<(String, Meta)> {
    let mut metas = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("pack")) {
        match attr.parse_args_with(parse_metas) {
            Ok(found) => metas.extend(found),
            Err(error) => errors.push(error),
        }
    }
    metas
}

/// Like `Punctuated<Meta, Token![,]>`, but with `crate` as a name.
fn parse_metas(input: syn::parse::ParseStream<'_>) -> syn::Result<Vec<(String, Meta)>> {
    use syn::ext::IdentExt;
    let items = Punctuated::<(String, Meta), Token![,]>::parse_terminated_with(input, |input| {
        let ident = input.call(syn::Ident::parse_any)?;
        let (word, path) = (ident.to_string(), Path::from(ident));
        if input.peek(Token![=]) {
            let eq_token = input.parse()?;
            let value = input.parse()?;
            let pair = MetaNameValue {
                path,
                eq_token,
                value,
            };
            return Ok((word, Meta::NameValue(pair)));
        }
        Ok((word, Meta::Path(path)))
    })?;
    Ok(items.into_iter().collect())
}

/// Keeps a value, unless there was none or is one already.
fn set<T>(slot: &mut Option<T>, meta: &Meta, value: Option<T>, errors: &mut Errors) {
    if let Some(value) = value
        && slot.replace(value).is_some()
    {
        errors.at(meta.span(), "this attribute is there twice");
    }
}

fn path(meta: &Meta, errors: &mut Errors) -> Option<Path> {
    if let Meta::NameValue(pair) = meta
        && let Expr::Path(path) = &pair.value
    {
        return Some(path.path.clone());
    }
    errors.at(
        meta.span(),
        "expected a path, without quotes: `… = crate::my::path`",
    );
    None
}

fn text(meta: &Meta, errors: &mut Errors) -> Option<LitStr> {
    if let Meta::NameValue(pair) = meta
        && let Expr::Lit(lit) = &pair.value
        && let Lit::Str(text) = &lit.lit
    {
        return Some(text.clone());
    }
    errors.at(meta.span(), "expected a string: `… = \"…\"`");
    None
}

fn wit_name(meta: &Meta, errors: &mut Errors) -> Option<LitStr> {
    let text = text(meta, errors)?;
    if names::is_wit_name(&text.value()) {
        return Some(text);
    }
    let message = format_args!(
        "`{}` is no WIT name: {}",
        text.value(),
        names::WIT_NAME_RULE
    );
    errors.at(text.span(), message);
    None
}

fn interface(meta: &Meta, errors: &mut Errors) -> Option<LitStr> {
    let text = text(meta, errors)?;
    if names::is_interface_name(&text.value()) {
        return Some(text);
    }
    let message = format_args!(
        "`{}` is no name of an interface: expected `namespace:package/interface@1.0.0`, the version being optional, or \
         the bare name of an interface inside the world",
        text.value()
    );
    errors.at(text.span(), message);
    None
}

fn spelling(meta: &Meta, errors: &mut Errors) -> Option<Spelling> {
    let text = text(meta, errors)?;
    let spelling = Spelling::from_word(&text.value());
    if spelling.is_none() {
        let message = format_args!(
            "a WIT name is words of one case, joined by `-`: {} are the spellings there are",
            Spelling::WORDS
        );
        errors.at(text.span(), message);
    }
    spelling
}

fn bound(meta: &Meta, errors: &mut Errors) -> Option<Vec<WherePredicate>> {
    let text = text(meta, errors)?;
    match text.parse_with(Punctuated::<WherePredicate, Token![,]>::parse_terminated) {
        Ok(predicates) => Some(predicates.into_iter().collect()),
        Err(error) => {
            errors.push(error);
            None
        }
    }
}

fn alone(meta: &Meta, errors: &mut Errors) -> Option<Span> {
    match meta.require_path_only() {
        Ok(_) => Some(meta.span()),
        Err(error) => {
            errors.push(error);
            None
        }
    }
}

fn flag(meta: &Meta, errors: &mut Errors) -> Option<bool> {
    match meta {
        Meta::Path(_) => return Some(true),
        Meta::NameValue(pair) => {
            if let Expr::Lit(lit) = &pair.value
                && let Lit::Bool(flag) = &lit.lit
            {
                return Some(flag.value);
            }
        }
        Meta::List(_) => {}
    }
    errors.at(
        meta.span(),
        "expected nothing more, or `= true` or `= false`",
    );
    None
}
