use pack::{GraphValue, PackType};

#[derive(GraphValue, PackType)]
#[repr(C, packed)]
struct Header {
    kind: u8,
    length: u32,
}

fn main() {}
