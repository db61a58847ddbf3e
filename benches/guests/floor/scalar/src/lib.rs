//! The least module, by hand.

#[unsafe(no_mangle)]
extern "C" fn add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}
