//! Tells the host why the guest panics. The host keeps the message; the trap that follows ends the call.

use core::fmt::{self, Write};
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicBool, Ordering};

/// Longer messages are cut. On the stack, since a panic may be about memory that has run out.
const LONGEST_MESSAGE: usize = 4096;

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

struct Message {
    bytes: [u8; LONGEST_MESSAGE],
    length: usize,
}

impl Write for Message {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.get_mut(self.length..).unwrap_or_default();
        let fitting = text.floor_char_boundary(room.len());
        for (to, from) in room.iter_mut().zip(text.bytes().take(fitting)) {
            *to = from;
        }
        self.length += fitting;
        if fitting < text.len() {
            Err(fmt::Error)
        } else {
            Ok(())
        }
    }
}

fn tell_host(message: fmt::Arguments<'_>, location: Option<&core::panic::Location<'_>>) {
    if PANICKING.swap(true, Ordering::Relaxed) {
        return;
    }
    let mut text = Message {
        bytes: [0; LONGEST_MESSAGE],
        length: 0,
    };
    // An error means that the message was cut.
    let _ = text.write_fmt(message);
    let (file, line, column) = location.map_or(("", 0, 0), |location| {
        (location.file(), location.line(), location.column())
    });
    // SAFETY: the pointers are those of live values, with their lengths; the host only reads them.
    unsafe {
        report(
            text.bytes.as_ptr(),
            text.length,
            file.as_ptr(),
            file.len(),
            line,
            column,
        )
    };
}

#[cfg(not(feature = "std"))]
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    tell_host(format_args!("{}", info.message()), info.location());
    core::arch::wasm32::unreachable()
}

/// The host calls this once, before anything else.
#[cfg(feature = "std")]
#[unsafe(export_name = "_initialize")]
extern "C" fn initialize() {
    std::panic::set_hook(std::boxed::Box::new(
        |info: &std::panic::PanicHookInfo<'_>| {
            let message = info.payload_as_str().unwrap_or("a panic without a message");
            tell_host(format_args!("{message}"), info.location());
        },
    ));
}

#[cfg(feature = "std")]
#[allow(unused_imports, reason = "the other mode has the handler")]
use PanicInfo as _;
