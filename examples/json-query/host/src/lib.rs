//! The parts of the program: how it reads documents, asks the package, and writes results.

pub mod package;
pub mod read;
pub mod write;
