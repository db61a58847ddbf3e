pack::world!({
    inline: "package a:b; world w { import f: func(); }",
    package: "no-such.wasm",
});

pack::world!({
    inline: "package a:b; world w { import f: func(); }",
    package: concat!("a", "b"),
});

pack::world!({
    inline: "package a:b; world w { import f: func(); }",
    package: ["a.wasm", env!("NO_SUCH_VARIABLE")],
});

fn main() {}
