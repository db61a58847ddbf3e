//! Values from text. What is open is on a stack of the parser's own, so that no text can use up the thread's.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Range;
use core::str::FromStr;

use super::cursor::{Cursor, quote};
use super::error::{TextError, TextErrorKind};
use crate::schema::{Case, Contract, Field, Function, Label, Type, TypeKind};
use crate::value::reading::{
    Budget, MAX_BYTES, case_names, field_at, field_names, flags, is_option, key_bytes, label_names,
    meant, record,
};
use crate::value::{MAX_LEVELS, Value};
use crate::wire::to_usize;

type Read<T> = Result<T, TextError>;

pub(super) struct Parser<'a> {
    contract: &'a Contract,
    cursor: Cursor<'a>,
    open: Vec<Open<'a>>,
    budget: Budget,
}

/// A value of which some parts are still to be read.
struct Open<'a> {
    ty: Type,
    start: usize,
    kind: OpenKind<'a>,
}

enum OpenKind<'a> {
    List {
        element: Type,
        count: Option<u32>,
        items: Vec<Value>,
    },
    Tuple {
        parts: &'a [Type],
        values: Vec<Value>,
    },
    Record {
        fields: &'a [Field],
        values: Vec<Option<Value>>,
        /// The field whose value comes next.
        at: usize,
    },
    Map {
        key: Type,
        value: Type,
        entries: Vec<(Value, Value)>,
        seen: BTreeSet<Vec<u8>>,
        /// Where the key starts that was read last or comes next.
        at: usize,
        /// The key whose value comes next.
        pending: Option<Value>,
    },
    /// An option, result or variant; closed by a parenthesis unless the payload stands for all of it.
    Payload { of: Payload<'a>, closed: bool },
}

#[derive(Clone, Copy)]
enum Payload<'a> {
    Some,
    Ok,
    Err,
    Case(&'a str),
}

/// How far the value at a place is read.
enum Step {
    /// All of it.
    Done(Value),
    /// Up to a part, of this type.
    Part(Type),
}

impl<'a> Parser<'a> {
    pub(super) fn new(contract: &'a Contract, text: &'a str, at: usize) -> Self {
        Self {
            contract,
            cursor: Cursor::new(text, at),
            open: Vec::new(),
            budget: Budget::new(),
        }
    }

    /// The end of the text.
    pub(super) fn finish(&mut self) -> Read<()> {
        if self.cursor.is_at_end() {
            return Ok(());
        }
        let (start, (_, length)) = (self.cursor.position(), self.cursor.next());
        Err(self
            .cursor
            .error(TextErrorKind::Trailing, start..start + length))
    }

    /// What is between the parentheses of a call.
    pub(super) fn arguments(&mut self, function: &Function) -> Read<Vec<Value>> {
        let start = self.cursor.position();
        self.cursor.expect("(")?;
        let mut values = Vec::new();
        let mut more = !self.cursor.eat(")");
        while more {
            let Some(param) = function.params.get(values.len()) else {
                let (start, (_, length)) = (self.cursor.position(), self.cursor.next());
                return Err(self.argument_count(function, values.len() + 1, start..start + length));
            };
            values.push(self.value(param.ty)?);
            more = self.more(")")?;
        }
        let given = values.len();
        for param in function.params.iter().skip(given) {
            if !is_option(self.contract, param.ty) {
                let end = self.cursor.here();
                return Err(self.argument_count(function, given, start..end));
            }
            values.push(Value::Option(None));
        }
        Ok(values)
    }

    #[cold]
    fn argument_count(&self, function: &Function, found: usize, span: Range<usize>) -> TextError {
        let params: Vec<String> = function
            .params
            .iter()
            .map(|param| alloc::format!("{}: {}", param.name, self.contract.display(param.ty)))
            .collect();
        let kind = TextErrorKind::Arguments {
            function: function.name.clone(),
            expected: params.len(),
            found,
            help: alloc::format!("it is {}({})", function.name, params.join(", ")),
        };
        self.cursor.error(kind, span)
    }

