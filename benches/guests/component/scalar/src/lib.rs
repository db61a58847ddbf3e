//! The least component.

wit_bindgen::generate!({ path: "../../../wit/scalar.wit", world: "scalar" });

struct Package;

export!(Package);

impl Guest for Package {
    fn add(a: i64, b: i64) -> i64 {
        a.wrapping_add(b)
    }
}
