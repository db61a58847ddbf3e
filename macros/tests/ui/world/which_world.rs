pack::world!({ inline: "
    package demo:several;
    world first {}
    world second {}
" });
pack::world!({ world: "third", inline: "
    package demo:several;
    world first {}
    world second {}
" });
pack::world!({ world: "secnd", inline: "
    package demo:several;
    world first {}
    world second {}
" });

fn main() {}
