//! What has no view.

use std::net::IpAddr;

use pack::{GraphValue, GraphView, PackType};

#[derive(GraphValue, GraphView, PackType)]
struct Converted {
    #[pack(with = address)]
    address: IpAddr,
}

mod address {
    pub type Wire = String;

    pub fn to_wire(address: &std::net::IpAddr) -> Wire {
        address.to_string()
    }

    pub fn from_wire(wire: Wire) -> Result<std::net::IpAddr, std::net::AddrParseError> {
        wire.parse()
    }
}

#[derive(GraphValue, GraphView, PackType)]
enum Level {
    Low,
    High,
}

#[derive(GraphValue, GraphView, PackType)]
#[pack(copy, view = Other)]
struct Both {
    name: u8,
}

#[derive(GraphValue, GraphView, PackType)]
struct Metres<T> {
    value: f64,
    unit: std::marker::PhantomData<fn() -> T>,
}

fn main() {}
