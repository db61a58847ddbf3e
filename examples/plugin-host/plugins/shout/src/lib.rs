//! A plugin that shouts.

pack::world!("../../wit");

#[pack::export]
fn change(line: String) -> Result<String, String> {
    if line.is_empty() {
        return Err("there is nothing to shout".to_owned());
    }
    Ok(line.to_uppercase() + "!")
}
