//! In what form a function that is called takes its arguments and gives its result: as values of its own, or as they lie in
//! the message.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Elements, GraphView, ListRef, Message, Place};
use crate::error::DecodeError;
use crate::graph_value::{Encode as _, GraphValue};
use crate::raw;
use crate::wire::{Decoder, Encoder, Sink};

/// A form, of whatever it is that travels.
pub trait Form {
    /// Whether it is that of what is borrowed.
    const BORROWS: bool;
    /// A string.
    type Text<'m>;
    /// A parameter of type `list<u8>`.
    type Bytes<'m>;
    /// A parameter that is a list of other scalars.
    type List<'m, T: GraphView>;
    /// A parameter in a buffer, when it has been checked and the buffer has not.
    type Held<T: GraphView>;
    /// A parameter in a buffer.
    type Part<'m, T: GraphView>;

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

/// A form of results of a type.
pub trait ResultForm<T> {
    /// What the function returns.
    type Value<'m>;

    /// Writes it.
    fn encode<S: Sink>(value: &Self::Value<'_>, encoder: &mut Encoder<S>);

    /// The contents of a string or list, and how many elements they are, if they lie in memory as they do on the wire.
    fn contents<'v>(value: &'v Self::Value<'_>) -> Option<(usize, &'v [u8])>;

    /// What has to be there for as long as the contents are read. What is borrowed is there in any case.
    fn kept(value: Self::Value<'_>) -> Option<T>;
}

/// Values of the function's own.
#[derive(Debug)]
pub struct Owned;

/// As they lie there: parameters, and results that are views.
#[derive(Debug)]
pub struct Borrowed;

/// A list that is a result, as a slice.
#[derive(Debug)]
pub struct Sliced;

impl<T: GraphValue> ResultForm<T> for Owned {
    type Value<'m> = T;

    #[inline]
    fn encode<S: Sink>(value: &T, encoder: &mut Encoder<S>) {
        value.encode(encoder);
    }

    #[inline]
    fn contents(value: &T) -> Option<(usize, &[u8])> {
        value.contents()
    }

    #[inline]
    fn kept(value: T) -> Option<T> {
        Some(value)
    }
}

impl<T: GraphView> ResultForm<T> for Borrowed {
    type Value<'m> = T::Ref<'m>;

    #[inline]
    fn encode<S: Sink>(value: &T::Ref<'_>, encoder: &mut Encoder<S>) {
        T::encode_view(*value, encoder);
    }

    #[inline]
    fn contents<'v>(value: &'v T::Ref<'_>) -> Option<(usize, &'v [u8])> {
        T::view_contents(value)
    }

    #[inline]
    fn kept(_: T::Ref<'_>) -> Option<T> {
        None
    }
}

impl<T: GraphValue> ResultForm<Vec<T>> for Sliced {
    type Value<'m> = &'m [T];

    #[inline]
    fn encode<S: Sink>(value: &&[T], encoder: &mut Encoder<S>) {
        value.encode(encoder);
    }

    #[inline]
    fn contents<'v>(value: &'v &[T]) -> Option<(usize, &'v [u8])> {
        value.contents()
    }

    #[inline]
    fn kept(_: &[T]) -> Option<Vec<T>> {
        None
    }
}

impl Form for Owned {
    const BORROWS: bool = false;
    type Text<'m> = String;
    type Bytes<'m> = Vec<u8>;
    type List<'m, T: GraphView> = Vec<T>;
    type Held<T: GraphView> = T;
    type Part<'m, T: GraphView> = T;

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
