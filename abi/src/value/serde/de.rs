use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt::{self, Display};

use ::serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::{At, INFINITY, NAN, NEGATIVE_INFINITY, Path, Place, Step, TooDeep};
use crate::error::HandleProblem;
use crate::schema::{Case, Contract, Field, Label, Type, TypeKind};
use crate::value::Value;
use crate::value::reading::{
    Budget, MAX_BYTES, case_names, field_at, field_names, flags, key_bytes, label_names, meant,
    record,
};
use crate::wire::to_usize;

/// How much of a string is quoted in a message.
const QUOTED: usize = 40;

/// What serde_json calls a number, in place of giving it, where its feature `arbitrary_precision` is on.
const PRECISE_NUMBER: &str = "$serde_json::private::Number";

/// Reads a value of a type, from any format that says itself what it holds. The [module](super) has an example.
#[derive(Clone, Copy)]
pub struct ValueSeed<'a> {
    contract: &'a Contract,
    ty: Type,
}

impl<'a> ValueSeed<'a> {
    /// A value of this type.
    pub fn new(contract: &'a Contract, ty: Type) -> Self {
        Self { contract, ty }
    }
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let budget = Cell::new(Budget::new());
        let place = Place::new(self.contract, self.ty);
        let seed = Seed {
            place,
            budget: &budget,
        };
        seed.deserialize(deserializer)
    }
}

/// A value at a place. What goes through the formats on every level is small, for it counts on the stack.
#[derive(Clone, Copy)]
struct Seed<'a> {
    place: Place<'a>,
    budget: &'a Cell<Budget>,
}

impl<'de> DeserializeSeed<'de> for &Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.place.is_too_deep() {
            return Err(self.place.error(TooDeep));
        }
        let payload;
        let reader = match self.place.kind() {
            Some(TypeKind::Option(some)) => {
                payload = self.inside(*some);
                Reader {
                    seed: &payload,
                    is_option: true,
                }
            }
            _ => Reader {
                seed: self,
                is_option: false,
            },
        };
        match deserializer.deserialize_any(reader) {
            Ok(found) => self.finish(found, reader.is_option),
            Err(error) => Err(error),
        }
    }
}

impl Place<'_> {
    #[cold]
    fn error<E: Error>(self, message: impl Display) -> E {
        E::custom(At {
            place: self,
            message,
        })
    }

    #[cold]
    fn too_large<E: Error>(self) -> E {
        self.error(format_args!(
            "the value takes more than {MAX_BYTES} bytes of memory"
        ))
    }

    #[cold]
    fn wrong<E: Error>(self, found: impl Display) -> E {
        if let Some(TypeKind::Own(_) | TypeKind::Borrow(_)) = self.kind() {
            return self.error(HandleProblem::NoInstance);
        }
        let expected = Expected(self);
        self.error(format_args!("expected {expected}, found {found}"))
    }

    #[cold]
    fn unknown<'n, E: Error>(
        self,
        what: &str,
        name: &str,
        mut known: impl Iterator<Item = &'n str>,
    ) -> E {
        let (of, help) = (self.contract.describe(self.ty), meant(name, &mut known));
        let name = clip(name);
        self.error(format_args!("{of} has no {what} `{name}`: {help}"))
    }
}

/// A type, and how it is written where that is not plain.
struct Expected<'a>(Place<'a>);

impl Display for Expected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { contract, ty, .. } = self.0;
        f.write_str(&contract.describe(ty))?;
        f.write_str(match self.0.kind() {
            None => "",
            Some(TypeKind::Record(_)) => " (an object)",
            Some(TypeKind::Variant(_)) => " (\"case\", or {\"case\": payload})",
            Some(TypeKind::Enum(_)) => " (a string)",
            Some(TypeKind::Flags(_)) => " (an array of names)",
            Some(TypeKind::List(element)) if contract.resolve(*element) == Type::U8 => {
                " (base64 in a string, or an array of numbers)"
            }
            Some(TypeKind::Tuple(_) | TypeKind::List(_) | TypeKind::FixedList(..)) => " (an array)",
            Some(TypeKind::Option(_)) => " (null, or {\"some\": payload})",
            Some(TypeKind::Result { .. }) => {
                " ({\"ok\": payload} or {\"err\": payload}; \"ok\" or \"err\" without one)"
            }
            Some(TypeKind::Map(key, _)) => match contract.resolve(*key) {
                Type::String => " (an object)",
                _ => " (an array of [key, value])",
            },
            Some(_) => "",
        })
    }
}