    pub(super) fn value(&mut self, ty: Type) -> Read<Value> {
        let mut next = ty;
        loop {
            let mut done = match self.begin(next)? {
                Step::Done(value) => value,
                Step::Part(part) => {
                    next = part;
                    continue;
                }
            };
            loop {
                if self.budget.spend(&done).is_none() {
                    let at = self.cursor.here();
                    let kind = TextErrorKind::TooLarge { limit: MAX_BYTES };
                    return Err(self.cursor.error(kind, at..at));
                }
                let Some(open) = self.open.pop() else {
                    return Ok(done);
                };
                match self.go_on(open, done)? {
                    Step::Done(value) => done = value,
                    Step::Part(part) => {
                        next = part;
                        break;
                    }
                }
            }
        }
    }

    /// Reads a value up to its first part.
    fn begin(&mut self, ty: Type) -> Read<Step> {
        let start = self.cursor.position();
        if u32::try_from(self.open.len()).is_ok_and(|open| open >= MAX_LEVELS) {
            let kind = TextErrorKind::TooDeep { limit: MAX_LEVELS };
            return Err(self.cursor.error(kind, start..start + 1));
        }
        let resolved = self.contract.resolve(ty);
        Ok(Step::Done(match resolved {
            Type::Bool => Value::Bool(self.bool(ty)?),
            Type::U8 => Value::U8(self.integer(ty, u8::MIN, u8::MAX)?),
            Type::U16 => Value::U16(self.integer(ty, u16::MIN, u16::MAX)?),
            Type::U32 => Value::U32(self.integer(ty, u32::MIN, u32::MAX)?),
            Type::U64 => Value::U64(self.integer(ty, u64::MIN, u64::MAX)?),
            Type::S8 => Value::S8(self.integer(ty, i8::MIN, i8::MAX)?),
            Type::S16 => Value::S16(self.integer(ty, i16::MIN, i16::MAX)?),
            Type::S32 => Value::S32(self.integer(ty, i32::MIN, i32::MAX)?),
            Type::S64 => Value::S64(self.integer(ty, i64::MIN, i64::MAX)?),
            Type::F32 => Value::F32(self.float(ty, f32::NAN)?),
            Type::F64 => Value::F64(self.float(ty, f64::NAN)?),
            Type::Char => match self.cursor.char()? {
                Some(c) => Value::Char(c),
                None => return Err(self.unexpected(ty, "a character between quotes: 'x'")),
            },
            Type::String => match self.cursor.string()? {
                Some(text) => Value::String(text),
                None => return Err(self.unexpected(ty, "text between quotes: \"text\"")),
            },
            Type::Id(_) => return self.begin_defined(resolved, start),
        }))
    }

