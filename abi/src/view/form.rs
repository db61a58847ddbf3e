//! In what form a function that is called takes its arguments and gives its result: as values of its own, or as they lie in
//! the message.

use alloc::string::String;
use alloc::vec::Vec;
use core::marker::PhantomData;
use core::mem;

use super::{Elements, GraphView, ListRef, Message, Place};
use crate::convention::AREA_ALIGN;
use crate::error::{DecodeError, DecodeErrorKind};
use crate::graph_value::{Encode as _, GraphValue};
use crate::raw::{self, Plain};
use crate::wire::{Decoder, Encoder, Limits, Sink};

/// A form of parameters, but for lists that are pointed to ([`ListForm`]).
pub trait Form {
    /// Whether it is that of what is borrowed.
    const BORROWS: bool;
    /// A string.
    type Text<'m>;
    /// A parameter in a buffer, when it has been checked and the buffer has not.
    type Held<T: GraphView>;
    /// A parameter in a buffer.
    type Part<'m, T: GraphView>;

    /// Makes a string.
    fn text(text: &str) -> Self::Text<'_>;

    /// Checks the next parameter in a buffer.
    ///
    /// # Errors
    ///
    /// If it is not a value of its type.
    fn hold<T: GraphView>(buffer: &mut Decoder<'_>) -> Result<Self::Held<T>, DecodeError>;

    /// Makes a parameter in a buffer that has been checked.
    fn part<'m, T: GraphView>(held: Self::Held<T>, buffer: &'m Message<'_>) -> Self::Part<'m, T>;
}

/// A form of parameters that are lists whose elements all have one width, and are pointed to.
pub trait ListForm<T> {
    /// Whether what a function borrows from [exclusive](Bytes::Exclusive) bytes is read for the time of the call alone, and
    /// does not lie where the host has put it.
    const IS_READ: bool;
    /// What is kept for the time of the call.
    type Held<'m>;
    /// What the function takes.
    type Value<'m>;

    /// Checks the elements.
    ///
    /// # Errors
    ///
    /// If some are not values of their type.
    fn elements(
        bytes: Bytes<'_>,
        count: u32,
        limits: Limits,
    ) -> Result<Self::Held<'_>, DecodeError>;

    /// Makes the parameter; once.
    fn list<'m>(held: &'m mut Self::Held<'_>) -> Self::Value<'m>;
}

/// The bytes of a list's elements.
#[derive(Debug)]
pub enum Bytes<'m> {
    /// To be read.
    Shared(&'m [u8]),
    /// To be read and written.
    Exclusive(&'m mut [u8]),
}

impl<'m> Bytes<'m> {
    #[inline]
    fn shared(self) -> &'m [u8] {
        match self {
            Self::Shared(bytes) => bytes,
            Self::Exclusive(bytes) => bytes,
        }
    }
}

/// A form of results of a type.
pub trait ResultForm<T> {
    /// Whether it is that of what is borrowed.
    const BORROWS: bool;
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

/// A list as a slice.
#[derive(Debug)]
pub struct Sliced;

/// A list as a slice that the function may write to.
#[derive(Debug)]
pub struct SlicedMut;

/// A slice: where the elements lie, if they are in memory as they are on the wire, or of elements that had to be read.
#[derive(Debug)]
pub enum Slice<P, T> {
    /// Where they lie.
    InPlace(P),
    /// Read.
    Read(Vec<T>),
}

/// Elements in the room that a host gets.
struct InRoom<T>(PhantomData<T>);

impl<T: GraphValue> InRoom<T> {
    /// There, if they can be used where they lie: for some types, no room is aligned enough.
    const PLAIN: Option<Plain<T>> = match T::PLAIN {
        Some(plain) if align_of::<T>() <= AREA_ALIGN => Some(plain),
        _ => None,
    };
}

/// Elements that are used where they lie, if they are aligned. To read them if they are not would keep room for them in every
/// function, which takes registers from its loops.
#[inline]
fn in_place<P, T>(elements: Option<P>) -> Result<Slice<P, T>, DecodeError> {
    match elements {
        Some(elements) => Ok(Slice::InPlace(elements)),
        None => Err(DecodeError::new(DecodeErrorKind::NotAligned, 0)),
    }
}

/// Reads elements whose bytes are just these.
fn read<T: GraphValue>(bytes: &[u8], count: u32, limits: Limits) -> Result<Vec<T>, DecodeError> {
    let mut decoder = Decoder::new(bytes, limits);
    let items = Vec::decode_contents(&mut decoder, count)?;
    decoder.finish().map(|()| items)
}

impl<T: GraphValue> ListForm<T> for Owned {
    const IS_READ: bool = false;
    type Held<'m> = Vec<T>;
    type Value<'m> = Vec<T>;

