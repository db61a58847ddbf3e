//! Each function of an interface is there once, unless conditions see to it; and a function returns what the WIT says.

pack::world!({ inline: "
    package demo:x;
    world w {
        export shapes: interface { area: func() -> f64; name: func(); }
    }
" });

struct Package;

#[pack::export]
impl exports::Shapes for Package {
    fn area() -> f64 {
        0.0
    }

    fn area() -> f64 {
        1.0
    }

    fn name() {
        5
    }

    #[cfg(any())]
    fn name() {}
}

fn main() {}
