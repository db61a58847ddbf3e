//! What packages log: a guest that does so in all ways, modules that abuse it, and the sinks.

#[path = "common/module.rs"]
mod module;

use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use module::{escaped, module};
use pack_abi::encode;
use pack_abi::log::Record;
use pack_runtime::log::{Collector, FieldValue, Level, LogEvent, LogSink, Span, Tracing};
use pack_runtime::{
    Error, HostProblem, LimitKind, Limits, Linker, MessageLimits, Package, PoisonedBy, Runtime,
};
use proptest::prelude::*;

mod logging {
    pack_runtime::bindgen!("wit/logging.wit");
}

mod waiting {
    pack_runtime::bindgen!({ path: "wit/logging.wit", async: true });
}

mod hostile {
    pack_runtime::bindgen!("wit/hostile.wit");
}

use hostile::{Hostile, Json};
use logging::Logging;

/// An event as one line, without where it comes from.
fn line(event: &LogEvent<'_>) -> String {
    let mut line = format!("{} {}: {}", event.level, event.target, event.message);
    let fields = |line: &mut String, fields: &[(std::borrow::Cow<'_, str>, FieldValue<'_>)]| {
        for (name, value) in fields {
            write!(line, " {name}={value:?}").unwrap();
        }
    };
    fields(&mut line, &event.fields);
    for span in &event.spans {
        write!(line, " | {}", span.name).unwrap();
        fields(&mut line, &span.fields);
    }
    line
}

fn lines(log: &Collector) -> Vec<String> {
    log.take().iter().map(line).collect()
}

// --- A guest in Rust ---

/// A new instance, and what it logs.
fn guest() -> (Logging<()>, Collector) {
    let log = Collector::new();
    let linker = Linker::new(&pack_tests::load("logging")).unwrap();
    let linked = linker.log(log.clone()).offer_world::<Logging<()>>();
    let linked = linked.unwrap().link::<Logging<()>>().unwrap();
    (linked.instantiate(()).unwrap(), log)
}

#[test]
fn the_plain_function_needs_no_set_up() {
    let (mut guest, log) = guest();
    guest.plain("a \"message\"\n").unwrap();
    let event = log.take().remove(0);
    assert_eq!(event.package, "test:logging/logging");
    assert_eq!(event.digest, guest.instance().package().digest());
    assert_eq!(
        (event.level, event.file.as_deref(), event.line),
        (Level::Info, None, None)
    );
    assert_eq!(
        line(&event),
        "INFO guest::plain: a \"message\"\n flag=Bool(true) less=S64(-3) many=U64(18446744073709551615) half=F64(0.5) \
         name=Text(\"Ada\") length=U64(12)"
    );
    // Long enough for a message that is not kept.
    guest.plain(&"x".repeat(900 << 10)).unwrap();
    guest.plain("short").unwrap();
    assert_eq!(
        log.take()
            .iter()
            .map(|event| event.message.len())
            .collect::<Vec<_>>(),
        [900 << 10, 5]
    );
}

#[test]
fn lines_of_log_arrive_with_their_pairs() {
    let (mut guest, log) = guest();
    guest.lines().unwrap();
    assert_eq!(lines(&log), [""; 0], "nobody has set it up");
    guest.init(4).unwrap();
    // Only the first time counts.
    guest.init(0).unwrap();
    guest.lines().unwrap();
    let first = &log.events()[0];
    let file = first.file.as_deref().unwrap();
    assert!(file.ends_with("src/lib.rs"), "{file}");
    assert!(first.line.is_some_and(|line| line > 1));
    assert_eq!(
        lines(&log),
        [
            "ERROR test_logging: a constant",
            "WARN elsewhere: put together user=Text(\"Ada\") letter=Text(\"x\") count=U64(3) less=S64(-3) half=F64(0.5) \
             flag=Bool(true) numbers=Text(\"[1, 2]\") huge=Text(\"340282366920938463463374607431768211455\")",
            "INFO test_logging: info",
            "DEBUG test_logging: debug",
            "TRACE test_logging: trace",
        ]
    );
}

