pack::world!({ path: "wit", inline: "package a:b;" });
pack::world!({ wold: "x", quiet: true });
pack::world!({ world: "x", world: "y" });
pack::world!({ ownership: "lent", features: "x", with: [1, 2], debug: 1 });
pack::world!({ derives: { point: [] } });
pack::world!({ ownership: owned, crate: "x", derives: { "*": Clone }, with: { "t" => crate::T } });
pack::world!({ attributes: { "t": "x" }, all_features, world = "w", inline: wit });
pack::world!({ path: wit, package: [] });
pack::world!({ path: wit/greeting.wit, package: env!(PACKAGE) });
pack::world!(3);
pack::world!(wit);
pack::world!("wit", { world: "w" });

fn main() {}
