//! A plugin that greets, and counts whom.

use std::sync::atomic::{AtomicU32, Ordering};

pack::world!("../../wit");

/// Each instance has its own.
static GREETED: AtomicU32 = AtomicU32::new(0);

#[pack::export]
fn change(line: String) -> Result<String, String> {
    let greeted = GREETED.fetch_add(1, Ordering::Relaxed) + 1;
    log(&format!("greeting number {greeted}"));
    Ok(format!("Hello, {line}!"))
}
