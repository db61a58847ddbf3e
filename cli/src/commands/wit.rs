use std::path::PathBuf;

use pack_runtime::PackageInfo;

use crate::arguments::PackageFile;
use crate::failure::Failure;
use crate::output;

/// Print the WIT that a package carries.
///
/// It is the WIT that the package was built from, without what its world does not use; or, of a package without WIT, what
/// its Rust types are in WIT. Bindings that are made from it accept the package.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  cargo pack wit shop.wasm > wit/shop.wit")]
pub(crate) struct Wit {
    #[command(flatten)]
    package: PackageFile,

    /// Write it to a file.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Wit {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let name = self.package.name();
        let info = PackageInfo::read(&self.package.read()?)
            .map_err(|error| Failure::from(error).about(&name))?;
        let wit = info.types().to_wit().map_err(|error| {
            Failure::input(format!(
                "{name}: its types cannot be written as WIT: {error}"
            ))
        })?;
        match &self.output {
            Some(path) if *path != *"-" => output::write_file(path, wit.as_bytes()),
            _ => output::print(&wit),
        }
    }
}
