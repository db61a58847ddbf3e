//! In what form a function that is called takes its arguments and gives its result: as values of its own, or as they lie in
//! the message.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Elements, GraphView, ListRef, Message, Place};
use crate::error::DecodeError;
use crate::graph_value::{Encode, GraphValue};
use crate::raw;
use crate::wire::Decoder;

/// A form, of whatever it is that travels.
pub trait Form {
    /// Whether it is that of what is borrowed.
    const BORROWS: bool;
    /// A string.
    type Text<'m>: Encode + Into<Given<'m, String, str>>;
    /// A parameter of type `list<u8>`.
    type Bytes<'m>;
    /// A parameter that is a list of other scalars.
    type List<'m, T: GraphView>;
    /// A parameter in a buffer, when it has been checked and the buffer has not.
    type Held<T: GraphView>;
    /// A parameter in a buffer.
    type Part<'m, T: GraphView>;
    /// A result that is a list.
    type Slice<'m, T: GraphValue>: Encode + Into<Given<'m, Vec<T>, [T]>>;

    /// Makes a string.
    fn text(text: &str) -> Self::Text<'_>;

    /// Makes a `list<u8>`.
    fn bytes(bytes: &[u8]) -> Self::Bytes<'_>;

    /// Makes a list of other scalars.
    ///
    /// # Errors
    ///
    /// If some are not values of their type.
    fn list<'m, T: GraphView>(list: &'m Elements<'_, T>) -> Result<Self::List<'m, T>, DecodeError>;

    /// Checks the next parameter in a buffer.
    ///
    /// # Errors
    ///
    /// If it is not a value of its type.
    fn hold<T: GraphView>(buffer: &mut Decoder<'_>) -> Result<Self::Held<T>, DecodeError>;

    /// Makes a parameter in a buffer that has been checked.
    fn part<'m, T: GraphView>(held: Self::Held<T>, buffer: &'m Message<'_>) -> Self::Part<'m, T>;
}

/// A result, of the function's own or borrowed.
#[derive(Debug)]
pub enum Given<'m, O, B: ?Sized> {
    /// Who gets it drops it.
    Own(O),
    /// It lies where it is for as long.
    Borrowed(&'m B),
}

impl From<String> for Given<'_, String, str> {
    fn from(text: String) -> Self {
        Self::Own(text)
    }
}

impl<'m> From<&'m str> for Given<'m, String, str> {
    fn from(text: &'m str) -> Self {
        Self::Borrowed(text)
    }
}

impl<T> From<Vec<T>> for Given<'_, Vec<T>, [T]> {
    fn from(list: Vec<T>) -> Self {
        Self::Own(list)
    }
}

impl<'m, T> From<&'m [T]> for Given<'m, Vec<T>, [T]> {
    fn from(list: &'m [T]) -> Self {
        Self::Borrowed(list)
    }
}

/// Values of the function's own.
#[derive(Debug)]
pub struct Owned;

/// As they lie there.
#[derive(Debug)]
pub struct Borrowed;

impl Form for Owned {
    const BORROWS: bool = false;
    type Text<'m> = String;
    type Bytes<'m> = Vec<u8>;
    type List<'m, T: GraphView> = Vec<T>;
    type Held<T: GraphView> = T;
    type Part<'m, T: GraphView> = T;
    type Slice<'m, T: GraphValue> = Vec<T>;

    #[inline]
    fn text(text: &str) -> String {
        raw::string(text)
    }

    #[inline]
    fn bytes(bytes: &[u8]) -> Vec<u8> {
        bytes.to_vec()
    }

    #[inline]
    fn list<T: GraphView>(list: &Elements<'_, T>) -> Result<Vec<T>, DecodeError> {
        list.to_vec()
    }

    #[inline]
    fn hold<T: GraphView>(buffer: &mut Decoder<'_>) -> Result<T, DecodeError> {
        T::decode(buffer)
    }

    #[inline]
    fn part<T: GraphView>(held: T, _: &Message<'_>) -> T {
        held
    }
}

impl Form for Borrowed {
    const BORROWS: bool = true;
    type Text<'m> = &'m str;
    type Bytes<'m> = &'m [u8];
    type List<'m, T: GraphView> = ListRef<'m, T>;
    type Held<T: GraphView> = Place;
    type Part<'m, T: GraphView> = T::Ref<'m>;
    type Slice<'m, T: GraphValue> = &'m [T];

    #[inline]
    fn text(text: &str) -> &str {
        text
    }

    #[inline]
    fn bytes(bytes: &[u8]) -> &[u8] {
        bytes
    }

    #[inline]
    fn list<'m, T: GraphView>(list: &'m Elements<'_, T>) -> Result<ListRef<'m, T>, DecodeError> {
        list.view()
    }

    #[inline]
    fn hold<T: GraphView>(buffer: &mut Decoder<'_>) -> Result<Place, DecodeError> {
        let place = buffer.place();
        T::check(buffer).map(|()| place)
    }

    #[inline]
    fn part<'m, T: GraphView>(held: Place, buffer: &'m Message<'_>) -> T::Ref<'m> {
        T::read(&mut buffer.at(held), true)
    }
}
