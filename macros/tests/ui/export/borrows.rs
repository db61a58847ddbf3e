//! What is borrowed is so for the time of the call.

pack::world!({ inline: "
    package demo:shop;
    world shop {
        record item { name: string }
        export keep: func(text: string);
        export first: func(items: list<item>) -> string;
        export second: func(items: list<item>) -> list<u8>;
        export third: func(bytes: list<u8>);
    }
" });

#[pack::export]
fn keep(text: &'static str) {
    std::thread::spawn(move || println!("{text}"));
}

#[pack::export]
fn first<'a>(items: pack::view::ListRef<'a, Item>) -> &'static str {
    items.first().map_or("", |item| item.name)
}

#[pack::export]
fn second(items: Vec<Item>) -> &[u8] {
    items[0].name.as_bytes()
}

#[pack::export]
fn third(bytes: &mut Vec<u8>) {
    bytes.clear();
}

fn main() {}
