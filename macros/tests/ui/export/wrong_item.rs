//! Items that cannot be exported at all.

pack::world!({ partial_exports: true, inline: "
    package demo:greeting;
    interface greeter {
        greet: func(name: string) -> string;
        count: func() -> u32;
    }
    world greeting { export greeter; export hello: func(name: string) -> string; }
" });

use exports::demo::greeting::Greeter;

struct Package;

#[pack::export]
struct Nothing;

#[pack::export]
impl Package {
    fn greet() {}
}

mod arguments {
    #[pack::export(3 + 4)]
    fn hello(name: String) -> String {
        name
    }
}

mod not_there {
    #[pack::export]
    fn hello(name: String) -> String {
        name
    }

    #[pack::export(crate::exports::demo::greeting::greter)]
    fn count() -> u32 {
        3
    }
}

#[pack::export(greeter)]
impl Greeter for Package {
    fn greet(name: String) -> String {
        name
    }
    fn count() -> u32 {
        0
    }
}

fn main() {}
