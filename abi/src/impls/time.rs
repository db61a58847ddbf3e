use core::time::Duration;

use crate::error::{DecodeError, DecodeErrorKind};
use crate::graph_value::{Encode, GraphValue};
use crate::impls::{own_view, same_as};
use crate::wire::{Decoder, Encoder, FlatReader, FlatWriter, Sink};

/// Whole seconds, and nanoseconds of the next: in WIT a `tuple<u64, u32>`, which has room for every duration.
type Parts = (u64, u32);

impl Encode for Duration {
    #[inline]
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        (self.as_secs(), self.subsec_nanos()).encode(encoder);
    }

    #[inline]
    fn flatten(&self, slots: &mut FlatWriter<'_>) {
        (self.as_secs(), self.subsec_nanos()).flatten(slots);
    }
}

/// A second or more in the nanoseconds is refused.
impl GraphValue for Duration {
    const MIN_WIDTH: u32 = Parts::MIN_WIDTH;

    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        duration(Parts::decode(decoder)?)
            .ok_or_else(|| decoder.error_before(size_of::<u32>(), DecodeErrorKind::OutOfRange))
    }

    fn unflatten(slots: &mut FlatReader<'_>) -> Result<Self, DecodeError> {
        duration(Parts::unflatten(slots)?)
            .ok_or_else(|| DecodeError::new(DecodeErrorKind::OutOfRange, 0))
    }
}

fn duration((seconds, nanos): Parts) -> Option<Duration> {
    (nanos < 1_000_000_000).then(|| Duration::new(seconds, nanos))
}

own_view!(impl[] Duration);
same_as!(impl[] Duration => Parts);
