//! The bindings of every WIT text of the tests of `pack-codegen`, for both sides; see `build.rs`. That they compile,
//! without a warning, is what is tested.
#![deny(warnings, clippy::pedantic, reason = "users see them")]
#![allow(dead_code, missing_docs, unreachable_pub, reason = "no user uses it")]

include!(concat!(env!("OUT_DIR"), "/every_wit.rs"));

/// What the author of a package writes, under the lints that one may have switched on: what the contract asks for is no
/// reason for a warning.
#[deny(missing_docs, unreachable_pub, reason = "users have them on")]
mod packages {
    mod with_wit {
        pack::world!({ inline: "
            package demo:lints;
            interface shapes {
                variant shape { dot(tuple<u32, u32>), group(list<shape>), none }
                resource canvas { constructor(name: string); draw: func(shape: shape) -> result<u32>; }
                area: func(shape: shape, unit: string) -> result<f64, string>;
                flip: func(a: bool, b: bool, c: bool, d: bool) -> option<u8>;
            }
            world lints {
                import log: func(text: string);
                export shapes;
                export shout: func(text: string) -> result<string>;
                export many: func(one: u8, two: u8, three: u8, four: u8, five: u8, six: u8, seven: u8, eight: u8) -> u8;
            }
        " });

        use demo::lints::shapes::Shape;

        struct Package;
        struct Painter(String);

        #[pack::export]
        impl exports::demo::lints::Shapes for Package {
            fn area(shape: Shape, unit: String) -> Result<f64, String> {
                drop((shape, unit.len()));
                Ok(1.0)
            }

            fn flip(a: bool, b: bool, c: bool, d: bool) -> Option<u8> {
                Some(u8::from(a ^ b ^ c ^ d))
            }
        }

        #[pack::export]
        impl exports::demo::lints::shapes::CanvasResource for Painter {
            fn new(name: String) -> Self {
                Self(name)
            }

            fn draw(&self, _: Shape) -> Result<u32, ()> {
                u32::try_from(self.0.len()).map_err(|_| ())
            }
        }

        #[pack::export]
        fn shout(text: String) -> Result<String, ()> {
            log(&text);
            Ok(text.to_uppercase())
        }

        #[pack::export]
        fn many(
            one: u8,
            two: u8,
            three: u8,
            four: u8,
            five: u8,
            six: u8,
            seven: u8,
            eight: u8,
        ) -> u8 {
            one ^ two ^ three ^ four ^ five ^ six ^ seven ^ eight
        }
    }

    mod without_wit {
        use std::collections::HashMap;
        use std::rc::Rc;

        use pack::{GraphValue, PackType};

        pack::package!("demo:lints");

        /// A tree.
        #[derive(Debug, Clone, GraphValue, PackType)]
        enum Tree<T> {
            Leaf(T),
            Fork { left: Box<Self>, right: Rc<Self> },
            Many(HashMap<String, Self>, ()),
        }

        #[derive(Debug, Clone, Copy, GraphValue, PackType)]
        struct Row<const WIDTH: usize> {
            cells: [u8; WIDTH],
            #[pack(skip)]
            seen: bool,
        }

        #[pack::export]
        fn height(
            tree: Tree<String>,
            row: Row<2>,
            a: bool,
            b: bool,
            c: bool,
            d: bool,
        ) -> Option<u32> {
            let _ = (row.cells.len(), a ^ b ^ c ^ d);
            Some(u32::from(matches!(tree, Tree::Leaf(_))))
        }

        #[pack::export]
        fn nothing() -> Result<(), ()> {
            Ok(())
        }
    }
}
