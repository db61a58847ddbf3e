//! Without its prelude a module lacks the compiler's own `diagnostic` as well, for which there is no other path. The
//! exports of a world quote the WIT through it. Everything else is in `tests/pass/no_implicit_prelude.rs`.
#![no_implicit_prelude]

::pack::world!({ inline: "
    package demo:greeting;
    world greeting { export greet: func(name: string) -> string; }
" });

#[::pack::export]
fn greet(name: ::std::string::String) -> ::std::string::String {
    name
}

fn main() {}
