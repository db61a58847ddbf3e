//! A package has a name.

mod none {
    pack::package!();
}

mod wrong {
    pack::package!("greeting");
}

mod spelled {
    pack::package!("Demo:greeting_world");
}

fn main() {}
