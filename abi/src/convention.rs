//! The calling convention: which core WebAssembly signature a function has.
//!
//! Both code generation and dynamic calls ask here, so that they cannot disagree. `docs/abi.md` is the
//! normative text.

use alloc::vec::Vec;

pub use crate::schema::diff::Role;
use crate::schema::{Contract, Function, Type, TypeKind};

/// The most parameters a core function has.
pub const MAX_CORE_PARAMS: usize = 16;

/// The core module and name of the import through which a guest reports a panic: six `i32`, the pointers
/// and lengths of message and file name, then line and column.
pub const PANIC: (&str, &str) = ("$pack", "panic");

/// The core module and name of the import through which a guest fetches a host function's result that did
/// not fit the space it offered: `(pointer: i32, length: i32)`.
pub const TAKE_RESULT: (&str, &str) = ("$pack", "take-result");

/// The core module and name of the import through which a guest drops a resource of the host: `(handle: i32)`.
pub const DROP_IMPORT: (&str, &str) = ("$pack", "drop");

/// The core module and name of the import through which a guest tells its host's log an event: `(pointer: i32, length:
/// i32)`, a message of one [`Record`](crate::log::Record).
pub const LOG: (&str, &str) = ("$pack", "log");

/// The export through which the host drops a resource of the guest: `(handle: i32)`. Only packages that provide
/// resources have it.
pub const DROP_EXPORT: &str = "__pack_drop";

/// The export that gives the host room in guest memory: `(length: i32) -> pointer: i32`, 0 if there is none. Packages whose
/// exports have nothing in memory need not have it.
pub const ALLOC: &str = "__pack_alloc";

/// The export that takes back what [`ALLOC`] gave: `(pointer: i32, length: i32)`.
pub const FREE: &str = "__pack_free";

/// The export that answers with the package's metadata: `() -> i64`, pointer and length as for results. Exports whose
/// names only begin so answer with further pieces of it.
pub const TYPES: &str = "__pack_types";

/// The export that the host calls once after instantiation, if it is there.
pub const INITIALIZE: &str = "_initialize";

/// What the pointer to room from [`ALLOC`] is a multiple of.
pub const AREA_ALIGN: usize = 16;

/// A core WebAssembly value type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CoreType {
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
}

/// How one parameter travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pass {
    /// As these core values.
    Flat(Vec<CoreType>),
    /// A string: pointer and length in bytes.
    Text,
    /// A list whose elements all take so many bytes: pointer and count of elements, in wire form.
    Elements(u32),
    /// In the parameter buffer.
    Encoded,
}

/// How a result travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// There is none.
    Nothing,
    /// As one core value.
    Flat(CoreType),
    /// A string, or a list whose elements all take so many bytes, from an export: an `i64`, the pointer in its low and the
    /// count in its high half. There are the contents alone, so that a string or list can stay where the callee has it.
    Contents(u32),
    /// In wire form. From an export: an `i64`, the pointer in its low and the length in its high half. From an
    /// import: the length as an `i32`; the caller passes pointer and length of the space it offers.
    Encoded,
}

impl Return {
    /// Whether it goes through memory.
    pub const fn is_in_memory(self) -> bool {
        match self {
            Self::Nothing | Self::Flat(_) => false,
            Self::Contents(_) | Self::Encoded => true,
        }
    }
}

/// The core signature of a function.
///
/// ```
/// use pack_abi::convention::{CoreType, Role, Signature};
/// use pack_abi::schema::{Contract, Function, Param, Schema, Type};
///
/// // greet: func(name: string) -> string
/// let greet = Function {
///     name: "greet".to_owned(),
///     params: vec![Param { name: "name".to_owned(), ty: Type::String }],
///     result: Some(Type::String),
///     ..Function::default()
/// };
/// let contract = Contract::new(Schema::default())?;
/// let signature = Signature::of(&contract, &greet, Role::Export);
/// assert_eq!(signature.core_params(), [CoreType::I32, CoreType::I32]);
/// assert_eq!(signature.core_result(), Some(CoreType::I64));
/// # Ok::<(), pack_abi::schema::SchemaError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// How each parameter travels, in order.
    pub params: Vec<Pass>,
    /// How the result travels.
    pub result: Return,
    /// Who calls.
    pub role: Role,
}

impl Signature {
    /// The signature of a function.
    pub fn of(contract: &Contract, function: &Function, role: Role) -> Self {
        let result = match function.result {
            None => Return::Nothing,
            Some(ty) => match (flatten(contract, ty).as_deref(), role) {
                (Some([core]), _) => Return::Flat(*core),
                (_, Role::Export) => {
                    contents(contract, ty).map_or(Return::Encoded, Return::Contents)
                }
                (_, Role::Import) => Return::Encoded,
            },
        };
        let space = match (role, result) {
            (Role::Import, Return::Encoded) => 2,
            _ => 0,
        };
        let wishes: Vec<Pass> = function
            .params
            .iter()
            .map(|param| wish(contract, param.ty))
            .collect();
        let all: usize = wishes.iter().map(Pass::core_count).sum();
        let any_encoded = wishes.contains(&Pass::Encoded);
        let buffer = if any_encoded || all > MAX_CORE_PARAMS - space {
            2
        } else {
            0
        };
        let mut left = MAX_CORE_PARAMS - space - buffer;
        let params = wishes
            .into_iter()
            .map(|wish| match left.checked_sub(wish.core_count()) {
                Some(rest) => {
                    left = rest;
                    wish
                }
                None => Pass::Encoded,
            })
            .collect();
        Self {
            params,
            result,
            role,
        }
    }

