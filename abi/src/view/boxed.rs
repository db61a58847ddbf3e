use core::fmt;
use core::marker::PhantomData;

use super::{Cursor, GraphView};

/// A `Box<T>`, `Rc<T>` or `Arc<T>` in a message.
pub struct BoxRef<'a, T> {
    cursor: Cursor<'a>,
    of: PhantomData<fn() -> T>,
}

impl<'a, T: GraphView> BoxRef<'a, T> {
    #[inline]
    pub(crate) fn read(cursor: &mut Cursor<'a>, last: bool) -> Self {
        let inside = *cursor;
        if !last {
            T::skip(cursor);
        }
        Self {
            cursor: inside,
            of: PhantomData,
        }
    }

    /// The value.
    #[inline]
    pub fn get(self) -> T::Ref<'a> {
        let mut cursor = self.cursor;
        T::read(&mut cursor, true)
    }

    /// The value itself.
    pub fn to_owned(self) -> T {
        T::to_owned(self.get())
    }
}

impl<T> Clone for BoxRef<'_, T> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for BoxRef<'_, T> {}

impl<T: GraphView> fmt::Debug for BoxRef<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}
