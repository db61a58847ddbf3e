//! Values from text, in [WAVE], the WebAssembly Value Encoding.
//!
//! | type | text |
//! | --- | --- |
//! | `bool` | `true`, `false` |
//! | integers | `7`, `-7` |
//! | `f32`, `f64` | `1`, `-2.5`, `6.02e23`, `inf`, `-inf`, `nan` |
//! | `char` | `'x'`, `'\n'`, `'\u{2603}'` |
//! | `string` | `"one line"`, with the escapes `\\` `\"` `\'` `\t` `\n` `\r` `\u{…}`; several lines between `"""` |
//! | `list<T>`, `list<T, N>` | `[1, 2]` |
//! | `list<u8>` | as any list, and `b"text\xff"` |
//! | `tuple<A, B>` | `(1, "a")` |
//! | record | `{name: "Ada", age: 36}`, in any order; a field that is `none` may be left out; `{:}` if all are |
//! | variant, enum | `circle(1.5)`, `nothing`; with `%` in front of `true false inf nan some none ok err` |
//! | `option<T>` | `none`, `some(1)`; also `1`, unless `T` is an option or result |
//! | `result<T, E>` | `ok(1)`, `err("no")`, `ok` and `err` where there is no payload; also `1`, unless `T` is an option or result |
//! | flags | `{read, write}`, in any order |
//! | `map<K, V>` | `{"a": 1, "b": 2}` |
//! | resources | none: an error |
//!
//! Maps, lists of fixed length, `b"…"` and the empty tuple `()` are not in WAVE. Names are those of the WIT. `//` begins
//! a comment. Of NaN there is one in text, whichever it was.
//!
//! At most [`MAX_LEVELS`](super::MAX_LEVELS) values may be inside each other, and a value may take 256 MiB of memory.
//! Reading takes no more of the thread's stack for deep values than for flat ones.
//!
//! [WAVE]: https://github.com/bytecodealliance/wasm-tools/tree/main/crates/wasm-wave

mod cursor;
mod error;
mod parse;

use alloc::string::String;
use alloc::vec::Vec;

pub use error::{TextError, TextErrorKind};

use super::Value;
use crate::schema::{Contract, Function, Type};
use parse::Parser;

impl Value {
    /// A value of a type, from [WAVE](crate::value::text). Of a package, the contract is `package.types()`, and the type is
    /// that of a [parameter](crate::schema::Param::ty).
    ///
    /// ```
    /// use pack_abi::{Value, schema_of};
    ///
    /// let (contract, ty) = schema_of::<Vec<Option<u8>>>()?;
    /// let value = Value::from_wave(&contract, ty, "[1, none, some(3)]")?;
    /// assert_eq!(value.to_string(), "[some(1), none, some(3)]");
    ///
    /// let error = Value::from_wave(&contract, ty, "[1, 256]").unwrap_err();
    /// assert_eq!((error.line(), error.column()), (1, 5));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first place where the text is not a value of the type.
    pub fn from_wave(contract: &Contract, ty: Type, text: &str) -> Result<Self, TextError> {
        let mut parser = Parser::new(contract, text, 0);
        let value = parser.value(ty)?;
        parser.finish()?;
        Ok(value)
    }
}

/// A call as text, `name(argument, argument)`, of which only the name has been read.
///
/// ```
/// use pack_abi::schema::{Function, Param, Type};
/// use pack_abi::{Contract, Schema, Value, value::text::Call};
///
/// // greet: func(name: string)
/// let params = vec![Param { name: "name".to_owned(), ty: Type::String }];
/// let greet = Function { name: "greet".to_owned(), params, ..Function::default() };
/// let contract = Contract::new(Schema::default())?;
///
/// let call = Call::parse("greet(\"you\")")?;
/// assert_eq!(call.name(), "greet");
/// assert_eq!(call.arguments(&contract, &greet)?, [Value::from("you")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Call<'t> {
    text: &'t str,
    name: &'t str,
    open: usize,
}

impl<'t> Call<'t> {
    /// Looks for the name, which is all before the first parenthesis.
    ///
    /// # Errors
    ///
    /// If there is no name, or no parenthesis after it.
    pub fn parse(text: &'t str) -> Result<Self, TextError> {
        let open = text.find('(');
        let before = text.get(..open.unwrap_or(text.len())).unwrap_or(text);
        let name = before.trim();
        let start = before.len() - before.trim_start().len();
        let wrong = |expected, found: &str, span| {
            let kind = TextErrorKind::Expected {
                expected: String::from(expected),
                found: String::from(found),
                help: Some(String::from("a call is written `name(argument, argument)`")),
            };
            TextError::new(kind, text, span)
        };
        match open {
            None => Err(wrong(
                "`(` after the name of a function",
                "the end of the text",
                text.len()..text.len(),
            )),
            Some(open) if name.is_empty() => {
                Err(wrong("the name of a function", "`(`", open..open + 1))
            }
            Some(_) if name.contains(char::is_whitespace) => Err(wrong(
                "one name",
                "several words",
                start..start + name.len(),
            )),
            Some(open) => Ok(Self { text, name, open }),
        }
    }

    /// The name as it is written, whatever it is the name of.
    pub fn name(&self) -> &'t str {
        self.name
    }

    /// The arguments, of the types that the function's parameters have. Options at the end may be left out.
    ///
    /// # Errors
    ///
    /// The first place where the text is not a value of the parameter's type; or if there are too many or too few
    /// arguments.
    pub fn arguments(
        &self,
        contract: &Contract,
        function: &Function,
    ) -> Result<Vec<Value>, TextError> {
        let mut parser = Parser::new(contract, self.text, self.open);
        let arguments = parser.arguments(function)?;
        parser.finish()?;
        Ok(arguments)
    }
}
