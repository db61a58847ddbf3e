use alloc::string::String;

use ::smol_str::SmolStr;

use crate::error::DecodeError;
use crate::graph_value::{Encode, GraphValue};
use crate::impls::{same_as, view_as};
use crate::wire::{Decoder, Encoder, Sink};

impl Encode for SmolStr {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        encoder.string(self);
    }

    #[inline]
    fn contents(&self) -> Option<(usize, &[u8])> {
        (**self).contents()
    }
}

impl GraphValue for SmolStr {
    const MIN_WIDTH: u32 = 4;

    #[inline]
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let text = decoder.str()?;
        decoder.charge_bytes(text.len())?;
        Ok(Self::new(text))
    }
}

view_as!(impl[] SmolStr => String);
same_as!(impl[] SmolStr => String);
