//! What must hold for any bytes at all: the targets of `fuzz`, with the bytes of their corpora and with these damaged.
//! `cargo xtask fuzz` looks for bytes of which it does not hold.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

#[global_allocator]
static ALLOCATOR: pack_fuzz::Counting = pack_fuzz::Counting;

/// Every file of a corpus, and each damaged so many times.
fn run(name: &str, times: u64) {
    let (_, target) = *pack_fuzz::TARGETS
        .iter()
        .find(|(target, _)| *target == name)
        .unwrap();
    let folder = Path::new("../fuzz/corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 10, "{} files", files.len());
    for file in files {
        let data = fs::read(&file).unwrap();
        let check = |data: &[u8], how: &dyn Fn() -> String| {
            if catch_unwind(AssertUnwindSafe(|| target(data))).is_err() {
                panic!("{}, {}: {}", file.display(), how(), data.escape_ascii());
            }
        };
        check(&data, &|| "as it is".into());
        for seed in 0..times {
            let damaged = pack_fuzz::damaged(&data, seed);
            check(&damaged, &|| format!("damaged with the seed {seed}"));
        }
    }
}

#[test]
fn wire() {
    run("wire", 50);
}

#[test]
fn metadata() {
    run("metadata", 10);
}

#[test]
fn wit() {
    run("wit", 4);
}

#[test]
fn value_text() {
    run("value_text", 50);
}

#[test]
fn call() {
    run("call", 10);
}
