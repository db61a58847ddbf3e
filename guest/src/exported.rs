//! Which functions of an interface a crate exports, as the compiler sees it.

use core::marker::PhantomData;

/// `ThisPackage: ExportedOnce<Free<greet>>` where the function `greet` is exported, and so for all functions where the
/// interface is; `ThisPackage: ExportedOnce<counter>` where the resource `counter` is. What is exported twice has two
/// conflicting implementations, which the compiler shows.
pub trait ExportedOnce<Function> {}

/// A function of no resource.
#[derive(Debug)]
pub struct Free<Function>(PhantomData<Function>);

/// `ThisPackage: Misspelled<Free<greet>>` where something is exported that was probably meant for `greet`. That is an
/// error already.
pub trait Misspelled<Function> {}

/// What a package exports.
#[derive(Debug)]
pub struct Export<Package, Function>(PhantomData<(Package, Function)>);

/// What holds of an [`Export`] that has no constants of its own.
pub trait NotProvided {
    /// Whether it is there.
    const IS_PROVIDED: bool = false;
    /// Whether something else was meant for it.
    const IS_MEANT: bool = false;
}

impl<Package, Function> NotProvided for Export<Package, Function> {}

impl<Package: ExportedOnce<Function>, Function> Export<Package, Function> {
    /// Whether it is there.
    pub const IS_PROVIDED: bool = true;
}

impl<Package: Misspelled<Function>, Function> Export<Package, Function> {
    /// Whether something else was meant for it.
    pub const IS_MEANT: bool = true;
}
