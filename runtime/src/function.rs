//! A function of a contract, with its place in the calling convention.

use std::sync::Arc;

use pack_abi::convention::{CoreType, DROP_EXPORT, DROP_IMPORT, Pass, Role, Signature};
use pack_abi::schema::{Contract, Function, FunctionName, Param, Type, core_export_name};
use wasmtime::{Engine, FuncType};

use crate::core_value::function_type;

/// A function of a contract, seen from one of its ends.
#[derive(Debug, Clone)]
pub struct CalledFunction {
    pub(crate) interface: Arc<str>,
    pub(crate) name: Arc<str>,
    pub(crate) signature: Signature,
    /// The core parameters.
    pub(crate) core_params: Arc<[CoreType]>,
    pub(crate) params: Arc<[Param]>,
    pub(crate) result: Option<Type>,
    pub(crate) contract: Arc<Contract>,
    /// The core parameters that are pointers.
    pub(crate) pointers: Arc<[Pointer]>,
    /// The name of the export.
    pub(crate) core_name: Arc<str>,
    /// Its number among the exports of a package, if it comes from there.
    pub(crate) number: Option<usize>,
}

/// A core parameter that is a pointer. The next one is a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pointer {
    /// Which core parameter it is.
    pub(crate) slot: usize,
    /// The bytes of what is counted.
    pub(crate) unit: u32,
    /// Whether it leads to text, which the callee takes for UTF-8.
    pub(crate) is_text: bool,
}

impl CalledFunction {
    pub(crate) fn new(
        contract: &Arc<Contract>,
        interface: &str,
        function: &Function,
        role: Role,
    ) -> Self {
        let signature = Signature::of(contract, function, role);
        let mut slot = 0;
        let mut pointers = Vec::new();
        for pass in &signature.params {
            match pass {
                Pass::Text => pointers.push(Pointer {
                    slot,
                    unit: 1,
                    is_text: true,
                }),
                Pass::Elements(width) => pointers.push(Pointer {
                    slot,
                    unit: *width,
                    is_text: false,
                }),
                Pass::Flat(_) | Pass::Encoded => {}
            }
            slot += pass.core_count();
        }
        if signature.has_buffer() {
            pointers.push(Pointer {
                slot,
                unit: 1,
                is_text: false,
            });
        }
        Self {
            interface: interface.into(),
            name: function.name.as_str().into(),
            params: function.params.as_slice().into(),
            result: function.result,
            core_name: core_export_name(interface, &function.name).into(),
            contract: Arc::clone(contract),
            number: None,
            pointers: pointers.into(),
            core_params: signature.core_params().into(),
            signature,
        }
    }

    /// What drops a resource: the import drops one of the host's, the export one of the guest's.
    pub(crate) fn drop(contract: &Arc<Contract>, role: Role) -> Self {
        let (interface, name) = DROP_IMPORT;
        let function = Function {
            name: name.to_owned(),
            params: vec![Param {
                name: "handle".to_owned(),
                ty: Type::U32,
            }],
            ..Function::default()
        };
        Self {
            core_name: DROP_EXPORT.into(),
            ..Self::new(contract, interface, &function, role)
        }
    }

    pub(crate) fn full_name(&self) -> FunctionName<'_> {
        FunctionName {
            interface: &self.interface,
            function: &self.name,
        }
    }

    /// How many core parameters the arguments are; the space for the result comes after them.
    pub(crate) fn argument_slots(&self) -> usize {
        let direct: usize = self.signature.params.iter().map(Pass::core_count).sum();
        direct + if self.signature.has_buffer() { 2 } else { 0 }
    }

    pub(crate) fn core_type(&self, engine: &Engine) -> FuncType {
        function_type(engine, &self.core_params, self.signature.core_result())
    }
}
