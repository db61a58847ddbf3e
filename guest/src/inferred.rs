//! Exports of a package that is written without WIT. How parameters and result travel is known to the compiler only
//! when it knows their types: so is the type of the core function.

use pack_abi::__private::{CoreSignature, ParamInfo, Place, TypeRef, Way, from_i64};
use pack_abi::convention::{CoreType, MAX_CORE_PARAMS, Return};
use pack_abi::view::Owned;
use pack_abi::wire::Decoder;
use pack_abi::{DecodeError, DecodeErrorKind, GraphValue};

use crate::export::{Call, LIMITS, finish};

/// A core parameter or result of a kind that [`kind`] has given a number. What is not there is the empty tuple, which
/// no core function has.
pub type Core<const KIND: u8> = <Kind<KIND> as KnownKind>::Core;

/// The kind of a core value, as a number.
pub const fn kind(core: Option<CoreType>) -> u8 {
    match core {
        None => 0,
        Some(CoreType::I32) => 1,
        Some(CoreType::I64) => 2,
        Some(CoreType::F32) => 3,
        Some(CoreType::F64) => 4,
    }
}

/// A number as a type.
#[derive(Debug)]
pub struct Kind<const KIND: u8>;

/// The numbers that [`kind`] gives.
pub trait KnownKind {
    /// The Rust type.
    type Core: CoreValue;
}

/// A core value, or none.
pub trait CoreValue {
    /// The value as a slot.
    fn to_slot(self) -> u64;
    /// A slot as the value.
    fn from_slot(slot: u64) -> Self;
}

macro_rules! kinds {
    ($($number:literal $ty:ty: $to:expr, $from:expr;)*) => {$(
        impl KnownKind for Kind<$number> {
            type Core = $ty;
        }

        impl CoreValue for $ty {
            #[inline]
            fn to_slot(self) -> u64 {
                $to(self)
            }
            #[inline]
            fn from_slot(slot: u64) -> Self {
                $from(slot)
            }
        }
    )*};
}

kinds! {
    0 (): |()| 0, |_| ();
    1 i32: pack_abi::__private::from_i32, pack_abi::__private::to_i32;
    2 i64: pack_abi::__private::from_i64, pack_abi::__private::to_i64;
    3 f32: pack_abi::__private::from_f32, pack_abi::__private::to_f32;
    4 f64: pack_abi::__private::from_f64, pack_abi::__private::to_f64;
}

/// The core parameters, in slots.
pub(crate) type Slots = [u64; MAX_CORE_PARAMS];

/// What is asked of the type of a parameter: all in one place, so that a wrong one is one error.
#[derive(Debug)]
pub struct Param<T> {
    /// What it is.
    pub info: ParamInfo,
    /// Reads the next argument.
    pub read: fn(&mut Arguments<'_, '_>) -> Result<T, DecodeError>,
}

/// The parameter of a name.
pub const fn param<T: GraphValue>(name: &'static str) -> Param<T> {
    Param {
        info: ParamInfo::of::<T>(name),
        read: |arguments| arguments.read(),
    }
}

/// What is asked of the type of a result, likewise.
#[derive(Debug)]
pub struct Answer<T> {
    /// What it is.
    pub info: TypeRef,
    /// Makes it a core result, which travels in this way.
    pub write: fn(&Call, Return, T) -> u64,
}

/// The result of the type.
pub const fn answer<T: GraphValue>() -> Answer<T> {
    Answer {
        info: T::INFO,
        write: Call::result,
    }
}

/// The arguments of a call, one after the other.
#[derive(Debug)]
pub struct Arguments<'c, 'm> {
    call: &'c Call,
    places: &'c [Place],
    slots: &'c Slots,
    buffer: &'c mut Decoder<'m>,
    next: usize,
}

impl Arguments<'_, '_> {
    /// The next argument, whose type is that of the parameter.
    #[inline]
    fn read<T: GraphValue>(&mut self) -> Result<T, DecodeError> {
        let Some(place) = self.places.get(self.next) else {
            return Err(DecodeError::new(DecodeErrorKind::Unsupported, 0));
        };
        self.next += 1;
        match (place.way, self.slots.get(place.slot..).unwrap_or_default()) {
            (Way::Flat(_), slots) => self.call.flat(slots),
            (Way::Text, slots) => self.counted(slots, 1),
            (Way::Elements(width), slots) => self.counted(slots, width),
            (Way::Encoded, _) => T::decode(self.buffer),
        }
    }

    /// A string, or a list of elements of one width.
    fn counted<T: GraphValue>(&self, slots: &[u64], width: u32) -> Result<T, DecodeError> {
        let [pointer, count, ..] = slots else {
            return Err(DecodeError::new(DecodeErrorKind::Unsupported, 0));
        };
        let count = pack_abi::__private::to_i32(*count);
        let contents = self
            .call
            .pointed_to(pack_abi::__private::to_i32(*pointer), count, width);
        let mut decoder = Decoder::new(contents, LIMITS);
        let value = T::decode_contents(&mut decoder, count.cast_unsigned())?;
        decoder.finish().map(|()| value)
    }
}

impl Call {
    /// The arguments.
    #[inline]
    pub fn arguments<T, const PARAMS: usize>(
        &self,
        signature: &CoreSignature<PARAMS>,
        slots: &Slots,
        read: impl Fn(&mut Arguments<'_, '_>) -> Result<T, DecodeError>,
    ) -> T {
        let buffer = signature.buffer.and_then(|at| slots.get(at..));
        let (pointer, length) = match buffer {
            Some([pointer, length, ..]) => (*pointer, *length),
            _ => (0, 0),
        };
        let [pointer, length] = [pointer, length].map(pack_abi::__private::to_i32);
        finish(self.params(pointer, length, |decoder| {
            read(&mut Arguments {
                call: self,
                places: &signature.places,
                slots,
                buffer: decoder,
                next: 0,
            })
        }))
    }

    /// The result as the core result.
    #[inline]
    fn result<T: GraphValue>(&self, way: Return, result: T) -> u64 {
        match way {
            Return::Nothing => 0,
            Return::Flat(_) => {
                let [slot] = finish(self.flatten(&result));
                slot
            }
            Return::Contents(_) => from_i64(self.contents::<T, Owned>(result, false).give()),
            Return::Encoded => from_i64(self.answer::<T, Owned>(result).give()),
        }
    }
}
