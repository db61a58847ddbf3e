pack::world!({ path: "wit", inline: "package a:b;" });
pack::world!({ wold: "x" });
pack::world!({ world: "x", world: "y" });
pack::world!(3);

fn main() {}
