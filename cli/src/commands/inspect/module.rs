//! What is in a core module besides its contract.

use pack_runtime::schema::Contract;
use serde::Serialize;
use wasmparser::{
    BinaryReaderError, KnownCustom, Parser, Payload, ProducersSectionReader, TypeRef,
};

use crate::output::{self, Table};

/// A section, with its head left out.
#[derive(Debug, Serialize)]
pub(super) struct Section {
    pub(super) name: String,
    pub(super) size: usize,
}

/// A tool that a module says it was made by.
#[derive(Debug, Serialize)]
pub(super) struct Producer {
    pub(super) field: String,
    pub(super) name: String,
    pub(super) version: String,
}

/// What an instance takes from the start, which limits have to leave room for.
#[derive(Debug, Default, Serialize)]
pub(super) struct Wants {
    /// Bytes.
    memory: u64,
    /// Bytes; none where it may have all it is given.
    max_memory: Option<u64>,
    table_elements: u64,
    functions: u32,
    /// Whether something of it runs when it is instantiated.
    is_initialized: bool,
    /// Whether it can log.
    logs: bool,
    /// Imports that belong to no contract, which a host has to define itself.
    foreign_imports: Vec<String>,
}

#[derive(Debug, Default)]
pub(super) struct Module {
    pub(super) sections: Vec<Section>,
    pub(super) producers: Vec<Producer>,
    pub(super) wants: Wants,
}

/// Bytes of a page of memory.
const PAGE: u64 = 1 << 16;

impl Module {
    pub(super) fn read(wasm: &[u8], contract: &Contract) -> Result<Self, BinaryReaderError> {
        let mut module = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            module.take(payload?, contract)?;
        }
        Ok(module)
    }

    fn take(&mut self, payload: Payload<'_>, contract: &Contract) -> Result<(), BinaryReaderError> {
        if let Some((id, range)) = payload.as_section() {
            let name = match &payload {
                Payload::CustomSection(custom) => format!("custom {:?}", custom.name()),
                _ => section_name(id).to_owned(),
            };
            let size = range.end - range.start;
            self.sections.push(Section { name, size });
        }
        match payload {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import?;
                    let is_known = contract.import(import.module).is_some();
                    self.wants
                        .import(import.module, import.name, import.ty, is_known);
                }
            }
            Payload::FunctionSection(functions) => self.wants.functions = functions.count(),
            Payload::MemorySection(memories) => {
                for memory in memories {
                    let memory = memory?;
                    self.wants.memory = memory.initial.saturating_mul(PAGE);
                    self.wants.max_memory = memory.maximum.map(|pages| pages.saturating_mul(PAGE));
                }
            }
            Payload::TableSection(tables) => {
                for table in tables {
                    let elements = &mut self.wants.table_elements;
                    *elements = elements.saturating_add(table?.ty.initial);
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    self.wants.is_initialized |= export?.name == "_initialize";
                }
            }
            Payload::StartSection { .. } => self.wants.is_initialized = true,
            Payload::CustomSection(custom) => {
                if let KnownCustom::Producers(producers) = custom.as_known() {
                    self.producers(producers)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn producers(&mut self, fields: ProducersSectionReader<'_>) -> Result<(), BinaryReaderError> {
        for field in fields {
            let field = field?;
            for value in field.values {
                let value = value?;
                self.producers.push(Producer {
                    field: field.name.to_owned(),
                    name: value.name.to_owned(),
                    version: value.version.to_owned(),
                });
            }
        }
        Ok(())
    }
}

impl Wants {
    fn import(&mut self, module: &str, name: &str, ty: TypeRef, is_of_contract: bool) {
        match (module, name) {
            ("$pack", "log") => self.logs = true,
            ("$pack", _) => {}
            _ if is_of_contract => {}
            _ => self.foreign_imports.push(match ty {
                TypeRef::Func(_) | TypeRef::FuncExact(_) => format!("{module}.{name}"),
                _ => format!("{module}.{name}, which is no function"),
            }),
        }
    }

    pub(super) fn table(&self) -> Table {
        let bytes =
            |bytes: u64| output::size(usize::try_from(bytes).unwrap_or(usize::MAX)).to_string();
        let mut table = Table::default();
        let most = match self.max_memory {
            Some(most) => format!("at most {}", bytes(most)),
            None => "as much as it is given".to_owned(),
        };
        table.row([
            "memory".into(),
            format!("{} from the start, {most}", bytes(self.memory)),
        ]);
        table.row(["table elements".into(), self.table_elements.to_string()]);
        table.row(["functions".into(), self.functions.to_string()]);
        let starts = match self.is_initialized {
            true => "runs when it is instantiated",
            false => "nothing runs",
        };
        table.row(["start".into(), starts.into()]);
        let log = if self.logs {
            "writes to it"
        } else {
            "not used"
        };
        table.row(["log".into(), log.into()]);
        for import in &self.foreign_imports {
            table.row(["import".into(), output::one_line(import)]);
        }
        table
    }
}

fn section_name(id: u8) -> &'static str {
    // The numbers of the binary format's sections: https://webassembly.github.io/spec/core/binary/modules.html#sections
    match id {
        1 => "type",
        2 => "import",
        3 => "function",
        4 => "table",
        5 => "memory",
        6 => "global",
        7 => "export",
        8 => "start",
        9 => "element",
        10 => "code",
        11 => "data",
        12 => "data count",
        13 => "tag",
        _ => "other",
    }
}
