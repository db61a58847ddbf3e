//! A component that calls another one.

wit_bindgen::generate!({ path: "../../../wit/composed.wit", world: "relay" });

use bench::composed::arithmetic;

struct Package;

export!(Package);

impl Guest for Package {
    fn add(a: i64, b: i64) -> i64 {
        arithmetic::add(a, b)
    }

    fn echo(text: String) -> String {
        arithmetic::echo(&text)
    }
}
