//! The metadata of one function, written by the compiler: the canonical bytes of a schema that has only this function,
//! and all types it reaches. The linker puts the pieces one after the other; who reads them joins them.

use super::table::{FEW, MANY, TOO_MANY, Table};
use super::{Arg, FunctionInfo, Identity, Shape, TypeInfo, TypeRef};
use crate::metadata::MAGIC;
use crate::schema::canonical::{tag, type_tag};
use crate::schema::{FORMAT_VERSION, Provider, ROOT};

/// How long the metadata of a function is; of none, for a world without functions.
pub const fn piece_length(world: &str, function: Option<&FunctionInfo>) -> usize {
    write::<0>(world, function).length
}

/// The metadata of a function, of that length.
pub const fn piece<const LENGTH: usize>(
    world: &str,
    function: Option<&FunctionInfo>,
) -> [u8; LENGTH] {
    write::<LENGTH>(world, function).bytes
}

#[allow(
    clippy::panic,
    reason = "it is the compiler that panics, with an error at the function"
)]
const fn write<const LENGTH: usize>(
    world: &str,
    function: Option<&FunctionInfo>,
) -> Writer<LENGTH> {
    if let Some(writer) = write_with::<LENGTH, FEW>(world, function) {
        return writer;
    }
    match write_with::<LENGTH, MANY>(world, function) {
        Some(writer) => writer,
        None => panic!("{}", TOO_MANY),
    }
}

#[allow(
    clippy::indexing_slicing,
    reason = "the compiler runs this, and a const fn has no other way"
)]
const fn write_with<const LENGTH: usize, const ROOM: usize>(
    world: &str,
    function: Option<&FunctionInfo>,
) -> Option<Writer<LENGTH>> {
    let table = match function {
        Some(function) => match Table::<ROOM>::of(function) {
            Some(table) => table,
            None => return None,
        },
        None => Table::<ROOM>::new(),
    };
    let mut writer = Writer {
        bytes: [0; LENGTH],
        length: 0,
    };
    writer.bytes(&MAGIC);
    writer.number(FORMAT_VERSION);
    let head = writer.length + 4;
    writer.count(LENGTH.saturating_sub(head));
    writer.string(world);
    writer.count(table.count);
    let mut at = 0;
    while at < table.count {
        if let Some(info) = table.at(at) {
            writer.definition(world, &table, info);
        }
        at += 1;
    }
    // No imports, and one interface that is exported if there is a function.
    writer.count(0);
    let Some(function) = function else {
        writer.count(0);
        return Some(writer);
    };
    writer.count(1);
    writer.string(ROOT);
    writer.string("");
    writer.count(1);
    writer.string(function.name);
    writer.string(function.docs);
    writer.count(function.params.len());
    at = 0;
    while at < function.params.len() {
        writer.string(function.params[at].name);
        writer.ty(&table, function.params[at].ty);
        at += 1;
    }
    writer.optional(&table, function.result());
    writer.byte(0);
    Some(writer)
}

/// Writes as far as there is room, and counts on.
struct Writer<const LENGTH: usize> {
    bytes: [u8; LENGTH],
    length: usize,
}

#[allow(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the compiler runs this, and a const fn has no other way"
)]
impl<const LENGTH: usize> Writer<LENGTH> {
    const fn byte(&mut self, byte: u8) {
        if self.length < LENGTH {
            self.bytes[self.length] = byte;
        }
        self.length += 1;
    }

    const fn bytes(&mut self, bytes: &[u8]) {
        let mut at = 0;
        while at < bytes.len() {
            self.byte(bytes[at]);
            at += 1;
        }
    }

    const fn number(&mut self, number: u32) {
        self.bytes(&number.to_le_bytes());
    }

    const fn count(&mut self, count: usize) {
        assert!(count < 1 << 31, "more than a schema can hold");
        #[allow(clippy::cast_possible_truncation, reason = "see above")]
        self.number(count as u32);
    }

    const fn string(&mut self, text: &str) {
        self.count(text.len());
        self.bytes(text.as_bytes());
    }

