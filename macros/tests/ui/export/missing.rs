//! Exports that nothing provides.

pack::world!({ inline: "
    package demo:greeting;
    interface nowhere {
        a: func();
        b: func();
    }
    interface in-part {
        here: func(name: string) -> string;
        there: func(count: u32, names: list<string>);
    }
    world greeting {
        export nowhere;
        export in-part;
        export hello: func(name: string) -> string;
        export bye: func();
    }
" });

#[pack::export(exports::demo::greeting::in_part)]
fn here(name: String) -> String {
    name
}

#[pack::export]
fn hello(name: String) -> String {
    name
}

fn main() {}
