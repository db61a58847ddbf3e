use pack::{GraphValue, PackType};


#[derive(GraphValue, PackType)]
union Bits {
    int: u32,
    float: f32,
}

fn main() {}
