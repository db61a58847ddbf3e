//! What the code of derives shares. A type's node head is decided by the compiler after the derive is done, so that one
//! form of code serves types with and without: what does not apply is never compiled.

use crate::error::{DecodeError, DecodeErrorKind};
use crate::graph_value::{Encode, GraphValue, get_part, put_part};
use crate::pack_type::leads_to;
use crate::raw::Plain;
use crate::view::{Cursor, GraphView, LeafLayout};
use crate::wire::{Decoder, Encoder, FlatReader, FlatWriter, NodeKey, Sink, Width, to_usize};

/// What a derive asks of a part: all of it in one trait, so that a part that is no value is one error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel through Pack",
    label = "not a Pack value",
    note = "add `#[derive(GraphValue, PackType)]` to the type; for a type of another crate, wrap it in one of your own, \
            or say `#[pack(with = module)]` on the field"
)]
#[allow(
    missing_docs,
    reason = "each is what `GraphValue` calls so, or without `_part`"
)]
pub trait Part: Sized {
    const MIN_WIDTH: u32;
    const FIXED: Option<usize>;
    const PLAIN: Option<Plain<Self>>;

    fn encode_part<S: Sink>(&self, encoder: &mut Encoder<S>);
    fn put_part<'a>(&self, room: &'a mut [u8]) -> &'a mut [u8];
    fn flatten_part(&self, slots: &mut FlatWriter<'_>);
    fn decode_part(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError>;
    fn get_part(bytes: &mut &[u8]) -> Option<Self>;
    fn unflatten_part(slots: &mut FlatReader<'_>) -> Result<Self, DecodeError>;
}

impl<T: GraphValue> Part for T {
    const MIN_WIDTH: u32 = <T as GraphValue>::MIN_WIDTH;
    const FIXED: Option<usize> = <T as Encode>::FIXED;
    const PLAIN: Option<Plain<Self>> = <T as Encode>::PLAIN;

    #[inline(always)]
    fn encode_part<S: Sink>(&self, encoder: &mut Encoder<S>) {
        self.encode(encoder);
    }

    #[inline(always)]
    fn put_part<'a>(&self, room: &'a mut [u8]) -> &'a mut [u8] {
        put_part(self, room)
    }

    #[inline(always)]
    fn flatten_part(&self, slots: &mut FlatWriter<'_>) {
        self.flatten(slots);
    }

    #[inline(always)]
    fn decode_part(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        T::decode(decoder)
    }

    #[inline(always)]
    fn get_part(bytes: &mut &[u8]) -> Option<Self> {
        get_part(bytes)
    }

    #[inline(always)]
    fn unflatten_part(slots: &mut FlatReader<'_>) -> Result<Self, DecodeError> {
        T::unflatten(slots)
    }
}

/// The width of the node head of a type, whose derive knows how many cases it has; a record counts as one.
pub const fn node_width<T: GraphValue>(cases: usize) -> Option<Width> {
    if T::INFO.get().is_recursive() {
        Some(Width::for_values(cases + 1))
    } else {
        None
    }
}

/// The same, once it is known.
pub const fn node<T: GraphValue>() -> Option<Width> {
    T::NODE
}

/// Writes a record, of which `body` writes the parts.
#[inline(always)]
pub fn encode_record<T: GraphValue, S: Sink>(
    encoder: &mut Encoder<S>,
    body: impl FnOnce(&mut Encoder<S>),
) {
    match T::NODE {
        Some(width) => encoder.node(width, 0, body),
        None => body(encoder),
    }
}

