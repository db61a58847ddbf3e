//! What a host can put around the calls of an instance, in both directions.

use std::fmt;
use std::sync::Arc;

use pack_abi::{DecodeError, Limits, Value};

use crate::error::{Error, printable};
use crate::function::CalledFunction;
use crate::host_interface::HostError;
use crate::package::Package;
use crate::payload::Payload;

/// Sees the calls of an instance: those of its exports, which the host or another package makes, and those of its
/// imports, which the package makes. It can let them pass, answer in their place, or stop them.
///
/// It is put around a package by [`Linker::intercept`](crate::Linker::intercept), and works in the same way for calls that
/// block and for those that wait. Several are around each other as the skins of an onion, and the last that was put there is
/// next to the package: a call of an export comes to it last, and a call of an import first. An instance without
/// interceptors is called as if there were none.
///
/// What is seen are the functions of the contract, and what ends resources. An export is called with its arguments in
/// place, so that room for them has been made before; what a guest calls meanwhile, and in
/// [`call_core`](crate::Instance::call_core), has no parent.
///
/// ```
/// use pack_runtime::{Action, Call, HostError, Interceptor, Outcome};
///
/// /// Counts what a package asks of its host, and lets it do so only so often.
/// struct Quota(u32);
///
/// impl Interceptor<u32> for Quota {
///     fn before(&self, calls: &mut u32, call: &Call<'_>) -> Result<Action, HostError> {
///         if call.is_import() {
///             *calls += 1;
///         }
///         if *calls > self.0 {
///             return Err(format!("{} calls are enough", self.0).into());
///         }
///         Ok(Action::Continue)
///     }
///
///     fn after(&self, _: &mut u32, call: &Call<'_>, outcome: &Outcome<'_>) {
///         println!("{call} ended: {outcome}");
///     }
/// }
/// ```
pub trait Interceptor<T>: Send + Sync {
    /// A call is about to be made.
    ///
    /// # Errors
    ///
    /// What stops the call. An import that is stopped ends the guest's call, as a host function that fails does. An
    /// export that is stopped is not called: [`Error::Interceptor`].
    fn before(&self, host: &mut T, call: &Call<'_>) -> Result<Action, HostError> {
        let _ = (host, call);
        Ok(Action::Continue)
    }

    /// A call that this interceptor let pass has ended, be it that another one answered.
    fn after(&self, host: &mut T, call: &Call<'_>, outcome: &Outcome<'_>) {
        let _ = (host, call, outcome);
    }

    /// A call that this interceptor let pass does not end: its future was dropped.
    fn abandoned(&self, call: &Call<'_>) {
        let _ = call;
    }
}

impl<T, I: Interceptor<T> + ?Sized> Interceptor<T> for Arc<I> {
    fn before(&self, host: &mut T, call: &Call<'_>) -> Result<Action, HostError> {
        (**self).before(host, call)
    }

    fn after(&self, host: &mut T, call: &Call<'_>, outcome: &Outcome<'_>) {
        (**self).after(host, call, outcome);
    }

    fn abandoned(&self, call: &Call<'_>) {
        (**self).abandoned(call);
    }
}

/// What becomes of a call.
#[derive(Debug)]
pub enum Action {
    /// It is made.
    Continue,
    /// It is not made: this is its result, which is checked against the function's type. `None` is for functions without
    /// a result.
    Answer(Option<Value>),
    /// It is not made: this is its result as it travels, from another call of the same function. The host checks that as much
    /// is there as a count says, where there is one; who reads it checks the rest.
    AnswerPayload(Payload),
}

/// The direction of a call, seen from a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The package is called.
    Export,
    /// The package calls.
    Import,
}

/// A call that is intercepted.
///
/// It is shown as its number, the part, an arrow and the function: `#3 filter -> log.write`.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    pub(crate) id: u64,
    pub(crate) parent: Option<u64>,
    pub(crate) direction: Direction,
    pub(crate) instance: u64,
    pub(crate) part: &'a str,
    pub(crate) package: &'a Package,
    pub(crate) function: &'a CalledFunction,
    pub(crate) payload: &'a Payload,
    pub(crate) limits: Limits,
}

impl Call<'_> {
    /// Its number: calls of an instance, or of a whole composition, count from 1.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The call in which this one was made; none if the host made it.
    pub fn parent(&self) -> Option<u64> {
        self.parent
    }

    /// The instance: a number that no other one of this process has. The parts of a composition are one.
    pub fn instance(&self) -> u64 {
        self.instance
    }

    /// Whether the package is called, or calls.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Whether the package calls.
    pub fn is_import(&self) -> bool {
        self.direction == Direction::Import
    }

    /// The package's name in a composition; otherwise its world's name.
    pub fn part(&self) -> &str {
        self.part
    }

    /// The package.
    pub fn package(&self) -> &Package {
        self.package
    }

    /// The interface's qualified name, `$root` for the world itself. `$pack` with the function `drop`, which takes a handle,
    /// is what ends a resource: as an import one of the host's, which the guest drops; as an export one of the guest's,
    /// which the host has dropped.
    pub fn interface(&self) -> &str {
        &self.function.interface
    }

    /// The function's name.
    pub fn function(&self) -> &str {
        &self.function.name
    }

    /// The arguments.
    ///
    /// # Errors
    ///
    /// If they are not what the contract says, or have resources.
    pub fn arguments(&self) -> Result<Vec<Value>, DecodeError> {
        self.payload.arguments(self.function, self.limits)
    }

    /// The arguments as they travel.
    pub fn payload(&self) -> &Payload {
        self.payload
    }
}

impl fmt::Display for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, part, name) = (self.id, printable(self.part), self.function.full_name());
        let arrow = match self.direction {
            Direction::Export => "<-",
            Direction::Import => "->",
        };
        write!(f, "#{id} {part} {arrow} {name}")
    }
}

/// How a call ended.
#[derive(Debug, Clone, Copy)]
pub struct Outcome<'a> {
    pub(crate) function: &'a CalledFunction,
    pub(crate) result: Result<&'a Payload, &'a Error>,
    pub(crate) limits: Limits,
}

impl<'a> Outcome<'a> {
    /// Why it failed, if it did.
    pub fn error(&self) -> Option<&'a Error> {
        self.result.err()
    }

    /// The result as it travels, if there is one.
    pub fn payload(&self) -> Option<&'a Payload> {
        self.result.ok()
    }

    /// The result: `None` if the call failed, or the function has none.
    ///
    /// # Errors
    ///
    /// If it is not what the contract says, or has resources.
    pub fn value(&self) -> Result<Option<Value>, DecodeError> {
        match self.result {
            Ok(payload) => payload.result(self.function, self.limits),
            Err(_) => Ok(None),
        }
    }
}

/// `returned` and the result as [WAVE](crate::value::text), or `failed:` and the error.
impl fmt::Display for Outcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Err(error) = self.result {
            return write!(f, "failed: {error}");
        }
        match self.value() {
            Ok(Some(value)) => write!(f, "returned {value}"),
            Ok(None) => f.write_str("returned"),
            Err(error) => write!(f, "returned what cannot be shown: {error}"),
        }
    }
}
