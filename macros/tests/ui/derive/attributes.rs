use pack::GraphValue;


#[derive(GraphValue)]
#[pack(renam = "x", rename = "a", rename = "b", crate = "text")]
struct Container {
    #[pack(recursive)]
    misplaced: u8,
    #[pack(skip)]
    unknown: u8,
    #[pack(rename = "")]
    empty: u8,
    #[pack(rename = 3)]
    number: u8,
}

#[derive(GraphValue)]
struct Unnamed(#[pack(rename = "x")] u8, u8);

#[derive(GraphValue)]
#[pack(recursive)]
struct Newtype(Vec<u8>);

fn main() {}
