//! Run WebAssembly packages from Rust, and talk to them in ordinary Rust types.
//!
//! ```no_run
//! pack_runtime::bindgen!({ inline: "
//!     package demo:greeting;
//!     world greeting { export greet: func(name: string) -> string; }
//! " });
//!
//! fn main() -> Result<(), pack_runtime::Error> {
//!     let runtime = pack_runtime::Runtime::new()?;
//!     let package = runtime.load_file("greeting.wasm")?;
//!     let mut greeting = Greeting::instantiate(&package, ())?;
//!     assert_eq!(greeting.greet("you")?, "Hello, you!");
//!     Ok(())
//! }
//! ```
//!
//! The way of a package:
//!
//! 1. [`Runtime::load`]: reads and checks the types it carries, compiles it. [`Package`] can be asked for its types.
//! 2. `link`, of a world that [`bindgen!`] made: compares those types with the ones this program was compiled with,
//!    function by function, and connects the imports. A package that does not fit is refused here, with a
//!    difference in WIT words.
//! 3. [`Linked::instantiate`]: an instance, which owns its memory and the host's data.
//! 4. Calls, typed or [by name](Instance::call).
//!
//! Everything that can go wrong is an [`Error`], whose variants tell the steps apart.
//!
//! This crate is for programs that run packages. Packages depend on `pack-guest`, and build scripts that compile
//! packages on `pack-guest-build`. The guide is in the repository, in `docs/guide`.
//!
//! # What is where
//!
//! | what for | what |
//! | --- | --- |
//! | typed bindings, of WIT or of a package | [`bindgen!`] |
//! | types of your own in calls | the derives [`GraphValue`](derive@GraphValue) and [`PackType`](derive@PackType) |
//! | calls by name, with values whose types are found out at run time | [`Instance::call`], [`Value`] |
//! | what a package says of itself, without compiling it | [`PackageInfo`] |
//! | how much a package may use, and how much it did | [`Limits`], [`Usage`] |
//! | a folder for machine code, a check of all packages, the same results everywhere | [`RuntimeBuilder`] |
//! | host functions from several places, or without WIT | [`HostInterface`], [`Linker`] |
//! | many callers at once | [`Pool`] |
//! | packages that call each other | [`Composition`] |
//! | calls seen, answered or stopped | [`Interceptor`] |
//! | calls written down, and run again | [`Recorder`], [`Trace`], [`Replay`] |
//! | what packages log | [`log`] |
//!
//! # Features
//!
//! * `bytes`, `indexmap`, `smol_str`, `uuid`: types of these crates travel.
//! * `serde`: [`Value`]s in every self-describing format, `value::serde`; `json`: in JSON.
//! * `tracing`: spans around loading, instantiating and calls by name; for bindings with the option `tracing`, around the
//!   calls of these; and what packages log in the host's `tracing`: `log::Tracing`.
//!
//! And, on by default:
//!
//! * `compiler`: without it, packages are [precompiled](Runtime::load_precompiled).
//! * `async`: for bindings with the option `async`, and whatever else is called `async` here.
//! * `cache`: machine code in [a folder](RuntimeBuilder::cache); it needs `compiler`.
//! * `pooling`: room for instances set aside, with [`RuntimeBuilder::pool`].

#[macro_use]
mod span;

// The derives name this crate as others see it.
extern crate self as pack_runtime;

#[cfg(feature = "cache")]
mod cache;
mod callee;
mod composition;
mod core_func;
mod core_value;
mod dynamic;
mod error;
mod export;
mod failure;
mod function;
mod guest;
mod host_call;
mod host_interface;
mod import;
mod instance;
mod interceptor;
mod limits;
mod linked;
mod linked_part;
mod linker;
pub mod log;
mod mediator;
mod mode;
mod package;
mod parts;
mod payload;
mod pool;
mod raw;
mod resource;
mod runtime;
mod settings;
mod state;
mod ticker;
mod trace;

#[doc(hidden)]
pub mod __private;

pub use composition::{Composition, CompositionError, CompositionProblem};
pub use error::{
    CallSite, CalleeError, ContractError, Error, GuestPanic, HostFunctionError, HostProblem,
    LimitError, LinkError, LinkProblem, MetadataProblem, PoisonedBy, Trap,
};
#[cfg(feature = "async")]
pub use host_interface::HostFuture;
pub use host_interface::{Arguments, CoreCall, HostError, HostInterface};
pub use instance::Instance;
pub use interceptor::{Action, Call, Direction, Interceptor, Outcome};
pub use limits::{LimitKind, Limits, Usage};
pub use linked::{AsyncWorld, BlockingWorld, Client, Linked, World};
pub use linker::Linker;
pub use pack_abi::{
    Borrow, Contract, DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, GraphValue,
    GraphView, HandleProblem, Limits as MessageLimits, PackType, SchemaBuilder, Value, schema_of,
};
pub use pack_abi::{printable, schema, value, view};
pub use pack_macros::{
    HostGraphValue as GraphValue, HostGraphView as GraphView, HostPackType as PackType,
};
pub use package::{Digest, Package, PackageInfo};
pub use parts::PartMut;
pub use payload::Payload;
pub use pool::{Pool, PoolError, PoolPolicy, PoolSettings, PoolStats, Pooled};
pub use runtime::Runtime;
pub use settings::RuntimeBuilder;
pub use state::State;
pub use trace::{
    Divergence, Recorder, Replay, ReplayError, Replayed, TRACE_VERSION, Trace, TraceError,
    TracedFailure, TracedPackage,
};
pub use wasmtime;

