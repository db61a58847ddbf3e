//! The bindings of every WIT text of the tests of `pack-codegen`, for both sides; see `build.rs`. That they compile,
//! without a warning, is what is tested.
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