#[test]
fn events_of_tracing_arrive_with_their_fields() {
    let (mut guest, log) = guest();
    guest.events().unwrap();
    assert_eq!(lines(&log), [""; 0], "nobody has set it up");
    guest.init(4).unwrap();
    guest.events().unwrap();
    let first = &log.events()[0];
    let file = first.file.as_deref().unwrap();
    assert!(file.ends_with("src/lib.rs"), "{file}");
    assert!(first.line.is_some_and(|line| line > 1));
    assert_eq!(
        lines(&log),
        [
            "ERROR test_logging: a constant",
            "WARN elsewhere: put together word=Text(\"word\") count=U64(3) less=S64(-3) half=F64(0.5) flag=Bool(true) \
             numbers=Text(\"[1, 2]\") shown=Text(\"1.5\")",
            "INFO test_logging:  only=Text(\"fields\")",
            "DEBUG test_logging: debug",
            "TRACE test_logging: trace",
        ]
    );
}

#[test]
fn events_arrive_with_the_spans_that_they_are_in() {
    for (least, detail) in [(2, ""), (3, " | detail")] {
        let (mut guest, log) = guest();
        guest.init(least).unwrap();
        guest.spans().unwrap();
        let said = |message: &str, spans: &str| format!("INFO test_logging: {message}{spans}");
        let (outer, now, later) = (
            " | outer job=S64(7)",
            " | outer job=S64(7) late=Text(\"now\")",
            " | outer job=S64(7) late=Text(\"later\")",
        );
        assert_eq!(
            lines(&log),
            [
                said("in outer", outer),
                said("in inner", &format!("{now} | inner message=Text(\"text\")")),
                said("by parent", later),
                said("alone", ""),
                said("left inner", later),
                said("in detail", &format!("{later}{detail}")),
                said("while formatting", &format!("{later} | formatting")),
                said("with more", &format!(" talkative=Text(\"done\"){later}")),
                said("in child", &format!("{later} | child")),
                said("outside", " current=Text(\"None\")"),
                said("in again", " | again"),
            ]
        );
    }
}

#[test]
fn what_is_not_wanted_is_not_sent() {
    for (least, words) in ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"]
        .iter()
        .enumerate()
    {
        let (mut guest, log) = guest();
        guest.init(u8::try_from(least).unwrap()).unwrap();
        for say in [Logging::lines, Logging::events] {
            say(&mut guest).unwrap();
            let lines = lines(&log);
            assert_eq!(lines.len(), least + 1);
            assert!(lines[least].starts_with(words), "{lines:?}");
        }
    }
}

#[test]
fn hosts_that_can_wait_hear_the_same() {
    let log = Collector::new();
    let runtime = Runtime::builder().log(log.clone()).build().unwrap();
    let package = runtime.load_file(pack_tests::guest("logging")).unwrap();
    let say = async {
        let mut guest = waiting::Logging::instantiate(&package, ()).await?;
        guest.plain("hello").await
    };
    pollster::block_on(say).unwrap();
    assert_eq!(log.take()[0].message, "hello");
}

#[test]
fn a_guest_that_does_not_log_imports_nothing_for_it() {
    let imports = |guest: &'static str| {
        let package = pack_tests::load(guest);
        let imports = package.module().imports();
        imports
            .filter(|import| import.module() == "$pack")
            .map(|import| import.name().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(imports("logging"), ["log", "panic"]);
    assert_eq!(imports("calc"), ["panic"]);
}

// --- Modules written by hand ---

const LOG: &str = r#"(import "$pack" "log" (func $log (param i32 i32)))"#;

/// Where their messages are.
const AT: usize = 8192;

fn bytes(message: &str, fields: usize) -> Vec<u8> {
    let field = |number: usize| {
        let value = FieldValue::from(u64::try_from(number).unwrap());
        (format!("f{number}").into(), value)
    };
    let record: Record<'_> = Record {
        level: Level::Warn,
        target: "by::hand".into(),
        message: message.into(),
        file: None,
        line: None,
        fields: (0..fields).map(field).collect(),
        spans: Vec::new(),
    };
    encode(&record).unwrap()
}

/// A module whose `run` does this, with these bytes in its memory.
fn wasm(message: &[u8], run: &str) -> Vec<u8> {
    let run = format!(
        r#"(data (i32.const {AT}) "{}") (func (export "$root#run") (local $i i32) {run})"#,
        escaped(message)
    );
    let memory = r#"(memory (export "memory") 1600)"#;
    let parts = [
        ("imports", LOG),
        ("memory", memory),
        ("more", &run),
        ("run", ""),
    ];
    wat::parse_str(module(&parts)).unwrap()
}

fn say(message: &[u8]) -> String {
    format!("(call $log (i32.const {AT}) (i32.const {}))", message.len())
}

