//! Connects a package with what a host offers.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use pack_abi::convention;
use pack_abi::metadata;
use pack_abi::schema::diff::{self, Mismatch, Role, Verdict};
use pack_abi::schema::hash::{self, Hash};
use pack_abi::schema::{Contract, Function, FunctionName, Interface, ROOT, short_name};

use crate::error::{ContractError, Error, MetadataProblem};
use crate::function::CalledFunction;
use crate::host_interface::HostInterface;
use crate::import::Imports;
use crate::interceptor::Interceptor;
use crate::linked::{Client, HostContract, Linked, World};
use crate::linked_part::{Between, LinkedPart, Wire};
use crate::log::LogSink;
use crate::package::Package;
use crate::state::State;

/// Connects a package with the functions that a host offers, from several places.
///
/// For a host that implements all that its world imports, `link` of the world does this in one step.
///
/// ```no_run
/// # use pack_runtime::{Error, HostInterface, Instance, Linker, Package};
/// # fn demo(package: &Package) -> Result<(), Error> {
/// let mut log = HostInterface::new("demo:log/log@1.0.0");
/// log.function("write", |host: &mut Vec<String>, (line,): (String,)| host.push(line));
///
/// let linked = Linker::new(package)?.offer(&log)?.link::<Instance<_>>()?;
/// let mut instance = linked.instantiate(Vec::new())?;
/// instance.call("$root", "run", &[])?;
/// # Ok(())
/// # }
/// ```
pub struct Linker<T: 'static> {
    package: Package,
    imports: Imports<T>,
    /// By interface and function.
    offers: BTreeMap<(String, String), Offer>,
    interceptors: Vec<Arc<dyn Interceptor<T>>>,
}

/// What a function that the host offers is like.
enum Offer {
    /// It was compiled from WIT; the metadata has its types.
    Compiled(Hash, &'static [u8]),
    /// It is in this contract.
    Typed(Arc<Contract>),
    /// It is what the package says.
    Dynamic,
    /// Another package provides it. The composition compares them.
    Wired,
}

impl<T> fmt::Debug for Linker<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Linker")
            .field("package", &self.package)
            .field("imports", &self.imports)
            .finish_non_exhaustive()
    }
}

