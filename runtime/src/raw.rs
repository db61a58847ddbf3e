//! An instance without its contract: memory and core functions, for the rare host that needs them.

use wasmtime::{AsContextMut as _, Val};

use crate::error::Error;
use crate::failure::internal;
use crate::guest::{slice, slice_mut};
use crate::instance::Instance;
#[cfg(feature = "async")]
use crate::mode::Waiting;
use crate::mode::{Blocking, Mode, now};

impl<T: 'static> Instance<T> {
    /// The guest's memory, as it is now.
    pub fn memory(&self) -> &[u8] {
        self.memory.data(&self.store)
    }

    /// Some bytes of the guest's memory.
    ///
    /// # Errors
    ///
    /// [`Error::OutsideMemory`] if they are not all inside of it.
    pub fn read_memory(&self, pointer: u32, length: u32) -> Result<&[u8], Error> {
        let memory = self.memory();
        slice(memory, pointer, length).ok_or_else(|| Error::OutsideMemory {
            pointer,
            length: u64::from(length),
            memory: memory.len(),
        })
    }

    /// Puts bytes into the guest's memory. Which places are free only the guest knows: `__pack_alloc`, called with
    /// [`call_core`](Self::call_core), gives one, if the package has it.
    ///
    /// ```no_run
    /// # use pack_runtime::{Instance, wasmtime::Val};
    /// # fn demo(instance: &mut Instance<()>) -> Result<(), Box<dyn std::error::Error>> {
    /// let length = i32::try_from(b"some bytes".len())?;
    /// let [Val::I32(place)] = *instance.call_core("__pack_alloc", &[length.into()])? else {
    ///     return Err("it returns a pointer".into());
    /// };
    /// instance.write_memory(place.cast_unsigned(), b"some bytes")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::OutsideMemory`] if not all of the place is inside of it. Then nothing is written.
    pub fn write_memory(&mut self, pointer: u32, bytes: &[u8]) -> Result<(), Error> {
        let memory = self.memory.data_mut(&mut self.store);
        let size = memory.len();
        let length = u32::try_from(bytes.len()).ok();
        let place = length.and_then(|length| slice_mut(memory, pointer, length));
        let place = place.ok_or(Error::OutsideMemory {
            pointer,
            length: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            memory: size,
        })?;
        place.copy_from_slice(bytes);
        Ok(())
    }

    /// Calls a function that the module exports, by its core name and with core values. Limits hold as in other calls, and
    /// what does not come to an end poisons the instance. A package takes what is passed as text for UTF-8.
    ///
    /// # Errors
    ///
    /// [`Error::Core`] if there is no such function, or the values are not of its types; those of [`call`](Self::call) if
    /// the guest does not come to an end.
    pub fn call_core(&mut self, name: &str, params: &[Val]) -> Result<Vec<Val>, Error> {
        now(self.call_core_in::<Blocking>(name, params))
    }

    /// [`call_core`](Self::call_core), on a stack of its own, so that host functions can wait.
    ///
    /// # Errors
    ///
    /// As [`call_core`](Self::call_core).
    #[cfg(feature = "async")]
    pub async fn call_core_async(&mut self, name: &str, params: &[Val]) -> Result<Vec<Val>, Error>
    where
        T: Send,
    {
        self.call_core_in::<Waiting>(name, params).await
    }

    async fn call_core_in<M: Mode<T>>(
        &mut self,
        name: &str,
        params: &[Val],
    ) -> Result<Vec<Val>, Error> {
        let problem = |problem: String| Error::Core {
            function: name.to_owned(),
            problem,
        };
        let function = self.guest.core.get_func(&mut self.store, name);
        let function = function.ok_or_else(|| problem("the module exports none".to_owned()))?;
        let ty = function.ty(&self.store);
        if ty.params().len() != params.len() {
            let (expected, found) = (ty.params().len(), params.len());
            return Err(problem(format!(
                "the wrong number of core values: it takes {expected}, and is given {found}"
            )));
        }
        for (at, (expected, value)) in ty.params().zip(params).enumerate() {
            // References belong to a store, and the engine does not forgive those of another.
            let is_number = value.ref_().is_none();
            let fits = is_number
                && value
                    .matches_ty(&self.store, &expected)
                    .map_err(Error::Engine)?;
            if !fits {
                return Err(problem(format!(
                    "core value {at} is no {expected} that can be passed"
                )));
            }
        }
        let mut results = vec![Val::I32(0); ty.results().len()];
        self.begin::<M>()?;
        self.enter()?;
        let result =
            M::call_untyped(function, self.store.as_context_mut(), params, &mut results).await;
        self.leave(internal(name), result)?;
        Ok(results)
    }
}
