//! Host functions that are put together one by one.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use pack_abi::__private::{from_i32, to_i32};
use pack_abi::convention::{Pass, Return, Role};
use pack_abi::schema::{Contract, Function, Interface, Param, Schema, SchemaError, Type};
use pack_abi::{DecodeError, GraphValue, PackType, SchemaBuilder, Value};
use wasmtime::Val;

use crate::core_value::{Slots, put_result, slots};
use crate::error::{Error, HostProblem};
use crate::function::CalledFunction;
use crate::guest::slice_mut;
use crate::host_call::HostCall;
#[cfg(feature = "async")]
use crate::host_call::host_call_async;
use crate::import::Imports;
use crate::payload::{Payload, ResultProblem, outside};

/// Why a host function cannot do what it should: any error, also a text, `"no such file".into()`. It ends the guest's
/// call, and the host finds it in [`HostProblem::Failed`].
pub type HostError = Box<dyn StdError + Send + Sync>;

/// The future of a host function, which may borrow the host's data: `Box::pin(async move { … })`.
#[cfg(feature = "async")]
pub type HostFuture<'a, R> = std::pin::Pin<Box<dyn Future<Output = R> + Send + 'a>>;

/// Functions of one interface that a host offers to packages, put together one by one.
///
/// Most hosts implement the traits that [`bindgen!`](crate::bindgen) makes. This is for functions that several worlds
/// share, for those that come from a library, and for hosts without WIT: the types of a function are those of the
/// closure, and they are compared with the package's when it is [linked](crate::Linker).
///
/// ```
/// use pack_runtime::HostInterface;
///
/// struct Host {
///     lines: Vec<String>,
/// }
///
/// let mut log = HostInterface::new("demo:log/log@1.0.0");
/// log.function("write", |host: &mut Host, (line,): (String,)| host.lines.push(line));
/// log.try_function("read", |host: &mut Host, (at,): (u32,)| {
///     let line = usize::try_from(at).ok().and_then(|at| host.lines.get(at));
///     line.cloned().ok_or("there is no such line")
/// });
/// ```
///
/// The parameters of a closure are one tuple. Its result is what the guest gets; `()` is no result. A function of the
/// world itself belongs to the interface `$root`. Names of parameters are not part of a contract.
pub struct HostInterface<T: 'static> {
    name: Arc<str>,
    types: SchemaBuilder,
    functions: Vec<Offered<T>>,
}

struct Offered<T: 'static> {
    /// Of types that the interface's builder knows.
    function: Function,
    /// Whether it takes what the package says it passes, and so has no types of its own.
    is_dynamic: bool,
    register: Arc<Register<T>>,
}

/// Connects a function with the imports of a package.
type Register<T> = dyn Fn(&mut Imports<T>, CalledFunction) -> Result<(), Error> + Send + Sync;

