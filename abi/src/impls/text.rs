use alloc::borrow::Cow;
use alloc::string::String;

use crate::error::DecodeError;
use crate::graph_value::{Encode, GraphValue};
use crate::pack_type::{PackType, SchemaBuilder};
use crate::schema::Type;
use crate::wire::{Decoder, Encoder, Sink};

impl Encode for str {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        encoder.string(self);
    }
}

impl Encode for String {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        encoder.string(self);
    }
}

impl GraphValue for String {
    const MIN_WIDTH: u32 = 4;

    #[inline]
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        decoder.string()
    }
}

impl PackType for String {
    fn describe(_: &mut SchemaBuilder) -> Type {
        Type::String
    }
}

impl Encode for Cow<'_, str> {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        encoder.string(self);
    }
}

impl GraphValue for Cow<'static, str> {
    const MIN_WIDTH: u32 = 4;

    #[inline]
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        decoder.string().map(Cow::Owned)
    }
}

impl PackType for Cow<'static, str> {
    fn describe(_: &mut SchemaBuilder) -> Type {
        Type::String
    }
}
