//! The engine's own bindings for a host of a component with a hundred functions.
#![allow(missing_docs, reason = "they have none")]

wasmtime::component::bindgen!({ path: "wit/hundred.wit" });
