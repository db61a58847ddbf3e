//! Packages that are wired together, interceptors around them, and traces of what they do.

mod interceptors;
mod traces;
mod waiting;

use std::time::Duration;

use pack_runtime::{
    Composition, CompositionProblem, Error, HostInterface, Instance, LimitKind, Limits, Linker,
    Package, PoisonedBy, Value,
};
use pack_tests::load;

pack_runtime::bindgen!({ path: "wit/chain.wit", world: "link" });

use test::chain::stage::{Branch, Tree};

const STAGE: &str = "test:chain/stage";

/// The lines that were logged.
type Lines = Vec<String>;

fn log() -> HostInterface<Lines> {
    let mut log = HostInterface::new("test:chain/log");
    log.try_function("write", |lines: &mut Lines, (line,): (String,)| {
        if line == "refuse" {
            return Err("no more lines");
        }
        lines.push(line);
        Ok(Ok::<u32, String>(u32::try_from(lines.len()).unwrap()))
    });
    log
}

fn linker(package: &Package) -> Linker<Lines> {
    Linker::new(package).unwrap().offer(&log()).unwrap()
}

/// So many links, called `0`, `1` and so on, and the end. The host calls the link `0`.
fn chain(links: usize, limits: Limits) -> Composition<Lines> {
    let end = load("chain-end").with_limits(limits).unwrap();
    let mut chain = Composition::new().part("end", linker(&end));
    for at in 0..links {
        let next = match at + 1 {
            next if next == links => "end".to_owned(),
            next => next.to_string(),
        };
        chain = chain
            .part(at.to_string(), linker(&load("chain-link")))
            .wire(&at.to_string(), STAGE, &next);
    }
    chain
}

fn start(chain: Composition<Lines>) -> Link<Lines> {
    let linked = chain.link::<Link<Lines>>("0");
    linked
        .unwrap_or_else(|error| panic!("{error}"))
        .instantiate(Vec::new())
        .unwrap()
}

fn tree(depth: u32) -> Tree {
    (0..depth).fold(Tree::Leaf(-7), |tree, level| {
        Tree::Branch(Branch {
            label: format!("level {level}"),
            children: vec![Tree::Leaf(level.into()), tree],
        })
    })
}

#[test]
fn values_of_every_sort_go_through_a_chain_of_packages() {
    for links in [1, 2, 6] {
        let mut link = start(chain(links, Limits::DEFAULT));
        let mut stage = link.stage();
        let name = stage.name().unwrap();
        assert_eq!(name, "link(".repeat(links) + "end" + &")".repeat(links));
        assert_eq!(stage.add(i32::MAX, 1).unwrap(), i32::MIN);
        assert_eq!(stage.echo("").unwrap(), "");
        assert_eq!(stage.echo("Grüße").unwrap(), "Grüße");
        let grown = stage.grow(&tree(30)).unwrap();
        let expected = (0..links).fold(
            Tree::Branch(Branch {
                label: "end".to_owned(),
                children: vec![tree(30)],
            }),
            |tree, _| {
                Tree::Branch(Branch {
                    label: "link".to_owned(),
                    children: vec![tree],
                })
            },
        );
        assert_eq!(grown, expected);
        assert_eq!(stage.scale(&[1.5, -2.0], 2.0).unwrap(), [3.0, -4.0]);
        assert_eq!(stage.scale(&[], 2.0).unwrap(), [] as [f64; 0]);
        let wide = stage.wide(1, -2, 3, 4, 5, 6, 7, 8, -9, 0.5, 255, "l", &[65535, 0]);
        assert_eq!(wide.unwrap(), "1 -2 3 4 5 6 7 8 -9 0.5 255 l [65535, 0]");
        for length in [0, 1, 511, 512, 513, 16 << 10, 3_000_001] {
            let data: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let mut reversed = data.clone();
            reversed.reverse();
            assert_eq!(stage.reverse(&data).unwrap(), reversed, "{length} bytes");
        }
        assert_eq!(link.instance().host(), &["", "Grüße"]);
    }
}

