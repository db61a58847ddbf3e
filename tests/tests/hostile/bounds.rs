//! The world of `wit/bounds.wit`: packages that answer every call with the same bytes.

use pack_runtime::{HostInterface, Instance, Limits, Linker, Package};

use crate::module::{escaped, packed};
use crate::world::other;

pack_runtime::bindgen!("wit/bounds.wit");

use test::bounds::types::Span;

pub(crate) const WIT: &str = include_str!("../../wit/bounds.wit");

/// How often each function of the host was called.
#[derive(Debug, Default)]
pub(crate) struct Host(pub(crate) usize);

impl imports::test::bounds::Host for Host {
    fn take_text(&mut self, _: String) {
        self.0 += 1;
    }

    fn take_numbers(&mut self, _: Vec<u64>) {
        self.0 += 1;
    }

    fn take_nothings(&mut self, _: Vec<Nothing>) {
        self.0 += 1;
    }

    fn take_spans(&mut self, _: Vec<Span>) {
        self.0 += 1;
    }

    fn take_json(&mut self, _: Json) {
        self.0 += 1;
    }
}

pub(crate) const IMPORTS: &str = r#"
    (import "test:bounds/host" "take-text" (func $text (param i32 i32)))
    (import "test:bounds/host" "take-numbers" (func $numbers (param i32 i32)))
    (import "test:bounds/host" "take-nothings" (func $nothings (param i32 i32)))
    (import "test:bounds/host" "take-spans" (func $spans (param i32 i32)))
    (import "test:bounds/host" "take-json" (func $json (param i32 i32)))
"#;

/// Where the answer is.
pub(crate) const ANSWER_AT: u32 = 3 << 16;

/// `echo` answers with its arguments, which stay where they are; everything else with the message, which is also what
/// `run` finds there.
pub(crate) fn package(limits: Limits, message: &[u8], run: &str) -> Package {
    let length = u32::try_from(message.len()).unwrap();
    let pages = 4 + (length >> 16);
    let answer = packed(ANSWER_AT, length);
    let mut more = format!(
        r#"(data (i32.const {ANSWER_AT}) "{}")
        (func $run (export "$root#run") (local $i i32) {run})
        (func (export "$root#echo") (param i32 i32) (result i64) (i64.or
            (i64.extend_i32_u (local.get 0))
            (i64.shl (i64.extend_i32_u (local.get 1)) (i64.const 32))))"#,
        escaped(message),
    );
    // Contents of which the message says how many there are.
    let count = message.first_chunk().copied().map_or(0, u32::from_le_bytes);
    let contents = packed(ANSWER_AT + 4, count);
    for name in ["text", "numbers"] {
        more += &format!(r#"(func (export "$root#{name}") (result i64) {contents})"#);
    }
    for name in ["names", "table", "nothings", "nested"] {
        more += &format!(r#"(func (export "$root#{name}") (result i64) {answer})"#);
    }
    let memory = format!(r#"(memory (export "memory") {pages} 1000)"#);
    let parts = [("imports", IMPORTS), ("memory", &memory), ("more", &more)];
    other(WIT, limits, &parts)
}

pub(crate) fn typed(package: &Package) -> Bounds<Host> {
    Bounds::instantiate(package, Host::default()).unwrap()
}

/// The same package for a host whose functions are closures, as far as they are typed.
pub(crate) fn put_together(package: &Package) -> Instance<Host> {
    let mut host = HostInterface::new("test:bounds/host");
    host.function("take-text", |host: &mut Host, (_,): (String,)| host.0 += 1)
        .function("take-numbers", |host: &mut Host, (_,): (Vec<u64>,)| {
            host.0 += 1;
        })
        .function("take-spans", |host: &mut Host, (_,): (Vec<Span>,)| {
            host.0 += 1;
        })
        .function("take-json", |host: &mut Host, (_,): (Json,)| host.0 += 1)
        .dynamic_function("take-nothings", |host: &mut Host, _| {
            host.0 += 1;
            Ok::<_, String>(None)
        });
    let linker = Linker::new(package).unwrap().offer(&host).unwrap();
    let linked = linker.link::<Instance<Host>>().unwrap();
    linked.instantiate(Host::default()).unwrap()
}
