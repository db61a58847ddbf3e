//! The least Pack package.

pack::world!("../../../wit/scalar.wit");

#[pack::export]
fn add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}
