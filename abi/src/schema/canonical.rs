//! The canonical byte form of a schema: what metadata carries and, with names put in place of indices,
//! what the hashes are taken over. `docs/abi.md` has the table of tags.

use alloc::string::String;
use alloc::vec::Vec;

use super::{
    Case, Field, Function, Interface, Label, Param, Provider, Schema, Type, TypeDef, TypeId,
    TypeKind, TypeName,
};
use crate::error::{DecodeError, DecodeErrorKind};
use crate::wire::{Decoder, Encoder, Limits};

/// Version of the wire format, the canonical schema form and the calling convention, which change
/// together.
pub const FORMAT_VERSION: u32 = 1;

/// One byte per primitive, then one per shape.
pub(crate) mod tag {
    use super::Type;

    pub(crate) const PRIMITIVES: [Type; 13] = [
        Type::Bool,
        Type::U8,
        Type::U16,
        Type::U32,
        Type::U64,
        Type::S8,
        Type::S16,
        Type::S32,
        Type::S64,
        Type::F32,
        Type::F64,
        Type::Char,
        Type::String,
    ];
    pub(crate) const ID: u8 = 13;
    pub(crate) const RECORD: u8 = 0;
    pub(crate) const VARIANT: u8 = 1;
    pub(crate) const ENUM: u8 = 2;
    pub(crate) const FLAGS: u8 = 3;
    pub(crate) const TUPLE: u8 = 4;
    pub(crate) const LIST: u8 = 5;
    pub(crate) const FIXED_LIST: u8 = 6;
    pub(crate) const OPTION: u8 = 7;
    pub(crate) const RESULT: u8 = 8;
    pub(crate) const MAP: u8 = 9;
    pub(crate) const ALIAS: u8 = 10;
    pub(crate) const RESOURCE: u8 = 11;
    pub(crate) const OWN: u8 = 12;
    pub(crate) const BORROW: u8 = 13;
    pub(crate) const STREAM: u8 = 14;
    pub(crate) const FUTURE: u8 = 15;
}

/// The tag of a primitive, or [`tag::ID`].
pub(crate) const fn type_tag(ty: Type) -> u8 {
    match ty {
        Type::Bool => 0,
        Type::U8 => 1,
        Type::U16 => 2,
        Type::U32 => 3,
        Type::U64 => 4,
        Type::S8 => 5,
        Type::S16 => 6,
        Type::S32 => 7,
        Type::S64 => 8,
        Type::F32 => 9,
        Type::F64 => 10,
        Type::Char => 11,
        Type::String => 12,
        Type::Id(_) => tag::ID,
    }
}

/// Entries in memory are up to twenty times as large as their bytes: that is what is bounded.
pub(crate) const READ_LIMITS: Limits = Limits::DEFAULT.with_bytes(64 << 20);

impl Schema {
    /// The canonical bytes, documentation included.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer(Encoder::new(Vec::new(), Limits::DEFAULT));
        writer.string(&self.world);
        writer.list(&self.types, Writer::type_def);
        writer.list(&self.imports, Writer::interface);
        writer.list(&self.exports, Writer::interface);
        writer.0.into_sink()
    }

    /// Reads canonical bytes. The result is as trustworthy as the bytes: check it with
    /// [`Contract::new`](super::Contract::new).
    ///
    /// # Errors
    ///
    /// The first byte that does not fit the format.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::from_bytes_within(bytes, &mut { READ_LIMITS })
    }

    /// The same for one of several schemas that have to keep within the limits together.
    pub(crate) fn from_bytes_within(
        bytes: &[u8],
        limits: &mut Limits,
    ) -> Result<Self, DecodeError> {
        let mut reader = Reader(Decoder::new(bytes, *limits));
        let schema = Self {
            world: reader.string().map_err(|e| e.in_field("world"))?,
            types: reader
                .list(Reader::type_def)
                .map_err(|e| e.in_field("types"))?,
            imports: reader
                .list(Reader::interface)
                .map_err(|e| e.in_field("imports"))?,
            exports: reader
                .list(Reader::interface)
                .map_err(|e| e.in_field("exports"))?,
        };
        limits.bytes = reader.0.bytes_left();
        reader.0.finish()?;
        Ok(schema)
    }
}

