use pack::GraphValue;


#[derive(GraphValue)]
struct Name<'a> {
    text: &'a str,
}

fn main() {}