fn load(limits: Limits, wasm: &[u8]) -> Package {
    let runtime = Runtime::builder().limits(limits).build().unwrap();
    runtime.load(wasm).unwrap()
}

/// A host that is not called.
#[derive(Debug)]
struct Host;

impl hostile::imports::test::hostile::Host for Host {
    fn listen(&mut self, _: String) {}

    fn change(&mut self, value: Json) -> Json {
        value
    }
}

fn link(package: &Package, sink: Option<impl LogSink + 'static>) -> Result<Hostile<Host>, Error> {
    let linker = Linker::new(package)?.offer_world::<Hostile<Host>>()?;
    let linker = match sink {
        Some(sink) => linker.log(sink),
        None => linker,
    };
    linker.link::<Hostile<Host>>()?.instantiate(Host)
}

fn start(package: &Package, sink: Option<impl LogSink + 'static>) -> Hostile<Host> {
    link(package, sink).unwrap()
}

#[test]
fn a_module_without_rust_is_heard() {
    let message = bytes("hello", 2);
    let package = load(Limits::DEFAULT, &wasm(&message, &say(&message)));
    let log = Collector::new();
    let mut instance = start(&package, Some(log.clone()));
    assert_eq!(instance.instance().usage().log_bytes, 0);
    instance.run().unwrap();
    assert_eq!(instance.instance().usage().log_bytes, message.len());
    assert_eq!(log.events()[0].package, "test:hostile/hostile");
    assert_eq!(lines(&log), ["WARN by::hand: hello f0=U64(0) f1=U64(1)"]);
    // It is of one call.
    instance.run().unwrap();
    assert_eq!(instance.instance().usage().log_bytes, message.len());
    assert_eq!(instance.number().unwrap(), 7);
    assert_eq!(instance.instance().usage().log_bytes, 0);
}

#[test]
fn lies_end_the_call_and_are_not_passed_on() {
    let good = bytes("hello", 1);
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    let longer = [&good[..], b"!"].concat();
    let at_target = 1 + 4;
    let at_field = good.len() - 4 - 8;
    let cases: &[(&[u8], &str)] = &[
        (
            &[],
            "level: at least 1 more bytes are needed, 0 are left (byte 0)",
        ),
        (
            &with(0, 5),
            "level: discriminant 5 stands for none of the 5 cases (byte 0)",
        ),
        (
            &with(at_target, 0xff),
            "target: the string is not valid UTF-8 (byte 5)",
        ),
        (
            &with(4, 0xff),
            "target: at least 4278190088 more bytes are needed",
        ),
        (
            &with(at_field - 1, 5),
            "fields[0]: discriminant 5 stands for none of the 5 cases",
        ),
        (
            &good[..good.len() - 1],
            "spans: at least 4 more bytes are needed, 3 are left",
        ),
        (&with(good.len() - 1, 0xff), "spans: at least"),
        (&longer, "1 bytes are left over after the value"),
    ];
    for (message, words) in cases {
        let package = load(Limits::DEFAULT, &wasm(message, &say(message)));
        let log = Collector::new();
        let mut instance = start(&package, Some(log.clone()));
        let error = instance.run().unwrap_err();
        let text = error.to_string();
        let whole = format!(
            "run: the host function `log` of `$pack` failed: the guest's arguments are not what the contract says: {words}"
        );
        assert!(text.starts_with(&whole), "{whole}\nis not in\n{text}");
        let Error::HostFunction(failure) = &error else {
            panic!("{error:?}");
        };
        assert_eq!(
            (&*failure.import_interface, &*failure.import_function),
            ("$pack", "log")
        );
        assert_eq!(
            instance.instance().poisoned(),
            Some(PoisonedBy::HostFunction)
        );
        assert_eq!(lines(&log), [""; 0]);
        // Whom nobody listens to may say what he likes.
        start(&package, None::<Collector>).run().unwrap();
    }
}

#[test]
fn places_outside_memory_are_refused_whether_anyone_listens_or_not() {
    for place in [
        "(i32.const -1) (i32.const 10)",
        "(i32.const 104857590) (i32.const 11)",
        "(i32.const -1) (i32.const 0)",
    ] {
        let package = load(Limits::DEFAULT, &wasm(b"", &format!("(call $log {place})")));
        for sink in [Some(Collector::new()), None] {
            let error = start(&package, sink).run().unwrap_err();
            assert!(matches!(error, Error::HostFunction(_)), "{error}");
            assert!(error.to_string().contains("memory"), "{error}");
        }
    }
}

