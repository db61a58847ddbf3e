//! What the code of derives shares. A type's node head is decided by the compiler after the derive is done, so that one
//! form of code serves types with and without: what does not apply is never compiled.

use crate::error::{DecodeError, DecodeErrorKind};
use crate::graph_value::GraphValue;
use crate::pack_type::{Part, TypeInfo, leads_to};
use crate::wire::{Decoder, Encoder, NodeKey, Sink, Width};

/// The width of the node head of a record, which counts as one case, or a variant.
pub const fn node_width(info: &'static TypeInfo, cases: usize) -> Option<Width> {
    if info.is_recursive() {
        Some(Width::for_values(cases + 1))
    } else {
        None
    }
}

/// Writes a record, of which `body` writes the parts.
#[inline(always)]
pub fn encode_record<S: Sink>(
    node: Option<Width>,
    encoder: &mut Encoder<S>,
    body: impl FnOnce(&mut Encoder<S>),
) {
    match node {
        Some(width) => encoder.node(width, 0, body),
        None => body(encoder),
    }
}

/// Writes a case of a variant, of which `body` writes the payload.
#[inline(always)]
pub fn encode_case<S: Sink>(
    node: Option<Width>,
    width: Width,
    case: u32,
    encoder: &mut Encoder<S>,
    body: impl FnOnce(&mut Encoder<S>),
) {
    match node {
        Some(width) => encoder.node(width, case, body),
        None => {
            encoder.discriminant(width, case);
            body(encoder);
        }
    }
}

/// Reads a record, of which `body` reads the parts.
///
/// # Errors
///
/// If `body` fails, or there is no node where there must be one.
#[inline(always)]
pub fn decode_record<T: GraphValue>(
    decoder: &mut Decoder<'_>,
    body: impl FnOnce(&mut Decoder<'_>) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    match T::NODE {
        Some(width) => decoder.node(width, 1, |decoder, _| body(decoder)),
        None => body(decoder),
    }
}

/// Reads a variant, of which `body` reads the payload.
///
/// # Errors
///
/// If `body` fails, or the discriminant stands for no case.
#[inline(always)]
pub fn decode_variant<T: GraphValue>(
    width: Width,
    cases: u32,
    decoder: &mut Decoder<'_>,
    body: impl FnOnce(&mut Decoder<'_>, u32) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    match T::NODE {
        Some(width) => decoder.node(width, cases, body),
        None => {
            let case = decoder.discriminant(width, cases)?;
            body(decoder, case)
        }
    }
}

/// The record that a case with named fields holds. It is a type of the schema, but not of Rust.
#[derive(Debug, Clone, Copy)]
pub struct Payload {
    id: u64,
    /// The width of its node head, if it has one.
    pub node: Option<Width>,
}

impl Payload {
    /// That of a case of a variant.
    pub const fn of(variant: &'static TypeInfo, case: usize) -> Self {
        let payload = match variant.part(case) {
            Part::Type(payload) => payload.get(),
            // Both derives number the cases alike, so that it is there.
            Part::Nothing | Part::End => variant,
        };
        // Only the variant refers to it.
        let recursive = leads_to(payload, variant.identity.id());
        Self {
            id: payload.identity.id(),
            node: if recursive { Some(Width::One) } else { None },
        }
    }

    /// Reads it, by `body`. `again` reads another copy, node head included, for a back reference.
    ///
    /// # Errors
    ///
    /// As [`decode_record`].
    #[inline(always)]
    pub fn decode<T>(
        self,
        decoder: &mut Decoder<'_>,
        body: impl FnOnce(&mut Decoder<'_>) -> Result<T, DecodeError>,
        again: impl FnOnce(&mut Decoder<'_>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        match self.node {
            Some(width) => {
                let body = |decoder: &mut Decoder<'_>, _| body(decoder);
                decoder.keyed_node(NodeKey::Rust(self.id), width, 1, body, again)
            }
            None => body(decoder),
        }
    }
}

/// The error for a value that a field's `with` module does not accept.
#[cold]
pub fn invalid(decoder: &Decoder<'_>, reason: &dyn core::fmt::Display) -> DecodeError {
    decoder.error(invalid_kind(reason))
}

/// The same for a core value.
#[cold]
pub fn invalid_slot(reason: &dyn core::fmt::Display) -> DecodeError {
    DecodeError::new(invalid_kind(reason), 0)
}

fn invalid_kind(reason: &dyn core::fmt::Display) -> DecodeErrorKind {
    DecodeErrorKind::Invalid {
        reason: alloc::format!("{reason}"),
    }
}
