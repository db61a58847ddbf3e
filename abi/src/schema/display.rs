use core::fmt;

use super::{Schema, Type, TypeKind};

/// A type in the words of WIT: named types by their name, anonymous ones spelled out.
#[derive(Debug, Clone, Copy)]
pub struct TypeDisplay<'a> {
    schema: &'a Schema,
    ty: Type,
}

/// How many types are spelled out; a table from outside could nest them without end.
const MAX_PARTS: usize = 64;

impl<'a> TypeDisplay<'a> {
    pub(super) fn new(schema: &'a Schema, ty: Type) -> Self {
        Self { schema, ty }
    }
}

impl fmt::Display for TypeDisplay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_type(f, self.schema, self.ty, &mut { MAX_PARTS })
    }
}

impl Type {
    /// The WIT keyword of a primitive; empty for an entry of the type table.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::S8 => "s8",
            Self::S16 => "s16",
            Self::S32 => "s32",
            Self::S64 => "s64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Char => "char",
            Self::String => "string",
            Self::Id(_) => "",
        }
    }
}

fn write_type(
    f: &mut fmt::Formatter<'_>,
    schema: &Schema,
    ty: Type,
    parts_left: &mut usize,
) -> fmt::Result {
    let Some(left) = parts_left.checked_sub(1) else {
        return f.write_str("…");
    };
    *parts_left = left;
    match ty {
        Type::Id(_) => write_defined(f, schema, ty, parts_left),
        primitive => f.write_str(primitive.keyword()),
    }
}

fn write_defined(
    f: &mut fmt::Formatter<'_>,
    schema: &Schema,
    ty: Type,
    parts_left: &mut usize,
) -> fmt::Result {
    let Some(def) = schema.def(ty) else {
        return f.write_str("an unknown type");
    };
    if let Some(name) = &def.name {
        return f.write_str(&name.name);
    }
    let mut list = |f: &mut fmt::Formatter<'_>, head: &str, parts: &[Option<Type>]| {
        f.write_str(head)?;
        for (at, part) in parts.iter().enumerate() {
            f.write_str(if at == 0 { "<" } else { ", " })?;
            if *parts_left == 0 {
                f.write_str("…")?;
                break;
            }
            match part {
                Some(ty) => write_type(f, schema, *ty, parts_left)?,
                None => f.write_str("_")?,
            }
        }
        f.write_str(if parts.is_empty() { "" } else { ">" })
    };
    match &def.kind {
        TypeKind::Tuple(parts) => {
            let parts: alloc::vec::Vec<_> = parts.iter().copied().map(Some).collect();
            list(f, "tuple", &parts)
        }
        TypeKind::List(ty) => list(f, "list", &[Some(*ty)]),
        TypeKind::FixedList(ty, count) => {
            f.write_str("list<")?;
            write_type(f, schema, *ty, parts_left)?;
            write!(f, ", {count}>")
        }
        TypeKind::Option(ty) => list(f, "option", &[Some(*ty)]),
        TypeKind::Result {
            ok: None,
            err: None,
        } => f.write_str("result"),
        TypeKind::Result { ok, err: None } => list(f, "result", &[*ok]),
        TypeKind::Result { ok, err } => list(f, "result", &[*ok, *err]),
        TypeKind::Map(key, value) => list(f, "map", &[Some(*key), Some(*value)]),
        TypeKind::Own(ty) => list(f, "own", &[Some(*ty)]),
        TypeKind::Borrow(ty) => list(f, "borrow", &[Some(*ty)]),
        TypeKind::Stream(ty) => list(f, "stream", ty.map(Some).as_slice()),
        TypeKind::Future(ty) => list(f, "future", ty.map(Some).as_slice()),
        TypeKind::Alias(ty) => write_type(f, schema, *ty, parts_left),
        TypeKind::Record(_)
        | TypeKind::Variant(_)
        | TypeKind::Enum(_)
        | TypeKind::Flags(_)
        | TypeKind::Resource(_) => {
            write!(f, "an unnamed {}", def.kind.keyword())
        }
    }
}