#[test]
fn who_never_stops_is_stopped() {
    let message = bytes("again", 0);
    let forever = format!("(loop $again {} (br $again))", say(&message));
    let wasm = wasm(&message, &forever);
    for limit in [
        0,
        message.len() - 1,
        message.len(),
        10 * message.len() + 1,
        1 << 20,
    ] {
        let package = load(Limits::DEFAULT.with_log_bytes(limit), &wasm);
        for sink in [Some(Collector::with_most(3)), None] {
            let mut instance = start(&package, sink.clone());
            let error = instance.run().unwrap_err();
            let kind = LimitKind::LogBytes(limit);
            assert_eq!(error.limit(), Some(kind), "{error}");
            let words = format!(
                "run: the package may use {limit} bytes of log, and needs more (the limit is `Limits::log_bytes`)"
            );
            assert!(error.to_string().starts_with(&words), "{error}");
            assert_eq!(
                instance.instance().poisoned(),
                Some(PoisonedBy::Limit(kind))
            );
            let heard = limit / message.len();
            assert_eq!(instance.instance().usage().log_bytes, heard * message.len());
            let Some(log) = sink else { continue };
            assert_eq!(log.events().len(), heard.min(3));
            assert_eq!(
                log.forgotten(),
                u64::try_from(heard - heard.min(3)).unwrap()
            );
        }
    }
    // A package can have a limit of its own.
    let package = load(Limits::DEFAULT, &wasm);
    let package = package
        .with_limits(Limits::DEFAULT.with_log_bytes(100))
        .unwrap();
    let error = start(&package, Some(Collector::new())).run().unwrap_err();
    assert_eq!(error.limit(), Some(LimitKind::LogBytes(100)));
}

#[test]
fn a_message_of_100_mb_is_not_even_looked_at() {
    let huge = "(call $log (i32.const 0) (i32.const 100000000))";
    let wasm = wasm(b"", huge);
    for sink in [Some(Collector::new()), None] {
        let error = start(&load(Limits::DEFAULT, &wasm), sink)
            .run()
            .unwrap_err();
        assert_eq!(error.limit(), Some(LimitKind::LogBytes(1 << 20)), "{error}");
    }
    // Nor is more than there is.
    let most = "(call $log (i32.const 0) (i32.const -1))";
    let package = load(Limits::DEFAULT, &self::wasm(b"", most));
    let error = start(&package, Some(Collector::new())).run().unwrap_err();
    assert_eq!(error.limit(), Some(LimitKind::LogBytes(1 << 20)), "{error}");
}

#[test]
fn the_limits_of_values_hold() {
    let many = bytes("", 100);
    // Zeros: a level, and a hundred million bytes that are the rest of nothing.
    let zeros = "(call $log (i32.const 16384) (i32.const 100000000))";
    let limits = Limits::DEFAULT.with_log_bytes(usize::MAX);
    let of_values = |values: MessageLimits| limits.with_message(values);
    let cases = [
        (
            of_values(MessageLimits::DEFAULT.with_nodes(99)),
            say(&many),
            Some(LimitKind::Nodes(99)),
        ),
        (
            of_values(MessageLimits::DEFAULT.with_nodes(100)),
            say(&many),
            None,
        ),
        (
            of_values(MessageLimits::DEFAULT.with_bytes(100)),
            say(&many),
            Some(LimitKind::Bytes(100)),
        ),
        (
            of_values(MessageLimits::DEFAULT.with_depth(0)),
            say(&many),
            None,
        ),
    ];
    for (limits, text, kind) in cases {
        let mut instance = start(&load(limits, &wasm(&many, &text)), Some(Collector::new()));
        assert_eq!(
            instance.run().err().and_then(|error| error.limit()),
            kind,
            "{kind:?}"
        );
    }
    let mut instance = start(&load(limits, &wasm(b"", zeros)), Some(Collector::new()));
    let error = instance.run().unwrap_err().to_string();
    assert!(
        error.contains("bytes are left over after the value"),
        "{error}"
    );
}

