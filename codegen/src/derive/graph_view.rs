use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Generics, Member, Path, Visibility};

use super::ast::{Case, Field, Fields, Input, Payload, Shape};
use super::graph_value::{build, discriminant, function, numbered};
use super::params;

/// ```text
/// pub struct PersonRef<'a> { pub name: <String as GraphView>::Ref<'a>, … }
/// impl GraphView for Person {
///     type Ref<'a> = PersonRef<'a>;
///     fn check(decoder: &mut Decoder<'_>) -> Result<(), DecodeError> { … }
///     fn read<'a>(cursor: &mut Cursor<'a>, last: bool) -> PersonRef<'a> { … }
///     fn skip(cursor: &mut Cursor<'_>) { … }
///     fn to_owned(view: PersonRef<'_>) -> Self { … }
///     fn encode_view<S: Sink>(view: PersonRef<'_>, encoder: &mut Encoder<S>) { … }
/// }
/// impl PersonRef<'_> { pub fn to_owned(self) -> Person { … } }
/// ```
pub(super) struct Expansion {
    /// What stands beside the type.
    pub(super) definition: TokenStream,
    /// The implementations, which are by themselves.
    pub(super) implementations: TokenStream,
}

/// # Errors
///
/// If the type has fields that are converted.
pub(super) fn expand(input: &Input<'_>, private: &TokenStream) -> syn::Result<Expansion> {
    if let Some(module) = input.shape.converted() {
        let message = "a field that is converted is not in the message, so that a type that has one has no view";
        return Err(syn::Error::new_spanned(module, message));
    }
    if input.attr.copy.is_some() || matches!(input.shape, Shape::Enum(_)) {
        return Ok(Expansion {
            definition: TokenStream::new(),
            implementations: copied(input),
        });
    }
    if let Shape::Record(fields) | Shape::Tuple(fields) = &input.shape
        && fields.sent.is_empty()
    {
        return Ok(Expansion {
            definition: TokenStream::new(),
            implementations: empty(input, fields),
        });
    }
    if let Some(param) = unused(input) {
        let message = format!(
            "no field that travels has `{param}` in its type, so that the view would have no use for it\n  help: write the \
             view yourself, and name it by `#[pack(view = Name)]`"
        );
        return Err(syn::Error::new(param.span(), message));
    }
    let view = View::new(input);
    let definition = match &input.attr.view {
        Some(_) => TokenStream::new(),
        None => view.definition(private),
    };
    Ok(Expansion {
        definition,
        implementations: view.implementations(),
    })
}

/// A parameter that no part is made of. Rust has no types with such parameters.
fn unused(input: &Input<'_>) -> Option<Ident> {
    let used = &input.params;
    let is_used = |param: &Ident| {
        let mut paths = used.projections.iter().map(|path| &path.path);
        used.types.contains(param) || paths.any(|path| params::begins_with(path, param))
    };
    let mut declared = input.generics.type_params().map(|param| &param.ident);
    let is_meant = input.attr.view.is_none();
    declared.find(|param| is_meant && !is_used(param)).cloned()
}

/// Of a type that is its own view.
fn copied(input: &Input<'_>) -> TokenStream {
    let this = &input.this;
    let generics = input.making_generics(&quote!(__pack::GraphView));
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics __pack::GraphView for #this #where_clause {
            type Ref<'__a> = Self;
            const HAS_NODES: __pack::primitive::bool = false;

            #[inline]
            fn check(
                __decoder: &mut __pack::Decoder<'_>,
            ) -> __pack::Result<(), __pack::DecodeError> {
                __pack::check_copied::<Self>(__decoder)
            }

            #[inline]
            fn read(__cursor: &mut __pack::Cursor<'_>, _: __pack::primitive::bool) -> Self {
                __cursor.copied()
            }

            #[inline]
            fn read_fixed(__bytes: &[__pack::primitive::u8], __cursor: __pack::Cursor<'_>) -> Self {
                __pack::copied_fixed(__bytes, __cursor)
            }

            #[inline]
            fn to_owned(__view: Self) -> Self {
                __view
            }
        }
    }
}

