//! The calling end of the calling convention, for imports.

use alloc::vec::Vec;

use pack_abi::__private::{FlatReader, FlatWriter};
use pack_abi::wire::{Encoder, Limits, decode, decode_with_handles};
use pack_abi::{DecodeError, Encode, EncodeError, GraphValue};

use crate::memory::{Kept, length_of, pointer_to};
use crate::refuse::refuse;

/// Buffers for arguments and for results.
static ARGUMENTS: Kept = Kept::new();
static SPACE: Kept = Kept::new();

/// The room for a result that the host is offered at least.
const LEAST_SPACE: usize = 1024;

const LIMITS: Limits = Limits::DEFAULT.with_nodes(u32::MAX).with_bytes(usize::MAX);

/// Where arguments are while the host reads them. Strings, and lists whose elements are in memory as they are on the wire, stay
/// where they are.
#[derive(Debug, Default)]
pub struct Area {
    /// What was written last.
    written: Option<Vec<u8>>,
    /// And before.
    earlier: Vec<Vec<u8>>,
}

impl Area {
    /// Nothing yet.
    #[inline]
    pub fn new() -> Self {
        Self {
            written: None,
            earlier: Vec::new(),
        }
    }

    /// An argument that travels as `N` core values.
    #[inline]
    pub fn flat<const N: usize>(&self, value: &impl Encode) -> [u64; N] {
        let mut slots = [0; N];
        let mut writer = FlatWriter::new(&mut slots);
        value.flatten(&mut writer);
        sendable(writer.finish());
        slots
    }

    /// A string.
    #[inline]
    pub fn text(&self, text: &str) -> (i32, i32) {
        (pointer_to(text.as_ptr()), length_of(text.len()))
    }

    /// A list of elements of one width.
    #[inline]
    pub fn elements<T: Encode>(&mut self, items: &[T]) -> (i32, i32) {
        let pointer = match items.contents() {
            Some((_, bytes)) => pointer_to(bytes.as_ptr()),
            None => self.encode(|encoder| T::encode_list(items, encoder)).0,
        };
        (pointer, length_of(items.len()))
    }

    /// The arguments that travel in a buffer.
    pub fn encode(&mut self, write: impl FnOnce(&mut Encoder<Vec<u8>>)) -> (i32, i32) {
        let mut encoder = Encoder::new(ARGUMENTS.take_empty(), LIMITS);
        write(&mut encoder);
        let bytes = sendable(encoder.finish());
        let place = (pointer_to(bytes.as_ptr()), length_of(bytes.len()));
        self.earlier.extend(self.written.replace(bytes));
        place
    }
}

fn sendable<T>(arguments: Result<T, EncodeError>) -> T {
    match arguments {
        Ok(arguments) => arguments,
        Err(error) => refuse!("the arguments cannot be sent", error),
    }
}

impl Drop for Area {
    fn drop(&mut self) {
        if let Some(buffer) = self.written.take() {
            ARGUMENTS.put_unless_large(buffer);
        }
    }
}

/// Reads a result that travelled as one core value.
#[inline]
pub fn flat_result<T: GraphValue>(slot: u64) -> T {
    checked(T::unflatten(&mut FlatReader::new(&[slot])))
}

/// Calls an import with space for its result, fetches the result if the space was too small, and reads it.
pub fn encoded_result<T: GraphValue>(call: impl FnOnce(i32, i32) -> i32) -> T {
    fetch_result(call, |bytes| decode(bytes, LIMITS))
}

#[inline]
fn fetch_result<T>(
    call: impl FnOnce(i32, i32) -> i32,
    read: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
) -> T {
    let mut space = SPACE.take();
    if space.len() < LEAST_SPACE {
        space.resize(LEAST_SPACE, 0);
    }
    let length = call(pointer_to(space.as_mut_ptr()), length_of(space.len()));
    let length = usize::try_from(length.cast_unsigned()).unwrap_or_default();
    if length > space.len() {
        space.clear();
        space.resize(length, 0);
        // SAFETY: the host writes so many bytes, for which there is room.
        unsafe { take_result(pointer_to(space.as_mut_ptr()), length_of(length)) };
    }
    let value = read(space.get(..length).unwrap_or_default());
    SPACE.put_unless_large(space);
    checked(value)
}

#[cfg(target_arch = "wasm32")]
#[link(wasm_import_module = "$pack")]
unsafe extern "C" {
    #[link_name = "take-result"]
    fn take_result(space: i32, length: i32);
}

#[cfg(not(target_arch = "wasm32"))]
unsafe fn take_result(_: i32, _: i32) {}

/// As [`encoded_result`], where the result has resources: those are taken only once.
pub fn encoded_result_with_handles<T: GraphValue>(call: impl FnOnce(i32, i32) -> i32) -> T {
    fetch_result(call, |bytes| {
        decode_with_handles(bytes, LIMITS, &mut (), T::decode)
    })
}

fn checked<T>(result: Result<T, DecodeError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => refuse!(
            "the result of a host function is not what the contract says",
            error
        ),
    }
}
