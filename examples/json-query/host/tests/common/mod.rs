//! What the tests share: running the program, and documents that are too large to keep.
#![allow(clippy::unwrap_used, reason = "these are parts of tests")]
#![allow(dead_code, reason = "not every test uses everything")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// How a run of the program ended.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the program on what is given to its standard input.
pub(crate) fn run_on(arguments: &[&str], input: &str) -> Outcome {
    let mut program = program(arguments).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = program.stdin.take().unwrap();
    let input = input.to_owned();
    // Written aside, since the program may end before it has read all of it.
    let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = program.wait_with_output().unwrap();
    writer.join().unwrap();
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs the program.
pub(crate) fn run(arguments: &[&str]) -> Outcome {
    run_on(arguments, "")
}

/// The program with its arguments, and its output kept.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_json-query"));
    command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The path of one of the documents that come with the example.
pub(crate) fn data(name: &str) -> String {
    format!("{}/../data/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A document of arrays and objects in turn, so many levels deep, with a number at the bottom.
pub(crate) fn deep_document(levels: usize) -> String {
    let mut text = String::new();
    for level in 0..levels {
        text.push_str(if level % 2 == 0 { "[" } else { "{\"in\":" });
    }
    text.push('7');
    for level in (0..levels).rev() {
        text.push(if level % 2 == 0 { ']' } else { '}' });
    }
    text
}

/// A filter that goes to the bottom of a [`deep_document`]. It is piped together from shorter ones,
/// since a filter may not be nested as deeply as a document.
pub(crate) fn way_down(levels: usize) -> String {
    let steps = vec![".[]"; levels];
    steps
        .chunks(100)
        .map(<[&str]>::concat)
        .collect::<Vec<_>>()
        .join(" | ")
}

/// A document of at least so many bytes: orders of a shop, each with a number and some lines.
pub(crate) fn large_document(bytes: usize) -> String {
    let mut text = String::from("{\"orders\":[");
    let mut seed: u64 = 1;
    let mut random = |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut number = 0;
    while text.len() < bytes {
        let separator = if number == 0 { "" } else { "," };
        let (customer, cents) = (random(5000), random(100_000));
        let (whole, fraction) = (cents / 100, cents % 100);
        write!(
            text,
            "{separator}{{\"number\":{number},\"customer\":\"customer {customer}\",\"paid\":{},\
             \"total\":{whole}.{fraction:02},\"lines\":[",
            random(2) == 0
        )
        .unwrap();
        for line in 0..=random(4) {
            let separator = if line == 0 { "" } else { "," };
            write!(
                text,
                "{separator}{{\"article\":{},\"count\":{}}}",
                random(1000),
                1 + random(9)
            )
            .unwrap();
        }
        text.push_str("],\"note\":null}");
        number += 1;
    }
    text.push_str("]}");
    text
}