#[test]
fn the_start_of_a_package_may_log() {
    let message = bytes("starting", 0);
    let say = say(&message);
    let data = format!(r#"(data (i32.const {AT}) "{}")"#, escaped(&message));
    for begin in [
        format!("{data} (start $begin) (func $begin {say})"),
        format!(r#"{data} (func (export "_initialize") {say})"#),
    ] {
        let wasm = wat::parse_str(module(&[("imports", LOG), ("more", &begin)])).unwrap();
        let log = Collector::new();
        let mut instance = start(&load(Limits::DEFAULT, &wasm), Some(log.clone()));
        assert_eq!(lines(&log), ["WARN by::hand: starting"]);
        instance.run().unwrap();
    }
}

#[test]
fn an_import_of_another_type_is_refused() {
    let other = r#"(import "$pack" "log" (func $log (param i32 i32 i32)))"#;
    let wasm = wat::parse_str(module(&[("imports", other)])).unwrap();
    let package = load(Limits::DEFAULT, &wasm);
    let error = link(&package, None::<Collector>).unwrap_err();
    assert!(matches!(error, Error::Convention(_)), "{error:?}");
    assert!(error.to_string().contains("log"), "{error}");
}

proptest! {
    /// Whatever a guest says, it is an event or an error. An event means the same when it is written again.
    #[test]
    fn any_bytes_are_an_event_or_an_error(
        change in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        end in any::<prop::sample::Index>(),
    ) {
        let mut message = bytes("a message", 3);
        for (at, byte) in change {
            *at.get_mut::<u8>(&mut message) = byte;
        }
        message.truncate(end.index(2 * message.len()));
        if let Ok(event) = Record::read(&message, MessageLimits::DEFAULT) {
            prop_assert_eq!(encode(&event).unwrap(), message);
        }
    }
}

// --- Sinks ---

#[test]
fn a_link_has_a_log_of_its_own_or_that_of_the_runtime() {
    let message = bytes("hello", 0);
    let wasm = wasm(&message, &say(&message));
    let (all, one) = (Arc::new(Collector::new()), Collector::new());
    let runtime = Runtime::builder().log(all.clone()).build().unwrap();
    let package = runtime.load(&wasm).unwrap();
    start(&package, None::<Collector>).run().unwrap();
    assert_eq!((lines(&all).len(), lines(&one).len()), (1, 0));
    start(&package, Some(one.clone())).run().unwrap();
    assert_eq!((lines(&all).len(), lines(&one).len()), (0, 1));
}

struct Clumsy;

impl LogSink for Clumsy {
    fn log(&self, _: &LogEvent<'_>) {
        panic!("the sink's own mistake");
    }
}

#[test]
fn a_sink_that_panics_ends_the_call() {
    let message = bytes("hello", 0);
    let package = load(Limits::DEFAULT, &wasm(&message, &say(&message)));
    let mut instance = start(&package, Some(Clumsy));
    let error = instance.run().unwrap_err();
    let Error::HostFunction(failure) = &error else {
        panic!("{error:?}");
    };
    assert!(
        matches!(&*failure.problem, HostProblem::Panic(words) if words == "the sink's own mistake"),
        "{error}"
    );
    assert_eq!(
        instance.instance().poisoned(),
        Some(PoisonedBy::HostFunction)
    );
}

#[test]
fn a_collector_keeps_the_latest_events() {
    let log = Collector::with_most(2);
    let message = bytes("hello", 0);
    let four = say(&message).repeat(4);
    let package = load(Limits::DEFAULT, &wasm(&message, &four));
    start(&package, Some(log.clone())).run().unwrap();
    assert_eq!((log.events().len(), log.forgotten()), (2, 2));
    assert_eq!((log.take().len(), log.forgotten()), (2, 0));
    assert_eq!(log.events(), []);
}

/// A host's own subscriber: writes down events of a few levels.
#[derive(Clone, Default)]
struct Subscriber {
    lines: Arc<Mutex<Vec<String>>>,
    unwanted: Arc<AtomicUsize>,
}

impl Subscriber {
    fn lines(&self) -> Vec<String> {
        std::mem::take(&mut *self.lines.lock().unwrap())
    }
}

struct Fields(String);

impl tracing::field::Visit for Fields {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl tracing::Subscriber for Subscriber {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        let is_wanted = *metadata.level() <= tracing::Level::INFO;
        if !is_wanted {
            self.unwanted.fetch_add(1, Relaxed);
        }
        is_wanted
    }

    // Subscribers come and go here, so that nothing may be remembered of them.
    fn register_callsite(
        &self,
        _: &'static tracing::Metadata<'static>,
    ) -> tracing::subscriber::Interest {
        tracing::subscriber::Interest::sometimes()
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let metadata = event.metadata();
        let mut line = Fields(format!("{} {}", metadata.level(), metadata.target()));
        event.record(&mut line);
        self.lines.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

/// Runs a module with this sink in a host that has a subscriber.
fn traced(sink: &Arc<Tracing>, subscriber: &Subscriber, package: &Package) {
    tracing::subscriber::with_default(subscriber.clone(), || {
        start(package, Some(sink.clone())).run().unwrap();
    });
}

fn all_of(records: &[Record<'_>]) -> Package {
    let (mut bytes, mut run) = (Vec::new(), String::new());
    for record in records {
        let message = encode(record).unwrap();
        let (at, length) = (AT + bytes.len(), message.len());
        write!(run, "(call $log (i32.const {at}) (i32.const {length}))").unwrap();
        bytes.extend(message);
    }
    load(Limits::DEFAULT, &wasm(&bytes, &run))
}

fn record(level: Level, message: &'static str) -> Record<'static> {
    Record {
        level,
        target: "guest".into(),
        message: message.into(),
        file: None,
        line: None,
        fields: Vec::new(),
        spans: Vec::new(),
    }
}

#[test]
fn tracing_gets_events_with_level_and_fields() {
    let full = Record {
        file: Some("src/\u{1b}lib.rs".into()),
        line: Some(12),
        fields: vec![("n".into(), 1.into()), ("text".into(), "a\nb".into())],
        spans: vec![
            Span {
                name: "outer".into(),
                fields: vec![("job".into(), 7_u64.into())],
            },
            Span {
                name: "in ner".into(),
                fields: Vec::new(),
            },
        ],
        target: "guest::\u{7}shop".into(),
        ..record(Level::Warn, "\u{1b}[31mred\r\nERROR forged \u{202e}{}")
    };
    let package = all_of(&[
        record(Level::Error, "error"),
        full,
        record(Level::Info, ""),
        record(Level::Debug, "not wanted"),
        record(Level::Trace, "not wanted"),
    ]);
    let subscriber = Subscriber::default();
    traced(&Arc::new(Tracing::new()), &subscriber, &package);
    let own = "package=\"test:hostile/hostile\"";
    assert_eq!(
        subscriber.lines(),
        [
            format!("ERROR pack::guest message=error {own} guest.target=\"guest\""),
            format!(
                "WARN pack::guest message=\\u{{1b}}[31mred\\r\\nERROR forged \\u{{202e}}{{}} {own} \
                 guest.target=\"guest::\\\\u{{7}}shop\" guest.file=\"src/\\\\u{{1b}}lib.rs\" guest.line=12 \
                 guest.fields={{n=1 text=\"a\\nb\"}} guest.spans=outer{{job=7}}:\"in ner\""
            ),
            format!("INFO pack::guest message= {own} guest.target=\"guest\""),
        ]
    );
    assert!(subscriber.unwanted.load(Relaxed) >= 2);
}

#[test]
fn tracing_gets_so_many_events_of_each_package() {
    let five = all_of(&[(); 5].map(|()| record(Level::Info, "again")));
    let one = all_of(&[record(Level::Info, "once")]);
    let unwanted = all_of(&[(); 50].map(|()| record(Level::Debug, "unwanted")));
    let (sink, subscriber) = (
        Arc::new(Tracing::new().with_rate(1, 2)),
        Subscriber::default(),
    );
    traced(&sink, &subscriber, &five);
    let passed = subscriber.lines().len();
    assert!((2..5).contains(&passed), "{passed}");
    // Another package is not held responsible.
    traced(&sink, &subscriber, &one);
    let lines = subscriber.lines();
    assert!(
        lines.len() == 1 && !lines[0].contains("suppressed"),
        "{lines:?}"
    );
    // What the host does not want uses nothing up.
    for _ in 0..3 {
        traced(&sink, &subscriber, &unwanted);
    }
    assert_eq!(subscriber.lines(), [""; 0]);

    std::thread::sleep(std::time::Duration::from_millis(1100));
    traced(&sink, &subscriber, &five);
    let lines = subscriber.lines();
    let suppressed = format!(" guest.suppressed={}", 5 - passed);
    assert!(lines[0].ends_with(&suppressed), "{lines:?}");
    assert!(
        !lines[1..].iter().any(|line| line.contains("suppressed")),
        "{lines:?}"
    );
}