impl<T> fmt::Debug for HostInterface<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.functions.iter().map(|offered| &offered.function.name);
        f.debug_struct("HostInterface")
            .field("name", &self.name)
            .field("functions", &names.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl<T: 'static> HostInterface<T> {
    /// An interface without functions. The name is the qualified one: `namespace:package/interface@version`, or `$root`
    /// for the world itself.
    pub fn new(name: impl AsRef<str>) -> Self {
        Self {
            name: name.as_ref().into(),
            types: SchemaBuilder::default(),
            functions: Vec::new(),
        }
    }

    /// The interface's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The interface as a contract of its own, which has a [hash](crate::schema::hash) and can be printed as WIT. What is
    /// [dynamic](Self::dynamic_function) has no types and is not in it. Parameters are called `p0`, `p1`, and so on.
    ///
    /// ```
    /// use pack_runtime::HostInterface;
    ///
    /// let mut log = HostInterface::<Vec<String>>::new("demo:log/log");
    /// log.function("write", |lines: &mut Vec<String>, (line,): (String,)| lines.push(line));
    /// assert!(log.types()?.to_wit()?.contains("write: func(p0: string);"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the types do not go together: two of them have one name, for example.
    pub fn types(&self) -> Result<Contract, SchemaError> {
        let functions = self.functions.iter().filter(|offered| !offered.is_dynamic);
        let interface = Interface {
            name: self.name.to_string(),
            functions: functions.map(|offered| offered.function.clone()).collect(),
            ..Interface::default()
        };
        self.types.clone().finish_as(Schema {
            imports: vec![interface],
            ..Schema::default()
        })
    }

    /// Offers a function.
    pub fn function<P: Arguments, R: GraphValue + PackType>(
        &mut self,
        name: &str,
        function: impl Fn(&mut T, P) -> R + Send + Sync + 'static,
    ) -> &mut Self {
        self.try_function(name, move |host, arguments| {
            Ok::<R, HostError>(function(host, arguments))
        })
    }

    /// Offers a function that can fail. A failure is not the guest's to see: it ends the guest's call, in
    /// [`Error::HostFunction`]. An error that the guest should see is a `Result` inside of that one: a `result` in WIT.
    pub fn try_function<P: Arguments, R: GraphValue + PackType, E: Into<HostError>>(
        &mut self,
        name: &str,
        function: impl Fn(&mut T, P) -> Result<R, E> + Send + Sync + 'static,
    ) -> &mut Self {
        let function = Arc::new(function);
        self.typed::<P, R>(name, move |imports, called| {
            let function = Arc::clone(&function);
            imports.untyped(called, move |called, caller, params, results| {
                let mut call = HostCall::new(caller)?;
                let slots = slots(params);
                let arguments = P::read(&mut call, called, &slots)?;
                let result = function(call.data(), arguments).map_err(failed)?;
                called.write(&mut call, &slots, &result, results)
            })
        })
    }

    /// Offers a function that can wait. The package can then be called asynchronously only.
    ///
    /// ```
    /// # use pack_runtime::HostInterface;
    /// # async fn fetch(_: &mut (), url: String) -> String { url }
    /// let mut web = HostInterface::new("demo:web/web");
    /// web.async_function("fetch", |host: &mut (), (url,): (String,)| Box::pin(fetch(host, url)));
    /// ```
    #[cfg(feature = "async")]
    pub fn async_function<P, R>(
        &mut self,
        name: &str,
        function: impl for<'a> Fn(&'a mut T, P) -> HostFuture<'a, R> + Send + Sync + 'static,
    ) -> &mut Self
    where
        P: Arguments + Send,
        R: GraphValue + PackType + Send + Sync,
        T: Send,
    {
        self.try_async_function(name, move |host, arguments| {
            let future = function(host, arguments);
            Box::pin(async move { Ok::<R, HostError>(future.await) })
        })
    }

    /// Offers a function that can wait, and can fail.
    #[cfg(feature = "async")]
    pub fn try_async_function<P, R, E>(
        &mut self,
        name: &str,
        function: impl for<'a> Fn(&'a mut T, P) -> HostFuture<'a, Result<R, E>> + Send + Sync + 'static,
    ) -> &mut Self
    where
        P: Arguments + Send,
        R: GraphValue + PackType + Send + Sync,
        E: Into<HostError> + Send,
        T: Send,
    {
        let function = Arc::new(function);
        self.typed::<P, R>(name, move |imports, called| {
            let function = Arc::clone(&function);
            imports.untyped_async(called, move |called, mut caller, params, results| {
                let function = Arc::clone(&function);
                Box::new(async move {
                    host_call_async(&called.interface, &called.name, async {
                        let mut call = HostCall::new(&mut caller)?;
                        let slots = slots(params);
                        let arguments = P::read(&mut call, &called, &slots)?;
                        let result = function(call.data(), arguments).await.map_err(failed)?;
                        called.write(&mut call, &slots, &result, results)
                    })
                    .await
                })
            })
        })
    }

    /// Offers a function whose types are those that the package says. The result is checked against them; a function
    /// without one returns `None`.
    ///
    /// ```
    /// use pack_runtime::{HostError, HostInterface, Value};
    ///
    /// // Whatever a package passes to `write`, and in whichever types.
    /// let mut log = HostInterface::new("demo:log/log");
    /// log.dynamic_function("write", |lines: &mut Vec<String>, arguments: Vec<Value>| {
    ///     lines.extend(arguments.iter().map(Value::to_string));
    ///     Ok::<_, HostError>(None)
    /// });
    /// ```
    pub fn dynamic_function<E: Into<HostError>>(
        &mut self,
        name: &str,
        function: impl Fn(&mut T, Vec<Value>) -> Result<Option<Value>, E> + Send + Sync + 'static,
    ) -> &mut Self {
        let function = Arc::new(function);
        self.dynamic(name, move |imports, called| {
            let function = Arc::clone(&function);
            imports.untyped(called, move |called, caller, params, results| {
                let mut call = HostCall::new(caller)?;
                let slots = slots(params);
                let arguments = called.read_values(&call, &slots)?;
                let result = function(call.data(), arguments).map_err(failed)?;
                called.write_value(&mut call, &slots, result.as_ref(), results)
            })
        })
    }

    /// Offers a function whose types are those that the package says, and that can wait.
    #[cfg(feature = "async")]
    pub fn dynamic_async_function<E: Into<HostError> + Send>(
        &mut self,
        name: &str,
        function: impl for<'a> Fn(&'a mut T, Vec<Value>) -> HostFuture<'a, Result<Option<Value>, E>>
        + Send
        + Sync
        + 'static,
    ) -> &mut Self
    where
        T: Send,
    {
        let function = Arc::new(function);
        self.dynamic(name, move |imports, called| {
            let function = Arc::clone(&function);
            imports.untyped_async(called, move |called, mut caller, params, results| {
                let function = Arc::clone(&function);
                Box::new(async move {
                    host_call_async(&called.interface, &called.name, async {
                        let mut call = HostCall::new(&mut caller)?;
                        let slots = slots(params);
                        let arguments = called.read_values(&call, &slots)?;
                        let result = function(call.data(), arguments).await.map_err(failed)?;
                        called.write_value(&mut call, &slots, result.as_ref(), results)
                    })
                    .await
                })
            })
        })
    }

    /// Offers a function that takes its core values and the guest's memory as they are, by the calling convention that
    /// `docs/abi.md` describes. Its types are those that the package says. For the rare case: nothing is checked, neither
    /// on the way in nor out.
    ///
    /// ```
    /// # use pack_runtime::{CoreCall, HostInterface, wasmtime::Val};
    /// let mut log = HostInterface::new("demo:log/log");
    /// // write: func(line: string)
    /// log.core_function("write", |call: &mut CoreCall<'_, '_, Vec<u8>>, params, _| {
    ///     let [Val::I32(pointer), Val::I32(length)] = *params else {
    ///         return Err("a string is a pointer and a length");
    ///     };
    ///     let line = call.read(pointer.cast_unsigned(), length.cast_unsigned());
    ///     let line = line.map_err(|_| "the line is not in memory")?.to_vec();
    ///     call.host().extend(line);
    ///     Ok(())
    /// });
    /// ```
    pub fn core_function<E: Into<HostError>>(
        &mut self,
        name: &str,
        function: impl Fn(&mut CoreCall<'_, '_, T>, &[Val], &mut [Val]) -> Result<(), E>
        + Send
        + Sync
        + 'static,
    ) -> &mut Self {
        let function = Arc::new(function);
        self.dynamic(name, move |imports, called| {
            let function = Arc::clone(&function);
            imports.untyped(called, move |_, caller, params, results| {
                let mut call = CoreCall(HostCall::new(caller)?);
                function(&mut call, params, results).map_err(failed)
            })
        })
    }

    fn typed<P: Arguments, R: GraphValue + PackType>(
        &mut self,
        name: &str,
        register: impl Fn(&mut Imports<T>, CalledFunction) -> Result<(), Error> + Send + Sync + 'static,
    ) -> &mut Self {
        let types = P::types(&mut self.types);
        let params = types.into_iter().enumerate().map(|(at, ty)| Param {
            name: format!("p{at}"),
            ty,
        });
        let function = Function {
            name: name.to_owned(),
            params: params.collect(),
            result: (!R::INFO.get().is_unit()).then(|| self.types.add::<R>()),
            ..Function::default()
        };
        self.functions.push(Offered {
            function,
            is_dynamic: false,
            register: Arc::new(register),
        });
        self
    }

    fn dynamic(
        &mut self,
        name: &str,
        register: impl Fn(&mut Imports<T>, CalledFunction) -> Result<(), Error> + Send + Sync + 'static,
    ) -> &mut Self {
        self.functions.push(Offered {
            function: Function {
                name: name.to_owned(),
                ..Function::default()
            },
            is_dynamic: true,
            register: Arc::new(register),
        });
        self
    }

    /// What is offered, with whether it is dynamic.
    pub(crate) fn functions(&self) -> impl Iterator<Item = (&Function, bool)> {
        let functions = self.functions.iter();
        functions.map(|offered| (&offered.function, offered.is_dynamic))
    }

    /// Connects a function whose types are known: its own, or the package's.
    pub(crate) fn register(
        &self,
        imports: &mut Imports<T>,
        name: &str,
        contract: &Arc<Contract>,
        function: &Function,
    ) -> Result<(), Error> {
        let offered = self.functions.iter().find(|o| o.function.name == name);
        let Some(offered) = offered else {
            return Ok(());
        };
        let called = CalledFunction::new(contract, &self.name, function, Role::Import);
        (offered.register)(imports, called)
    }
}

