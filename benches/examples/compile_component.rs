//! The engine's own bindings for a host of a component with a hundred functions.

wasmtime::component::bindgen!({ path: "wit/hundred.wit" });