    fn begin_defined(&mut self, ty: Type, start: usize) -> Read<Step> {
        let contract = self.contract;
        match contract.kind(ty) {
            Some(TypeKind::Record(fields)) => self.begin_record(ty, start, fields),
            Some(TypeKind::Variant(cases)) => self.begin_variant(ty, start, cases),
            Some(TypeKind::Enum(labels)) => {
                let at = self.label(ty, "case", label_names(labels))?;
                let name = labels.get(at).map(|label| label.name.clone());
                Ok(Step::Done(Value::Enum(name.unwrap_or_default())))
            }
            Some(TypeKind::Flags(labels)) => self.flags(ty, labels).map(Step::Done),
            Some(TypeKind::Tuple(parts)) => {
                self.expect_open(ty, "(", "parts between parentheses: (1, 2)")?;
                let values = Vec::new();
                self.part(ty, start, OpenKind::Tuple { parts, values }, ")")
            }
            Some(TypeKind::List(element)) if contract.resolve(*element) == Type::U8 => {
                self.bytes(ty, *element).map(Step::Done)
            }
            Some(TypeKind::List(element)) => self.begin_list(ty, start, *element, None),
            Some(TypeKind::FixedList(element, count)) => {
                self.begin_list(ty, start, *element, Some(*count))
            }
            Some(TypeKind::Option(some)) => match self.cursor.peek_word() {
                word @ "none" => {
                    self.cursor.advance(word);
                    Ok(Step::Done(Value::Option(None)))
                }
                word => self.begin_payload(ty, start, Payload::Some, Some(*some), word == "some"),
            },
            Some(TypeKind::Result { ok, err }) => match self.cursor.peek_word() {
                "err" => self.begin_payload(ty, start, Payload::Err, *err, true),
                word => self.begin_payload(ty, start, Payload::Ok, *ok, word == "ok"),
            },
            Some(TypeKind::Map(key, value)) => {
                self.expect_open(ty, "{", "entries between braces: {\"key\": 1}")?;
                self.eat_colon()?;
                let kind = OpenKind::Map {
                    key: *key,
                    value: *value,
                    entries: Vec::new(),
                    seen: BTreeSet::new(),
                    at: start,
                    pending: None,
                };
                self.part(ty, start, kind, "}")
            }
            // What is left is a handle: no contract has values of the others.
            _ => {
                let (_, length) = self.cursor.next();
                let ty = contract.describe(ty);
                let span = start..start + length;
                Err(self.cursor.error(TextErrorKind::Handle { ty }, span))
            }
        }
    }

    fn begin_list(
        &mut self,
        ty: Type,
        start: usize,
        element: Type,
        count: Option<u32>,
    ) -> Read<Step> {
        self.expect_open(ty, "[", "elements between brackets: [1, 2]")?;
        let items = Vec::new();
        let kind = OpenKind::List {
            element,
            count,
            items,
        };
        self.part(ty, start, kind, "]")
    }

    fn begin_record(&mut self, ty: Type, start: usize, fields: &'a [Field]) -> Read<Step> {
        self.expect_open(ty, "{", "fields between braces: {name: 1}")?;
        self.eat_colon()?;
        let kind = OpenKind::Record {
            fields,
            values: fields.iter().map(|_| None).collect(),
            at: 0,
        };
        self.part(ty, start, kind, "}")
    }

    fn begin_variant(&mut self, ty: Type, start: usize, cases: &'a [Case]) -> Read<Step> {
        let at = self.label(ty, "case", case_names(cases))?;
        let Some(case) = cases.get(at) else {
            return Err(self.unexpected(ty, "a case"));
        };
        self.payload(ty, start, Payload::Case(&case.name), case.ty)
    }

    /// An option or result whose payload comes next, in parentheses after its keyword or alone.
    fn begin_payload(
        &mut self,
        ty: Type,
        start: usize,
        of: Payload<'a>,
        payload: Option<Type>,
        keyword: bool,
    ) -> Read<Step> {
        if keyword {
            self.cursor.advance(of.name());
            return self.payload(ty, start, of, payload);
        }
        let contract = self.contract;
        let is_ambiguous = |ty: Type| {
            let kind = contract.kind(ty);
            matches!(kind, Some(TypeKind::Option(_) | TypeKind::Result { .. }))
        };
        match payload {
            Some(payload) if !is_ambiguous(payload) => {
                let kind = OpenKind::Payload { of, closed: false };
                self.open.push(Open { ty, start, kind });
                Ok(Step::Part(payload))
            }
            _ => Err(self.unexpected(
                ty,
                match of {
                    Payload::Some => "`none`, or `some(…)`",
                    _ => "`ok` or `err`, with `(…)` where there is a payload",
                },
            )),
        }
    }

