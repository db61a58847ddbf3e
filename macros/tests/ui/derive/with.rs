use pack::{GraphValue, PackType};

struct Plain;

mod empty {}

mod wrong {
    pub struct Unsent;
    pub type Wire = Unsent;

    pub fn to_wire(_: &super::Plain) -> Wire {
        Unsent
    }

    pub fn from_wire(_: Wire) -> Result<super::Plain, String> {
        Ok(super::Plain)
    }
}

#[derive(GraphValue, PackType)]
struct NotThere {
    #[pack(with = empty)]
    part: Plain,
}

#[derive(GraphValue, PackType)]
struct NotAValue {
    #[pack(with = wrong)]
    part: Plain,
}

fn main() {}
