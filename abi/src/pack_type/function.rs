//! Functions that are described by their Rust types, and their core signatures: [`Signature`] once more, for the
//! compiler to compute. A test sees to it that the two agree.
//!
//! [`Signature`]: crate::convention::Signature

use super::info::some;
use super::{PackType, Shape, TypeInfo, TypeRef};
use crate::convention::{CoreType, MAX_CORE_PARAMS, Return};
use crate::schema::Type;
use crate::wire::Width;

/// An exported function of a world.
#[derive(Debug, Clone, Copy)]
pub struct FunctionInfo {
    /// The world's qualified name.
    pub world: &'static str,
    /// The function's name in WIT.
    pub name: &'static str,
    /// The documentation comment.
    pub docs: &'static str,
    /// The parameters.
    pub params: &'static [ParamInfo],
    /// The type of the result. The empty tuple stands for none.
    pub result: TypeRef,
}

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub struct ParamInfo {
    /// Its name in WIT.
    pub name: &'static str,
    /// Its type.
    pub ty: TypeRef,
}

impl ParamInfo {
    /// A parameter of a Rust type.
    pub const fn of<T: PackType>(name: &'static str) -> Self {
        Self { name, ty: T::INFO }
    }
}

impl FunctionInfo {
    /// The type of the result, if there is one.
    pub(super) const fn result(&self) -> Option<TypeRef> {
        some(self.result)
    }
}

/// How one parameter travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// As so many core values.
    Flat(usize),
    /// A string: pointer and length in bytes.
    Text,
    /// A list of elements of so many bytes each: pointer and count of elements.
    Elements(u32),
    /// In the parameter buffer.
    Encoded,
}

impl Way {
    const fn core_count(self) -> usize {
        match self {
            Self::Flat(count) => count,
            Self::Text | Self::Elements(_) => 2,
            Self::Encoded => 0,
        }
    }
}

/// Where one parameter is among the core values.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// How it travels.
    pub way: Way,
    /// The first of its core parameters.
    pub slot: usize,
}

/// The core signature of an exported function with so many parameters.
#[derive(Debug, Clone, Copy)]
pub struct CoreSignature<const PARAMS: usize> {
    /// Where the parameters are.
    pub places: [Place; PARAMS],
    /// The core parameters.
    pub slots: [Option<CoreType>; MAX_CORE_PARAMS],
    /// The first of the two core parameters that are pointer and length of the buffer.
    pub buffer: Option<usize>,
    /// How the result travels.
    pub result: Return,
}

#[allow(
    clippy::indexing_slicing,
    reason = "the compiler runs this, and a const fn has no other way"
)]
impl<const PARAMS: usize> CoreSignature<PARAMS> {
    /// The signature of a function.
    pub const fn of(function: &FunctionInfo) -> Self {
        let mut signature = Self {
            places: [Place {
                way: Way::Encoded,
                slot: 0,
            }; PARAMS],
            slots: [None; MAX_CORE_PARAMS],
            buffer: None,
            result: result(function),
        };
        let (mut all, mut any_encoded) = (0, false);
        let mut at = 0;
        while at < PARAMS {
            let way = wish(function.params[at].ty.get());
            signature.places[at].way = way;
            all += way.core_count();
            any_encoded |= matches!(way, Way::Encoded);
            at += 1;
        }
        let has_buffer = any_encoded || all > MAX_CORE_PARAMS;
        let most = MAX_CORE_PARAMS - if has_buffer { 2 } else { 0 };
        let mut slots = Slots::new();
        at = 0;
        while at < PARAMS {
            let place = &mut signature.places[at];
            if place.way.core_count() > most - slots.count {
                place.way = Way::Encoded;
            }
            place.slot = slots.count;
            match place.way {
                Way::Flat(_) => {
                    slots.flatten(function.params[at].ty.get());
                }
                Way::Text | Way::Elements(_) => slots.pair(),
                Way::Encoded => {}
            }
            at += 1;
        }
        if has_buffer {
            signature.buffer = Some(slots.count);
            slots.pair();
        }
        signature.slots = slots.types;
        signature
    }

    /// The core result.
    pub const fn core_result(&self) -> Option<CoreType> {
        match self.result {
            Return::Nothing => None,
            Return::Flat(core) => Some(core),
            Return::Contents(_) | Return::Encoded => Some(CoreType::I64),
        }
    }
}

