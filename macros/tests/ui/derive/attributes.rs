use pack::{GraphValue, PackType};

#[derive(GraphValue, PackType)]
#[pack(renam = "x", rename = "a", rename = "b", crate = "text", skip, rename_all = "camelCase")]
struct Container {
    #[pack(recursive)]
    misplaced: u8,
    #[pack(flatten)]
    unknown: u8,
    #[pack(rename = "")]
    empty: u8,
    #[pack(rename = 3)]
    number: u8,
    #[pack(with = "quoted")]
    quoted: u8,
}

#[derive(GraphValue, PackType)]
#[pack(recursive = 1, bound = "T Clone")]
enum Cases<T> {
    #[pack(with = somewhere)]
    Misplaced(T),
    #[pack(hidden)]
    Unknown,
}

#[derive(GraphValue, PackType)]
struct Unnamed(#[pack(rename = "x")] u8, u8);

fn main() {}
