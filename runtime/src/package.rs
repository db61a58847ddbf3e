use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pack_abi::convention::{self, CoreType, Role, Signature};
use pack_abi::schema::diff::{self, Verdict};
use pack_abi::schema::{Contract, Interface, Provider, TypeDef, TypeKind, core_export_name, hash};
use pack_abi::{Limits, metadata};
use wasmtime::{Engine, ExternType, FuncType, MemoryType, Module, ValType};

use crate::error::{ContractError, Error, LinkError, LinkProblem, MetadataProblem};
use crate::linked::HostContract;

/// Loads packages. Cheap to clone: all clones share one engine.
#[derive(Debug, Clone)]
pub struct Runtime {
    engine: Engine,
    limits: Limits,
}

impl Runtime {
    /// A runtime with default settings.
    ///
    /// # Errors
    ///
    /// If the engine does not support this machine.
    pub fn new() -> Result<Self, Error> {
        let engine = Engine::new(&wasmtime::Config::new()).map_err(Error::Engine)?;
        Ok(Self {
            engine,
            limits: Limits::DEFAULT,
        })
    }

    /// The same runtime, with other limits on what its hosts read from guests.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The limits on what its hosts read from guests.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Loads a package from a file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read; otherwise as [`load`](Self::load).
    pub fn load_file(&self, path: impl AsRef<Path>) -> Result<Package, Error> {
        let path = path.as_ref();
        let wasm = fs::read(path).map_err(|source| Error::Read {
            path: path.to_owned(),
            source,
        })?;
        self.load(&wasm)
    }

    /// Loads a package: reads the types it carries, and compiles it. Nothing of it runs.
    ///
    /// # Errors
    ///
    /// If the bytes are not a WebAssembly module, or carry no sound metadata.
    pub fn load(&self, wasm: &[u8]) -> Result<Package, Error> {
        let metadata = metadata::section(wasm)?;
        let contract = metadata::read(metadata)
            .map_err(|error| Error::Metadata(MetadataProblem::Unreadable(error)))?;
        let module = Module::new(&self.engine, wasm).map_err(Error::Compile)?;
        check_exports(&module, &contract)?;
        Ok(Package(Arc::new(Inner {
            runtime: self.clone(),
            module,
            contract,
            metadata: metadata.to_vec(),
            verified: AtomicBool::new(false),
        })))
    }
}

/// The module has what its metadata and the calling convention promise.
fn check_exports(module: &Module, contract: &Contract) -> Result<(), Error> {
    use CoreType::I32;
    let mut problems = Vec::new();
    let usable = |memory: &MemoryType| !memory.is_64() && !memory.is_shared();
    if !matches!(module.get_export("memory"), Some(ExternType::Memory(memory)) if usable(&memory)) {
        let (name, hint) = ("memory".to_owned(), " of 32 bits that is its own");
        problems.push(LinkProblem::MissingExport {
            what: "memory",
            name,
            hint,
        });
    }
    let mut check = |name: &str, params: &[CoreType], result: Option<CoreType>, hint| match module
        .get_export(name)
    {
        Some(ExternType::Func(found)) => {
            problems.extend(core_type_problem(name, params, result, &found));
        }
        _ => problems.push(LinkProblem::MissingExport {
            what: "function",
            name: name.to_owned(),
            hint,
        }),
    };
    let hint = ", which `pack::world!` and `pack::package!` emit";
    check(convention::ALLOC, &[I32], Some(I32), hint);
    check(convention::FREE, &[I32, I32], None, hint);
    check(convention::TYPES, &[], Some(CoreType::I64), hint);
    if provides_resources(contract) {
        check(convention::DROP_EXPORT, &[I32], None, hint);
    }
    if module.get_export(convention::INITIALIZE).is_some() {
        check(convention::INITIALIZE, &[], None, "");
    }
    for interface in &contract.exports {
        for function in &interface.functions {
            let signature = Signature::of(contract, function, Role::Export);
            let name = core_export_name(&interface.name, &function.name);
            let hint = ", which its metadata says it exports; is there a `#[pack::export]` for it?";
            check(
                &name,
                &signature.core_params(),
                signature.core_result(),
                hint,
            );
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::Link(Box::new(LinkError { problems })))
    }
}

fn provides_resources(contract: &Contract) -> bool {
    let provides = |def: &TypeDef| def.kind == TypeKind::Resource(Provider::Package);
    contract.types.iter().any(provides)
}

