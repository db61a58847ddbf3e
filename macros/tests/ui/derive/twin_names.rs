use pack::{GraphValue, PackType};


#[derive(GraphValue, PackType)]
struct Twins {
    first: u8,
    #[pack(rename = "first")]
    second: u8,
}

#[derive(GraphValue, PackType)]
enum Cases {
    Ab,
    #[allow(non_camel_case_types)]
    AB,
}

#[derive(GraphValue, PackType)]
enum Shouted {
    Ab,
    #[pack(rename = "AB")]
    Other,
}

fn main() {}