/// A name or a string as messages show it.
fn clip(text: &str) -> String {
    let mut clipped: String = text.chars().take(QUOTED).collect();
    if clipped.len() < text.len() {
        clipped.push('…');
    }
    clipped.escape_debug().to_string()
}

/// What a format gives.
#[derive(Clone, Copy)]
enum Token<'a> {
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(v) => write!(f, "{v}"),
            Self::Unsigned(v) => write!(f, "{v}"),
            Self::Signed(v) => write!(f, "{v}"),
            Self::Float(v) => write!(f, "{v:?}"),
            Self::Text(v) => write!(f, "\"{}\"", clip(v)),
            Self::Bytes(_) => f.write_str("bytes"),
        }
    }
}

/// Takes what stands for a value, or for the payload of an option; `None` is null.
#[derive(Clone, Copy)]
struct Reader<'a> {
    seed: &'a Seed<'a>,
    is_option: bool,
}

/// What a visitor gives back: no value for null.
type Read<E> = Result<Option<Value>, E>;

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.seed.place;
        let message = Expected(place);
        At { place, message }.fmt(f)
    }

    fn visit_bool<E: Error>(self, v: bool) -> Read<E> {
        self.token(Token::Bool(v))
    }

    fn visit_i64<E: Error>(self, v: i64) -> Read<E> {
        self.token(Token::Signed(v))
    }

    fn visit_u64<E: Error>(self, v: u64) -> Read<E> {
        self.token(Token::Unsigned(v))
    }

    fn visit_f64<E: Error>(self, v: f64) -> Read<E> {
        self.token(Token::Float(v))
    }

    fn visit_str<E: Error>(self, v: &str) -> Read<E> {
        self.token(Token::Text(v))
    }

    fn visit_bytes<E: Error>(self, v: &[u8]) -> Read<E> {
        self.token(Token::Bytes(v))
    }

    fn visit_none<E: Error>(self) -> Read<E> {
        self.visit_unit()
    }

    fn visit_unit<E: Error>(self) -> Read<E> {
        match self.is_option {
            true => Ok(None),
            false => Err(self.seed.place.wrong("null")),
        }
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Read<D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Read<D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Read<A::Error> {
        let seed = self.seed;
        let resolve = |ty: &Type| seed.place.contract.resolve(*ty);
        match seed.place.kind() {
            Some(TypeKind::List(element)) if resolve(element) == Type::U8 => {
                seed.bytes(*element, seq)
            }
            Some(TypeKind::List(element)) => seed.list(*element, None, seq),
            Some(TypeKind::FixedList(element, count)) => seed.list(*element, Some(*count), seq),
            Some(TypeKind::Tuple(parts)) => seed.tuple(parts, seq),
            Some(TypeKind::Flags(labels)) => seed.flags(labels, seq),
            Some(TypeKind::Map(key, value)) if resolve(key) != Type::String => {
                seed.pairs(*key, *value, seq)
            }
            _ => Err(seed.place.wrong("an array")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Read<A::Error> {
        let seed = self.seed;
        let resolve = |ty: &Type| seed.place.contract.resolve(*ty);
        match seed.place.kind() {
            Some(TypeKind::Option(_)) if self.is_option => seed.some(map),
            Some(TypeKind::Record(fields)) => seed.record(fields, map),
            Some(TypeKind::Variant(_) | TypeKind::Result { .. }) => seed.case(map),
            Some(TypeKind::Map(key, value)) if resolve(key) == Type::String => {
                seed.object(*value, map)
            }
            None => self.precise_number(map),
            _ => Err(seed.place.wrong("an object")),
        }
    }
}

impl Reader<'_> {
    fn token<E: Error>(self, token: Token<'_>) -> Read<E> {
        // The option inside another is an object.
        if self.is_option && self.seed.place.is_option() {
            return Err(self.seed.place.wrong(token));
        }
        self.seed.token(token)
    }

    fn precise_number<'de, A: MapAccess<'de>>(self, mut map: A) -> Read<A::Error> {
        let place = self.seed.place;
        if map.next_key::<String>()?.as_deref() != Some(PRECISE_NUMBER) {
            return Err(place.wrong("an object"));
        }
        let number: String = map.next_value()?;
        let unsigned = || number.parse().map(Token::Unsigned);
        let signed = |_| number.parse().map(Token::Signed);
        let float = |_| number.parse().map(Token::Float);
        match unsigned().or_else(signed).or_else(float) {
            Ok(token) => self.token(token),
            Err(_) => Err(place.wrong(clip(&number))),
        }
    }
}

impl<'a> Seed<'a> {
    /// The payload of an option.
    fn inside(&self, ty: Type) -> Self {
        Self {
            place: self.place.inside(ty),
            budget: self.budget,
        }
    }

    fn part<'b>(&self, ty: Type, path: &'b Path<'b>) -> Seed<'b>
    where
        'a: 'b,
    {
        Seed {
            place: self.place.part(ty, path),
            budget: self.budget,
        }
    }

    /// The value, of what was found in its place.
    fn finish<E: Error>(&self, found: Option<Value>, is_option: bool) -> Result<Value, E> {
        if let Some(found) = &found {
            let mut budget = self.budget.get();
            if budget.spend(found).is_none() {
                return Err(self.place.too_large());
            }
            self.budget.set(budget);
        }
        match (found, is_option) {
            (found, true) => Ok(Value::Option(found.map(Box::new))),
            (Some(value), false) => Ok(value),
            (None, false) => Err(self.place.wrong("null")),
        }
    }

    fn token<E: Error>(&self, token: Token<'_>) -> Read<E> {
        let place = self.place;
        let value = match place.contract.resolve(place.ty) {
            Type::Bool => match token {
                Token::Bool(v) => Some(Value::Bool(v)),
                _ => None,
            },
            Type::U8 => place.integer(token)?.map(Value::U8),
            Type::U16 => place.integer(token)?.map(Value::U16),
            Type::U32 => place.integer(token)?.map(Value::U32),
            Type::U64 => place.integer(decimal(token))?.map(Value::U64),
            Type::S8 => place.integer(token)?.map(Value::S8),
            Type::S16 => place.integer(token)?.map(Value::S16),
            Type::S32 => place.integer(token)?.map(Value::S32),
            Type::S64 => place.integer(decimal(token))?.map(Value::S64),
            Type::F32 => match float(token) {
                Some(v) => Some(Value::F32(place.narrow(v)?)),
                None => None,
            },
            Type::F64 => float(token).map(Value::F64),
            Type::Char => match token {
                Token::Text(text) => only_char(text).map(Value::Char),
                _ => None,
            },
            Type::String => match token {
                Token::Text(text) => Some(Value::String(text.to_owned())),
                _ => None,
            },
            Type::Id(_) => Some(self.defined(token)?),
        };
        match value {
            Some(value) => Ok(Some(value)),
            None => Err(place.wrong(token)),
        }
    }

    fn defined<E: Error>(&self, token: Token<'_>) -> Result<Value, E> {
        let place = self.place;
        match (place.kind(), token) {
            (Some(TypeKind::Enum(labels)), Token::Text(name)) => {
                match labels.iter().any(|label| label.name == name) {
                    true => Ok(Value::Enum(name.to_owned())),
                    false => Err(place.unknown("case", name, label_names(labels))),
                }
            }
            (Some(TypeKind::Variant(cases)), Token::Text(name)) => {
                let case = place.case(cases, name)?;
                place.without_payload(name, case.ty)?;
                Ok(Value::Variant(name.to_owned(), None))
            }
            (Some(TypeKind::Result { ok, .. }), Token::Text("ok")) => {
                place.without_payload("ok", *ok)?;
                Ok(Value::Result(Ok(None)))
            }
            (Some(TypeKind::Result { err, .. }), Token::Text("err")) => {
                place.without_payload("err", *err)?;
                Ok(Value::Result(Err(None)))
            }
            (Some(TypeKind::List(element)), Token::Text(_) | Token::Bytes(_))
                if place.contract.resolve(*element) == Type::U8 =>
            {
                let bytes = match token {
                    Token::Bytes(bytes) => Ok(bytes.to_owned()),
                    Token::Text(text) => BASE64_STANDARD.decode(text),
                    _ => Ok(Vec::new()),
                };
                bytes.map(Value::Bytes).map_err(|error| {
                    place.error(format_args!("this is no base64 with padding: {error}"))
                })
            }
            _ => Err(place.wrong(token)),
        }
    }

    fn bytes<'de, A: SeqAccess<'de>>(&self, element: Type, mut seq: A) -> Read<A::Error> {
        let mut bytes = Vec::new();
        loop {
            let path = self.place.step(Step::Index(bytes.len()));
            match seq.next_element_seed(&self.part(element, &path))? {
                Some(Value::U8(byte)) => bytes.push(byte),
                _ => return Ok(Some(Value::Bytes(bytes))),
            }
        }
    }

    fn list<'de, A: SeqAccess<'de>>(
        &self,
        element: Type,
        count: Option<u32>,
        mut seq: A,
    ) -> Read<A::Error> {
        let mut items = Vec::new();
        let count = count.map(to_usize);
        while count != Some(items.len()) {
            let path = self.place.step(Step::Index(items.len()));
            match (seq.next_element_seed(&self.part(element, &path))?, count) {
                (Some(item), _) => items.push(item),
                (None, None) => return Ok(Some(Value::List(items))),
                (None, Some(count)) => return Err(self.place.count(count, "fewer")),
            }
        }
        self.end(Some(items.len()), seq)?;
        Ok(Some(Value::List(items)))
    }

    /// The end of a sequence of so many elements, or of an entry.
    fn end<'de, A: SeqAccess<'de>>(
        &self,
        count: Option<usize>,
        mut seq: A,
    ) -> Result<(), A::Error> {
        let place = self.place;
        seq.next_element_seed(Superfluous { place, count })?;
        Ok(())
    }

    fn tuple<'de, A: SeqAccess<'de>>(&self, parts: &[Type], mut seq: A) -> Read<A::Error> {
        let mut values = Vec::new();
        for (index, ty) in parts.iter().enumerate() {
            let path = self.place.step(Step::Index(index));
            match seq.next_element_seed(&self.part(*ty, &path))? {
                Some(value) => values.push(value),
                None => return Err(self.place.count(parts.len(), "fewer")),
            }
        }
        self.end(Some(parts.len()), seq)?;
        Ok(Some(Value::Tuple(values)))
    }

    fn flags<'de, A: SeqAccess<'de>>(&self, labels: &[Label], mut seq: A) -> Read<A::Error> {
        let mut set = alloc::vec![false; labels.len()];
        let mut index = 0;
        loop {
            let path = self.place.step(Step::Index(index));
            let name = match seq.next_element_seed(&self.part(Type::String, &path))? {
                None => return Ok(Some(flags(labels, &set))),
                Some(name) => name,
            };
            let name = name.as_str().unwrap_or_default();
            let at = labels.iter().position(|label| label.name == name);
            match at.and_then(|at| set.get_mut(at)) {
                Some(set) if !*set => *set = true,
                Some(_) => return Err(self.place.twice("flag", name)),
                None => return Err(self.place.unknown("flag", name, label_names(labels))),
            }
            index += 1;
        }
    }

    fn pairs<'de, A: SeqAccess<'de>>(&self, key: Type, value: Type, mut seq: A) -> Read<A::Error> {
        let mut entries = Vec::new();
        let mut seen = BTreeSet::new();
        loop {
            let path = self.place.step(Step::Index(entries.len()));
            let seed = Seed {
                place: self.place.at(&path),
                ..*self
            };
            let Some(entry) = seq.next_element_seed(Pair { seed, key, value })? else {
                return Ok(Some(Value::Map(entries)));
            };
            if !key_bytes(self.place.contract, key, &entry.0).is_some_and(|key| seen.insert(key)) {
                return Err(self
                    .place
                    .error(format_args!("the key {} is there twice", entry.0)));
            }
            entries.push(entry);
        }
    }

    fn some<'de, A: MapAccess<'de>>(&self, mut map: A) -> Read<A::Error> {
        match map.next_key::<String>()?.as_deref() {
            Some("some") => {}
            _ => return Err(self.place.wrong("another object")),
        }
        let value = map.next_value_seed(self)?;
        match map.next_key::<String>()? {
            None => Ok(Some(value)),
            Some(_) => Err(self.place.wrong("an object with more than that")),
        }
    }

    fn record<'de, A: MapAccess<'de>>(&self, fields: &[Field], mut map: A) -> Read<A::Error> {
        let mut values: Vec<Option<Value>> = fields.iter().map(|_| None).collect();
        let mut next = 0;
        while let Some(name) = map.next_key::<String>()? {
            let (at, ty) = self.place.field(fields, &values, &name, next)?;
            let path = self.place.step(Step::Name(&name));
            match (
                map.next_value_seed(&self.part(ty, &path)),
                values.get_mut(at),
            ) {
                (Ok(value), Some(place)) => *place = Some(value),
                (Ok(_), None) => {}
                (Err(error), _) => return Err(error),
            }
            next = at + 1;
        }
        match record(self.place.contract, fields, values) {
            Ok(value) => Ok(Some(value)),
            Err(field) => Err(self.place.missing(field)),
        }
    }

    /// The case of a variant or result, with its payload.
    fn case<'de, A: MapAccess<'de>>(&self, mut map: A) -> Read<A::Error> {
        let Some(name) = map.next_key::<String>()? else {
            return Err(self.place.wrong("an empty object"));
        };
        let ty = self.place.payload(&name)?;
        let path = self.place.step(Step::Name(&name));
        match map.next_value_seed(&self.part(ty, &path)) {
            Ok(payload) => self.only_case(map, name, payload),
            Err(error) => Err(error),
        }
    }

    fn only_case<'de, A: MapAccess<'de>>(
        &self,
        mut map: A,
        name: String,
        payload: Value,
    ) -> Read<A::Error> {
        if map.next_key::<String>()?.is_some() {
            return Err(self.place.wrong("an object with more than one case"));
        }
        let payload = Some(Box::new(payload));
        Ok(Some(match (self.place.kind(), name.as_str()) {
            (Some(TypeKind::Result { .. }), "ok") => Value::Result(Ok(payload)),
            (Some(TypeKind::Result { .. }), _) => Value::Result(Err(payload)),
            _ => Value::Variant(name, payload),
        }))
    }

    fn object<'de, A: MapAccess<'de>>(&self, ty: Type, mut map: A) -> Read<A::Error> {
        let mut entries = Vec::new();
        let mut seen = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                return Err(self.place.twice("key", &key));
            }
            let path = self.place.step(Step::Index(entries.len()));
            let entry = self.place.at(&path);
            let path = entry.step(Step::Name("value"));
            let place = entry.part(ty, &path);
            let value = map.next_value_seed(&Seed { place, ..*self })?;
            entries.push((Value::String(key), value));
        }
        Ok(Some(Value::Map(entries)))
    }
}

