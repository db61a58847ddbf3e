//! A component that another one calls.

wit_bindgen::generate!({ path: "../../../wit/composed.wit", world: "provider" });

struct Package;

export!(Package);

impl exports::bench::composed::arithmetic::Guest for Package {
    fn add(a: i64, b: i64) -> i64 {
        a.wrapping_add(b)
    }

    fn echo(text: String) -> String {
        text
    }
}
