//! What `pack::world!` tells the attribute about one interface, inside the macro it leaves for it.

use pack_abi::schema::{FunctionKind, ROOT, core_export_name};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::{LitStr, Path, Token, braced, parenthesized};

use crate::names;

/// What an export trait stands for: the functions of an interface, or those of a resource.
///
/// ```text
/// ::pack::__private, "demo:greeting/greeter", {
///     "greet" greet greet("name": "string" as "String" | "&str") -> "string" as "String" | "&str", (i32, i32) -> i64,
///         "wit/greeting.wit:4";
/// } { }
/// ```
#[derive(Debug)]
pub(crate) struct Exports {
    /// The hidden module of the facade crate.
    pub(crate) private: TokenStream,
    /// The name in the schema.
    pub(crate) interface: String,
    /// The resource, if the functions are those of one.
    pub(crate) resource: Option<String>,
    pub(crate) functions: Vec<Function>,
    /// Where the world's other functions are, for who looks for one among the world's own.
    pub(crate) elsewhere: Vec<Elsewhere>,
}

/// A function as WIT declares it.
#[derive(Debug)]
pub(crate) struct Function {
    /// The name in the schema.
    pub(crate) name: String,
    /// The Rust name in its trait.
    pub(crate) ident: Ident,
    /// The Rust name among all functions of the interface.
    pub(crate) flat: Ident,
    /// Without the resource whose method it is.
    pub(crate) params: Vec<(String, Words)>,
    pub(crate) result: Option<Words>,
    pub(crate) core_params: Vec<Ident>,
    pub(crate) core_result: Option<Ident>,
    /// The file and the line.
    pub(crate) place: String,
}

/// A type in words.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    pub(crate) wit: String,
    pub(crate) rust: String,
    /// What it may be instead, where a function is exported on its own.
    pub(crate) borrowed: Vec<String>,
}

/// An interface, as one that has not been asked for.
#[derive(Debug)]
pub(crate) struct Elsewhere {
    /// The path of its module in `exports`.
    pub(crate) module: String,
    /// Rust names.
    pub(crate) functions: Vec<String>,
}

impl Exports {
    /// The function of a Rust name.
    pub(super) fn function(&self, ident: &Ident) -> Option<&Function> {
        self.functions
            .iter()
            .find(|function| function.ident == *ident)
    }

    pub(super) fn idents(&self) -> impl Iterator<Item = Ident> {
        self.functions.iter().map(|function| function.ident.clone())
    }

    pub(crate) fn is_world(&self) -> bool {
        self.interface == ROOT && self.resource.is_none()
    }

    /// The name of the core export.
    pub(super) fn symbol(&self, function: &Function) -> String {
        core_export_name(&self.interface, &function.name)
    }

    /// The declaration of a function, with where it is.
    pub(crate) fn wit_line(&self, function: &Function) -> String {
        let export = if self.is_world() { "export " } else { "" };
        let params: Vec<_> = function
            .params
            .iter()
            .map(|(name, words)| format!("{name}: {}", words.wit))
            .collect();
        let params = params.join(", ");
        let result = function.result.as_ref();
        let result = result.map_or(String::new(), |words| format!(" -> {}", words.wit));
        let declaration = match function.kind() {
            FunctionKind::Free => format!("{}: func({params}){result}", function.name),
            FunctionKind::Method { name, .. } => format!("{name}: func({params}){result}"),
            FunctionKind::Static { name, .. } => format!("{name}: static func({params}){result}"),
            FunctionKind::Constructor { .. } => {
                // What every constructor returns is not written down.
                let is_plain = function
                    .result
                    .as_ref()
                    .is_some_and(|words| words.rust == "Self");
                let result = if is_plain { "" } else { &result };
                format!("constructor({params}){result}")
            }
        };
        format!("{}: {export}{declaration}", function.place)
    }
}

