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

mod world {
    pack::package!("demo:greeting", world: "Greeting_world");
}

mod option {
    pack::package!("demo:greeting", name: "greeting");
}

mod again {
    pack::package!("demo:greeting", world: "one", world: "two");
}

fn main() {}
