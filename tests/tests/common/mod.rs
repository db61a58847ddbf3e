//! What the tests of the contract share: bytes as readable text, schemas by hand, random schemas and values.
#![allow(dead_code, reason = "each test binary uses its own part of this")]

pub(crate) mod random;

use pack_abi::schema::{
    Case, Field, Function, Interface, Label, Param, Schema, Type, TypeDef, TypeId, TypeKind,
    TypeName,
};
use pack_abi::{Contract, Value};

/// Bytes from text: pairs of hex digits, `'text'` for the bytes of a text without spaces, `(…)` for a
/// comment.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut comment = false;
    for word in text.split_whitespace() {
        let starts = word.starts_with('(');
        if comment || starts {
            comment = !word.ends_with(')');
        } else if let Some(text) = word.strip_prefix('\'').and_then(|w| w.strip_suffix('\'')) {
            bytes.extend(text.as_bytes());
        } else {
            assert!(word.len().is_multiple_of(2), "{word} in {text}");
            bytes.extend((0..word.len()).step_by(2).map(|at| {
                u8::from_str_radix(&word[at..at + 2], 16)
                    .unwrap_or_else(|_| panic!("{word} in {text}"))
            }));
        }
    }
    bytes
}

/// What [`hex`] reads, without texts and comments.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A type table built by hand, and at most one interface on each side.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table(pub(crate) Schema);

/// The interface of [`Table::export`] and [`Table::import`].
pub(crate) const API: &str = "test:contract/api@1.0.0";

impl Table {
    pub(crate) fn new() -> Self {
        Self(Schema {
            world: "test:contract/world@1.0.0".into(),
            ..Schema::default()
        })
    }

    /// Adds an anonymous type.
    pub(crate) fn add(&mut self, kind: TypeKind) -> Type {
        self.push(None, kind)
    }

    /// Adds a named type.
    pub(crate) fn named(&mut self, name: &str, kind: TypeKind) -> Type {
        let name = TypeName {
            owner: "test:contract/types@1.0.0".into(),
            name: name.into(),
        };
        self.push(Some(name), kind)
    }

    fn push(&mut self, name: Option<TypeName>, kind: TypeKind) -> Type {
        let docs = String::new();
        self.0.types.push(TypeDef { name, kind, docs });
        id(self.0.types.len() - 1)
    }

    pub(crate) fn export(&mut self, function: Function) -> &mut Self {
        Self::function(&mut self.0.exports, function);
        self
    }

    pub(crate) fn import(&mut self, function: Function) -> &mut Self {
        Self::function(&mut self.0.imports, function);
        self
    }

    fn function(side: &mut Vec<Interface>, function: Function) {
        if side.is_empty() {
            side.push(Interface {
                name: API.into(),
                ..Interface::default()
            });
        }
        side[0].functions.push(function);
    }

    pub(crate) fn contract(&self) -> Contract {
        Contract::new(self.0.clone()).unwrap()
    }
}

/// A reference to a place of the table.
pub(crate) fn id(at: usize) -> Type {
    Type::Id(TypeId(u32::try_from(at).unwrap()))
}

pub(crate) fn function(name: &str, params: &[(&str, Type)], result: Option<Type>) -> Function {
    let param = |(name, ty): &(&str, Type)| Param {
        name: (*name).into(),
        ty: *ty,
    };
    Function {
        name: name.into(),
        params: params.iter().map(param).collect(),
        result,
        is_async: false,
        docs: String::new(),
    }
}

pub(crate) fn record(fields: &[(&str, Type)]) -> TypeKind {
    let field = |(name, ty): &(&str, Type)| Field {
        name: (*name).into(),
        ty: *ty,
        docs: String::new(),
    };
    TypeKind::Record(fields.iter().map(field).collect())
}

pub(crate) fn variant(cases: &[(&str, Option<Type>)]) -> TypeKind {
    let case = |(name, ty): &(&str, Option<Type>)| Case {
        name: (*name).into(),
        ty: *ty,
        docs: String::new(),
    };
    TypeKind::Variant(cases.iter().map(case).collect())
}

/// `prefix0`, `prefix1`, …
pub(crate) fn labels(prefix: &str, count: usize) -> Vec<Label> {
    let label = |at| Label {
        name: format!("{prefix}{at}"),
        docs: String::new(),
    };
    (0..count).map(label).collect()
}

pub(crate) fn case(name: &str, payload: Option<Value>) -> Value {
    Value::Variant(name.into(), payload.map(Box::new))
}