/// A definition as it stands in the type table.
pub(super) fn definition_bytes(def: &TypeDef) -> Vec<u8> {
    let mut writer = Writer(Encoder::new(Vec::new(), Limits::DEFAULT));
    writer.type_def(def);
    writer.0.into_sink()
}

struct Writer(Encoder<Vec<u8>>);

impl Writer {
    fn string(&mut self, text: &str) {
        self.0.string(text);
    }

    fn list<T>(&mut self, items: &[T], write: impl Fn(&mut Self, &T)) {
        self.0.count(items.len());
        for item in items {
            write(self, item);
        }
    }

    fn byte(&mut self, byte: u8) {
        self.0.write(&[byte]);
    }

    fn ty(&mut self, ty: &Type) {
        self.byte(type_tag(*ty));
        if let Type::Id(id) = ty {
            self.0.write(&id.0.to_le_bytes());
        }
    }

    fn optional_type(&mut self, ty: &Option<Type>) {
        self.byte(u8::from(ty.is_some()));
        if let Some(ty) = ty {
            self.ty(ty);
        }
    }

    fn type_def(&mut self, def: &TypeDef) {
        self.byte(u8::from(def.name.is_some()));
        if let Some(name) = &def.name {
            self.string(&name.owner);
            self.string(&name.name);
        }
        self.string(&def.docs);
        match &def.kind {
            TypeKind::Record(fields) => {
                self.byte(tag::RECORD);
                self.list(fields, |w, field| {
                    w.string(&field.name);
                    w.ty(&field.ty);
                    w.string(&field.docs);
                });
            }
            TypeKind::Variant(cases) => {
                self.byte(tag::VARIANT);
                self.list(cases, |w, case| {
                    w.string(&case.name);
                    w.optional_type(&case.ty);
                    w.string(&case.docs);
                });
            }
            TypeKind::Enum(labels) => self.labels(tag::ENUM, labels),
            TypeKind::Flags(labels) => self.labels(tag::FLAGS, labels),
            TypeKind::Tuple(parts) => {
                self.byte(tag::TUPLE);
                self.list(parts, Self::ty);
            }
            TypeKind::List(ty) => self.wrapped(tag::LIST, ty),
            TypeKind::FixedList(ty, count) => {
                self.wrapped(tag::FIXED_LIST, ty);
                self.0.write(&count.to_le_bytes());
            }
            TypeKind::Option(ty) => self.wrapped(tag::OPTION, ty),
            TypeKind::Result { ok, err } => {
                self.byte(tag::RESULT);
                self.optional_type(ok);
                self.optional_type(err);
            }
            TypeKind::Map(key, value) => {
                self.wrapped(tag::MAP, key);
                self.ty(value);
            }
            TypeKind::Alias(ty) => self.wrapped(tag::ALIAS, ty),
            TypeKind::Resource(provider) => {
                self.byte(tag::RESOURCE);
                self.byte(u8::from(*provider == Provider::Package));
            }
            TypeKind::Own(ty) => self.wrapped(tag::OWN, ty),
            TypeKind::Borrow(ty) => self.wrapped(tag::BORROW, ty),
            TypeKind::Stream(ty) => {
                self.byte(tag::STREAM);
                self.optional_type(ty);
            }
            TypeKind::Future(ty) => {
                self.byte(tag::FUTURE);
                self.optional_type(ty);
            }
        }
    }

    fn wrapped(&mut self, tag: u8, ty: &Type) {
        self.byte(tag);
        self.ty(ty);
    }

    fn labels(&mut self, tag: u8, labels: &[Label]) {
        self.byte(tag);
        self.list(labels, |w, label| {
            w.string(&label.name);
            w.string(&label.docs);
        });
    }

    fn interface(&mut self, interface: &Interface) {
        self.string(&interface.name);
        self.string(&interface.docs);
        self.list(&interface.functions, |w, function| {
            w.string(&function.name);
            w.string(&function.docs);
            w.list(&function.params, |w, param| {
                w.string(&param.name);
                w.ty(&param.ty);
            });
            w.optional_type(&function.result);
            w.byte(u8::from(function.is_async));
        });
    }
}

struct Reader<'a>(Decoder<'a>);

type Read<T> = Result<T, DecodeError>;

