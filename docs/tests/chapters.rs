//! What a guide promises besides its programs: that every block is checked by something, that links lead somewhere, and
//! that no chapter is left out.
//!
//! Blocks of the guide are of these languages:
//!
//! | tag | what checks it |
//! | --- | --- |
//! | `rust` | it is a doctest, of `guide.rs` |
//! | `rust,ignore` | it is a file, which a comment before it names, and which the build script compiles |
//! | `wit` | it is read here. If a comment before it names a file, it is that file |
//! | `toml`, `json` | it is read here |
//! | `console` | its commands are of this repository; of two chapters they are run, by tests of `cargo-pack` |
//! | `text` | nothing |
//!
//! A `wit` block is a package. One that does not begin with `package` is a fragment of one: it gets a name, and a world that
//! imports its interfaces if it has no world.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use pack_codegen::wit::{Source, parse};
use pulldown_cmark::{CodeBlockKind, CowStr, Event, Parser, Tag, TagEnd};

/// Chapters that are done as they are read, by tests of `cargo-pack`: their commands are run there, and what a comment says of
/// a block (`shows FILE`, `write FILE`, `fails`) is for them.
const DONE_AS_READ: [&str; 2] = ["guide/first-package.md", "guide/cargo-pack.md"];

fn docs() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The texts of a folder of `docs`, by their paths in there.
fn texts(folder: &str) -> BTreeMap<String, String> {
    let files = fs::read_dir(docs().join(folder)).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let texts = paths.filter(|path| path.extension().is_some_and(|e| e == "md"));
    let path = |path: &PathBuf| {
        let path = path.strip_prefix(docs()).unwrap().to_str().unwrap();
        path.replace('\\', "/")
    };
    texts.map(|text| (path(&text), read(&text))).collect()
}

/// All texts but the summary.
fn all_texts() -> BTreeMap<String, String> {
    let mut all = texts("");
    all.remove("SUMMARY.md").unwrap();
    all.extend(texts("guide"));
    all.extend(texts("adr"));
    all
}

/// A block of code.
struct Block {
    /// Its chapter, for messages.
    chapter: String,
    tag: String,
    code: String,
    /// The file that a comment before it names, from `docs`.
    file: Option<String>,
}

impl Block {
    fn fail(&self, problem: impl std::fmt::Display) -> ! {
        panic!("{}: {problem}:\n\n{}", self.chapter, self.code)
    }
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    for (chapter, text) in texts("guide") {
        let mut file = None;
        let mut open: Option<Block> = None;
        for event in Parser::new(&text) {
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(tag))) => {
                    open = Some(Block {
                        chapter: chapter.clone(),
                        tag: tag.to_string(),
                        code: String::new(),
                        file: file.take(),
                    });
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => {
                    panic!("{chapter}: a block that is indented has no language")
                }
                Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
                Event::Text(text) => match &mut open {
                    Some(block) => block.code.push_str(&text),
                    None => file = None,
                },
                Event::Html(html) => {
                    let comment = html.trim().strip_prefix("<!--");
                    let comment = comment.and_then(|comment| comment.strip_suffix("-->"));
                    file = comment.map(|comment| comment.trim().to_owned());
                }
                _ => {}
            }
        }
    }
    blocks
}

#[test]
fn every_block_is_checked_by_something() {
    for block in blocks() {
        let is_done = DONE_AS_READ.contains(&block.chapter.as_str());
        match block.tag.as_str() {
            "console" if is_done => {}
            "rust" | "text" => {}
            "rust,ignore" if block.file.is_some() => {}
            "wit" => check_wit(&block),
            "toml" => {
                if let Err(error) = block.code.parse::<toml::Table>() {
                    block.fail(error);
                }
            }
            "json" => {
                if let Err(error) = serde_json::from_str::<serde_json::Value>(&block.code) {
                    block.fail(error);
                }
            }
            "console" => check_commands(&block),
            tag => block.fail(format!("no block has the tag `{tag}`")),
        }
        if let Some(file) = block.file.as_ref().filter(|_| !is_done) {
            let text = read(&docs().join(file));
            assert!(
                text.trim_end() == block.code.trim_end(),
                "{} does not show {file} as it is",
                block.chapter
            );
        }
    }
}

