use alloc::vec::Vec;

use ::bytes::Bytes;

use crate::error::DecodeError;
use crate::graph_value::{Encode, GraphValue};
use crate::impls::{same_as, view_as};
use crate::wire::{Decoder, Encoder, Sink};

impl Encode for Bytes {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        (**self).encode(encoder);
    }

    #[inline]
    fn contents(&self) -> Option<(usize, &[u8])> {
        (**self).contents()
    }
}

impl GraphValue for Bytes {
    const MIN_WIDTH: u32 = 4;

    #[inline]
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Vec::decode(decoder).map(Self::from)
    }
}

view_as!(impl[] Bytes => Vec<u8>);
same_as!(impl[] Bytes => Vec<u8>);
