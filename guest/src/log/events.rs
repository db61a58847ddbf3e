//! What is said with the crate `tracing`.

use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use pack_abi::log::{Field, FieldValue, Level, Record, Span};
use tracing_core::field::{self, Visit};
use tracing_core::span::{Attributes, Current, Id};
use tracing_core::{Dispatch, Event, LevelFilter, Metadata, dispatcher, span};

use super::send;
use crate::memory::Static;

/// A subscriber for the crate `tracing` that sends events to the host, each with the spans that it is in.
/// [`init`](super::init) sets it up; it is here for guests that put a filter of their own before it.
///
/// Outside WebAssembly it forgets spans: an event is in none.
pub struct Subscriber {
    least: Level,
    spans: Static<Spans>,
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriber")
            .field("least", &self.least)
            .finish_non_exhaustive()
    }
}

pub(super) fn init(least: Level) {
    // An error means that the guest has a subscriber of its own.
    let _ = dispatcher::set_global_default(Dispatch::new(Subscriber::new(least)));
}

impl Subscriber {
    /// A subscriber for events and spans of this level and those that matter more.
    pub const fn new(least: Level) -> Self {
        Self {
            least,
            spans: Static::new(Spans {
                open: Vec::new(),
                entered: Vec::new(),
            }),
        }
    }

    /// Works on the spans. Nothing of the guest's own may run meanwhile: it would find none.
    fn with_spans<R>(&self, work: impl FnOnce(&mut Spans) -> R) -> R {
        let mut spans = self.spans.replace(Spans::default());
        let result = work(&mut spans);
        self.spans.replace(spans);
        result
    }
}

/// Which spans there are.
#[derive(Default)]
struct Spans {
    /// A span's number is one more than its place. Places of closed spans are used again.
    open: Vec<Option<OpenSpan>>,
    /// Those that have been entered and not left, innermost last.
    entered: Vec<Id>,
}

struct OpenSpan {
    span: Span<'static>,
    metadata: &'static Metadata<'static>,
    parent: Option<Id>,
    /// How many handles and spans inside it there are.
    owners: usize,
}

fn place(id: &Id) -> usize {
    usize::try_from(id.into_u64() - 1).unwrap_or(usize::MAX)
}

impl Spans {
    fn get(&self, id: &Id) -> Option<&OpenSpan> {
        self.open.get(place(id))?.as_ref()
    }

    fn get_mut(&mut self, id: &Id) -> Option<&mut OpenSpan> {
        self.open.get_mut(place(id))?.as_mut()
    }

    fn insert(&mut self, span: OpenSpan) -> Id {
        if let Some(parent) = span.parent.clone() {
            self.share(&parent);
        }
        let free = self.open.iter().position(Option::is_none);
        let at = free.unwrap_or_else(|| {
            self.open.push(None);
            self.open.len() - 1
        });
        if let Some(place) = self.open.get_mut(at) {
            *place = Some(span);
        }
        Id::from_u64(u64::try_from(at).unwrap_or_default() + 1)
    }

    fn share(&mut self, id: &Id) {
        if let Some(span) = self.get_mut(id) {
            span.owners += 1;
        }
    }

    /// Takes one owner away, and says whether that was the last. Then the span is closed, and its parent has one less.
    fn release(&mut self, id: Id) -> bool {
        let Some(span) = self.get_mut(&id) else {
            return false;
        };
        span.owners = span.owners.saturating_sub(1);
        if span.owners > 0 {
            return false;
        }
        let parent = span.parent.take();
        if let Some(place) = self.open.get_mut(place(&id)) {
            *place = None;
        }
        // A guard that was forgotten must not enter whatever gets this number next.
        self.entered.retain(|entered| *entered != id);
        if let Some(parent) = parent {
            self.release(parent);
        }
        true
    }

    /// A span and those around it, outermost first.
    fn around(&self, innermost: Option<Id>) -> Vec<&Span<'static>> {
        let mut spans = Vec::new();
        let mut next = innermost;
        while let Some(open) = next.and_then(|id| self.get(&id)) {
            spans.push(&open.span);
            next = open.parent.clone();
        }
        spans.reverse();
        spans
    }
}