#[test]
fn a_part_that_two_others_import_from_is_there_once() {
    let fork = load("chain-fork");
    let diamond = Composition::new()
        .part("fork", linker(&fork))
        .part("left", linker(&load("chain-link")))
        .part("right", linker(&load("chain-link")))
        .part("end", linker(&load("chain-end")))
        .wire_as("fork", "test:chain/left", "left", STAGE)
        .wire_as("fork", "test:chain/right", "right", STAGE)
        .wire("left", STAGE, "end")
        .wire("right", STAGE, "end");
    let linked = diamond.link::<Instance<Lines>>("fork").unwrap();
    let mut fork = linked.instantiate(Vec::new()).unwrap();
    assert_eq!(
        fork.call("$root", "count", &[]).unwrap(),
        Some(Value::U32(12))
    );
    assert_eq!(
        fork.call("$root", "echo", &["a".into()]).unwrap(),
        Some("a left, a right".into())
    );
    // Each part can be asked by itself, and has types of its own.
    assert_eq!(
        fork.part_names().collect::<Vec<_>>(),
        ["end", "left", "right", "fork"]
    );
    let mut left = fork.part("left").unwrap();
    assert_eq!(left.types().world, "test:chain/link");
    assert_eq!(left.call(STAGE, "count", &[]).unwrap(), Some(Value::U32(3)));
    drop(left);
    let mut end = fork.part("end").unwrap();
    assert_eq!(end.call(STAGE, "name", &[]).unwrap(), Some("end".into()));
    assert!(end.usage().memory > 0);
    drop(end);
    assert_eq!(
        fork.call("$root", "count", &[]).unwrap(),
        Some(Value::U32(45))
    );
    assert_eq!(fork.types().world, "test:chain/fork");
    assert_eq!(
        fork.part("middle").unwrap_err().to_string(),
        "there is no part `middle`; there is end, left, right, fork"
    );
    assert_eq!(fork.host(), &["a left", "a right"]);
}

#[test]
fn a_failure_of_a_part_is_an_error_of_who_called_and_says_where() {
    let limits = Limits::DEFAULT
        .with_time(Some(Duration::from_millis(500)))
        .with_memory(16 << 20);
    let cases = [
        ("panic", "panicked at", "the end panics"),
        ("trap", "trapped", "unreachable"),
        ("spin", "500ms of time", "Limits::time"),
        ("memory", "16777216 bytes of memory", "Limits::memory"),
        ("refuse", "the host function `write`", "no more lines"),
    ];
    for (how, what, words) in cases {
        let mut link = start(chain(2, limits));
        let error = link.stage().fail(how).unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with(
                "stage.fail: it called `fail` of `test:chain/stage`, and the part `1`, which provides it, \
                 failed: stage.fail: it called `fail` of `test:chain/stage`, and the part `end`"
            ),
            "{text}"
        );
        assert!(text.contains(what) && text.contains(words), "{text}");
        let Error::Callee(callee) = &error else {
            panic!("{error:?}");
        };
        assert_eq!(callee.part, "1");
        let Error::Callee(inner) = &*callee.error else {
            panic!("{error:?}");
        };
        assert_eq!(inner.part, "end");
        let expected = match how {
            "panic" => PoisonedBy::Panic,
            "trap" => PoisonedBy::Trap,
            "spin" => PoisonedBy::Limit(LimitKind::Time(Duration::from_millis(500))),
            "memory" => PoisonedBy::Limit(LimitKind::Memory(16 << 20)),
            _ => PoisonedBy::HostFunction,
        };
        assert_eq!(link.instance().poisoned(), Some(expected));
        assert_eq!(error.limit().is_some(), matches!(how, "spin" | "memory"));
        let again = link.stage().add(1, 2).unwrap_err();
        assert!(matches!(again, Error::Poisoned(_)), "{again}");
        // The next one works.
        assert_eq!(start(chain(2, limits)).stage().add(1, 2).unwrap(), 3);
    }
}

#[test]
fn the_time_of_a_call_is_that_of_who_called() {
    let chain = chain(1, Limits::DEFAULT.with_time(None));
    let linked = chain.link::<Link<Lines>>("0").unwrap();
    let short = Limits::DEFAULT.with_time(Some(Duration::from_millis(300)));
    let mut link = linked
        .with_limits(short)
        .unwrap()
        .instantiate(vec![])
        .unwrap();
    let error = link.stage().fail("spin").unwrap_err();
    assert_eq!(
        error.limit(),
        Some(LimitKind::Time(Duration::from_millis(300))),
        "{error}"
    );
}

