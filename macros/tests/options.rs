//! What the options make of a world, on the guest's side; for hosts see `tests/tests/options.rs`. Most of it is
//! tested by being compiled.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "it compiles, which is what is tested; in a test a panic is a failure"
)]

use std::fs;

use pack::{GraphValue, PackType};

mod shared {
    pack::world!({ inline: "
        package demo:types@1.2.0;
        interface shapes {
            record point { x: f64, y: f64 }
            variant tree { leaf(point), pair(pair) }
            record pair { left: tree, right: tree }
            type trees = list<tree>;
            type maybe-pair = option<pair>;
        }
        world shared { import shapes; }
    " });
}

mod with_an_interface {
    pack::world!({
        inline: "
            package demo:types@1.2.0;
            interface shapes {
                record point { x: f64, y: f64 }
                variant tree { leaf(point), pair(pair) }
                record pair { left: tree, right: tree }
                type trees = list<tree>;
                type maybe-pair = option<pair>;
            }
            interface grow {
                use shapes.{tree, trees, maybe-pair};
                record forest { trees: trees, best: maybe-pair }
                plant: func(forest: forest, trees: trees) -> tree;
            }
            world w { use shapes.{maybe-pair, trees}; import grow; export harvest: func(best: maybe-pair) -> trees; }
        ",
        with: { "demo:types/shapes": super::shared::demo::types::shapes },
        derives: { "*": [PartialEq] },
    });

    use super::shared::demo::types::shapes::{Pair, Point, Tree};

    /// The export and the import have the types of the other world.
    #[pack::export]
    fn harvest(best: MaybePair) -> Trees {
        let Pair { left, right } = best.unwrap();
        let forest = demo::types::grow::Forest {
            trees: vec![*left, *right],
            best: None,
        };
        assert!(forest == forest.clone());
        forest.trees
    }

    fn plant(forest: demo::types::grow::Forest) -> Tree {
        demo::types::grow::plant(&forest, &[Tree::Leaf(Point { x: 0.0, y: 0.0 })])
    }
}

/// Own types with the shapes of those in the WIT, as one may have them for other reasons.
mod own {
    use super::{GraphValue, PackType, with_types};

    /// It is neither `Copy` nor can it be compared, as what is generated would be.
    #[derive(Debug, Clone, Default, GraphValue, PackType)]
    pub(crate) struct Point {
        pub x: u32,
        pub y: u32,
    }

    /// On a circle with a type that is generated.
    #[derive(Debug, Clone, GraphValue, PackType)]
    #[pack(recursive)]
    pub(crate) enum Tree {
        Leaf(Point),
        Pair(Box<with_types::demo::types::shapes::Pair>),
    }

    #[derive(Debug, Clone, GraphValue, PackType)]
    pub(crate) struct InTheWorld {
        pub id: u8,
    }
}

mod with_types {
    pack::world!({
        inline: "
            package demo:types@1.2.0;
            interface shapes {
                record point { x: u32, y: u32 }
                record line { start: point, end: point }
                variant tree { leaf(point), pair(pair) }
                record pair { left: tree, right: tree }
                record size { width: u32 }
            }
            world w {
                use shapes.{pair, tree, point, line, size};
                record in-the-world { id: u8 }
                import draw: func(tree: tree, at: point, line: line, size: size) -> pair;
                export thaw: func(tree: tree, it: in-the-world) -> pair;
            }
        ",
        with: {
            "demo:types/shapes/point": crate::own::Point,
            "tree": super::own::Tree,
            "demo:types/w/in-the-world": super::own::InTheWorld,
        },
    });

    #[pack::export]
    fn thaw(tree: super::own::Tree, it: super::own::InTheWorld) -> Pair {
        let _ = it;
        let origin = super::own::Point::default();
        let line = Line {
            start: origin.clone(),
            end: origin.clone(),
        };
        // By reference is what may be large: Rust does not know `Point` to be `Copy`.
        draw(&tree, &origin, &line, Size { width: 1 })
    }
}

/// What counts is what the types are made of, not what they are called: generic types, which mention each other, and own
/// types where the WIT has a generated one.
mod with_generic_types {
    pub(crate) mod own {
        use pack::{GraphValue, PackType};

        #[derive(Debug, Clone, GraphValue, PackType)]
        pub(crate) struct Chain<T> {
            pub item: T,
            pub more: Option<std::rc::Rc<Chain<T>>>,
            pub ends: Vec<End<T>>,
        }

        #[derive(Debug, Clone, GraphValue, PackType)]
        pub(crate) enum End<T> {
            Open,
            Joined(Box<Chain<T>>),
        }

        #[derive(Debug, Clone, GraphValue, PackType)]
        pub(crate) struct Pixel {
            pub shade: Tone,
        }

        #[derive(Debug, Clone, GraphValue, PackType)]
        pub(crate) enum Tone {
            Dark,
            Light,
        }
    }

    pack::world!({
        inline: "
            package demo:types;
            interface shapes {
                record chain { item: dot, more: option<chain>, ends: list<end> }
                variant end { open, joined(chain) }
                record dot { shade: shade }
                enum shade { dark, light }
            }
            world w { use shapes.{chain}; import f: func(chain: chain); }
        ",
        with: {
            "demo:types/shapes/chain": self::own::Chain<crate::with_generic_types::own::Pixel>,
            "dot": self::own::Pixel,
        },
    });
}

/// A resource of another world, with the methods it has there.
mod with_a_resource {
    mod first {
        pack::world!({ inline: "
            package demo:io;
            interface files { resource file { constructor(); read: func() -> u8; } record two { one: file, other: file } }
            world first { import files; }
        " });
    }

    pack::world!({
        inline: "
            package demo:io;
            interface files { resource file { constructor(); read: func() -> u8; } record two { one: file, other: file } }
            world second { use files.{file, two}; import swap: func(two: two) -> two; export read: func(file: borrow<file>) -> u8; }
        ",
        with: { "demo:io/files": self::first::demo::io::files },
        derives: { "*": [PartialEq] },
    });

    #[pack::export]
    fn read(file: pack::Borrow<File>) -> u8 {
        let two = Two {
            one: File::new(),
            other: File::new(),
        };
        file.read() + swap(two).one.read()
    }
}

/// Derives and attributes on one type, on those of an interface, on all. Some are there anyway.
mod customized {
    pack::world!({
        inline: "
            package demo:types@1.2.0;
            interface shapes {
                record point { x: u32, y: u32 }
                enum color { red, green }
                flags sides { left, right }
                type spot = point;
            }
            interface more { use shapes.{point}; record mark { at: point } }
            world w { import shapes; import more; }
        ",
        derives: {
            "demo:types/shapes@1.2.0/point": [PartialOrd, Ord, Default],
            "color": [Ord],
            "demo:types/more": [PartialOrd],
            "sides": [Default],
            "*": [std::hash::Hash, Clone],
        },
        attributes: {
            "point": #[repr(C, align(16))],
            "demo:types/shapes/color": #[repr(u64)] #[must_use],
        },
    });

    #[test]
    fn types_have_what_was_asked_for() {
        use demo::types::{
            more::Mark,
            shapes::{Color, Point, Sides},
        };

        let origin = Point::default();
        let mark = |x| Mark {
            at: Point { x, ..origin },
        };
        assert!(mark(1) < mark(2));
        assert_eq!(Sides::default(), Sides::empty());
        assert_eq!((align_of::<Point>(), size_of::<Color>()), (16, 8));
    }
}

mod owned {
    pack::world!({
        inline: "
            package demo:owned;
            interface api {
                record leaf { name: string }
                all: func(a: string, b: list<u8>, c: list<leaf>, d: leaf, e: option<string>, f: u8, g: tuple<string, leaf>);
                encoded: func(a: leaf, b: map<string, leaf>);
            }
            world w { import api; }
        ",
        ownership: "owned",
    });

    #[test]
    fn arguments_are_passed_by_value() {
        use demo::owned::api::{Leaf, all, encoded};

        let leaf = || Leaf {
            name: String::new(),
        };
        all(
            String::new(),
            vec![1],
            vec![leaf()],
            leaf(),
            Some(String::new()),
            1,
            (String::new(), leaf()),
        );
        encoded(leaf(), [(String::new(), leaf())].into());
    }
}

mod features {
    pack::world!({
        inline: "
            package demo:gates@1.0.0;
            interface open { @unstable(feature = fast) record fast { a: u8 } @unstable(feature = slow) record slow { a: u8 } }
            world w { import open; }
        ",
        features: ["fast"],
    });

    mod all {
        pack::world!({
            inline: "
                package demo:gates@1.0.0;
                interface open { @unstable(feature = fast) record fast { a: u8 } @unstable(feature = slow) record slow { a: u8 } }
                world w { import open; }
            ",
            all_features: true,
        });

        fn both(_: demo::gates::open::Fast, _: demo::gates::open::Slow) {}
    }

    fn one(_: demo::gates::open::Fast) {}
}

/// The same code twice goes to the same file.
mod debugged {
    pack::world!({
        inline: "package demo:debugged; world w { record marker { a: u8 } import f: func(m: marker); }",
        debug: true,
    });

    mod again {
        pack::world!({
            inline: "package demo:debugged; world w { record marker { a: u8 } import f: func(m: marker); }",
            debug: true,
        });
    }

    #[test]
    fn the_code_is_in_a_file_to_be_read() {
        f(Marker { a: 1 });
        let files = super::fs::read_dir(env!("OUT_DIR")).unwrap();
        let texts: Vec<String> = files
            .filter(|file| {
                file.as_ref()
                    .unwrap()
                    .file_name()
                    .to_string_lossy()
                    .starts_with("options-")
            })
            .map(|file| super::fs::read_to_string(file.unwrap().path()).unwrap())
            .filter(|text| text.contains("pub struct Marker"))
            .collect();
        assert!(!texts.is_empty());
        assert!(
            texts
                .iter()
                .all(|text| text.starts_with("// @generated by pack-codegen."))
        );
    }
}
