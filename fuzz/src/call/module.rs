//! A module that does what is written in its memory.
//!
//! | at | what the host of the fuzzer writes there |
//! | --- | --- |
//! | [`RESULT`] | the core result of every export |
//! | [`ALLOC`] | what `__pack_alloc` returns |
//! | [`HOOKS`] | not 0: the steps are also taken in `__pack_alloc`, `__pack_free` and `__pack_drop` |
//! | [`LAST`] | written by the module: the core result of the last import that was called |
//! | [`STEPS`] | steps of [`STRIDE`] bytes: an opcode, then its operands in slots of 8 bytes |

use std::fmt::Write as _;
use std::sync::OnceLock;

use pack_abi::convention::{
    self, CoreType, DROP_EXPORT, DROP_IMPORT, FREE, PANIC, Role, Signature, TAKE_RESULT, TYPES,
    pack_pointer,
};
use pack_abi::metadata;
use pack_abi::schema::core_export_name;
use pack_codegen::wit::{self, Source};

pub(super) const RESULT: u32 = 0x400;
pub(super) const ALLOC: u32 = 0x408;
pub(super) const HOOKS: u32 = 0x40c;
pub(super) const LAST: u32 = 0x410;
pub(super) const STEPS: u32 = 0x1000;
pub(super) const STRIDE: u32 = 160;
const METADATA: u32 = 0x4000;
/// Bytes for messages.
pub(super) const PAYLOAD: u32 = 0x1_0000;
/// Room for arguments.
pub(super) const AREA: u32 = 0x2_0000;

/// Opcodes that are no imports.
pub(super) const END: u32 = 0;
pub(super) const TRAP: u32 = 1;
/// Stores the second operand at the first.
pub(super) const STORE: u32 = 2;
/// Copies 8 bytes to the first operand from the second.
pub(super) const COPY: u32 = 3;
pub(super) const GROW: u32 = 4;
pub(super) const SPIN: u32 = 5;
pub(super) const RECURSE: u32 = 6;
/// The opcode of the first import.
pub(super) const IMPORTS: u32 = 7;

/// An import: core module, name, parameters and result.
#[derive(Debug)]
pub(super) struct Import {
    module: String,
    name: String,
    pub(super) params: Vec<CoreType>,
    result: Option<CoreType>,
}

struct World {
    metadata: Vec<u8>,
    imports: Vec<Import>,
    exports: Vec<(String, Signature)>,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let source = Source::Inline(include_str!("../../wit/guest.wit").into());
        let contract = wit::parse(&source, None).unwrap().contract;
        let mut imports: Vec<Import> = [(TAKE_RESULT, 2), (PANIC, 6), (DROP_IMPORT, 1)]
            .map(|((module, name), params)| Import {
                module: module.into(),
                name: name.into(),
                params: vec![CoreType::I32; params],
                result: None,
            })
            .into();
        for interface in &contract.imports {
            for function in &interface.functions {
                let signature = Signature::of(&contract, function, Role::Import);
                imports.push(Import {
                    module: interface.name.clone(),
                    name: function.name.clone(),
                    params: signature.core_params(),
                    result: signature.core_result(),
                });
            }
        }
        let mut exports = Vec::new();
        for interface in &contract.exports {
            for function in &interface.functions {
                let name = core_export_name(&interface.name, &function.name);
                exports.push((name, Signature::of(&contract, function, Role::Export)));
            }
        }
        World {
            metadata: metadata::write(contract.schema()),
            imports,
            exports,
        }
    })
}

pub(super) fn imports() -> &'static [Import] {
    &world().imports
}