    /// Whether some parameters travel in a buffer.
    pub fn has_buffer(&self) -> bool {
        self.params.contains(&Pass::Encoded)
    }

    /// Whether arguments or the result are in memory, so that a host needs room in that of an export's package: for the
    /// arguments, or for a result that somebody else gives.
    pub fn is_in_memory(&self) -> bool {
        let by_value = |pass: &Pass| matches!(pass, Pass::Flat(_));
        !self.params.iter().all(by_value) || self.result.is_in_memory()
    }

    /// Whether the caller offers space for the result.
    pub fn offers_space(&self) -> bool {
        self.role == Role::Import && self.result == Return::Encoded
    }

    /// The core parameters: those of each parameter in order, then pointer and length of the buffer, then
    /// pointer and length of the space for the result.
    pub fn core_params(&self) -> Vec<CoreType> {
        let mut core = Vec::new();
        for pass in &self.params {
            match pass {
                Pass::Flat(types) => core.extend(types),
                Pass::Text | Pass::Elements(_) => core.extend([CoreType::I32; 2]),
                Pass::Encoded => {}
            }
        }
        for pair in [self.has_buffer(), self.offers_space()] {
            if pair {
                core.extend([CoreType::I32; 2]);
            }
        }
        core
    }

    /// The core result.
    pub fn core_result(&self) -> Option<CoreType> {
        match (self.result, self.role) {
            (Return::Nothing, _) => None,
            (Return::Flat(core), _) => Some(core),
            (Return::Contents(_), _) | (Return::Encoded, Role::Export) => Some(CoreType::I64),
            (Return::Encoded, Role::Import) => Some(CoreType::I32),
        }
    }
}

impl Pass {
    /// How many core parameters it takes; none for what goes into the buffer.
    pub fn core_count(&self) -> usize {
        match self {
            Self::Flat(types) => types.len(),
            Self::Text | Self::Elements(_) => 2,
            Self::Encoded => 0,
        }
    }
}

fn wish(contract: &Contract, ty: Type) -> Pass {
    if contract.resolve(ty) == Type::String {
        return Pass::Text;
    }
    if let Some(width) = element_width(contract, ty) {
        return Pass::Elements(width);
    }
    flatten(contract, ty).map_or(Pass::Encoded, Pass::Flat)
}

/// How many bytes of contents each unit of the count stands for, if the type is a string or a list and it is the same for
/// all.
fn contents(contract: &Contract, ty: Type) -> Option<u32> {
    match contract.resolve(ty) {
        Type::String => Some(1),
        ty => element_width(contract, ty),
    }
}

/// How many bytes each element takes, if the type is a list and it is the same for all.
fn element_width(contract: &Contract, ty: Type) -> Option<u32> {
    match contract.kind(ty) {
        Some(TypeKind::List(element)) => contract.fixed_width(*element),
        _ => None,
    }
}

/// The core values a type flattens to: scalars, enums, flags of 1 to 64, handles, and records and tuples of one or more
/// of those, up to [`MAX_CORE_PARAMS`] core values.
pub fn flatten(contract: &Contract, ty: Type) -> Option<Vec<CoreType>> {
    let mut core = Vec::new();
    flatten_into(contract, ty, &mut core).then_some(core)
}

/// Every part adds at least one core value, so that this ends after few steps.
fn flatten_into(contract: &Contract, ty: Type, core: &mut Vec<CoreType>) -> bool {
    let scalar = match contract.resolve(ty) {
        Type::Bool
        | Type::U8
        | Type::U16
        | Type::U32
        | Type::S8
        | Type::S16
        | Type::S32
        | Type::Char => CoreType::I32,
        Type::U64 | Type::S64 => CoreType::I64,
        Type::F32 => CoreType::F32,
        Type::F64 => CoreType::F64,
        Type::String => return false,
        Type::Id(_) => match contract.kind(ty) {
            Some(TypeKind::Enum(_) | TypeKind::Own(_) | TypeKind::Borrow(_)) => CoreType::I32,
            Some(TypeKind::Flags(labels)) => match labels.len() {
                1..=32 => CoreType::I32,
                33..=64 => CoreType::I64,
                _ => return false,
            },
            Some(TypeKind::Record(fields)) if !fields.is_empty() && !contract.is_recursive(ty) => {
                return fields
                    .iter()
                    .all(|field| flatten_into(contract, field.ty, core));
            }
            Some(TypeKind::Tuple(parts)) if !parts.is_empty() => {
                return parts.iter().all(|part| flatten_into(contract, *part, core));
            }
            _ => return false,
        },
    };
    core.push(scalar);
    core.len() <= MAX_CORE_PARAMS
}

/// Joins pointer and length, or count, of an export's result.
pub const fn pack_pointer(pointer: u32, length: u32) -> u64 {
    (pointer as u64) | ((length as u64) << 32)
}

/// Takes apart what [`pack_pointer`] joined.
pub const fn unpack_pointer(packed: u64) -> (u32, u32) {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the two halves are what is wanted"
    )]
    let halves = (packed as u32, (packed >> 32) as u32);
    halves
}
