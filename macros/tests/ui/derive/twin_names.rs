use pack::GraphValue;


#[derive(GraphValue)]
struct Twins {
    first: u8,
    #[pack(rename = "first")]
    second: u8,
}

#[derive(GraphValue)]
enum Cases {
    Ab,
    #[allow(non_camel_case_types)]
    AB,
}

fn main() {}