/// A guest's call of a host function, for one that works on the guest's memory itself.
#[derive(Debug)]
pub struct CoreCall<'c, 'a, T: 'static>(HostCall<'c, 'a, T>);

impl<T: 'static> CoreCall<'_, '_, T> {
    /// The host's data.
    pub fn host(&mut self) -> &mut T {
        self.0.data()
    }

    /// Some bytes of the guest's memory, from the byte at `pointer` on.
    ///
    /// # Errors
    ///
    /// If they are not all inside of it.
    pub fn read(&self, pointer: u32, length: u32) -> Result<&[u8], DecodeError> {
        let bytes = self.0.bytes(pointer, length);
        bytes.map_err(|_| outside(pointer, length))
    }

    /// Puts bytes into the guest's memory.
    ///
    /// # Errors
    ///
    /// If not all of the place is inside of it. Then nothing is written.
    pub fn write(&mut self, pointer: u32, bytes: &[u8]) -> Result<(), DecodeError> {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let place = slice_mut(self.0.memory_mut(), pointer, length);
        let place = place.filter(|place| place.len() == bytes.len());
        place
            .ok_or_else(|| outside(pointer, length))?
            .copy_from_slice(bytes);
        Ok(())
    }
}

fn failed(error: impl Into<HostError>) -> HostProblem {
    HostProblem::Failed(error.into())
}

