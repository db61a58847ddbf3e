use pack::{GraphValue, PackType};


#[derive(GraphValue, PackType)]
struct Name<'a> {
    text: &'a str,
}

fn main() {}