impl Function {
    pub(super) fn kind(&self) -> FunctionKind<'_> {
        FunctionKind::of(&self.name)
    }

    /// Whether it is called on a resource.
    pub(super) fn has_receiver(&self) -> bool {
        matches!(self.kind(), FunctionKind::Method { .. })
    }

    /// The signature in Rust.
    pub(crate) fn rust_signature(&self) -> String {
        let params = self
            .params
            .iter()
            .map(|(name, words)| format!("{}: {}", names::value_ident(name), words.rust));
        let receiver = self.has_receiver().then(|| "&self".to_owned());
        let params: Vec<_> = receiver.into_iter().chain(params).collect();
        let result = self.result.as_ref();
        format!(
            "fn {}({}){}",
            self.ident,
            params.join(", "),
            result.map_or(String::new(), |words| format!(" -> {}", words.rust)),
        )
    }

    /// The name under which the hidden trait of the interface has the type of a parameter.
    pub(crate) fn param_type(&self, at: usize) -> Ident {
        format_ident!("{}__{at}", self.flat)
    }

    /// What of it may be borrowed.
    pub(crate) fn borrowable(&self) -> impl Iterator<Item = &Words> {
        let params = self.params.iter().map(|(_, words)| words);
        params
            .chain(&self.result)
            .filter(|words| !words.borrowed.is_empty())
    }

    /// The name under which it has what the type of that name may be borrowed as: the first of such types, or another.
    pub(crate) fn borrowed_type(owned: &Ident, at: usize) -> Ident {
        match at {
            0 => format_ident!("{owned}__ref"),
            _ => format_ident!("{owned}__ref{at}"),
        }
    }

    /// The name under which the hidden trait of the interface has the type of the result.
    pub(crate) fn result_type(&self) -> Ident {
        format_ident!("{}__return", self.flat)
    }
}

impl ToTokens for Exports {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            private,
            interface,
            resource,
            functions,
            elsewhere,
        } = self;
        let resource = resource.iter();
        tokens.extend(quote! {
            #private, #interface, #(#resource)* { #(#functions)* } { #(#elsewhere)* }
        });
    }
}

impl Parse for Exports {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let private = input.call(Path::parse_mod_style)?.into_token_stream();
        input.parse::<Token![,]>()?;
        let interface = text(input)?;
        input.parse::<Token![,]>()?;
        let resource = input.parse::<Option<LitStr>>()?;
        let (functions, elsewhere);
        braced!(functions in input);
        braced!(elsewhere in input);
        Ok(Self {
            private,
            interface,
            resource: resource.map(|resource| resource.value()),
            functions: all(&functions)?,
            elsewhere: all(&elsewhere)?,
        })
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            name,
            ident,
            flat,
            place,
            core_params,
            ..
        } = self;
        let params = self
            .params
            .iter()
            .map(|(name, words)| quote!(#name: #words));
        let result = self.result.iter();
        let core_result = self.core_result.iter();
        tokens.extend(quote! {
            #name #ident #flat(#(#params),*) #(-> #result)*, (#(#core_params),*) #(-> #core_result)*, #place;
        });
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = text(input)?;
        let (ident, flat) = (input.parse()?, input.parse()?);
        let params = list(input, |input| {
            let name = text(input)?;
            input.parse::<Token![:]>()?;
            Ok((name, input.parse()?))
        })?;
        let result = after_arrow(input)?;
        input.parse::<Token![,]>()?;
        let core_params = list(input, Ident::parse)?;
        let core_result = after_arrow(input)?;
        input.parse::<Token![,]>()?;
        let place = text(input)?;
        input.parse::<Token![;]>()?;
        Ok(Self {
            name,
            ident,
            flat,
            params,
            result,
            core_params,
            core_result,
            place,
        })
    }
}

impl ToTokens for Words {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            wit,
            rust,
            borrowed,
        } = self;
        let borrowed = borrowed.iter();
        tokens.extend(quote!(#wit as #rust #(| #borrowed)*));
    }
}

impl Parse for Words {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let wit = text(input)?;
        input.parse::<Token![as]>()?;
        let rust = text(input)?;
        let mut borrowed = Vec::new();
        while input.parse::<Option<Token![|]>>()?.is_some() {
            borrowed.push(text(input)?);
        }
        Ok(Self {
            wit,
            rust,
            borrowed,
        })
    }
}

impl ToTokens for Elsewhere {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { module, functions } = self;
        tokens.extend(quote!(#module(#(#functions),*)));
    }
}

impl Parse for Elsewhere {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            module: text(input)?,
            functions: list(input, text)?,
        })
    }
}

fn text(input: ParseStream<'_>) -> syn::Result<String> {
    Ok(input.parse::<LitStr>()?.value())
}

fn all<T: Parse>(input: ParseStream<'_>) -> syn::Result<Vec<T>> {
    let mut items = Vec::new();
    while !input.is_empty() {
        items.push(input.parse()?);
    }
    Ok(items)
}

fn list<T>(
    input: ParseStream<'_>,
    item: impl Fn(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<Vec<T>> {
    let content;
    parenthesized!(content in input);
    let mut items = Vec::new();
    while !content.is_empty() {
        items.push(item(&content)?);
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    Ok(items)
}

fn after_arrow<T: Parse>(input: ParseStream<'_>) -> syn::Result<Option<T>> {
    let arrow = input.parse::<Option<Token![->]>>()?;
    arrow.map(|_| input.parse()).transpose()
}
