//! The options of the macros, which are calls of [`Config`]'s methods.

use std::env;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path as FilePath, PathBuf};

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::token::{Brace, Bracket};
use syn::{Attribute, Ident, LitBool, LitStr, Macro, Path, Token, braced, bracketed};

use crate::build_script::write_if_changed;
use crate::config::{Code, Ownership};
use crate::rules::Effect;
use crate::suggest::{list, nearest};
use crate::wit::Source;
use crate::{Config, Diagnostics, Generated, Mistakes, Side};

/// The argument of `pack::world!` and `pack_runtime::bindgen!`: a path, or the options of a [`Config`] in braces.
///
/// ```text
/// ("wit")
/// (env!("GREETING_PACKAGE"))                             a path from a build script
/// ({ path: "wit", world: "json-query", crate: ::my_crate::pack })
/// ({ inline: "package demo:greeting; world greeting { … }" })
/// ()                                                     the same as ("wit")
/// ```
pub struct MacroInput {
    pub(crate) config: Config,
    /// The literal the WIT comes from, or all of the macro.
    source: Span,
    /// Where each rule of the configuration stands.
    rules: Vec<Span>,
    /// Where each package stands.
    packages: Vec<Span>,
    /// Whether the code goes through a file.
    debug: bool,
}

/// The options, in the order in which messages list them.
const OPTIONS: &[&str] = &[
    "path",
    "inline",
    "world",
    "features",
    "all_features",
    "with",
    "derives",
    "attributes",
    "ownership",
    "async",
    "tracing",
    "package",
    "partial_exports",
    "debug",
    "crate",
];

/// The environment variable that turns on `debug` for all macros.
const DEBUG: &str = "PACK_DEBUG";

impl Parse for MacroInput {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut this = Self {
            config: Config::new(Source::Path(from_crate_root("wit"))),
            source: Span::call_site(),
            rules: Vec::new(),
            packages: Vec::new(),
            debug: env::var_os(DEBUG).is_some_and(|value| value == "1"),
        };
        if input.is_empty() {
            return Ok(this);
        }
        if input.peek(LitStr) || input.peek(Ident) {
            this.path(input)?;
            return Ok(this);
        }
        if !input.peek(Brace) {
            return Err(input.error("expected a path, or options in braces: `{ path: \"wit\" }`"));
        }
        let fields;
        braced!(fields in input);
        let mut seen = Vec::new();
        let mut errors: Option<syn::Error> = None;
        while !fields.is_empty() {
            if let Err(error) = this.option(&fields, &mut seen) {
                match &mut errors {
                    Some(errors) => errors.combine(error),
                    none => *none = Some(error),
                }
                skip_to_comma(&fields)?;
            }
            if !fields.is_empty() {
                fields.parse::<Token![,]>()?;
            }
        }
        errors.map_or(Ok(this), Err)
    }
}

/// What is wrong with one option says nothing of the next.
fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

/// Paths are relative to the folder of the crate's Cargo.toml.
fn from_crate_root(path: &str) -> PathBuf {
    let root = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    root.unwrap_or_default().join(path)
}

