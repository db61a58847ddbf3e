pack::world!("no/such/folder");

fn main() {}
