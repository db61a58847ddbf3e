//! Functions whose types are known only when a package is there, without the engine's looking at them at each call.

use std::mem::MaybeUninit;
use std::sync::Arc;

use pack_abi::convention::{CoreType, MAX_CORE_PARAMS};
#[cfg(feature = "async")]
use wasmtime::Val;
use wasmtime::{AsContext, Caller, Func, StoreContextMut, ValRaw};

use crate::core_value::{Slots, function_type, is_of_type, raw_slot, raw_value};
#[cfg(feature = "async")]
use crate::core_value::{core_slot, core_value};
use crate::error::Error;
use crate::function::CalledFunction;

/// What core values a function of a contract takes, and which it has as its result.
#[derive(Clone)]
pub(crate) struct CoreTypes {
    params: Arc<[CoreType]>,
    result: Option<CoreType>,
}

impl CoreTypes {
    pub(crate) fn of(function: &CalledFunction) -> Self {
        Self {
            params: Arc::clone(&function.core_params),
            result: function.signature.core_result(),
        }
    }
}

/// A function of just these types.
#[derive(Clone)]
pub(crate) struct CoreFunc {
    func: Func,
    types: CoreTypes,
}

impl CoreFunc {
    /// `func`, if it is of the type that `function` has.
    pub(crate) fn new(
        func: Func,
        function: &CalledFunction,
        store: impl AsContext,
    ) -> Result<Self, Error> {
        let ty = func.ty(store);
        let types = CoreTypes::of(function);
        let CoreTypes { params, result } = &types;
        let fits = params.len() <= MAX_CORE_PARAMS
            && ty.params().len() == params.len()
            && ty
                .params()
                .zip(&**params)
                .all(|(ty, core)| is_of_type(&ty, *core))
            && ty.results().len() == usize::from(result.is_some())
            && ty
                .results()
                .zip(*result)
                .all(|(ty, core)| is_of_type(&ty, core));
        match fits {
            true => Ok(Self { func, types }),
            false => Err(Error::Convention(format!(
                "the function `{}` has other core types than its contract",
                function.full_name()
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
        for ((value, core), slot) in values.iter_mut().zip(&*self.types.params).zip(slots) {
            *value = raw_value(*core, *slot);
        }
        // SAFETY: `new` is the only place that makes one of these, and has seen that the function's parameters are `params`, of
        // which there are `MAX_CORE_PARAMS` at most, and its results `result`, one at most. So `values` has room for the larger of
        // both, and each of the function's parameters is in it as a value of its type: those that `slots` has none for are zero,
        // which is a value of all number types. All are numbers, which belong to no store. That the function belongs to this
        // store, the engine checks. This is not in the course of a call that waits: what calls here was made for calls that block,
        // and an instance with such functions is called in no other way (`Instance::way`).
        unsafe { self.func.call_unchecked(store, &mut values)? };
        let [first, ..] = values;
        Ok(self.types.result.map(|core| raw_slot(core, first)))
    }

    /// Calls it on a stack of its own.
    #[cfg(feature = "async")]
    pub(crate) async fn call_async<T: Send + 'static>(
        &self,
        store: StoreContextMut<'_, T>,
        slots: &[u64],
    ) -> wasmtime::Result<Option<u64>> {
        let params = self.types.params.iter().zip(slots);
        let params: Vec<Val> = params
            .map(|(core, slot)| core_value(*core, *slot))
            .collect();
        let mut results = [Val::I32(0)];
        let count = usize::from(self.types.result.is_some());
        let results = results.get_mut(..count).unwrap_or_default();
        self.func.call_async(store, &params, results).await?;
        Ok(results.first().map(core_slot))
    }
}

/// A function for guests that returns at once.
#[allow(
    unsafe_code,
    reason = "measured: without the engine's values, which know their types, a call between packages takes 0.6 of the time"
)]
pub(crate) fn provide<T: 'static>(
    mut store: StoreContextMut<'_, T>,
    types: CoreTypes,
    body: impl Fn(Caller<'_, T>, &Slots) -> wasmtime::Result<Option<u64>> + Send + Sync + 'static,
) -> Func {
    let ty = function_type(store.engine(), &types.params, types.result);
    let body = move |caller: Caller<'_, T>, values: &mut [MaybeUninit<ValRaw>]| {
        let mut slots = Slots::default();
        for ((slot, core), value) in slots.iter_mut().zip(&*types.params).zip(&*values) {
            // SAFETY: the engine has put the function's parameters there, which are of these types.
            *slot = raw_slot(*core, unsafe { value.assume_init() });
        }
        let answer = body(caller, &slots)?;
        if let (Some(core), Some(value)) = (types.result, values.first_mut()) {
            value.write(raw_value(core, answer.unwrap_or_default()));
        }
        Ok(())
    };
    // SAFETY: `ty` is made of the same types. The values are read as such, and if there is a result, it is written as one.
    unsafe { Func::new_unchecked(&mut store, ty, body) }
}
