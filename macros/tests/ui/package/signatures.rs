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

fn main() {}
