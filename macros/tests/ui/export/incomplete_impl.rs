//! Methods that are missing, and what is no method of the trait.

pack::world!({ inline: "
    package demo:greeting;
    interface greeter {
        greet: func(name: string) -> string;
        count: func() -> u32;
        reset: func(to: u32);
    }
    interface farewell {
        say-goodbye: func(name: string) -> string;
    }
    interface settings {
        set: func(name: string);
    }
    world greeting {
        export greeter;
        export farewell;
        export settings;
    }
" });

use exports::demo::greeting::{Farewell, Greeter};

struct Package;

#[pack::export]
impl Greeter for Package {
    fn greet(name: String) -> String {
        name
    }
}

#[pack::export]
impl Farewell for Package {
    fn say_godbye(name: String) -> String {
        Self::polite(name)
    }
}

mod settings {
    use super::exports::demo::greeting::Settings;

    struct Package;

    #[pack::export]
    impl Settings for Package {
        const DEFAULT: u32 = 3;
        type Number = u32;

        fn set(_: String) {
            Self::log(Self::DEFAULT);
        }

        fn log(_: u32) {}
    }
}

impl Package {
    fn polite(name: String) -> String {
        name
    }
}

fn main() {}