impl MacroInput {
    fn option(&mut self, input: ParseStream<'_>, seen: &mut Vec<String>) -> syn::Result<()> {
        let name = input.call(Ident::parse_any)?;
        let text = name.to_string();
        let error = |message: String| Err(syn::Error::new(name.span(), message));
        if !OPTIONS.contains(&text.as_str()) {
            let hint = match nearest(&text, OPTIONS.iter().copied()) {
                Some(near) => format!("did you mean `{near}`? There are {}", list(OPTIONS)),
                None => format!("there are {}", list(OPTIONS)),
            };
            return error(format!("unknown option `{text}`; {hint}"));
        }
        if seen.contains(&text) {
            return error(format!("`{text}` is there twice"));
        }
        if seen.iter().any(|other| {
            matches!(
                (other.as_str(), text.as_str()),
                ("path", "inline") | ("inline", "path")
            )
        }) {
            return error("either `path` or `inline`, not both".to_owned());
        }
        seen.push(text.clone());
        input.parse::<Token![:]>()?;
        match text.as_str() {
            "path" => self.path(input)?,
            "inline" => {
                let text: LitStr = input.parse()?;
                self.source = text.span();
                self.config.source = Source::Inline(text.value());
            }
            "world" => self.config.world = Some(input.parse::<LitStr>()?.value()),
            "features" => {
                let names;
                bracketed!(names in input);
                let names = Punctuated::<LitStr, Token![,]>::parse_terminated(&names)?;
                let config = self.config.clone();
                self.config = config.features(names.iter().map(LitStr::value));
            }
            "all_features" => {
                let open = input.parse::<LitBool>()?.value;
                self.config = self.config.clone().all_features(open);
            }
            "with" => self.entries(input, |value| {
                let path: Path = value.parse()?;
                Ok(vec![Effect::With(Code::Tokens(path.into_token_stream()))])
            })?,
            "derives" => self.entries(input, |value| {
                let paths;
                bracketed!(paths in value);
                let paths = Punctuated::<Path, Token![,]>::parse_terminated(&paths)?;
                let effect = |path: Path| Effect::Derive(Code::Tokens(path.into_token_stream()));
                Ok(paths.into_iter().map(effect).collect())
            })?,
            "attributes" => self.entries(input, |value| {
                let attributes = Attribute::parse_outer(value)?;
                Ok(vec![Effect::Attributes(Code::Tokens(
                    quote!(#(#attributes)*),
                ))])
            })?,
            "ownership" => {
                let value: LitStr = input.parse()?;
                self.config.ownership = match value.value().as_str() {
                    "borrowed" => Ownership::Borrowed,
                    "owned" => Ownership::Owned,
                    _ => {
                        let message = "expected `\"borrowed\"` or `\"owned\"`";
                        return Err(syn::Error::new(value.span(), message));
                    }
                };
            }
            "async" => self.config.is_async = input.parse::<LitBool>()?.value,
            "package" if input.peek(Bracket) => {
                let packages;
                bracketed!(packages in input);
                while !packages.is_empty() {
                    self.package(&packages)?;
                    if !packages.is_empty() {
                        packages.parse::<Token![,]>()?;
                    }
                }
            }
            "package" => self.package(input)?,
            "partial_exports" => self.config.partial_exports = input.parse::<LitBool>()?.value,
            "tracing" => self.config.tracing = input.parse::<LitBool>()?.value,
            "debug" => self.debug |= input.parse::<LitBool>()?.value,
            // "crate"
            _ => {
                let path: Path = input.parse()?;
                self.config.facade = Some(Code::Tokens(path.into_token_stream()));
            }
        }
        Ok(())
    }

    fn path(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let (path, span) = file_path(input)?;
        self.source = span;
        self.config.source = Source::Path(path);
        Ok(())
    }

    fn package(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let (path, span) = file_path(input)?;
        self.packages.push(span);
        self.config.packages.push(path);
        Ok(())
    }

    /// `{ "key": value, … }`
    fn entries(
        &mut self,
        input: ParseStream<'_>,
        value: impl Fn(ParseStream<'_>) -> syn::Result<Vec<Effect>>,
    ) -> syn::Result<()> {
        let entries;
        braced!(entries in input);
        while !entries.is_empty() {
            let key: LitStr = entries.parse()?;
            entries.parse::<Token![:]>()?;
            for effect in value(&entries)? {
                self.rules.push(key.span());
                self.config = self.config.clone().rule(key.value(), effect);
            }
            if !entries.is_empty() {
                entries.parse::<Token![,]>()?;
            }
        }
        Ok(())
    }
}

/// `"path"`, or `env!("NAME")` for a path that a build script has put into a variable.
fn file_path(input: ParseStream<'_>) -> syn::Result<(PathBuf, Span)> {
    if input.peek(LitStr) {
        let path: LitStr = input.parse()?;
        return Ok((from_crate_root(&path.value()), path.span()));
    }
    let call: Macro = input.parse().map_err(|error| {
        syn::Error::new(error.span(), "expected `\"path\"` or `env!(\"NAME\")`")
    })?;
    if !call.path.is_ident("env") {
        let message = "of macros there is only `env!(\"NAME\")` here";
        return Err(syn::Error::new_spanned(call.path, message));
    }
    let name: LitStr = call.parse_body()?;
    let path = env::var(name.value()).map_err(|_| {
        let message = format!(
            "the variable `{}` is not set: does a build script print `cargo::rustc-env={0}=…`?",
            name.value()
        );
        syn::Error::new(name.span(), message)
    })?;
    Ok((from_crate_root(&path), name.span()))
}

impl MacroInput {
    /// The code the macro stands for. `debug_folder` is where code goes that is to be read, unless cargo says better.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the WIT, as one error on the argument that led to it; and with single options,
    /// each at its place.
    pub fn expand(&self, side: Side, debug_folder: &str) -> syn::Result<TokenStream> {
        let generated = self.config.generate_or(side);
        let generated = generated.map_err(|mistakes| self.error(mistakes))?;
        // Makes the compiler run the macro again when a file or the variable changes.
        let files = generated
            .files
            .iter()
            .map(|path| path.to_string_lossy().into_owned());
        let tokens = match self.debug {
            true => {
                let through_file = through_file(&generated, debug_folder);
                through_file.map_err(|mistakes| self.error(mistakes))?
            }
            false => generated.tokens.clone(),
        };
        Ok(quote! {
            #tokens
            #(const _: &[::core::primitive::u8] = ::core::include_bytes!(#files);)*
            const _: ::core::option::Option<&::core::primitive::str> = ::core::option_env!(#DEBUG);
        })
    }

    fn error(&self, mistakes: Mistakes) -> syn::Error {
        let Mistakes {
            wit,
            rules,
            packages,
        } = mistakes;
        let wit =
            (!wit.is_empty()).then(|| syn::Error::new(self.source, Diagnostics::from_iter(wit)));
        let rules = rules.into_iter().map(|(at, mistake)| {
            let span = self.rules.get(at).copied().unwrap_or(self.source);
            syn::Error::new(span, mistake)
        });
        let packages = self.packages.iter().enumerate().filter_map(|(at, span)| {
            let of_this = packages.iter().filter(|(which, _)| *which == at);
            let of_this: Diagnostics = of_this.map(|(_, mistake)| mistake.clone()).collect();
            (of_this.iter().len() > 0).then(|| syn::Error::new(*span, of_this))
        });
        let all = wit
            .into_iter()
            .chain(rules)
            .chain(packages)
            .reduce(|mut all, error| {
                all.combine(error);
                all
            });
        all.unwrap_or_else(|| syn::Error::new(self.source, "no code could be generated"))
    }
}

/// Writes the code to a file, and includes that. The name goes by the content, so that neither several macros nor
/// several compilers are in each other's way.
fn through_file(generated: &Generated, folder: &str) -> Result<TokenStream, Mistakes> {
    let source = generated.to_source()?;
    if source.contains("$crate") {
        // A path from a `macro_rules!`, which only the compiler knows: it cannot be written down.
        return Ok(generated.tokens.clone());
    }
    let mut hasher = DefaultHasher::new();
    source.hash(&mut hasher);
    let name = env::var("CARGO_CRATE_NAME").unwrap_or_default();
    let out_dir = env::var("OUT_DIR");
    let folder = FilePath::new(out_dir.as_deref().unwrap_or(folder));
    let file = folder.join(format!("{name}-{:016x}.rs", hasher.finish()));
    write_if_changed(&file, &source)?;
    let file = file.to_string_lossy();
    Ok(quote!(::core::include!(#file);))
}
