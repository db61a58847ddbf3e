//! The smallest package.

pack::world!("../wit");

#[pack::export]
fn greet(name: String) -> String {
    format!("Hello, {name}!")
}
