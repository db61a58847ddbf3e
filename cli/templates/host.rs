//! Runs packages that fit the contract in `wit`.

pack_runtime::bindgen!({ BINDINGS });

fn main() -> std::process::ExitCode {
    let Some(file) = std::env::args().nth(1) else {
        println!("usage: NAME FILE.wasm");
        return std::process::ExitCode::SUCCESS;
    };
    match load(file.as_ref()) {
        Ok(package) => {
            // Its exports are methods of `package`.
            println!("{} is ready", package.instance().types().world.escape_debug());
            std::process::ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn load(file: &std::path::Path) -> Result<CLIENT<VALUE>, pack_runtime::Error> {
    let package = pack_runtime::Runtime::new()?.load_file(file)?;
    CLIENT::instantiate(&package, VALUE)
}
// HOST

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_package_is_refused() {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        assert!(matches!(load(&file), Err(pack_runtime::Error::NotWasm { .. })));
    }
}
