//! The chapters of the guide, whose programs are doctests. The build script builds the packages that they run.
#![deny(rustdoc::broken_intra_doc_links)]

/// A module for each chapter.
macro_rules! chapters {
    ($($name:ident $file:literal)*) => {$(
        #[doc = include_str!($file)]
        pub mod $name {}
    )*};
}

chapters! {
    first_package "guide/first-package.md"
    recursive_types "guide/recursive-types.md"
    own_types "guide/own-types.md"
    host_functions "guide/host-functions.md"
    asynchronous "guide/async.md"
    errors "guide/errors.md"
    limits "guide/limits.md"
    versions "guide/versions.md"
    composition "guide/composition.md"
    record_and_replay "guide/record-and-replay.md"
    debugging "guide/debugging.md"
    performance "guide/performance.md"
    build_scripts "guide/build-scripts.md"
    testing "guide/testing.md"
    cargo_pack "guide/cargo-pack.md"
}
