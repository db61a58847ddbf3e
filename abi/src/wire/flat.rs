use core::any::Any;

use crate::error::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind};

/// Writes a value as core WebAssembly values, one 64-bit slot each: integers zero-extended from their
/// core width, floats as their bits.
#[derive(Debug)]
pub struct FlatWriter<'a> {
    slots: core::slice::IterMut<'a, u64>,
    handles: Option<&'a mut dyn Any>,
    error: Option<EncodeErrorKind>,
}

impl<'a> FlatWriter<'a> {
    /// Writes into the slots, from the first.
    pub fn new(slots: &'a mut [u64]) -> Self {
        Self {
            slots: slots.iter_mut(),
            handles: None,
            error: None,
        }
    }

    /// Lets resources be written.
    #[must_use]
    pub fn with_handles(mut self, handles: &'a mut dyn Any) -> Self {
        self.handles = Some(handles);
        self
    }

    /// Ends the value.
    ///
    /// # Errors
    ///
    /// If it has a resource that cannot be passed.
    #[inline]
    pub fn finish(self) -> Result<(), EncodeError> {
        match self.error {
            None => Ok(()),
            Some(kind) => Err(EncodeError::new(kind)),
        }
    }

    pub(crate) fn handles(&mut self) -> Option<&mut dyn Any> {
        self.handles.as_deref_mut()
    }

    #[cold]
    pub(crate) fn fail(&mut self, kind: EncodeErrorKind) {
        self.error.get_or_insert(kind);
    }

    /// Refuses a variant that has no case on the wire.
    #[doc(hidden)]
    #[cold]
    pub fn skipped_variant(&mut self, name: &'static str) {
        self.fail(EncodeErrorKind::SkippedVariant { name });
    }

    /// Fills the next slot. The schema decides how many there are; past the last nothing is written.
    #[inline]
    pub fn push(&mut self, bits: u64) {
        if let Some(slot) = self.slots.next() {
            *slot = bits;
        }
    }
}

/// Reads what [`FlatWriter`] wrote.
#[derive(Debug)]
pub struct FlatReader<'a> {
    slots: core::slice::Iter<'a, u64>,
    handles: Option<&'a mut dyn Any>,
}

impl<'a> FlatReader<'a> {
    /// Reads the slots, from the first.
    pub fn new(slots: &'a [u64]) -> Self {
        Self {
            slots: slots.iter(),
            handles: None,
        }
    }

    /// Lets resources be read.
    #[must_use]
    pub fn with_handles(mut self, handles: &'a mut dyn Any) -> Self {
        self.handles = Some(handles);
        self
    }

    pub(crate) fn handles(&mut self) -> Option<&mut dyn Any> {
        self.handles.as_deref_mut()
    }

    /// The next slot.
    ///
    /// # Errors
    ///
    /// If there is none.
    #[inline]
    pub fn next_slot(&mut self) -> Result<u64, DecodeError> {
        match self.slots.next() {
            Some(bits) => Ok(*bits),
            None => Err(DecodeError::new(DecodeErrorKind::Unsupported, 0)),
        }
    }

    /// The next slot as an integer of a narrower type.
    ///
    /// # Errors
    ///
    /// If there is none, or its number is outside the type's range.
    #[inline]
    pub fn unsigned<T: TryFrom<u64>>(&mut self) -> Result<T, DecodeError> {
        let bits = self.next_slot()?;
        T::try_from(bits).map_err(|_| out_of_range(bits))
    }

    /// The next slot as a signed integer that travels in 32 bits.
    ///
    /// # Errors
    ///
    /// If there is none, or its number is outside the type's range.
    #[inline]
    pub fn signed<T: TryFrom<i32>>(&mut self) -> Result<T, DecodeError> {
        let bits = self.unsigned::<u32>()?;
        T::try_from(bits.cast_signed()).map_err(|_| out_of_range(u64::from(bits)))
    }
}

#[cold]
fn out_of_range(bits: u64) -> DecodeError {
    DecodeError::new(DecodeErrorKind::CoreValue(bits), 0)
}
