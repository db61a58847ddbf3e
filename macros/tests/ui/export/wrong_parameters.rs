//! Too many parameters, too few, and receivers.

pack::world!({ inline: "
    package demo:greeting;
    interface greeter {
        greet: func(name: string) -> string;
        count: func();
        join: func(first: string, second: string) -> string;
        state: func() -> u32;
    }
    world greeting {
        export greeter;
        export hello: func(name: string) -> string;
        export stop: func();
    }
" });

struct Package;

#[pack::export]
impl exports::demo::greeting::Greeter for Package {
    fn greet(name: String, loud: bool) -> String {
        if loud { name.to_uppercase() } else { name }
    }

    fn count(_: u32) {}

    fn join(first: String) -> String {
        first
    }

    fn state(&self) -> u32 {
        3
    }
}

#[pack::export]
fn hello() -> String {
    String::new()
}

#[pack::export]
fn stop(_now: bool, _really: bool) {}

fn main() {}
