//! A Pack package that calls another one.

pack::world!({ path: "../../../wit/composed.wit", world: "relay" });

use bench::composed::arithmetic;

#[pack::export]
fn add(a: i64, b: i64) -> i64 {
    arithmetic::add(a, b)
}

#[pack::export]
fn echo(text: String) -> String {
    arithmetic::echo(&text)
}
