//! A package that is ready to be instantiated, alone or as a part of a composition.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use pack_abi::convention::{DROP_IMPORT, Role};
use wasmtime::{AsContextMut as _, Extern, Func, ImportType, InstancePre, Store, StoreContextMut};

use crate::callee::Callee;
use crate::core_func::CoreFunc;
use crate::error::Error;
use crate::failure::{described, internal};
use crate::function::CalledFunction;
use crate::guest::Guest;
use crate::import::Imports;
use crate::instance::{Part, begin};
use crate::mediator::{Interceptors, Mediator, Target};
use crate::mode::Mode;
use crate::package::Package;
use crate::state::State;
use crate::ticker::Allowance;

/// A package with its imports.
pub(crate) struct LinkedPart<T: 'static> {
    name: Arc<str>,
    package: Package,
    pre: InstancePre<State<T>>,
    /// Whether host functions that it imports wait.
    has_waiting: bool,
    /// What stands between it and others, if something does.
    between: Option<Arc<Between<T>>>,
}

/// What stands between a package and others.
pub(crate) struct Between<T: 'static> {
    pub(crate) imports: Imports<T>,
    /// Outermost first.
    pub(crate) interceptors: Interceptors<T>,
    /// Innermost first: that is how a call of an import meets them.
    pub(crate) outwards: Interceptors<T>,
    /// By interface and function.
    pub(crate) wires: BTreeMap<(String, String), Wire>,
}

/// An import that another part provides.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    /// The number of that part.
    pub(crate) part: usize,
    /// The interface there. The function has the same name.
    pub(crate) interface: String,
}

impl<T> fmt::Debug for LinkedPart<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkedPart")
            .field("name", &self.name)
            .field("package", &self.package)
            .finish_non_exhaustive()
    }
}

impl<T> Clone for LinkedPart<T> {
    fn clone(&self) -> Self {
        Self {
            name: Arc::clone(&self.name),
            package: self.package.clone(),
            pre: self.pre.clone(),
            has_waiting: self.has_waiting,
            between: self.between.clone(),
        }
    }
}

