use std::collections::BTreeMap;

use pack::{GraphValue, PackType};

#[derive(PartialEq, Eq, PartialOrd, Ord, GraphValue, PackType)]
struct Point {
    x: u8,
    y: u8,
}

#[derive(GraphValue, PackType)]
struct Board {
    pieces: BTreeMap<Point, char>,
}

fn main() {}
