//! What is said with the crate `log`.

use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::vec::Vec;

use ::log::kv::{Error, Key, Value, VisitSource, VisitValue};
use ::log::{LevelFilter, Log, Metadata};
use pack_abi::log::{Field, FieldValue, Level, Record};

use super::send;

/// A logger for the crate `log` that sends lines to the host, key-value pairs included. [`init`](super::init) sets it up;
/// it is here for guests that put a filter of their own before it.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Logger;

pub(super) fn init(least: Level) {
    if ::log::set_logger(&Logger).is_ok() {
        ::log::set_max_level(match least {
            Level::Error => LevelFilter::Error,
            Level::Warn => LevelFilter::Warn,
            Level::Info => LevelFilter::Info,
            Level::Debug => LevelFilter::Debug,
            Level::Trace => LevelFilter::Trace,
        });
    }
}

impl Log for Logger {
    /// The macros of `log` look at its greatest level before they come here.
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &::log::Record<'_>) {
        let mut fields = Fields::default();
        // What has not been read when a source of values fails is left out.
        let _ = record.key_values().visit(&mut fields);
        let message = match record.args().as_str() {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(format!("{}", record.args())),
        };
        let record: Record<'_> = Record {
            level: match record.level() {
                ::log::Level::Error => Level::Error,
                ::log::Level::Warn => Level::Warn,
                ::log::Level::Info => Level::Info,
                ::log::Level::Debug => Level::Debug,
                ::log::Level::Trace => Level::Trace,
            },
            target: record.target().into(),
            message,
            file: record.file().map(Cow::Borrowed),
            line: record.line(),
            fields: fields.0,
            spans: Vec::new(),
        };
        send(&record);
    }

    fn flush(&self) {}
}

/// Collects key-value pairs.
#[derive(Default)]
struct Fields(Vec<Field<'static>>);

impl<'v> VisitSource<'v> for Fields {
    fn visit_pair(&mut self, key: Key<'v>, value: Value<'v>) -> Result<(), Error> {
        let mut read = Read(FieldValue::Bool(false));
        value.visit(&mut read)?;
        self.0.push((Cow::Owned(key.as_str().to_owned()), read.0));
        Ok(())
    }
}

/// Reads one value.
struct Read(FieldValue<'static>);

impl Read {
    fn set(&mut self, value: impl Into<FieldValue<'static>>) -> Result<(), Error> {
        self.0 = value.into();
        Ok(())
    }
}

impl VisitValue<'_> for Read {
    fn visit_any(&mut self, value: Value<'_>) -> Result<(), Error> {
        self.set(format!("{value}"))
    }

    fn visit_u64(&mut self, value: u64) -> Result<(), Error> {
        self.set(value)
    }

    fn visit_i64(&mut self, value: i64) -> Result<(), Error> {
        self.set(value)
    }

    fn visit_f64(&mut self, value: f64) -> Result<(), Error> {
        self.set(value)
    }

    fn visit_bool(&mut self, value: bool) -> Result<(), Error> {
        self.set(value)
    }

    fn visit_str(&mut self, value: &str) -> Result<(), Error> {
        self.set(value.to_owned())
    }
}
