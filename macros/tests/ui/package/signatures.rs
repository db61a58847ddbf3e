//! Functions that no contract has.

pack::package!("demo:greeting");

struct NotDerived;

#[pack::export]
fn underived(a: NotDerived) {
    let _ = a;
}

#[pack::export]
fn returns_underived() -> NotDerived {
    NotDerived
}

#[pack::export]
fn borrows(name: &str) -> String {
    name.to_owned()
}

#[pack::export]
fn nameless(_: u8, (a, b): (u8, u8)) {
    let _ = (a, b);
}

#[pack::export]
async fn later() {}

#[pack::export]
fn generic<T>(value: T) {
    drop(value);
}

#[pack::export]
fn opaque(value: impl Copy) -> Option<impl Copy> {
    Some(value)
}

#[pack::export]
fn never() -> ! {
    panic!()
}

#[pack::export]
fn on_a_condition(a: u8, #[cfg(any())] b: Missing) {
    let _ = a;
}

fn main() {}