/// Writes a case of a variant, of which `body` writes the payload.
#[inline(always)]
pub fn encode_case<T: GraphValue, S: Sink>(
    width: Width,
    case: u32,
    encoder: &mut Encoder<S>,
    body: impl FnOnce(&mut Encoder<S>),
) {
    match T::NODE {
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

/// Checks a record, of which `body` checks the parts.
///
/// # Errors
///
/// As [`decode_record`].
#[inline(always)]
pub fn check_record<T: GraphView>(
    decoder: &mut Decoder<'_>,
    body: impl FnOnce(&mut Decoder<'_>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    match T::NODE {
        Some(width) => check_record_node(NodeKey::of::<T>(), width, decoder, body),
        None => body(decoder),
    }
}

#[inline(always)]
fn check_record_node(
    key: NodeKey,
    width: Width,
    decoder: &mut Decoder<'_>,
    body: impl FnOnce(&mut Decoder<'_>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    decoder.check_node(key, width, 1, |decoder, _| decoder.check_inside(body))
}

/// Checks a variant, of which `body` checks the payload, by [`check_case`], unless it is one of the leaves.
///
/// # Errors
///
/// As [`decode_variant`].
#[inline(always)]
pub fn check_variant<T: GraphView>(
    width: Width,
    leaves: &'static [LeafLayout],
    decoder: &mut Decoder<'_>,
    body: impl FnOnce(&mut Decoder<'_>, u32) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let is_small = matches!(T::NODE.unwrap_or(width), Width::One);
    if is_small && decoder.skip_leaf(leaves, T::NODE.is_some()) {
        return Ok(());
    }
    // Rust has no more than that, and WIT no more than 2^32.
    let cases = u32::try_from(leaves.len()).unwrap_or(u32::MAX);
    match T::NODE {
        Some(width) => decoder.check_node(NodeKey::of::<T>(), width, cases, body),
        None => {
            let case = decoder.discriminant(width, cases)?;
            body(decoder, case)
        }
    }
}

/// Checks the payload of a case, by `body`.
///
/// # Errors
///
/// Those of `body`.
#[inline(always)]
pub fn check_case<T: GraphView>(
    has_nodes: bool,
    decoder: &mut Decoder<'_>,
    body: impl FnOnce(&mut Decoder<'_>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    match T::NODE {
        Some(_) if has_nodes => decoder.check_inside(body),
        _ => body(decoder),
    }
}

/// Checks a value that is its own view.
///
/// # Errors
///
/// As decoding it.
#[inline(always)]
pub fn check_copied<T: GraphValue>(decoder: &mut Decoder<'_>) -> Result<(), DecodeError> {
    T::decode(decoder).map(drop)
}

/// Reads a record that was checked, of which `body` reads the parts.
#[inline(always)]
pub fn read_record<'a, T: GraphView, R>(
    cursor: &mut Cursor<'a>,
    last: bool,
    body: impl FnOnce(&mut Cursor<'a>, bool) -> R,
) -> R {
    match T::NODE {
        Some(width) => cursor.node(width, last, |cursor, last, _| cursor.inside(last, body)),
        None => body(cursor, last),
    }
}

/// Reads a variant that was checked, of which `body` reads the payload of the case found, by [`read_case`].
#[inline(always)]
pub fn read_variant<'a, T: GraphView, R>(
    width: Width,
    cursor: &mut Cursor<'a>,
    last: bool,
    body: impl FnOnce(&mut Cursor<'a>, bool, u32) -> R,
) -> R {
    match T::NODE {
        Some(width) => cursor.node(width, last, body),
        None => {
            let case = cursor.discriminant(width);
            body(cursor, last, case)
        }
    }
}

/// Reads the payload of a case, by `body`.
#[inline(always)]
pub fn read_case<'a, T: GraphView, R>(
    has_nodes: bool,
    cursor: &mut Cursor<'a>,
    last: bool,
    body: impl FnOnce(&mut Cursor<'a>, bool) -> R,
) -> R {
    match T::NODE {
        Some(_) if has_nodes => cursor.inside(last, body),
        _ => body(cursor, last),
    }
}

/// Goes past a record that was checked, whose parts `body` goes past.
#[inline]
pub fn skip_record<T: GraphView>(cursor: &mut Cursor<'_>, body: impl FnOnce(&mut Cursor<'_>)) {
    match T::NODE {
        Some(width) => cursor.skip_node(width, |_| true, |_, _| {}),
        None => body(cursor),
    }
}

/// Goes past a variant that was checked, of which `body` goes past the payload of the case found, unless that may be, or have
/// in it, other nodes.
#[inline]
pub fn skip_variant<T: GraphView>(
    width: Width,
    has_nodes: &[bool],
    cursor: &mut Cursor<'_>,
    body: impl FnOnce(&mut Cursor<'_>, u32),
) {
    match T::NODE {
        Some(width) => {
            let has_nodes = |case: u32| has_nodes.get(to_usize(case)) == Some(&true);
            cursor.skip_node(width, has_nodes, body);
        }
        None => {
            let case = cursor.discriminant(width);
            body(cursor, case);
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
    pub const fn of<T: GraphValue>(case: usize) -> Self {
        let variant = T::INFO.get();
        let payload = match variant.payload(case) {
            Some(payload) => payload.get(),
            // Both derives number the cases alike, so that it is there.
            None => variant,
        };
        // Only the variant refers to it.
        let recursive = leads_to(payload, variant.identity.id());
        Self {
            id: payload.identity.id(),
            node: if recursive { Some(Width::One) } else { None },
        }
    }

    /// Writes it, by `body`.
    #[inline(always)]
    pub fn encode<S: Sink>(self, encoder: &mut Encoder<S>, body: impl FnOnce(&mut Encoder<S>)) {
        match self.node {
            Some(width) => encoder.node(width, 0, body),
            None => body(encoder),
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

    /// Checks it, by `body`.
    ///
    /// # Errors
    ///
    /// As [`decode_record`].
    #[inline(always)]
    pub fn check(
        self,
        decoder: &mut Decoder<'_>,
        body: impl FnOnce(&mut Decoder<'_>) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        match self.node {
            Some(width) => check_record_node(NodeKey::Rust(self.id), width, decoder, body),
            None => body(decoder),
        }
    }

    /// Reads it, by `body`, after it was checked.
    #[inline(always)]
    pub fn read<'a, R>(
        self,
        cursor: &mut Cursor<'a>,
        last: bool,
        body: impl FnOnce(&mut Cursor<'a>, bool) -> R,
    ) -> R {
        match self.node {
            Some(width) => cursor.node(width, last, |cursor, last, _| cursor.inside(last, body)),
            None => body(cursor, last),
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
