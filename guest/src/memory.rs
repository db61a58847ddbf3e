//! Memory that host and guest both know of.
//!
//! Core values are 32 bits wide, as pointers are on wasm32. Natively nothing here is called.

use alloc::alloc::{Layout, dealloc};
use alloc::vec::Vec;
use core::slice;

use pack_abi::convention::{AREA_ALIGN, pack_pointer};

fn area_layout(length: i32) -> Option<Layout> {
    let length = usize::try_from(length.cast_unsigned()).ok()?;
    Layout::from_size_align(length, AREA_ALIGN)
        .ok()
        .filter(|layout| layout.size() > 0)
}

/// Gives the host room: a pointer to so many bytes, or 0 if there are none to give.
pub fn alloc(length: i32) -> i32 {
    let Some(layout) = area_layout(length) else {
        return 0;
    };
    // SAFETY: the layout has a size, see `area_layout`.
    pointer_to(unsafe { alloc::alloc::alloc(layout) })
}

/// Takes back room that [`alloc`] gave.
///
/// # Safety
///
/// `pointer` came from [`alloc`] with the same length, and has not been given back.
pub unsafe fn free(pointer: i32, length: i32) {
    if let Some(layout) = area_layout(length) {
        // SAFETY: the caller's.
        unsafe { dealloc(pointer_from(pointer).cast_mut(), layout) };
    }
}

/// A core value that points to bytes and says how many.
pub fn point_to(bytes: &[u8]) -> i64 {
    point_to_some(bytes, u32::try_from(bytes.len()).unwrap_or_default())
}

/// A core value that points to bytes, which are so many of something.
pub(crate) fn point_to_some(bytes: &[u8], count: u32) -> i64 {
    pack_pointer(pointer_to(bytes.as_ptr()).cast_unsigned(), count).cast_signed()
}

/// Whether bytes are where a value is itself.
pub(crate) fn is_part_of<T>(bytes: &[u8], value: &T) -> bool {
    let start = core::ptr::from_ref(value).addr();
    (start..start.saturating_add(size_of::<T>())).contains(&bytes.as_ptr().addr())
}

/// A pointer as a core value.
pub(crate) fn pointer_to<T>(pointer: *const T) -> i32 {
    u32::try_from(pointer.expose_provenance())
        .unwrap_or_default()
        .cast_signed()
}

/// A length or count as a core value.
pub(crate) fn length_of(length: usize) -> i32 {
    u32::try_from(length).unwrap_or_default().cast_signed()
}

pub(crate) fn pointer_from(pointer: i32) -> *const u8 {
    core::ptr::with_exposed_provenance(usize::try_from(pointer.cast_unsigned()).unwrap_or_default())
}

/// Bytes that the host points to.
///
/// # Safety
///
/// The bytes exist, and stay as they are for `'a`.
pub(crate) unsafe fn bytes<'a>(pointer: i32, length: usize) -> &'a [u8] {
    if length == 0 {
        return &[];
    }
    // SAFETY: the caller's. Bytes that exist are those of one allocation, which is at most 2^31-1 bytes large.
    unsafe { slice::from_raw_parts(pointer_from(pointer), length) }
}

/// Bytes that the host points to, and has given away.
///
/// # Safety
///
/// The bytes exist, and nobody else reads or writes them for `'a`.
pub(crate) unsafe fn bytes_mut<'a>(pointer: i32, length: usize) -> &'a mut [u8] {
    if length == 0 {
        return &mut [];
    }
    // SAFETY: the caller's, as in `bytes`.
    unsafe { slice::from_raw_parts_mut(pointer_from(pointer).cast_mut(), length) }
}

/// A buffer that is kept from call to call.
///
/// Whoever uses it takes it out, so that calls inside calls each find their own.
pub(crate) struct Kept(Static<Vec<u8>>);

/// A kept buffer larger than this is given back to the allocator.
pub(crate) const KEPT_AT_MOST: usize = 1 << 20;

impl Kept {
    pub(crate) const fn new() -> Self {
        Self(Static::new(Vec::new()))
    }

    /// The buffer, with what was last in it.
    pub(crate) fn take(&self) -> Vec<u8> {
        let buffer = self.0.replace(Vec::new());
        if buffer.capacity() > KEPT_AT_MOST {
            Vec::new()
        } else {
            buffer
        }
    }

    /// The buffer, empty.
    pub(crate) fn take_empty(&self) -> Vec<u8> {
        let mut buffer = self.take();
        buffer.clear();
        buffer
    }

    /// Keeps the buffer unless it is large. What it holds is not needed any more.
    pub(crate) fn put_unless_large(&self, buffer: Vec<u8>) {
        if buffer.capacity() <= KEPT_AT_MOST {
            self.put(buffer);
        }
    }

    /// What the buffer holds stays readable until it is taken again.
    pub(crate) fn put(&self, buffer: Vec<u8>) {
        self.0.replace(buffer);
    }
}

pub(crate) use cell::Static;

/// A package's memory has one thread.
#[cfg(target_arch = "wasm32")]
mod cell {
    use core::cell::UnsafeCell;

    pub(crate) struct Static<T>(UnsafeCell<T>);

    // SAFETY: there is one thread.
    unsafe impl<T> Sync for Static<T> {}

    impl<T> Static<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(UnsafeCell::new(value))
        }

        pub(crate) fn replace(&self, value: T) -> T {
            // SAFETY: one thread, and no reference to the inside outlives this function.
            core::mem::replace(unsafe { &mut *self.0.get() }, value)
        }
    }
}

/// Natively there are threads, and nothing worth keeping.
#[cfg(not(target_arch = "wasm32"))]
mod cell {
    use core::marker::PhantomData;

    pub(crate) struct Static<T>(PhantomData<fn() -> T>);

    impl<T: Default> Static<T> {
        pub(crate) const fn new(value: T) -> Self {
            core::mem::forget(value);
            Self(PhantomData)
        }

        pub(crate) fn replace(&self, _: T) -> T {
            T::default()
        }
    }
}
