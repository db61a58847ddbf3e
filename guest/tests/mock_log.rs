//! What a test hears of what a guest logs.
#![allow(
    clippy::unwrap_used,
    reason = "in a test, also outside of its function, a panic is a failure"
)]

use std::cell::RefCell;
use std::rc::Rc;
use std::thread;

use pack::log::{FieldValue, Level, write};
use pack::mock::Mock;

/// What is heard, line by line.
fn listen() -> (Rc<RefCell<Vec<String>>>, Mock) {
    let lines = Rc::new(RefCell::new(Vec::new()));
    let heard = Rc::clone(&lines);
    let mock = pack::mock::log(move |record| {
        let fields = record
            .fields
            .iter()
            .map(|(name, value)| format!(" {name}={value:?}"));
        let line = format!("{} {}: {}", record.level, record.target, record.message);
        heard.borrow_mut().push(line + &fields.collect::<String>());
    });
    (lines, mock)
}

#[test]
fn what_is_written_is_heard_as_the_host_would() {
    write(Level::Info, "shop", "nobody hears", &[]);
    let (lines, mock) = listen();
    let fields: [(&str, FieldValue<'_>); 3] = [
        ("item", "pear".into()),
        ("at", 3.into()),
        ("sold", true.into()),
    ];
    write(Level::Warn, "shop::cart", "a price is missing", &fields);
    thread::spawn(|| write(Level::Info, "shop", "on another thread", &[]))
        .join()
        .unwrap();
    write(Level::Trace, "", "", &[]);
    assert_eq!(mock.calls(), 2);
    drop(mock);
    write(Level::Info, "shop", "nobody hears", &[]);
    let expected = [
        r#"WARN shop::cart: a price is missing item=Text("pear") at=S64(3) sold=Bool(true)"#,
        "TRACE : ",
    ];
    assert_eq!(*lines.borrow(), expected);
}

#[test]
fn who_listens_may_log() {
    let (lines, outer) = listen();
    let inner = pack::mock::log(|record| write(record.level, "inner", &record.message, &[]));
    write(Level::Info, "shop", "hello", &[]);
    assert_eq!((outer.calls(), inner.calls()), (1, 1));
    assert_eq!(*lines.borrow(), ["INFO inner: hello"]);
    drop(outer);
    write(Level::Info, "shop", "hello", &[]);
    assert_eq!((inner.calls(), lines.borrow().len()), (2, 1));
}

#[cfg(feature = "log")]
#[test]
fn lines_of_the_crate_log_are_heard_through_its_logger() {
    log::set_logger(Box::leak(Box::<pack::log::Logger>::default())).unwrap();
    log::set_max_level(log::LevelFilter::Info);
    let (lines, _mock) = listen();
    log::info!(target: "shop", item = "pear"; "{} left", 2);
    log::debug!(target: "shop", "not said");
    assert_eq!(*lines.borrow(), [r#"INFO shop: 2 left item=Text("pear")"#]);
}

#[cfg(all(feature = "tracing", feature = "tracing-events"))]
#[test]
fn events_of_the_crate_tracing_are_heard_through_its_subscriber() {
    use tracing::{dispatcher, info, info_span};

    let subscriber = pack::log::Subscriber::new(Level::Info);
    dispatcher::set_global_default(tracing::Dispatch::new(subscriber)).unwrap();
    let (lines, _mock) = listen();
    let span = info_span!("sale").entered();
    info!(target: "shop", item = "pear", left = 2_u64, "sold");
    drop(span);
    assert_eq!(
        *lines.borrow(),
        [r#"INFO shop: sold item=Text("pear") left=U64(2)"#]
    );
}
