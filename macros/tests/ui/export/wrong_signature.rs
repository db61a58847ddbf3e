pack::world!({ inline: "
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
impl Greeter for Package {
    fn greet(_: String) -> u32 {
        3
    }

    fn count() -> u32 {
        3
    }
}

#[pack::export]
fn hello(_: Vec<u8>) -> String {
    String::new()
}

fn main() {}