    #[inline]
    fn elements(bytes: Bytes<'_>, count: u32, limits: Limits) -> Result<Vec<T>, DecodeError> {
        read(bytes.shared(), count, limits)
    }

    #[inline]
    fn list(held: &mut Vec<T>) -> Vec<T> {
        mem::take(held)
    }
}

impl<T: GraphView> ListForm<T> for Borrowed {
    const IS_READ: bool = false;
    type Held<'m> = Elements<'m, T>;
    type Value<'m> = ListRef<'m, T>;

    #[inline]
    fn elements(
        bytes: Bytes<'_>,
        count: u32,
        limits: Limits,
    ) -> Result<Elements<'_, T>, DecodeError> {
        Elements::check(bytes.shared(), count, limits)
    }

    #[inline]
    fn list<'m>(held: &'m mut Elements<'_, T>) -> ListRef<'m, T> {
        held.view()
    }
}

impl<T: GraphValue> ListForm<T> for Sliced {
    const IS_READ: bool = InRoom::<T>::PLAIN.is_none();
    type Held<'m> = Slice<&'m [T], T>;
    type Value<'m> = &'m [T];

    #[inline]
    fn elements(
        bytes: Bytes<'_>,
        count: u32,
        limits: Limits,
    ) -> Result<Slice<&[T], T>, DecodeError> {
        let bytes = bytes.shared();
        match InRoom::PLAIN {
            Some(plain) => in_place(plain.slice(bytes)),
            None => read(bytes, count, limits).map(Slice::Read),
        }
    }

    #[inline]
    fn list<'m>(held: &'m mut Slice<&[T], T>) -> &'m [T] {
        match held {
            Slice::InPlace(elements) => elements,
            Slice::Read(elements) => elements,
        }
    }
}

impl<T: GraphValue> ListForm<T> for SlicedMut {
    const IS_READ: bool = InRoom::<T>::PLAIN.is_none();
    type Held<'m> = Slice<&'m mut [T], T>;
    type Value<'m> = &'m mut [T];

    #[inline]
    fn elements(
        bytes: Bytes<'_>,
        count: u32,
        limits: Limits,
    ) -> Result<Slice<&mut [T], T>, DecodeError> {
        match (bytes, InRoom::PLAIN) {
            (Bytes::Exclusive(bytes), Some(plain)) => in_place(plain.slice_mut(bytes)),
            (bytes, _) => read(bytes.shared(), count, limits).map(Slice::Read),
        }
    }

    #[inline]
    fn list<'m>(held: &'m mut Slice<&mut [T], T>) -> &'m mut [T] {
        match held {
            Slice::InPlace(elements) => elements,
            Slice::Read(elements) => elements,
        }
    }
}

impl<T: GraphValue> ResultForm<T> for Owned {
    const BORROWS: bool = false;
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
    const BORROWS: bool = true;
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
    const BORROWS: bool = true;
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
    type Held<T: GraphView> = T;
    type Part<'m, T: GraphView> = T;

