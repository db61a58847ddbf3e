//! Each function is there once.

pack::package!("demo:greeting");

mod one {
    use super::exports;

    #[pack::export]
    fn hello(name: String) -> String {
        name
    }
}

mod two {
    use super::exports;

    #[pack::export]
    fn hello(name: String) -> String {
        name
    }
}

// Two names in Rust, one in WIT.

#[pack::export]
fn good_bye() {}

#[pack::export]
#[allow(non_snake_case, reason = "it is tested")]
fn goodBye() {}

fn main() {}
