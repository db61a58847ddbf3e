use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::sync::Arc;

use crate::error::DecodeError;
use crate::graph_value::{Encode, GraphValue};
use crate::impls::{primitive, same_as, view_as};
use crate::raw;
use crate::view::{Cursor, GraphView, LeafLayout};
use crate::wire::{Decoder, Encoder, Sink, to_usize};

impl Encode for str {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        encoder.string(self);
    }

    #[inline]
    fn contents(&self) -> Option<(usize, &[u8])> {
        Some((self.len(), self.as_bytes()))
    }
}

impl Encode for String {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        encoder.string(self);
    }

    #[inline]
    fn contents(&self) -> Option<(usize, &[u8])> {
        self.as_str().contents()
    }
}

impl GraphValue for String {
    const MIN_WIDTH: u32 = 4;

    #[inline]
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        decoder.string()
    }

    #[inline]
    fn decode_contents(decoder: &mut Decoder<'_>, count: u32) -> Result<Self, DecodeError> {
        let text = decoder.text(count)?;
        decoder.charge_bytes(text.len())?;
        Ok(raw::string(text))
    }
}

impl GraphView for String {
    type Ref<'a> = &'a str;
    const HAS_NODES: bool = false;
    const LEAF: LeafLayout = LeafLayout::TEXT;

    #[inline]
    fn check(decoder: &mut Decoder<'_>) -> Result<(), DecodeError> {
        if decoder.skip_text() {
            return Ok(());
        }
        let text = decoder.str()?;
        decoder.charge_bytes(text.len())
    }

    #[inline]
    fn read<'a>(cursor: &mut Cursor<'a>, _: bool) -> &'a str {
        cursor.str()
    }

    #[inline]
    fn skip(cursor: &mut Cursor<'_>) {
        let length = cursor.count();
        cursor.advance(to_usize(length));
    }

    #[inline]
    fn to_owned(view: &str) -> Self {
        raw::string(view)
    }

    #[inline]
    fn encode_view<S: Sink>(view: &str, encoder: &mut Encoder<S>) {
        encoder.string(view);
    }

    #[inline]
    fn view_contents<'v>(view: &'v &str) -> Option<(usize, &'v [u8])> {
        view.contents()
    }

    #[inline]
    fn check_contents(decoder: &mut Decoder<'_>, count: u32) -> Result<(), DecodeError> {
        let text = decoder.text(count)?;
        decoder.charge_bytes(text.len())
    }

    #[inline]
    fn read_contents(mut cursor: Cursor<'_>, count: u32) -> &str {
        cursor.text(count)
    }
}

primitive!(String, String);

macro_rules! shared_text {
    ($pointer:ident) => {
        impl Encode for $pointer<str> {
            #[inline]
            fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
                encoder.string(self);
            }

            #[inline]
            fn contents(&self) -> Option<(usize, &[u8])> {
                (**self).contents()
            }
        }

        text!($pointer);
    };
}

macro_rules! text {
    ($pointer:ident) => {
        impl GraphValue for $pointer<str> {
            const MIN_WIDTH: u32 = 4;

            #[inline]
            fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                let text = decoder.str()?;
                decoder.charge_bytes(text.len())?;
                Ok(Self::from(text))
            }
        }

        view_as!(impl[] $pointer<str> => String);
        same_as!(impl[] $pointer<str> => String);
    };
}

text!(Box);
shared_text!(Rc);
shared_text!(Arc);