fn check_wit(block: &Block) {
    let names = |keyword: &str| -> Vec<&str> {
        let lines = block.code.lines();
        let declared = lines.filter_map(|line| line.strip_prefix(keyword)?.split(' ').next());
        declared.collect()
    };
    let mut wit = block.code.clone();
    let mut worlds = names("world ");
    if names("package ").is_empty() {
        wit.insert_str(0, "package guide:fragment;\n");
    }
    if worlds.is_empty() {
        let imports = names("interface ").into_iter();
        let imports: String = imports.map(|name| format!("import {name}; ")).collect();
        wit.push_str(&format!("world the-fragment {{ {imports} }}\n"));
        worlds.push("the-fragment");
    }
    for world in worlds {
        if let Err(error) = parse(&Source::Inline(wit.clone()), Some(world)) {
            block.fail(error);
        }
    }
}

fn check_commands(block: &Block) {
    let commands: Vec<&str> = block
        .code
        .lines()
        .filter_map(|line| line.strip_prefix("$ "))
        .collect();
    if commands.is_empty() || !block.code.starts_with("$ ") {
        block.fail("it does not begin with a command, `$ cargo …`");
    }
    let ours = ["cargo xtask ", "cargo test", "cargo pack "];
    for command in commands {
        if !ours.iter().any(|our| command.starts_with(our)) {
            block.fail(format!("`{command}` is no command of this repository"));
        }
    }
}

#[test]
fn every_chapter_is_a_module_whose_blocks_are_doctests() {
    let modules = read(&docs().join("guide.rs"));
    for chapter in texts("guide").keys() {
        assert!(
            modules.contains(&format!("\"{chapter}\"")),
            "{chapter} is not among the chapters of guide.rs"
        );
    }
}

fn links(text: &str) -> Vec<CowStr<'_>> {
    let links = Parser::new(text).filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url),
        _ => None,
    });
    links.collect()
}

/// What links can name in a text: its headings, as lower-case words with hyphens.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut heading: Option<String> = None;
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let words = heading.take().unwrap_or_default().to_lowercase();
                let anchor = words.chars().filter_map(|c| match c {
                    ' ' => Some('-'),
                    c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
                    _ => None,
                });
                anchors.insert(anchor.collect());
            }
            _ => {}
        }
    }
    anchors
}

#[test]
fn links_lead_somewhere() {
    let mut texts = all_texts();
    for text in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        let path = format!("../{text}");
        let text = read(&docs().join(&path));
        texts.insert(path, text);
    }
    let mut wrong = Vec::new();
    for (name, text) in &texts {
        let folder = docs().join(name).parent().unwrap().to_owned();
        for link in links(text) {
            if link.contains("://") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match path {
                "" => docs().join(name),
                path => folder.join(path),
            };
            if !target.exists() {
                wrong.push(format!("{name}: {link} is not there"));
            } else if !anchor.is_empty() && !anchors(&read(&target)).contains(anchor) {
                wrong.push(format!("{name}: {link} has no such heading"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_summary_lists_every_text_and_nothing_else() {
    let summary = read(&docs().join("SUMMARY.md"));
    let mut listed = BTreeSet::new();
    for link in links(&summary) {
        assert!(listed.insert(link.to_string()), "{link} is listed twice");
    }
    let written: BTreeSet<String> = all_texts().into_keys().collect();
    let left_out: Vec<&String> = written.difference(&listed).collect();
    assert!(left_out.is_empty(), "SUMMARY does not list {left_out:?}");
    let missing: Vec<&String> = listed.difference(&written).collect();
    assert!(
        missing.is_empty(),
        "SUMMARY lists {missing:?}, which are not there"
    );
}
