use proc_macro2::{Ident, Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::Generics;

use super::ast::{Case, Field, Fields, Input, Payload, Shape, of_case};
use super::params;

/// ```text
/// impl Encode for Point {
///     const FIXED: Option<usize> = …;
///     fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
///         encode_record(Self::NODE, encoder, |encoder| { self.x.encode_part(encoder); self.y.encode_part(encoder); });
///     }
///     …
/// }
/// impl GraphValue for Point { … }
/// ```
///
/// What depends on whether the type is recursive depends on the constant `NODE`. What the compiler must not look at if
/// it is, for it would lead back here, is in functions beside the implementation.
pub(super) fn expand(input: &Input<'_>) -> TokenStream {
    let this = &input.this;
    let generics = input.value_generics();
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let Expansion {
        functions,
        encode,
        graph_value,
    } = match &input.shape {
        Shape::Newtype(fields) | Shape::Tuple(fields) => product(input, fields, false),
        Shape::Record(fields) => product(input, fields, true),
        Shape::Enum(cases) => enumeration(cases),
        Shape::Variant(cases) => variant(input, cases),
    };
    quote! {
        #functions
        #[automatically_derived]
        impl #impl_generics __pack::Encode for #this #where_clause {
            #encode
        }
        #[automatically_derived]
        impl #impl_generics __pack::GraphValue for #this #where_clause {
            #graph_value
        }
    }
}

/// The items of both implementations, and those beside them.
struct Expansion {
    functions: TokenStream,
    encode: TokenStream,
    graph_value: TokenStream,
}