/// Makes the Rust side of a world, for a host: types, traits for its imports, clients for its exports.
///
/// ```no_run
/// pack_runtime::bindgen!({ inline: "
///     package demo:shop;
///     interface prices { price: func(item: string) -> option<u32>; }
///     interface cart {
///         record item { name: string, count: u32 }
///         total: func(items: list<item>) -> u32;
///     }
///     world shop { import prices; export cart; }
/// " });
///
/// use demo::shop::cart::Item;
///
/// /// The host's data, which answers what the package asks.
/// struct Prices;
///
/// impl imports::demo::shop::Prices for Prices {
///     fn price(&mut self, item: String) -> Option<u32> {
///         (item == "pear").then_some(3)
///     }
/// }
///
/// fn main() -> Result<(), pack_runtime::Error> {
///     let package = pack_runtime::Runtime::new()?.load_file("shop.wasm")?;
///     let mut shop = Shop::instantiate(&package, Prices)?;
///     let pears = Item { name: "pear".to_owned(), count: 2 };
///     assert_eq!(shop.cart().total(&[pears])?, 6);
///     Ok(())
/// }
/// ```
///
/// Where the WIT comes from:
///
/// ```text
/// pack_runtime::bindgen!("wit");                                        // a file, or a folder with .wit files
/// pack_runtime::bindgen!(env!("GREETING_PACKAGE"));                     // or a package, which carries its contract
/// pack_runtime::bindgen!({ path: "wit", world: "json-query" });         // one of several worlds
/// pack_runtime::bindgen!({ inline: "package demo:x; world x { … }" });
/// pack_runtime::bindgen!({ path: "wit", async: true });                 // async fn, on both ends
/// pack_runtime::bindgen!({ path: "wit", crate: my_crate::pack });       // where this crate has another name
/// ```
///
/// Without an argument it is `"wit"`. Paths are relative to the folder of Cargo.toml; those from `env!` are of build
/// scripts. Further options:
///
/// ```text
/// features: ["fast-lane"], all_features: true                 // opens gates `@unstable(feature = fast-lane)`
/// derives: { "*": [serde::Serialize], "point": [PartialOrd] } // on all types, on one, on those of an interface
/// attributes: { "demo:types/shapes/point": #[repr(C)] }
/// with: { "demo:types/shapes": crate::shapes }                // types from elsewhere; also of one type
/// ownership: "owned"                                          // clients take `String`, not `&str`, and so on
/// tracing: true                                               // a span of the crate `tracing` for each call
/// fallible_imports: true                                      // methods of the host return `Result<_, HostError>`
/// views: ["run", "log"]                                       // values of these functions are read where they lie
/// package: env!("GREETING_PACKAGE")                           // a package that has to fit; also several, in brackets
/// debug: true                                                 // or PACK_DEBUG=1: errors point into the code, in a file
/// ```
///
/// What each does in full is said at the methods of `pack_codegen::Config`, which are the same options for build
/// scripts: `pack_codegen::Config::path("wit").build_host("json_query.rs")`.
///
/// For a world `json-query` there is a struct `JsonQuery<T>`, where `T` is the host's own data. `T` implements a
/// trait for each imported interface: for `demo:json-query/log`, `imports::demo::json_query::Log`. For each exported
/// interface the struct has a method that gives a client: for `demo:json-query/query`, `query()`; functions of the
/// world itself are methods of the struct. The types of an interface are in the module of its name:
/// `demo::json_query::types`.
///
/// The struct has `link`, which compares a package with the world and gives a [`Linked`]; `instantiate`, which does that
/// and makes an instance; `instance` and `instance_mut`, for the [`Instance`] inside. Calls return `Result<_, Error>`.
///
/// It stands at the level of a module, not in a function: the modules that it makes refer to each other. Where
/// Cargo.toml gives this crate another name and `crate` does not say so, the compiler finds no `pack_runtime`, and says it
/// of every place where generated code needs it.
///
/// A module that would be called `exports`, `imports`, `functions`, `mocks` or `pack`, which are taken, gets a `_` at the
/// end of its name. Other names that meet are errors at their places in the WIT.
pub use pack_macros::bindgen;
