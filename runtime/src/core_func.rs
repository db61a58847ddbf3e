//! Functions whose types are known only when a package is there, called without the engine's looking at them each time.

use std::sync::Arc;

use pack_abi::convention::{CoreType, MAX_CORE_PARAMS};
#[cfg(feature = "async")]
use wasmtime::Val;
use wasmtime::{AsContext, Func, StoreContextMut, ValRaw};

#[cfg(feature = "async")]
use crate::core_value::{core_slot, core_value};
use crate::core_value::{is_of_type, raw_slot, raw_value};
use crate::error::Error;
use crate::function::CalledFunction;

/// A function that takes just the core parameters of one of a contract, and has its core result.
pub(crate) struct CoreFunc {
    func: Func,
    params: Arc<[CoreType]>,
    result: Option<CoreType>,
}

impl CoreFunc {
    /// `func`, if it is of the type that `function` has.
    pub(crate) fn new(
        func: Func,
        function: &CalledFunction,
        store: impl AsContext,
    ) -> Result<Self, Error> {
        let ty = func.ty(store);
        let (params, result) = (
            Arc::clone(&function.core_params),
            function.signature.core_result(),
        );
        let fits = params.len() <= MAX_CORE_PARAMS
            && ty.params().len() == params.len()
            && ty
                .params()
                .zip(&*params)
                .all(|(ty, core)| is_of_type(&ty, *core))
            && ty.results().len() == usize::from(result.is_some())
            && ty
                .results()
                .zip(result)
                .all(|(ty, core)| is_of_type(&ty, core));
        match fits {
            true => Ok(Self {
                func,
                params,
                result,
            }),
            false => Err(Error::Convention(format!(
                "the module's function `{}` is of another type than its contract",
                function.core_name
            ))),
        }
    }

    /// Calls it on this stack. The store is the one that it was made of.
    #[allow(
        unsafe_code,
        reason = "measured: the engine's look at the types is a third of a call between packages"
    )]
    pub(crate) fn call<T: 'static>(
        &self,
        store: StoreContextMut<'_, T>,
        slots: &[u64],
    ) -> wasmtime::Result<Option<u64>> {
        let mut values = [ValRaw::u64(0); MAX_CORE_PARAMS];
        for ((value, core), slot) in values.iter_mut().zip(&*self.params).zip(slots) {
            *value = raw_value(*core, *slot);
        }
        // SAFETY: `new` is the only place that makes one of these, and has seen that the function's parameters are `params`, of
        // which there are `MAX_CORE_PARAMS` at most, and its results `result`, one at most. So `values` has room for the larger of
        // both, and each of the function's parameters is in it as a value of its type: those that `slots` has none for are zero,
        // which is a value of all number types. All are numbers, which belong to no store. That the function belongs to this
        // store, the engine checks.
        unsafe { self.func.call_unchecked(store, &mut values)? };
        let [first, ..] = values;
        Ok(self.result.map(|core| raw_slot(core, first)))
    }

    /// Calls it on a stack of its own.
    #[cfg(feature = "async")]
    pub(crate) async fn call_async<T: Send + 'static>(
        &self,
        store: StoreContextMut<'_, T>,
        slots: &[u64],
    ) -> wasmtime::Result<Option<u64>> {
        let params = self.params.iter().zip(slots);
        let params: Vec<Val> = params
            .map(|(core, slot)| core_value(*core, *slot))
            .collect();
        let mut results = [Val::I32(0)];
        let count = usize::from(self.result.is_some());
        let results = results.get_mut(..count).unwrap_or_default();
        self.func.call_async(store, &params, results).await?;
        Ok(results.first().map(core_slot))
    }
}
