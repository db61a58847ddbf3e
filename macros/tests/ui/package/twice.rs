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

fn main() {}