fn core_type_problem(
    name: &str,
    params: &[CoreType],
    result: Option<CoreType>,
    found: &FuncType,
) -> Option<LinkProblem> {
    let value_type = |core: CoreType| match core {
        CoreType::I32 => ValType::I32,
        CoreType::I64 => ValType::I64,
        CoreType::F32 => ValType::F32,
        CoreType::F64 => ValType::F64,
    };
    let expected = FuncType::new(
        found.engine(),
        params.iter().copied().map(value_type),
        result.into_iter().map(value_type),
    );
    (!FuncType::eq(&expected, found)).then(|| LinkProblem::CoreType {
        name: name.to_owned(),
        expected: core_type_text(&expected),
        found: core_type_text(found),
    })
}

fn core_type_text(ty: &FuncType) -> String {
    let list = |types: Vec<ValType>| {
        types
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    format!(
        "({}) -> ({})",
        list(ty.params().collect()),
        list(ty.results().collect())
    )
}

/// A loaded package: compiled, and with the types it carries. Cheap to clone.
#[derive(Clone)]
pub struct Package(Arc<Inner>);

struct Inner {
    runtime: Runtime,
    module: Module,
    contract: Contract,
    metadata: Vec<u8>,
    /// Whether an instance has confirmed that `__pack_types` says the same as the section.
    verified: AtomicBool,
}

impl fmt::Debug for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Package")
            .field("world", &self.0.contract.world)
            .finish_non_exhaustive()
    }
}

impl Package {
    /// The types, imports and exports the package carries.
    pub fn types(&self) -> &Contract {
        &self.0.contract
    }

    /// The runtime that loaded it.
    pub fn runtime(&self) -> &Runtime {
        &self.0.runtime
    }

    /// The compiled module.
    pub fn module(&self) -> &Module {
        &self.0.module
    }

    /// Compares what the package carries with what a host was compiled with. Equal hashes settle it; otherwise
    /// the types are compared by structure.
    ///
    /// # Errors
    ///
    /// The differences, if the package does not fit.
    #[doc(hidden)]
    pub fn check(&self, host: &HostContract) -> Result<(), Error> {
        let package = &self.0.contract;
        let exports_equal = host.exports.iter().all(|(interface, name, hash)| {
            let function = package.export(interface).and_then(|i| i.function(name));
            function.is_some_and(|function| hash::function(package, interface, function) == *hash)
        });
        let imports_equal = package.imports.iter().all(
            |Interface {
                 name: interface,
                 functions,
                 ..
             }| {
                functions.iter().all(|function| {
                    let offered = host
                        .imports
                        .iter()
                        .find(|(i, f, _)| i == interface && *f == function.name);
                    offered.is_some_and(|(_, _, hash)| {
                        hash::function(package, interface, function) == *hash
                    })
                })
            },
        );
        if exports_equal && imports_equal {
            return Ok(());
        }
        let ours = metadata::read(host.metadata).map_err(|error| {
            // The macro wrote it; it cannot be wrong unless versions of this library are mixed.
            Error::Metadata(MetadataProblem::Unreadable(error))
        })?;
        let comparison = diff::compare(&ours, package);
        if comparison.verdict != Verdict::Breaking {
            return Ok(());
        }
        Err(Error::Contract(Box::new(ContractError {
            host_world: host.world.to_owned(),
            package_world: package.world.clone(),
            mismatches: comparison.mismatches,
        })))
    }

    /// Whether some instance has confirmed that `__pack_types` returns what the section has.
    pub(crate) fn is_verified(&self) -> bool {
        self.0.verified.load(Ordering::Relaxed)
    }

    /// Notes what an instance has found, asked whether `__pack_types` returns what the section has.
    pub(crate) fn verify(&self, states: bool) -> Result<(), Error> {
        if !states {
            return Err(Error::Metadata(MetadataProblem::Inconsistent));
        }
        self.0.verified.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// The exports that answer with the metadata, or with pieces of it.
    pub(crate) fn types_exports(&self) -> impl Iterator<Item = &str> {
        let exports = self.0.module.exports().map(|export| export.name());
        exports.filter(|name| name.starts_with(convention::TYPES))
    }

    /// The metadata as the section has it.
    pub(crate) fn metadata(&self) -> &[u8] {
        &self.0.metadata
    }
}
