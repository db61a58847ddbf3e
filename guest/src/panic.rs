//! Tells the host why the guest panics. The host keeps the message; the trap that follows ends the call.

use core::panic::Location;
use core::sync::atomic::{AtomicBool, Ordering};

/// Set by the first panic. A second one, such as in the formatting of the first, says nothing.
static PANICKING: AtomicBool = AtomicBool::new(false);

#[link(wasm_import_module = "$pack")]
unsafe extern "C" {
    #[link_name = "panic"]
    fn report(
        message: *const u8,
        message_length: usize,
        file: *const u8,
        file_length: usize,
        line: u32,
        column: u32,
    );
}

/// Longer messages are cut.
const LONGEST_MESSAGE: usize = 4096;

/// Whether this is the first panic.
fn is_first() -> bool {
    !PANICKING.swap(true, Ordering::Relaxed)
}

fn tell_host(message: &str, location: Option<&Location<'_>>) {
    let end = message.floor_char_boundary(LONGEST_MESSAGE);
    let message = message.get(..end).unwrap_or_default();
    let (file, line, column) = location.map_or(("", 0, 0), |location| {
        (location.file(), location.line(), location.column())
    });
    // SAFETY: the pointers are those of live values, with their lengths; the host only reads them.
    unsafe {
        report(
            message.as_ptr(),
            message.len(),
            file.as_ptr(),
            file.len(),
            line,
            column,
        )
    };
}

/// Without the standard library, this crate has the handler.
#[cfg(not(feature = "std"))]
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    if is_first() {
        with_message(info, |message| tell_host(message, info.location()));
    }
    core::arch::wasm32::unreachable()
}

/// What is said in place of a message that would have to be put together.
#[cfg(all(not(feature = "std"), feature = "short-panics"))]
const LEFT_OUT: &str = "(the message is left out: the package was built with `short-panics`)";

#[cfg(all(not(feature = "std"), feature = "short-panics"))]
fn with_message(info: &core::panic::PanicInfo<'_>, tell: impl FnOnce(&str)) {
    tell(info.message().as_str().unwrap_or(LEFT_OUT));
}

#[cfg(all(not(feature = "std"), not(feature = "short-panics")))]
fn with_message(info: &core::panic::PanicInfo<'_>, tell: impl FnOnce(&str)) {
    let mut message = Message {
        bytes: [0; LONGEST_MESSAGE],
        length: 0,
    };
    // An error means that the message was cut.
    let _ = core::fmt::write(&mut message, format_args!("{}", info.message()));
    let bytes = message.bytes.get(..message.length).unwrap_or_default();
    tell(core::str::from_utf8(bytes).unwrap_or_default());
}

/// On the stack, since a panic may be about memory that has run out.
#[cfg(all(not(feature = "std"), not(feature = "short-panics")))]
struct Message {
    bytes: [u8; LONGEST_MESSAGE],
    length: usize,
}

#[cfg(all(not(feature = "std"), not(feature = "short-panics")))]
impl core::fmt::Write for Message {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let room = self.bytes.get_mut(self.length..).unwrap_or_default();
        let fitting = text.floor_char_boundary(room.len());
        for (to, from) in room.iter_mut().zip(text.bytes().take(fitting)) {
            *to = from;
        }
        self.length += fitting;
        if fitting < text.len() {
            Err(core::fmt::Error)
        } else {
            Ok(())
        }
    }
}

/// The host calls this once, before anything else.
#[cfg(feature = "std")]
#[unsafe(export_name = "_initialize")]
extern "C" fn initialize() {
    std::panic::set_hook(std::boxed::Box::new(
        |info: &std::panic::PanicHookInfo<'_>| {
            if is_first() {
                let message = info.payload_as_str().unwrap_or("a panic without a message");
                tell_host(message, info.location());
            }
        },
    ));
}
