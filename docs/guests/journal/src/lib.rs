//! Keeps a journal in a file of the host.

pack::world!("../../wit/journal.wit");

use demo::journal::{clock, store};

#[pack::export]
fn note(text: &str) -> Result<u32, String> {
    let file = store::open("journal")?;
    Ok(file.append(&format!("{}: {text}", clock::now())))
}
