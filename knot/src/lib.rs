//! References between statics that lead in a circle.
//!
//! The statics of two types that refer to each other hold references to each other, which the compiler allows. But
//! such a reference has to pass through an associated constant, the only way from a type to its static; and what a
//! constant refers to, the compiler evaluates and checks at once, statics included. So it would ask for the first
//! static while it makes the first static. A [`Knot`] is a reference that it does not look behind.
//!
//! It takes unsafe code, and is a crate of its own for that reason: what there is of it in `pack-abi`, which reads what
//! strangers write, is about bytes alone.
#![no_std]

use core::fmt;
use core::ops::Deref;

/// A `&'static T` that a constant may hold while the static it leads to is being made.
///
/// ```
/// use pack_knot::Knot;
///
/// struct Type {
///     name: &'static str,
///     parts: &'static [Knot<Type>],
/// }
///
/// trait Described {
///     const TYPE: Knot<Type>;
/// }
///
/// struct Folder;
/// struct Entry;
///
/// static FOLDER: Type = Type { name: "folder", parts: &[Entry::TYPE] };
/// static ENTRY: Type = Type { name: "entry", parts: &[Folder::TYPE] };
///
/// impl Described for Folder {
///     const TYPE: Knot<Type> = Knot::new(&FOLDER);
/// }
///
/// impl Described for Entry {
///     const TYPE: Knot<Type> = Knot::new(&ENTRY);
/// }
///
/// const NAME: &str = Folder::TYPE.get().parts[0].get().parts[0].get().name;
/// assert_eq!(NAME, "folder");
/// ```
pub struct Knot<T: 'static>(*const T);

impl<T> Knot<T> {
    /// Refers to a static.
    pub const fn new(target: &'static T) -> Self {
        Self(target)
    }

    /// What it refers to.
    pub const fn get(self) -> &'static T {
        // SAFETY: the pointer was made from a `&'static T` in `new`, the only place that makes one, so that it is valid
        // for reads for ever.
        unsafe { &*self.0 }
    }
}

// SAFETY: a knot gives what a `&'static T` gives, and nothing else.
unsafe impl<T: Sync> Send for Knot<T> {}

// SAFETY: as above.
unsafe impl<T: Sync> Sync for Knot<T> {}

impl<T> Clone for Knot<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Knot<T> {}

impl<T> Deref for Knot<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.get()
    }
}

/// Says no more than that it is there: what it refers to may lead back to it.
impl<T> fmt::Debug for Knot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Knot")
    }
}
