pack::world!({
    inline: "
        package demo:types@1.0.0;
        interface shapes {
            record point { x: u32 }
            record polygon { points: points }
            type points = list<point>;
            type spot = point;
        }
        interface others {
            record point { x: u32 }
        }
        world w {
            import shapes;
            import others;
            record in-the-world { id: u8 }
        }
    ",
    derives: {
        "points": [Ord],
        "spot": [Ord],
        "point": [Ord],
        "demo:types/shape/point": [Ord],
        "demo:types/shapes@2.0.0/polygon": [Ord],
        "polygons": [Ord],
        "weather": [Ord],
        "others": [Ord],
    },
    with: {
        "*": crate::all,
        "polygon": Polygon,
        "demo:types/others/point": crate::Point,
        "demo:types/others/point": crate::Spot,
        "demo:types/others": crate::others,
        "demo:types/others@1.0.0": crate::more,
    },
    attributes: {
        "demo:types/others/point": #[repr(C)],
    },
});

fn main() {}
