pack::world!({ inline: "
    package demo:greeting;
    interface greeter {
        greet: func(name: string) -> string;
        count: func() -> u32;
    }
    world greeting { export greeter; export hello: func(name: string) -> string; }
" });

#[pack::export]
fn goodbye() {}

#[pack::export(exports::demo::greeting::greeter)]
fn leave() {}

fn main() {}
