use pack::GraphValue;


#[derive(GraphValue)]
enum Never {}

fn main() {}
