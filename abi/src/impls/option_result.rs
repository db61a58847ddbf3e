use crate::error::DecodeError;
use crate::graph_value::{Encode, GraphValue, least};
use crate::impls::anonymous;
use crate::pack_type::Shape;
use crate::view::{Cursor, GraphView};
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

    #[inline]
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Ok(if decoder.bool()? {
            Some(T::decode(decoder)?)
        } else {
            None
        })
    }
}

impl<T: GraphView> GraphView for Option<T> {
    type Ref<'a> = Option<T::Ref<'a>>;
    const HAS_NODES: bool = T::HAS_NODES;

    #[inline]
    fn check(decoder: &mut Decoder<'_>) -> Result<(), DecodeError> {
        match decoder.bool()? {
            true => T::check(decoder),
            false => Ok(()),
        }
    }

    #[inline]
    fn read<'a>(cursor: &mut Cursor<'a>, last: bool) -> Self::Ref<'a> {
        cursor.bool().then(|| T::read(cursor, last))
    }

    #[inline]
    fn skip(cursor: &mut Cursor<'_>) {
        if cursor.bool() {
            T::skip(cursor);
        }
    }

    #[inline]
    fn to_owned(view: Self::Ref<'_>) -> Self {
        view.map(T::to_owned)
    }

    #[inline]
    fn encode_view<S: Sink>(view: Self::Ref<'_>, encoder: &mut Encoder<S>) {
        encoder.write(&[u8::from(view.is_some())]);
        if let Some(view) = view {
            T::encode_view(view, encoder);
        }
    }
}

anonymous!(impl[T] Option<T>, in Outer: Option<T::In<Outer>> => "option" [Type(T::IDENTITY)] Shape::Option(T::INFO));

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

impl<T: GraphView, E: GraphView> GraphView for Result<T, E> {
    type Ref<'a> = Result<T::Ref<'a>, E::Ref<'a>>;
    const HAS_NODES: bool = T::HAS_NODES || E::HAS_NODES;

    #[inline]
    fn check(decoder: &mut Decoder<'_>) -> Result<(), DecodeError> {
        match decoder.bool()? {
            true => E::check(decoder).map_err(|error| error.in_field("error")),
            false => T::check(decoder).map_err(|error| error.in_field("ok")),
        }
    }

    #[inline]
    fn read<'a>(cursor: &mut Cursor<'a>, last: bool) -> Self::Ref<'a> {
        match cursor.bool() {
            true => Err(E::read(cursor, last)),
            false => Ok(T::read(cursor, last)),
        }
    }

    #[inline]
    fn skip(cursor: &mut Cursor<'_>) {
        match cursor.bool() {
            true => E::skip(cursor),
            false => T::skip(cursor),
        }
    }

    #[inline]
    fn to_owned(view: Self::Ref<'_>) -> Self {
        view.map(T::to_owned).map_err(E::to_owned)
    }

    #[inline]
    fn encode_view<S: Sink>(view: Self::Ref<'_>, encoder: &mut Encoder<S>) {
        encoder.write(&[u8::from(view.is_err())]);
        match view {
            Ok(view) => T::encode_view(view, encoder),
            Err(view) => E::encode_view(view, encoder),
        }
    }
}

anonymous!(impl[T, E] Result<T, E>, in Outer: Result<T::In<Outer>, E::In<Outer>> => "result" [Type(T::IDENTITY), Type(E::IDENTITY)] Shape::Result(T::INFO, E::INFO));