    /// What follows the name of a case.
    fn payload(
        &mut self,
        ty: Type,
        start: usize,
        of: Payload<'a>,
        payload: Option<Type>,
    ) -> Read<Step> {
        let end = self.cursor.here();
        match (payload, self.cursor.eat("(")) {
            (Some(part), true) => {
                let kind = OpenKind::Payload { of, closed: true };
                self.open.push(Open { ty, start, kind });
                Ok(Step::Part(part))
            }
            (None, false) => Ok(Step::Done(of.value(None))),
            (expected, opened) => {
                let kind = TextErrorKind::Payload {
                    case: of.name().to_owned(),
                    expected: expected.map(|ty| self.contract.describe(ty)),
                };
                let open = end..self.cursor.here();
                Err(self
                    .cursor
                    .error(kind, if opened { open } else { start..end }))
            }
        }
    }

    /// Opens a value that may end before its first part.
    fn part(&mut self, ty: Type, start: usize, kind: OpenKind<'a>, close: &str) -> Read<Step> {
        let open = Open { ty, start, kind };
        match self.cursor.eat(close) {
            true => self.close(open).map(Step::Done),
            false => self.next_part(open),
        }
    }

    /// The type of the part that comes next, and what stands before it.
    fn next_part(&mut self, mut open: Open<'a>) -> Read<Step> {
        let part = match &mut open.kind {
            OpenKind::List { element, .. } => *element,
            OpenKind::Tuple { parts, values } => match parts.get(values.len()) {
                Some(part) => *part,
                None => return Err(self.count(open.ty, open.start, parts.len(), values.len() + 1)),
            },
            OpenKind::Record { fields, values, at } => {
                let start = self.cursor.position();
                let name = self.name(open.ty, "field")?;
                let Some(found) = field_at(fields, name, *at) else {
                    let span = start..self.cursor.here();
                    let known = &mut field_names(fields);
                    return Err(self.unknown(open.ty, "field", name, known, span));
                };
                if values.get(found).is_some_and(Option::is_some) {
                    return Err(self.twice("field", name, start));
                }
                self.cursor.expect(":")?;
                *at = found;
                fields.get(found).map_or(open.ty, |field| field.ty)
            }
            OpenKind::Map { key, at, .. } => {
                *at = self.cursor.position();
                *key
            }
            // Its part was read when it was opened.
            OpenKind::Payload { .. } => open.ty,
        };
        self.open.push(open);
        Ok(Step::Part(part))
    }

    /// Puts a part that was read into its place.
    fn go_on(&mut self, mut open: Open<'a>, part: Value) -> Read<Step> {
        let close = match &mut open.kind {
            OpenKind::List { items, .. } => {
                items.push(part);
                "]"
            }
            OpenKind::Tuple { values, .. } => {
                values.push(part);
                ")"
            }
            OpenKind::Record { values, at, .. } => {
                if let Some(place) = values.get_mut(*at) {
                    *place = Some(part);
                }
                *at += 1;
                "}"
            }
            OpenKind::Map {
                key,
                value,
                entries,
                seen,
                at,
                pending,
            } => match pending.take() {
                Some(key) => {
                    entries.push((key, part));
                    "}"
                }
                None => {
                    let bytes = key_bytes(self.contract, *key, &part);
                    if !bytes.is_some_and(|bytes| seen.insert(bytes)) {
                        return Err(self.twice("key", &part.to_string(), *at));
                    }
                    self.cursor.expect(":")?;
                    *pending = Some(part);
                    let value = *value;
                    self.open.push(open);
                    return Ok(Step::Part(value));
                }
            },
            OpenKind::Payload { of, closed } => {
                if *closed {
                    self.cursor.expect(")")?;
                }
                return Ok(Step::Done(of.value(Some(part))));
            }
        };
        match self.more(close)? {
            true => self.next_part(open),
            false => self.close(open).map(Step::Done),
        }
    }

    /// Whether another part follows: after a comma, unless that is the last sign before the end.
    fn more(&mut self, close: &str) -> Read<bool> {
        if self.cursor.eat(",") {
            return Ok(!self.cursor.eat(close));
        }
        match self.cursor.eat(close) {
            true => Ok(false),
            false => Err(self
                .cursor
                .unexpected(alloc::format!("`,` or `{close}`"), None)),
        }
    }

