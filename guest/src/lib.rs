//! Write WebAssembly packages in plain Rust.
//!
//! ```
//! pack::world!({ inline: "
//!     package demo:greeting;
//!     world greeting { export greet: func(name: string) -> string; }
//! " });
//!
//! #[pack::export]
//! fn greet(name: String) -> String {
//!     format!("Hello, {name}!")
//! }
//!
//! # fn main() {
//! // Natively it is a function like any other.
//! assert_eq!(greet("you".into()), "Hello, you!");
//! # }
//! ```
//!
//! Compiled as a `cdylib` for `wasm32-unknown-unknown`, that is a package: it carries its own types, and a host
//! made from the same WIT calls it. [`world!`] makes types, functions for what the package imports, and traits for
//! what it exports; [`export`](macro@export) on an `impl` of such a trait, or on a function, exports it.
//!
//! Its `Cargo.toml` has, besides the usual:
//!
//! ```toml
//! [lib]
//! crate-type = ["cdylib"]
//!
//! [dependencies]
//! pack-guest = "0.1"
//! ```
//!
//! `cargo pack build` compiles it, or the build script of a host, with `pack-guest-build`. Hosts depend on `pack-runtime`.
//!
//! # What is where
//!
//! | what for | what |
//! | --- | --- |
//! | a package whose contract is WIT | [`world!`], [`export`](macro@export) |
//! | a package whose contract is its Rust functions | [`package!`], [`export`](macro@export) |
//! | types of your own | the derives [`GraphValue`](derive@GraphValue), [`PackType`](derive@PackType), [`GraphView`](derive@GraphView) |
//! | arguments that are read where they lie | [`view`], [`export`](macro@export) |
//! | telling the host's log something | [`log`](mod@log) |
//! | tests, natively | [`mock`] |
//!
//! The same crate compiles natively, for unit tests: exports are ordinary functions, and what the package imports is
//! answered by mocks, which a test sets: [`mock`].
//!
//! # Features
//!
//! * `std` (on by default): the guest uses the standard library. Turn it off for a `#![no_std]` guest, which is
//!   smaller, by `default-features = false, features = ["allocator"]`; then this crate brings a panic handler.
//! * `allocator` (on by default): this crate brings the global allocator, which is made for values that travel. Turn it off
//!   for one of your own, or for that of the standard library.
//! * `short-panics`: in `#![no_std]` guests, the host is told the place of a panic, and its message if that is a literal. What
//!   puts messages together stays out of the package, unless something else needs it.
//! * `bytes`, `indexmap`, `smol_str`, `uuid`: types of these crates travel.
//! * `tracing`: for bindings with the option `tracing`.
//! * `log`, `tracing-events`: what the guest says with the crates `log` and `tracing` goes to the host: [`log`].
//!
//! Features are those of the whole package: a library that packages share depends on this crate by
//! `default-features = false`, and leaves `allocator` and `short-panics` to the packages.
#![no_std]

extern crate alloc;
// Natively the standard library is there anyway, and brings what a program needs besides its own code.
#[cfg(any(feature = "std", not(target_arch = "wasm32")))]
extern crate std;

#[cfg(any(all(target_arch = "wasm32", feature = "allocator"), test))]
mod allocator;
#[cfg(not(target_arch = "wasm32"))]
mod answers;
mod export;
mod exported;
mod held;
mod import;
mod inferred;
pub mod log;
mod memory;
#[cfg(not(target_arch = "wasm32"))]
pub mod mock;
#[cfg(target_arch = "wasm32")]
mod panic;
mod refuse;
mod resource;

#[doc(hidden)]
pub mod __private;

pub use pack_abi::view;
pub use pack_abi::{Borrow, DecodeError, DecodeErrorKind, GraphValue, GraphView, PackType};
pub use pack_macros::{
    GuestGraphValue as GraphValue, GuestGraphView as GraphView, GuestPackType as PackType,
};

