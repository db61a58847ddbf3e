use pack::{GraphValue, PackType};


#[derive(GraphValue, PackType)]
enum Shape {
    Circle { radius: f64 },
    Nothing,
}

fn main() {}
