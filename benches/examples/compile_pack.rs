//! Pack's bindings for a host of a package with a hundred functions.

pack_runtime::bindgen!("wit/hundred.wit");
