//! `exports` is what `world!` and `package!` make.

#[pack::export]
fn greet(name: String) -> String {
    name
}

fn main() {}
