//! A path that leads to no trait: beside the error at the path stands the one that names the right path.

pack::world!({ inline: "
    package demo:x;
    world w {
        export shapes: interface { area: func() -> f64; }
    }
" });

struct Guest;

#[pack::export]
impl exports::Shape for Guest {
    fn area() -> f64 {
        0.0
    }
}

fn main() {}