impl<T: 'static> LinkedPart<T> {
    pub(crate) fn new(
        name: Arc<str>,
        package: Package,
        pre: InstancePre<State<T>>,
        has_waiting: bool,
        between: Option<Between<T>>,
    ) -> Self {
        Self {
            name,
            package,
            pre,
            has_waiting,
            between: between.map(Arc::new),
        }
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) fn package(&self) -> &Package {
        &self.package
    }

    pub(crate) fn is_mediated(&self) -> bool {
        self.between.is_some()
    }

    pub(crate) fn has_waiting(&self) -> bool {
        self.has_waiting
    }

    /// Takes the package with other limits.
    pub(crate) fn limit(&mut self, package: Package) {
        self.package = package;
    }

    /// Makes an instance, after those of the parts that it imports from.
    pub(crate) async fn start<M: Mode<T>>(
        &self,
        store: &mut Store<State<T>>,
        number: usize,
        others: &[Part],
    ) -> Result<Arc<Guest>, Error> {
        let limits = self.package.limits();
        let state = store.data_mut();
        state.switch(number);
        if let Some(clock) = &mut state.clock {
            clock.allow(Allowance::of(limits.time));
        }
        begin::<M, T>(store);
        if self.package.runtime().limits().fuel.is_some() {
            let fuel = limits.fuel.unwrap_or(u64::MAX);
            store.set_fuel(fuel).map_err(Error::Engine)?;
        }
        let core = match &self.between {
            None => M::instantiate(&self.pre, store.as_context_mut()).await,
            Some(between) => {
                let imports = self.imports::<M>(between, &mut store.as_context_mut(), others)?;
                let module = self.package.module();
                M::instantiate_with(module, &imports, store.as_context_mut()).await
            }
        };
        let store = &mut store.as_context_mut();
        let start = internal("the start of the package");
        let core = described(store, &self.package, start, core)?;
        let guest = Arc::new(Guest::start::<M, T>(&self.package, core, store).await?);
        if let Some(between) = &self.between
            && !between.interceptors.is_empty()
        {
            self.intercept::<M>(&between.interceptors, store, &guest)?;
        }
        Ok(guest)
    }

    /// The imports of the module, in its order.
    fn imports<M: Mode<T>>(
        &self,
        between: &Between<T>,
        store: &mut StoreContextMut<'_, State<T>>,
        others: &[Part],
    ) -> Result<Vec<Extern>, Error> {
        let imports = self.package.module().imports();
        imports
            .map(|import| self.import::<M>(between, store, others, &import))
            .collect()
    }

    fn import<M: Mode<T>>(
        &self,
        between: &Between<T>,
        store: &mut StoreContextMut<'_, State<T>>,
        others: &[Part],
        import: &ImportType<'_>,
    ) -> Result<Extern, Error> {
        let (module, name) = (import.module(), import.name());
        let defined = between.imports.get(store, import)?;
        let contract = self.package.contract();
        let function = match contract.import(module).and_then(|i| i.function(name)) {
            Some(function) => CalledFunction::new(contract, module, function, Role::Import),
            None if (module, name) == DROP_IMPORT => CalledFunction::drop(contract, Role::Import),
            None => return Ok(defined),
        };
        let Some(host) = defined.clone().into_func() else {
            return Ok(defined);
        };
        let wire = between.wires.get(&(module.to_owned(), name.to_owned()));
        let target = match wire {
            Some(wire) => Target::Part(callee(wire, name, store, others)?),
            None if between.interceptors.is_empty() => return Ok(defined),
            None => Target::Host(CoreFunc::new(host, &function, &*store)?),
        };
        let function = self.mediated::<M>(&between.outwards, store, function, target);
        Ok(function.into())
    }

    /// Has interceptors around the exports.
    fn intercept<M: Mode<T>>(
        &self,
        interceptors: &Interceptors<T>,
        store: &mut StoreContextMut<'_, State<T>>,
        guest: &Arc<Guest>,
    ) -> Result<(), Error> {
        let contract = self.package.contract();
        let mut functions = Vec::new();
        for interface in &contract.exports {
            functions.extend(interface.functions.iter().map(|function| {
                CalledFunction::new(contract, &interface.name, function, Role::Export)
            }));
        }
        if guest.drop.is_some() {
            functions.push(CalledFunction::drop(contract, Role::Export));
        }
        let mut exports = BTreeMap::new();
        for function in functions {
            let name = Arc::clone(&function.core_name);
            let target = guest.export(&mut *store, &name)?;
            let target = CoreFunc::new(target, &function, &*store)?;
            let target = Target::Export(target, Arc::clone(guest));
            let function = self.mediated::<M>(interceptors, store, function, target);
            exports.insert(name, function);
        }
        guest.mediate(exports);
        Ok(())
    }

    fn mediated<M: Mode<T>>(
        &self,
        interceptors: &Interceptors<T>,
        store: &mut StoreContextMut<'_, State<T>>,
        function: CalledFunction,
        target: Target,
    ) -> Func {
        let mediator = Mediator {
            function,
            package: self.package.clone(),
            part: Arc::clone(&self.name),
            target,
            interceptors: Arc::clone(interceptors),
        };
        M::mediate(mediator, store.as_context_mut())
    }
}

fn callee<T: 'static>(
    wire: &Wire,
    name: &str,
    store: &mut StoreContextMut<'_, State<T>>,
    others: &[Part],
) -> Result<Callee, Error> {
    let missing = || Error::Convention(format!("no part provides `{name}`"));
    let part = others.get(wire.part).ok_or_else(missing)?;
    let contract = part.guest.package.contract();
    let function = contract.export(&wire.interface);
    let function = function
        .and_then(|i| i.function(name))
        .ok_or_else(missing)?;
    let function = CalledFunction::new(contract, &wire.interface, function, Role::Export);
    Ok(Callee {
        part: Arc::clone(&part.name),
        target: CoreFunc::new(
            part.guest.export(&mut *store, &function.core_name)?,
            &function,
            &*store,
        )?,
        function,
        guest: Arc::clone(&part.guest),
    })
}
