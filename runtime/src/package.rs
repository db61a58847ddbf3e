use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use pack_abi::convention::{self, CoreType, Role, Signature};
use pack_abi::metadata;
use pack_abi::schema::diff::{self, Verdict};
use pack_abi::schema::{Contract, Provider, TypeDef, TypeKind, core_export_name};
use sha2::{Digest as _, Sha256};
use wasmtime::{ExternType, FuncType, MemoryType, Module, ValType};

use crate::core_value::function_type;
use crate::error::{ContractError, Error, LinkError, LinkProblem, MetadataProblem};
use crate::function::CalledFunction;
use crate::limits::Limits;
use crate::runtime::Runtime;

/// The SHA-256 of a package's bytes. It is shown as 64 hexadecimal digits.
///
/// ```
/// use pack_runtime::Digest;
///
/// let digest = Digest::of(b"abc");
/// assert_eq!(digest.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
/// assert_eq!(Digest::from_bytes(*digest.as_bytes()), digest);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of some bytes.
    pub fn of(wasm: &[u8]) -> Self {
        Self(Sha256::digest(wasm).into())
    }

    /// A digest that was kept as bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the digest.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// What a package says of itself. It is read from its bytes: nothing is compiled, and nothing runs. A [`Runtime`] is not
/// needed for it.
///
/// ```no_run
/// use pack_runtime::PackageInfo;
///
/// let info = PackageInfo::read(&std::fs::read("greeting.wasm")?)?;
/// println!("{} with the digest {}", info.types().world, info.digest());
/// println!("{}", info.types().to_wit()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct PackageInfo {
    contract: Arc<Contract>,
    metadata: Vec<u8>,
    digest: Digest,
}

impl PackageInfo {
    /// Reads it from the bytes of a `.wasm`.
    ///
    /// # Errors
    ///
    /// [`Error::NotWasm`] if the bytes are not a WebAssembly module, [`Error::Metadata`] if they carry no sound metadata.
    pub fn read(wasm: &[u8]) -> Result<Self, Error> {
        let metadata = metadata::section(wasm)?;
        let contract = metadata::read(metadata)
            .map_err(|error| Error::Metadata(MetadataProblem::Unreadable(error)))?;
        Ok(Self {
            contract: Arc::new(contract),
            metadata: metadata.to_vec(),
            digest: Digest::of(wasm),
        })
    }

    /// The types, imports and exports the package carries.
    pub fn types(&self) -> &Contract {
        &self.contract
    }

    /// The SHA-256 of the bytes.
    pub fn digest(&self) -> Digest {
        self.digest
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
    if needs_room(contract) {
        check(convention::ALLOC, &[I32], Some(I32), hint);
        check(convention::FREE, &[I32, I32], None, hint);
    }
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
    check_imports(module, contract, &mut problems);
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::Link(Box::new(LinkError { problems })))
    }
}

/// What it imports of its contract has the core types that the convention says.
fn check_imports(module: &Module, contract: &Contract, problems: &mut Vec<LinkProblem>) {
    for import in module.imports() {
        let interface = contract.import(import.module());
        let Some(function) = interface.and_then(|i| i.function(import.name())) else {
            continue;
        };
        let signature = Signature::of(contract, function, Role::Import);
        let (params, result) = (signature.core_params(), signature.core_result());
        let name = core_export_name(import.module(), import.name());
        match import.ty() {
            ExternType::Func(found) => {
                problems.extend(core_type_problem(&name, &params, result, &found));
            }
            _ => problems.push(LinkProblem::MissingExport {
                what: "import of a function",
                name,
                hint: ", which its metadata says it imports",
            }),
        }
    }
}

/// Whether calls of the package have something in its memory.
fn needs_room(contract: &Contract) -> bool {
    let mut functions = contract
        .exports
        .iter()
        .flat_map(|interface| &interface.functions);
    functions.any(|function| Signature::of(contract, function, Role::Export).is_in_memory())
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
    let expected = function_type(found.engine(), params, result);
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

/// A loaded package: compiled, and with the types it carries. Cheap to clone. [`Runtime::load`] makes one.
///
/// ```no_run
/// # use pack_runtime::{Error, Instance, Linker, Package, Value};
/// # fn demo(package: &Package) -> Result<(), Error> {
/// // One that imports nothing can be called at once, by name; for another, a `Linker` has what it imports.
/// let mut instance = Linker::new(package)?.link::<Instance<()>>()?.instantiate(())?;
/// let greeting = instance.call("$root", "greet", &["you".into()])?;
/// assert_eq!(greeting.as_ref().and_then(Value::as_str), Some("Hello, you!"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Package {
    inner: Arc<Inner>,
    limits: Limits,
}

struct Inner {
    runtime: Runtime,
    module: Module,
    info: PackageInfo,
    /// Whether an instance has confirmed that `__pack_types` says the same as the section.
    verified: AtomicBool,
    /// The exported functions by interface and name, for those who call them by name.
    functions: OnceLock<Functions>,
}

type Functions = BTreeMap<String, BTreeMap<String, Exported>>;

/// A function that may be called by name.
struct Exported {
    /// Its place in its interface.
    place: usize,
    /// Its number among all exports.
    number: usize,
    /// What has been found out about it when it was called first.
    called: OnceLock<CalledFunction>,
}