/// Where a parameter is.
#[derive(Clone, Copy)]
enum Argument<'a> {
    /// It is these core values.
    Flat(&'a [u64]),
    /// So many elements of so many bytes.
    Counted {
        pointer: u64,
        count: u64,
        width: u32,
    },
    /// It is in the buffer.
    Encoded,
}

impl CalledFunction {
    fn places<'a>(&'a self, slots: &'a Slots) -> impl Iterator<Item = Argument<'a>> {
        let mut rest = slots.as_slice();
        self.signature.params.iter().map(move |pass| {
            let own;
            (own, rest) = rest
                .split_at_checked(pass.core_count())
                .unwrap_or((rest, &[]));
            match (pass, own) {
                (Pass::Text, &[pointer, count]) => Argument::Counted {
                    pointer,
                    count,
                    width: 1,
                },
                (Pass::Elements(width), &[pointer, count]) => Argument::Counted {
                    pointer,
                    count,
                    width: *width,
                },
                (Pass::Encoded, _) => Argument::Encoded,
                _ => Argument::Flat(own),
            }
        })
    }

    /// Pointer and length of the buffer.
    fn buffer(&self, slots: &Slots) -> (i32, i32) {
        match self.argument_slots().checked_sub(2) {
            Some(at) if self.signature.has_buffer() => pair(slots, at),
            _ => (0, 0),
        }
    }

    /// Pointer and length of the space for the result.
    pub(crate) fn space(&self, slots: &[u64]) -> (i32, i32) {
        pair(slots, self.argument_slots())
    }

    fn write<T, R: GraphValue>(
        &self,
        call: &mut HostCall<'_, '_, T>,
        slots: &Slots,
        result: &R,
        results: &mut [Val],
    ) -> Result<(), HostProblem> {
        let slot = match self.signature.result {
            Return::Nothing => None,
            Return::Flat(_) => {
                let [slot] = call.flatten(result)?;
                Some(slot)
            }
            // Of imports there is none that returns contents.
            Return::Contents(_) | Return::Encoded => {
                let (space, capacity) = self.space(slots);
                Some(from_i32(call.answer(result, space, capacity)?))
            }
        };
        put_result(self.signature.core_result(), slot, results);
        Ok(())
    }

    fn read_values<T>(
        &self,
        call: &HostCall<'_, '_, T>,
        slots: &Slots,
    ) -> Result<Vec<Value>, HostProblem> {
        let limits = call.limits();
        Ok(call.payload(self, slots, limits)?.arguments(self, limits)?)
    }

