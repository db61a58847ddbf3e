use crate::error::DecodeError;
use crate::graph_value::{Encode, GraphValue, least};
use crate::pack_type::{PackType, SchemaBuilder};
use crate::schema::{Type, TypeKind};
use crate::wire::{Decoder, Encoder, Sink};

impl<T: Encode> Encode for Option<T> {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        encoder.write(&[u8::from(self.is_some())]);
        if let Some(value) = self {
            value.encode(encoder);
        }
    }
}

impl<T: GraphValue> GraphValue for Option<T> {
    const MIN_WIDTH: u32 = 1;
    const CYCLE_NEEDS_PACK_RECURSIVE: bool = T::CYCLE_NEEDS_PACK_RECURSIVE;

    #[inline]
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Ok(if decoder.bool()? {
            Some(T::decode(decoder)?)
        } else {
            None
        })
    }
}

impl<T: PackType> PackType for Option<T> {
    fn describe(builder: &mut SchemaBuilder) -> Type {
        let inner = T::describe(builder);
        builder.anonymous(TypeKind::Option(inner))
    }
}

impl<T: Encode, E: Encode> Encode for Result<T, E> {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        encoder.write(&[u8::from(self.is_err())]);
        match self {
            Ok(value) => value.encode(encoder),
            Err(error) => error.encode(encoder),
        }
    }
}

impl<T: GraphValue, E: GraphValue> GraphValue for Result<T, E> {
    const MIN_WIDTH: u32 = 1 + least(&[T::MIN_WIDTH, E::MIN_WIDTH]);
    const CYCLE_NEEDS_PACK_RECURSIVE: bool =
        T::CYCLE_NEEDS_PACK_RECURSIVE && E::CYCLE_NEEDS_PACK_RECURSIVE;

    #[inline]
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        if decoder.bool()? {
            return E::decode(decoder)
                .map(Err)
                .map_err(|error| error.in_field("error"));
        }
        T::decode(decoder)
            .map(Ok)
            .map_err(|error| error.in_field("ok"))
    }
}

impl<T: PackType, E: PackType> PackType for Result<T, E> {
    fn describe(builder: &mut SchemaBuilder) -> Type {
        let [ok, err] = [T::describe(builder), E::describe(builder)];
        let payload = |ty: Type, builder: &SchemaBuilder| (!builder.is_unit(ty)).then_some(ty);
        let kind = TypeKind::Result {
            ok: payload(ok, builder),
            err: payload(err, builder),
        };
        builder.anonymous(kind)
    }
}
