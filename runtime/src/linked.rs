use std::fmt;
use std::sync::Arc;

use pack_abi::schema::hash::Hash;

use crate::error::Error;
use crate::import::Imports;
use crate::instance::{Instance, Part, Way};
use crate::limits::Limits;
use crate::linked_part::LinkedPart;
#[cfg(feature = "async")]
use crate::mode::Waiting;
use crate::mode::{Blocking, Mode, now};
use crate::package::Package;
use crate::state::new_store;

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

/// What a host calls an instance through: a world made by [`bindgen!`](crate::bindgen!), or [`Instance`] itself.
///
/// For bounds: what is generic over worlds, as [`Linked`] and [`Pool`](crate::Pool) are.
pub trait Client: Sized {
    /// The host's own data.
    type Host: 'static;

    /// What the host was compiled with.
    #[doc(hidden)]
    const CONTRACT: HostContract;

    /// Finds the functions of an instance.
    ///
    /// # Errors
    ///
    /// If one is missing or of another core type.
    #[doc(hidden)]
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
    #[doc(hidden)]
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

/// A package, or a composition of several, that has been checked against the client `W` and connected with the host's
/// functions. Makes instances; nothing has to be looked up again for that.
///
/// ```no_run
/// # use pack_runtime::{Error, Package};
/// # pack_runtime::bindgen!({ inline: "
/// #     package demo:greeting;
/// #     world greeting { export greet: func(name: string) -> string; }
/// # " });
/// # fn demo(package: &Package) -> Result<(), Error> {
/// let linked = Greeting::link(package)?;
/// for name in ["Ada", "Charles"] {
///     // What one instance has in its memory, the next one does not see.
///     println!("{}", linked.instantiate(())?.greet(name)?);
/// }
/// # Ok(())
/// # }
/// # fn main() {}
/// ```
pub struct Linked<W: Client> {
    /// Those that others call come first.
    parts: Vec<LinkedPart<W::Host>>,
    /// The one that the host calls.
    main: usize,
    package: Package,
}

impl<W: Client> fmt::Debug for Linked<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Linked")
            .field("parts", &self.parts)
            .field("main", &self.main)
            .finish_non_exhaustive()
    }
}

impl<W: Client> Linked<W> {
    /// `package` is that of the part `main`.
    pub(crate) fn new(parts: Vec<LinkedPart<W::Host>>, main: usize, package: Package) -> Self {
        Self {
            parts,
            main,
            package,
        }
    }

    /// Makes an instance, which owns `host`.
    ///
    /// # Errors
    ///
    /// Those of a call, if the package fails while it starts, runs into a limit, or asks for more than the machine has;
    /// [`Error::Metadata`] if it does not say the same of its types as its file; [`Error::Setting`] if some of the host's
    /// functions wait: then it takes `instantiate_async`; [`Error::Thread`] if time is limited and there can be no thread
    /// that watches it.
    pub fn instantiate(&self, host: W::Host) -> Result<W, Error>
    where
        W: BlockingWorld,
    {
        W::bind(now(self.start::<Blocking>(host))?)
    }

    /// Makes an instance, which owns `host`, on a stack of its own, so that host functions can wait.
    ///
    /// # Errors
    ///
    /// As [`instantiate`](Self::instantiate).
    #[cfg(feature = "async")]
    pub async fn instantiate_async(&self, host: W::Host) -> Result<W, Error>
    where
        W: AsyncWorld,
    {
        W::bind(self.start::<Waiting>(host).await?)
    }

    async fn start<M: Mode<W::Host>>(&self, host: W::Host) -> Result<Instance<W::Host>, Error> {
        let span = span!("instantiate", world = self.package.types().world.as_str());
        span.around(self.start_all::<M>(host)).await
    }

    async fn start_all<M: Mode<W::Host>>(&self, host: W::Host) -> Result<Instance<W::Host>, Error> {
        let has_waiting = self.parts.iter().any(LinkedPart::has_waiting);
        if has_waiting && M::WAY == Way::Blocking {
            return Err(Error::Setting {
                setting: "Linked::instantiate",
                problem: "some of the host functions that were offered wait: use `instantiate_async`",
            });
        }
        let packages = self.parts.iter().map(LinkedPart::package);
        let runtime = self.package().runtime();
        let mut store = new_store(runtime, packages, host)?;
        let mut parts = Vec::with_capacity(self.parts.len());
        for (number, part) in self.parts.iter().enumerate() {
            let guest = part.start::<M>(&mut store, number, &parts).await?;
            let name = Arc::clone(part.name());
            parts.push(Part { name, guest });
        }
        let is_mediated = self.parts.iter().any(LinkedPart::is_mediated);
        let guest = parts.get(self.main).map(|part| Arc::clone(&part.guest));
        let guest = guest.ok_or_else(|| Error::Convention("no part is called".to_owned()))?;
        let way = (is_mediated || has_waiting).then_some(M::WAY);
        Ok(Instance::new(store, parts.into(), guest, way))
    }

    /// The same, with other limits for the instances; of a composition, for the part that the host calls.
    ///
    /// # Errors
    ///
    /// As [`Package::with_limits`].
    pub fn with_limits(&self, limits: Limits) -> Result<Self, Error> {
        let package = self.package.with_limits(limits)?;
        let mut parts = self.parts.clone();
        if let Some(part) = parts.get_mut(self.main) {
            part.limit(package.clone());
        }
        Ok(Self::new(parts, self.main, package))
    }

    /// The package; of a composition, the one that the host calls.
    pub fn package(&self) -> &Package {
        &self.package
    }
}
