//! The options of the macros, which are calls of [`Config`]'s methods.

use std::env;
use std::fmt::Display;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path as FilePath, PathBuf};

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseBuffer, ParseStream};
use syn::punctuated::Punctuated;
use syn::token::{Brace, Bracket};
use syn::{Attribute, Ident, LitBool, LitStr, Macro, Path, Token, braced, bracketed};

use crate::build_script::write_if_changed;
use crate::config::{Code, Ownership};
use crate::rules::Effect;
use crate::stand_in::stand_in;
use crate::suggest::{list, nearest};
use crate::wit::Source;
use crate::{Config, Diagnostics, Generated, Mistakes, Side, Subject};

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
    config: Config,
    /// What was written of each thing that mistakes can be about.
    places: Vec<(Subject, TokenStream)>,
    /// The environment variables that were read.
    variables: Vec<String>,
    /// Whether the code goes through a file.
    debug: bool,
}

/// The options, in the order in which messages list them, each with an example.
const OPTIONS: &[(&str, &str)] = &[
    ("path", r#"path: "wit""#),
    (
        "inline",
        r#"inline: "package demo:greeting; world greeting {}""#,
    ),
    ("world", r#"world: "json-query""#),
    ("features", r#"features: ["fast-lane"]"#),
    ("all_features", "all_features: true"),
    ("with", r#"with: { "demo:types/shapes": crate::shapes }"#),
    ("derives", r#"derives: { "*": [serde::Serialize] }"#),
    ("attributes", r#"attributes: { "point": #[repr(C)] }"#),
    ("ownership", r#"ownership: "owned""#),
    ("async", "async: true"),
    ("tracing", "tracing: true"),
    ("fallible_imports", "fallible_imports: true"),
    ("views", r#"views: ["run"]"#),
    ("package", r#"package: env!("GREETING_PACKAGE")"#),
    ("partial_exports", "partial_exports: true"),
    ("debug", "debug: true"),
    ("crate", "crate: ::my_crate::pack"),
];

/// What is wrong with one option.
enum Wrong {
    /// It is written in another form than the option has.
    Form(syn::Error),
    /// What it says; the message is complete.
    Value(syn::Error),
}

impl From<syn::Error> for Wrong {
    fn from(error: syn::Error) -> Self {
        Self::Form(error)
    }
}

impl Wrong {
    fn value(span: Span, message: impl Display) -> Self {
        Self::Value(syn::Error::new(span, message))
    }

    fn into_error(self, example: &str) -> syn::Error {
        match self {
            Self::Value(error) => error,
            Self::Form(error) => {
                syn::Error::new(error.span(), format!("{error}, as in `{example}`"))
            }
        }
    }
}

/// The environment variable that turns on `debug` for all macros.
const DEBUG: &str = "PACK_DEBUG";

impl Parse for MacroInput {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut this = Self {
            config: Config::new(Source::Path(from_crate_root("wit"))),
            places: Vec::new(),
            variables: Vec::new(),
            debug: env::var_os(DEBUG).is_some_and(|value| value == "1"),
        };
        if input.is_empty() {
            return Ok(this);
        }
        if input.peek(LitStr) || input.peek(Ident) {
            let path = this.path(input);
            path.map_err(|wrong| wrong.into_error("\"wit\""))?;
            if !input.is_empty() {
                let message = "with options, the path is one of them: `{ path: \"wit\", … }`";
                return Err(input.error(message));
            }
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

/// Where the brackets are, and what is in them.
fn in_brackets<'a>(input: &ParseBuffer<'a>) -> syn::Result<(Span, ParseBuffer<'a>)> {
    let content;
    let brackets = bracketed!(content in input);
    Ok((brackets.span.join(), content))
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
        let Some((_, example)) = OPTIONS.iter().find(|(known, _)| *known == text) else {
            let known = || OPTIONS.iter().map(|(known, _)| *known);
            let hint = match nearest(&text, known()) {
                Some(near) => format!("did you mean `{near}`? There are {}", list(known())),
                None => format!("there are {}", list(known())),
            };
            return error(format!("unknown option `{text}`; {hint}"));
        };
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
        seen.push(text);
        self.value(&name, input)
            .map_err(|wrong| wrong.into_error(example))
    }

    fn value(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<(), Wrong> {
        input.parse::<Token![:]>()?;
        match name.to_string().as_str() {
            "path" => self.path(input)?,
            "inline" => {
                let text: LitStr = input.parse()?;
                self.place(Subject::Wit, &text);
                self.config.source = Source::Inline(text.value());
            }
            "world" => {
                let world: LitStr = input.parse()?;
                self.place(Subject::World, &world);
                self.config.world = Some(world.value());
            }
            "features" => {
                let (_, names) = in_brackets(input)?;
                let names = Punctuated::<LitStr, Token![,]>::parse_terminated(&names)?;
                for (at, name) in names.iter().enumerate() {
                    self.place(Subject::Feature(at), name);
                }
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
                let (_, paths) = in_brackets(value)?;
                let paths = Punctuated::<Path, Token![,]>::parse_terminated(&paths)?;
                let effect = |path: Path| Effect::Derive(Code::Tokens(path.into_token_stream()));
                Ok(paths.into_iter().map(effect).collect())
            })?,
            "attributes" => self.entries(input, |value| {
                if !value.peek(Token![#]) {
                    return Err(value.error("expected attributes"));
                }
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
                        return Err(Wrong::value(value.span(), message));
                    }
                };
            }
            "async" => {
                self.place(Subject::Async, name);
                self.config.is_async = input.parse::<LitBool>()?.value;
            }
            "package" if input.peek(Bracket) => {
                let (span, packages) = in_brackets(input)?;
                if packages.is_empty() {
                    let message = "`package` names none: leave it out, or name packages";
                    return Err(Wrong::value(span, message));
                }
                while !packages.is_empty() {
                    self.package(&packages)?;
                    if !packages.is_empty() {
                        packages.parse::<Token![,]>()?;
                    }
                }
            }
            "package" => self.package(input)?,
            "partial_exports" => {
                self.place(Subject::PartialExports, name);
                self.config.partial_exports = input.parse::<LitBool>()?.value;
            }
            "fallible_imports" => {
                self.place(Subject::FallibleImports, name);
                self.config.fallible_imports = input.parse::<LitBool>()?.value;
            }
            "views" => {
                let (_, names) = in_brackets(input)?;
                let names = Punctuated::<LitStr, Token![,]>::parse_terminated(&names)?;
                for (at, name) in names.iter().enumerate() {
                    self.place(Subject::View(at), name);
                }
                let config = self.config.clone();
                self.config = config.views(names.iter().map(LitStr::value));
            }
            "tracing" => self.config.tracing = input.parse::<LitBool>()?.value,
            "debug" => self.debug |= input.parse::<LitBool>()?.value,
            // "crate"
            _ => {
                let path: Path = input.parse()?;
                self.place(Subject::Crate, &path);
                self.config.facade = Some(Code::Tokens(path.into_token_stream()));
            }
        }
        Ok(())
    }

    fn place(&mut self, subject: Subject, tokens: &impl ToTokens) {
        self.places.push((subject, tokens.to_token_stream()));
    }

    fn path(&mut self, input: ParseStream<'_>) -> Result<(), Wrong> {
        let path = self.file(input, Subject::Wit)?;
        self.config.source = Source::Path(path);
        Ok(())
    }

    fn package(&mut self, input: ParseStream<'_>) -> Result<(), Wrong> {
        let path = self.file(input, Subject::Package(self.config.packages.len()))?;
        self.config.packages.push(path);
        Ok(())
    }

    /// `"path"`, or `env!("NAME")` for a path that a build script has put into a variable.
    fn file(&mut self, input: ParseStream<'_>, subject: Subject) -> Result<PathBuf, Wrong> {
        if input.peek(LitStr) {
            let path: LitStr = input.parse()?;
            self.place(subject, &path);
            return Ok(from_crate_root(&path.value()));
        }
        if input.peek(Ident) && !input.peek2(Token![!]) && !input.peek2(Token![::]) {
            let name: Ident = input.parse()?;
            let message = format!("expected `\"{name}\"`, in quotation marks, or `env!(\"NAME\")`");
            return Err(Wrong::value(name.span(), message));
        }
        let call: Macro = input.parse().map_err(|error| {
            Wrong::value(error.span(), "expected `\"path\"` or `env!(\"NAME\")`")
        })?;
        if !call.path.is_ident("env") {
            let message = "of macros there is only `env!(\"NAME\")` here";
            return Err(Wrong::Value(syn::Error::new_spanned(call.path, message)));
        }
        let name: LitStr = call.parse_body().map_err(|error| {
            Wrong::value(
                error.span(),
                "expected the name of a variable: `env!(\"NAME\")`",
            )
        })?;
        let variable = name.value();
        let Ok(path) = env::var(&variable) else {
            let message = format!(
                "the variable `{variable}` is not set: does a build script print \
                 `cargo::rustc-env={variable}=…`?"
            );
            return Err(Wrong::value(name.span(), message));
        };
        self.place(subject, &name);
        self.variables.push(variable);
        Ok(from_crate_root(&path))
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
                self.place(Subject::Rule(self.config.rules.len()), &key);
                self.config = self.config.clone().rule(key.value(), effect);
            }
            if !entries.is_empty() {
                entries.parse::<Token![,]>()?;
            }
        }
        Ok(())
    }
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
        // Makes the compiler run the macro again when a file or a variable changes.
        let variables = self.variables.iter().map(String::as_str).chain([DEBUG]);
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
            #(const _: ::core::option::Option<&::core::primitive::str> = ::core::option_env!(#variables);)*
        })
    }

    /// What stands for the code if there is an error: the error, and for a guest, names that lead to no further ones.
    pub fn expand_error(&self, side: Side, error: &syn::Error) -> TokenStream {
        match side {
            Side::Guest => stand_in(&self.config.source, error),
            Side::Host => error.to_compile_error(),
        }
    }

    /// One error for each thing that something is wrong with, where that was written.
    fn error(&self, Mistakes(mistakes): Mistakes) -> syn::Error {
        let mut subjects: Vec<Subject> = Vec::new();
        for (subject, _) in &mistakes {
            if !subjects.contains(subject) {
                subjects.push(*subject);
            }
        }
        let errors = subjects.into_iter().map(|subject| {
            let of_it = mistakes.iter().filter(|(other, _)| *other == subject);
            let of_it: Diagnostics = of_it.map(|(_, mistake)| mistake.clone()).collect();
            syn::Error::new_spanned(self.written(subject), of_it)
        });
        let all = errors.reduce(|mut all, error| {
            all.combine(error);
            all
        });
        all.unwrap_or_else(|| {
            syn::Error::new_spanned(self.written(Subject::Wit), "no code could be generated")
        })
    }

    /// What was written of something; nothing, which stands for all of the macro, if it was left out.
    fn written(&self, subject: Subject) -> TokenStream {
        let places = [subject, Subject::Wit].map(|subject| {
            let mut places = self.places.iter();
            places.find(|(of, _)| *of == subject)
        });
        let place = places.into_iter().flatten().next();
        place.map_or_else(TokenStream::new, |(_, tokens)| tokens.clone())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The macros for hosts; for guests see the tests of `pack-macros`.
    #[test]
    fn mistakes_are_where_the_options_are() {
        let cases = [
            (
                "partial_exports: true",
                "partial_exports",
                "`partial_exports` is for guests",
            ),
            ("world: \"v\"", "\"v\"", "there is no world `v`"),
            (
                "features: [\"x\"]",
                "\"x\"",
                "no gate `@unstable(feature = …)` of the WIT is for `x`",
            ),
            (
                "package: [\"a.wasm\", \"b.wasm\"]",
                "\"a.wasm\"",
                "cannot read the package a.wasm",
            ),
            (
                "crate: a::<u8>",
                "a::<u8>",
                "the crate path `a :: < u8 >` is not a path",
            ),
        ];
        for (option, place, message) in cases {
            let text = format!("{{ inline: \"package a:b; world w {{}}\", {option} }}");
            let input: MacroInput = syn::parse_str(&text).unwrap();
            let error = input.expand(Side::Host, "").unwrap_err();
            let error = error.into_iter().next().unwrap();
            assert!(error.to_string().contains(message), "{option}: {error}");
            assert_eq!(
                error.span().source_text().as_deref(),
                Some(place),
                "{option}"
            );
        }
    }

    #[test]
    fn the_compiler_knows_the_variables() {
        // Cargo sets it.
        let text = "{ inline: \"package a:b; world w {}\", package: env!(\"CARGO_PKG_NAME\") }";
        let mut input: MacroInput = syn::parse_str(text).unwrap();
        input.config.packages.clear();
        let tokens = input.expand(Side::Host, "").unwrap().to_string();
        assert!(
            tokens.contains("option_env ! (\"CARGO_PKG_NAME\")"),
            "{tokens}"
        );
        assert!(tokens.contains("option_env ! (\"PACK_DEBUG\")"), "{tokens}");
    }
}
