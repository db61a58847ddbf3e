//! The arguments of a call, from text.

use std::fmt;
use std::path::Path;

use pack_runtime::Value;
use pack_runtime::schema::{Contract, Function};
use pack_runtime::value::serde::ValueSeed;
use pack_runtime::value::text;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::failure::Failure;
use crate::input;

/// What stands for the command line in messages.
const CALL: &str = "the call";
const ARGS: &str = "--args";

/// A call whose arguments have not been read.
#[derive(Debug)]
pub(super) struct Arguments {
    call: String,
    /// As JSON.
    args: Option<String>,
}

impl Arguments {
    pub(super) fn new(call: &str, args: Option<&str>) -> Result<Self, Failure> {
        let read = |text: &str| match text {
            "-" => input::read_text(Path::new("-")),
            text => Ok(text.to_owned()),
        };
        let call = read(call)?;
        let args = args.map(read).transpose()?;
        if args.is_some() && call.contains('(') {
            let failure = Failure::arguments("the call has arguments, and there is `--args`");
            return Err(failure.with_help("with `--args`, CALL is the name of a function alone"));
        }
        Ok(Self { call, args })
    }

    /// The function's name.
    pub(super) fn function(&self) -> Result<&str, Failure> {
        match self.call.contains('(') {
            true => {
                let parsed = text::Call::parse(&self.call);
                let parsed = parsed.map_err(|error| Failure::of_text(&error, CALL, &self.call))?;
                Ok(parsed.name())
            }
            // The name alone is a call without arguments.
            false => Ok(self.call.trim()),
        }
    }

    /// Reads them, as those of a function.
    pub(super) fn read(
        &self,
        contract: &Contract,
        function: &Function,
    ) -> Result<Vec<Value>, Failure> {
        if let Some(json) = &self.args {
            let mut reader = serde_json::Deserializer::from_str(json);
            // How deep values may be is up to them.
            reader.disable_recursion_limit();
            let seed = ArgumentsSeed { contract, function };
            let values = seed.deserialize(&mut reader);
            let values = values.and_then(|values| reader.end().map(|()| values));
            return values.map_err(|error| Failure::of_json(&error, ARGS, json));
        }
        let call = match self.call.contains('(') {
            true => self.call.clone(),
            false => format!("{}()", self.call.trim()),
        };
        let parsed = text::Call::parse(&call);
        let values = parsed.and_then(|parsed| parsed.arguments(contract, function));
        values.map_err(|error| Failure::of_text(&error, CALL, &call))
    }
}

/// Reads arguments from an array of them, or from an object with their names.
struct ArgumentsSeed<'a> {
    contract: &'a Contract,
    function: &'a Function,
}

impl ArgumentsSeed<'_> {
    fn list(&self) -> String {
        let params = self.function.params.iter();
        let params: Vec<String> = params
            .map(|param| format!("{}: {}", param.name, self.contract.display(param.ty)))
            .collect();
        format!("({})", params.join(", "))
    }
}

impl<'de> DeserializeSeed<'de> for ArgumentsSeed<'_> {
    type Value = Vec<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ArgumentsSeed<'_> {
    type Value = Vec<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = self.list();
        write!(
            f,
            "an array of the arguments {list}, or an object with their names"
        )
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        for param in &self.function.params {
            let value = items.next_element_seed(ValueSeed::new(self.contract, param.ty))?;
            let missing =
                || A::Error::custom(format!("an argument is missing: it takes {}", self.list()));
            values.push(value.ok_or_else(missing)?);
        }
        match items.next_element::<serde::de::IgnoredAny>()? {
            None => Ok(values),
            Some(_) => Err(A::Error::custom(format!(
                "there are more arguments than it takes, which is {}",
                self.list()
            ))),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let params = &self.function.params;
        let mut found: Vec<Option<Value>> = params.iter().map(|_| None).collect();
        while let Some(name) = members.next_key::<String>()? {
            let mut places = params.iter().zip(&mut found);
            let Some((param, place)) = places.find(|(param, _)| param.name == name) else {
                return Err(A::Error::custom(format!(
                    "there is no parameter `{name}`: it takes {}",
                    self.list()
                )));
            };
            if place.is_some() {
                return Err(A::Error::custom(format!(
                    "the argument `{name}` is there twice"
                )));
            }
            *place = Some(members.next_value_seed(ValueSeed::new(self.contract, param.ty))?);
        }
        let values = params.iter().zip(found).map(|(param, value)| {
            value.ok_or_else(|| {
                A::Error::custom(format!("the argument `{}` is missing", param.name))
            })
        });
        values.collect()
    }
}
