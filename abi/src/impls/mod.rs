//! The traits for the types of the language and its standard library.

mod collections;
mod option_result;
mod pointers;
mod scalars;
mod text;
mod tuples;
