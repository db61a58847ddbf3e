//! Values read where they lie: checked once, then without an allocation and without an error.
//!
//! ```text
//! View<Json> ── get() ──▶ JsonRef<'_> ── Array(ListRef<'_, Json>) ── iter() ──▶ JsonRef<'_> …
//!    │ owns                    │ has
//!    ▼                         ▼
//! Message: the bytes, and    Cursor: where in the message, at which byte and at which node
//! where each node ends
//! ```
//!
//! Guests get views as arguments, if the types of an export's parameters say so; hosts get them with the option `views` of
//! their bindings.
//!
//! What makes a recursive value quick to read in place is to know where each node ends: who goes through a list of nodes
//! need not go through all that is in them. Checking finds out, and keeps it by the number of the node.

mod boxed;
mod cursor;
mod form;
mod leaf;
mod list;
mod map;

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

pub use boxed::BoxRef;
pub use cursor::{Cursor, Message, Place};
#[doc(hidden)]
pub use cursor::{copied_fixed, other_type};
#[doc(hidden)]
pub use form::{Borrowed, Bytes, Form, ListForm, Owned, ResultForm, Sliced, SlicedMut};
#[doc(hidden)]
pub use leaf::LeafLayout;
pub use list::{Elements, ListIter, ListRef};
pub use map::{MapIter, MapRef};
pub(crate) use map::{check_map, check_set};

use crate::error::{DecodeError, DecodeErrorKind};
use crate::graph_value::GraphValue;
use crate::wire::{Decoder, Encoder, Limits, NodeEnd, Sink, check_with, to_usize};

/// A type whose values can be read where they lie in a message.
///
/// Derive it, together with `GraphValue` and `PackType`: that makes a type beside `T`, called `TRef<'a>`. Types that are
/// made from WIT have it already. In the place of a `T` there is in a view
///
/// | `T` | `T::Ref<'a>` |
/// | --- | --- |
/// | numbers, `bool`, `char`, enums without payloads, flags, types with `#[pack(copy)]` | `T` |
/// | `String`, `Box<str>`, `Rc<str>`, `Arc<str>` | `&'a str` |
/// | `Vec<T>`, `[T; N]`, sets | [`ListRef<'a, T>`](ListRef), which of bytes is a `&[u8]` by `Deref` |
/// | maps | [`MapRef<'a, K, V>`](MapRef) |
/// | `Option<T>`, `Result<T, E>`, tuples | the same of `T::Ref<'a>` |
/// | `Box<T>`, `Rc<T>`, `Arc<T>` | [`BoxRef<'a, T>`](BoxRef), whose `get()` is the `T::Ref<'a>` |
/// | a struct or enum with the derive | the struct or enum of the same fields and variants |
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read where it lies",
    label = "no view",
    note = "add `#[derive(GraphView)]` to the type; resources, and types with fields that are converted, have no views"
)]
pub trait GraphView: GraphValue {
    /// A value in a message.
    type Ref<'a>: Copy + fmt::Debug;

    /// Whether values may be, or have in them, values of recursive types.
    const HAS_NODES: bool;

    /// What it is as the payload of a case.
    #[doc(hidden)]
    const LEAF: LeafLayout = LeafLayout::fixed(Self::FIXED);

    /// Checks a value: the same as decoding it, but for the value.
    ///
    /// # Errors
    ///
    /// If the bytes are not a value of this type, or a limit is reached.
    fn check(decoder: &mut Decoder<'_>) -> Result<(), DecodeError>;

    /// Reads a value that was checked. Where it is the last that is read by this cursor, the cursor may stay anywhere.
    fn read<'a>(cursor: &mut Cursor<'a>, last: bool) -> Self::Ref<'a>;

    /// The value itself.
    fn to_owned(view: Self::Ref<'_>) -> Self;

    /// Writes the value, as [`encode`](crate::Encode::encode) does. What no back reference leads into or out of is copied as it
    /// lies there.
    #[inline]
    fn encode_view<S: Sink>(view: Self::Ref<'_>, encoder: &mut Encoder<S>) {
        Self::to_owned(view).encode(encoder);
    }

    /// The contents of a string or list, and how many elements they are, if they lie there without their count.
    #[doc(hidden)]
    #[inline]
    fn view_contents<'v>(view: &'v Self::Ref<'_>) -> Option<(usize, &'v [u8])> {
        let _ = view;
        None
    }

