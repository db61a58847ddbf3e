//! Functions and methods of kinds that the host cannot call.

pack::world!({ inline: "
    package demo:greeting;
    interface greeter {
        greet: func(name: string) -> string;
        count: func() -> u32;
        first: func();
        second: func();
    }
    interface other { other: func(); }
    world greeting {
        export greeter;
        export other;
        export hello: func(name: string) -> string;
        export lend: func(text: string);
        export danger: func();
    }
" });

struct Package;

#[pack::export]
impl exports::demo::greeting::Greeter for Package {
    async fn greet(name: String) -> String {
        name
    }

    const fn count() -> u32 {
        3
    }

    unsafe fn first() {}

    extern "C" fn second() {}
}

#[pack::export]
impl<T> exports::demo::greeting::Other for Vec<T> {
    fn other() {}
}

#[pack::export]
async fn hello(name: String) -> String {
    name
}

#[pack::export]
fn lend<T>(_: T) {}

#[pack::export]
unsafe fn danger() {}

fn main() {}
