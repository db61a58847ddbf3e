//! What must hold for any bytes at all.
//!
//! Each target is a function of bytes that panics if something does not hold. `cargo xtask fuzz` calls them with what
//! libFuzzer thinks of; `tests/tests/fuzz_corpus.rs` with the bytes in `corpus`, and with these damaged, on any compiler.
//!
//! | target | the bytes are | what holds |
//! | --- | --- | --- |
//! | [`wire`] | a schema, or which Rust type, and a message | limits, one value one form, the typed and the dynamic road agree |
//! | [`metadata`] | metadata, pieces of it, or a module | what is read is written, hashed, compared and printed as WIT the same again |
//! | [`wit`] | WIT | mistakes have words; a contract is printed the same again, and its code is Rust |
//! | [`value_text`] | a schema, or which type, and WAVE or JSON | what is read is printed and read the same again |
//! | [`call`] | what a guest does in some calls | an answer that is of its type or an error, bounded memory, nothing leaks, the next instance works |

#[path = "../../tests/tests/common/mod.rs"]
mod common;

mod call;
mod contract;
mod cost;
mod damage;
mod input;
mod metadata;
mod value_text;
mod wire;
mod wit;

#[cfg(feature = "libfuzzer")]
#[doc(hidden)]
pub use libfuzzer_sys;

pub use call::call;
pub use cost::Counting;
pub use damage::damaged;
pub use metadata::metadata;
pub use value_text::value_text;
pub use wire::wire;
pub use wit::{let_wit_parser_panic, wit};

/// What is asserted of any bytes.
pub type Target = fn(&[u8]);

/// Every target, by its name.
pub const TARGETS: [(&str, Target); 5] = [
    ("wire", wire),
    ("metadata", metadata),
    ("wit", wit),
    ("value_text", value_text),
    ("call", call),
];

/// A program that fuzzes a target.
#[cfg(feature = "libfuzzer")]
#[macro_export]
macro_rules! libfuzzer {
    ($target:ident) => {
        #[global_allocator]
        static ALLOCATOR: $crate::Counting = $crate::Counting;

        $crate::libfuzzer_sys::fuzz_target!(init: $crate::let_wit_parser_panic(), |data: &[u8]| $crate::$target(data));
    };
}
