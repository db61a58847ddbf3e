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
            record span { start: u32, end: u32 }
            enum side { left, right }
            record tick { id: u16, kind: u16, at: u32, by: list<u8, 8>, over: span }
            record gap { kind: u8, at: u32 }
            last: func(ticks: list<tick>, gaps: list<gap>) -> list<span>;
            shift: func(spans: list<span>, by: u32) -> list<span>;
            longest: func(spans: list<span>) -> span;
            flip: func(sides: list<side>) -> u32;
            constant: func() -> string;
            table: func(of: map<string, list<tree>>) -> u32;
        }
        world shop { export stock; export hash: func(bytes: list<u8>) -> u32; }
    " });
}

use bindings::demo::shop::stock::{Gap, Item, Side, Span, Tick, TreeRefRef, TreeView, TreesRef};
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
fn shift(spans: &mut [Span], by: u32) -> &[Span] {
    for span in &mut *spans {
        span.start += by;
        span.end += by;
    }
    spans
}

#[pack::export(exports::demo::shop::stock)]
fn longest<'s>(spans: &'s [Span]) -> Span {
    *spans.iter().max_by_key(|span| span.end - span.start).unwrap()
}

#[pack::export(exports::demo::shop::stock)]
fn last<'s>(ticks: &'s [Tick], _gaps: &mut [Gap]) -> &'s [Span] {
    ticks.last().map_or(&[], |tick| core::slice::from_ref(&tick.over))
}

#[pack::export(exports::demo::shop::stock)]
fn flip(sides: &mut [Side]) -> u32 {
    sides.reverse();
    u32::from(sides.first() == Some(&Side::Left))
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
    // Their fields are in order, as they are on the wire.
    assert!(<Tick as pack::__private::Encode>::PLAIN.is_some() && <Span as pack::__private::Encode>::PLAIN.is_some());
    assert!(<Gap as pack::__private::Encode>::PLAIN.is_none());
    let mut spans = [Span { start: 1, end: 3 }, Span { start: 2, end: 3 }];
    assert_eq!(longest(shift(&mut spans, 4)), Span { start: 5, end: 7 });
    assert_eq!(flip(&mut [Side::Right, Side::Left]), 1);
    assert_eq!(pick("a", "b", true), constant().get(..1).unwrap());
}
