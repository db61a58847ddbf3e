//! What the commands print, bad input included: the transcripts in `golden`, and those of the guide's chapter.
//!
//! `TRYCMD=overwrite cargo test -p cargo-pack --test transcripts` takes over what is printed now.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in a test, also outside of its function, a panic is a failure"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use common::{path_variable, root, scratch};
use pack_guest_build::{GuestBuild, Toolchain};

const GREETING_2: &str = "
package demo:greeting;

world greeting {
    export greet: func(name: list<string>) -> string;
    export shout: func();
}
";

/// Two worlds of one package.
const SHOPS: &str = "
package demo:shop;

world old {
    record item { name: string, price: u32 }
    export find: func(name: string) -> option<item>;
    export all: func() -> list<item>;
}

world new {
    record item { name: string, price: u64 }
    export find: func(name: string) -> option<item>;
    export all: func() -> list<item>;
}
";

/// A contract whose imports need answers.
const CLOCK: &str = "
package demo:clock;

interface clock { now: func() -> u64; }

world waker {
    import clock;
    export wake: func();
}
";

/// Transcripts, and where each comes from. They are run in a folder that has what they work on.
struct Stage {
    folder: PathBuf,
    transcripts: Vec<(PathBuf, PathBuf)>,
}

impl Stage {
    fn new() -> Self {
        let folder = scratch("transcripts");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let golden = fs::read_dir(root().join("cli/tests/golden")).unwrap();
        let mut sources: Vec<PathBuf> = golden.map(|file| file.unwrap().path()).collect();
        sources.push(root().join("docs/guide/cargo-pack.md"));
        let files = Self::files();
        let mut transcripts = Vec::new();
        for source in sources {
            let copy = folder.join(source.file_name().unwrap());
            fs::copy(&source, &copy).unwrap();
            let around = copy.with_extension("in");
            fs::create_dir(&around).unwrap();
            for (name, bytes) in &files {
                fs::write(around.join(name), bytes).unwrap();
            }
            transcripts.push((source, copy));
        }
        Self {
            folder,
            transcripts,
        }
    }

    fn files() -> Vec<(&'static str, Vec<u8>)> {
        let (greeting, json_query) = (example("greeting/guest"), example("json-query/guest"));
        let notebook = example("resources/guest");
        let greeting_wit = fs::read(root().join("examples/greeting/wit/greeting.wit")).unwrap();
        let waker = waker();
        let truncated = greeting[..greeting.len() / 2].to_vec();
        vec![
            ("greeting.wasm", greeting),
            ("json-query.wasm", json_query),
            ("truncated.wasm", truncated),
            ("notebook.wasm", notebook),
            ("waker.wasm", waker),
            ("component.wasm", b"\0asm\x0d\0\x01\0".to_vec()),
            ("bare.wasm", wat::parse_str("(module)").unwrap()),
            ("text.wasm", b"this is text".to_vec()),
            ("greeting.wit", greeting_wit),
            ("greeting-2.wit", GREETING_2.into()),
            ("shop.wit", SHOPS.into()),
            (
                "wrong.wit",
                b"package a:b;\nworld w { export f: func(x: lst); }\n".to_vec(),
            ),
            ("seven.json", b"7\n".to_vec()),
            ("seven.wave", b"seven\n".to_vec()),
            ("wrong.trace", b"this is no trace".to_vec()),
        ]
    }
}

/// A package of the examples.
fn example(guest: &str) -> Vec<u8> {
    static TOOLCHAIN: LazyLock<Toolchain> = LazyLock::new(|| Toolchain::find().unwrap());
    let build = GuestBuild::new(root().join("examples").join(guest)).profile("guest");
    std::fs::read(build.build(&TOOLCHAIN).unwrap()).unwrap()
}

/// A package that is put together by hand: it calls `now` of its host, and traps.
fn waker() -> Vec<u8> {
    use pack_codegen::wit::{Source, parse};
    let world = parse(&Source::Inline(CLOCK.to_owned()), None).unwrap();
    let metadata = pack_abi::metadata::write(world.contract.schema());
    let escaped: String = metadata
        .iter()
        .map(|byte| format!("\\{byte:02x}"))
        .collect();
    wat::parse_str(format!(
        r#"(module
            (import "demo:clock/clock" "now" (func $now (result i64)))
            (memory (export "memory") 1)
            (data (i32.const 0) "{escaped}")
            (@custom "pack:schema" "{escaped}")
            (func (export "__pack_types") (result i64) (i64.const {}))
            (func (export "$root#wake")
                (if (i64.ne (call $now) (i64.const 7)) (then (unreachable)))))"#,
        metadata.len() << 32,
    ))
    .unwrap()
}

/// Takes over what was printed, if that is wanted.
impl Drop for Stage {
    fn drop(&mut self) {
        if std::env::var_os("TRYCMD").is_none_or(|mode| mode != "overwrite") {
            return;
        }
        for (source, copy) in &self.transcripts {
            let _ = fs::copy(copy, source);
        }
    }
}

#[test]
fn the_commands_print_what_the_transcripts_say() {
    let stage = Stage::new();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let path = path_variable();
    trycmd::TestCases::new()
        .register_bin("cargo", Path::new(&cargo))
        .env("PATH", path.to_str().unwrap())
        .env("NO_COLOR", "1")
        .case(stage.folder.join("*.md"))
        .run();
}

/// As in `cargo pack diff old new | head`.
#[test]
fn that_nobody_reads_the_answer_does_not_change_it() {
    let folder = scratch("nobody-reads");
    fs::create_dir_all(&folder).unwrap();
    let shops = folder.join("shop.wit");
    fs::write(&shops, SHOPS).unwrap();
    for format in [&[][..], &["--json"]] {
        let mut diff = Command::new(env!("CARGO_BIN_EXE_cargo-pack"));
        diff.args(["diff", "--world", "old", "--other-world", "new"])
            .args(format)
            .args([&shops, &shops])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut diff = diff.spawn().unwrap();
        drop(diff.stdout.take());
        let output = diff.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    }
}
