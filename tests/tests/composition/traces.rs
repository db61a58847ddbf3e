//! What is recorded is run again, and does the same or is found out.

use std::io;

use pack_runtime::{
    Instance, Limits, Linker, Package, Recorder, Replay, ReplayError, Replayed, Runtime, Trace,
    TraceError,
};
use pack_tests::{guest, load};
use sha2::{Digest as _, Sha256};

use super::{Lines, Link, STAGE, chain, log, start, tree};

/// Records a chain of three packages that is called in many ways, until a call fails.
fn record(limit: u64, failure: &str) -> Vec<u8> {
    let recorder = Recorder::new(Vec::new(), limit);
    let mut link = start(chain(2, Limits::DEFAULT).intercept(recorder.clone()));
    work(&mut link);
    link.stage().fail(failure).unwrap_err();
    recorder.finish().unwrap()
}

fn work(link: &mut Link<Lines>) {
    let mut stage = link.stage();
    assert_eq!(stage.name().unwrap(), "link(link(end))");
    assert_eq!(stage.add(1, 2).unwrap(), 3);
    stage.echo("x").unwrap();
    stage.echo(&"y".repeat(20_000)).unwrap();
    stage.grow(&tree(10)).unwrap();
    stage.scale(&[1.0, 2.0], 3.0).unwrap();
    stage
        .wide(1, 2, 3, 4, 5, 6, 7, 8, 9, 10.0, 11, "l", &[12])
        .unwrap();
    assert_eq!(stage.count().unwrap(), 1);
    assert_eq!(stage.count().unwrap(), 2);
}

#[test]
fn every_part_of_a_composition_does_the_same_again() {
    for failure in ["panic", "trap", "refuse"] {
        let bytes = record(1 << 20, failure);
        let trace = Trace::read(&bytes).unwrap();
        assert!(trace.is_whole());
        assert_eq!(trace.packages().len(), 3);
        assert!(trace.call_count() > 50);
        for (part, package) in [
            ("0", "chain-link"),
            ("1", "chain-link"),
            ("end", "chain-end"),
        ] {
            let replayed = Replay::new(&trace).run(part, &load(package)).unwrap();
            let imports = match (part, failure) {
                ("end", "refuse") => 3,
                ("end", _) => 2,
                _ => 10,
            };
            assert_eq!(
                replayed.to_string(),
                format!("replayed 10 calls and the {imports} calls they made, of 1 instances")
            );
        }
        let error = Replay::new(&trace)
            .run("2", &load("chain-end"))
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the trace has no part `2`; it has 0, 1, end"
        );
    }
}

/// The end of the chain with other bytes in it.
fn altered(changes: &[(&str, &str)]) -> Package {
    let mut wasm = std::fs::read(guest("chain-end")).unwrap();
    for (from, to) in changes {
        assert_eq!(from.len(), to.len());
        let places: Vec<usize> = (0..wasm.len() - from.len())
            .filter(|at| wasm[*at..].starts_with(from.as_bytes()))
            .collect();
        assert_eq!(places.len(), 1, "{from}");
        wasm[places[0]..][..to.len()].copy_from_slice(to.as_bytes());
    }
    Runtime::new().unwrap().load(&wasm).unwrap()
}

const END: &str = "test:chain/end";

fn record_end(end: &Package) -> Trace {
    let recorder = Recorder::new(Vec::new(), 1 << 20);
    let linker = Linker::new(end).unwrap().offer(&log()).unwrap();
    let linked = linker.intercept(recorder.clone()).link::<Instance<Lines>>();
    let mut end = linked.unwrap().instantiate(Vec::new()).unwrap();
    let points = pack_runtime::Value::List(vec![1.0.into()]);
    end.call(STAGE, "echo", &["hello".into()]).unwrap();
    end.call(STAGE, "scale", &[points, 2.0.into()]).unwrap();
    let leaf = pack_runtime::Value::Variant("leaf".into(), Some(Box::new(1_i64.into())));
    end.call(STAGE, "grow", &[leaf]).unwrap();
    end.call(STAGE, "fail", &["panic".into()]).unwrap_err();
    Trace::read(&recorder.finish().unwrap()).unwrap()
}