    const fn ty<const ROOM: usize>(&mut self, table: &Table<ROOM>, ty: TypeRef) {
        let info = ty.get();
        if let Shape::Primitive(primitive) = info.shape {
            self.byte(type_tag(primitive));
        } else {
            self.byte(tag::ID);
            self.count(table.place(info));
        }
    }

    const fn optional<const ROOM: usize>(&mut self, table: &Table<ROOM>, ty: Option<TypeRef>) {
        self.byte(ty.is_some() as u8);
        if let Some(ty) = ty {
            self.ty(table, ty);
        }
    }

    const fn definition<const ROOM: usize>(
        &mut self,
        world: &str,
        table: &Table<ROOM>,
        info: &TypeInfo,
    ) {
        let tag = match info.shape {
            Shape::Record(_) => tag::RECORD,
            Shape::Variant(_) => tag::VARIANT,
            Shape::Enum(_) => tag::ENUM,
            Shape::Flags(_) => tag::FLAGS,
            Shape::Tuple(_) => tag::TUPLE,
            Shape::List(_) => tag::LIST,
            Shape::FixedList(..) => tag::FIXED_LIST,
            Shape::Option(_) => tag::OPTION,
            Shape::Result(..) => tag::RESULT,
            Shape::Map(..) => tag::MAP,
            Shape::Resource(_) => tag::RESOURCE,
            Shape::Own(_) => tag::OWN,
            Shape::Borrow(_) => tag::BORROW,
            Shape::Primitive(_) | Shape::Mention => panic!("not an entry of its own"),
        };
        self.name(world, info);
        self.string(info.docs);
        self.byte(tag);
        let mut at = 0;
        match info.shape {
            Shape::Record(fields) => {
                self.count(fields.len());
                while at < fields.len() {
                    self.string(fields[at].name);
                    self.ty(table, fields[at].ty);
                    self.string(fields[at].docs);
                    at += 1;
                }
            }
            Shape::Variant(cases) => {
                self.count(cases.len());
                while at < cases.len() {
                    self.string(cases[at].name);
                    self.optional(table, cases[at].ty);
                    self.string(cases[at].docs);
                    at += 1;
                }
            }
            Shape::Enum(labels) | Shape::Flags(labels) => {
                self.count(labels.len());
                while at < labels.len() {
                    self.string(labels[at].name);
                    self.string(labels[at].docs);
                    at += 1;
                }
            }
            Shape::Result(..) => {
                self.optional(table, info.part(0));
                self.optional(table, info.part(1));
            }
            Shape::Resource(provider) => self.byte(matches!(provider, Provider::Package) as u8),
            _ => {
                if let Shape::Tuple(parts) = info.shape {
                    self.count(parts.len());
                }
                while at < info.parts() {
                    if let Some(part) = info.part(at) {
                        self.ty(table, part);
                    }
                    at += 1;
                }
                if let Shape::FixedList(_, count) = info.shape {
                    self.number(count);
                }
            }
        }
    }

    /// Owner and name, if the type has a name. A type without an owner is the world's.
    const fn name(&mut self, world: &str, info: &TypeInfo) {
        let is_named = info.has_name();
        self.byte(is_named as u8);
        if is_named {
            let owner = info.identity.owner;
            self.string(if owner.is_empty() { world } else { owner });
            let mut length = Writer::<0> {
                bytes: [],
                length: 0,
            };
            length.words(info.identity);
            self.count(length.length);
            self.words(info.identity);
        }
    }

    /// As [`Identity`] is displayed.
    const fn words(&mut self, identity: &Identity) {
        self.bytes(identity.word.as_bytes());
        let mut at = 0;
        while at < identity.args.len() {
            self.byte(b'-');
            match identity.args[at] {
                Arg::Type(identity) => self.words(identity),
                Arg::Number(number) => self.digits(number),
            }
            at += 1;
        }
    }

    const fn digits(&mut self, number: u64) {
        if number > 9 {
            self.digits(number / 10);
        }
        #[allow(clippy::cast_possible_truncation, reason = "it is less than 10")]
        self.byte(b'0' + (number % 10) as u8);
    }
}
