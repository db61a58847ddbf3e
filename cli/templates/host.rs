//! Runs packages that fit the contract in `wit`.

use std::path::Path;
use std::process::ExitCode;

use pack_runtime::{Error, Runtime};

pack_runtime::bindgen!({ BINDINGS });

fn main() -> ExitCode {
    let Some(file) = std::env::args().nth(1) else {
        println!("usage: NAME FILE.wasm");
        return ExitCode::SUCCESS;
    };
    match load(Path::new(&file)) {
        Ok(package) => {
            // Its exports are methods of `package`.
            println!("{} is ready", package.instance().types().world);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn load(file: &Path) -> Result<CLIENT<VALUE>, Error> {
    let package = Runtime::new()?.load_file(file)?;
    CLIENT::instantiate(&package, VALUE)
}
// HOST

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_package_is_refused() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        assert!(matches!(load(&file), Err(Error::NotWasm { .. })));
    }
}