impl Reader<'_> {
    fn string(&mut self) -> Read<String> {
        self.0.string()
    }

    fn byte(&mut self) -> Read<u8> {
        self.0.array::<1>().map(|[byte]| byte)
    }

    fn u32(&mut self) -> Read<u32> {
        self.0.array().map(u32::from_le_bytes)
    }

    fn flag(&mut self) -> Read<bool> {
        self.0.bool()
    }

    fn list<T>(&mut self, read: impl Fn(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let count = self.0.count(1)?;
        // Grown as elements arrive: an element in memory is far larger than its least width in bytes.
        let mut items = Vec::new();
        for at in 0..count {
            self.0.charge_bytes(size_of::<T>())?;
            items.push(read(self).map_err(|e| e.at_index(at))?);
        }
        Ok(items)
    }

    fn ty(&mut self) -> Read<Type> {
        let tag = self.byte()?;
        if tag == tag::ID {
            return Ok(Type::Id(TypeId(self.u32()?)));
        }
        let primitive = tag::PRIMITIVES.get(usize::from(tag)).copied();
        primitive.ok_or_else(|| self.unknown(tag, tag::ID))
    }

    fn unknown(&self, tag: u8, last: u8) -> DecodeError {
        let kind = DecodeErrorKind::Discriminant {
            found: u32::from(tag),
            cases: u32::from(last) + 1,
        };
        self.0.error_before(1, kind)
    }

    fn optional_type(&mut self) -> Read<Option<Type>> {
        Ok(if self.flag()? { Some(self.ty()?) } else { None })
    }

    fn type_def(&mut self) -> Read<TypeDef> {
        let name = if self.flag()? {
            Some(TypeName {
                owner: self.string()?,
                name: self.string()?,
            })
        } else {
            None
        };
        let docs = self.string()?;
        let kind = match self.byte()? {
            tag::RECORD => TypeKind::Record(self.list(|r| {
                Ok(Field {
                    name: r.string()?,
                    ty: r.ty()?,
                    docs: r.string()?,
                })
            })?),
            tag::VARIANT => TypeKind::Variant(self.list(|r| {
                Ok(Case {
                    name: r.string()?,
                    ty: r.optional_type()?,
                    docs: r.string()?,
                })
            })?),
            tag::ENUM => TypeKind::Enum(self.labels()?),
            tag::FLAGS => TypeKind::Flags(self.labels()?),
            tag::TUPLE => TypeKind::Tuple(self.list(Self::ty)?),
            tag::LIST => TypeKind::List(self.ty()?),
            tag::FIXED_LIST => TypeKind::FixedList(self.ty()?, self.u32()?),
            tag::OPTION => TypeKind::Option(self.ty()?),
            tag::RESULT => TypeKind::Result {
                ok: self.optional_type()?,
                err: self.optional_type()?,
            },
            tag::MAP => TypeKind::Map(self.ty()?, self.ty()?),
            tag::ALIAS => TypeKind::Alias(self.ty()?),
            tag::RESOURCE => TypeKind::Resource(match self.flag()? {
                false => Provider::Host,
                true => Provider::Package,
            }),
            tag::OWN => TypeKind::Own(self.ty()?),
            tag::BORROW => TypeKind::Borrow(self.ty()?),
            tag::STREAM => TypeKind::Stream(self.optional_type()?),
            tag::FUTURE => TypeKind::Future(self.optional_type()?),
            other => return Err(self.unknown(other, tag::FUTURE)),
        };
        Ok(TypeDef { name, kind, docs })
    }

    fn labels(&mut self) -> Read<Vec<Label>> {
        self.list(|r| {
            Ok(Label {
                name: r.string()?,
                docs: r.string()?,
            })
        })
    }

    fn interface(&mut self) -> Read<Interface> {
        Ok(Interface {
            name: self.string()?,
            docs: self.string()?,
            functions: self.list(|r| {
                Ok(Function {
                    name: r.string()?,
                    docs: r.string()?,
                    params: r.list(|r| {
                        Ok(Param {
                            name: r.string()?,
                            ty: r.ty()?,
                        })
                    })?,
                    result: r.optional_type()?,
                    is_async: r.flag()?,
                })
            })?,
        })
    }
}
