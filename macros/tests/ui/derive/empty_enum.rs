use pack::{GraphValue, PackType};


#[derive(GraphValue, PackType)]
enum Never {}

fn main() {}
