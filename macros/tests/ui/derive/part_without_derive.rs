use pack::{GraphValue, PackType};


struct Plain;

#[derive(GraphValue, PackType)]
struct Whole {
    part: Plain,
}

fn main() {}
