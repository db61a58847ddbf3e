use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::ast::{Case, Field, Input, Shape};

/// ```text
/// impl Encode for Point {
///     const FIXED: Option<usize> = fixed_sum(&[f64::FIXED, f64::FIXED]);
///     fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) { self.x.encode(encoder); self.y.encode(encoder); }
///     …
/// }
/// impl GraphValue for Point { … }
/// ```
pub(super) fn expand(input: &Input<'_>) -> TokenStream {
    let ident = input.ident;
    let generics = input.bounded_generics(&quote!(__pack::GraphValue));
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let Expansion {
        encode,
        graph_value,
    } = match &input.shape {
        Shape::Newtype(field) => newtype(field),
        Shape::Record(fields) if input.recursive => recursive_record(fields),
        Shape::Record(fields) | Shape::Tuple(fields) => product(fields),
        Shape::Enum(cases) => enumeration(cases),
        Shape::Variant(cases) => variant(input, cases),
    };
    // A generic type is asked about cycles where it is used.
    let acyclic = if input.recursive {
        quote!(true)
    } else {
        let parts = input.fields().map(|field| field.ty);
        quote!(true #(&& <#parts as __pack::GraphValue>::CYCLE_NEEDS_PACK_RECURSIVE)*)
    };
    let check = input.generics.type_params().next().is_none().then(|| {
        quote!(const _: __pack::primitive::bool = <#ident #ty_generics as __pack::GraphValue>::CYCLE_NEEDS_PACK_RECURSIVE;)
    });
    quote! {
        #[automatically_derived]
        impl #impl_generics __pack::Encode for #ident #ty_generics #where_clause {
            #encode
        }
        #[automatically_derived]
        impl #impl_generics __pack::GraphValue for #ident #ty_generics #where_clause {
            const CYCLE_NEEDS_PACK_RECURSIVE: __pack::primitive::bool = #acyclic;
            #graph_value
        }
        #check
    }
}

