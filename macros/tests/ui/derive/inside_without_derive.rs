use pack::{GraphValue, PackType};


struct Plain;

#[derive(GraphValue, PackType)]
struct Lists {
    inside: Vec<Option<Plain>>,
}

// One mistake of the part is none of what contains it.
#[derive(GraphValue, PackType)]
struct Outer {
    lists: Lists,
}

fn main() {}
