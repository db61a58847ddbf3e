//! All unsafe code of this crate: values that are moved as bytes, and bytes that are taken for what they have been found to
//! be. `docs/adr/0017-a-little-unsafe-on-the-wire.md` has what it saves.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use core::slice;
use core::str::Utf8Error;

/// Says of a type that its values are in memory as they are on the wire: little-endian numbers one after the other with
/// nothing between them, so that any bytes of the right number are a value. Lists of such values move in one piece.
pub struct Plain<T: ?Sized>(PhantomData<fn(&T)>);

impl<T: ?Sized> fmt::Debug for Plain<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain")
    }
}

impl<T> Plain<T> {
    /// Of a number.
    pub(crate) const fn number() -> Option<Self> {
        if cfg!(target_endian = "little") {
            Some(Self(PhantomData))
        } else {
            None
        }
    }

    /// Of a type that is a number of plain values of another type, and nothing else.
    pub(crate) const fn made_of<U>(part: &Option<Plain<U>>) -> Option<Self> {
        if part.is_some() {
            Some(Self(PhantomData))
        } else {
            None
        }
    }

    /// Of a struct or a tuple, given all of its fields, each once, in their order on the wire. The derive, whose the caller
    /// is, has them from the definition of the struct; others have no business here.
    #[doc(hidden)]
    pub const fn fields(fields: &[Field]) -> Option<Self> {
        let (mut rest, mut end) = (fields, 0);
        while let [field, tail @ ..] = rest {
            if !field.is_plain || field.offset != end {
                return None;
            }
            end += field.size;
            rest = tail;
        }
        // Then there is no padding after the last field either.
        if end > 0 && end == size_of::<T>() {
            Some(Self(PhantomData))
        } else {
            None
        }
    }

    /// The values as they are on the wire.
    #[inline]
    pub(crate) fn bytes<'a>(&self, values: &'a [T]) -> &'a [u8] {
        // SAFETY: they have no padding, see `Plain`, and are as many bytes as their slice is large.
        unsafe { slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
    }

    /// The values whose bytes these are, if the bytes are where such values may be; where none are does not matter. Bytes that
    /// make no whole value are left over.
    #[inline]
    pub(crate) fn slice<'a>(&self, bytes: &'a [u8]) -> Option<&'a [T]> {
        let values = bytes.as_ptr().cast::<T>();
        match bytes {
            [] => Some(&[]),
            _ if !values.is_aligned() => None,
            // SAFETY: they are aligned, as many as are there, and any bytes are a value, see `Plain`.
            _ => Some(unsafe { slice::from_raw_parts(values, Self::count(bytes)) }),
        }
    }

    /// The same, to be written to.
    #[inline]
    pub(crate) fn slice_mut<'a>(&self, bytes: &'a mut [u8]) -> Option<&'a mut [T]> {
        let values = bytes.as_mut_ptr().cast::<T>();
        match bytes {
            [] => Some(&mut []),
            _ if !values.is_aligned() => None,
            // SAFETY: as in `slice`; and since values have no padding, what is written is bytes all over.
            _ => Some(unsafe { slice::from_raw_parts_mut(values, Self::count(bytes)) }),
        }
    }

    /// How many whole values there are.
    const fn count(bytes: &[u8]) -> usize {
        let size = const {
            if size_of::<T>() > 0 {
                size_of::<T>()
            } else {
                1
            }
        };
        bytes.len() / size
    }

    /// The values whose bytes these are. Bytes that make no whole value are left over.
    #[inline]
    pub(crate) fn list(&self, bytes: &[u8]) -> Vec<T> {
        let count = Self::count(bytes);
        let mut values: Vec<T> = Vec::with_capacity(count);
        // SAFETY: there is room for so many values, which are at most as many bytes as there are; all are initialized, since
        // any bytes are a value, see `Plain`.
        unsafe {
            let room = values.as_mut_ptr();
            bytes
                .as_ptr()
                .copy_to_nonoverlapping(room.cast(), count * size_of::<T>());
            values.set_len(count);
        }
        values
    }
}

/// A field of a struct.
#[doc(hidden)]
#[derive(Debug)]
pub struct Field {
    offset: usize,
    size: usize,
    is_plain: bool,
}

