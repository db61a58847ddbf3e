//! A path that leads to no trait: beside the error at the path stands the one that names the right path. The compiler
//! calls a trait that is not there a macro: the attribute hands the `impl` to the macro that has the trait's name.

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

mod by_its_name {
    pack::world!({ inline: "package demo:y; world w { export shapes: interface { area: func() -> f64; } }" });

    #[allow(unused_imports)]
    use exports::Shapes;

    struct Guest;

    #[pack::export]
    impl Shaps for Guest {
        fn area() -> f64 {
            0.0
        }
    }
}

mod of_a_function {
    pack::world!({
        inline: "package demo:z; world w { export shapes: interface { area: func() -> f64; } }",
        partial_exports: true,
    });

    #[pack::export(exports::Shapes)]
    fn area() -> f64 {
        0.0
    }

    #[pack::export(exports::shape)]
    fn other() {}
}

fn main() {}
