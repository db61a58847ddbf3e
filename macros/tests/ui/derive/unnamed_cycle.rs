use pack::{GraphValue, PackType};

// Neither has a name in WIT: there is no type that the other could refer to.
#[derive(GraphValue, PackType)]
struct Rows(Vec<Cells>);

#[derive(GraphValue, PackType)]
struct Cells(Vec<Rows>);

fn main() {}
