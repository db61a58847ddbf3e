//! From a schema to Rust.
//!
//! ```text
//! model      what the generators ask about types: paths, boxes, which are Copy
//! tree       the modules the output consists of
//! docs       the documentation in the WIT, as that of Rust
//! types      records, variants, enums, flags, aliases
//! elsewhere  what the user's own types have to be
//! calls      the calling convention: passing parameters, fetching results
//! guest, host   one generator each
//! mocks      what answers the guest's imports in tests without a host
//! exports    the guest's exports, which `export` checks
//! ```

mod calls;
mod clash;
mod docs;
mod elsewhere;
mod exports;
mod forms;
mod guest;
mod host;
mod layout;
mod mocks;
mod model;
mod tree;
mod types;

use pack_abi::schema::{Interface, ROOT};
use proc_macro2::TokenStream;
use syn::Path;

pub(crate) use calls::MAX_TUPLE;
pub(crate) use clash::Clash;
pub(crate) use guest::{guest, memory_exports};
pub(crate) use host::host;
pub(crate) use types::MAX_FLAGS;

use docs::docs;

use crate::rules::Rules;
use crate::views::Views;
use crate::wit::Place;
use crate::{Ownership, Side};

/// How to generate.
pub(crate) struct Settings {
    pub(crate) side: Side,
    /// The path of the facade crate.
    pub(crate) facade: Path,
    pub(crate) rules: Rules,
    pub(crate) ownership: Ownership,
    pub(crate) is_async: bool,
    pub(crate) tracing: bool,
    pub(crate) fallible_imports: bool,
    pub(crate) views: Views,
}

/// Where an interface stands in the WIT text; for the functions of the world itself, that is the world.
fn interface_place(interface: &Interface) -> Place {
    match interface.name.as_str() {
        ROOT => Place::World,
        name => Place::Interface(name.to_owned()),
    }
}

/// On every outermost item: what lints say of generated code is not the user's affair.
fn generated() -> TokenStream {
    quote::quote! {
        #[allow(
            missing_copy_implementations,
            missing_docs,
            unreachable_pub,
            unused,
            variant_size_differences,
            clippy::all,
            clippy::nursery,
            clippy::pedantic,
            clippy::restriction,
            rustdoc::all,
            reason = "generated from WIT"
        )]
    }
}

/// The hidden module of the facade crate, by whose path generated code names everything.
fn private(facade: &Path) -> TokenStream {
    quote::quote!(#facade::__private)
}