impl Field {
    /// A field of a struct `T`, at an offset. The function shows of which type it is.
    pub const fn new<T, F>(offset: usize, _: fn(&T) -> &F, plain: &Option<Plain<F>>) -> Self {
        Self {
            offset,
            size: size_of::<F>(),
            is_plain: plain.is_some(),
        }
    }
}

/// The first so many bytes, of which there are as many, as text; and the rest.
///
/// Short text, which most is, is looked at together with what comes after it: how long it is makes no difference, which a
/// processor could only guess.
#[inline]
pub(crate) fn split_text(bytes: &[u8], length: usize) -> Option<(Result<&str, Utf8Error>, &[u8])> {
    let (text, rest) = bytes.split_at_checked(length)?;
    if let Some((low, high)) = bytes
        .first_chunk::<16>()
        .and_then(|block| block.split_first_chunk())
        && let Some(high) = high.first_chunk()
        && length <= 16
    {
        // The high bits of the first so many bytes of a word.
        let mask =
            |count: usize| HIGH_BITS.unbounded_shr(64 - 8 * u32::try_from(count).unwrap_or(8));
        let low = u64::from_le_bytes(*low) & mask(length.min(8));
        let high = u64::from_le_bytes(*high) & mask(length.saturating_sub(8));
        if low | high == 0 {
            // SAFETY: ASCII is UTF-8.
            return Some((Ok(unsafe { str::from_utf8_unchecked(text) }), rest));
        }
    }
    Some((self::text(text), rest))
}

const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// Bytes as text.
#[inline]
pub(crate) fn text(bytes: &[u8]) -> Result<&str, Utf8Error> {
    #[cfg(feature = "simd")]
    if bytes.len() > LONG
        && let Ok(text) = simdutf8::basic::from_utf8(bytes)
    {
        return Ok(text);
    }
    if is_ascii(bytes) {
        // SAFETY: ASCII is UTF-8.
        Ok(unsafe { str::from_utf8_unchecked(bytes) })
    } else {
        str::from_utf8(bytes)
    }
}

/// Longer texts are worth to be looked at with whatever the processor has, whose beginning and end take longer. If something
/// is wrong, it does not say where.
#[cfg(feature = "simd")]
const LONG: usize = 256;

/// Most text is, and much of it is short: two words say it of up to sixteen bytes.
#[inline]
fn is_ascii(bytes: &[u8]) -> bool {
    let word = |bytes: &[u8; 8]| u64::from_ne_bytes(*bytes);
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let ends = word(first) | word(last);
        return ends & HIGH_BITS == 0 && (bytes.len() <= 16 || is_long_ascii(bytes));
    }
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => {
            let ends = u32::from_ne_bytes(*first) | u32::from_ne_bytes(*last);
            u64::from(ends) & HIGH_BITS == 0
        }
        _ => bytes.iter().all(u8::is_ascii),
    }
}

/// The last bytes have been looked at.
fn is_long_ascii(bytes: &[u8]) -> bool {
    bytes.chunks(512).all(|block| {
        let (words, _) = block.as_chunks::<8>();
        let all = words
            .iter()
            .fold(0, |all, word| all | u64::from_ne_bytes(*word));
        all & HIGH_BITS == 0
    })
}

/// Text of its own.
#[inline]
pub(crate) fn string(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    put(&mut bytes, text.as_bytes());
    // SAFETY: they are those of a text.
    unsafe { String::from_utf8_unchecked(bytes) }
}

/// More bytes than this are copied by the means of the platform.
const SHORT: usize = 32;

/// Appends bytes. In a guest, the means of the platform are a call of the engine, which takes longer than a few bytes do.
#[inline]
pub(crate) fn append(buffer: &mut Vec<u8>, bytes: &[u8]) {
    buffer.reserve(bytes.len());
    put(buffer, bytes);
}

/// Appends bytes after their count.
#[inline]
pub(crate) fn append_counted(buffer: &mut Vec<u8>, count: u32, bytes: &[u8]) {
    let count = count.to_le_bytes();
    buffer.reserve(count.len().saturating_add(bytes.len()));
    if bytes.len() > SHORT {
        put(buffer, &count);
        return buffer.extend_from_slice(bytes);
    }
    // SAFETY: there is room for both, which is nowhere near the bytes, for it belongs to the buffer alone; and when all are
    // there, the buffer is as much longer.
    unsafe {
        let end = buffer.as_mut_ptr().add(buffer.len());
        end.cast::<[u8; 4]>().write(count);
        copy_short(bytes.as_ptr(), end.add(count.len()), bytes.len());
        buffer.set_len(buffer.len() + count.len() + bytes.len());
    }
}

