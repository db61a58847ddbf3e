//! Random contracts, and random values of their types.
//!
//! Everything is decided by [`Choices`], which reads bytes: proptest makes them and shrinks them, a seed makes
//! them where the cases are to be the same each time. Zero is always the simplest choice, and what follows the
//! last byte is zero.

use std::collections::BTreeSet;

use pack_abi::schema::{
    Case, Contract, Field, Function, Interface, Label, Param, ROOT, Schema, Type, TypeDef,
    TypeKind, TypeName,
};
use pack_abi::value::encode_value;
use pack_abi::{Limits, Value};

use super::id;

pub(crate) struct Choices {
    bytes: std::vec::IntoIter<u8>,
}

impl Choices {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self {
            bytes: bytes.into_iter(),
        }
    }

    /// So many bytes that depend on the seed only (splitmix64).
    pub(crate) fn seeded(seed: u64, bytes: usize) -> Self {
        let words = (1..).map(|step: u64| {
            let mut word = seed.wrapping_add(step.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^ (word >> 31)
        });
        Self::new(words.flat_map(u64::to_le_bytes).take(bytes).collect())
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.bytes.next().unwrap_or(0)
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    /// A number below `count`, which is not 0.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        let [low, high] = [self.byte(), if count > 256 { self.byte() } else { 0 }];
        usize::from(u16::from_le_bytes([low, high])) % count
    }

    /// True about once in so many times.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

const PRIMITIVES: [Type; 13] = [
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

/// What the keys of a map may be.
fn key(choices: &mut Choices) -> Type {
    match primitive(choices) {
        Type::F32 | Type::F64 => Type::String,
        other => other,
    }
}

pub(crate) fn primitive(choices: &mut Choices) -> Type {
    *choices.pick(&PRIMITIVES)
}

/// A contract with every shape of type, and recursion through every shape that allows it.
pub(crate) fn contract(choices: &mut Choices) -> Contract {
    let count = 1 + choices.below(16);
    // Which entries are records and variants is decided first: those may be referred to from anywhere, the
    // others only from below, so that every cycle has a head.
    let shapes: Vec<usize> = (0..count).map(|_| choices.below(13)).collect();
    let is_head = |at: usize| matches!(shapes[at], 0 | 1 | 11 | 12);
    let mut types = Vec::new();
    for (at, shape) in shapes.iter().enumerate() {
        let reachable: Vec<Type> = (0..count)
            .filter(|target| *target < at || is_head(*target))
            .map(id)
            .collect();
        let kind = kind(choices, *shape, &reachable);
        let named = !matches!(
            kind,
            TypeKind::Tuple(_)
                | TypeKind::List(_)
                | TypeKind::FixedList(..)
                | TypeKind::Option(_)
                | TypeKind::Result { .. }
                | TypeKind::Map(..)
        );
        let owner = *choices.pick(&["test:random/types@1.0.0", "test:random/more"]);
        types.push(TypeDef {
            name: named.then(|| TypeName {
                owner: owner.into(),
                name: format!("t{at}"),
            }),
            kind,
            docs: text(choices),
        });
    }
    let mut schema = Schema {
        world: "test:random/world@1.0.0".into(),
        types,
        ..Schema::default()
    };
    make_small(&mut schema, choices);
    schema.exports = interfaces(choices, count);
    schema.imports = interfaces(choices, count);
    Contract::new(schema.clone()).unwrap_or_else(|error| panic!("{error}: {schema:#?}"))
}

fn reference(choices: &mut Choices, reachable: &[Type]) -> Type {
    if reachable.is_empty() || choices.one_in(3) {
        return primitive(choices);
    }
    *choices.pick(reachable)
}

fn kind(choices: &mut Choices, shape: usize, reachable: &[Type]) -> TypeKind {
    let mut ty = |choices: &mut Choices| reference(choices, reachable);
    let optional = |choices: &mut Choices, ty: &mut dyn FnMut(&mut Choices) -> Type| {
        (!choices.one_in(3)).then(|| ty(choices))
    };
    match shape {
        0 | 11 => TypeKind::Record(
            (0..choices.below(5))
                .map(|at| Field {
                    name: format!("f{at}"),
                    ty: ty(choices),
                    docs: text(choices),
                })
                .collect(),
        ),
        1 | 12 => TypeKind::Variant(
            (0..=choices.below(5))
                .map(|at| Case {
                    name: format!("c{at}"),
                    ty: optional(choices, &mut ty),
                    docs: text(choices),
                })
                .collect(),
        ),
        2 => TypeKind::Enum(labels(choices, 1)),
        3 => TypeKind::Flags(labels(choices, 0)),
        4 => TypeKind::Tuple((0..choices.below(4)).map(|_| ty(choices)).collect()),
        5 => TypeKind::List(ty(choices)),
        6 => TypeKind::FixedList(ty(choices), [0, 1, 2, 5][choices.below(4)]),
        7 => TypeKind::Option(ty(choices)),
        8 => TypeKind::Result {
            ok: optional(choices, &mut ty),
            err: optional(choices, &mut ty),
        },
        9 => TypeKind::Map(key(choices), ty(choices)),
        _ => TypeKind::Alias(ty(choices)),
    }
}

fn labels(choices: &mut Choices, least: usize) -> Vec<Label> {
    let counts = [1, 2, 3, 7, 8, 9, 17, 40, 255, 256, 257, 0];
    let count = choices.pick(&counts).max(&least);
    let docs = text(choices);
    let label = |at| Label {
        name: format!("l{at}"),
        docs: docs.clone(),
    };
    (0..*count).map(label).collect()
}

/// The smallest value of a random type has at most so many parts.
const LARGEST: usize = 50;

/// Puts a number in place of references until every type has a value, and a small one.
fn make_small(schema: &mut Schema, choices: &mut Choices) {
    loop {
        let sizes = sizes(&schema.types);
        let Some(at) = sizes.iter().position(|size| *size > LARGEST) else {
            return;
        };
        let parts = types_in(&mut schema.types[at].kind);
        let largest = parts.into_iter().max_by_key(|ty| size(&sizes, **ty));
        *largest.unwrap() = primitive(choices);
    }
}

/// Every reference in a shape.
pub(crate) fn types_in(kind: &mut TypeKind) -> Vec<&mut Type> {
    match kind {
        TypeKind::Record(fields) => fields.iter_mut().map(|f| &mut f.ty).collect(),
        TypeKind::Variant(cases) => cases.iter_mut().filter_map(|c| c.ty.as_mut()).collect(),
        TypeKind::Enum(_) | TypeKind::Flags(_) => Vec::new(),
        TypeKind::Tuple(parts) => parts.iter_mut().collect(),
        TypeKind::List(ty)
        | TypeKind::FixedList(ty, _)
        | TypeKind::Option(ty)
        | TypeKind::Own(ty)
        | TypeKind::Borrow(ty)
        | TypeKind::Alias(ty) => vec![ty],
        TypeKind::Resource(_) => Vec::new(),
        TypeKind::Stream(ty) | TypeKind::Future(ty) => ty.iter_mut().collect(),
        TypeKind::Result { ok, err } => ok.iter_mut().chain(err).collect(),
        TypeKind::Map(key, value) => vec![key, value],
    }
}

fn interfaces(choices: &mut Choices, types: usize) -> Vec<Interface> {
    let all: Vec<Type> = (0..types).map(id).collect();
    let names = ["test:random/api@1.0.0", ROOT, "test:random/other@2.1.0"];
    let function = |choices: &mut Choices, at: usize| Function {
        name: format!("do-{at}"),
        params: (0..choices.below(4))
            .map(|at| Param {
                name: format!("p{at}"),
                ty: reference(choices, &all),
            })
            .collect(),
        result: (!choices.one_in(3)).then(|| reference(choices, &all)),
        is_async: false,
        docs: text(choices),
    };
    names[..choices.below(4)]
        .iter()
        .map(|name| Interface {
            name: (*name).into(),
            functions: (0..choices.below(4))
                .map(|at| function(choices, at))
                .collect(),
            docs: text(choices),
        })
        .collect()
}

fn text(choices: &mut Choices) -> String {
    (*choices.pick(&["", "", "a", "two words", "grüße", "\u{10ffff}\0"])).into()
}

/// A value of a type, with about `room` parts.
pub(crate) fn value(choices: &mut Choices, contract: &Contract, ty: Type, room: usize) -> Value {
    let sizes = sizes(&contract.types);
    let mut maker = Maker {
        choices,
        contract,
        sizes: &sizes,
        room,
    };
    maker.value(ty)
}

/// How many parts the smallest value of each type has; without end for a type that has no value.
fn sizes(types: &[TypeDef]) -> Vec<usize> {
    let mut sizes = vec![usize::MAX; types.len()];
    loop {
        let before = sizes.clone();
        let of = |ty: &Option<Type>| ty.map_or(0, |ty| size(&before, ty));
        for (at, def) in types.iter().enumerate() {
            let parts = match &def.kind {
                TypeKind::Variant(cases) => cases.iter().map(|c| of(&c.ty)).min().unwrap(),
                TypeKind::Result { ok, err } => of(ok).min(of(err)),
                TypeKind::List(_) | TypeKind::Option(_) | TypeKind::Map(..) => 0,
                TypeKind::FixedList(_, 0) => 0,
                TypeKind::FixedList(ty, count) => {
                    size(&before, *ty).saturating_mul(usize::try_from(*count).unwrap())
                }
                other => {
                    let parts = other.references();
                    let add = |sum: usize, ty: &Type| sum.saturating_add(size(&before, *ty));
                    parts.iter().fold(0, add)
                }
            };
            sizes[at] = parts.saturating_add(1);
        }
        if sizes == before {
            return sizes;
        }
    }
}

fn size(sizes: &[usize], ty: Type) -> usize {
    match ty {
        Type::Id(id) => sizes[id.index()],
        _ => 1,
    }
}

struct Maker<'a> {
    choices: &'a mut Choices,
    contract: &'a Contract,
    sizes: &'a [usize],
    room: usize,
}

impl Maker<'_> {
    fn value(&mut self, ty: Type) -> Value {
        self.room = self.room.saturating_sub(1);
        match self.contract.resolve(ty) {
            Type::Bool => Value::Bool(self.choices.one_in(2)),
            Type::U8 => Value::U8(self.choices.byte()),
            Type::U16 => Value::U16(u16::from_le_bytes(self.choices.bytes())),
            Type::U32 => Value::U32(u32::from_le_bytes(self.choices.bytes())),
            Type::U64 => Value::U64(u64::from_le_bytes(self.choices.bytes())),
            Type::S8 => Value::S8(i8::from_le_bytes(self.choices.bytes())),
            Type::S16 => Value::S16(i16::from_le_bytes(self.choices.bytes())),
            Type::S32 => Value::S32(i32::from_le_bytes(self.choices.bytes())),
            Type::S64 => Value::S64(i64::from_le_bytes(self.choices.bytes())),
            // Any number but NaN, which is equal to nothing.
            Type::F32 => {
                let number = f32::from_le_bytes(self.choices.bytes());
                Value::F32(if number.is_nan() { -0.0 } else { number })
            }
            Type::F64 => {
                let number = f64::from_le_bytes(self.choices.bytes());
                Value::F64(if number.is_nan() {
                    f64::INFINITY
                } else {
                    number
                })
            }
            Type::Char => Value::Char(*self.choices.pick(&[
                '\0',
                'a',
                'ß',
                '\'',
                '"',
                '\\',
                '\n',
                '\u{d7ff}',
                '\u{10ffff}',
            ])),
            Type::String => Value::String(match self.choices.byte() % 4 {
                0 => "\"quoted\", 'so' \\ and\tso\r\n".into(),
                1 => "e\u{301}\u{202e}\u{1b}// %none".into(),
                _ => text(self.choices),
            }),
            resolved @ Type::Id(_) => self.defined(resolved),
        }
    }

    fn boxed(&mut self, ty: Option<Type>) -> Option<Box<Value>> {
        ty.map(|ty| Box::new(self.value(ty)))
    }

    /// How many elements a list gets.
    fn count(&mut self) -> usize {
        if self.room == 0 {
            0
        } else {
            self.choices.below(5)
        }
    }

    /// One of several alternatives; the smallest when there is no room.
    fn alternative(&mut self, payloads: &[Option<Type>]) -> usize {
        if self.room > 0 {
            return self.choices.below(payloads.len());
        }
        let size = |at: &usize| payloads[*at].map_or(0, |ty| size(self.sizes, ty));
        (0..payloads.len()).min_by_key(size).unwrap()
    }

    fn defined(&mut self, ty: Type) -> Value {
        let contract = self.contract;
        match contract.kind(ty).unwrap() {
            TypeKind::Record(fields) => {
                let field = |field: &Field| (field.name.clone(), self.value(field.ty));
                Value::Record(fields.iter().map(field).collect())
            }
            TypeKind::Variant(cases) => {
                let payloads: Vec<_> = cases.iter().map(|case| case.ty).collect();
                let case = &cases[self.alternative(&payloads)];
                Value::Variant(case.name.clone(), self.boxed(case.ty))
            }
            TypeKind::Enum(labels) => Value::Enum(self.choices.pick(labels).name.clone()),
            TypeKind::Flags(labels) => {
                let set = labels.iter().filter(|_| self.choices.one_in(2));
                Value::Flags(set.map(|label| label.name.clone()).collect())
            }
            TypeKind::Tuple(parts) => {
                Value::Tuple(parts.iter().map(|part| self.value(*part)).collect())
            }
            TypeKind::List(element) if contract.resolve(*element) == Type::U8 => {
                let count = self.count();
                Value::Bytes((0..count).map(|_| self.choices.byte()).collect())
            }
            TypeKind::List(element) => {
                let count = self.count();
                Value::List((0..count).map(|_| self.value(*element)).collect())
            }
            TypeKind::FixedList(element, count) => {
                Value::List((0..*count).map(|_| self.value(*element)).collect())
            }
            TypeKind::Option(some) => {
                let some = (self.count() > 0).then_some(*some);
                Value::Option(self.boxed(some))
            }
            TypeKind::Result { ok, err } => Value::Result(match self.alternative(&[*ok, *err]) {
                0 => Ok(self.boxed(*ok)),
                _ => Err(self.boxed(*err)),
            }),
            TypeKind::Map(key, of) => {
                let count = self.count();
                let mut seen = BTreeSet::new();
                let mut entries = Vec::new();
                for _ in 0..count {
                    let k = self.value(*key);
                    if seen.insert(encode_value(contract, *key, &k, Limits::DEFAULT).unwrap()) {
                        entries.push((k, self.value(*of)));
                    }
                }
                Value::Map(entries)
            }
            TypeKind::Alias(_) => unreachable!("resolved"),
            handle => unreachable!("there are no values of {handle:?}"),
        }
    }
}
