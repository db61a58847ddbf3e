//! Types that are not those of the WIT.

pack::world!({ inline: "
    package demo:shop;
    interface types {
        record item { name: string, price: f64 }
        variant filter { all, named(string) }
    }
    interface shop {
        use types.{item, filter};
        add: func(item: item, count: u32) -> result<u32, string>;
        find: func(filter: filter) -> list<item>;
        clear: func();
        restock: func(
            items: list<item>,
            limit: option<u32>,
        ) -> bool;
    }
    world supermarket {
        export shop;
        export greet: func(name: string) -> string;
        export size: func(texts: list<string>) -> tuple<u8, s16>;
        export ping: func();
    }
" });

use exports::demo::shop::Shop;

struct Package;

/// Not the one of the WIT.
struct Item;

#[pack::export]
impl Shop for Package {
    fn add(item: Item, count: u64) -> Result<u32, &'static str> {
        if count == 0 {
            return Err("no items");
        }
        let _ = item;
        Ok(3)
    }

    fn find(_: &demo::shop::types::Filter) -> Vec<demo::shop::types::Item> {
        Vec::new()
    }

    fn clear() -> bool {
        Self::find(demo::shop::types::Filter::All).is_empty()
    }

    fn restock(items: Vec<Item>, limit: Option<u32>) {
        drop((items, limit));
    }
}

#[pack::export]
fn greet(name: Vec<u8>) -> Option<String> {
    String::from_utf8(name).ok()
}

#[pack::export]
fn size(texts: &[String]) -> impl Sized {
    texts.len()
}

#[pack::export]
fn ping() -> std::borrow::Cow<'static, str> {
    "pong".into()
}

fn main() {}
