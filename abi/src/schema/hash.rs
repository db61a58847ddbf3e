//! One SHA-256 digest per function, over its name, its signature and every type it reaches.
//!
//! Named types are written by qualified name where they are used and defined once each, in order of name,
//! so cycles need no special case and source order does not matter. Anonymous types are written as the
//! digest of their own form. Documentation, parameter names and aliases are left out; the format version is in.
//!
//! Equal digests mean equal functions. Different digests prove nothing (a type may have another name): then
//! [`diff`](super::diff) decides.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use sha2::{Digest, Sha256};

use super::canonical::{FORMAT_VERSION, tag, type_tag};
use super::{Case, Function, Interface, Label, Provider, Schema, Type, TypeId, TypeKind, TypeName};

/// A SHA-256 digest.
pub type Hash = [u8; 32];

/// The digest of one function of a checked schema. `interface` is the qualified name of the interface that it is in.
pub fn function(schema: &Schema, interface: &str, function: &Function) -> Hash {
    let mut canon = Canon::new(schema, "function");
    canon.string(interface);
    canon.function(function);
    canon.finish()
}

/// The digest of an interface: of its functions in order of name.
pub fn interface(schema: &Schema, interface: &Interface) -> Hash {
    let mut functions: Vec<&Function> = interface.functions.iter().collect();
    functions.sort_by(|a, b| a.name.cmp(&b.name));
    let mut canon = Canon::new(schema, "interface");
    canon.string(&interface.name);
    canon.length(functions.len());
    for function in functions {
        canon.function(function);
    }
    canon.finish()
}

struct Canon<'a> {
    schema: &'a Schema,
    out: Vec<u8>,
    /// Named types met so far.
    named: BTreeSet<&'a TypeName>,
    /// Those of them that are not defined yet.
    open: Vec<(&'a TypeName, &'a TypeKind)>,
    /// Digests of the anonymous types met so far: a table may nest `tuple<t, t>` a hundred times.
    anonymous: BTreeMap<TypeId, Hash>,
}

impl<'a> Canon<'a> {
    fn new(schema: &'a Schema, what: &str) -> Self {
        let mut canon = Self {
            schema,
            out: Vec::new(),
            named: BTreeSet::new(),
            open: Vec::new(),
            anonymous: BTreeMap::new(),
        };
        canon.string("pack");
        canon.out.extend(FORMAT_VERSION.to_le_bytes());
        canon.string(what);
        canon
    }

    fn finish(mut self) -> Hash {
        // Definitions may name further types: collect them all, then sort the written forms by name.
        let mut definitions: BTreeMap<&TypeName, Vec<u8>> = BTreeMap::new();
        while let Some((name, kind)) = self.open.pop() {
            let before = core::mem::take(&mut self.out);
            self.kind(kind);
            definitions.insert(name, core::mem::replace(&mut self.out, before));
        }
        self.length(definitions.len());
        for (name, definition) in definitions {
            self.string(&name.owner);
            self.string(&name.name);
            self.length(definition.len());
            self.out.extend(definition);
        }
        Sha256::digest(&self.out).into()
    }

    fn length(&mut self, length: usize) {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        self.out.extend(length.to_le_bytes());
    }

    fn string(&mut self, text: &str) {
        self.length(text.len());
        self.out.extend(text.as_bytes());
    }

    fn function(&mut self, function: &'a Function) {
        self.string(&function.name);
        self.length(function.params.len());
        for param in &function.params {
            self.ty(param.ty);
        }
        self.optional(function.result);
        self.out.push(u8::from(function.is_async));
    }

    fn optional(&mut self, ty: Option<Type>) {
        self.out.push(u8::from(ty.is_some()));
        if let Some(ty) = ty {
            self.ty(ty);
        }
    }

    fn ty(&mut self, ty: Type) {
        let ty = self.schema.resolve(ty);
        self.out.push(type_tag(ty));
        let (Some(def), Type::Id(id)) = (self.schema.def(ty), ty) else {
            return;
        };
        match &def.name {
            Some(name) => {
                self.out.push(1);
                self.string(&name.owner);
                self.string(&name.name);
                if self.named.insert(name) {
                    self.open.push((name, &def.kind));
                }
            }
            None => {
                self.out.push(0);
                let digest = match self.anonymous.get(&id) {
                    Some(digest) => *digest,
                    None => self.anonymous(id, &def.kind),
                };
                self.out.extend(digest);
            }
        }
    }

    /// In a checked schema anonymous nesting is bounded and every cycle passes through a named type, so
    /// this ends.
    fn anonymous(&mut self, id: TypeId, kind: &'a TypeKind) -> Hash {
        let before = core::mem::take(&mut self.out);
        self.kind(kind);
        let form = core::mem::replace(&mut self.out, before);
        let digest = Sha256::digest(&form).into();
        self.anonymous.insert(id, digest);
        digest
    }

    fn kind(&mut self, kind: &'a TypeKind) {
        match kind {
            TypeKind::Record(fields) => {
                self.head(tag::RECORD, fields.len());
                for field in fields {
                    self.string(&field.name);
                    self.ty(field.ty);
                }
            }
            TypeKind::Variant(cases) => {
                self.head(tag::VARIANT, cases.len());
                for Case { name, ty, .. } in cases {
                    self.string(name);
                    self.optional(*ty);
                }
            }
            TypeKind::Enum(labels) => self.labels(tag::ENUM, labels),
            TypeKind::Flags(labels) => self.labels(tag::FLAGS, labels),
            TypeKind::Tuple(parts) => {
                self.head(tag::TUPLE, parts.len());
                for ty in parts {
                    self.ty(*ty);
                }
            }
            TypeKind::List(ty) => self.wrapped(tag::LIST, *ty),
            TypeKind::FixedList(ty, count) => {
                self.wrapped(tag::FIXED_LIST, *ty);
                self.out.extend(count.to_le_bytes());
            }
            TypeKind::Option(ty) => self.wrapped(tag::OPTION, *ty),
            TypeKind::Result { ok, err } => {
                self.out.push(tag::RESULT);
                self.optional(*ok);
                self.optional(*err);
            }
            TypeKind::Map(key, value) => {
                self.wrapped(tag::MAP, *key);
                self.ty(*value);
            }
            TypeKind::Resource(provider) => {
                self.out.push(tag::RESOURCE);
                self.out.push(u8::from(*provider == Provider::Package));
            }
            TypeKind::Own(ty) => self.wrapped(tag::OWN, *ty),
            TypeKind::Borrow(ty) => self.wrapped(tag::BORROW, *ty),
            TypeKind::Stream(ty) => {
                self.out.push(tag::STREAM);
                self.optional(*ty);
            }
            TypeKind::Future(ty) => {
                self.out.push(tag::FUTURE);
                self.optional(*ty);
            }
            TypeKind::Alias(ty) => self.ty(*ty),
        }
    }

    fn head(&mut self, tag: u8, count: usize) {
        self.out.push(tag);
        self.length(count);
    }

    fn wrapped(&mut self, tag: u8, ty: Type) {
        self.out.push(tag);
        self.ty(ty);
    }

    fn labels(&mut self, tag: u8, labels: &[Label]) {
        self.head(tag, labels.len());
        for label in labels {
            self.string(&label.name);
        }
    }
}
