//! The allocator of packages.
//!
//! Values of trees and lists are many small blocks, which come and go together. Each size up to [`LARGEST`] has a list of
//! blocks that are free, so that a block is taken and given back in a few instructions; new ones are cut from a piece of
//! memory one after the other, so that what is made together lies together. Larger blocks, and those pieces, are `talc`'s.
//!
//! A small block never becomes memory for another size. `docs/adr/0018-an-allocator-for-guests.md` has what that buys.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr;

/// Small blocks are a multiple of this in size, which also aligns them.
const STEP: usize = 8;

/// The largest small block.
const LARGEST: usize = 256;

const SIZES: usize = LARGEST / STEP;

/// What small blocks are cut from.
const PIECE: usize = 16 << 10;

/// Blocks from this size on are made larger by [`PADDING`].
const PAGE: usize = 4096;

/// Blocks of whole pages, one after the other, would begin at nearly the same place of a page. On some processors (AMD's Zen
/// 4 with glibc 2.36, and so the engine's `memory.copy`) copying between such places takes sixteen times as long, if the
/// target is up to 15 bytes further in its page than the source.
const PADDING: usize = 128;

/// The layout of a block that is not small.
#[inline]
fn padded(layout: Layout) -> Layout {
    if layout.size() < PAGE {
        return layout;
    }
    let padded = Layout::from_size_align(layout.size().saturating_add(PADDING), layout.align());
    // What is too large for that is too large in any case.
    padded.unwrap_or(layout)
}

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: Allocator<talc::wasm::WasmDynamicTalc> =
    Allocator::new(talc::wasm::new_wasm_dynamic_allocator());

/// Small blocks of its own, from pieces of another allocator's memory.
struct Allocator<L> {
    small: UnsafeCell<Small>,
    large: L,
}

struct Small {
    /// The first free block of each size. Its first bytes lead to the next.
    free: [*mut u8; SIZES],
    /// What has not been cut yet.
    rest: *mut u8,
    left: usize,
}

#[cfg(all(target_arch = "wasm32", target_feature = "atomics"))]
compile_error!(
    "the allocator of pack-guest is for packages of one thread: turn its feature `allocator` off"
);

// SAFETY: a package's memory has one thread.
#[cfg(target_arch = "wasm32")]
unsafe impl Sync for Allocator<talc::wasm::WasmDynamicTalc> {}

impl<L: GlobalAlloc> Allocator<L> {
    const fn new(large: L) -> Self {
        Self {
            small: UnsafeCell::new(Small {
                free: [ptr::null_mut(); SIZES],
                rest: ptr::null_mut(),
                left: 0,
            }),
            large,
        }
    }

    /// A new block of a size, cut from the piece.
    #[cold]
    #[inline(never)]
    fn cut(&self, size: Size) -> *mut u8 {
        // SAFETY: this is the only reference, and nothing that is called here comes back here.
        let small = unsafe { &mut *self.small.get() };
        let bytes = size.bytes();
        if small.left < bytes {
            let Ok(layout) = Layout::from_size_align(PIECE, STEP) else {
                return ptr::null_mut();
            };
            // SAFETY: the layout has a size.
            let piece = unsafe { self.large.alloc(layout) };
            if piece.is_null() {
                // There may be room for one block where there is none for many.
                return Layout::from_size_align(bytes, STEP).map_or(piece, |layout| {
                    // SAFETY: the layout has a size.
                    unsafe { self.large.alloc(layout) }
                });
            }
            if let Some(size) = Size::of(small.left, STEP) {
                // SAFETY: the rest is a block of that size, which nobody has.
                unsafe { small.give_back(small.rest, size) };
            }
            (small.rest, small.left) = (piece, PIECE);
        }
        let block = small.rest;
        // SAFETY: so many bytes are left.
        small.rest = unsafe { block.add(bytes) };
        small.left -= bytes;
        block
    }
}

impl Small {
    /// # Safety
    ///
    /// The block has the size, and nobody uses it.
    #[inline]
    unsafe fn give_back(&mut self, block: *mut u8, size: Size) {
        if let Some(first) = self.free.get_mut(size.0) {
            // SAFETY: a block has room for a pointer, and is aligned for one: both take `STEP` bytes or less.
            unsafe { block.cast::<*mut u8>().write(*first) };
            *first = block;
        }
    }

