//! The least Pack package, without the standard library.
#![no_std]

pack::world!("../../../wit/scalar.wit");

#[pack::export]
fn add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}
