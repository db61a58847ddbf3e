//! Values from Rust's own types, and looking into values.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::Value;

macro_rules! from {
    ($($ty:ty => $variant:ident),* $(,)?) => {
        $(
            #[doc = concat!("[`Value::", stringify!($variant), "`]")]
            impl From<$ty> for Value {
                fn from(value: $ty) -> Self {
                    Self::$variant(value)
                }
            }
        )*
    };
}

from! {
    bool => Bool,
    u8 => U8,
    u16 => U16,
    u32 => U32,
    u64 => U64,
    i8 => S8,
    i16 => S16,
    i32 => S32,
    i64 => S64,
    f32 => F32,
    f64 => F64,
    char => Char,
    String => String,
    Vec<u8> => Bytes,
    Vec<Value> => List,
}

/// [`Value::String`]
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(value.to_owned())
    }
}

/// [`Value::Bytes`]
impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.to_owned())
    }
}

/// [`Value::Option`]
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        Self::Option(value.map(|value| Box::new(value.into())))
    }
}

/// [`Value::Result`], with a payload on both sides.
impl<T: Into<Value>, E: Into<Value>> From<Result<T, E>> for Value {
    fn from(value: Result<T, E>) -> Self {
        Self::Result(match value {
            Ok(value) => Ok(Some(Box::new(value.into()))),
            Err(error) => Err(Some(Box::new(error.into()))),
        })
    }
}

impl Value {
    /// The bool.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(v) => Some(*v),
            _ => None,
        }
    }

    /// The integer, of whatever width, if it is not negative.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::U64(v) => Some(*v),
            _ => self.as_i64()?.try_into().ok(),
        }
    }

    /// The integer, of whatever width, if it is below 2^63.
    pub fn as_i64(&self) -> Option<i64> {
        Some(match self {
            Self::U8(v) => (*v).into(),
            Self::U16(v) => (*v).into(),
            Self::U32(v) => (*v).into(),
            Self::U64(v) => (*v).try_into().ok()?,
            Self::S8(v) => (*v).into(),
            Self::S16(v) => (*v).into(),
            Self::S32(v) => (*v).into(),
            Self::S64(v) => *v,
            _ => return None,
        })
    }

    /// The float, of either width. Integers are none.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::F32(v) => Some((*v).into()),
            Self::F64(v) => Some(*v),
            _ => None,
        }
    }

    /// The char.
    pub fn as_char(&self) -> Option<char> {
        match self {
            Self::Char(v) => Some(*v),
            _ => None,
        }
    }

    /// The string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(v) => Some(v),
            _ => None,
        }
    }

    /// The bytes of a `list<u8>`.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(v) => Some(v),
            _ => None,
        }
    }

    /// The elements of a list that is none of bytes, or the parts of a tuple.
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(v) | Self::Tuple(v) => Some(v),
            _ => None,
        }
    }

    /// The entries of a map.
    pub fn as_map(&self) -> Option<&[(Self, Self)]> {
        match self {
            Self::Map(v) => Some(v),
            _ => None,
        }
    }

    /// The field of a record, by its name in WIT.
    pub fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Record(fields) => {
                let found = fields.iter().find(|(field, _)| field == name);
                found.map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The name of the case of a variant or enum.
    pub fn case(&self) -> Option<&str> {
        match self {
            Self::Variant(case, _) | Self::Enum(case) => Some(case),
            _ => None,
        }
    }

    /// What is inside an option that is not `none`, or inside a result or the case of a variant, if that has a payload.
    pub fn payload(&self) -> Option<&Self> {
        match self {
            Self::Option(payload)
            | Self::Result(Ok(payload) | Err(payload))
            | Self::Variant(_, payload) => payload.as_deref(),
            _ => None,
        }
    }

    /// Whether a flag is set; `None` for what is no flags.
    pub fn has_flag(&self, name: &str) -> Option<bool> {
        match self {
            Self::Flags(names) => Some(names.iter().any(|flag| flag == name)),
            _ => None,
        }
    }
}