    #[inline]
    fn text(text: &str) -> String {
        raw::string(text)
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
    type Held<T: GraphView> = Place;
    type Part<'m, T: GraphView> = T::Ref<'m>;

    #[inline]
    fn text(text: &str) -> &str {
        text
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

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::wire::encode;

    /// The list in each form, from bytes that are aligned and that are not. If it is plain, slices are where the bytes are.
    fn check<T: GraphView + PartialEq + core::fmt::Debug>(items: Vec<T>, is_plain: bool) {
        let message = encode(&items).unwrap();
        let (count, contents) = message.split_first_chunk().unwrap();
        let (count, limits) = (u32::from_le_bytes(*count), Limits::DEFAULT);
        for offset in [0, 1] {
            let mut room = vec![0; contents.len() + 2 * AREA_ALIGN];
            let start = room.as_ptr().align_offset(AREA_ALIGN) + offset;
            let bytes = room.get_mut(start..start + contents.len()).unwrap();
            bytes.copy_from_slice(contents);

            let mut owned = Owned::elements(Bytes::Shared(bytes), count, limits).unwrap();
            assert_eq!(<Owned as ListForm<T>>::list(&mut owned), items);
            let mut viewed = Borrowed::elements(Bytes::Shared(bytes), count, limits).unwrap();
            assert_eq!(<Borrowed as ListForm<T>>::list(&mut viewed).to_vec(), items);
            if is_plain && offset % align_of::<T>() != 0 {
                let read = Bytes::Shared(bytes);
                let read = <Sliced as ListForm<T>>::elements(read, count, limits);
                let read = read.map(drop).unwrap_err();
                let written = Bytes::Exclusive(bytes);
                let written = <SlicedMut as ListForm<T>>::elements(written, count, limits);
                let written = written.map(drop).unwrap_err();
                let kinds = [read.kind(), written.kind()];
                assert_eq!(kinds, [&DecodeErrorKind::NotAligned; 2]);
                continue;
            }
            let mut sliced = Sliced::elements(Bytes::Shared(bytes), count, limits).unwrap();
            let slice: &[T] = <Sliced as ListForm<T>>::list(&mut sliced);
            assert_eq!(slice, items);
            assert_eq!(slice.as_ptr().addr() == bytes.as_ptr().addr(), is_plain);

            // What may only be read is not written to.
            let mut sliced = SlicedMut::elements(Bytes::Shared(bytes), count, limits).unwrap();
            <SlicedMut as ListForm<T>>::list(&mut sliced).reverse();
            assert_eq!(bytes, contents);
            let written = Bytes::Exclusive(bytes);
            let mut sliced = SlicedMut::elements(written, count, limits).unwrap();
            let slice: &mut [T] = <SlicedMut as ListForm<T>>::list(&mut sliced);
            assert_eq!(slice, items);
            slice.reverse();
            assert!(slice.iter().eq(items.iter().rev()));
            drop(sliced);
            assert_eq!(bytes != contents, is_plain);
        }
    }

    #[test]
    fn a_list_has_every_form() {
        check(vec![1_u8, 2, 255], cfg!(target_endian = "little"));
        check(vec![1.5_f64, -2.0], cfg!(target_endian = "little"));
        check(vec![(1_u32, 2_u32), (3, 4)], cfg!(target_endian = "little"));
        check(vec![true, false], false);
        check(vec!['a', '\u{10ffff}'], false);
        check(vec![(1_u8, 2_u32), (3, 4)], false);
    }

    /// As they come from who is not to be trusted.
    #[test]
    fn other_bytes_are_no_list_in_any_form() {
        let bytes = &mut [0, 1, 2];
        let limits = Limits::DEFAULT;
        let is_refused = [
            <Owned as ListForm<bool>>::elements(Bytes::Shared(bytes), 3, limits).is_err(),
            <Borrowed as ListForm<bool>>::elements(Bytes::Shared(bytes), 3, limits).is_err(),
            <Sliced as ListForm<bool>>::elements(Bytes::Shared(bytes), 3, limits).is_err(),
            <SlicedMut as ListForm<bool>>::elements(Bytes::Exclusive(bytes), 3, limits).is_err(),
        ];
        assert_eq!(is_refused, [true; 4]);
    }
}
