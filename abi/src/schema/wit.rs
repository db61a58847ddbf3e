//! A contract as WIT text, which reads back as the same contract.
//!
//! A type is named plainly in the scope it belongs to (an interface, the world, an interface written inside the
//! world); every other scope says `use`. `scope` finds out what each scope has and uses, `name` knows what WIT
//! allows as a name, `print` writes it all down.

mod name;
mod print;
mod scope;

use alloc::string::String;
use core::fmt;

use super::Contract;

impl Contract {
    /// The contract as the text of one WIT file. Packages other than that of the world are nested in it.
    ///
    /// Read again, the text gives the same types and functions, with the same names and documentation. What does not
    /// matter to the contract is not in it: plain comments, the documentation of the world and of packages, the order
    /// of definitions. Types without an owner, those of Rust types that were never given one, are printed as types of
    /// the world; a contract without a world gets one called `local:types/types`.
    ///
    /// # Errors
    ///
    /// If WIT cannot say it. That happens to no contract that was read from WIT; only to those of Rust types, and to
    /// those of hostile packages.
    pub fn to_wit(&self) -> Result<String, WitError> {
        print::contract(self)
    }
}

/// Why a contract cannot be written as WIT.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WitError {
    /// A name that WIT does not allow.
    Name {
        /// The name.
        name: String,
    },
    /// Two things of one scope have the same name.
    Duplicate {
        /// The name.
        name: String,
        /// The interface or world.
        scope: String,
    },
    /// A type is used where WIT has no way to name it.
    OutOfReach {
        /// The type.
        ty: String,
        /// The interface or world that uses it.
        scope: String,
    },
    /// Interfaces, or packages, that use each other's types.
    Circle {
        /// One of them.
        name: String,
    },
    /// An interface is imported and exported with different functions.
    Sides {
        /// The interface.
        interface: String,
    },
    /// The text would be longer than [`MAX_WIT_LENGTH`].
    TooLong,
}

/// The most bytes of WIT that are written: types that nest can take far more space in a text than in a table.
pub const MAX_WIT_LENGTH: usize = 16 << 20;

impl fmt::Display for WitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { name } => write!(f, "{name:?} is not a name in WIT"),
            Self::Duplicate { name, scope } => write!(f, "{scope} has {name:?} twice"),
            Self::OutOfReach { ty, scope } => {
                write!(
                    f,
                    "{scope} uses type {ty}, which cannot be named there in WIT"
                )
            }
            Self::Circle { name } => write!(
                f,
                "{name} uses types that use types of {name}, which WIT allows only inside one interface"
            ),
            Self::Sides { interface } => write!(
                f,
                "{interface} is imported and exported with different functions, where WIT has one definition"
            ),
            Self::TooLong => write!(f, "the text would be longer than {MAX_WIT_LENGTH} bytes"),
        }
    }
}

impl core::error::Error for WitError {}