/// The text of the module.
pub(super) fn text() -> String {
    let World {
        metadata,
        imports,
        exports,
    } = world();
    assert!(METADATA as usize + metadata.len() <= PAYLOAD as usize);
    let mut text = String::from("(module\n");
    let out = &mut text;
    for (at, import) in imports.iter().enumerate() {
        let (module, name) = (&import.module, &import.name);
        let types = types(&import.params, import.result);
        writeln!(out, r#"(import "{module}" "{name}" (func $i{at} {types}))"#).unwrap();
    }
    let bytes = escaped(metadata);
    writeln!(out, r#"(@custom "{}" "{bytes}")"#, metadata::SECTION).unwrap();
    writeln!(out, r#"(memory (export "memory") 4)"#).unwrap();
    writeln!(out, r#"(data (i32.const {METADATA}) "{bytes}")"#).unwrap();
    let place = pack_pointer(METADATA, u32::try_from(metadata.len()).unwrap());
    writeln!(
        out,
        r#"(func (export "{TYPES}") (result i64) (i64.const {place}))"#
    )
    .unwrap();
    let hook = format!("(if (i32.load (i32.const {HOOKS})) (then (call $run)))");
    let alloc = convention::ALLOC;
    writeln!(
        out,
        r#"(func (export "{alloc}") (param i32) (result i32) {hook} (i32.load (i32.const {ALLOC})))
        (func (export "{FREE}") (param i32 i32) {hook})
        (func (export "{DROP_EXPORT}") (param i32) {hook})"#
    )
    .unwrap();
    for (name, signature) in exports {
        let result = signature.core_result();
        let types = types(&signature.core_params(), result);
        let result = result.map_or_else(String::new, |result| {
            format!("({}.load (i32.const {RESULT}))", keyword(result))
        });
        writeln!(
            out,
            r#"(func (export "{name}") {types} (call $run) {result})"#
        )
        .unwrap();
    }
    run(out, imports);
    text.push(')');
    text
}

/// The function that takes the steps.
fn run(out: &mut String, imports: &[Import]) {
    writeln!(
        out,
        "(func $run (local $step i32) (local $code i32)
        (local.set $step (i32.const {STEPS}))
        (loop $next
        (local.set $code (i32.load (local.get $step)))"
    )
    .unwrap();
    let i32 = |slot| operand(CoreType::I32, slot);
    let store = format!("(i64.store {} {})", i32(0), operand(CoreType::I64, 1));
    let copy = format!("(i64.store {} (i64.load {}))", i32(0), i32(1));
    let grow = format!("(i32.store (i32.const {LAST}) (memory.grow {}))", i32(0));
    let mut codes = vec![
        (END, "(return)".to_owned()),
        (TRAP, "(unreachable)".into()),
        (STORE, store),
        (COPY, copy),
        (GROW, grow),
        (SPIN, "(loop $spin (br $spin))".into()),
        (RECURSE, "(call $run)".into()),
    ];
    for (import, at) in imports.iter().zip(0..) {
        let operands = import.params.iter().enumerate();
        let operands: String = operands.map(|(slot, ty)| operand(*ty, slot)).collect();
        let call = format!("(call $i{at} {operands})");
        let body = import.result.map_or_else(
            || call.clone(),
            |ty| format!("({}.store (i32.const {LAST}) {call})", keyword(ty)),
        );
        codes.push((IMPORTS + at, body));
    }
    for (code, body) in codes {
        writeln!(
            out,
            "(if (i32.eq (local.get $code) (i32.const {code})) (then {body}))"
        )
        .unwrap();
    }
    writeln!(
        out,
        "(local.set $step (i32.add (local.get $step) (i32.const {STRIDE}))) (br $next)))"
    )
    .unwrap();
}

/// The address of a slot, from that of its step.
pub(super) fn slot(step: u32, slot: usize) -> u32 {
    step + 8 + 8 * u32::try_from(slot).unwrap()
}

fn operand(ty: CoreType, at: usize) -> String {
    let (ty, offset) = (keyword(ty), slot(0, at));
    format!("({ty}.load offset={offset} (local.get $step))")
}

fn types(params: &[CoreType], result: Option<CoreType>) -> String {
    let mut text = String::new();
    for param in params {
        write!(text, "(param {})", keyword(*param)).unwrap();
    }
    if let Some(result) = result {
        write!(text, "(result {})", keyword(result)).unwrap();
    }
    text
}

fn keyword(ty: CoreType) -> &'static str {
    match ty {
        CoreType::I32 => "i32",
        CoreType::I64 => "i64",
        CoreType::F32 => "f32",
        CoreType::F64 => "f64",
    }
}

fn escaped(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "\\{byte:02x}").unwrap();
        text
    })
}
