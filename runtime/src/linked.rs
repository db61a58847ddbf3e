use std::fmt;

use pack_abi::schema::hash::Hash;
use wasmtime::InstancePre;

use crate::error::Error;
use crate::import::Imports;
use crate::instance::Instance;
use crate::limits::Limits;
#[cfg(feature = "async")]
use crate::mode::Waiting;
use crate::mode::{Blocking, now};
use crate::package::Package;
use crate::state::State;

/// What a host was compiled with.
#[derive(Debug)]
pub struct HostContract {
    /// The world's qualified name.
    pub world: &'static str,
    /// The metadata a package of exactly this contract has.
    pub metadata: &'static [u8],
    /// Interface, name and hash of every function the host provides.
    pub imports: &'static [(&'static str, &'static str, Hash)],
    /// Interface, name and hash of every function the host calls.
    pub exports: &'static [(&'static str, &'static str, Hash)],
}

/// What a host calls an instance through: a world made by `bindgen!`, or [`Instance`] itself.
pub trait Client: Sized {
    /// The host's own data.
    type Host: 'static;

    /// What the host was compiled with.
    const CONTRACT: HostContract;

    /// Finds the functions of an instance.
    ///
    /// # Errors
    ///
    /// If one is missing or of another core type.
    fn bind(instance: Instance<Self::Host>) -> Result<Self, Error>;

    /// The instance itself.
    fn instance(&self) -> &Instance<Self::Host>;
}

/// A client that calls by name needs nothing of a package.
impl<T: 'static> Client for Instance<T> {
    type Host = T;

    const CONTRACT: HostContract = HostContract {
        world: "(none)",
        metadata: &[],
        imports: &[],
        exports: &[],
    };

    fn bind(instance: Self) -> Result<Self, Error> {
        Ok(instance)
    }

    fn instance(&self) -> &Self {
        self
    }
}

/// A world made by `bindgen!`, whose host implements all that it imports.
pub trait World: Client {
    /// Offers the host's functions to a package.
    ///
    /// # Errors
    ///
    /// If the same function is offered twice.
    fn link(imports: &mut Imports<Self::Host>) -> Result<(), Error>;
}

/// A world whose host functions return at once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is asynchronous",
    label = "its host functions can wait",
    note = "use `instantiate_async`, or make the bindings without `async: true`"
)]
pub trait BlockingWorld: Client {}

impl<T: 'static> BlockingWorld for Instance<T> {}

/// A world whose host functions can wait: bindings made with `async: true`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not asynchronous",
    label = "its host functions return at once",
    note = "use `instantiate`, or make the bindings with `async: true`"
)]
pub trait AsyncWorld: Client<Host: Send> {}

impl<T: Send + 'static> AsyncWorld for Instance<T> {}

/// A package that has been checked against the client `W` and connected with the host's functions. Makes
/// instances; nothing has to be looked up again for that.
pub struct Linked<W: Client> {
    package: Package,
    pre: InstancePre<State<W::Host>>,
}

impl<W: Client> fmt::Debug for Linked<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Linked")
            .field("package", &self.package)
            .finish_non_exhaustive()
    }
}

impl<W: Client> Linked<W> {
    pub(crate) fn new(package: Package, pre: InstancePre<State<W::Host>>) -> Self {
        Self { package, pre }
    }

    /// Makes an instance, which owns `host`.
    ///
    /// # Errors
    ///
    /// If the package fails while it starts, runs into a limit, or asks for more than the machine has.
    pub fn instantiate(&self, host: W::Host) -> Result<W, Error>
    where
        W: BlockingWorld,
    {
        let start = Instance::start::<Blocking>(&self.package, &self.pre, host);
        W::bind(now(start)?)
    }

    /// Makes an instance, which owns `host`.
    ///
    /// # Errors
    ///
    /// As [`instantiate`](Self::instantiate).
    #[cfg(feature = "async")]
    pub async fn instantiate_async(&self, host: W::Host) -> Result<W, Error>
    where
        W: AsyncWorld,
    {
        let start = Instance::start::<Waiting>(&self.package, &self.pre, host);
        W::bind(start.await?)
    }

    /// The same, with other limits for the instances.
    ///
    /// # Errors
    ///
    /// As [`Package::with_limits`].
    pub fn with_limits(&self, limits: Limits) -> Result<Self, Error> {
        Ok(Self {
            package: self.package.with_limits(limits)?,
            pre: self.pre.clone(),
        })
    }

    /// The package.
    pub fn package(&self) -> &Package {
        &self.package
    }
}
