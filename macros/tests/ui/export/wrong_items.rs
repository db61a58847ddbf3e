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
struct Nothing;

#[pack::export]
impl Package {
    fn greet() {}
}

#[pack::export]
impl<T> Greeter for Vec<T> {
    fn greet(name: String) -> String {
        name
    }
    fn count() -> u32 {
        0
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

#[pack::export]
async fn hello(name: String) -> String {
    name
}

mod generic {
    #[pack::export]
    fn hello<T>(_: T) -> String {
        String::new()
    }
}

mod danger {
    #[pack::export]
    unsafe fn hello(name: String) -> String {
        name
    }
}

mod arguments {
    #[pack::export(3 + 4)]
    fn hello(name: String) -> String {
        name
    }
}

fn main() {}
