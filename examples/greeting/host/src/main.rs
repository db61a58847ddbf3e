//! Runs the smallest package.

use pack_runtime::{Error, Runtime};

pack_runtime::bindgen!("../wit");

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
