use pack::{GraphValue, PackType};

#[derive(GraphValue, PackType)]
#[pack(rename = "Some Thing", interface = "demo:types")]
struct Thing {
    #[pack(rename = "snake_case")]
    first: u8,
    _0: u8,
    größe: u8,
}

#[derive(GraphValue, PackType)]
enum Choice {
    #[pack(rename = "mixedCase")]
    A,
    #[pack(rename = "1st")]
    B(u8),
}

// Neither has a name in WIT.
#[derive(GraphValue, PackType)]
#[pack(rename = "meters", interface = "demo:units/types@1.0.0")]
struct Meters(f64);

fn main() {}
