use crate::wire::to_usize;

/// What the payload of a case is, if it is small and has no others in it: most values of a tree are such, and all of them are
/// checked in the same few steps, whichever case it is. A processor cannot guess what comes next in a tree, so that steps that
/// differ from case to case cost more than what they do.
#[derive(Debug, Clone, Copy)]
pub struct LeafLayout {
    /// How many bytes it takes, without those of a text.
    width: u8,
    /// Bits of the first byte that are 0.
    zeros: u8,
    /// All bits are 1 if it is text, whose length is in the first four bytes.
    length: u32,
}

impl LeafLayout {
    /// It is none: wider than anything that fits.
    pub const NONE: Self = Self {
        width: u8::MAX,
        zeros: 0,
        length: 0,
    };

    /// So many bytes, whatever they are.
    pub const fn fixed(width: Option<usize>) -> Self {
        match width {
            Some(width) if width < WIDEST => Self {
                #[allow(clippy::cast_possible_truncation, reason = "it is small")]
                width: width as u8,
                ..Self::NONE
            },
            _ => Self::NONE,
        }
    }

    /// Nothing.
    pub const EMPTY: Self = Self {
        width: 0,
        ..Self::NONE
    };

    /// A byte that is 0 or 1.
    pub(crate) const BOOL: Self = Self {
        width: 1,
        zeros: 0xfe,
        length: 0,
    };

    /// Text.
    pub(crate) const TEXT: Self = Self {
        width: 4,
        zeros: 0,
        length: u32::MAX,
    };

    /// How many bytes a leaf at the start of these takes, and how long its text is: if it is one, in order, and its text short
    /// and ASCII. Whatever it is otherwise, or whatever is wrong with it, is found out in another way.
    #[inline]
    pub(crate) fn measure(self, block: &[u8; BLOCK]) -> Option<(usize, usize)> {
        let word = |at: usize| block.get(at..)?.first_chunk().copied();
        let length = u32::from_le_bytes(*block.first_chunk()?) & self.length;
        let (low, high) = (u64::from_le_bytes(word(4)?), u64::from_le_bytes(word(12)?));
        let length = to_usize(length);
        let [low_mask, high_mask] = *MASKS.get(length)?;
        let not_ascii = low & low_mask | high & high_mask;
        let [first, ..] = block;
        let is_right = (self.width < u8::MAX) & (first & self.zeros == 0) & (not_ascii == 0);
        is_right.then(|| (usize::from(self.width).saturating_add(length), length))
    }
}

/// As much as is looked at: the length of a text, and a short text.
const BLOCK: usize = 4 + 16;

/// The high bits of the first so many bytes of sixteen. Longer texts are no leaves.
#[allow(
    clippy::indexing_slicing,
    reason = "the compiler runs this, and a constant has no other way"
)]
static MASKS: [[u64; 2]; 17] = {
    let mut masks = [[0; 2]; 17];
    let mut length = 0;
    while length <= 16 {
        let low = if length < 8 { length } else { 8 };
        masks[length] = [mask(low), mask(length - low)];
        length += 1;
    }
    masks
};

#[allow(clippy::cast_possible_truncation, reason = "it is at most 8")]
const fn mask(count: usize) -> u64 {
    HIGH_BITS.unbounded_shr(64 - 8 * count as u32)
}

/// Wider leaves are none.
const WIDEST: usize = BLOCK + 1;

const HIGH_BITS: u64 = 0x8080_8080_8080_8080;
