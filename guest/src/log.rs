//! Words for the log of the host.
//!
//! ```
//! use pack::log::{Level, write};
//!
//! write(Level::Warn, "shop::cart", "a price is missing", &[("item", "pear".into()), ("at", 3.into())]);
//! ```
//!
//! That needs nothing else, not even `std`, and nothing in the WIT: a library deep inside a guest can do it. What becomes
//! of it is for the host to say. Outside WebAssembly, where there is none, a test can hear it: `pack::mock::log`.
//!
//! Guests that use the crates `log` or `tracing` already have their lines, events and spans sent by `pack::log::init`, with
//! the features `log` and `tracing-events` of this crate.
//!
//! A host allows a call so many bytes of log and no more, and ends it there. So a guest should not log in a loop
//! what no one reads: what is filtered out in the guest costs nothing.

#[cfg(feature = "tracing-events")]
mod events;
#[cfg(feature = "log")]
mod lines;

use alloc::vec::Vec;

use pack_abi::Encode;
use pack_abi::log::Record;
use pack_abi::wire::{Encoder, Limits};

use crate::memory::Kept;
#[cfg(target_arch = "wasm32")]
use crate::memory::{length_of, pointer_to};

#[cfg(feature = "tracing-events")]
pub use events::Subscriber;
#[cfg(feature = "log")]
pub use lines::Logger;
pub use pack_abi::log::{FieldValue, Level};

/// Tells the host's log of an event.
///
/// The target is the part of the guest that speaks, by custom the path of its module: `module_path!()`. Values of fields
/// are made of `bool`, numbers and text by `into()`. The event has no place in a file and is in no span: what is said with
/// the crate `log` has a place, and what is said with `tracing` has both.
pub fn write(level: Level, target: &str, message: &str, fields: &[(&str, FieldValue<'_>)]) {
    let fields = fields.iter();
    let record: Record<'_> = Record {
        level,
        target: target.into(),
        message: message.into(),
        file: None,
        line: None,
        fields: fields
            .map(|(name, value)| ((*name).into(), value.clone()))
            .collect(),
        spans: Vec::new(),
    };
    send(&record);
}

/// Sends what is said with the crates `log` and `tracing` to the host: that of the first, with the feature `log`;
/// events of the second and the spans that they are in, with the feature `tracing-events`. What is less important than
/// `least` is not even put together.
///
/// A guest has no `main`: call it at the beginning of each export. Only the first call of an instance does anything. Where
/// the guest has a logger or a subscriber of its own already, that one stays.
///
/// Outside WebAssembly it does nothing, so that tests can have the logger that they like.
///
/// ```
/// pack::world!({ inline: "
///     package demo:greeting;
///     world greeting { export greet: func(name: string) -> string; }
/// " });
///
/// #[pack::export]
/// fn greet(name: String) -> String {
///     pack::log::init(pack::log::Level::Info);
///     log::info!("greeting {name}");
///     format!("Hello, {name}!")
/// }
/// # fn main() {}
/// ```
#[cfg(any(feature = "log", feature = "tracing-events"))]
pub fn init(least: Level) {
    use core::sync::atomic::{AtomicBool, Ordering};

    static DONE: AtomicBool = AtomicBool::new(false);

    if cfg!(not(target_arch = "wasm32")) || DONE.swap(true, Ordering::Relaxed) {
        return;
    }
    #[cfg(feature = "log")]
    lines::init(least);
    #[cfg(feature = "tracing-events")]
    events::init(least);
}

static MESSAGE: Kept = Kept::new();

fn send<S: Encode>(record: &Record<'_, S>) {
    let mut encoder = Encoder::new(MESSAGE.take_empty(), Limits::DEFAULT);
    record.encode(&mut encoder);
    // It has no depth, and is not longer than memory.
    if let Ok(message) = encoder.finish() {
        tell_host(&message);
        MESSAGE.put_unless_large(message);
    }
}

#[cfg(target_arch = "wasm32")]
fn tell_host(message: &[u8]) {
    #[link(wasm_import_module = "$pack")]
    unsafe extern "C" {
        #[link_name = "log"]
        fn log(message: i32, length: i32);
    }
    // SAFETY: the pointer is that of live bytes, with their length; the host only reads them.
    unsafe { log(pointer_to(message.as_ptr()), length_of(message.len())) };
}

#[cfg(not(target_arch = "wasm32"))]
fn tell_host(message: &[u8]) {
    crate::mock::logged(message);
}