const fn result(function: &FunctionInfo) -> Return {
    let Some(ty) = function.result() else {
        return Return::Nothing;
    };
    let mut slots = Slots::new();
    if let (true, [Some(core), None, ..]) = (slots.flatten(ty.get()), slots.types) {
        return Return::Flat(core);
    }
    let width = match ty.get().shape {
        Shape::Primitive(Type::String) => Some(1),
        Shape::List(element) => fixed_width(element.get()),
        _ => None,
    };
    match width {
        Some(width) => Return::Contents(width),
        None => Return::Encoded,
    }
}

/// The bytes of a value on the wire, as [`Contract::fixed_width`](crate::schema::Contract::fixed_width) has it.
const fn fixed_width(info: &'static TypeInfo) -> Option<u32> {
    match fixed_sum(info) {
        Some(0 | u32::MAX) | None => None,
        width => width,
    }
}

const fn fixed_sum(info: &'static TypeInfo) -> Option<u32> {
    match info.shape {
        Shape::Primitive(scalar) => width(scalar),
        Shape::Enum(labels) => Some(Width::for_values(labels.len()).bytes()),
        #[allow(
            clippy::cast_possible_truncation,
            reason = "there are fewer labels than that"
        )]
        Shape::Flags(labels) => Some(labels.len().div_ceil(8) as u32),
        Shape::FixedList(element, count) => match fixed_sum(element.get()) {
            Some(width) => Some(width.saturating_mul(count)),
            None => None,
        },
        Shape::Record(_) if info.is_recursive() => None,
        Shape::Record(_) | Shape::Tuple(_) => {
            let (mut sum, mut at) = (0_u32, 0);
            while at < info.parts() {
                match info.part(at) {
                    Some(part) => match fixed_sum(part.get()) {
                        Some(width) => sum = sum.saturating_add(width),
                        None => return None,
                    },
                    None => return None,
                }
                at += 1;
            }
            Some(sum)
        }
        _ => None,
    }
}

const fn wish(info: &'static TypeInfo) -> Way {
    match info.shape {
        Shape::Primitive(Type::String) => return Way::Text,
        Shape::List(element) => {
            if let Some(width) = fixed_width(element.get()) {
                return Way::Elements(width);
            }
        }
        _ => {}
    }
    let mut slots = Slots::new();
    if slots.flatten(info) {
        Way::Flat(slots.count)
    } else {
        Way::Encoded
    }
}

/// The bytes of a scalar on the wire.
const fn width(scalar: Type) -> Option<u32> {
    Some(match scalar {
        Type::Bool | Type::U8 | Type::S8 => 1,
        Type::U16 | Type::S16 => 2,
        Type::U32 | Type::S32 | Type::F32 | Type::Char => 4,
        Type::U64 | Type::S64 | Type::F64 => 8,
        Type::String | Type::Id(_) => return None,
    })
}

struct Slots {
    types: [Option<CoreType>; MAX_CORE_PARAMS],
    count: usize,
}

#[allow(
    clippy::indexing_slicing,
    reason = "the compiler runs this, and a const fn has no other way"
)]
impl Slots {
    const fn new() -> Self {
        Self {
            types: [None; MAX_CORE_PARAMS],
            count: 0,
        }
    }

    const fn push(&mut self, core: CoreType) -> bool {
        if self.count == MAX_CORE_PARAMS {
            return false;
        }
        self.types[self.count] = Some(core);
        self.count += 1;
        true
    }

    const fn pair(&mut self) {
        self.push(CoreType::I32);
        self.push(CoreType::I32);
    }

    /// Adds the core values a type flattens to; or some of them, if it does not.
    const fn flatten(&mut self, info: &'static TypeInfo) -> bool {
        let core = match info.shape {
            Shape::Primitive(scalar) => match scalar {
                Type::U64 | Type::S64 => CoreType::I64,
                Type::F32 => CoreType::F32,
                Type::F64 => CoreType::F64,
                Type::String | Type::Id(_) => return false,
                _ => CoreType::I32,
            },
            Shape::Enum(_) | Shape::Own(_) | Shape::Borrow(_) => CoreType::I32,
            Shape::Flags(labels) => match labels.len() {
                1..=32 => CoreType::I32,
                33..=64 => CoreType::I64,
                _ => return false,
            },
            Shape::Record([_, ..]) if !info.is_recursive() => return self.flatten_parts(info),
            Shape::Tuple([_, ..]) => return self.flatten_parts(info),
            _ => return false,
        };
        self.push(core)
    }

    const fn flatten_parts(&mut self, info: &'static TypeInfo) -> bool {
        let mut at = 0;
        while at < info.parts() {
            match info.part(at) {
                Some(part) if self.flatten(part.get()) => {}
                _ => return false,
            }
            at += 1;
        }
        true
    }
}
