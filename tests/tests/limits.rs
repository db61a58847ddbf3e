//! What a package may use, and what becomes of an instance that wants more; the settings of a runtime.

#[path = "common/module.rs"]
mod module;

use std::error::Error as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use module::module;
use pack_runtime::{
    Digest, Error, HostProblem, LimitKind, Limits, Package, PackageInfo, PoisonedBy, Runtime,
    wasmtime,
};

pack_runtime::bindgen!("wit/hostile.wit");

mod waiting {
    pack_runtime::bindgen!({ path: "wit/hostile.wit", async: true });
}

/// What the host's functions do.
#[derive(Debug, Default, Clone, Copy)]
enum Host {
    #[default]
    Nothing,
    Sleep(Duration),
    Panic,
}

impl Host {
    fn act(self) {
        match self {
            Self::Nothing => {}
            Self::Sleep(time) => std::thread::sleep(time),
            Self::Panic => panic!("the host's own mistake"),
        }
    }
}

impl imports::test::hostile::Host for Host {
    fn listen(&mut self, _: String) {
        self.act();
    }

    fn change(&mut self, value: Json) -> Json {
        value
    }
}

impl waiting::imports::test::hostile::Host for Host {
    async fn listen(&mut self, _: String) {
        if let Self::Sleep(_) = self {
            std::future::pending::<()>().await;
        }
        self.act();
    }

    async fn change(&mut self, value: waiting::Json) -> waiting::Json {
        value
    }
}

const LISTEN: &str = r#"(import "test:hostile/host" "listen" (func $listen (param i32 i32)))"#;

fn runtime(limits: Limits) -> Runtime {
    Runtime::builder().limits(limits).build().unwrap()
}

fn wasm(parts: &[(&str, &str)]) -> Vec<u8> {
    wat::parse_str(module(parts)).unwrap()
}

