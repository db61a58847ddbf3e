//! Copying, comparing and dropping without recursion: a value that somebody made may be deeper than any stack.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem;
use core::slice;

use super::Value;

/// The values directly inside a value, in order; those of a map are keys and values in turn.
pub(super) enum Parts<'a> {
    Values(slice::Iter<'a, Value>),
    Fields(slice::Iter<'a, (String, Value)>),
    Entries(slice::Iter<'a, (Value, Value)>, Option<&'a Value>),
}

impl<'a> Parts<'a> {
    pub(super) fn of(value: &'a Value) -> Self {
        Self::Values(match value {
            Value::List(items) | Value::Tuple(items) => items.iter(),
            Value::Record(fields) => return Self::Fields(fields.iter()),
            Value::Map(entries) => return Self::Entries(entries.iter(), None),
            Value::Option(payload)
            | Value::Result(Ok(payload) | Err(payload))
            | Value::Variant(_, payload) => match payload {
                Some(value) => slice::from_ref(&**value).iter(),
                None => [].iter(),
            },
            _ => [].iter(),
        })
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a Value;

    fn next(&mut self) -> Option<&'a Value> {
        match self {
            Self::Values(values) => values.next(),
            Self::Fields(fields) => fields.next().map(|(_, value)| value),
            Self::Entries(entries, pending) => pending.take().or_else(|| {
                let (key, value) = entries.next()?;
                *pending = Some(value);
                Some(key)
            }),
        }
    }
}

/// A value that is being copied.
struct Copying<'a> {
    value: &'a Value,
    parts: Parts<'a>,
    copies: Vec<Value>,
}

impl<'a> Copying<'a> {
    fn of(value: &'a Value) -> Self {
        Self {
            value,
            parts: Parts::of(value),
            copies: Vec::new(),
        }
    }

    fn finish(self) -> Value {
        let mut copies = self.copies;
        let mut payload = || copies.pop().map(Box::new);
        match self.value {
            Value::Bool(v) => Value::Bool(*v),
            Value::U8(v) => Value::U8(*v),
            Value::U16(v) => Value::U16(*v),
            Value::U32(v) => Value::U32(*v),
            Value::U64(v) => Value::U64(*v),
            Value::S8(v) => Value::S8(*v),
            Value::S16(v) => Value::S16(*v),
            Value::S32(v) => Value::S32(*v),
            Value::S64(v) => Value::S64(*v),
            Value::F32(v) => Value::F32(*v),
            Value::F64(v) => Value::F64(*v),
            Value::Char(v) => Value::Char(*v),
            Value::String(v) => Value::String(v.clone()),
            Value::Bytes(v) => Value::Bytes(v.clone()),
            Value::Enum(v) => Value::Enum(v.clone()),
            Value::Flags(v) => Value::Flags(v.clone()),
            Value::Option(_) => Value::Option(payload()),
            Value::Result(Ok(_)) => Value::Result(Ok(payload())),
            Value::Result(Err(_)) => Value::Result(Err(payload())),
            Value::Variant(case, _) => Value::Variant(case.clone(), payload()),
            Value::List(_) => Value::List(copies),
            Value::Tuple(_) => Value::Tuple(copies),
            Value::Record(fields) => {
                let names = fields.iter().map(|(name, _)| name.clone());
                Value::Record(names.zip(copies).collect())
            }
            Value::Map(_) => {
                let mut copies = copies.into_iter();
                let entries = core::iter::from_fn(|| Some((copies.next()?, copies.next()?)));
                Value::Map(entries.collect())
            }
        }
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        let mut outer = Vec::new();
        let mut current = Copying::of(self);
        loop {
            if let Some(part) = current.parts.next() {
                outer.push(mem::replace(&mut current, Copying::of(part)));
                continue;
            }
            let copy = current.finish();
            let Some(parent) = outer.pop() else {
                return copy;
            };
            current = parent;
            current.copies.push(copy);
        }
    }
}

/// Floats are compared as Rust compares them: NaN is equal to nothing.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        if !equal_apart_from_parts(self, other) {
            return false;
        }
        let mut open = alloc::vec![(Parts::of(self), Parts::of(other))];
        while let Some((left, right)) = open.last_mut() {
            match (left.next(), right.next()) {
                (None, None) => {
                    open.pop();
                }
                (Some(left), Some(right)) if equal_apart_from_parts(left, right) => {
                    open.push((Parts::of(left), Parts::of(right)));
                }
                _ => return false,
            }
        }
        true
    }
}

fn equal_apart_from_parts(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::U8(a), Value::U8(b)) => a == b,
        (Value::U16(a), Value::U16(b)) => a == b,
        (Value::U32(a), Value::U32(b)) => a == b,
        (Value::U64(a), Value::U64(b)) => a == b,
        (Value::S8(a), Value::S8(b)) => a == b,
        (Value::S16(a), Value::S16(b)) => a == b,
        (Value::S32(a), Value::S32(b)) => a == b,
        (Value::S64(a), Value::S64(b)) => a == b,
        (Value::F32(a), Value::F32(b)) => a == b,
        (Value::F64(a), Value::F64(b)) => a == b,
        (Value::Char(a), Value::Char(b)) => a == b,
        (Value::String(a), Value::String(b)) | (Value::Enum(a), Value::Enum(b)) => a == b,
        (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::Flags(a), Value::Flags(b)) => a == b,
        (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => a.len() == b.len(),
        (Value::Map(a), Value::Map(b)) => a.len() == b.len(),
        (Value::Option(a), Value::Option(b))
        | (Value::Result(Ok(a)), Value::Result(Ok(b)))
        | (Value::Result(Err(a)), Value::Result(Err(b))) => a.is_some() == b.is_some(),
        (Value::Variant(a, _), Value::Variant(b, _)) => a == b,
        (Value::Record(a), Value::Record(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((a, _), (b, _))| a == b)
        }
        _ => false,
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        // What has parts with parts of their own is emptied first, so that none is dropped inside another.
        let mut rest = Vec::new();
        take_nested(self, &mut rest);
        while let Some(mut value) = rest.pop() {
            take_nested(&mut value, &mut rest);
        }
    }
}

/// Moves the parts that have parts themselves out of a value.
fn take_nested(value: &mut Value, rest: &mut Vec<Value>) {
    let mut take = |part: &mut Value| {
        if Parts::of(part).next().is_some() {
            rest.push(mem::replace(part, Value::Bool(false)));
        }
    };
    match value {
        Value::List(items) | Value::Tuple(items) => items.iter_mut().for_each(take),
        Value::Record(fields) => fields.iter_mut().for_each(|(_, value)| take(value)),
        Value::Map(entries) => {
            for (key, value) in entries {
                take(key);
                take(value);
            }
        }
        Value::Option(payload)
        | Value::Result(Ok(payload) | Err(payload))
        | Value::Variant(_, payload) => payload.iter_mut().for_each(|value| take(value)),
        _ => {}
    }
}