/// Makes the Rust side of a world: types, functions for its imports, traits for its exports.
///
/// ```
/// pack::world!({ inline: "
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
/// use demo::shop::prices::price;
///
/// #[pack::export(exports::demo::shop::cart)]
/// fn total(items: Vec<Item>) -> u32 {
///     items.iter().map(|item| item.count * price(&item.name).unwrap_or_default()).sum()
/// }
///
/// # fn main() {
/// // In a test, a mock answers in the place of a host.
/// let _price = mocks::demo::shop::prices::price(|_| Some(3));
/// assert_eq!(total(vec![Item { name: "pear".into(), count: 2 }]), 6);
/// # }
/// ```
///
/// Where the WIT comes from:
///
/// ```text
/// pack::world!("wit");                                        // a file, or a folder with .wit files and deps/
/// pack::world!({ path: "wit", world: "json-query" });         // one of several worlds
/// pack::world!({ inline: "package demo:x; world x { … }" });
/// pack::world!({ path: "wit", crate: my_crate::pack });       // where this crate has another name
/// ```
///
/// Without an argument it is `"wit"`. Paths are relative to the folder of Cargo.toml. Further options:
///
/// ```text
/// features: ["fast-lane"], all_features: true                 // opens gates `@unstable(feature = fast-lane)`
/// derives: { "*": [serde::Serialize], "point": [PartialOrd] } // on all types, on one, on those of an interface
/// attributes: { "demo:types/shapes/point": #[repr(C)] }
/// with: { "demo:types/shapes": crate::shapes }                // types from elsewhere; also of one type
/// partial_exports: true                                       // exports may be missing
/// ownership: "owned"                                          // imports take `String`, not `&str`, and so on
/// tracing: true                                               // a span of the crate `tracing` for each call
/// debug: true                                                 // or PACK_DEBUG=1: errors point into the code, in a file
/// ```
///
/// What each does in full is said at the methods of `pack_codegen::Config`, which are the same options for build
/// scripts.
///
/// For an interface `demo:json-query/query`, types and imported functions are in the module
/// `demo::json_query::query`, and the trait of its exports is `exports::demo::json_query::Query`. What the world
/// itself declares is where the macro stands, and in `exports`. Natively, tests have the host's answers from functions in
/// `mocks::demo::json_query::query`, and in `mocks` for what the world itself imports: see [`mock`].
///
/// It stands at the level of a module, not in a function: the modules that it makes refer to each other. Where
/// Cargo.toml gives this crate another name and `crate` does not say so, the compiler finds no `pack`, and says it of every
/// place where generated code needs it.
///
/// A module that would be called `exports`, `imports`, `functions`, `mocks` or `pack`, which are taken, gets a `_` at the
/// end of its name. Other names that meet are errors at their places in the WIT.
pub use pack_macros::world;

/// Makes a crate a package whose contract is not written in WIT: the Rust functions that it exports are the contract.
///
/// ```
/// pack::package!("demo:greeting"); // or with a version: "demo:greeting@1.0.0"
///
/// #[derive(pack::GraphValue, pack::PackType)]
/// pub struct Person {
///     name: String,
///     friends: Vec<Person>,
/// }
///
/// /// Greets a person who is not alone.
/// #[pack::export]
/// fn greet(person: Person) -> Result<String, u32> {
///     match person.friends.len() {
///         0 => Err(404),
///         _ => Ok(format!("Hello, {}!", person.name)),
///     }
/// }
/// # fn main() {}
/// ```
///
/// It stands once in a crate, at its root, and names the package. The world has the last word of that name,
/// `demo:greeting/greeting`, or one of its own: `pack::package!("demo:greeting", world: "greeter")`. A host has a struct
/// called as the world, so that no type can be called as it. Functions and parameters are called in WIT as in Rust, in its
/// spelling. A host is made from the package, `pack_runtime::bindgen!("greeting.wasm")`, or from the WIT text that it prints
/// as: `package.types().to_wit()`.
///
/// Such a package exports functions of the world itself. For interfaces, imports and resources there is [`world!`].
/// Where this crate has another name: `pack::package!("demo:greeting", crate: my_crate::pack)`.
///
/// # Errors
///
/// The types of parameters and results derive [`GraphValue`](derive@GraphValue) and [`PackType`](derive@PackType), or
/// are made of standard types; they are owned, have values that end, and names that differ in more than case. Two functions
/// of one name are duplicate definitions of that name, at both places. Two different types of one WIT name, in different
/// functions, the host finds when it loads the package.
pub use pack_macros::package;