/// A package whose `run` does this.
fn running(limits: Limits, body: &str) -> Package {
    let run = format!(r#"(func $run (export "$root#run") (local $i i32) {body})"#);
    let parts = [("imports", LISTEN), ("run", run.as_str())];
    runtime(limits).load(&wasm(&parts)).unwrap()
}

fn start(package: &Package) -> Hostile<Host> {
    Hostile::instantiate(package, Host::Nothing).unwrap()
}

const SPIN: &str = "(loop $again (br $again))";
const SOON: Limits = Limits::DEFAULT.with_time(Some(Duration::from_millis(50)));

#[test]
fn each_limit_says_which_it_is_and_spoils_one_instance_only() {
    let grow = "(drop (memory.grow (i32.const 100))) unreachable";
    let page_by_page = "(loop $again (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable";
    let mebibyte = Limits::DEFAULT.with_memory(1 << 20);
    let cases = [
        (
            SOON,
            SPIN,
            LimitKind::Time(Duration::from_millis(50)),
            "run: the package may use 50ms of time, and needs more (the limit is `Limits::time`)",
        ),
        (
            SOON,
            "(loop $again (call $listen (i32.const 0) (i32.const 0)) (br $again))",
            LimitKind::Time(Duration::from_millis(50)),
            "50ms of time",
        ),
        (
            Limits::DEFAULT.with_fuel(Some(10_000)),
            SPIN,
            LimitKind::Fuel(10_000),
            "run: the package may use 10000 units of fuel, and needs more (the limit is `Limits::fuel`)",
        ),
        (
            Limits::DEFAULT.with_stack(64 << 10),
            "(call $run)",
            LimitKind::Stack(64 << 10),
            "run: the package may use 65536 bytes of stack, and needs more (the limit is `Limits::stack`)",
        ),
        (
            mebibyte,
            grow,
            LimitKind::Memory(1 << 20),
            "run: the package may use 1048576 bytes of memory, and needs more (the limit is `Limits::memory`)",
        ),
        (
            mebibyte,
            page_by_page,
            LimitKind::Memory(1 << 20),
            "1048576 bytes of memory",
        ),
    ];
    for (limits, body, kind, words) in cases {
        let package = running(limits, body);
        let mut hostile = start(&package);
        let begin = Instant::now();
        let error = hostile.run().unwrap_err();
        assert!(begin.elapsed() < Duration::from_secs(20), "{body}");
        assert_eq!(error.limit(), Some(kind), "{error}");
        assert!(error.to_string().contains(words), "{words}\n{error}");
        let poisoned = PoisonedBy::Limit(kind);
        assert_eq!(hostile.instance().poisoned(), Some(poisoned));
        let again = hostile.number().unwrap_err();
        assert!(
            matches!(again, Error::Poisoned(by) if by == poisoned),
            "{again}"
        );
        // The next instance works.
        assert_eq!(start(&package).number().unwrap(), 7);
    }
}

#[test]
fn what_starts_a_package_is_limited_as_well() {
    let cases = [
        ("more", format!("(start $begin) (func $begin {SPIN})")),
        ("more", format!(r#"(func (export "_initialize") {SPIN})"#)),
        (
            "types",
            format!(r#"(func (export "__pack_types") (result i64) {SPIN} unreachable)"#),
        ),
    ];
    for (part, text) in cases {
        let package = runtime(SOON).load(&wasm(&[(part, &text)])).unwrap();
        let error = Hostile::instantiate(&package, Host::Nothing).unwrap_err();
        let time = LimitKind::Time(Duration::from_millis(50));
        assert_eq!(error.limit(), Some(time), "{text}: {error}");
    }
    let large = [("memory", r#"(memory (export "memory") 100)"#)];
    let package = runtime(Limits::DEFAULT.with_memory(1 << 20))
        .load(&wasm(&large))
        .unwrap();
    let error = Hostile::instantiate(&package, Host::Nothing).unwrap_err();
    assert_eq!(error.limit(), Some(LimitKind::Memory(1 << 20)), "{error}");
    let table = [("more", "(table 3000000 funcref)")];
    let package = runtime(Limits::DEFAULT).load(&wasm(&table)).unwrap();
    let error = Hostile::instantiate(&package, Host::Nothing).unwrap_err();
    assert_eq!(
        error.limit(),
        Some(LimitKind::TableElements(1 << 20)),
        "{error}"
    );
}

#[test]
fn a_guest_may_live_with_less_than_it_asked_for() {
    let body = "(if (i32.ne (memory.grow (i32.const 100)) (i32.const -1)) (then unreachable))";
    let mut hostile = start(&running(Limits::DEFAULT.with_memory(1 << 20), body));
    hostile.run().unwrap();
    assert_eq!(hostile.number().unwrap(), 7);
    // What it traps of later is not that.
    let body = "(drop (memory.grow (i32.const 100)))";
    let later = r#"(func (export "$root#number") (result i32) unreachable)"#;
    let run = format!(r#"(func (export "$root#run") {body})"#);
    let limits = Limits::DEFAULT.with_memory(1 << 20);
    let package = runtime(limits)
        .load(&wasm(&[("run", &run), ("number", later)]))
        .unwrap();
    let mut hostile = start(&package);
    hostile.run().unwrap();
    assert!(matches!(hostile.number().unwrap_err(), Error::Trap(_)));
}

#[test]
fn usage_is_there_after_each_call() {
    let limits = Limits::DEFAULT.with_fuel(Some(1_000_000));
    let count = "(local.set $i (i32.const 1000))
        (loop $again (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
        (drop (memory.grow (i32.const 2)))";
    let mut hostile = start(&running(limits, count));
    hostile.run().unwrap();
    let ran = hostile.instance().usage();
    assert_eq!(ran.memory, 6 << 16);
    assert!((4_000..20_000).contains(&ran.fuel.unwrap()), "{ran:?}");
    assert!(ran.time.unwrap() < Duration::from_secs(5), "{ran:?}");
    hostile.number().unwrap();
    let answered = hostile.instance().usage();
    assert!(answered.fuel.unwrap() < 10, "{answered:?}");
    hostile.send(&Json::Text("x".repeat(95))).unwrap();
    assert_eq!(hostile.instance().usage().argument_bytes, 100);

    let unlimited = start(&running(Limits::DEFAULT.with_time(None), ""));
    let usage = unlimited.instance().usage();
    assert_eq!((usage.time, usage.fuel), (None, None));
}

#[test]
fn arguments_are_limited_before_anything_is_called() {
    let mut hostile = start(&running(Limits::DEFAULT.with_argument_bytes(10_000), ""));
    assert!(hostile.send(&Json::Text("x".repeat(9_000))).unwrap());
    let error = hostile.send(&Json::Text("x".repeat(10_000))).unwrap_err();
    assert_eq!(
        error.limit(),
        Some(LimitKind::ArgumentBytes(10_000)),
        "{error}"
    );
    assert!(hostile.send(&Json::Null).unwrap());
}

#[test]
fn a_host_function_that_takes_its_time_ends_the_call_when_it_comes_back() {
    let package = running(
        SOON,
        "(call $listen (i32.const 0) (i32.const 0)) (call $run)",
    );
    let host = Host::Sleep(Duration::from_millis(200));
    let mut hostile = Hostile::instantiate(&package, host).unwrap();
    let error = hostile.run().unwrap_err();
    assert_eq!(
        error.limit(),
        Some(LimitKind::Time(Duration::from_millis(50))),
        "{error}"
    );
}

#[test]
fn a_host_function_that_panics_is_an_error_of_the_call() {
    let package = running(
        Limits::DEFAULT,
        "(call $listen (i32.const 0) (i32.const 0))",
    );
    let mut hostile = Hostile::instantiate(&package, Host::Panic).unwrap();
    let error = hostile.run().unwrap_err();
    let words = "run: the host function `listen` of `test:hostile/host` failed: it panicked: the host's own mistake";
    assert_eq!(error.to_string(), words);
    let Error::HostFunction(failure) = error else {
        panic!()
    };
    assert!(matches!(&*failure.problem, HostProblem::Panic(_)));
    assert_eq!(failure.call.package(), "test:hostile/hostile");
    assert_eq!(
        hostile.instance().poisoned(),
        Some(PoisonedBy::HostFunction)
    );
    // The host has its data back.
    assert!(matches!(hostile.instance().host(), Host::Panic));

    let start = waiting::Hostile::instantiate(&package, Host::Panic);
    let error = pollster::block_on(async { start.await?.run().await }).unwrap_err();
    assert_eq!(error.to_string(), words);
}

#[test]
fn the_time_of_a_call_covers_what_it_waits_for() {
    let time = Some(LimitKind::Time(Duration::from_millis(50)));
    let package = running(SOON, "(call $listen (i32.const 0) (i32.const 0))");
    let for_ever = Host::Sleep(Duration::MAX);
    let waits = async {
        let mut hostile = waiting::Hostile::instantiate(&package, for_ever).await?;
        let error = hostile.run().await.unwrap_err();
        assert_eq!(error.limit(), time, "{error}");
        hostile.number().await
    };
    assert!(matches!(pollster::block_on(waits), Err(Error::Poisoned(_))));
    let spins = async {
        let package = running(SOON, SPIN);
        let start = waiting::Hostile::instantiate(&package, Host::Nothing);
        start.await?.run().await
    };
    assert_eq!(pollster::block_on(spins).unwrap_err().limit(), time);
}

#[test]
fn a_guest_that_spins_lets_others_run() {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    let limits = Limits::DEFAULT.with_time(Some(Duration::from_millis(200)));
    let package = running(limits, SPIN);
    let start = waiting::Hostile::instantiate(&package, Host::Nothing);
    let mut hostile = pollster::block_on(start).unwrap();
    let mut call = pin!(hostile.run());
    let mut context = Context::from_waker(Waker::noop());
    let mut polls = 0;
    let error = loop {
        match call.as_mut().poll(&mut context) {
            Poll::Ready(outcome) => break outcome.unwrap_err(),
            Poll::Pending => polls += 1,
        }
    };
    assert!(polls > 1, "{polls}");
    assert!(error.limit().is_some(), "{error}");
}

#[test]
fn a_package_can_have_limits_of_its_own() {
    let package = running(Limits::DEFAULT, SPIN);
    let soon = package.with_limits(SOON).unwrap();
    let limit = start(&soon).run().unwrap_err().limit();
    assert_eq!(limit, Some(LimitKind::Time(Duration::from_millis(50))));
    let linked = Hostile::<Host>::link(&package)
        .unwrap()
        .with_limits(SOON)
        .unwrap();
    let limit = linked
        .instantiate(Host::Nothing)
        .unwrap()
        .run()
        .unwrap_err()
        .limit();
    assert_eq!(limit, Some(LimitKind::Time(Duration::from_millis(50))));
    // The machine code was made for the runtime's limits.
    let cases = [
        (
            Limits::DEFAULT.with_fuel(Some(1)),
            "Limits::fuel: the runtime's own limits have none",
        ),
        (
            Limits::DEFAULT.with_stack(1 << 20),
            "Limits::stack: it is one for all packages",
        ),
    ];
    for (limits, words) in cases {
        let error = package.with_limits(limits).unwrap_err().to_string();
        assert!(error.starts_with(words), "{error}");
    }
    let untimed = running(Limits::DEFAULT.with_time(None), "");
    let error = untimed.with_limits(SOON).unwrap_err().to_string();
    assert!(
        error.starts_with("Limits::time: the runtime's own limits have none"),
        "{error}"
    );
    // Less is always possible.
    let metered = running(Limits::DEFAULT.with_fuel(Some(10)), "");
    let mut unmetered = start(
        &metered
            .with_limits(Limits::DEFAULT.with_time(None))
            .unwrap(),
    );
    unmetered.run().unwrap();
    assert_eq!(unmetered.instance().usage().fuel, None);
}

#[test]
fn a_runtime_refuses_what_the_host_does_not_want() {
    let good = wasm(&[]);
    let wanted = Digest::of(&good);
    let runtime = Runtime::builder()
        .verify(move |wasm| match Digest::of(wasm) == wanted {
            true => Ok(()),
            false => Err("it is not on the list"),
        })
        .build()
        .unwrap();
    let package = runtime.load(&good).unwrap();
    assert_eq!(package.digest(), wanted);
    assert_eq!(package.digest().to_string().len(), 64);
    let error = runtime.load(&wasm(&[("more", "(func)")])).unwrap_err();
    assert!(matches!(error, Error::Refused(_)));
    let words = "the host's own check refuses the package: it is not on the list";
    assert_eq!(error.to_string(), words);
    assert_eq!(error.source().unwrap().to_string(), "it is not on the list");
    // Before anything else is looked at.
    assert!(matches!(
        runtime.load(b"no wasm").unwrap_err(),
        Error::Refused(_)
    ));
}

#[test]
fn a_package_can_be_asked_without_compiling_it() {
    // It has a function that no compiler accepts.
    let mut good = wasm(&[]);
    let info = PackageInfo::read(&good).unwrap();
    assert_eq!(info.types().world, "test:hostile/hostile");
    assert_eq!(info.digest(), Digest::of(&good));
    good.truncate(8);
    assert!(matches!(PackageInfo::read(&good), Err(Error::Metadata(_))));
}

#[test]
fn modules_compiled_elsewhere_are_wrapped_if_the_engine_is_the_same() {
    let runtime = runtime(Limits::DEFAULT);
    let bytes = wasm(&[]);
    let module = wasmtime::Module::new(runtime.engine(), &bytes).unwrap();
    let package = runtime.wrap(&bytes, module).unwrap();
    assert_eq!(start(&package).number().unwrap(), 7);
    let other = wasmtime::Module::new(&wasmtime::Engine::default(), &bytes).unwrap();
    let error = runtime.wrap(&bytes, other).unwrap_err().to_string();
    assert!(error.contains("compiled by another engine"), "{error}");
}

#[test]
fn machine_code_is_kept_in_a_folder_of_the_host() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("made/when/needed");
    let files = || -> Vec<_> {
        let entries = std::fs::read_dir(&folder).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let build = |limits| {
        let builder = Runtime::builder().limits(limits).cache(&folder);
        builder.build().unwrap()
    };
    let bytes = wasm(&[]);
    let number = |limits| {
        start(&build(limits).load(&bytes).unwrap())
            .number()
            .unwrap()
    };
    assert_eq!(number(Limits::DEFAULT), 7);
    let [file] = &files()[..] else {
        panic!("{:?}", files())
    };
    let written = std::fs::metadata(file).unwrap().modified().unwrap();
    assert_eq!(number(Limits::DEFAULT), 7);
    assert_eq!(
        std::fs::metadata(file).unwrap().modified().unwrap(),
        written
    );
    // Other settings, other code.
    assert_eq!(number(Limits::DEFAULT.with_fuel(Some(1_000))), 7);
    assert_eq!(files().len(), 2);
    // What has been damaged is made anew.
    let whole = std::fs::read(file).unwrap();
    for damage in [0, 20, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[damage] ^= 1;
        std::fs::write(file, &damaged).unwrap();
        assert_eq!(number(Limits::DEFAULT), 7);
        assert_eq!(std::fs::read(file).unwrap(), whole, "{damage}");
    }
    for length in [0, 7, 39, whole.len() / 2] {
        std::fs::write(file, &whole[..length]).unwrap();
        assert_eq!(number(Limits::DEFAULT), 7);
        assert_eq!(std::fs::read(file).unwrap(), whole, "{length}");
    }
    // A folder that cannot be used costs time and nothing else.
    let runtime = Runtime::builder().cache(file).build().unwrap();
    assert_eq!(start(&runtime.load(&bytes).unwrap()).number().unwrap(), 7);
}

#[test]
#[allow(unsafe_code, reason = "the machine code is made two lines above")]
fn a_package_can_come_compiled_by_the_host() {
    let runtime = runtime(Limits::DEFAULT);
    let bytes = wasm(&[]);
    let code = runtime.precompile(&bytes).unwrap();
    let package = unsafe { runtime.load_precompiled(&bytes, &code) }.unwrap();
    assert_eq!(start(&package).number().unwrap(), 7);
    // Of other settings it is refused.
    let other = self::runtime(Limits::DEFAULT.with_fuel(Some(1)));
    let error = unsafe { other.load_precompiled(&bytes, &code) }.unwrap_err();
    assert!(matches!(error, Error::Compile(_)), "{error}");
}

#[test]
fn a_pool_has_room_for_so_many_instances() {
    let runtime = Runtime::builder().pool(2).build().unwrap();
    let package = runtime.load(&wasm(&[])).unwrap();
    let linked = Hostile::<Host>::link(&package).unwrap();
    let (one, two) = (
        linked.instantiate(Host::Nothing),
        linked.instantiate(Host::Nothing),
    );
    let error = linked.instantiate(Host::Nothing).unwrap_err();
    assert!(matches!(error, Error::NoRoom { .. }), "{error}");
    assert!(!error.is_of_the_package());
    assert_eq!(
        error.to_string(),
        "the start of the package: the engine has no room for it: \
         maximum concurrent limit of 2 for core instances reached"
    );
    drop((one.unwrap(), two.unwrap()));
    assert_eq!(
        linked.instantiate(Host::Nothing).unwrap().number().unwrap(),
        7
    );
}

/// Neither in the memory that was there when it began, nor in what was added.
#[test]
fn of_what_an_instance_wrote_the_next_one_in_its_place_finds_nothing() {
    let number = r#"(func (export "$root#number") (result i32) (local $at i32) (local $sum i32)
        (drop (memory.grow (i32.const 10)))
        (loop $next
            (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $at))))
            (local.set $at (i32.add (local.get $at) (i32.const 509)))
            (br_if $next (i32.lt_u (local.get $at) (i32.mul (memory.size) (i32.const 65536)))))
        (memory.fill (i32.const 0) (i32.const 0x5b) (i32.mul (memory.size) (i32.const 65536)))
        (i32.and (local.get $sum) (i32.const 0xff)))"#;
    let runtime = Runtime::builder().pool(1).build().unwrap();
    let package = runtime.load(&wasm(&[("number", number)])).unwrap();
    let mut instance = start(&package);
    let first = instance.number().unwrap();
    assert_ne!(instance.number().unwrap(), first, "it does not write");
    drop(instance);
    for _ in 0..3 {
        assert_eq!(start(&package).number().unwrap(), first);
    }
}

#[test]
fn a_deterministic_runtime_has_one_not_a_number() {
    let nan = r#"(func (export "$root#number") (result i32)
        (i32.shr_u (i32.reinterpret_f32 (f32.add (f32.reinterpret_i32 (i32.const 0xffc12345)) (f32.const 1))) (i32.const 24)))"#;
    let bytes = wasm(&[("number", nan)]);
    let runtime = Runtime::builder().deterministic(true).build().unwrap();
    assert_eq!(
        start(&runtime.load(&bytes).unwrap()).number().unwrap(),
        0x7f
    );
}

#[test]
fn settings_of_the_engine_that_do_not_go_together_are_an_error() {
    let set = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&set);
    let builder = Runtime::builder().engine(move |config| {
        count.fetch_add(1, Ordering::Relaxed);
        config.wasm_simd(false).wasm_relaxed_simd(true);
    });
    assert!(matches!(builder.build().unwrap_err(), Error::Engine(_)));
    assert_eq!(set.load(Ordering::Relaxed), 1);
}

#[test]
fn every_error_of_a_call_can_be_observed() {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let observer = Arc::clone(&seen);
    let runtime = Runtime::builder()
        .limits(SOON)
        .observe_errors(move |error| {
            observer.lock().unwrap().push(error.to_string());
            panic!("a panic of the observer is ignored");
        })
        .build()
        .unwrap();
    let cases = [
        ("unreachable", "run: the package trapped"),
        (SPIN, "run: the package may use 50ms of time"),
        (
            "(call $listen (i32.const -1) (i32.const 9))",
            "run: the host function `listen`",
        ),
    ];
    for (body, words) in cases {
        let run = format!(r#"(func $run (export "$root#run") {body})"#);
        let package = runtime
            .load(&wasm(&[("imports", LISTEN), ("run", run.as_str())]))
            .unwrap();
        start(&package).run().unwrap_err();
        let seen = std::mem::take(&mut *seen.lock().unwrap());
        assert_eq!(seen.len(), 1, "{seen:?}");
        assert!(seen[0].starts_with(words), "{seen:?}");
    }
    let text = r#"(func (export "$root#text") (result i64) (i64.const -1))"#;
    let package = runtime.load(&wasm(&[("text", text)])).unwrap();
    start(&package).text().unwrap_err();
    assert!(seen.lock().unwrap()[0].starts_with("text: the package returned something"));
}
