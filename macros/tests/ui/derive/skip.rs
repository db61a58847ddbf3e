use pack::{GraphValue, PackType};

struct Plain;

#[derive(GraphValue, PackType)]
struct Fields {
    #[pack(default)]
    alone: u8,
    #[pack(skip, rename = "other")]
    renamed: u8,
    #[pack(skip)]
    no_default: Plain,
    #[pack(skip, default = plain)]
    no_function: Plain,
}

#[derive(GraphValue, PackType)]
enum Nothing {
    #[pack(skip)]
    Left,
    #[pack(skip)]
    Right(Plain),
}

fn main() {}
