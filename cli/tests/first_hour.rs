//! The guide's first chapter, done as its reader would: commands are run and say what they should, files are as they are
//! shown, and are written as they are shown.
//!
//! A comment before a block says what is to be done with it: `shows FILE`, `write FILE`; `fails`, of commands that are to
//! fail. Of a block of commands, each line that is no command has to be in what its command prints, in that order.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in a test, also outside of its function, a panic is a failure"
)]

mod common;

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use common::{path_variable, root, scratch};
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// For the new project's build: its programs are run a few times, so that what compiles fast counts.
const CONFIG: &str = "
[profile.dev]
debug = false

[profile.dev.package]
cranelift-codegen.opt-level = 0
cranelift-entity.opt-level = 0
cranelift-frontend.opt-level = 0
regalloc2.opt-level = 0
wasmparser.opt-level = 0
wasmtime-internal-cranelift.opt-level = 0
";

#[test]
fn the_first_chapter_is_true() {
    let chapter = fs::read_to_string(root().join("docs/guide/first-package.md")).unwrap();
    let mut reader = Reader::new();
    let mut done = 0;
    for block in blocks(&chapter) {
        done += usize::from(reader.follow(&block));
    }
    assert!(done > 12, "only {done} blocks were followed");
    reader.makes_a_host_alone();
}

struct Block {
    tag: String,
    /// The comment before it.
    comment: String,
    code: String,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut comment = String::new();
    let mut open: Option<Block> = None;
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(tag))) => {
                open = Some(Block {
                    tag: tag.to_string(),
                    comment: std::mem::take(&mut comment),
                    code: String::new(),
                });
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
            Event::Text(text) => match &mut open {
                Some(block) => block.code.push_str(&text),
                None => comment.clear(),
            },
            Event::Html(html) => {
                let inner = html.trim().strip_prefix("<!--");
                let inner = inner.and_then(|inner| inner.strip_suffix("-->"));
                comment = inner.unwrap_or_default().trim().to_owned();
            }
            _ => {}
        }
    }
    blocks
}

/// Who follows the chapter.
struct Reader {
    folder: PathBuf,
    /// The target folder of the last run, which spares compiling the engine again.
    kept: PathBuf,
}

impl Reader {
    fn new() -> Self {
        let folder = scratch("first-hour");
        let (project, kept) = (folder.join("hello"), folder.join("kept-target"));
        fs::create_dir_all(folder.join(".cargo")).unwrap();
        fs::write(folder.join(".cargo/config.toml"), CONFIG).unwrap();
        if project.join("target").exists() {
            let _ = fs::remove_dir_all(&kept);
            fs::rename(project.join("target"), &kept).unwrap();
        }
        let _ = fs::remove_dir_all(&project);
        Self { folder, kept }
    }

    /// Whether there was something to do.
    fn follow(&mut self, block: &Block) -> bool {
        let file = |name: &str| self.folder.join(name);
        match (block.tag.as_str(), block.comment.split_once(' ')) {
            ("text", _) => return false,
            ("console", _) => self.run_all(&block.code, block.comment == "fails"),
            (_, Some(("shows", name))) => {
                let text = fs::read_to_string(file(name)).unwrap();
                assert_eq!(text.trim_end(), block.code.trim_end(), "{name}");
            }
            (_, Some(("write", name))) => fs::write(file(name), &block.code).unwrap(),
            (tag, _) => panic!(
                "nothing is said of what to do with this {tag}:\n{}",
                block.code
            ),
        }
        true
    }

    /// A program for the same contract, which is given the package when it runs. The engine is compiled already.
    fn makes_a_host_alone(&self) {
        let cargo = "cd viewer && CARGO_TARGET_DIR=../target cargo";
        for (command, expected) in [
            (
                "cargo pack new host viewer --wit wit",
                "cargo run -- FILE.wasm",
            ),
            ("cp -v Cargo.lock viewer", "Cargo.lock"),
            (
                &format!("{cargo} run -- ../target/pack/hello-guest.wasm"),
                "hello is ready",
            ),
            (
                &format!("{cargo} test"),
                "what_is_no_package_is_refused ... ok",
            ),
        ] {
            self.run(command, &[expected], false);
        }
    }

    fn run_all(&mut self, code: &str, fails: bool) {
        let mut lines = code.lines().peekable();
        while let Some(line) = lines.next() {
            let command = line.strip_prefix("$ ").unwrap_or_else(|| panic!("{line}"));
            let mut expected = Vec::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                expected.push(line);
            }
            match command.strip_prefix("cd ") {
                Some(folder) => self.enter(folder),
                None => self.run(command, &expected, fails),
            }
        }
    }

    fn enter(&mut self, folder: &str) {
        self.folder.push(folder);
        // The versions that are here already.
        fs::copy(root().join("Cargo.lock"), self.folder.join("Cargo.lock")).unwrap();
        let _ = fs::rename(&self.kept, self.folder.join("target"));
    }

    fn run(&self, command: &str, expected: &[&str], fails: bool) {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("{command} 2>&1")])
            .current_dir(&self.folder);
        // What the cargo around this test has set is not the reader's.
        let own = |name: &str| name.starts_with("CARGO") && name != "CARGO_HOME";
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(own) {
                shell.env_remove(name);
            }
        }
        let output = shell
            .env("PATH", path_variable())
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.success(), !fails, "{command}\n{text}");
        let mut printed = text.lines();
        for wanted in expected {
            assert!(
                printed.any(|line| line.contains(wanted.trim_end())),
                "`{command}` does not print {wanted:?} in its place:\n{text}"
            );
        }
    }
}
