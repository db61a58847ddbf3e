use std::path::PathBuf;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, LitStr, Path, Token, braced};

use crate::{Config, Side};

/// The argument of `pack::world!` and `pack_runtime::bindgen!`:
///
/// ```text
/// ("wit")
/// ({ path: "wit", world: "json-query", crate: ::my_crate::pack })
/// ({ inline: "package demo:greeting; world greeting { … }" })
/// ()                                                     the same as ("wit")
/// ```
#[derive(Default)]
pub struct MacroInput {
    path: Option<LitStr>,
    inline: Option<LitStr>,
    world: Option<LitStr>,
    facade: Option<Path>,
}

impl Parse for MacroInput {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut this = Self::default();
        if input.is_empty() {
            return Ok(this);
        }
        if input.peek(LitStr) {
            this.path = Some(input.parse()?);
            return Ok(this);
        }
        let fields;
        braced!(fields in input);
        while !fields.is_empty() {
            this.field(&fields)?;
            if !fields.is_empty() {
                fields.parse::<Token![,]>()?;
            }
        }
        if let (Some(_), Some(inline)) = (&this.path, &this.inline) {
            return Err(syn::Error::new(
                inline.span(),
                "either `path` or `inline`, not both",
            ));
        }
        Ok(this)
    }
}

impl MacroInput {
    fn field(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let name = input.call(Ident::parse_any)?;
        input.parse::<Token![:]>()?;
        let fresh = match name.to_string().as_str() {
            "path" => self.path.replace(input.parse()?).is_none(),
            "inline" => self.inline.replace(input.parse()?).is_none(),
            "world" => self.world.replace(input.parse()?).is_none(),
            "crate" => self.facade.replace(input.parse()?).is_none(),
            other => {
                let message = format!(
                    "unknown option `{other}`; there are `path`, `inline`, `world` and `crate`"
                );
                return Err(syn::Error::new(name.span(), message));
            }
        };
        if fresh {
            return Ok(());
        }
        Err(syn::Error::new(
            name.span(),
            format!("`{name}` is there twice"),
        ))
    }

    /// The code the macro stands for. Paths are relative to the folder of the crate's Cargo.toml.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the WIT, as one error on the argument that led to it.
    pub fn expand(&self, side: Side) -> syn::Result<TokenStream> {
        let origin = self.path.as_ref().or(self.inline.as_ref());
        let mut config = match (&self.path, &self.inline) {
            (_, Some(text)) => Config::inline(text.value()),
            (path, None) => {
                let path = path
                    .as_ref()
                    .map_or_else(|| "wit".to_owned(), LitStr::value);
                let root = std::env::var_os("CARGO_MANIFEST_DIR")
                    .map(PathBuf::from)
                    .unwrap_or_default();
                Config::path(root.join(path))
            }
        };
        if let Some(world) = &self.world {
            config = config.world(world.value());
        }
        if let Some(facade) = &self.facade {
            config = config.crate_path(facade.to_token_stream().to_string());
        }
        let generated = config.generate(side).map_err(|diagnostics| {
            let span = origin.map_or_else(Span::call_site, LitStr::span);
            syn::Error::new(span, diagnostics)
        })?;
        // Makes the compiler run the macro again when a file changes.
        let files = generated
            .files
            .iter()
            .map(|path| path.to_string_lossy().into_owned());
        let tokens = generated.tokens;
        Ok(quote! {
            #tokens
            #(const _: &[::core::primitive::u8] = ::core::include_bytes!(#files);)*
        })
    }
}