    #[inline]
    fn take(&mut self, size: Size) -> Option<*mut u8> {
        let first = self.free.get_mut(size.0)?;
        let block = *first;
        if block.is_null() {
            return None;
        }
        // SAFETY: it is free, so that its first bytes lead to the next, see `give_back`.
        *first = unsafe { block.cast::<*mut u8>().read() };
        Some(block)
    }
}

/// The size of a small block: 0 stands for [`STEP`] bytes, 1 for two of them.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Size(usize);

impl Size {
    /// What has such a layout is in a block of this size; none is in a small one if it is too large, or aligned to more.
    #[inline]
    const fn of(bytes: usize, align: usize) -> Option<Self> {
        if bytes == 0 || bytes > LARGEST || align > STEP {
            return None;
        }
        Some(Self((bytes - 1) / STEP))
    }

    #[inline]
    const fn bytes(self) -> usize {
        (self.0 + 1) * STEP
    }
}

// SAFETY: a block is given out from its piece, or from where it was put when it was given back, to one owner at a time. It
// is as large as its size says, which depends on nothing but the layout. What is not small is `large`'s alone.
unsafe impl<L: GlobalAlloc> GlobalAlloc for Allocator<L> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(size) = Size::of(layout.size(), layout.align()) else {
            // SAFETY: the caller's; the padding makes no size zero.
            return unsafe { self.large.alloc(padded(layout)) };
        };
        // SAFETY: the only reference, until the end of the line.
        let block = unsafe { &mut *self.small.get() }.take(size);
        block.unwrap_or_else(|| self.cut(size))
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match Size::of(layout.size(), layout.align()) {
            // SAFETY: the only reference, until the end of the line. The caller has the block from `alloc`.
            Some(size) => unsafe { (*self.small.get()).give_back(block, size) },
            // SAFETY: the caller's; the block was padded when it was made.
            None => unsafe { self.large.dealloc(block, padded(layout)) },
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        // SAFETY: the caller has made sure that the size is one.
        let layout_after = unsafe { Layout::from_size_align_unchecked(bytes, layout.align()) };
        let before = Size::of(layout.size(), layout.align());
        let after = Size::of(bytes, layout.align());
        match (before, after) {
            (None, None) => {
                let (before, after) = (padded(layout), padded(layout_after));
                // SAFETY: the caller's; the block was padded when it was made.
                return unsafe { self.large.realloc(block, before, after.size()) };
            }
            (Some(before), Some(after)) if before == after => return block,
            _ => {}
        }
        // SAFETY: the caller's.
        let place = unsafe { self.alloc(layout_after) };
        if !place.is_null() {
            let count = layout.size().min(bytes);
            // SAFETY: both blocks are so large, and not the same. The old one is the caller's to give.
            unsafe {
                block.copy_to_nonoverlapping(place, count);
                self.dealloc(block, layout);
            }
        }
        place
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use core::slice;
    use std::alloc::System;
    use std::collections::BTreeMap;
    use std::vec::Vec;

    use super::*;

    /// Of the same numbers in every run.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, end: u64) -> usize {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from((self.0 >> 33) % end).unwrap_or_default()
        }
    }

    struct Block {
        place: *mut u8,
        layout: Layout,
        mark: u8,
    }

    impl Block {
        fn bytes(&mut self) -> &mut [u8] {
            // SAFETY: the test's own block.
            unsafe { slice::from_raw_parts_mut(self.place, self.layout.size()) }
        }

        fn is_whole(&mut self, count: usize) -> bool {
            let mark = self.mark;
            self.bytes().iter().take(count).all(|byte| *byte == mark)
        }
    }

    fn assert_apart(blocks: &[Block]) {
        let mut ends = BTreeMap::new();
        for block in blocks {
            let start = block.place.addr();
            assert_eq!(start % block.layout.align(), 0);
            ends.insert(start, start + block.layout.size());
        }
        assert_eq!(ends.len(), blocks.len());
        let starts = ends.keys().skip(1);
        for (end, next) in ends.values().zip(starts) {
            assert!(end <= next);
        }
    }

    /// Blocks of all sizes come, grow, shrink and go; none loses what is in it, and none is in another.
    #[test]
    fn blocks_are_their_owners_alone() {
        let allocator = Allocator::new(System);
        let mut numbers = Numbers(7);
        let mut blocks: Vec<Block> = Vec::new();
        for step in 0..60_000_u32 {
            let mark = u8::try_from(step % 251).unwrap();
            let size = 1 + match numbers.below(4) {
                0 => numbers.below(40),
                1 => numbers.below(300),
                2 => numbers.below(9000),
                _ => 8 * numbers.below(33),
            };
            match numbers.below(5) {
                0 | 1 => {
                    let layout = Layout::from_size_align(size, 1 << numbers.below(6)).unwrap();
                    // SAFETY: the size is not zero.
                    let place = unsafe { allocator.alloc(layout) };
                    let mut block = Block {
                        place,
                        layout,
                        mark,
                    };
                    block.bytes().fill(mark);
                    blocks.push(block);
                }
                2 if !blocks.is_empty() => {
                    let at = numbers.below(u64::try_from(blocks.len()).unwrap());
                    let block = blocks.get_mut(at).unwrap();
                    let before = block.layout.size();
                    // SAFETY: the block is the allocator's.
                    block.place = unsafe { allocator.realloc(block.place, block.layout, size) };
                    block.layout = Layout::from_size_align(size, block.layout.align()).unwrap();
                    assert!(block.is_whole(before.min(size)));
                    block.mark = mark;
                    block.bytes().fill(mark);
                }
                _ if !blocks.is_empty() => {
                    let at = numbers.below(u64::try_from(blocks.len()).unwrap());
                    let mut block = blocks.swap_remove(at);
                    assert!(block.is_whole(usize::MAX));
                    // SAFETY: the block is the allocator's, and nobody's from here on.
                    unsafe { allocator.dealloc(block.place, block.layout) };
                }
                _ => {}
            }
            if step % 1000 == 0 {
                assert_apart(&blocks);
            }
        }
        for mut block in blocks {
            assert!(block.is_whole(usize::MAX));
            // SAFETY: as above.
            unsafe { allocator.dealloc(block.place, block.layout) };
        }
    }

    /// What was given back is given out again before anything new is cut; what is left of a piece is not lost.
    #[test]
    fn memory_is_used_again() {
        let allocator = Allocator::new(System);
        let layout = |size| Layout::from_size_align(size, 8).unwrap();
        let alloc = |size| {
            // SAFETY: the size is not zero.
            unsafe { allocator.alloc(layout(size)) }
        };
        let first = alloc(24);
        // SAFETY: the block is the allocator's.
        unsafe { allocator.dealloc(first, layout(24)) };
        assert_eq!(alloc(17), first);
        // The piece has 16 KiB, of which 24 bytes are gone: 63 blocks of 256 bytes fit, and 232 bytes are left.
        let blocks: Vec<_> = (0..64).map(|_| alloc(256).addr()).collect();
        let end = first.addr() + PIECE;
        let in_piece = blocks
            .iter()
            .filter(|block| (first.addr()..end).contains(*block));
        assert_eq!(in_piece.count(), 63);
        assert_eq!(alloc(232).addr(), end - 232);
    }

    /// An allocator that has blocks up to a size only.
    struct UpTo(usize);

    // SAFETY: what it gives out is the system's.
    unsafe impl GlobalAlloc for UpTo {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            match layout.size() <= self.0 {
                // SAFETY: the caller's.
                true => unsafe { System.alloc(layout) },
                false => ptr::null_mut(),
            }
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            // SAFETY: the caller's.
            unsafe { System.dealloc(block, layout) };
        }
    }

    /// Small blocks are there as long as there is room for one of them; a block that cannot grow stays what it is.
    #[test]
    fn memory_that_has_run_out_is_said() {
        for (most, size, is_there) in [
            (0, 1, false),
            (0, LARGEST, false),
            (0, LARGEST + 1, false),
            (LARGEST, 1, true),
            (LARGEST, LARGEST, true),
            (LARGEST, LARGEST + 1, false),
        ] {
            let allocator = Allocator::new(UpTo(most));
            let layout = Layout::from_size_align(size, 1).unwrap();
            // SAFETY: the size is not zero.
            let place = unsafe { allocator.alloc(layout) };
            assert_eq!(!place.is_null(), is_there, "{size} of {most}");
            if is_there {
                let mark = 9;
                let mut block = Block {
                    place,
                    layout,
                    mark,
                };
                block.bytes().fill(mark);
                // SAFETY: the block is the allocator's.
                let grown = unsafe { allocator.realloc(place, layout, PAGE) };
                assert!(grown.is_null() && block.is_whole(size));
            }
        }
    }
}
