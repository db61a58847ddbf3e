use alloc::boxed::Box;
use core::mem::MaybeUninit;

/// A value of any type, to be dropped later.
pub(crate) struct Held {
    room: Room,
    // SAFETY of its calls: the room has a value of the type that it is for.
    drop: unsafe fn(*mut Room),
}

/// As large as any of the strings and lists of the standard library, and of most crates.
type Room = MaybeUninit<[u64; 4]>;

impl Held {
    /// Holds a value.
    #[inline]
    pub(crate) fn new<T: 'static>(value: T) -> Self {
        let fits = size_of::<T>() <= size_of::<Room>() && align_of::<T>() <= align_of::<Room>();
        // SAFETY: it fits, as a `Box` does.
        unsafe {
            if fits {
                Self::put(value)
            } else {
                Self::put(Box::new(value))
            }
        }
    }

    /// # Safety
    ///
    /// The value fits into a room.
    #[inline]
    unsafe fn put<T: 'static>(value: T) -> Self {
        let mut room = Room::uninit();
        // SAFETY: the caller's.
        unsafe { room.as_mut_ptr().cast::<T>().write(value) };
        Self {
            room,
            // SAFETY: see the field.
            drop: |room| unsafe { room.cast::<T>().drop_in_place() },
        }
    }
}

impl Drop for Held {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the room has the value that `new` has put there.
        unsafe { (self.drop)(&raw mut self.room) };
    }
}
