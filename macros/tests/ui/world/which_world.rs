mod one {
    pack::world!({ inline: "
    package demo:several;
    world first {}
    world second {}
" });
}

mod two {
    pack::world!({ world: "third", inline: "
    package demo:several;
    world first {}
    world second {}
" });
}

mod three {
    pack::world!({ world: "secnd", inline: "
    package demo:several;
    world first {}
    world second {}
" });
}

fn main() {}
