use std::collections::BTreeMap;

use pack_runtime::schema::diff::function_name;
use pack_runtime::schema::{Contract, Interface, TypeKind, hash};
use pack_runtime::{Digest, PackageInfo};
use serde::Serialize;

use crate::arguments::PackageFile;
use crate::failure::Failure;
use crate::output::{self, STRONG, Table};
use module::{Module, Producer, Section, Wants};

mod module;

/// Show what is in a package: functions, types, hashes, sizes, what made it and what it asks for.
///
/// Nothing of the package runs, and nothing is compiled.
#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    #[command(flatten)]
    package: PackageFile,

    /// Print it as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Inspect {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let (name, bytes) = (self.package.name(), self.package.read()?);
        let about = |error| Failure::from(error).about(&name);
        let info = PackageInfo::read(&bytes).map_err(about)?;
        let module = Module::read(&bytes, info.types()).map_err(|error| {
            Failure::input(format!("{name}: not a sound WebAssembly module: {error}"))
        })?;
        let report = Report::new(&info, bytes.len(), module);
        match self.json {
            true => output::print_json(&report),
            false => output::print(&report.text()),
        }
    }
}

#[derive(Debug, Serialize)]
struct Report {
    world: String,
    size: usize,
    sha256: String,
    exports: Vec<FunctionReport>,
    imports: Vec<FunctionReport>,
    types: Vec<TypeReport>,
    sections: Vec<Section>,
    producers: Vec<Producer>,
    wants: Wants,
}

#[derive(Debug, Serialize)]
struct FunctionReport {
    name: String,
    signature: String,
    /// What two functions have in common that fit each other.
    hash: String,
}

#[derive(Debug, Serialize)]
struct TypeReport {
    name: String,
    kind: &'static str,
    is_recursive: bool,
}

impl Report {
    fn new(info: &PackageInfo, size: usize, module: Module) -> Self {
        let contract = info.types();
        Self {
            world: contract.world.clone(),
            size,
            sha256: info.digest().to_string(),
            exports: functions(contract, &contract.exports),
            imports: functions(contract, &contract.imports),
            types: types(contract),
            sections: module.sections,
            producers: module.producers,
            wants: module.wants,
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let mut part = |title: &str, table: Table| {
            if !table.is_empty() {
                text.push_str(&format!("{STRONG}{title}{STRONG:#}\n{table}"));
            }
        };
        let mut package = Table::default();
        // Anything may be in it, unlike in other names.
        package.row(["world".into(), output::one_line(&self.world)]);
        package.row(["size".into(), output::size(self.size).to_string()]);
        package.row(["sha-256".into(), self.sha256.clone()]);
        part("package", package);
        part("exports", function_table(&self.exports));
        part("imports", function_table(&self.imports));
        let mut types = Table::default();
        for ty in &self.types {
            let recursive = if ty.is_recursive { "recursive" } else { "" };
            types.row([ty.name.clone(), ty.kind.into(), recursive.into()]);
        }
        part("types", types);
        let mut sections = Table::default();
        for section in &self.sections {
            let name = output::one_line(&section.name);
            sections.row([name, output::size(section.size).to_string()]);
        }
        part("sections", sections);
        let mut producers = Table::default();
        for producer in &self.producers {
            let [field, name, version] = [&producer.field, &producer.name, &producer.version]
                .map(|text| output::one_line(text));
            producers.row([field, format!("{name} {version}").trim().to_owned()]);
        }
        part("made by", producers);
        part("asks for", self.wants.table());
        text
    }
}

fn function_table(functions: &[FunctionReport]) -> Table {
    let mut table = Table::default();
    for function in functions {
        let FunctionReport {
            name,
            signature,
            hash,
        } = function;
        let short = hash.get(..8).unwrap_or(hash);
        table.row([short.to_owned(), format!("{name}: {signature}")]);
    }
    table
}

fn functions(contract: &Contract, interfaces: &[Interface]) -> Vec<FunctionReport> {
    let of = |interface: &Interface| -> Vec<FunctionReport> {
        let functions = interface.functions.iter();
        let report = |function| FunctionReport {
            name: function_name(interface, function),
            signature: super::signature(contract, function),
            hash: Digest::from_bytes(hash::function(contract, &interface.name, function))
                .to_string(),
        };
        functions.map(report).collect()
    };
    interfaces.iter().flat_map(of).collect()
}

/// Those with names, which are the ones that a WIT declares.
fn types(contract: &Contract) -> Vec<TypeReport> {
    let mut types = BTreeMap::new();
    for (def, at) in contract.types.iter().zip(0..) {
        let Some(name) = &def.name else { continue };
        let ty = pack_runtime::schema::Type::Id(pack_runtime::schema::TypeId(at));
        let kind = match def.kind {
            TypeKind::Alias(_) => "alias",
            ref kind => kind.keyword(),
        };
        let report = TypeReport {
            name: name.to_string(),
            kind,
            is_recursive: contract.is_recursive(ty),
        };
        types.insert(report.name.clone(), report);
    }
    types.into_values().collect()
}
