mod one {
    pack::world!({
    inline: "package a:b; world w { @unstable(feature = fast-lane) import f: func(); }",
    features: ["fast-lane", "fast-lines", "other"],
});
}

mod two {
    pack::world!({
    inline: "package a:b; world w { import f: func(); }",
    features: ["fast-lane"],
});
}

mod three {
    pack::world!({
    inline: "package a:b; world w { import f: func(); }",
    crate: pack::<u8>,
});
}

mod four {
    pack::world!({
    inline: "package a:b; world w { import f: func(); }",
    async: true,
    fallible_imports: true,
    views: ["f"],
    package: ["a.wasm", "b.wasm"],
    derives: { "point": [Ord] },
});
}

fn main() {}
