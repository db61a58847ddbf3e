//! Each export is there once.

pack::world!({ inline: "
    package demo:greeting;
    interface greeter {
        greet: func(name: string) -> string;
        count: func() -> u32;
    }
    world greeting {
        export greeter;
        export hello: func(name: string) -> string;
    }
" });

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

struct Package;

#[pack::export]
impl exports::demo::greeting::Greeter for Package {
    fn greet(name: String) -> String {
        name
    }
    fn count() -> u32 {
        0
    }
}

#[pack::export(exports::demo::greeting::greeter)]
fn count() -> u32 {
    0
}

fn main() {}
