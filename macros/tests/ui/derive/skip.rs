use pack::{GraphValue, PackType};

struct Plain;

#[derive(GraphValue, PackType)]
struct Fields {
    #[pack(default)]
    alone: u8,
    #[pack(skip, rename = "other")]
    renamed: u8,
}

#[derive(GraphValue, PackType)]
enum Nothing {
    #[pack(skip)]
    Left,
    #[pack(skip)]
    Right(Plain),
}

fn main() {}