/// Of a struct of which nothing travels. It has no view to speak of.
fn empty(input: &Input<'_>, fields: &Fields) -> TokenStream {
    let this = &input.this;
    let generics = input.making_generics(&quote!(__pack::GraphView));
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let made = build(&quote!(Self), fields, |_| TokenStream::new());
    quote! {
        #[automatically_derived]
        impl #impl_generics __pack::GraphView for #this #where_clause {
            type Ref<'__a> = ();
            const HAS_NODES: __pack::primitive::bool = false;

            #[inline]
            fn check(_: &mut __pack::Decoder<'_>) -> __pack::Result<(), __pack::DecodeError> {
                __pack::Ok(())
            }

            #[inline]
            fn read(_: &mut __pack::Cursor<'_>, _: __pack::primitive::bool) {}

            #[inline]
            fn to_owned((): ()) -> Self {
                #made
            }
        }
    }
}

struct View<'i, 'a> {
    input: &'i Input<'a>,
    /// The type.
    path: Path,
    /// Its generics, and those of everything that is implemented for it.
    generics: Generics,
}

impl<'i, 'a> View<'i, 'a> {
    fn new(input: &'i Input<'a>) -> Self {
        let path = input.attr.view.clone();
        let path = path.unwrap_or_else(|| format_ident!("{}Ref", input.ident).into());
        let mut generics = input.making_generics(&quote!(__pack::GraphView));
        generics.params.insert(0, syn::parse_quote!('__a));
        Self {
            input,
            path,
            generics,
        }
    }

    /// The type with its parameters, of which the lifetime is this one.
    fn with(&self, lifetime: &TokenStream) -> TokenStream {
        let (path, arguments) = (&self.path, params::arguments(self.input.generics));
        let arguments = arguments.into_iter().collect::<Vec<_>>();
        // Without the brackets.
        let inner = arguments
            .get(1..arguments.len().saturating_sub(1))
            .unwrap_or_default();
        quote!(#path<#lifetime, #(#inner)*>)
    }

    fn definition(&self, private: &TokenStream) -> TokenStream {
        let Input {
            vis, ident, shape, ..
        } = self.input;
        let (path, generics) = (&self.path, &self.generics);
        let renamed = renamed(generics, private);
        let (params, _, where_clause) = renamed.split_for_impl();
        let docs = format!(" A [`{ident}`] where it lies in a message.");
        let fields = |fields: &Fields, is_case: bool| {
            let types = fields.sent.iter().map(|field| {
                let (ty, docs) = (&field.ty, docs_of(&field.docs));
                let vis = if is_case { &Visibility::Inherited } else { &field.vis };
                let name = match &field.member {
                    Member::Named(name) => Some(quote!(#name:)),
                    Member::Unnamed(_) => None,
                };
                quote_spanned!(field.span()=> #docs #vis #name <#ty as #private::GraphView>::Ref<'__a>)
            });
            quote!(#(#types),*)
        };
        let body = match shape {
            Shape::Record(parts) => {
                let fields = fields(parts, false);
                quote!(struct #path #params #where_clause { #fields })
            }
            Shape::Newtype(parts) | Shape::Tuple(parts) => {
                let fields = fields(parts, false);
                quote!(struct #path #params (#fields) #where_clause;)
            }
            Shape::Enum(cases) | Shape::Variant(cases) => {
                let cases = cases.iter().filter(|case| !case.skipped).map(|case| {
                    let (ident, docs) = (&case.ident, docs_of(&case.docs));
                    let fields = fields(&case.fields, true);
                    let fields = match case.payload {
                        Payload::Nothing => TokenStream::new(),
                        Payload::Record => quote!({ #fields }),
                        Payload::Field | Payload::Tuple => quote!((#fields)),
                    };
                    quote!(#docs #ident #fields)
                });
                quote!(enum #path #params #where_clause { #(#cases),* })
            }
        };
        quote! {
            #[doc = #docs]
            #[allow(dead_code, missing_docs, reason = "a view has all that its type has")]
            #vis #body
        }
    }

    fn implementations(&self) -> TokenStream {
        let input = self.input;
        let this = &input.this;
        let generics = input.making_generics(&quote!(__pack::GraphView));
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let (view_generics, _, _) = self.generics.split_for_impl();
        let (view, elided) = (self.with(&quote!('__a)), self.with(&quote!('_)));
        let Bodies {
            check,
            read,
            skip,
            to_owned,
            encode,
            debug,
        } = match &input.shape {
            Shape::Newtype(fields) | Shape::Tuple(fields) => self.product(fields, false),
            Shape::Record(fields) => self.product(fields, true),
            Shape::Enum(cases) | Shape::Variant(cases) => self.variant(cases),
        };
        let vis = input.vis;
        let parts = input.shape.sent().map(view_of);
        let (has_nodes_fn, has_nodes) = function(
            input,
            &generics,
            &format_ident!("__has_nodes"),
            &quote!(() -> __pack::primitive::bool),
            &quote!(false #(|| #parts::HAS_NODES)*),
        );
        quote! {
            const #has_nodes_fn
            #[automatically_derived]
            impl #impl_generics __pack::GraphView for #this #where_clause {
                type Ref<'__a> = #view;
                const HAS_NODES: __pack::primitive::bool = match __pack::node::<Self>() {
                    __pack::Some(_) => true,
                    __pack::None => #has_nodes(),
                };

                #[inline]
                fn check(
                    __decoder: &mut __pack::Decoder<'_>,
                ) -> __pack::Result<(), __pack::DecodeError> {
                    #check
                }

                #[inline]
                fn read<'__a>(
                    __cursor: &mut __pack::Cursor<'__a>,
                    __last: __pack::primitive::bool,
                ) -> #view {
                    #read
                }

                #[inline]
                fn skip(__cursor: &mut __pack::Cursor<'_>) {
                    #skip
                }

                fn to_owned(__view: #elided) -> Self {
                    #to_owned
                }

                fn encode_view<__S: __pack::Sink>(
                    __view: #elided,
                    __encoder: &mut __pack::Encoder<__S>,
                ) {
                    #encode
                }
            }

            impl #view_generics #view #where_clause {
                /// The value, taken out of the message.
                #[allow(dead_code, clippy::wrong_self_convention, reason = "views are copied")]
                #vis fn to_owned(self) -> #this {
                    <#this as __pack::GraphView>::to_owned(self)
                }
            }

            #[automatically_derived]
            impl #view_generics __pack::Clone for #view #where_clause {
                #[inline]
                fn clone(&self) -> Self {
                    *self
                }
            }

            #[automatically_derived]
            impl #view_generics __pack::Copy for #view #where_clause {}

            #[automatically_derived]
            impl #view_generics __pack::fmt::Debug for #view #where_clause {
                fn fmt(&self, __f: &mut __pack::fmt::Formatter<'_>) -> __pack::fmt::Result {
                    #debug
                }
            }
        }
    }

    /// A struct.
    fn product(&self, fields: &Fields, is_record: bool) -> Bodies {
        let path = &self.path;
        let is_step = is_record || fields.sent.len() > 1;
        let checks = fields.sent.iter().map(|field| match is_step {
            true => check_field(field, &[&field.name]),
            false => check_field(field, &[]),
        });
        let checks = quote!(#(#checks)* __pack::Ok(()));
        let build = read_fields(&quote!(#path), fields);
        let (check, read) = match is_record {
            true => (
                quote!(__pack::check_record::<Self>(__decoder, |__decoder| { #checks })),
                quote!(__pack::read_record::<Self, _>(__cursor, __last, |__cursor, __last| #build)),
            ),
            false => (checks, build),
        };
        let pattern = pattern(&quote!(#path), fields);
        let made = make(&quote!(Self), fields);
        let shown = show(self.input.ident, fields, is_record);
        let skips = skip(fields);
        let skips = match is_record {
            true => quote!(__pack::skip_record::<Self>(__cursor, |__cursor| { #skips })),
            false => skips,
        };
        let written = write(fields);
        let written = match is_record {
            true => quote!(__pack::encode_record::<Self, _>(__encoder, |__encoder| { #written })),
            false => written,
        };
        Bodies {
            check,
            read,
            skip: skips,
            to_owned: quote!(let #pattern = __view; #made),
            encode: quote!(let #pattern = __view; #written),
            debug: quote!(let #pattern = self; #shown),
        }
    }

    /// An enum.
    fn variant(&self, cases: &[Case]) -> Bodies {
        let (path, this) = (&self.path, &self.input.this);
        let (_, width, _) = discriminant(cases);
        let (mut checks, mut reads, mut owns, mut shows) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut encodes, mut leaves, mut skips, mut have_nodes) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (number, at, case) in numbered(cases) {
            let (ident, fields) = (&case.ident, &case.fields);
            let steps: &[&str] = &[&case.name];
            leaves.push(match (case.payload, fields.sent.as_slice()) {
                (Payload::Nothing, _) => quote!(__pack::LeafLayout::EMPTY),
                (Payload::Field, [field]) => {
                    let view = view_of(field);
                    quote!(#view::LEAF)
                }
                _ => quote!(__pack::LeafLayout::NONE),
            });
            let parts = fields.sent.iter().map(view_of);
            let has_nodes = quote!(const { false #(|| #parts::HAS_NODES)* });
            let is_record = case.payload == Payload::Record;
            let check = fields.sent.iter().map(|field| match is_record {
                true => check_field(field, &[&field.name, &case.name]),
                false => check_field(field, steps),
            });
            let mut check = quote!(#(#check)* __pack::Ok(()));
            let mut read = read_fields(&quote!(#path::#ident), fields);
            if is_record {
                let index = Literal::u32_unsuffixed(number);
                let payload = quote!(const { __pack::Payload::of::<#this>(#index) });
                check = quote!(#payload.check(__decoder, |__decoder| { #check }));
                read = quote!(#payload.read(__cursor, __last, |__cursor, __last| #read));
            }
            checks.push(quote! {
                #at => __pack::check_case::<Self>(#has_nodes, __decoder, |__decoder| { #check })
            });
            reads.push(quote! {
                #at => __pack::read_case::<Self, _>(#has_nodes, __cursor, __last, |__cursor, __last| #read)
            });
            let pattern = pattern(&quote!(#path::#ident), fields);
            let made = make(&quote!(Self::#ident), fields);
            owns.push(quote!(#pattern => #made));
            let skipped = skip(fields);
            skips.push(quote!(#at => { #skipped }));
            have_nodes.push(has_nodes);
            let mut written = write(fields);
            if is_record {
                let index = Literal::u32_unsuffixed(number);
                let payload = quote!(const { __pack::Payload::of::<#this>(#index) });
                written = quote!(#payload.encode(__encoder, |__encoder| { #written }););
            }
            encodes.push(quote! {
                #pattern => {
                    __pack::encode_case::<Self, _>(#width, #at, __encoder, |__encoder| { #written })
                }
            });
            let shown = show(ident, fields, is_record);
            shows.push(quote!(#pattern => { #shown }));
        }
        Bodies {
            check: quote! {
                __pack::check_variant::<Self>(#width, const { &[#(#leaves),*] }, __decoder, |__decoder, __case| {
                    match __case {
                        #(#checks,)*
                        _ => __pack::Err(__decoder.error(__pack::DecodeErrorKind::Unsupported)),
                    }
                })
            },
            read: quote! {
                __pack::read_variant::<Self, _>(#width, __cursor, __last, |__cursor, __last, __case| {
                    match __case {
                        #(#reads,)*
                        _ => __pack::other_type(),
                    }
                })
            },
            skip: quote! {
                let __has_nodes = &[#(#have_nodes),*];
                __pack::skip_variant::<Self>(#width, __has_nodes, __cursor, |__cursor, __case| {
                    match __case {
                        #(#skips)*
                        _ => {}
                    }
                });
            },
            to_owned: quote!(match __view { #(#owns,)* }),
            encode: quote!(match __view { #(#encodes,)* }),
            debug: quote!(match self { #(#shows,)* }),
        }
    }
}

/// The bodies of the functions.
struct Bodies {
    check: TokenStream,
    read: TokenStream,
    skip: TokenStream,
    to_owned: TokenStream,
    encode: TokenStream,
    debug: TokenStream,
}

fn view_of(field: &Field) -> TokenStream {
    let ty = &field.ty;
    quote_spanned!(field.span()=> <#ty as __pack::GraphView>)
}

/// Checks a field; `steps` lead to it in error messages.
fn check_field(field: &Field, steps: &[&str]) -> TokenStream {
    let view = view_of(field);
    quote! {
        if let __pack::Err(__error) = #view::check(__decoder) {
            return __pack::Err(__error #(.in_field(#steps))*);
        }
    }
}

/// The view, read field by field.
fn read_fields(path: &TokenStream, fields: &Fields) -> TokenStream {
    let count = fields.sent.len();
    let fields = fields.sent.iter().enumerate().map(|(at, field)| {
        let (member, view) = (member(field, at), view_of(field));
        let last = match at + 1 == count {
            true => quote!(__last),
            false => quote!(false),
        };
        quote!(#member: #view::read(__cursor, #last))
    });
    quote!(#path { #(#fields,)* })
}

/// The value, made of the views of its fields.
fn make(path: &TokenStream, fields: &Fields) -> TokenStream {
    let mut bindings = fields.bindings().into_iter();
    build(path, fields, |field| {
        let (view, binding) = (view_of(field), bindings.next());
        quote!(#view::to_owned(#binding))
    })
}

/// Goes past the fields.
fn skip(fields: &Fields) -> TokenStream {
    let views = fields.sent.iter().map(view_of);
    quote!(#(#views::skip(__cursor);)*)
}

/// Writes the views of the fields.
fn write(fields: &Fields) -> TokenStream {
    let statements = fields.sent.iter().zip(fields.bindings());
    let statements = statements.map(|(field, binding)| {
        let view = view_of(field);
        quote!(#view::encode_view(#binding, __encoder);)
    });
    statements.collect()
}

/// A pattern for the view, with its fields bound to `__0`, `__1`, ….
fn pattern(path: &TokenStream, fields: &Fields) -> TokenStream {
    let members = fields.sent.iter().enumerate();
    let members = members.map(|(at, field)| member(field, at));
    let bindings = fields.bindings();
    quote!(#path { #(#members: #bindings,)* })
}

/// The field of the view: where some are skipped, those without names have other numbers.
fn member(field: &Field, at: usize) -> Member {
    match &field.member {
        Member::Named(name) => Member::Named(name.clone()),
        Member::Unnamed(_) => Member::from(at),
    }
}

/// As the derive of `Debug` shows it.
fn show(ident: &Ident, fields: &Fields, is_record: bool) -> TokenStream {
    let name = ident.to_string();
    let bindings = fields.bindings();
    if bindings.is_empty() {
        return quote!(__pack::fmt::Formatter::write_str(__f, #name));
    }
    if is_record {
        let names = fields
            .sent
            .iter()
            .map(|field| field.member.to_token_stream().to_string());
        return quote!(__f.debug_struct(#name)#(.field(#names, #bindings))*.finish());
    }
    quote!(__f.debug_tuple(#name)#(.field(#bindings))*.finish())
}

fn docs_of(text: &str) -> Option<TokenStream> {
    (!text.is_empty()).then(|| {
        let lines = text.lines().map(|line| format!(" {line}"));
        quote!(#(#[doc = #lines])*)
    })
}

/// Generics whose bounds name the crate by its path.
fn renamed(generics: &Generics, private: &TokenStream) -> Generics {
    struct Renamed<'p>(&'p TokenStream);
    impl syn::visit_mut::VisitMut for Renamed<'_> {
        fn visit_path_mut(&mut self, path: &mut Path) {
            if path
                .segments
                .first()
                .is_some_and(|first| first.ident == "__pack")
            {
                let (private, rest) = (self.0, path.segments.iter().skip(1));
                *path = syn::parse_quote!(#private #(::#rest)*);
            }
            syn::visit_mut::visit_path_mut(self, path);
        }
    }
    let mut generics = generics.clone();
    syn::visit_mut::VisitMut::visit_generics_mut(&mut Renamed(private), &mut generics);
    generics
}
