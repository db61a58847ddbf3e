//! A plugin that takes the first word, also where there is none.
#![allow(clippy::indexing_slicing, reason = "that it panics is what it is for")]

pack::world!("../../wit");

#[pack::export]
fn change(line: String) -> Result<String, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    Ok(words[0].to_owned())
}
