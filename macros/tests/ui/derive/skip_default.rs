use pack::{GraphValue, PackType};

struct Plain;

#[derive(GraphValue, PackType)]
struct Fields {
    #[pack(skip)]
    no_default: Plain,
    #[pack(skip, default = plain)]
    no_function: Plain,
}

fn main() {}
