//! Calls by name, for hosts that have no types at compile time.

use pack_abi::Value;
use pack_abi::convention::Return;
use pack_abi::schema::{Interface, ROOT};
use wasmtime::AsContextMut as _;

use crate::error::Error;
use crate::failure::{call_site, decode_error, encode_error};
use crate::function::CalledFunction;
use crate::instance::Instance;
#[cfg(feature = "async")]
use crate::mode::Waiting;
use crate::mode::{Blocking, Mode, now};
use crate::payload::{Payload, split_count};

impl<T: 'static> Instance<T> {
    /// Calls a function by name. The interface's name is the qualified one, `namespace:package/interface@version`,
    /// or `$root` for a function of the world itself. Arguments are checked against the package's own types. The result is
    /// `None` for a function that has none.
    ///
    /// ```no_run
    /// # use pack_runtime::{Error, Instance, Value};
    /// # fn demo(instance: &mut Instance<()>) -> Result<(), Error> {
    /// // export greet: func(name: string) -> string;
    /// let greeting = instance.call("$root", "greet", &["you".into()])?;
    /// assert_eq!(greeting.as_ref().and_then(Value::as_str), Some("Hello, you!"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchFunction`] and [`Error::ArgumentCount`]; [`Error::Resources`] if it passes or returns some; [`Error::Encode`] if an argument is not of its type;
    /// [`Error::Decode`] if the result is not what the package's types say; [`Error::Trap`], [`Error::Panic`],
    /// [`Error::Limit`], [`Error::HostFunction`] and [`Error::Callee`] if the guest does not come to an end, after which
    /// every call is [`Error::Poisoned`]; [`Error::Interceptor`] if an interceptor stops it; [`Error::Setting`] if this
    /// instance takes `call_async`.
    pub fn call(
        &mut self,
        interface: &str,
        function: &str,
        arguments: &[Value],
    ) -> Result<Option<Value>, Error> {
        now(self.call_in::<Blocking>(interface, function, arguments))
    }

    /// Calls a function by name, on a stack of its own, so that host functions can wait.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    #[cfg(feature = "async")]
    pub async fn call_async(
        &mut self,
        interface: &str,
        function: &str,
        arguments: &[Value],
    ) -> Result<Option<Value>, Error>
    where
        T: Send,
    {
        self.call_in::<Waiting>(interface, function, arguments)
            .await
    }

    async fn call_in<M: Mode<T>>(
        &mut self,
        interface: &str,
        function: &str,
        arguments: &[Value],
    ) -> Result<Option<Value>, Error> {
        let span = span!("call", interface = interface, function = function);
        span.around(self.call_values::<M>(interface, function, arguments))
            .await
    }

    async fn call_values<M: Mode<T>>(
        &mut self,
        interface: &str,
        function: &str,
        arguments: &[Value],
    ) -> Result<Option<Value>, Error> {
        let package = self.package().clone();
        let found = package.function(interface, function);
        let function = found.ok_or_else(|| self.no_such_function(interface, function))?;
        let name = function.full_name();
        if arguments.len() != function.params.len() {
            return Err(Error::ArgumentCount {
                call: call_site(&package, name),
                expected: function.params.len(),
                found: arguments.len(),
            });
        }
        let types = function.params.iter().map(|param| param.ty);
        let mut types = types.chain(function.result);
        if types.any(|ty| function.contract.has_handles(ty)) {
            return Err(Error::Resources {
                call: call_site(&package, name),
            });
        }
        let limits = self.store.data().guest.limits;
        let payload = Payload::of_arguments(function, arguments, limits)
            .map_err(|error| encode_error(&package, name, error))?;
        let result = self.call_payload::<M>(function, &payload).await?;
        result
            .result(function, limits)
            .map_err(|error| decode_error(&package, name, error))
    }

    /// Calls a function with arguments that are already as they travel.
    pub(crate) async fn call_payload<M: Mode<T>>(
        &mut self,
        function: &CalledFunction,
        payload: &Payload,
    ) -> Result<Payload, Error> {
        let name = function.full_name();
        self.begin::<M>()?;
        self.drop_resources::<M>().await?;
        let needed = payload.bytes.len();
        if !self.store.data().guest.area.has_room_for(needed) {
            self.grow_area::<M>(name, needed).await?;
        }
        let area = &mut self.store.data_mut().guest.area;
        area.used = needed;
        let base = area.pointer;
        if needed > 0 {
            let start = usize::try_from(base).unwrap_or(usize::MAX);
            let written = self.memory.write(&mut self.store, start, &payload.bytes);
            written.map_err(|error| {
                Error::Convention(format!("the argument area is gone: {error}"))
            })?;
        }
        let slots = payload.slots_at(function, base);
        let target = self.guest.target(&mut self.store, function)?;
        self.enter()?;
        let store = self.store.as_context_mut();
        let outcome = M::call_core(&target, store, &slots).await;
        let slot = self.leave(name, outcome)?;
        let (memory, state) = self.memory.data_and_store_mut(&mut self.store);
        let result = Payload::read_result(function, slot, memory)
            .map_err(|error| decode_error(&self.guest.package, name, error))?;
        state.guest.result_bytes = match function.signature.result {
            // Its count was not there.
            Return::Contents(_) => split_count(&result.bytes).1.len(),
            _ => result.bytes.len(),
        };
        if self.has_large_area() {
            self.release_area::<M>().await?;
        }
        Ok(result)
    }

    fn no_such_function(&self, interface: &str, function: &str) -> Error {
        let list = |i: &Interface| {
            i.functions
                .iter()
                .map(|f| format!("{}#{}", i.name, f.name))
                .collect::<Vec<_>>()
        };
        let names: Vec<String> = self.types().exports.iter().flat_map(list).collect();
        let available = if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        };
        let interface = if interface == ROOT {
            "the world itself"
        } else {
            interface
        };
        Error::NoSuchFunction {
            interface: interface.to_owned(),
            function: function.to_owned(),
            available,
        }
    }
}
