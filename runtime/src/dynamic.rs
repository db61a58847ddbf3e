//! Calls by name, for hosts that have no types at compile time.

use pack_abi::__private::{FlatReader, FlatWriter, to_i64};
use pack_abi::convention::{AREA_ALIGN, Pass, Return, Role, Signature};
use pack_abi::schema::{Function, FunctionName, Interface, ROOT, Type, core_export_name};
use pack_abi::value::{decode_value, flatten_value, unflatten_value, write_value};
use pack_abi::{EncodeError, EncodeErrorKind, Encoder, Value};
use wasmtime::Val;

use crate::core_value::{core_slot, core_value};
use crate::error::Error;
use crate::export::message;
use crate::failure::{call_site, decode_error, encode_error};
use crate::instance::Instance;
#[cfg(feature = "async")]
use crate::mode::Waiting;
use crate::mode::{Blocking, Mode, now};

impl<T: 'static> Instance<T> {
    /// Calls a function by name. The interface's name is the qualified one, `namespace:package/interface@version`,
    /// or `$root` for a function of the world itself. Arguments are checked against the package's own types.
    ///
    /// # Errors
    ///
    /// If there is no such function, an argument is not of its type, the guest does not come to an end, or its
    /// result is not what its types say.
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
        let package = self.package().clone();
        let contract = package.types();
        let found = contract
            .export(interface)
            .and_then(|i| Some((i, i.function(function)?)));
        let (interface, function) =
            found.ok_or_else(|| self.no_such_function(interface, function))?;
        let name = FunctionName {
            interface: &interface.name,
            function: &function.name,
        };
        if arguments.len() != function.params.len() {
            return Err(Error::ArgumentCount {
                call: call_site(&package, name),
                expected: function.params.len(),
                found: arguments.len(),
            });
        }
        self.begin::<M>()?;
        self.drop_resources::<M>().await?;
        let signature = Signature::of(contract, function, Role::Export);
        let lowered = self.lower_values(function, &signature, arguments);
        let (core, area) = lowered.map_err(|error| encode_error(&package, name, error))?;
        if usize::try_from(self.area.length).is_ok_and(|length| length < area.len()) {
            self.grow_area::<M>(name, area.len()).await?;
        }
        self.area_used = area.len();
        let core: Vec<Val> = core
            .into_iter()
            .map(|core| core.at(self.area.pointer))
            .collect();
        if !area.is_empty() {
            let start = usize::try_from(self.area.pointer).unwrap_or(usize::MAX);
            self.memory
                .write(&mut self.store, start, &area)
                .map_err(|error| {
                    Error::Convention(format!("the argument area is gone: {error}"))
                })?;
        }
        let core_name = core_export_name(&interface.name, &function.name);
        let missing = || Error::Convention(format!("the module has no function `{core_name}`"));
        let target = self
            .core
            .get_func(&mut self.store, &core_name)
            .ok_or_else(missing)?;
        let mut results = vec![Val::I32(0); usize::from(signature.core_result().is_some())];
        self.enter()?;
        let result = M::call_untyped(target, &mut self.store, &core, &mut results).await;
        self.leave(name, result)?;
        let value = self.lift_value(function, &signature, results.first());
        let value = value.map_err(|error| decode_error(&package, name, error))?;
        if self.has_large_area() {
            self.release_area::<M>().await?;
        }
        Ok(value)
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

    /// The core arguments, and what has to be written into the area before the call.
    fn lower_values(
        &self,
        function: &Function,
        signature: &Signature,
        arguments: &[Value],
    ) -> Result<(Vec<Core>, Vec<u8>), EncodeError> {
        let package = self.package().clone();
        let contract = package.types();
        let limits = self.store.data().limits;
        // Core arguments that point into the area are kept as offsets until the area is known.
        let mut core: Vec<Core> = Vec::new();
        let mut area: Vec<u8> = Vec::new();
        let mut encoded: Vec<(&str, Type, &Value)> = Vec::new();
        for ((param, pass), value) in function.params.iter().zip(&signature.params).zip(arguments) {
            let in_param = |error: EncodeError| error.in_field(param.name.clone());
            match pass {
                Pass::Flat(types) => {
                    let mut slots = vec![0; types.len()];
                    flatten_value(contract, param.ty, value, &mut FlatWriter::new(&mut slots))
                        .map_err(in_param)?;
                    core.extend(
                        types
                            .iter()
                            .zip(slots)
                            .map(|(ty, slot)| Core::Value(core_value(*ty, slot))),
                    );
                }
                Pass::Text | Pass::Scalars(_) => {
                    // In a message a string or list begins with its count; here the count is a parameter.
                    let mut bytes = Encoder::new(Vec::new(), limits);
                    write_value(contract, param.ty, value, &mut bytes).map_err(in_param)?;
                    let bytes = bytes.finish().map_err(in_param)?;
                    let (count, contents) = bytes.split_first_chunk().unwrap_or((&[0; 4], &[]));
                    area.resize(area.len().next_multiple_of(AREA_ALIGN), 0);
                    core.push(Core::Offset(area.len()));
                    core.push(Core::Value(Val::I32(i32::from_le_bytes(*count))));
                    area.extend(contents);
                }
                Pass::Encoded => encoded.push((&param.name, param.ty, value)),
            }
        }
        if signature.has_buffer() {
            let start = area.len();
            let mut encoder = Encoder::new(std::mem::take(&mut area), limits);
            for (name, ty, value) in encoded {
                write_value(contract, ty, value, &mut encoder)
                    .map_err(|error| error.in_field(name.to_owned()))?;
            }
            area = encoder.finish()?;
            let length = area.len() - start;
            let length = u32::try_from(length)
                .map_err(|_| EncodeError::new(EncodeErrorKind::TooLong { length }))?;
            core.push(Core::Offset(start));
            core.push(Core::Value(Val::I32(length.cast_signed())));
        }
        Ok((core, area))
    }

    fn lift_value(
        &self,
        function: &Function,
        signature: &Signature,
        result: Option<&Val>,
    ) -> Result<Option<Value>, pack_abi::DecodeError> {
        let contract = self.types();
        let (Some(ty), Some(result)) = (function.result, result) else {
            return Ok(None);
        };
        let slot = core_slot(result);
        match signature.result {
            Return::Nothing => Ok(None),
            Return::Flat(_) => {
                unflatten_value(contract, ty, &mut FlatReader::new(&[slot])).map(Some)
            }
            Return::Encoded => {
                let bytes = message(self.memory.data(&self.store), to_i64(slot))?;
                decode_value(contract, ty, bytes, self.store.data().limits).map(Some)
            }
        }
    }
}

/// A core argument.
enum Core {
    Value(Val),
    /// A pointer, as the offset from the start of the area.
    Offset(usize),
}

impl Core {
    /// The argument, for an area at this place.
    fn at(self, base: u32) -> Val {
        match self {
            Self::Value(value) => value,
            Self::Offset(offset) => {
                let offset = u32::try_from(offset).unwrap_or_default();
                Val::I32(base.wrapping_add(offset).cast_signed())
            }
        }
    }
}