impl fmt::Debug for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Package")
            .field("world", &self.types().world)
            .finish_non_exhaustive()
    }
}

impl Package {
    pub(crate) fn new(runtime: &Runtime, module: Module, info: PackageInfo) -> Result<Self, Error> {
        check_exports(&module, &info.contract)?;
        Ok(Self {
            inner: Arc::new(Inner {
                runtime: runtime.clone(),
                module,
                info,
                verified: AtomicBool::new(false),
                functions: OnceLock::new(),
            }),
            limits: runtime.limits(),
        })
    }

    /// The types, imports and exports the package carries.
    pub fn types(&self) -> &Contract {
        &self.inner.info.contract
    }

    /// What the package says of itself.
    pub fn info(&self) -> &PackageInfo {
        &self.inner.info
    }

    /// The SHA-256 of the package's bytes.
    pub fn digest(&self) -> Digest {
        self.inner.info.digest
    }

    /// The runtime that loaded it.
    pub fn runtime(&self) -> &Runtime {
        &self.inner.runtime
    }

    /// The compiled module.
    pub fn module(&self) -> &Module {
        &self.inner.module
    }

    /// What its instances may use.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The same package with other limits for the instances that are made of it.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] if time or fuel are limited here and not in the runtime's limits, or the stack is not that of the
    /// runtime: the machine code depends on these.
    pub fn with_limits(&self, limits: Limits) -> Result<Self, Error> {
        let built_for = self.runtime().limits();
        let setting = |setting, problem| Err(Error::Setting { setting, problem });
        if limits.time.is_some() && built_for.time.is_none() {
            let problem =
                "the runtime's own limits have none, so its code is not made to be interrupted";
            return setting("Limits::time", problem);
        }
        if limits.fuel.is_some() && built_for.fuel.is_none() {
            let problem = "the runtime's own limits have none, so its code does not count";
            return setting("Limits::fuel", problem);
        }
        if limits.stack != built_for.stack {
            let problem = "it is one for all packages; set it in the runtime's own limits";
            return setting("Limits::stack", problem);
        }
        Ok(Self {
            inner: Arc::clone(&self.inner),
            limits,
        })
    }

    /// Compares the package with a contract that is known only at run time, seen from the host: the package must export
    /// what the contract exports, and may import what it imports. WIT text becomes a contract with `pack_codegen::wit`.
    ///
    /// ```no_run
    /// # use pack_runtime::{Error, Package};
    /// # fn demo(old: &Package, new: &Package) -> Result<(), Error> {
    /// // May the new build of a plugin take the place of the old one?
    /// new.check(old.types())?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Contract`] with every difference, if the package does not fit.
    pub fn check(&self, host: &Contract) -> Result<(), Error> {
        let comparison = diff::compare(host, self.types());
        if comparison.verdict != Verdict::Breaking {
            return Ok(());
        }
        Err(Error::Contract(Box::new(ContractError {
            host_world: host.world.clone(),
            package_world: self.types().world.clone(),
            mismatches: comparison.mismatches,
            unused: Vec::new(),
        })))
    }

    pub(crate) fn contract(&self) -> &Arc<Contract> {
        &self.inner.info.contract
    }

    /// An exported function.
    pub(crate) fn function(&self, interface: &str, name: &str) -> Option<&CalledFunction> {
        let contract = self.contract();
        let functions = self.inner.functions.get_or_init(|| {
            let mut numbers = 0..;
            let interfaces = contract.exports.iter().map(|interface| {
                let functions = interface.functions.iter().enumerate();
                let functions = functions
                    .zip(&mut numbers)
                    .map(|((place, function), number)| {
                        let exported = Exported {
                            place,
                            number,
                            called: OnceLock::new(),
                        };
                        (function.name.clone(), exported)
                    });
                (interface.name.clone(), functions.collect())
            });
            interfaces.collect()
        });
        let exported = functions.get(interface)?.get(name)?;
        if let Some(called) = exported.called.get() {
            return Some(called);
        }
        let function = contract.export(interface)?.functions.get(exported.place)?;
        let new = || CalledFunction {
            number: Some(exported.number),
            ..CalledFunction::new(contract, interface, function, Role::Export)
        };
        Some(exported.called.get_or_init(new))
    }

    /// How many functions it exports.
    pub(crate) fn function_count(&self) -> usize {
        let exports = &self.contract().exports;
        exports
            .iter()
            .map(|interface| interface.functions.len())
            .sum()
    }

    /// Whether some instance has confirmed that `__pack_types` returns what the section has.
    pub(crate) fn is_verified(&self) -> bool {
        self.inner.verified.load(Ordering::Relaxed)
    }

    /// Notes what an instance has found, asked whether `__pack_types` returns what the section has.
    pub(crate) fn verify(&self, states: bool) -> Result<(), Error> {
        if !states {
            return Err(Error::Metadata(MetadataProblem::Inconsistent));
        }
        self.inner.verified.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// The exports that answer with the metadata, or with pieces of it.
    pub(crate) fn types_exports(&self) -> impl Iterator<Item = &str> {
        let exports = self.module().exports().map(|export| export.name());
        exports.filter(|name| name.starts_with(convention::TYPES))
    }

    /// The metadata as the section has it.
    pub(crate) fn metadata(&self) -> &[u8] {
        &self.inner.info.metadata
    }
}
