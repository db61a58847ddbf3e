//! Of an interface of which nothing is there, all that it takes is said at once.

pack::world!({ inline: "
    package demo:counting;
    interface counters {
        resource counter { get: func() -> u32; }
        resource even { half: func() -> u32; }
        sum: func(counters: list<borrow<counter>>) -> u32;
    }
    interface files { resource file { read: func() -> list<u8>; } }
    world counting { export counters; export files; }
" });

fn main() {}
