//! Logs, in all the ways there are.

pack::world!({ path: "../../wit/logging.wit" });

use pack::log::Level;
use tracing::field::Empty;
use tracing::{Span, debug, debug_span, error, error_span, info, info_span, warn};

#[pack::export]
fn init(least: u8) {
    pack::log::init(match least {
        0 => Level::Error,
        1 => Level::Warn,
        2 => Level::Info,
        3 => Level::Debug,
        _ => Level::Trace,
    });
}

#[pack::export]
fn plain(message: String) {
    let fields = [
        ("flag", true.into()),
        ("less", (-3).into()),
        ("many", u64::MAX.into()),
        ("half", 0.5.into()),
        ("name", "Ada".into()),
        ("length", u64::try_from(message.len()).unwrap().into()),
    ];
    pack::log::write(Level::Info, "guest::plain", &message, &fields);
}

#[pack::export]
fn lines() {
    log::error!("a constant");
    let numbers = vec![1, 2];
    log::warn!(
        target: "elsewhere",
        user = "Ada", letter = 'x', count = 3_u8, less = -3, half = 0.5, flag = true, numbers:? = numbers,
        huge = u128::MAX;
        "put {}", "together"
    );
    log::info!("info");
    log::debug!("debug");
    log::trace!("trace");
}

#[pack::export]
fn events() {
    error!("a constant");
    let word = String::from("word");
    warn!(target: "elsewhere", word, count = 3_u8, less = -3_i64, half = 0.5, flag = true, numbers = ?[1, 2], shown = %1.5, "put {}", "together");
    info!(only = "fields");
    debug!("debug");
    tracing::trace!("trace");
}

#[pack::export]
fn spans() {
    let outer = info_span!("outer", job = 7, late = Empty);
    outer.in_scope(|| {
        info!("in outer");
        let inner = error_span!("inner", message = "text");
        let entered = inner.clone().entered();
        outer.record("late", "now");
        info!("in inner");
        outer.record("late", "later");
        info!(parent: &outer, "by parent");
        info!(parent: None, "alone");
        assert_eq!(Span::current(), inner);
        drop(entered);
        info!("left inner");
        // Of a level that may not be wanted.
        debug_span!("detail").in_scope(|| info!("in detail"));
        // It formats another event while it is formatted itself.
        info!(talkative = ?Talkative, "with more");
    });
    let child = info_span!(parent: &outer, "child");
    drop(outer);
    child.in_scope(|| info!("in child"));
    drop(child);
    info!(current = ?Span::current().id(), "outside");
    for number in 0..100 {
        let one = info_span!("one", number);
        let _two = info_span!(parent: &one, "two");
        drop(one);
    }
    // A guard that is never dropped, of a span that is.
    let forgotten = info_span!("forgotten");
    std::mem::forget(forgotten.enter());
    drop(forgotten);
    info_span!("again").in_scope(|| info!("in again"));
}

struct Talkative;

impl std::fmt::Debug for Talkative {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        info_span!("formatting").in_scope(|| info!("while formatting"));
        f.write_str("done")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_webassembly_nothing_is_said_and_nothing_goes_wrong() {
        init(4);
        plain("a message".to_owned());
        lines();
        events();
        // The logger of a test is its own.
        assert_eq!(log::max_level(), log::LevelFilter::Off);
    }
}
