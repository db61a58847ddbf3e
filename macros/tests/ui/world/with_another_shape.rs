use pack::{GraphValue, PackType};

mod shapes {
    use super::*;

    #[derive(Debug, Clone, GraphValue, PackType)]
    pub struct Point {
        pub x: f64,
        pub y: u32,
    }

    /// Its fields are in another order.
    #[derive(Debug, Clone, GraphValue, PackType)]
    pub struct Size {
        pub height: u32,
        pub width: u32,
    }

    /// What is wrong is further inside.
    #[derive(Debug, Clone, GraphValue, PackType)]
    pub struct Drawing {
        pub lines: Vec<Option<Line>>,
    }

    #[derive(Debug, Clone, GraphValue, PackType)]
    pub struct Line {
        pub length: (u8, u8),
    }

    #[derive(Debug, Clone, GraphValue, PackType)]
    pub enum Color {
        Red,
        Green,
        Blue,
    }

    #[derive(Debug, Clone, GraphValue, PackType)]
    pub enum Fill {
        None,
        Plain,
    }

    #[derive(Debug, Clone, GraphValue, PackType)]
    pub struct Corner {
        pub at: u8,
    }

    /// Here the root alone is not on the circle.
    #[derive(Debug, Clone, GraphValue, PackType)]
    pub struct Tree {
        pub children: Vec<Branch>,
    }

    #[derive(Debug, Clone, GraphValue, PackType)]
    pub struct Branch {
        pub children: Vec<Branch>,
    }
}

pack::world!({
    inline: "
        package demo:types@1.0.0;
        interface types {
            record point { x: f64, y: f64 }
            record size { width: u32, height: u32 }
            record line { length: tuple<u8, u8, u8> }
            record drawing { lines: list<option<line>> }
            enum color { red, green }
            variant fill { none, plain(color) }
            enum corner { left, right }
            record tree { children: list<tree> }
        }
        interface same {
            record point { x: f64, y: u32 }
        }
        world w {
            import types;
            import same;
        }
    ",
    with: {
        "demo:types/types/point": crate::shapes::Point,
        "size": self::shapes::Size,
        "drawing": crate::shapes::Drawing,
        "color": crate::shapes::Color,
        "fill": crate::shapes::Fill,
        "corner": crate::shapes::Corner,
        "tree": crate::shapes::Tree,
        "demo:types/same": crate::shapes,
    },
});

fn main() {}