/// The items of both implementations.
struct Expansion {
    encode: TokenStream,
    graph_value: TokenStream,
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

fn newtype(field: &Field<'_>) -> Expansion {
    let (ty, inner) = (field.ty, quote!(<_ as __pack::GraphValue>));
    let encode = encode_fn(&quote!(__pack::Encode::encode(&self.0, __encoder)));
    let decode = decode_fn(&quote!(#inner::decode(__decoder).map(Self)));
    Expansion {
        encode: quote! {
            const FIXED: __pack::Option<__pack::primitive::usize> = <#ty as __pack::Encode>::FIXED;
            #encode
            #[inline]
            fn put_fixed(&self, __room: &mut [__pack::primitive::u8]) {
                __pack::Encode::put_fixed(&self.0, __room);
            }
            #[inline]
            fn flatten(&self, __slots: &mut __pack::FlatWriter<'_>) {
                __pack::Encode::flatten(&self.0, __slots);
            }
        },
        graph_value: quote! {
            const MIN_WIDTH: __pack::primitive::u32 = <#ty as __pack::GraphValue>::MIN_WIDTH;
            #decode
            #[inline]
            fn get_fixed(__bytes: &[__pack::primitive::u8]) -> __pack::Option<Self> {
                #inner::get_fixed(__bytes).map(Self)
            }
            #[inline]
            fn unflatten(
                __slots: &mut __pack::FlatReader<'_>,
            ) -> __pack::Result<Self, __pack::DecodeError> {
                #inner::unflatten(__slots).map(Self)
            }
        },
    }
}

/// `Self { x: <x>, y: <y> }`, with each part read by `read`.
fn build(fields: &[Field<'_>], read: impl Fn(&Field<'_>) -> TokenStream) -> TokenStream {
    let members = fields.iter().map(|field| &field.member);
    let values = fields.iter().map(read);
    quote!(Self { #(#members: #values),* })
}

fn decode_field(field: &Field<'_>) -> TokenStream {
    let (ty, name) = (field.ty, &field.name);
    quote! {
        match <#ty as __pack::GraphValue>::decode(__decoder) {
            __pack::Ok(value) => value,
            __pack::Err(error) => return __pack::Err(error.in_field(#name)),
        }
    }
}

/// A struct that is its parts in order.
fn product(fields: &[Field<'_>]) -> Expansion {
    let types: Vec<_> = fields.iter().map(|field| field.ty).collect();
    let members: Vec<_> = fields.iter().map(|field| &field.member).collect();
    let encode = encode_fn(&quote!(#(__pack::Encode::encode(&self.#members, __encoder);)*));
    let decoded = build(fields, decode_field);
    let decode = decode_fn(&quote!(__pack::Ok(#decoded)));
    let got = build(fields, |_| quote!(__pack::get_part(&mut __bytes)?));
    let unflattened = build(fields, |_| quote!(__pack::GraphValue::unflatten(__slots)?));
    let min_width = sum_of(&types);
    Expansion {
        encode: quote! {
            const FIXED: __pack::Option<__pack::primitive::usize> =
                __pack::fixed_sum(&[#(<#types as __pack::Encode>::FIXED),*]);
            #encode
            #[inline]
            #[allow(unused_variables, reason = "an empty struct has nothing to put")]
            fn put_fixed(&self, __room: &mut [__pack::primitive::u8]) {
                #(let __room = __pack::put_part(&self.#members, __room);)*
            }
            #[inline]
            fn flatten(&self, __slots: &mut __pack::FlatWriter<'_>) {
                #(__pack::Encode::flatten(&self.#members, __slots);)*
            }
        },
        graph_value: quote! {
            const MIN_WIDTH: __pack::primitive::u32 = #min_width;
            #decode
            #[inline]
            #[allow(unused_mut, reason = "an empty struct has nothing to get")]
            fn get_fixed(__bytes: &[__pack::primitive::u8]) -> __pack::Option<Self> {
                let mut __bytes = __bytes;
                __pack::Some(#got)
            }
            #[inline]
            fn unflatten(
                __slots: &mut __pack::FlatReader<'_>,
            ) -> __pack::Result<Self, __pack::DecodeError> {
                __pack::Ok(#unflattened)
            }
        },
    }
}

/// A record that lies on a cycle: a node head of one byte, then its parts.
fn recursive_record(fields: &[Field<'_>]) -> Expansion {
    let members = fields.iter().map(|field| &field.member);
    let encode = encode_fn(&quote! {
        __encoder.node(__pack::Width::One, 0, |__encoder| {
            #(__pack::Encode::encode(&self.#members, __encoder);)*
        });
    });
    let decoded = build(fields, decode_field);
    let decode = decode_fn(&quote! {
        __decoder.node(__pack::Width::One, 1, |__decoder, _| __pack::Ok(#decoded))
    });
    Expansion {
        encode,
        graph_value: quote! {
            const MIN_WIDTH: __pack::primitive::u32 = 1;
            const NODE: __pack::Option<__pack::Width> = __pack::Some(__pack::Width::One);
            #decode
        },
    }
}

fn numbered<'a>(cases: &'a [Case<'_>]) -> impl Iterator<Item = (Literal, &'a Case<'a>)> {
    cases
        .iter()
        .zip(0_u32..)
        .map(|(case, at)| (Literal::u32_unsuffixed(at), case))
}

/// The width of the discriminant, as tokens and in bytes; and the number of cases.
fn discriminant(cases: &[Case<'_>], recursive: bool) -> (TokenStream, u32, u32) {
    let count = u32::try_from(cases.len()).unwrap_or(u32::MAX);
    let width = pack_abi::Contract::discriminant_width(cases.len(), recursive);
    let tokens = match width.bytes() {
        1 => quote!(__pack::Width::One),
        2 => quote!(__pack::Width::Two),
        _ => quote!(__pack::Width::Four),
    };
    (tokens, width.bytes(), count)
}

/// An enum without payloads.
fn enumeration(cases: &[Case<'_>]) -> Expansion {
    let (width, bytes, count) = discriminant(cases, false);
    let to_number: Vec<_> = numbered(cases)
        .map(|(at, case)| {
            let p = case.pattern();
            quote!(#p => #at)
        })
        .collect();
    let from_number: Vec<_> = numbered(cases)
        .map(|(at, case)| {
            let p = case.pattern();
            quote!(#at => #p)
        })
        .collect();
    let number = quote!(match self { #(#to_number,)* });
    let encode = encode_fn(&quote!(__encoder.discriminant(#width, #number)));
    let decode = decode_fn(&quote! {
        __pack::Ok(match __decoder.discriminant(#width, #count)? {
            #(#from_number,)*
            _ => return __pack::Err(__decoder.error(__pack::DecodeErrorKind::Unsupported)),
        })
    });
    Expansion {
        encode: quote! {
            #encode
            #[inline]
            fn flatten(&self, __slots: &mut __pack::FlatWriter<'_>) {
                __slots.push(#number);
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
                    other => {
                        return __pack::Err(__pack::DecodeError::new(
                            __pack::DecodeErrorKind::CoreValue(other),
                            0,
                        ));
                    }
                })
            }
        },
    }
}

/// An enum with payloads: a discriminant, then the payload.
fn variant(input: &Input<'_>, cases: &[Case<'_>]) -> Expansion {
    let (width, bytes, count) = discriminant(cases, input.recursive);
    let encode_arms = numbered(cases).map(|(at, case)| {
        let (pattern, bindings) = (case.pattern(), case.bindings());
        let payload = quote!(#(__pack::Encode::encode(#bindings, __encoder);)*);
        if input.recursive {
            return quote!(#pattern => __encoder.node(#width, #at, |__encoder| { #payload }));
        }
        quote!(#pattern => { __encoder.discriminant(#width, #at); #payload })
    });
    let encode_body = quote!(match self { #(#encode_arms,)* });
    let decode_arms = numbered(cases).map(|(at, case)| {
        let (ident, name) = (case.ident, &case.name);
        let parts = case.fields.iter().map(|field| {
            let ty = field.ty;
            quote! {
                match <#ty as __pack::GraphValue>::decode(__decoder) {
                    __pack::Ok(value) => value,
                    __pack::Err(error) => return __pack::Err(error.in_field(#name)),
                }
            }
        });
        if case.fields.is_empty() {
            quote!(#at => Self::#ident)
        } else {
            quote!(#at => Self::#ident(#(#parts),*))
        }
    });
    let read = quote! {
        __pack::Ok(match __case {
            #(#decode_arms,)*
            _ => return __pack::Err(__decoder.error(__pack::DecodeErrorKind::Unsupported)),
        })
    };
    let (constants, decode_body) = if input.recursive {
        (
            quote! {
                const MIN_WIDTH: __pack::primitive::u32 = #bytes;
                const NODE: __pack::Option<__pack::Width> = __pack::Some(#width);
            },
            quote!(__decoder.node(#width, #count, |__decoder, __case| #read)),
        )
    } else {
        let payloads = cases.iter().map(|case| {
            let types: Vec<_> = case.fields.iter().map(|field| field.ty).collect();
            sum_of(&types)
        });
        (
            quote! {
                const MIN_WIDTH: __pack::primitive::u32 =
                    __pack::least(&[#(#payloads),*]).saturating_add(#bytes);
            },
            quote! {
                let __case = __decoder.discriminant(#width, #count)?;
                #read
            },
        )
    };
    let (encode, decode) = (encode_fn(&encode_body), decode_fn(&decode_body));
    Expansion {
        encode,
        graph_value: quote!(#constants #decode),
    }
}

/// The sum of the least widths of several types.
fn sum_of(types: &[&syn::Type]) -> TokenStream {
    types.iter().fold(
        quote!(0),
        |sum, ty| quote!(<#ty as __pack::GraphValue>::MIN_WIDTH.saturating_add(#sum)),
    )
}