    /// Checks `count` values. The caller has checked the count against the bytes left.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    #[inline]
    fn check_list(decoder: &mut Decoder<'_>, count: u32) -> Result<(), DecodeError> {
        let bytes = to_usize(count).saturating_mul(size_of::<Self>());
        if let Some(width) = Self::FIXED {
            decoder.charge_bytes(bytes)?;
            return decoder
                .slice(to_usize(count).saturating_mul(width))
                .map(drop);
        }
        decoder.charge_nodes(count)?;
        decoder.charge_bytes(bytes)?;
        for index in 0..count {
            if let Err(error) = Self::check(decoder) {
                return Err(error.at_index(index));
            }
        }
        Ok(())
    }

    /// Reads a value that has these bytes to itself, of a [`FIXED`](crate::Encode::FIXED) type, from where the cursor is.
    #[inline]
    fn read_fixed<'a>(bytes: &'a [u8], cursor: Cursor<'a>) -> Self::Ref<'a> {
        let _ = bytes;
        let mut cursor = cursor;
        Self::read(&mut cursor, true)
    }

    /// Checks a string or list whose count is known from elsewhere.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check); or if the type is another.
    fn check_contents(decoder: &mut Decoder<'_>, count: u32) -> Result<(), DecodeError> {
        let _ = count;
        Err(decoder.error(DecodeErrorKind::Unsupported))
    }

    /// Reads what [`check_contents`](Self::check_contents) has checked.
    fn read_contents(cursor: Cursor<'_>, count: u32) -> Self::Ref<'_> {
        let _ = (cursor, count);
        other_type()
    }

    /// Goes past a value. What is in it is not looked at: of nodes it is known where they end.
    #[inline]
    fn skip(cursor: &mut Cursor<'_>) {
        match Self::FIXED {
            Some(width) => cursor.advance(width),
            None => {
                Self::read(cursor, false);
            }
        }
    }
}

/// A message that is a value of type `T`, checked, to be read where it lies.
///
/// ```
/// use pack_abi::view::View;
/// use pack_abi::{Limits, encode};
///
/// let message = encode(&vec!["a".to_owned(), "b".to_owned()])?;
/// let view = View::<Vec<String>>::new(&message, Limits::DEFAULT)?;
/// assert_eq!(view.get().iter().collect::<String>(), "ab");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct View<'m, T> {
    message: Message<'m>,
    place: Place,
    /// How many elements it has, if that does not stand in the message.
    count: Option<u32>,
    of: PhantomData<fn() -> T>,
}

impl<'m, T: GraphView> View<'m, T> {
    /// Checks a message.
    ///
    /// # Errors
    ///
    /// The first place where the bytes are not a value of the type, or where a limit is reached: the same as
    /// [`decode`](crate::decode). Of the limit on bytes, each node that has others in it takes eight more, or more where there
    /// are back references.
    pub fn new(message: &'m [u8], limits: Limits) -> Result<Self, DecodeError> {
        let (place, message) = check_with(message, limits, Room::EMPTY, |decoder| {
            let place = decoder.place();
            T::check(decoder).map(|()| place)
        })?;
        Ok(Self {
            message,
            place,
            count: None,
            of: PhantomData,
        })
    }

    /// Checks the contents of a string or list of so many elements.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); or if the type is another.
    pub fn contents(contents: &'m [u8], count: u32, limits: Limits) -> Result<Self, DecodeError> {
        let check = |decoder: &mut Decoder<'m>| T::check_contents(decoder, count);
        let ((), message) = check_with(contents, limits, Room::EMPTY, check)?;
        Ok(Self {
            message,
            place: Place::default(),
            count: Some(count),
            of: PhantomData,
        })
    }

    /// The value.
    #[inline]
    pub fn get(&self) -> T::Ref<'_> {
        let mut cursor = self.message.at(self.place);
        match self.count {
            None => T::read(&mut cursor, true),
            Some(count) => T::read_contents(cursor, count),
        }
    }

    /// The value, taken out of the message.
    pub fn to_owned(&self) -> T {
        T::to_owned(self.get())
    }
}

impl<T: GraphView> fmt::Debug for View<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// Room for the ends of nodes, to be used again.
#[derive(Debug, Default)]
pub struct Room(pub(crate) Vec<NodeEnd>);

impl Room {
    /// None yet.
    pub const EMPTY: Self = Self(Vec::new());

    /// How many bytes it takes.
    pub fn size(&self) -> usize {
        self.0.capacity().saturating_mul(size_of::<NodeEnd>())
    }
}
