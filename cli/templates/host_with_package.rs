//! Runs the package `NAME`.

use pack_runtime::{Error, Runtime};

// That the package fits the contract is checked here, while the host is compiled.
pack_runtime::bindgen!({ BINDINGS });

fn main() -> Result<(), Error> {
    let package = load()?;
    // Its exports are methods of `package`.
    println!("{} is ready", package.instance().types().world);
    Ok(())
}

fn load() -> Result<CLIENT<VALUE>, Error> {
    let package = Runtime::new()?.load_file(env!("PACKAGE"))?;
    CLIENT::instantiate(&package, VALUE)
}
// HOST

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_starts() -> Result<(), Error> {
        load().map(|_| ())
    }
}
