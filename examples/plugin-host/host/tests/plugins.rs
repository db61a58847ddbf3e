//! A folder of plugins, some of which do what they should not.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in a test, also outside of its function, a panic is a failure"
)]

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use pack_runtime::{Error, LimitKind};
use plugin_host::{Answer, Event, LIMITS, Plugins};

const CLUMSY: &str = env!("PLUGIN_CLUMSY");
const GREET: &str = env!("PLUGIN_GREET");
const SHOUT: &str = env!("PLUGIN_SHOUT");
const STUCK: &str = env!("PLUGIN_STUCK");

/// Puts a file into the folder, and says that it is newer than what was there.
fn put(folder: &Path, name: &str, from: impl AsRef<Path>) {
    let to = folder.join(name).with_extension("wasm");
    let before = fs::metadata(&to).and_then(|file| file.modified());
    fs::copy(from, &to).unwrap();
    let newer = before.unwrap_or(SystemTime::UNIX_EPOCH) + Duration::from_secs(1);
    let file = fs::File::options().write(true).open(&to).unwrap();
    file.set_modified(newer).unwrap();
}

fn events(plugins: &mut Plugins) -> Vec<String> {
    let events = plugins.refresh().unwrap();
    let events = events
        .into_iter()
        .map(|(name, event)| format!("{name}: {event}"));
    events.collect()
}

/// What each plugin answers; the engine's errors as their first line.
fn answers(plugins: &mut Plugins, line: &str) -> Vec<String> {
    let text = |Answer { plugin, line, .. }: Answer| match line {
        Ok(Ok(line)) => format!("{plugin}: {line}"),
        Ok(Err(message)) => format!("{plugin}: error: {message}"),
        Err(error) => format!("{plugin}: {}", error.to_string().lines().next().unwrap()),
    };
    plugins.change(line).into_iter().map(text).collect()
}

#[test]
fn what_one_plugin_does_is_no_concern_of_the_others() {
    let folder = tempfile::tempdir().unwrap();
    for (name, from) in [("a", SHOUT), ("b", STUCK), ("c", CLUMSY), ("d", GREET)] {
        put(folder.path(), name, from);
    }
    let mut plugins = Plugins::new(folder.path()).unwrap();
    assert_eq!(
        events(&mut plugins),
        ["a: loaded", "b: loaded", "c: loaded", "d: loaded"]
    );
    assert_eq!(
        answers(&mut plugins, "some words"),
        [
            "a: SOME WORDS!",
            "b: some words",
            "c: some",
            "d: Hello, some words!"
        ]
    );
    assert_eq!(
        answers(&mut plugins, "wait"),
        [
            "a: WAIT!",
            "b: change: the package may use 250ms of time, and needs more (the limit is `Limits::time`)",
            "c: wait",
            "d: Hello, wait!",
        ]
    );
    assert_eq!(
        answers(&mut plugins, "hoard")[1],
        "b: change: the package may use 16777216 bytes of memory, and needs more (the limit is `Limits::memory`)"
    );
    let empty = answers(&mut plugins, "");
    assert_eq!(empty[0], "a: error: there is nothing to shout");
    assert!(
        empty[2].starts_with("c: change: the package panicked at "),
        "{}",
        empty[2]
    );
    assert!(empty[2].ends_with("index out of bounds: the len is 0 but the index is 0"));
    // All of them are there again; only those that failed have forgotten what they knew.
    let again = plugins.change("x");
    assert!(
        again.iter().all(|answer| matches!(answer.line, Ok(Ok(_)))),
        "{again:?}"
    );
    assert_eq!(again[3].log, ["greeting number 5"]);
}

#[test]
fn plugins_come_change_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let mut plugins = Plugins::new(folder.path()).unwrap();
    assert!(events(&mut plugins).is_empty());
    fs::write(folder.path().join("notes.txt"), "not a plugin").unwrap();
    put(folder.path(), "p", SHOUT);
    assert_eq!(events(&mut plugins), ["p: loaded"]);
    assert!(events(&mut plugins).is_empty());
    put(folder.path(), "p", GREET);
    assert_eq!(events(&mut plugins), ["p: replaced"]);
    assert_eq!(answers(&mut plugins, "you"), ["p: Hello, you!"]);
    // What is no plugin does not take the place of one that works.
    put(
        folder.path(),
        "p",
        file!()
            .rsplit('/')
            .next()
            .map(|file| Path::new("tests").join(file))
            .unwrap(),
    );
    let refused = plugins.refresh().unwrap();
    assert!(
        matches!(&refused[..], [(_, Event::Refused(Error::NotWasm { .. }))]),
        "{refused:?}"
    );
    assert_eq!(answers(&mut plugins, "you"), ["p: Hello, you!"]);
    assert!(events(&mut plugins).is_empty(), "it is not tried again");
    fs::remove_file(folder.path().join("p.wasm")).unwrap();
    assert_eq!(events(&mut plugins), ["p: removed"]);
    assert!(answers(&mut plugins, "you").is_empty());
}

#[test]
fn a_plugin_can_have_limits_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "s", STUCK);
    let mut plugins = Plugins::new(folder.path()).unwrap();
    plugins.set_limits("s", LIMITS.with_memory(4 << 20));
    plugins.refresh().unwrap();
    let answer = plugins.change("hoard").remove(0).line.unwrap_err();
    assert_eq!(answer.limit(), Some(LimitKind::Memory(4 << 20)));
}
