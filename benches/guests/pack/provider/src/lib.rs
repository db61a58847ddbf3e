//! A Pack package that another one calls.

pack::world!({ path: "../../../wit/composed.wit", world: "provider" });

struct Package;

#[pack::export]
impl exports::bench::composed::Arithmetic for Package {
    fn add(a: i64, b: i64) -> i64 {
        a.wrapping_add(b)
    }

    fn echo(text: String) -> String {
        text
    }
}