/// Exports an implementation to the host.
///
/// In a package without WIT, on a function: see [`package!`]. Everything else here is about packages with WIT.
///
/// On an `impl` of a trait that [`world!`] made: exports the whole interface.
///
/// ```
/// pack::world!({ inline: "
///     package demo:counting;
///     interface counter { count: func(text: string) -> u32; }
///     world counting { export counter; }
/// " });
///
/// struct Package;
///
/// #[pack::export]
/// impl exports::demo::counting::Counter for Package {
///     fn count(text: String) -> u32 {
///         text.chars().map(|_| 1).sum()
///     }
/// }
/// # fn main() {}
/// ```
///
/// On a function: exports it as the world's function of that name. For a function of an interface, the argument
/// is the path of the interface's module in `exports`. The `exports` that [`world!`] made must be in scope: in
/// another module, `use crate::exports;`.
///
/// ```
/// pack::world!({ inline: "
///     package demo:counting;
///     interface counter { count: func(text: string) -> u32; }
///     world counting { export counter; export greet: func(name: string) -> string; }
/// " });
///
/// #[pack::export]
/// fn greet(name: String) -> String {
///     format!("Hello, {name}!")
/// }
///
/// #[pack::export(exports::demo::counting::counter)]
/// fn count(text: String) -> u32 {
///     text.chars().map(|_| 1).sum()
/// }
/// # fn main() {}
/// ```
///
/// Such a function may borrow what it is passed, for as long as it runs: text as `&str`, a list of numbers or of records of
/// numbers as a slice, which it may also change (`&[Point]`, `&mut [Point]`), and everything else as its view, which is read
/// where the host has put it. A type that [`world!`] makes has a view beside it, `TermRef` for `Term`; what the others are is
/// said at [`GraphView`].
///
/// Slices there are of all elements of one width. Where numbers, and records of numbers without gaps between them, are in memory
/// as they travel, they are used where they lie; `bool`, `char`, enums, flags and other records are read first, into memory that
/// lasts as long as the call. A struct of your own is in order if it is `#[repr(C)]`; records that [`world!`] makes are, where
/// that leaves no gaps. Where the parameters are more than sixteen core values, of which a list or a text takes two, lists that find
/// no room are `Vec<T>` or views.
///
/// A result may be the view of what lies in an argument, which then goes back as it lies there; text may be `&str`, and a list
/// a slice, of an argument or of what is always there. Text and lists of numbers stay where they are until the host has read
/// them, whether they are borrowed or not; only what is part of elements that were read first is copied. For each parameter and for the result, the type in the signature is what decides.
///
/// ```
/// pack::world!({ inline: "
///     package demo:terms;
///     interface types {
///         variant term { number(f64), sum(list<term>) }
///         record point { x: f64, y: f64 }
///     }
///     world terms {
///         use types.{term, point};
///         export evaluate: func(term: term) -> f64;
///         export mirror: func(points: list<point>) -> list<point>;
///         export last: func(term: term) -> term;
///         export first-line: func(text: string) -> string;
///     }
/// " });
///
/// #[pack::export]
/// fn evaluate(term: TermRef<'_>) -> f64 {
///     match term {
///         TermRef::Number(number) => number,
///         TermRef::Sum(terms) => terms.iter().map(evaluate).sum(),
///     }
/// }
///
/// #[pack::export]
/// fn mirror(points: &mut [Point]) -> &[Point] {
///     for point in &mut *points {
///         point.x = -point.x;
///     }
///     points
/// }
///
/// #[pack::export]
/// fn last(term: TermRef<'_>) -> TermRef<'_> {
///     match term {
///         TermRef::Sum(terms) => terms.iter().last().unwrap_or(term),
///         TermRef::Number(_) => term,
///     }
/// }
///
/// #[pack::export]
/// fn first_line(text: &str) -> &str {
///     text.lines().next().unwrap_or_default()
/// }
/// # fn main() {}
/// ```
///
/// On an `impl` of the trait of a resource, which is in the module of its interface: exports the resource. A
/// constructor is `new`, and methods take `&self`.
///
/// ```
/// pack::world!({ inline: "
///     package demo:counting;
///     interface counters {
///         resource counter {
///             constructor(start: u32);
///             add: func(by: u32) -> u32;
///         }
///     }
///     world counting { export counters; }
/// " });
///
/// struct Count(core::cell::Cell<u32>);
///
/// #[pack::export]
/// impl exports::demo::counting::counters::CounterResource for Count {
///     fn new(start: u32) -> Self {
///         Self(start.into())
///     }
///     fn add(&self, by: u32) -> u32 {
///         self.0.set(self.0.get() + by);
///         self.0.get()
///     }
/// }
/// # fn main() {}
/// ```
///
/// # Errors
///
/// What is exported has the types of the WIT, under whatever names, and each export is there once. Everything else is
/// an error of the compiler, which quotes the WIT:
///
/// ```text
/// error[E0277]: parameter `name` of `greet` must be `String` or `&str`, not `Vec<u8>`
///  --> src/lib.rs:4:16
///   |
/// 4 | fn greet(name: Vec<u8>) -> String {
///   |                ^^^^^^^ `name: string` in the WIT
///   |
///   = note: wit/greeting.wit:4: export greet: func(name: string) -> string
///   = note: in Rust: `fn greet(name: String) -> String`
/// ```
///
/// An export that nothing provides is an error at [`world!`], unless that has `partial_exports: true`.
///
/// In a module with `#![no_implicit_prelude]` the compiler finds no `diagnostic`, the attribute through which it quotes
/// the WIT, and nothing can bring it back: exports of a [`world!`] stand in a module that has the prelude. The macro
/// itself, derives, and exports of a [`package!`] can do without.
pub use pack_macros::export;
