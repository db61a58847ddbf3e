use pack::{GraphValue, PackType};


struct Plain;

#[derive(GraphValue, PackType)]
struct Whole {
    part: Plain,
}

#[derive(GraphValue, PackType)]
enum Choice {
    Nothing,
    Case(Plain),
}

fn main() {}
