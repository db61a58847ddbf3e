pack::world!({
    inline: "package demo:traced; world traced { import log: func(line: string); }",
    tracing: true,
});

fn main() {}
