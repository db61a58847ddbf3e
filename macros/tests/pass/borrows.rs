//! Functions that borrow what they are passed, with lifetimes of their own, and under other names.

#![deny(warnings)]

mod bindings {
    pack::world!({ inline: "
        package demo:shop;
        interface stock {
            record item { name: string, tags: list<string> }
            variant tree { leaf(item), inner(list<tree>) }
            type trees = list<tree>;
            record tree-ref { id: u32, of: string }
            pick: func(a: string, b: string, first: bool) -> string;
            names: func(items: list<item>) -> list<string>;
            depth: func(trees: trees) -> u32;
            same: func(tree: tree, by: tree-ref, limit: option<u32>) -> bool;
            numbers: func(of: list<s16>, scale: s16) -> list<s16>;
            constant: func() -> string;
            table: func(of: map<string, list<tree>>) -> u32;
        }
        world shop { export stock; export hash: func(bytes: list<u8>) -> u32; }
    " });
}

use bindings::demo::shop::stock::{Item, TreeRefRef, TreeView, TreesRef};
use bindings::exports;
use pack::view::{ListRef, MapRef};

type Text<'t> = &'t str;

#[pack::export(exports::demo::shop::stock)]
fn pick<'t, 'o>(a: &'t str, _b: Text<'o>, _first: bool) -> &'t str
where
    't: 't,
{
    a
}

#[pack::export(exports::demo::shop::stock)]
fn names(items: Vec<Item>) -> Vec<String> {
    items.into_iter().map(|item| item.name).collect()
}

#[pack::export(exports::demo::shop::stock)]
fn depth(trees: TreesRef<'_>) -> u32 {
    fn of(tree: TreeView<'_>) -> u32 {
        match tree {
            TreeView::Leaf(item) => item.tags.iter().map(|tag| u32::from(!tag.is_empty())).sum(),
            TreeView::Inner(trees) => 1 + trees.iter().map(of).max().unwrap_or(0),
        }
    }
    trees.iter().map(of).max().unwrap_or(0)
}

#[pack::export(exports::demo::shop::stock)]
fn same(tree: TreeView<'_>, by: TreeRefRef<'_>, limit: Option<u32>) -> bool {
    format!("{tree:?}").len() == by.of.len() && limit == Some(by.id)
}

#[pack::export(exports::demo::shop::stock)]
fn numbers(of: ListRef<'_, i16>, scale: i16) -> Vec<i16> {
    of.iter().map(|number| number * scale).collect()
}

#[pack::export(exports::demo::shop::stock)]
fn constant() -> &'static str {
    "always the same"
}

#[pack::export(exports::demo::shop::stock)]
fn table(of: MapRef<'_, String, Vec<bindings::demo::shop::stock::Tree>>) -> u32 {
    of.iter().map(|(_, trees)| depth(trees)).sum()
}

#[pack::export(exports)]
fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().map(|byte| u32::from(*byte)).sum()
}

fn main() {
    assert_eq!(pick("a", "b", true), constant().get(..1).unwrap());
}