#[test]
fn what_does_not_fit_is_refused_with_all_its_reasons() {
    let link = load("chain-link");
    let end = load("chain-end");
    let refused = |composition: Composition<Lines>, main: &str| {
        let error = composition.link::<Instance<Lines>>(main).unwrap_err();
        let Error::Composition(error) = error else {
            panic!("{error}");
        };
        error
    };
    let error = refused(
        Composition::new()
            .part("a", linker(&link))
            .part("b", linker(&link))
            .part("c", linker(&link))
            .wire("a", STAGE, "b")
            .wire("b", STAGE, "c")
            .wire("c", STAGE, "b"),
        "a",
    );
    assert_eq!(
        error.to_string(),
        "the packages cannot be composed:\n  the parts `b` -> `c` -> `b` import from each other in a circle; a part that \
         runs cannot be called again"
    );
    assert!(matches!(&*error.problems, [CompositionProblem::Cycle(names)] if names.len() == 3));

    let error = refused(
        Composition::new()
            .part("a", linker(&link))
            .wire("a", STAGE, "a"),
        "a",
    );
    assert!(error.to_string().contains("`a` -> `a`"), "{error}");

    let error = refused(
        Composition::new()
            .part("end", linker(&end))
            .part("end", linker(&end))
            .part("link", linker(&link))
            .wire("link", STAGE, "ned")
            .wire("link", "test:chain/stages", "end")
            .wire_as("link", STAGE, "end", "test:chain/stages")
            .wire("link", STAGE, "end")
            .wire("link", STAGE, "end"),
        "main",
    );
    let text = error.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines,
        [
            "the packages cannot be composed:",
            "  there are two parts `end`",
            "  there is no part `main`; there is `end`, `end`, `link`",
            "  there is no part `ned`; there is `end`, `end`, `link`",
            "  the part `link` does not import `test:chain/stages`; it imports `test:chain/stage`, `test:chain/log`",
            "  the part `end` does not export `test:chain/stages`; it exports `test:chain/stage`",
            "  the part `end` does not export `test:chain/stages`; it exports `test:chain/stage`",
            "  `name` of `test:chain/stage`, which the part `link` imports, is provided twice",
        ]
    );

    let error = refused(
        Composition::new()
            .part("odd", linker(&load("chain-odd")))
            .part("end", linker(&end))
            .wire_as("odd", "test:chain/odd", "end", STAGE),
        "odd",
    );
    assert_eq!(
        error.to_string(),
        "the packages cannot be composed:\n  the part `end` does not fit what the part `odd` imports:\n    \
         odd.echo: result: `end` has string, `odd` has u32\n    \
         odd.missing: `end` has no such function, `odd` has function"
    );

    // What nobody provides is reported for its part.
    let error = refused(
        Composition::new().part("link", Linker::new(&link).unwrap()),
        "link",
    );
    let text = error.to_string();
    assert!(
        text.contains("the part `link`: ")
            && text.contains("test:chain/stage: host has no such interface"),
        "{text}"
    );

    let runtime = pack_runtime::Runtime::new().unwrap();
    let elsewhere = runtime.load_file(pack_tests::guest("chain-end")).unwrap();
    let error = refused(
        Composition::new()
            .part("link", linker(&link))
            .part("end", linker(&elsewhere))
            .wire("link", STAGE, "end"),
        "link",
    );
    assert!(
        error
            .to_string()
            .contains("`end` was loaded by another runtime"),
        "{error}"
    );
}

#[test]
fn a_chain_that_is_too_long_for_the_stack_hits_its_limit() {
    let mut link = start(chain(8, Limits::DEFAULT));
    assert_eq!(link.stage().add(1, 2).unwrap(), 3);
    let linked = chain(300, Limits::DEFAULT)
        .link::<Link<Lines>>("0")
        .unwrap();
    let mut link = linked.instantiate(Vec::new()).unwrap();
    match link.stage().add(1, 2) {
        Ok(sum) => assert_eq!(sum, 3),
        Err(error) => assert!(
            matches!(error.limit(), Some(LimitKind::Stack(_))),
            "{error}"
        ),
    }
}

#[test]
fn what_a_part_may_log_is_counted_for_each_call_of_the_host() {
    let collector = pack_runtime::log::Collector::default();
    let limits = Limits::DEFAULT.with_log_bytes(1000);
    let end = load("chain-end").with_limits(limits).unwrap();
    let composition = Composition::new()
        .part("end", linker(&end).log(collector.clone()))
        .part("link", linker(&load("chain-link")))
        .wire("link", STAGE, "end");
    let linked = composition.link::<Link<Lines>>("link").unwrap();
    let mut link = linked.instantiate(Vec::new()).unwrap();
    let tree = tree(1);
    for _ in 0..50 {
        link.stage().grow(&tree).unwrap();
    }
    assert_eq!(collector.take().len(), 50);
    assert_eq!(link.instance().usage().log_bytes, 0);
    let end = link.instance_mut().part("end").unwrap().usage();
    assert!(end.log_bytes > 10, "{end:?}");
}

#[test]
fn fuel_is_that_of_who_called_and_the_error_says_whose() {
    let runtime = pack_runtime::Runtime::builder()
        .limits(Limits::DEFAULT.with_fuel(Some(1 << 40)))
        .build()
        .unwrap();
    let load = |name| runtime.load_file(pack_tests::guest(name)).unwrap();
    let (link, end) = (load("chain-link"), load("chain-end"));
    let fuel = |package: &Package, fuel| {
        let limits = package.limits().with_fuel(Some(fuel));
        package.with_limits(limits).unwrap()
    };
    for (own, others, expected) in [
        (1_000_000, 1 << 40, 1_000_000),
        (1 << 40, 2_000_000, 2_000_000),
    ] {
        let composition = Composition::new()
            .part("end", linker(&fuel(&end, others)))
            .part("0", linker(&fuel(&link, own)))
            .wire("0", STAGE, "end");
        let mut link = start(composition);
        assert_eq!(link.stage().add(1, 2).unwrap(), 3);
        let used = link.instance().usage().fuel.unwrap();
        assert!((1..10_000).contains(&used), "{used}");
        let error = link.stage().fail("spin").unwrap_err();
        assert_eq!(error.limit(), Some(LimitKind::Fuel(expected)), "{error}");
    }
}
