use ::uuid::Uuid;

use crate::error::DecodeError;
use crate::graph_value::{Encode, GraphValue};
use crate::impls::{own_view, same_as};
use crate::wire::{Decoder, Encoder, Sink};

/// Its sixteen bytes, in the order in which they are printed: in WIT a `list<u8, 16>`.
impl Encode for Uuid {
    const FIXED: Option<usize> = Some(16);

    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        encoder.write(self.as_bytes());
    }

    #[inline]
    fn put_fixed(&self, room: &mut [u8]) {
        if let Some(room) = room.first_chunk_mut() {
            *room = *self.as_bytes();
        }
    }
}

impl GraphValue for Uuid {
    const MIN_WIDTH: u32 = 16;

    #[inline]
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        decoder.array().map(Self::from_bytes)
    }

    #[inline]
    fn get_fixed(bytes: &[u8]) -> Option<Self> {
        bytes.first_chunk().map(|bytes| Self::from_bytes(*bytes))
    }
}

own_view!(impl[] Uuid);
same_as!(impl[] Uuid => [u8; 16]);
