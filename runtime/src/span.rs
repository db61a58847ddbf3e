//! Spans of the crate `tracing`, at the level DEBUG: around loading, instantiating and calls by name. Without the feature
//! `tracing` there is nothing of them in the program.

/// A span, or nothing.
#[cfg(feature = "tracing")]
macro_rules! span {
    ($($fields:tt)*) => {
        $crate::span::Span(::tracing::debug_span!($($fields)*))
    };
}

#[cfg(not(feature = "tracing"))]
macro_rules! span {
    ($name:literal $(, $field:ident = $value:expr)* $(,)?) => {{
        $(let _ = &$value;)*
        $crate::span::Span
    }};
}

#[cfg(feature = "tracing")]
pub(crate) struct Span(pub(crate) tracing::Span);

#[cfg(not(feature = "tracing"))]
pub(crate) struct Span;

#[cfg(feature = "tracing")]
impl Span {
    /// Ends when what it returns is dropped.
    pub(crate) fn entered(self) -> tracing::span::EnteredSpan {
        self.0.entered()
    }

    /// The future, in the span.
    pub(crate) fn around<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        tracing::Instrument::instrument(future, self.0)
    }
}

#[cfg(not(feature = "tracing"))]
impl Span {
    pub(crate) fn entered(self) -> Self {
        self
    }

    pub(crate) fn around<F: Future>(self, future: F) -> F {
        future
    }
}