impl<T: 'static> Linker<T> {
    /// Nothing is offered yet. What the package needs of the calling convention is there.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`] if the engine has no room.
    pub fn new(package: &Package) -> Result<Self, Error> {
        Ok(Self {
            package: package.clone(),
            imports: Imports::new(package.runtime().engine())?,
            offers: BTreeMap::new(),
            interceptors: Vec::new(),
        })
    }

    /// Offers the functions of an interface. Several may offer functions of one interface. What the package does not import
    /// does no harm.
    ///
    /// # Errors
    ///
    /// [`Error::Offer`] if one of them has been offered already, or the types of the interface do not go together.
    pub fn offer(mut self, interface: &HostInterface<T>) -> Result<Self, Error> {
        let name = interface.name();
        let own = interface.types().map_err(|error| Error::Offer {
            interface: name.to_owned(),
            problem: error.to_string(),
        })?;
        let own = Arc::new(own);
        for (function, is_dynamic) in interface.functions() {
            let offer = match is_dynamic {
                true => Offer::Dynamic,
                false => Offer::Typed(Arc::clone(&own)),
            };
            self.add(name, &function.name, offer)?;
            let theirs = self.package.types().import(name);
            let Some(theirs) = theirs.and_then(|theirs| theirs.function(&function.name)) else {
                continue;
            };
            let (contract, function) = match is_dynamic {
                true => (self.package.contract(), theirs),
                false => (&own, function),
            };
            interface.register(&mut self.imports, &function.name, contract, function)?;
        }
        Ok(self)
    }

    /// Offers what a world imports, for a host that implements its traits.
    ///
    /// ```no_run
    /// use pack_runtime::log::Collector;
    /// # use pack_runtime::{Error, Linker, Package};
    /// # pack_runtime::bindgen!({ inline: "
    /// #     package demo:shop;
    /// #     world shop { import price: func(item: string) -> option<u32>; export run: func(); }
    /// # " });
    /// # struct Host;
    /// # impl imports::Shop for Host {
    /// #     fn price(&mut self, _: String) -> Option<u32> { None }
    /// # }
    /// # fn demo(package: &Package) -> Result<(), Error> {
    ///
    /// // What `Shop::link` does, and a log of its own.
    /// let linked = Linker::new(package)?
    ///     .offer_world::<Shop<Host>>()?
    ///     .log(Collector::new())
    ///     .link::<Shop<Host>>()?;
    /// # Ok(())
    /// # }
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Offer`] if one of the functions has been offered already.
    pub fn offer_world<W: World<Host = T>>(mut self) -> Result<Self, Error> {
        self.offer_compiled(&W::CONTRACT)?;
        W::link(&mut self.imports)?;
        Ok(self)
    }

    /// Says where goes what the package [logs](crate::log), in place of where the runtime says.
    #[must_use]
    pub fn log(mut self, sink: impl LogSink + 'static) -> Self {
        self.imports.log = Some(Arc::new(sink));
        self
    }

    fn offer_compiled(&mut self, host: &HostContract) -> Result<(), Error> {
        for (interface, function, hash) in host.imports {
            let offer = Offer::Compiled(*hash, host.metadata);
            self.add(interface, function, offer)?;
        }
        Ok(())
    }

    fn add(&mut self, interface: &str, function: &str, offer: Offer) -> Result<(), Error> {
        let key = (interface.to_owned(), function.to_owned());
        if self.offers.insert(key, offer).is_some() {
            return Err(Error::Offer {
                interface: interface.to_owned(),
                problem: format!("the function `{function}` is offered twice"),
            });
        }
        Ok(())
    }

    /// Lets the caller define imports in the engine's own linker: those that belong to no contract, such as the functions
    /// that a module expects of another system. What belongs to the contract is [offered](Self::offer), and imports of the
    /// calling convention are there already.
    ///
    /// ```no_run
    /// # use pack_runtime::{Error, Instance, Linker, Package, State, wasmtime::Caller};
    /// # fn demo(package: &Package) -> Result<(), Error> {
    /// let linked = Linker::<u64>::new(package)?
    ///     .define(|linker| {
    ///         linker.func_wrap("env", "now", |caller: Caller<'_, State<u64>>| *caller.data().host())?;
    ///         Ok(())
    ///     })?
    ///     .link::<Instance<u64>>()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Engine`] with the error of `define`.
    pub fn define(
        mut self,
        define: impl FnOnce(&mut wasmtime::Linker<State<T>>) -> wasmtime::Result<()>,
    ) -> Result<Self, Error> {
        define(self.imports.engine_linker()).map_err(Error::Engine)?;
        Ok(self)
    }

    /// Puts an interceptor around the calls of the package, in both directions, inside of those that are there already: it
    /// is nearer to the package. What is [defined](Self::define) in the engine's linker no interceptor sees. To look into it
    /// later, or to share it, pass an [`Arc`].
    #[must_use]
    pub fn intercept(mut self, interceptor: impl Interceptor<T> + 'static) -> Self {
        self.interceptors.push(Arc::new(interceptor));
        self
    }

    /// Puts interceptors around, outside of those that are there already.
    pub(crate) fn intercept_outside(&mut self, interceptors: &[Arc<dyn Interceptor<T>>]) {
        self.interceptors
            .splice(0..0, interceptors.iter().map(Arc::clone));
    }

    pub(crate) fn package(&self) -> &Package {
        &self.package
    }

    /// Has another package provide a function of an interface that the package imports.
    pub(crate) fn wire(&mut self, interface: &str, function: &Function) -> Result<(), Error> {
        self.add(interface, &function.name, Offer::Wired)?;
        let contract = self.package.contract();
        let function = CalledFunction::new(contract, interface, function, convention::Role::Import);
        self.imports.wired(&function)
    }

    /// Compares what the package carries with what the host was compiled with and what it offers, and connects them.
    /// The client is a world that [`bindgen!`](crate::bindgen) made; or an [`Instance`](crate::Instance), for calls by
    /// name.
    ///
    /// # Errors
    ///
    /// [`Error::Contract`] with every difference at once, if the package does not fit; [`Error::Link`] if the module imports
    /// what is in no contract and nobody [defines](Self::define).
    pub fn link<C: Client<Host = T>>(self) -> Result<Linked<C>, Error> {
        self.compare(&C::CONTRACT)?;
        let package = self.package.clone();
        let name = package.types().world.as_str().into();
        let part = self.into_part(name, BTreeMap::new())?;
        Ok(Linked::new(vec![part], 0, package))
    }

    /// The package, connected.
    pub(crate) fn into_part(
        mut self,
        name: Arc<str>,
        wires: BTreeMap<(String, String), Wire>,
    ) -> Result<LinkedPart<T>, Error> {
        let pre = self.imports.finish(&self.package)?;
        let is_between = !wires.is_empty() || !self.interceptors.is_empty();
        let has_waiting = self.imports.has_waiting;
        let between = is_between.then(|| Between {
            imports: self.imports,
            outwards: self.interceptors.iter().rev().map(Arc::clone).collect(),
            interceptors: self.interceptors.into(),
            wires,
        });
        Ok(LinkedPart::new(
            name,
            self.package,
            pre,
            has_waiting,
            between,
        ))
    }

    /// What [`link`](Self::link) of a world does before it connects anything.
    #[doc(hidden)]
    pub fn check(mut self, host: &HostContract) -> Result<(), Error> {
        self.offer_compiled(host)?;
        self.compare(host)
    }

    pub(crate) fn compare(&self, host: &HostContract) -> Result<(), Error> {
        let mut mismatches = self.export_mismatches(host)?;
        mismatches.extend(self.import_mismatches()?);
        if mismatches.is_empty() {
            return Ok(());
        }
        Err(Error::Contract(Box::new(ContractError {
            host_world: host.world.to_owned(),
            package_world: self.package.types().world.clone(),
            mismatches,
            unused: self.unused(),
        })))
    }

    /// What is offered in interfaces that the package imports, and that it does not import.
    fn unused(&self) -> Vec<String> {
        let package = self.package.types();
        let offers = self.offers.keys().filter(|(interface, function)| {
            let imported = package.import(interface);
            imported.is_some_and(|imported| imported.function(function).is_none())
        });
        let name = |(interface, function): &(String, String)| {
            FunctionName {
                interface,
                function,
            }
            .to_string()
        };
        offers.map(name).collect()
    }

    /// Equal hashes settle it; otherwise the types are compared by structure.
    fn export_mismatches(&self, host: &HostContract) -> Result<Vec<Mismatch>, Error> {
        let package = self.package.types();
        let is_equal = |(interface, name, hash): &(&str, &str, Hash)| {
            let function = package.export(interface).and_then(|i| i.function(name));
            function.is_some_and(|function| hash::function(package, interface, function) == *hash)
        };
        if host.exports.iter().all(is_equal) {
            return Ok(Vec::new());
        }
        Ok(diff::compare_exports(&read(host.metadata)?, package).mismatches)
    }

    fn import_mismatches(&self) -> Result<Vec<Mismatch>, Error> {
        let package = self.package.types();
        let mut mismatches = Vec::new();
        for interface in &package.imports {
            if interface.functions.is_empty() {
                continue;
            }
            if interface.name != ROOT && !self.has_interface(&interface.name) {
                mismatches.push(self.no_interface(&interface.name));
                continue;
            }
            for function in &interface.functions {
                mismatches.extend(self.import_mismatch(interface, function)?);
            }
        }
        Ok(mismatches)
    }

    fn import_mismatch(
        &self,
        interface: &Interface,
        function: &Function,
    ) -> Result<Vec<Mismatch>, Error> {
        let package = self.package.types();
        let name = diff::function_name(interface, function);
        let key = (interface.name.clone(), function.name.clone());
        let read_contract;
        let host = match self.offers.get(&key) {
            None => return Ok(vec![self.no_function(&name, interface, function)]),
            Some(Offer::Dynamic | Offer::Wired) => return Ok(Vec::new()),
            Some(Offer::Compiled(hash, metadata)) => {
                if hash::function(package, &interface.name, function) == *hash {
                    return Ok(Vec::new());
                }
                read_contract = read(metadata)?;
                &read_contract
            }
            Some(Offer::Typed(contract)) => contract,
        };
        let ours = host.import(&interface.name);
        let Some(ours) = ours.and_then(|ours| ours.function(&function.name)) else {
            return Ok(vec![self.no_function(&name, interface, function)]);
        };
        let comparison =
            diff::compare_function((host, ours), (package, function), Role::Import, &name);
        match comparison.verdict {
            Verdict::Breaking => Ok(comparison.mismatches),
            Verdict::Identical | Verdict::Compatible => Ok(Vec::new()),
        }
    }

    fn has_interface(&self, name: &str) -> bool {
        self.offers.keys().any(|(interface, _)| interface == name)
    }

    fn no_interface(&self, name: &str) -> Mismatch {
        // Most often it is there in another version.
        let mut offered = self.offers.keys().map(|(interface, _)| interface);
        let other = offered.find(|other| short_name(other) == short_name(name));
        let hint = other.map(|other| format!("; it has {other}"));
        Mismatch {
            role: Role::Import,
            function: name.to_owned(),
            place: String::new(),
            host: format!("no such interface{}", hint.unwrap_or_default()),
            package: "interface".to_owned(),
        }
    }

    fn no_function(&self, name: &str, interface: &Interface, function: &Function) -> Mismatch {
        let offered = self.offers.keys().filter(|(i, _)| *i == interface.name);
        let similar = offered.map(|(_, offered)| {
            let similarity = strsim::jaro_winkler(own_name(offered), own_name(&function.name));
            (offered, similarity)
        });
        let nearest = similar
            .filter(|(_, similarity)| *similarity > 0.8)
            .max_by(|(_, one), (_, other)| one.total_cmp(other));
        let hint = nearest.map(|(function, _)| {
            let interface = &interface.name;
            format!(
                " (the host has {})",
                FunctionName {
                    interface,
                    function
                }
            )
        });
        Mismatch {
            role: Role::Import,
            function: name.to_owned(),
            place: String::new(),
            host: "no such function".to_owned(),
            package: format!("function{}", hint.unwrap_or_default()),
        }
    }
}

/// The name without the resource that it is of.
fn own_name(function: &str) -> &str {
    function.rsplit(['.', ']']).next().unwrap_or(function)
}

fn read(bytes: &[u8]) -> Result<Contract, Error> {
    // The macro wrote it; it cannot be wrong unless versions of this library are mixed.
    metadata::read(bytes).map_err(|error| Error::Metadata(MetadataProblem::Unreadable(error)))
}
