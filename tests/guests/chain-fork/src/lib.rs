//! Asks two others, which may ask the same one.

pack::world!({ path: "../../wit/chain.wit", world: "fork" });

use test::chain::{left, right};

#[pack::export]
fn echo(text: String) -> String {
    let left = left::echo(&format!("{text} left"));
    format!("{left}, {}", right::echo(&format!("{text} right")))
}

#[pack::export]
fn count() -> u32 {
    left::count() * 10 + right::count()
}
