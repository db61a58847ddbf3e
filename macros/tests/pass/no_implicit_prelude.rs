//! All that works without the prelude: types, imports, resources, exports without WIT; and exports of a world, if they
//! stand in a module that has it.
#![deny(warnings)]

/// With WIT.
#[no_implicit_prelude]
pub mod world {
    ::pack::world!({ inline: "
        package demo:bare;
        interface files {
            resource file { constructor(name: string); read: func() -> list<u8>; }
            newest: func() -> option<file>;
        }
        interface counters {
            resource counter { constructor(start: u32); get: func() -> u32; }
            larger: func(one: counter, other: counter) -> counter;
        }
        world bare {
            import files;
            export counters;
            export greet: func(name: string) -> result<string, u32>;
        }
    " });

    /// An import called.
    pub fn read(file: &demo::bare::files::File) -> ::std::vec::Vec<u8> {
        file.read()
    }

    /// An import answered.
    pub fn mocked() -> ::std::vec::Vec<u8> {
        let _read = mocks::demo::bare::files::file::read(|file| ::std::vec![::pack::mock::number(file) as u8]);
        read(&::pack::mock::resource(7))
    }
}

/// Its exports.
pub mod package {
    use super::world::demo::bare::counters::Counter;
    use super::world::exports;

    struct Package;
    struct Count(u32);

    #[pack::export]
    impl exports::demo::bare::Counters for Package {
        fn larger(one: Counter, _: Counter) -> Counter {
            one
        }
    }

    #[pack::export]
    impl exports::demo::bare::counters::CounterResource for Count {
        fn new(start: u32) -> Self {
            Self(start)
        }

        fn get(&self) -> u32 {
            self.0
        }
    }

    #[pack::export]
    fn greet(name: String) -> Result<String, u32> {
        Ok(name)
    }
}

/// Without WIT.
#[no_implicit_prelude]
pub mod rust_first {
    ::pack::package!("demo:bare-rust");

    /// A type that travels.
    #[derive(::pack::GraphValue, ::pack::PackType)]
    pub struct Tree {
        kids: ::std::vec::Vec<Tree>,
    }

    #[::pack::export]
    fn grow(mut tree: Tree) -> ::std::option::Option<Tree> {
        tree.kids.pop()
    }
}

fn main() {
    assert_eq!(world::mocked(), [7]);
}
