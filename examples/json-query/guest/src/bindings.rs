//! A stand-in, written by hand, for the bindings that are generated from `wit/json-query.wit`.
#![allow(missing_docs, reason = "the WIT file documents these items")]

pub mod demo {
    pub mod json_query {
        pub mod types {
            #[derive(Debug, Clone, PartialEq)]
            pub enum Json {
                Null,
                Boolean(bool),
                Number(f64),
                Text(String),
                Array(Vec<Json>),
                Object(Vec<(String, Json)>),
            }

            #[derive(Debug, Clone, PartialEq)]
            pub enum Filter {
                Identity,
                Literal(Json),
                Field((Box<Filter>, String)),
                Index((Box<Filter>, Box<Filter>)),
                Slice(Box<Slice>),
                Iterate(Box<Filter>),
                Pipe((Box<Filter>, Box<Filter>)),
                Comma(Vec<Filter>),
                Comparison(Box<Comparison>),
                Arithmetic(Box<Arithmetic>),
                Negate(Box<Filter>),
                Select(Box<Filter>),
                Object(Vec<(Filter, Filter)>),
                Array(Option<Box<Filter>>),
                Length,
                Keys,
                Map(Box<Filter>),
            }

            #[derive(Debug, Clone, PartialEq)]
            pub struct Slice {
                pub target: Box<Filter>,
                pub start: Option<Box<Filter>>,
                pub end: Option<Box<Filter>>,
            }

            #[derive(Debug, Clone, PartialEq)]
            pub struct Comparison {
                pub operator: ComparisonOperator,
                pub left: Box<Filter>,
                pub right: Box<Filter>,
            }

            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub enum ComparisonOperator {
                Equal,
                NotEqual,
                Less,
                LessOrEqual,
                Greater,
                GreaterOrEqual,
            }

            #[derive(Debug, Clone, PartialEq)]
            pub struct Arithmetic {
                pub operator: ArithmeticOperator,
                pub left: Box<Filter>,
                pub right: Box<Filter>,
            }

            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub enum ArithmeticOperator {
                Add,
                Subtract,
                Multiply,
                Divide,
                Remainder,
            }

            #[derive(Debug, Clone, PartialEq, Eq)]
            pub struct ParseError {
                pub position: u32,
                pub message: String,
            }

            #[derive(Debug, Clone, PartialEq, Eq)]
            pub struct QueryError {
                pub kind: QueryErrorKind,
                pub message: String,
            }

            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub enum QueryErrorKind {
                WrongType,
                DivisionByZero,
                TooLarge,
            }
        }

        pub mod log {
            use std::cell::RefCell;

            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub enum Level {
                Debug,
                Info,
                Warn,
                Error,
            }

            thread_local! {
                static LINES: RefCell<Vec<(Level, String)>> = const { RefCell::new(Vec::new()) };
            }

            pub fn log(level: Level, message: &str) {
                LINES.with_borrow_mut(|lines| lines.push((level, message.to_owned())));
            }

            /// What has been logged on this thread since the last call. Only the stand-in has this.
            pub fn take() -> Vec<(Level, String)> {
                LINES.take()
            }
        }
    }
}

pub mod exports {
    pub mod demo {
        pub mod json_query {
            use crate::bindings::demo::json_query::types::{Filter, Json, ParseError, QueryError};

            pub trait Query {
                fn parse(text: String) -> Result<Filter, ParseError>;
                fn run(doc: Json, filter: Filter) -> Result<Vec<Json>, QueryError>;
            }
        }
    }
}