#[test]
fn another_package_is_refused_and_another_build_is_compared() {
    let quiet = load("chain-end");
    let loud = altered(&[("SETTING: quiet..", "SETTING: loud!..")]);
    let trace = record_end(&quiet);
    let replay = Replay::new(&trace);
    let replayed = replay.run(END, &quiet).unwrap();
    assert_eq!((replayed.exports, replayed.imports), (4, 1));

    let error = replay.run(END, &loud).unwrap_err();
    let ReplayError::OtherPackage {
        has_same_contract, ..
    } = error
    else {
        panic!("{error}");
    };
    assert!(has_same_contract);
    let error = replay.with_other_builds(true).run(END, &load("chain-link"));
    let error = error.unwrap_err();
    assert!(
        error.to_string().ends_with("Its contract is another one"),
        "{error}"
    );

    // One call too many.
    let error = replay.with_other_builds(true).run(END, &loud).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the package diverges from the trace at call #3 of instance 0, stage.scale\n  recorded: it called nothing more\n  \
         now: it called log.write(\"scaled\")"
    );
    // One call too few.
    let trace = record_end(&loud);
    let replay = Replay::new(&trace).with_other_builds(true);
    let error = replay.run(END, &quiet).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the package diverges from the trace at call #4 of instance 0, log.write\n  recorded: it called log.write\n  \
         now: it did not"
    );
    let ReplayError::Diverged(divergence) = error else {
        panic!("{error}");
    };
    assert_eq!((divergence.call, divergence.instance), (4, 0));
}

