//! Writes in notebooks that a package keeps.

use pack_runtime::{Error, Runtime};

pack_runtime::bindgen!({ path: "../wit", package: env!("RESOURCES_PACKAGE") });

fn main() -> Result<(), Error> {
    println!("{}", written()?);
    Ok(())
}

/// What is in a notebook, after this and that was done with it.
fn written() -> Result<String, Error> {
    let package = Runtime::new()?.load_file(env!("RESOURCES_PACKAGE"))?;
    let mut package = Notebook::instantiate(&package, ())?;
    let mut notebooks = package.notebooks();
    let plants = notebooks.new_notebook("Plants")?;
    notebooks.notebook_write(&plants, "The fern wants water.")?;
    let birds = notebooks.new_notebook("Birds")?;
    notebooks.notebook_write(&birds, "A wren at the window.")?;
    // It takes both: the host has no more handles of them, and the package drops them.
    let both = notebooks.notebook_join(plants, birds)?;
    notebooks.notebook_write(&both, "Nothing new.")?;
    notebooks.notebook_read(&both)
    // `both` is dropped here, and so is the notebook in the package.
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notebooks_are_joined() -> Result<(), Error> {
        assert_eq!(
            written()?,
            "Plants and Birds\nThe fern wants water.\nA wren at the window.\nNothing new."
        );
        Ok(())
    }
}
