use pack::{GraphValue, PackType};

// What has no name in WIT has no node head, and cannot contain itself.
#[derive(GraphValue, PackType)]
struct Nested(Vec<Nested>);

#[derive(GraphValue, PackType)]
struct Several(u8, Option<Box<Self>>);

#[derive(GraphValue, PackType)]
#[pack(recursive)]
struct Newtype(Vec<u8>);

#[derive(GraphValue, PackType)]
#[pack(recursive)]
enum Plain {
    One,
}

fn main() {}
