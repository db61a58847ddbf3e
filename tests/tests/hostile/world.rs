//! The world of `wit/hostile.wit`: a host, and packages written by hand.

use std::time::Duration;

use pack_runtime::{Error, HostInterface, Instance, Limits, Linker, Package, Runtime};

use crate::module::{module, module_of};

pack_runtime::bindgen!("wit/hostile.wit");

/// What the host's functions do, besides what they are for.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) enum Deed {
    #[default]
    Nothing,
    Sleep(Duration),
    Panic,
}

#[derive(Debug, Default)]
pub(crate) struct Host {
    pub(crate) heard: Vec<String>,
    pub(crate) deed: Deed,
}

impl Host {
    pub(crate) fn that(deed: Deed) -> Self {
        Self {
            deed,
            ..Self::default()
        }
    }
}

impl imports::test::hostile::Host for Host {
    fn listen(&mut self, text: String) {
        match self.deed {
            Deed::Nothing => {}
            Deed::Sleep(time) => std::thread::sleep(time),
            Deed::Panic => panic!("the host's own mistake"),
        }
        self.heard.push(text);
    }

    fn change(&mut self, value: Json) -> Json {
        Json::Array(vec![value, Json::Text("x".repeat(100))])
    }
}

/// What the modules import, where they do.
pub(crate) const IMPORTS: &str = r#"
    (import "test:hostile/host" "listen" (func $listen (param i32 i32)))
    (import "test:hostile/host" "change" (func $change (param i32 i32 i32 i32) (result i32)))
    (import "$pack" "take-result" (func $take (param i32 i32)))
    (import "$pack" "panic" (func $panic (param i32 i32 i32 i32 i32 i32)))
"#;

/// Goes on for ever.
pub(crate) const SPIN: &str = "(loop $again (br $again))";

/// Short enough for a test, and long enough for a busy machine.
pub(crate) const SOON: Duration = Duration::from_millis(50);

/// With [`SOON`] for its time.
pub(crate) const SOON_OVER: Limits = Limits::DEFAULT.with_time(Some(SOON));

pub(crate) fn runtime(limits: Limits) -> Runtime {
    Runtime::builder().limits(limits).build().unwrap()
}

pub(crate) fn wasm(parts: &[(&str, &str)]) -> Vec<u8> {
    wat::parse_str(module(parts)).unwrap()
}

pub(crate) fn load(parts: &[(&str, &str)]) -> Result<Package, Error> {
    load_with(Limits::DEFAULT, parts)
}

pub(crate) fn load_with(limits: Limits, parts: &[(&str, &str)]) -> Result<Package, Error> {
    runtime(limits).load(&wasm(parts))
}

/// A package whose `run` does this.
pub(crate) fn running(limits: Limits, body: &str) -> Package {
    let run = format!(r#"(func $run (export "$root#run") (local $i i32) {body})"#);
    load_with(limits, &[("imports", IMPORTS), ("run", &run)]).unwrap()
}

pub(crate) fn instance(package: &Package) -> Hostile<Host> {
    Hostile::instantiate(package, Host::default()).unwrap()
}

pub(crate) fn start(parts: &[(&str, &str)]) -> Result<Hostile<Host>, Error> {
    Hostile::instantiate(&load(parts)?, Host::default())
}

/// A package of another world, all of whose exports are in `more`.
pub(crate) fn other(wit: &str, limits: Limits, parts: &[(&str, &str)]) -> Package {
    let wasm = wat::parse_str(module_of(wit, parts)).unwrap();
    runtime(limits).load(&wasm).unwrap()
}

/// An instance of any package, whose host functions all fail.
pub(crate) fn dynamic(package: &Package) -> Instance<()> {
    let mut linker = Linker::new(package).unwrap();
    for interface in &package.types().imports {
        let mut host = HostInterface::new(&interface.name);
        for function in &interface.functions {
            host.dynamic_function(&function.name, |(): &mut (), _| Err("no one calls it"));
        }
        linker = linker.offer(&host).unwrap();
    }
    let linked = linker.link::<Instance<()>>().unwrap();
    linked.instantiate(()).unwrap()
}

/// Another instance of the package works.
pub(crate) fn next_works(package: &Package) {
    assert_eq!(instance(package).number().unwrap(), 7);
}

#[track_caller]
pub(crate) fn assert_says(error: &Error, words: &str) {
    let text = error.to_string();
    assert!(text.contains(words), "{words}\nis not in\n{text}");
}

#[test]
fn a_module_that_keeps_to_the_convention_works() {
    let mut hostile = start(&[]).unwrap();
    hostile.run().unwrap();
    assert_eq!(hostile.number().unwrap(), 7);
    assert_eq!(hostile.text().unwrap(), "");
    assert_eq!(hostile.tree().unwrap(), Json::Null);
    assert!(hostile.send(&Json::Null).unwrap());
}