/// An entry of a map whose keys are no strings.
struct Pair<'a> {
    seed: Seed<'a>,
    key: Type,
    value: Type,
}

impl<'de> DeserializeSeed<'de> for Pair<'_> {
    type Value = (Value, Value);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Pair<'_> {
    type Value = (Value, Value);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (place, message) = (self.seed.place, "[key, value]");
        At { place, message }.fmt(f)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let Self { seed, key, value } = self;
        let mut part = |name, ty| {
            let path = seed.place.step(Step::Name(name));
            let part = seq.next_element_seed(&seed.part(ty, &path))?;
            part.ok_or_else(|| seed.place.error("an entry is [key, value], not less"))
        };
        let entry = (part("key", key)?, part("value", value)?);
        seed.end(None, seq)?;
        Ok(entry)
    }
}

/// What follows the last element that there may be.
struct Superfluous<'a> {
    place: Place<'a>,
    count: Option<usize>,
}

impl<'de> DeserializeSeed<'de> for Superfluous<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, _: D) -> Result<(), D::Error> {
        Err(match self.count {
            Some(count) => self.place.count(count, "more"),
            None => self.place.error("an entry is [key, value], not more"),
        })
    }
}

impl<'a> Place<'a> {
    /// None for what is no integer at all.
    fn integer<T, E>(self, token: Token<'_>) -> Result<Option<T>, E>
    where
        T: TryFrom<u64> + TryFrom<i64>,
        E: Error,
    {
        let number = match token {
            Token::Unsigned(v) => T::try_from(v).ok(),
            Token::Signed(v) => T::try_from(v).ok(),
            _ => return Ok(None),
        };
        match number {
            Some(number) => Ok(Some(number)),
            None => Err(self.out_of_range(token)),
        }
    }

    fn narrow<E: Error>(self, v: f64) -> Result<f32, E> {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "rounding to the nearest f32 is meant"
        )]
        let narrow = v as f32;
        match narrow.is_infinite() && v.is_finite() {
            true => Err(self.out_of_range(Token::Float(v))),
            false => Ok(narrow),
        }
    }

    #[cold]
    fn out_of_range<E: Error>(self, token: Token<'_>) -> E {
        let ty = self.contract.describe(self.ty);
        self.error(format_args!("{token} is outside the range of {ty}"))
    }

    /// The number and the type of a field that has not been read yet.
    fn field<E: Error>(
        self,
        fields: &[Field],
        values: &[Option<Value>],
        name: &str,
        next: usize,
    ) -> Result<(usize, Type), E> {
        let found = field_at(fields, name, next);
        match found.and_then(|at| Some((at, fields.get(at)?.ty))) {
            None => Err(self.unknown("field", name, field_names(fields))),
            Some((at, _)) if values.get(at).is_some_and(Option::is_some) => {
                Err(self.twice("field", name))
            }
            Some(found) => Ok(found),
        }
    }

    #[cold]
    fn missing<E: Error>(self, field: &Field) -> E {
        let of = self.contract.describe(self.ty);
        let (name, ty) = (&field.name, self.contract.describe(field.ty));
        self.error(format_args!(
            "the field `{name}` of {of} is missing: add it, {ty}; only options may be left out"
        ))
    }

    fn case<'c, E: Error>(self, cases: &'c [Case], name: &str) -> Result<&'c Case, E> {
        cases
            .iter()
            .find(|case| case.name == name)
            .ok_or_else(|| self.unknown("case", name, case_names(cases)))
    }

    /// The type of the payload of a case of a variant or result.
    fn payload<E: Error>(self, name: &str) -> Result<Type, E> {
        let payload = match self.kind() {
            Some(TypeKind::Variant(cases)) => self.case(cases, name)?.ty,
            Some(TypeKind::Result { ok, .. }) if name == "ok" => *ok,
            Some(TypeKind::Result { err, .. }) if name == "err" => *err,
            _ => return Err(self.unknown("case", name, ["ok", "err"].into_iter())),
        };
        payload.ok_or_else(|| {
            self.error(format_args!(
                "`{name}` has no payload: write \"{name}\" alone"
            ))
        })
    }

    fn without_payload<E: Error>(self, name: &str, payload: Option<Type>) -> Result<(), E> {
        let Some(ty) = payload else { return Ok(()) };
        let ty = self.contract.describe(ty);
        Err(self.error(format_args!(
            "`{name}` needs a payload: write {{\"{name}\": …}} with {ty} inside"
        )))
    }

    #[cold]
    fn count<E: Error>(self, count: usize, found: &str) -> E {
        let of = self.contract.describe(self.ty);
        self.error(format_args!("{of} has {count} elements, not {found}"))
    }

    #[cold]
    fn twice<E: Error>(self, what: &str, name: &str) -> E {
        self.error(format_args!("the {what} `{}` is there twice", clip(name)))
    }
}

/// A number, also from a string of digits.
fn decimal(token: Token<'_>) -> Token<'_> {
    let Token::Text(text) = token else {
        return token;
    };
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return token;
    }
    let unsigned = text.parse().map(Token::Unsigned);
    unsigned
        .or_else(|_| text.parse().map(Token::Signed))
        .unwrap_or(token)
}

fn float(token: Token<'_>) -> Option<f64> {
    Some(match token {
        Token::Float(v) => v,
        Token::Unsigned(v) => v as f64,
        Token::Signed(v) => v as f64,
        Token::Text(NAN) => f64::NAN,
        Token::Text(INFINITY) => f64::INFINITY,
        Token::Text(NEGATIVE_INFINITY) => f64::NEG_INFINITY,
        _ => return None,
    })
}

fn only_char(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}