    /// The value, of which everything is read.
    fn close(&mut self, open: Open<'a>) -> Read<Value> {
        let (expected, found) = match &open.kind {
            OpenKind::List {
                count: Some(count),
                items,
                ..
            } => (to_usize(*count), items.len()),
            OpenKind::Tuple { parts, values } => (parts.len(), values.len()),
            _ => (0, 0),
        };
        if expected != found {
            return Err(self.count(open.ty, open.start, expected, found));
        }
        match open.kind {
            OpenKind::List { items, .. } => Ok(Value::List(items)),
            OpenKind::Tuple { values, .. } => Ok(Value::Tuple(values)),
            OpenKind::Map { entries, .. } => Ok(Value::Map(entries)),
            OpenKind::Payload { of, .. } => Ok(of.value(None)),
            OpenKind::Record { fields, values, .. } => record(self.contract, fields, values)
                .map_err(|field| {
                    let kind = TextErrorKind::Missing {
                        of: self.contract.describe(open.ty),
                        field: field.name.clone(),
                        ty: self.contract.describe(field.ty),
                    };
                    self.cursor.error(kind, open.start..self.cursor.here())
                }),
        }
    }

    fn bool(&mut self, ty: Type) -> Read<bool> {
        let word = self.cursor.peek_word();
        let value = match word {
            "true" => true,
            "false" => false,
            _ => return Err(self.unexpected(ty, "`true` or `false`")),
        };
        self.cursor.advance(word);
        Ok(value)
    }

    fn integer<T: FromStr + ToString>(&mut self, ty: Type, least: T, most: T) -> Read<T> {
        let word = self.cursor.peek_word();
        let help = || {
            let (least, most) = (least.to_string(), most.to_string());
            alloc::format!("a number from {least} to {most}, in decimal digits")
        };
        let digits = word.strip_prefix('-').unwrap_or(word);
        if !is_whole(digits) {
            return Err(self.unexpected(ty, &help()));
        }
        let span = self.cursor.advance(word);
        word.parse().map_err(|_| {
            let kind = TextErrorKind::Range {
                expected: self.contract.describe(ty),
                found: quote(word),
                help: help(),
            };
            self.cursor.error(kind, span)
        })
    }

    fn float<T: FromStr>(&mut self, ty: Type, nan: T) -> Read<T> {
        let word = self.cursor.peek_word();
        let value = match word {
            "nan" => Ok(nan),
            "inf" | "-inf" => word.parse(),
            word if is_number(word) => word.parse(),
            _ => return Err(self.unexpected(ty, FLOATS)),
        };
        match value {
            Ok(value) => {
                self.cursor.advance(word);
                Ok(value)
            }
            Err(_) => Err(self.unexpected(ty, FLOATS)),
        }
    }

    fn bytes(&mut self, ty: Type, element: Type) -> Read<Value> {
        if let Some(bytes) = self.cursor.bytes()? {
            return Ok(Value::Bytes(bytes));
        }
        self.expect_open(
            ty,
            "[",
            "bytes as numbers, [1, 255], or as text, b\"a\\xff\"",
        )?;
        let mut bytes = Vec::new();
        let mut more = !self.cursor.eat("]");
        while more {
            bytes.push(self.integer(element, u8::MIN, u8::MAX)?);
            more = self.more("]")?;
        }
        Ok(Value::Bytes(bytes))
    }

    fn flags(&mut self, ty: Type, labels: &[Label]) -> Read<Value> {
        self.expect_open(ty, "{", "flags between braces: {one, another}")?;
        let mut set = alloc::vec![false; labels.len()];
        let mut more = !self.cursor.eat("}");
        while more {
            let start = self.cursor.position();
            let at = self.label(ty, "flag", label_names(labels))?;
            match set.get_mut(at) {
                Some(set) if !*set => *set = true,
                _ => {
                    let name = labels.get(at).map_or("", |label| &label.name);
                    return Err(self.twice("flag", name, start));
                }
            }
            more = self.more("}")?;
        }
        Ok(flags(labels, &set))
    }