#[test]
fn another_argument_another_result_and_another_end_are_found() {
    let loud = ("SETTING: quiet..", "SETTING: loud!..");
    let cases = [
        (
            ("scaled", "SCALED"),
            "call #4 of instance 0, log.write\n  recorded: it called log.write(\"scaled\")\n  now: it called log.write(\"SCALED\")",
        ),
        (
            ("LABEL: end", "LABEL: END"),
            "call #5 of instance 0, stage.grow\n  recorded: it returned branch({label: \"end\", children: [leaf(1)]})\n  \
             now: it returned branch({label: \"END\", children: [leaf(1)]})",
        ),
        (
            ("the end panics", "the END panics"),
            "call #6 of instance 0, stage.fail\n  recorded: it ended in a panic: the end panics at ",
        ),
    ];
    for (change, words) in cases {
        let trace = record_end(&altered(&[loud]));
        let replay = Replay::new(&trace).with_other_builds(true);
        let error = replay.run(END, &altered(&[loud, change])).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

/// The digest is no signature. A package takes text for UTF-8 because its host has looked.
#[test]
fn arguments_of_a_trace_are_looked_at_before_they_are_sent() {
    let recorder = Recorder::new(Vec::new(), 1 << 20);
    let mut link = start(chain(1, Limits::DEFAULT).intercept(recorder.clone()));
    link.stage().echo("hello").unwrap();
    let mut bytes = recorder.finish().unwrap();
    // 4 bytes of length, the case, whether the trace is whole, the count of the digest's bytes, and the digest.
    let (end, digest) = (bytes.len() - 42, bytes.len() - 32);
    let places: Vec<usize> = (0..end)
        .filter(|at| bytes[*at..].starts_with(b"hello"))
        .collect();
    for at in places {
        bytes[at] = 0xff;
    }
    let hash = Sha256::new()
        .chain_update(&bytes[..end])
        .chain_update([1])
        .finalize();
    bytes[digest..].copy_from_slice(&hash);
    let trace = Trace::read(&bytes).unwrap();
    let error = Replay::new(&trace)
        .run("end", &load("chain-end"))
        .unwrap_err();
    let words = "now: the string is not valid UTF-8 (byte 0)";
    assert!(error.to_string().contains(words), "{error}");
}

#[test]
fn a_trace_that_is_cut_or_altered_is_refused() {
    let bytes = {
        let recorder = Recorder::new(Vec::new(), 1 << 20);
        let mut link = start(chain(1, Limits::DEFAULT).intercept(recorder.clone()));
        link.stage().echo("hello").unwrap();
        recorder.finish().unwrap()
    };
    Trace::read(&bytes).unwrap();
    for length in 0..bytes.len() {
        let error = Trace::read(&bytes[..length]).unwrap_err();
        match length {
            0..8 => assert!(matches!(error, TraceError::NotATrace), "{length}: {error}"),
            _ => assert!(
                matches!(error, TraceError::Cut { at } if at == length),
                "{length}: {error}"
            ),
        }
    }
    for at in 0..bytes.len() {
        for bit in [1, 0x80] {
            let mut altered = bytes.clone();
            altered[at] ^= bit;
            Trace::read(&altered).expect_err("a byte is another");
        }
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(matches!(Trace::read(&longer), Err(TraceError::Trailing { at }) if at == bytes.len()));
    let mut newer = bytes;
    newer[8] = 2;
    let error = Trace::read(&newer).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the trace has the format version 2, and this library reads 1"
    );
}

#[test]
fn a_recorder_stops_at_its_limit_and_what_it_has_is_run() {
    let whole = record(1 << 20, "panic");
    let mut sizes = Vec::new();
    for limit in [
        0,
        100,
        1000,
        5000,
        50_000,
        u64::try_from(whole.len()).unwrap(),
    ] {
        let bytes = record(limit, "panic");
        let trace = Trace::read(&bytes).unwrap();
        assert!(u64::try_from(bytes.len()).unwrap() < limit + 100);
        assert_eq!(trace.is_whole(), bytes.len() == whole.len());
        if trace.packages().iter().any(|package| package.part == "end") {
            let replayed = Replay::new(&trace).run("end", &load("chain-end")).unwrap();
            sizes.push(replayed.exports);
        }
    }
    assert!(sizes.is_sorted() && sizes.last() == Some(&10), "{sizes:?}");
}

#[test]
fn a_writer_that_fails_does_not_harm_the_calls() {
    struct Full;

    impl io::Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is full"))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let recorder = Recorder::new(Full, 1 << 20);
    let mut link = start(chain(1, Limits::DEFAULT).intercept(recorder.clone()));
    assert_eq!(link.stage().add(1, 2).unwrap(), 3);
    let error = recorder.finish().map(|_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the trace cannot be written: the disk is full"
    );
    let recorder = Recorder::new(Vec::new(), 1 << 20);
    recorder.finish().unwrap();
    assert!(matches!(recorder.finish(), Err(TraceError::Finished)));
}

#[test]
fn several_instances_go_into_one_trace() {
    let recorder = Recorder::new(Vec::new(), 1 << 20);
    let linked = chain(1, Limits::DEFAULT).intercept(recorder.clone());
    let linked = linked.link::<Link<Lines>>("0").unwrap();
    let mut one = linked.instantiate(Vec::new()).unwrap();
    let mut other = linked.instantiate(Vec::new()).unwrap();
    for _ in 0..3 {
        one.stage().count().unwrap();
        other.stage().echo("x").unwrap();
    }
    other.stage().fail("panic").unwrap_err();
    one.stage().count().unwrap();
    let trace = Trace::read(&recorder.finish().unwrap()).unwrap();
    let replayed = Replay::new(&trace).run("end", &load("chain-end")).unwrap();
    let Replayed {
        instances,
        exports,
        imports,
        ..
    } = replayed;
    assert_eq!((instances, exports, imports), (2, 8, 3));
}

#[test]
fn a_recorder_that_is_there_twice_writes_once() {
    let recorder = Recorder::new(Vec::new(), 1 << 20);
    let end = load("chain-end");
    let linker = Linker::new(&end).unwrap().offer(&log()).unwrap();
    let linker = linker
        .intercept(recorder.clone())
        .intercept(recorder.clone());
    let linked = linker.link::<Instance<Lines>>().unwrap();
    let mut end = linked.instantiate(Vec::new()).unwrap();
    end.call(STAGE, "echo", &["x".into()]).unwrap();
    let trace = Trace::read(&recorder.finish().unwrap()).unwrap();
    assert_eq!(trace.call_count(), 2);
    let replayed = Replay::new(&trace).run(END, end.package()).unwrap();
    assert_eq!((replayed.exports, replayed.imports), (1, 1));
}

#[test]
fn several_builds_of_one_name_are_found_by_their_digest() {
    let (quiet, loud) = (
        load("chain-end"),
        altered(&[("SETTING: quiet..", "SETTING: loud!..")]),
    );
    let recorder = Recorder::new(Vec::new(), 1 << 20);
    for package in [&quiet, &loud] {
        let linker = Linker::new(package).unwrap().offer(&log()).unwrap();
        let linked = linker.intercept(recorder.clone()).link::<Instance<Lines>>();
        let mut end = linked.unwrap().instantiate(Vec::new()).unwrap();
        let points = pack_runtime::Value::List(vec![1.0.into()]);
        end.call(STAGE, "scale", &[points, 2.0.into()]).unwrap();
    }
    let trace = Trace::read(&recorder.finish().unwrap()).unwrap();
    assert_eq!(trace.packages().len(), 2);
    for (package, imports) in [(&quiet, 0), (&loud, 1)] {
        let replayed = Replay::new(&trace).run(END, package).unwrap();
        assert_eq!((replayed.exports, replayed.imports), (1, imports));
    }
}

#[test]
fn a_call_that_ran_out_of_what_it_shared_is_where_a_replay_may_end() {
    let limits = Limits::DEFAULT.with_time(Some(std::time::Duration::from_millis(300)));
    let recorder = Recorder::new(Vec::new(), 1 << 20);
    let linked = chain(1, Limits::DEFAULT).intercept(recorder.clone());
    let linked = linked.link::<Link<Lines>>("0").unwrap().with_limits(limits);
    let mut link = linked.unwrap().instantiate(Vec::new()).unwrap();
    link.stage().fail("spin").unwrap_err();
    let trace = Trace::read(&recorder.finish().unwrap()).unwrap();
    // The link did nothing but wait for the end.
    Replay::new(&trace).run("0", &load("chain-link")).unwrap();
    let end = load("chain-end").with_limits(limits).unwrap();
    Replay::new(&trace).run("end", &end).unwrap();
}
