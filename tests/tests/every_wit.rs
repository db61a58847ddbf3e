//! The bindings of every WIT text of the tests of `pack-codegen`, for both sides; see `build.rs`. That they compile,
//! without a warning, is what is tested; and so do what people write beside them, whose signatures they did not choose.
#![deny(warnings, clippy::pedantic, reason = "users see them")]
#![deny(
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    let_underscore_drop,
    missing_copy_implementations,
    missing_debug_implementations,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences,
    reason = "some users ask for them"
)]
#![allow(dead_code, missing_docs, unreachable_pub, reason = "no user uses it")]

include!(concat!(env!("OUT_DIR"), "/every_wit.rs"));

/// Exports of a world: functions, an interface and a resource.
#[deny(missing_docs, reason = "users see them")]
pub mod exported {
    pack::world!({ inline: "
        package demo:forced;
        /// Flags of a job.
        interface jobs {
            /// A point.
            record point { x: u32, y: u32 }
            /// A job.
            resource job {
                constructor(name: string);
                name: func() -> string;
                parse: static func(text: string) -> result<job, string>;
            }
            length: func(name: string) -> result<u32>;
            nothing: func(job: borrow<job>, points: list<point>);
        }
        world forced {
            export jobs;
            export length: func(name: string, points: list<tuple<string, u32>>) -> result<u64, string>;
            export maybe: func(name: option<option<string>>) -> option<u64>;
            export many: func(is-a: bool, is-b: bool, is-c: bool, is-d: bool, n1: u8, n2: u8, n3: u8, n4: u8, n5: u8) -> bool;
            export big: func(numbers: list<u64, 64>) -> u64;
            export nested: func() -> result<option<option<tuple<string, list<string>, option<u8>>>>, list<u64, 64>>;
        }
    " });

    use demo::forced::jobs::{Job, Point};

    struct Package;
    struct Named(String);

    #[pack::export]
    impl exports::demo::forced::Jobs for Package {
        fn length(name: String) -> Result<u32, ()> {
            Ok(u32::from(name.is_empty()))
        }

        fn nothing(job: pack::Borrow<Job>, points: Vec<Point>) {
            drop((job.get::<Named>(), points));
        }
    }

    #[pack::export]
    impl exports::demo::forced::jobs::JobResource for Named {
        fn new(name: String) -> Self {
            Self(name)
        }

        fn name(&self) -> String {
            self.0.clone()
        }

        fn parse(text: String) -> Result<Job, String> {
            Ok(Job::new(Self(text.trim().to_owned())))
        }
    }

    #[pack::export]
    fn length(name: String, points: Vec<(String, u32)>) -> Result<u64, String> {
        Ok(name.bytes().map(u64::from).sum::<u64>()
            + points.iter().map(|(_, n)| u64::from(*n)).sum::<u64>())
    }

    #[pack::export]
    fn maybe(name: Option<Option<String>>) -> Option<u64> {
        Some(u64::from(name.is_none()))
    }

    #[pack::export]
    fn many(
        is_a: bool,
        is_b: bool,
        is_c: bool,
        is_d: bool,
        n1: u8,
        n2: u8,
        n3: u8,
        n4: u8,
        n5: u8,
    ) -> bool {
        is_a && is_b && is_c && is_d && [n1, n2, n3, n4] == [n5; 4]
    }

    #[pack::export]
    fn big(numbers: [u64; 64]) -> u64 {
        numbers.iter().sum()
    }

    #[pack::export]
    fn nested() -> Result<Option<Option<(String, Vec<String>, Option<u8>)>>, [u64; 64]> {
        Ok(None)
    }
}

/// Exports whose signatures are the contract, and types that travel.
#[deny(missing_docs, reason = "users see them")]
pub mod rust_first {
    use pack::{GraphValue, PackType};

    pack::package!("demo:forced");

    /// A tree.
    #[derive(Debug, GraphValue, PackType)]
    pub struct Tree<T> {
        /// What it holds.
        pub value: T,
        /// What is below it.
        pub kids: Vec<Self>,
    }

    #[pack::export]
    fn count(tree: Tree<String>) -> Result<u64, String> {
        Ok(tree
            .kids
            .iter()
            .map(|kid| u64::from(kid.value.is_empty()))
            .sum())
    }
}