    /// A name, which may have a `%` in front.
    fn name(&mut self, ty: Type, what: &'static str) -> Read<&'a str> {
        let word = self.cursor.peek_word();
        if word.is_empty() {
            let help = alloc::format!("the name of a {what}");
            return Err(self.unexpected(ty, &help));
        }
        self.cursor.advance(word);
        Ok(word.strip_prefix('%').unwrap_or(word))
    }

    /// The number of the name that comes next among those of the type.
    fn label<'n>(
        &mut self,
        ty: Type,
        what: &'static str,
        mut known: impl Iterator<Item = &'n str> + Clone,
    ) -> Read<usize> {
        let start = self.cursor.position();
        let name = self.name(ty, what)?;
        match known.clone().position(|known| known == name) {
            Some(at) => Ok(at),
            None => {
                let span = start..self.cursor.here();
                Err(self.unknown(ty, what, name, &mut known, span))
            }
        }
    }

    fn expect_open(&mut self, ty: Type, sign: &str, help: &str) -> Read<()> {
        match self.cursor.eat(sign) {
            true => Ok(()),
            false => Err(self.unexpected(ty, help)),
        }
    }

    /// `{:}` is what WAVE has for a record without fields; where the type is known, `{}` can be nothing else.
    fn eat_colon(&mut self) -> Read<()> {
        if self.cursor.eat(":") && !self.cursor.is_at("}") {
            return Err(self.cursor.unexpected("`}`".to_owned(), None));
        }
        Ok(())
    }

    #[cold]
    fn unexpected(&mut self, ty: Type, help: &str) -> TextError {
        let expected = self.contract.describe(ty);
        self.cursor.unexpected(expected, Some(help.to_owned()))
    }

    #[cold]
    fn unknown(
        &self,
        ty: Type,
        what: &'static str,
        name: &str,
        known: &mut dyn Iterator<Item = &str>,
        span: Range<usize>,
    ) -> TextError {
        let kind = TextErrorKind::Unknown {
            what,
            of: self.contract.describe(ty),
            name: quote(name).trim_matches('`').to_owned(),
            help: meant(name, known),
        };
        self.cursor.error(kind, span)
    }

    #[cold]
    fn twice(&self, what: &'static str, name: &str, start: usize) -> TextError {
        let name = quote(name);
        self.cursor.error(
            TextErrorKind::Twice { what, name },
            start..self.cursor.here(),
        )
    }

    #[cold]
    fn count(&self, ty: Type, start: usize, expected: usize, found: usize) -> TextError {
        let kind = TextErrorKind::Count {
            of: self.contract.describe(ty),
            expected,
            found,
        };
        self.cursor.error(kind, start..self.cursor.here())
    }
}

impl Payload<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Some => "some",
            Self::Ok => "ok",
            Self::Err => "err",
            Self::Case(name) => name,
        }
    }

    fn value(&self, payload: Option<Value>) -> Value {
        let payload = payload.map(Box::new);
        match self {
            Self::Some => Value::Option(payload),
            Self::Ok => Value::Result(Ok(payload)),
            Self::Err => Value::Result(Err(payload)),
            Self::Case(name) => Value::Variant((*name).to_owned(), payload),
        }
    }
}

const FLOATS: &str = "a number such as 1, -2.5 or 6.02e23, or `inf`, `-inf`, `nan`";

/// Digits without a leading zero.
fn is_whole(digits: &str) -> bool {
    let only_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    only_digits && (digits == "0" || !digits.starts_with('0'))
}

/// A number as JSON has them.
fn is_number(word: &str) -> bool {
    let word = word.strip_prefix('-').unwrap_or(word);
    let (number, exponent) = match word.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent)),
        None => (word, None),
    };
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (number, None),
    };
    let digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let exponent = exponent.map(|e| e.strip_prefix(['+', '-']).unwrap_or(e));
    is_whole(whole) && fraction.is_none_or(digits) && exponent.is_none_or(digits)
}
