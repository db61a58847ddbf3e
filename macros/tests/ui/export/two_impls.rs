//! An interface is exported once.

pack::world!({ inline: "
    package demo:x;
    world w {
        export shapes: interface { area: func() -> f64; }
    }
" });

struct One;

#[pack::export]
impl exports::Shapes for One {
    fn area() -> f64 {
        0.0
    }
}

struct Two;

#[pack::export]
impl exports::Shapes for Two {
    fn area() -> f64 {
        0.0
    }
}

fn main() {}
