//! Rust types that describe themselves, as data that the compiler can compute with.
//!
//! ```text
//! PackType ── IDENTITY ── which type it is, known without its parts
//!          └─ INFO ────── what it is made of: TypeInfo, whose parts are TypeInfo; a graph, with cycles
//!
//! cycle      whether a type lies on a cycle of that graph; asked by the compiler for each derived type
//! builder    the graph as a schema
//! same       whether two graphs are the same; asked by the compiler for each type that comes from elsewhere
//! function   a function whose types are such, and the core signature it has
//! sound      whether such a function can be written down in WIT; asked by the compiler for each
//! piece      the metadata of such a function
//! table      all types of such a function
//! text       messages that the compiler puts together
//! around     how types without a static refer to each other in a circle
//! ```

mod around;
mod builder;
mod cycle;
mod function;
mod identity;
mod info;
mod piece;
mod same;
mod sound;
mod table;
mod text;

pub use around::{Around, DescribedIn, Inside, Outside, Within, is_inside_itself};
pub use builder::{SchemaBuilder, schema_of};
pub use function::{CoreSignature, FunctionInfo, ParamInfo, Place, Way};
pub use identity::{Arg, Identity};
pub use info::{CaseInfo, FieldInfo, LabelInfo, Shape, TypeInfo, TypeRef};
pub use piece::{piece, piece_length};
pub use same::assert_same;
pub use sound::assert_sound;

pub(crate) use cycle::leads_to;

/// A Rust type that describes itself as a schema type.
///
/// Derive it: `#[derive(PackType)]`. Everything about it is known to the compiler, which finds out by it whether the
/// type lies on a cycle of types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not describe itself as a Pack type",
    label = "no schema",
    note = "add `#[derive(PackType)]` to the type; for a type of another crate, wrap it in one of your own, or say \
            `#[pack(with = module)]` on the field"
)]
pub trait PackType: 'static {
    /// Which type it is.
    const IDENTITY: &'static Identity;

    /// What it is made of.
    const INFO: TypeRef;

    /// The type as a part of others.
    #[doc(hidden)]
    type In<A: Around>: PackType;
}
