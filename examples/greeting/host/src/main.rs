//! Runs the smallest package.

use pack_runtime::{Error, Runtime};

// That the package fits the contract is checked here, while the host is compiled.
pack_runtime::bindgen!({ path: "../wit", package: env!("GREETING_PACKAGE") });

fn main() -> Result<(), Error> {
    let package = Runtime::new()?.load_file(env!("GREETING_PACKAGE"))?;
    let mut greeting = Greeting::instantiate(&package, ())?;
    println!("{}", greeting.greet("you")?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_greets() -> Result<(), Error> {
        let package = Runtime::new()?.load_file(env!("GREETING_PACKAGE"))?;
        assert_eq!(
            Greeting::instantiate(&package, ())?.greet("you")?,
            "Hello, you!"
        );
        Ok(())
    }
}