    fn write_value<T>(
        &self,
        call: &mut HostCall<'_, '_, T>,
        slots: &Slots,
        value: Option<&Value>,
        results: &mut [Val],
    ) -> Result<(), HostProblem> {
        let payload = Payload::of_result(self, value, call.limits());
        let payload = payload.map_err(|problem| match problem {
            ResultProblem::Value(error) => HostProblem::Result(error),
            problem => failed(problem),
        })?;
        let slot = call.answer_payload(self, slots, payload)?;
        put_result(self.signature.core_result(), slot, results);
        Ok(())
    }
}

fn pair(slots: &[u64], at: usize) -> (i32, i32) {
    match slots.get(at..at + 2) {
        Some(&[pointer, length]) => (to_i32(pointer), to_i32(length)),
        _ => (0, 0),
    }
}

/// The parameters of a host function: a tuple of types that travel, of at most 16.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tuple of parameters",
    note = "a host function takes the host's data and one tuple of types that travel: `|host: &mut Host, (name, age): \
            (String, u32)|`; with one parameter `(name,): (String,)`"
)]
pub trait Arguments: Sized + 'static {
    #[doc(hidden)]
    fn types(builder: &mut SchemaBuilder) -> Vec<Type>;

    #[doc(hidden)]
    fn read<T: 'static>(
        call: &mut HostCall<'_, '_, T>,
        called: &CalledFunction,
        slots: &Slots,
    ) -> Result<Self, HostProblem>;
}

/// A parameter that is not in the buffer.
fn read<T: 'static, V: GraphValue>(
    call: &mut HostCall<'_, '_, T>,
    argument: Option<Argument<'_>>,
) -> Result<V, HostProblem> {
    match argument {
        Some(Argument::Counted {
            pointer,
            count,
            width,
        }) => call.contents(pointer, count, width),
        Some(Argument::Flat(slots)) => call.flat(slots),
        _ => call.flat(&[]),
    }
}

macro_rules! arguments {
    ($($type:ident $value:ident)*) => {
        #[allow(unused_variables, unused_mut, reason = "the empty tuple has no use for them")]
        impl<$($type: GraphValue + PackType + 'static),*> Arguments for ($($type,)*) {
            fn types(builder: &mut SchemaBuilder) -> Vec<Type> {
                vec![$(builder.add::<$type>()),*]
            }

            fn read<Host: 'static>(
                call: &mut HostCall<'_, '_, Host>,
                called: &CalledFunction,
                slots: &Slots,
            ) -> Result<Self, HostProblem> {
                let ($(mut $value,)*) = ($(None::<$type>,)*);
                if called.signature.has_buffer() {
                    let (pointer, length) = called.buffer(slots);
                    ($($value,)*) = call.params_with_handles(pointer, length, |decoder| {
                        let mut passes = called.signature.params.iter();
                        Ok(($(match passes.next() {
                            Some(Pass::Encoded) => Some($type::decode(decoder)?),
                            _ => None,
                        },)*))
                    })?;
                }
                let mut arguments = called.places(slots);
                Ok(($({
                    let argument = arguments.next();
                    match $value {
                        Some(value) => value,
                        None => read::<Host, $type>(call, argument)?,
                    }
                },)*))
            }
        }
    };
}

arguments!();
arguments!(A a);
arguments!(A a B b);
arguments!(A a B b C c);
arguments!(A a B b C c D d);
arguments!(A a B b C c D d E e);
arguments!(A a B b C c D d E e F f);
arguments!(A a B b C c D d E e F f G g);
arguments!(A a B b C c D d E e F f G g H h);
arguments!(A a B b C c D d E e F f G g H h I i);
arguments!(A a B b C c D d E e F f G g H h I i J j);
arguments!(A a B b C c D d E e F f G g H h I i J j K k);
arguments!(A a B b C c D d E e F f G g H h I i J j K k L l);
arguments!(A a B b C c D d E e F f G g H h I i J j K k L l M m);
arguments!(A a B b C c D d E e F f G g H h I i J j K k L l M m N n);
arguments!(A a B b C c D d E e F f G g H h I i J j K k L l M m N n O o);
arguments!(A a B b C c D d E e F f G g H h I i J j K k L l M m N n O o P p);