impl tracing_core::Subscriber for Subscriber {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        level(metadata) <= self.least
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(match self.least {
            Level::Error => LevelFilter::ERROR,
            Level::Warn => LevelFilter::WARN,
            Level::Info => LevelFilter::INFO,
            Level::Debug => LevelFilter::DEBUG,
            Level::Trace => LevelFilter::TRACE,
        })
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let metadata = attributes.metadata();
        let span = Span {
            name: metadata.name().into(),
            fields: fields.with_message(),
        };
        self.with_spans(|spans| {
            let parent = match attributes.is_contextual() {
                true => spans.entered.last(),
                false => attributes.parent(),
            };
            spans.insert(OpenSpan {
                span,
                metadata,
                parent: parent.cloned(),
                owners: 1,
            })
        })
    }

    fn record(&self, id: &Id, values: &span::Record<'_>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        let new = fields.with_message();
        self.with_spans(|spans| {
            if let Some(open) = spans.get_mut(id) {
                let fields = &mut open.span.fields;
                fields.retain(|(name, _)| new.iter().all(|(other, _)| other != name));
                fields.extend(new);
            }
        });
    }

    /// The host is told where an event is, not why.
    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let metadata = event.metadata();
        self.with_spans(|spans| {
            let innermost = match event.is_contextual() {
                true => spans.entered.last(),
                false => event.parent(),
            };
            send(&Record {
                level: level(metadata),
                target: metadata.target().into(),
                message: fields.message.unwrap_or_default().into(),
                file: metadata.file().map(Cow::Borrowed),
                line: metadata.line(),
                fields: fields.others,
                spans: spans.around(innermost.cloned()),
            });
        });
    }

    fn enter(&self, id: &Id) {
        self.with_spans(|spans| spans.entered.push(id.clone()));
    }

    fn exit(&self, id: &Id) {
        self.with_spans(|spans| {
            if let Some(at) = spans.entered.iter().rposition(|entered| entered == id) {
                spans.entered.remove(at);
            }
        });
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.with_spans(|spans| spans.share(id));
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        self.with_spans(|spans| spans.release(id))
    }

    fn current_span(&self) -> Current {
        self.with_spans(|spans| match spans.entered.last() {
            Some(id) => match spans.get(id) {
                Some(open) => Current::new(id.clone(), open.metadata),
                None => Current::none(),
            },
            None => Current::none(),
        })
    }
}

fn level(metadata: &Metadata<'_>) -> Level {
    match *metadata.level() {
        tracing_core::Level::ERROR => Level::Error,
        tracing_core::Level::WARN => Level::Warn,
        tracing_core::Level::INFO => Level::Info,
        tracing_core::Level::DEBUG => Level::Debug,
        tracing_core::Level::TRACE => Level::Trace,
    }
}

/// By custom, the text of an event is a field of this name.
const MESSAGE: &str = "message";

/// Collects fields.
#[derive(Default)]
struct Fields {
    message: Option<String>,
    others: Vec<Field<'static>>,
}

impl Fields {
    fn push(&mut self, field: &field::Field, value: impl Into<FieldValue<'static>>) {
        self.others.push((field.name().into(), value.into()));
    }

    fn text(&mut self, field: &field::Field, text: String) {
        match field.name() {
            MESSAGE => self.message = Some(text),
            _ => self.push(field, text),
        }
    }

    /// The fields of a span, where a message is nothing special.
    fn with_message(mut self) -> Vec<Field<'static>> {
        if let Some(message) = self.message {
            self.others.insert(0, (MESSAGE.into(), message.into()));
        }
        self.others
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &field::Field, value: &dyn fmt::Debug) {
        self.text(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &field::Field, value: &str) {
        self.text(field, value.to_owned());
    }

    fn record_f64(&mut self, field: &field::Field, value: f64) {
        self.push(field, value);
    }

    fn record_i64(&mut self, field: &field::Field, value: i64) {
        self.push(field, value);
    }

    fn record_u64(&mut self, field: &field::Field, value: u64) {
        self.push(field, value);
    }

    fn record_bool(&mut self, field: &field::Field, value: bool) {
        self.push(field, value);
    }
}
