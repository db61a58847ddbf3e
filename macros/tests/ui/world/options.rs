pack::world!({ path: "wit", inline: "package a:b;" });
pack::world!({ wold: "x", quiet: true });
pack::world!({ world: "x", world: "y" });
pack::world!({ ownership: "lent", features: "x", with: [1, 2], debug: 1 });
pack::world!({ derives: { point: [] } });
pack::world!(3);

fn main() {}
