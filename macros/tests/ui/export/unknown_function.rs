//! Functions that the WIT does not have.

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

#[pack::export]
fn helo(name: String) -> String {
    name
}

#[pack::export]
fn count() -> u32 {
    3
}

#[pack::export(exports::demo::greeting::greeter)]
fn greet(name: String) -> String {
    name
}

#[pack::export(exports::demo::greeting::greeter)]
fn leave() {}

mod no_functions {
    pack::world!({ partial_exports: true, inline: "
        package demo:greeting;
        interface greeter {
            greet: func(name: string) -> string;
        }
        world greeting {
            export greeter;
        }
    " });

    #[pack::export]
    fn shout(name: String) -> String {
        name
    }
}

fn main() {}