/// A function beside the implementations. Returns it, and how to name it.
pub(super) fn function(
    input: &Input<'_>,
    generics: &Generics,
    name: &Ident,
    signature: &TokenStream,
    body: &TokenStream,
) -> (TokenStream, TokenStream) {
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let turbofish = params::turbofish(input.generics);
    let definition = quote!(fn #name #impl_generics #signature #where_clause { #body });
    (definition, quote!(#name #turbofish))
}

fn encode_fn(body: &TokenStream) -> TokenStream {
    quote! {
        #[inline]
        fn encode<__S: __pack::Sink>(&self, __encoder: &mut __pack::Encoder<__S>) {
            #body
        }
    }
}

fn decode_fn(body: &TokenStream) -> TokenStream {
    quote! {
        #[inline]
        fn decode(
            __decoder: &mut __pack::Decoder<'_>,
        ) -> __pack::Result<Self, __pack::DecodeError> {
            #body
        }
    }
}

/// All uses of a part look like this, so that the compiler says once that it is no value.
fn part(field: &Field) -> TokenStream {
    let ty = &field.ty;
    quote_spanned!(field.span()=> <#ty as __pack::Part>)
}

/// What travels of a field, given a reference to the field.
fn sent(field: &Field, value: &TokenStream) -> TokenStream {
    match &field.with {
        Some(module) => quote_spanned!(field.span()=> &#module::to_wire(#value)),
        None => value.clone(),
    }
}

fn encode_parts(fields: &[Field], values: &[TokenStream]) -> TokenStream {
    let statements = fields.iter().zip(values).map(|(field, value)| {
        let (part, value) = (part(field), sent(field, value));
        quote!(#part::encode_part(#value, __encoder);)
    });
    statements.collect()
}

/// `path { x: <x>, y: <y>, skipped: <default> }`, with each part read by `read`.
pub(super) fn build(
    path: &TokenStream,
    fields: &Fields,
    read: impl FnMut(&Field) -> TokenStream,
) -> TokenStream {
    let members = fields.sent.iter().map(|field| &field.member);
    let values = fields.sent.iter().map(read);
    let defaults = fields.skipped.iter().map(|field| {
        let (member, ty) = (&field.member, &field.ty);
        match &field.default {
            Some(path) => quote!(#member: #path()),
            None => {
                let default = quote_spanned! {
                    syn::spanned::Spanned::span(ty)=> <#ty as __pack::Default>::default()
                };
                quote!(#member: #default)
            }
        }
    });
    quote!(#path { #(#members: #values,)* #(#defaults,)* })
}

/// Reads a field; `steps` lead to it in error messages.
fn decode_field(field: &Field, steps: &[&str]) -> TokenStream {
    let part = part(field);
    let checked = match &field.with {
        Some(module) => quote_spanned! {field.span()=>
            match #module::from_wire(__value) {
                __pack::Ok(__value) => __value,
                __pack::Err(__reason) => {
                    return __pack::Err(__pack::invalid(__decoder, &__reason)#(.in_field(#steps))*);
                }
            }
        },
        None => quote!(__value),
    };
    quote! {
        match #part::decode_part(__decoder) {
            __pack::Ok(__value) => #checked,
            __pack::Err(__error) => return __pack::Err(__error #(.in_field(#steps))*),
        }
    }
}

fn unflatten_field(field: &Field) -> TokenStream {
    let part = part(field);
    match &field.with {
        Some(module) => quote_spanned! {field.span()=>
            match #module::from_wire(#part::unflatten_part(__slots)?) {
                __pack::Ok(__value) => __value,
                __pack::Err(__reason) => return __pack::Err(__pack::invalid_slot(&__reason)),
            }
        },
        None => quote!(#part::unflatten_part(__slots)?),
    }
}

/// The sum of the least widths of several fields.
fn min_width(fields: &[Field]) -> TokenStream {
    fields.iter().map(part).fold(
        quote!(0),
        |sum, part| quote!(#part::MIN_WIDTH.saturating_add(#sum)),
    )
}

/// A struct: its parts in order; a record that lies on a cycle has a node head before them.
fn product(input: &Input<'_>, fields: &Fields, is_record: bool) -> Expansion {
    let this = quote!(Self);
    let parts: Vec<_> = fields.sent.iter().map(part).collect();
    let values: Vec<_> = fields
        .sent
        .iter()
        .map(|field| {
            let member = &field.member;
            quote!(&self.#member)
        })
        .collect();
    let sent: Vec<_> = fields
        .sent
        .iter()
        .zip(&values)
        .map(|(f, v)| sent(f, v))
        .collect();
    let encoded = encode_parts(&fields.sent, &values);
    let decoded = build(&this, fields, |field| {
        match is_record || fields.sent.len() > 1 {
            true => decode_field(field, &[&field.name]),
            // A newtype is no step.
            false => decode_field(field, &[]),
        }
    });
    let (encode, decode) = if is_record {
        (
            quote! {
                __pack::encode_record::<Self, _>(__encoder, |__encoder| { #encoded });
            },
            quote!(__pack::decode_record(__decoder, |__decoder| __pack::Ok(#decoded))),
        )
    } else {
        (encoded, quote!(__pack::Ok(#decoded)))
    };
    let (encode, decode) = (encode_fn(&encode), decode_fn(&decode));
    let unflattened = build(&this, fields, unflatten_field);

    let (sum_fn, sum) = function(
        input,
        &input.value_generics(),
        &of_case("min_width", 0),
        &quote!(() -> __pack::primitive::u32),
        &min_width(&fields.sent),
    );
    let node = is_record.then(|| {
        quote! {
            const NODE: __pack::Option<__pack::Width> =
                __pack::node_width::<Self>(1);
        }
    });
    let mut functions = quote!(const #sum_fn);
    let mut encode_items = quote! {
        #encode
        #[inline]
        fn flatten(&self, __slots: &mut __pack::FlatWriter<'_>) {
            #(#parts::flatten_part(#sent, __slots);)*
        }
    };
    let mut items = quote! {
        #node
        const MIN_WIDTH: __pack::primitive::u32 = match __pack::node::<Self>() {
            __pack::Some(__width) => __width.bytes(),
            __pack::None => #sum(),
        };
        #decode
        #[inline]
        fn unflatten(
            __slots: &mut __pack::FlatReader<'_>,
        ) -> __pack::Result<Self, __pack::DecodeError> {
            __pack::Ok(#unflattened)
        }
    };
    // A conversion may refuse patterns, and then not every pattern is a value.
    let converts = fields.sent.iter().any(|field| field.with.is_some());
    if !converts && input.attr.recursive != Some(true) {
        let (fixed_fn, fixed) = function(
            input,
            &input.value_generics(),
            &of_case("fixed", 0),
            &quote!(() -> __pack::Option<__pack::primitive::usize>),
            &quote!(__pack::fixed_sum(&[#(#parts::FIXED),*])),
        );
        functions.extend(quote!(const #fixed_fn));
        let plain = plain(input, fields, &mut functions);
        let got = build(&this, fields, |field| {
            let part = part(field);
            quote!(#part::get_part(&mut __bytes)?)
        });
        encode_items.extend(quote! {
            const FIXED: __pack::Option<__pack::primitive::usize> =
                match __pack::node::<Self>() {
                    __pack::Some(_) => __pack::None,
                    __pack::None => #fixed(),
                };
            #plain
            #[inline]
            #[allow(unused_variables, reason = "an empty struct has nothing to put")]
            fn put_fixed(&self, __room: &mut [__pack::primitive::u8]) {
                #(let __room = #parts::put_part(#sent, __room);)*
            }
        });
        items.extend(quote! {
            #[inline]
            #[allow(unused_mut, reason = "an empty struct has nothing to get")]
            fn get_fixed(__bytes: &[__pack::primitive::u8]) -> __pack::Option<Self> {
                let mut __bytes = __bytes;
                __pack::Some(#got)
            }
        });
    }
    Expansion {
        functions,
        encode: encode_items,
        graph_value: items,
    }
}

/// Whether values are in memory as on the wire, which the compiler finds out. With skipped fields they are not.
fn plain(input: &Input<'_>, fields: &Fields, functions: &mut TokenStream) -> TokenStream {
    if !fields.skipped.is_empty() {
        return TokenStream::new();
    }
    let this = &input.this;
    let (members, parts): (Vec<_>, Vec<_>) = fields
        .sent
        .iter()
        .map(|field| (&field.member, part(field)))
        .unzip();
    let (plain_fn, plain) = function(
        input,
        &input.value_generics(),
        &of_case("plain", 0),
        &quote!(() -> __pack::Option<__pack::Plain<#this>>),
        &quote! {
            __pack::Plain::fields(&[
                #(__pack::Field::new(
                    __pack::offset_of!(#this, #members),
                    |__this: &#this| &__this.#members,
                    &#parts::PLAIN,
                )),*
            ])
        },
    );
    functions.extend(quote!(const #plain_fn));
    quote! {
        const PLAIN: __pack::Option<__pack::Plain<Self>> =
            match <Self as __pack::Encode>::FIXED {
                __pack::Some(_) => #plain(),
                __pack::None => __pack::None,
            };
    }
}

/// The cases that travel, with their numbers.
pub(super) fn numbered(cases: &[Case]) -> impl Iterator<Item = (u32, Literal, &Case)> {
    cases
        .iter()
        .filter(|case| !case.skipped)
        .zip(0_u32..)
        .map(|(case, at)| (at, Literal::u32_unsuffixed(at), case))
}

fn skipped(cases: &[Case]) -> impl Iterator<Item = (&Ident, String)> {
    cases
        .iter()
        .filter(|case| case.skipped)
        .map(|case| (&case.ident, case.ident.to_string()))
}

/// The number of cases, the width of the discriminant unless the type is recursive, as tokens, and in bytes.
pub(super) fn discriminant(cases: &[Case]) -> (usize, TokenStream, u32) {
    let count = cases.iter().filter(|case| !case.skipped).count();
    let width = pack_abi::Contract::discriminant_width(count, false);
    let tokens = match width.bytes() {
        1 => quote!(__pack::Width::One),
        2 => quote!(__pack::Width::Two),
        _ => quote!(__pack::Width::Four),
    };
    (count, tokens, width.bytes())
}

/// An enum without payloads.
fn enumeration(cases: &[Case]) -> Expansion {
    let (count, width, bytes) = discriminant(cases);
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let to_number: Vec<_> = numbered(cases)
        .map(|(_, at, case)| {
            let ident = &case.ident;
            quote!(Self::#ident { .. } => #at)
        })
        .collect();
    let from_number: Vec<_> = numbered(cases)
        .map(|(_, at, case)| {
            let ident = &case.ident;
            let value = build(&quote!(Self::#ident), &case.fields, |_| TokenStream::new());
            quote!(#at => #value)
        })
        .collect();
    let refused = skipped(cases).map(
        |(ident, name)| quote!(Self::#ident { .. } => return __encoder.skipped_variant(#name)),
    );
    let encode = encode_fn(&quote! {
        __encoder.discriminant(#width, match self { #(#to_number,)* #(#refused,)* });
    });
    let refused_flat = skipped(cases)
        .map(|(ident, name)| quote!(Self::#ident { .. } => return __slots.skipped_variant(#name)));
    let decode = decode_fn(&quote! {
        __pack::Ok(match __decoder.discriminant(#width, #count)? {
            #(#from_number,)*
            _ => return __pack::Err(__decoder.error(__pack::DecodeErrorKind::Unsupported)),
        })
    });
    Expansion {
        functions: TokenStream::new(),
        encode: quote! {
            #encode
            #[inline]
            fn flatten(&self, __slots: &mut __pack::FlatWriter<'_>) {
                __slots.push(match self { #(#to_number,)* #(#refused_flat,)* });
            }
        },
        graph_value: quote! {
            const MIN_WIDTH: __pack::primitive::u32 = #bytes;
            #decode
            #[inline]
            fn unflatten(
                __slots: &mut __pack::FlatReader<'_>,
            ) -> __pack::Result<Self, __pack::DecodeError> {
                __pack::Ok(match __slots.next_slot()? {
                    #(#from_number,)*
                    __other => {
                        return __pack::Err(__pack::DecodeError::new(
                            __pack::DecodeErrorKind::CoreValue(__other),
                            0,
                        ));
                    }
                })
            }
        },
    }
}

/// An enum with payloads: a discriminant, then the payload.
fn variant(input: &Input<'_>, cases: &[Case]) -> Expansion {
    let (count, width, bytes) = discriminant(cases);
    let last = u32::try_from(count).unwrap_or(u32::MAX);
    let mut functions = TokenStream::new();
    let (mut encode_arms, mut decode_arms, mut payloads) = (Vec::new(), Vec::new(), Vec::new());
    for (number, at, case) in numbered(cases) {
        let (ident, fields) = (&case.ident, &case.fields);
        let bindings = fields.bindings();
        let bindings: Vec<_> = bindings.iter().map(|binding| quote!(#binding)).collect();
        let pattern = fields.pattern(&quote!(Self::#ident));
        let mut written = encode_parts(&fields.sent, &bindings);
        let read;
        let mut least = min_width(&fields.sent);
        if case.payload == Payload::Record {
            let this = &input.this;
            let index = Literal::u32_unsuffixed(number);
            let payload = quote!(__pack::Payload::of::<#this>(#index));
            let own = input.ident;
            let value = build(&quote!(#own::#ident), fields, |field| {
                decode_field(field, &[&field.name, &case.name])
            });
            let name = of_case("read", number);
            let turbofish = params::turbofish(input.generics);
            let (function, path) = function(
                input,
                &input.value_generics(),
                &name,
                &quote! {
                    (__decoder: &mut __pack::Decoder<'_>) -> __pack::Result<#this, __pack::DecodeError>
                },
                &quote! {
                    const { #payload }.decode(
                        __decoder,
                        |__decoder| __pack::Ok(#value),
                        #name #turbofish,
                    )
                },
            );
            functions.extend(function);
            read = quote!(return #path(__decoder));
            written = quote! {
                const { #payload }.encode(__encoder, |__encoder| { #written });
            };
            least = quote! {
                match const { #payload.node } {
                    __pack::Some(__width) => __width.bytes(),
                    __pack::None => #least,
                }
            };
        } else {
            read = build(&quote!(Self::#ident), fields, |field| {
                decode_field(field, &[&case.name])
            });
        }
        encode_arms.push(quote! {
            #pattern => __pack::encode_case::<Self, _>(#width, #at, __encoder, |__encoder| { #written })
        });
        decode_arms.push(quote!(#at => #read));
        payloads.push(least);
    }
    let refused = skipped(cases)
        .map(|(ident, name)| quote!(Self::#ident { .. } => __encoder.skipped_variant(#name)));
    let encode = encode_fn(&quote!(match self { #(#encode_arms,)* #(#refused,)* }));
    let decode = decode_fn(&quote! {
        __pack::decode_variant(#width, #last, __decoder, |__decoder, __case| {
            __pack::Ok(match __case {
                #(#decode_arms,)*
                _ => return __pack::Err(__decoder.error(__pack::DecodeErrorKind::Unsupported)),
            })
        })
    });
    let (least_fn, least) = function(
        input,
        &input.value_generics(),
        &of_case("min_width", 0),
        &quote!(() -> __pack::primitive::u32),
        &quote!(__pack::least(&[#(#payloads),*]).saturating_add(#bytes)),
    );
    functions.extend(quote!(const #least_fn));
    Expansion {
        functions,
        encode,
        graph_value: quote! {
            const NODE: __pack::Option<__pack::Width> =
                __pack::node_width::<Self>(#count);
            const MIN_WIDTH: __pack::primitive::u32 = match __pack::node::<Self>() {
                __pack::Some(__width) => __width.bytes(),
                __pack::None => #least(),
            };
            #decode
        },
    }
}