/// Fills room with as many bytes.
#[inline]
pub(crate) fn copy(room: &mut [u8], bytes: &[u8]) {
    if room.len() != bytes.len() || bytes.len() > SHORT {
        return room.copy_from_slice(bytes);
    }
    // SAFETY: there is room for just so many, and room that is borrowed alone is nowhere near the bytes.
    unsafe { copy_short(bytes.as_ptr(), room.as_mut_ptr(), bytes.len()) }
}

/// Appends bytes for which there is room.
#[inline]
fn put(buffer: &mut Vec<u8>, bytes: &[u8]) {
    let room = buffer.spare_capacity_mut();
    if room.len() < bytes.len() || bytes.len() > SHORT {
        return buffer.extend_from_slice(bytes);
    }
    // SAFETY: there is room for so many, which is nowhere near the bytes, for it belongs to the buffer alone; and when all are
    // there, the buffer is as much longer.
    unsafe {
        copy_short(bytes.as_ptr(), room.as_mut_ptr().cast(), bytes.len());
        buffer.set_len(buffer.len() + bytes.len());
    }
}

/// Copies up to [`SHORT`] bytes, in pieces that may overlap. How long a text is, a processor cannot guess; so that there are
/// few ways, and one is that of nearly all texts.
///
/// # Safety
///
/// So many bytes can be read and written there, and the two do not overlap.
#[inline]
unsafe fn copy_short(from: *const u8, to: *mut u8, length: usize) {
    /// Copies a piece.
    ///
    /// # Safety
    ///
    /// As many bytes from `at` on can be read and written.
    #[inline]
    unsafe fn piece<const N: usize>(from: *const u8, to: *mut u8, at: usize) {
        // SAFETY: that is what the caller says. Arrays of bytes may be anywhere.
        unsafe {
            let piece = from.add(at).cast::<[u8; N]>().read();
            to.add(at).cast::<[u8; N]>().write(piece);
        }
    }
    // SAFETY: each piece begins and ends between 0 and `length`, as said beside it.
    unsafe {
        match length {
            0 => {}
            1..=3 => {
                piece::<1>(from, to, 0);
                // At most 1, and less than `length`.
                piece::<1>(from, to, length / 2);
                piece::<1>(from, to, length - 1);
            }
            4..=16 => {
                // Two of four bytes from the beginning and two up to the end: of less than eight, each is there twice. With
                // `more`, there are eight or more.
                let more = 4 * usize::from(length >= 8);
                piece::<4>(from, to, 0);
                piece::<4>(from, to, more);
                piece::<4>(from, to, length - 4 - more);
                piece::<4>(from, to, length - 4);
            }
            // Up to 32.
            _ => {
                piece::<16>(from, to, 0);
                piece::<16>(from, to, length - 16);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn bytes_of_every_length_are_appended() {
        let source: Vec<u8> = (0..100).collect();
        for count in 0..=source.len() {
            let mut buffer = vec![7; 3];
            append(&mut buffer, source.get(..count).unwrap());
            assert_eq!(buffer.get(..3), Some(&[7; 3][..]), "{count}");
            assert_eq!(buffer.get(3..), source.get(..count), "{count}");
        }
    }

    #[test]
    fn bytes_of_every_length_are_copied() {
        let source: Vec<u8> = (1..100).collect();
        for count in 0..=source.len() {
            let (mut room, bytes) = (vec![0; count], source.get(..count).unwrap());
            copy(&mut room, bytes);
            assert_eq!(room, bytes);
            let mut buffer = vec![7];
            append_counted(&mut buffer, 0x0403_0201, bytes);
            assert_eq!(buffer.get(..5), Some(&[7, 1, 2, 3, 4][..]));
            assert_eq!(buffer.get(5..), Some(bytes));
        }
    }

    /// One byte that is not ASCII, at every place of texts of every length.
    #[test]
    fn what_is_no_ascii_is_looked_at() {
        for length in (0..70).chain([511, 512, 513, 520, 1024, 1030]) {
            let mut bytes = vec![b'a'; length];
            assert!(text(&bytes).is_ok_and(|text| text.len() == length));
            for at in 0..length {
                *bytes.get_mut(at).unwrap() = 0x80;
                let error = text(&bytes).unwrap_err();
                assert_eq!(error.valid_up_to(), at, "{length}");
                *bytes.get_mut(at).unwrap() = b'a';
            }
        }
        assert_eq!(text("grüße, 世界".as_bytes()), Ok("grüße, 世界"));
    }

    #[test]
    fn long_text_may_be_of_any_characters() {
        for character in ["x", "é", "世", "🦀"] {
            let whole = character.repeat(1000);
            assert_eq!(text(whole.as_bytes()), Ok(&*whole));
            for at in [0, 1, 255, 256, 257, 511, 999] {
                let mut bytes = whole.clone().into_bytes();
                *bytes.get_mut(at).unwrap() = 0xff;
                let error = text(&bytes).unwrap_err();
                assert_eq!(error.valid_up_to(), at - at % character.len());
            }
        }
    }

    /// One byte that is not ASCII, in the text or after it.
    #[test]
    fn only_the_text_itself_is_looked_at() {
        for size in 0..40 {
            for length in 0..=size {
                for at in 0..size {
                    let mut bytes = vec![b'a'; size];
                    *bytes.get_mut(at).unwrap() = 0x80;
                    let (found, rest) = split_text(&bytes, length).unwrap();
                    assert_eq!(rest.len(), size - length);
                    match found {
                        Ok(text) => assert!(at >= length && text.len() == length),
                        Err(error) => assert!(at < length && error.valid_up_to() == at),
                    }
                }
            }
            assert!(split_text(&vec![0; size], size + 1).is_none());
        }
    }

    #[test]
    fn only_fields_without_gaps_are_plain() {
        #[repr(C)]
        struct Padded(u32, u8);
        let field = |offset, size| Field {
            offset,
            size,
            is_plain: true,
        };
        let cases = [
            (vec![field(0, 4), field(4, 4)], true),
            (vec![field(4, 4), field(0, 4)], false),
            (vec![field(0, 4)], false),
            (vec![field(0, 4), field(4, 1)], false),
            (vec![], false),
        ];
        for (fields, expected) in cases {
            let plain = Plain::<u64>::fields(&fields);
            assert_eq!(plain.is_some(), expected, "{fields:?}");
        }
        let padded = [field(0, 4), field(4, 1)];
        assert!(Plain::<Padded>::fields(&padded).is_none());
        assert!(Plain::<()>::fields(&[]).is_none());
    }

    #[test]
    fn values_are_bytes() {
        let Some(plain) = Plain::<u32>::number() else {
            return;
        };
        assert_eq!(plain.bytes(&[1, 0x0203]), [1, 0, 0, 0, 3, 2, 0, 0]);
        assert_eq!(plain.list(&[1, 0, 0, 0, 3, 2, 0, 0, 9]), [1, 0x0203]);
        assert!(plain.list(&[]).is_empty());
    }

    #[test]
    fn bytes_are_values_where_they_are_aligned() {
        let Some(plain) = Plain::<u32>::number() else {
            return;
        };
        let mut room = [0; 24];
        let start = room.as_ptr().align_offset(align_of::<u32>());
        for offset in 0..8 {
            let none = room.get_mut(start + offset..start + offset).unwrap();
            assert_eq!(plain.slice(none), Some(&[][..]));
            assert_eq!(plain.slice_mut(none), Some(&mut [][..]));
            let at = start + offset;
            let bytes: &mut [u8] = room.get_mut(at..at + 9).unwrap();
            let expected = (offset % align_of::<u32>() == 0).then_some(2);
            assert_eq!(plain.slice(bytes).map(<[u32]>::len), expected);
            let values = plain.slice_mut(bytes);
            assert_eq!(values.is_some(), expected.is_some());
            if let Some([_, second]) = values {
                *second = 0x0203;
                assert_eq!(bytes.get(4..), Some(&[3, 2, 0, 0, 0][..]));
            }
        }
    }
}
