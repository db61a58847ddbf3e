//! Runs the package `NAME`.

// That the package fits the contract is checked here, while the host is compiled.
pack_runtime::bindgen!({ BINDINGS });

fn main() -> Result<(), pack_runtime::Error> {
    let package = load()?;
    // Its exports are methods of `package`.
    println!("{} is ready", package.instance().types().world.escape_debug());
    Ok(())
}

fn load() -> Result<CLIENT<VALUE>, pack_runtime::Error> {
    let package = pack_runtime::Runtime::new()?.load_file(env!("PACKAGE"))?;
    CLIENT::instantiate(&package, VALUE)
}
// HOST

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_starts() -> Result<(), pack_runtime::Error> {
        load().map(|_| ())
    }
}
