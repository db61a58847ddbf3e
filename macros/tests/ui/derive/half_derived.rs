use pack::{GraphValue, PackType};

#[derive(GraphValue)]
struct NoSchema {
    part: u8,
}

#[derive(PackType)]
struct NoValue {
    part: u8,
}

#[derive(GraphValue, PackType)]
struct Whole {
    value: NoValue,
}

fn main() {}
