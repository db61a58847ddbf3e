//! An interface is exported once. Two impls of one type conflict without any export as well, which is a second error.

pack::world!({ inline: "
    package demo:x;
    world w {
        export shapes: interface { area: func() -> f64; }
        export names: interface { name: func() -> string; }
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

#[pack::export]
impl exports::Names for One {
    fn name() -> String {
        String::new()
    }
}

#[pack::export]
impl exports::Names for One {
    fn name() -> String {
        String::new()
    }
}

fn main() {}
