//! Runs the package `NAME`.

use pack_runtime::{Error, Runtime};

// That the package fits the contract is checked here, while the host is compiled.
pack_runtime::bindgen!({ BINDINGS });

fn main() -> Result<(), Error> {
    let name = std::env::args().nth(1).unwrap_or_else(|| "you".to_owned());
    println!("{}", load()?.greet(&name)?);
    Ok(())
}

fn load() -> Result<CLIENT<()>, Error> {
    let package = Runtime::new()?.load_file(env!("PACKAGE"))?;
    CLIENT::instantiate(&package, ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_greets() -> Result<(), Error> {
        assert_eq!(load()?.greet("you")?, "Hello, you!");
        Ok(())
    }
}
