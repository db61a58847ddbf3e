//! Every example and every checked table of `docs/abi.md`, compared with the implementation.
//!
//! The document's code blocks say in their first line what they hold:
//!
//! | block | holds |
//! | --- | --- |
//! | `wit NAME` | a WIT package that later blocks name; the first is that of the values |
//! | `wire`, `shared`, `invalid` | `type \| value \| bytes`, and for `invalid` `type \| bytes \| error` |
//! | `core` | `side \| function \| core type \| core parameters` |
//! | `verdict` | `direction \| host's type \| package's type \| verdict` |
//! | `bytes NAME schema`, `bytes NAME metadata` | a dump |
//! | `hash NAME INTERFACE#FUNCTION` | the dump that is hashed, then `= digest` |
//! | `call NAME` | one call |
//! | `log` | an event, then `=` and its dump |
//! | `text` | a grammar, for people |

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::rc::Rc;

use pack_abi::convention::{self, AREA_ALIGN, CoreType, Pass, Return, Role, Signature};
use pack_abi::log::{FieldValue, Level, Record, Span};
use pack_abi::resource::MAX_HANDLES;
use pack_abi::schema::diff::{Verdict, compare_function};
use pack_abi::schema::{
    self, Case, FORMAT_VERSION, Field, Function, Interface, Label, MAX_NESTING, MAX_TYPES, Param,
    Provider, ROOT, SchemaError, Type, TypeDef, TypeId, TypeKind, TypeName, core_export_name, hash,
};
use pack_abi::value::text::Call;
use pack_abi::value::{MAX_LEVELS, decode_value, encode_value};
use pack_abi::wire::encode_into;
use pack_abi::{
    Contract, DecodeError, DecodeErrorKind, EncodeErrorKind, GraphValue, Limits, Schema, Value,
    decode, encode, metadata,
};
use pack_codegen::wit::{self, Source};

const DOCUMENT: &str = include_str!("../../docs/abi.md");

/// A code block.
struct Block {
    info: Vec<&'static str>,
    text: &'static str,
    /// Of its first line of contents.
    line: usize,
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, usize, Vec<&str>)> = None;
    let mut offset = 0;
    for (number, line) in DOCUMENT.split_inclusive('\n').enumerate() {
        if let Some(info) = line.strip_prefix("```") {
            open = match open {
                None => Some((
                    offset + line.len(),
                    number + 2,
                    info.split_whitespace().collect(),
                )),
                Some((start, line, info)) => {
                    let text = &DOCUMENT[start..offset];
                    blocks.push(Block { info, text, line });
                    None
                }
            };
        }
        offset += line.len();
    }
    assert!(open.is_none(), "a code block is not closed");
    blocks
}

fn blocks_of(kind: &str) -> Vec<Block> {
    let found: Vec<Block> = blocks().into_iter().filter(|b| b.info[0] == kind).collect();
    assert!(!found.is_empty(), "docs/abi.md has no `{kind}` block");
    found
}

/// The lines of all blocks of a kind, cut into columns; and their line numbers.
fn rows(kind: &str, columns: usize) -> Vec<(usize, Vec<&'static str>)> {
    let mut rows = Vec::new();
    for block in blocks_of(kind) {
        for (number, line) in (block.line..).zip(block.text.lines()) {
            let cells: Vec<&str> = line.splitn(columns, '|').map(str::trim).collect();
            assert_eq!(cells.len(), columns, "docs/abi.md:{number}: {line}");
            rows.push((number, cells));
        }
    }
    rows
}

/// A table whose heading says that it is checked: its rows by their first cell.
fn table(name: &str) -> BTreeMap<&'static str, &'static str> {
    let marker = format!("<!-- checked: {name} -->");
    let (_, after) = DOCUMENT.split_once(&marker).expect(name);
    let rows = after
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2);
    rows.map(|row| {
        let mut cells = row.split('|').map(str::trim).skip(1);
        (cells.next().unwrap(), cells.next().unwrap())
    })
    .collect()
}

/// A WIT text of the document, with functions added to its interface.
fn contract(name: &str, functions: &[String]) -> Contract {
    let block = blocks_of("wit")
        .into_iter()
        .find(|block| block.info[1] == name);
    let text = block.expect(name).text;
    let functions: String = (0..)
        .zip(functions)
        .map(|(at, function): (usize, _)| format!("    e{at}: {function};\n"))
        .collect();
    let text = text.replacen("\n}", &format!("\n{functions}}}"), 1);
    wit::parse(&Source::Inline(text), None).unwrap().contract
}

/// The functions that were added.
fn added(contract: &Contract) -> &[Function] {
    &contract.export("docs:abi/types@1.0.0").unwrap().functions
}

/// A contract with these types, and the types.
fn contract_of_types(types: &[&str]) -> (Contract, Vec<Type>) {
    let functions: Vec<String> = types.iter().map(|ty| format!("func(v: {ty})")).collect();
    let contract = contract("types", &functions);
    let types = added(&contract).iter().map(|f| f.params[0].ty).collect();
    (contract, types)
}

fn hex(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "-".to_owned();
    }
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}

fn unhex(text: &str) -> Vec<u8> {
    if text == "-" {
        return Vec::new();
    }
    text.split_whitespace()
        .map(|byte| u8::from_str_radix(byte, 16).unwrap_or_else(|_| panic!("no byte: {byte}")))
        .collect()
}

/// Fails once, with everything that is wrong.
#[derive(Default)]
struct Report(Vec<String>);

impl Report {
    fn equal<T: PartialEq + Debug + ?Sized>(&mut self, line: usize, document: &T, code: &T) {
        if document != code {
            self.0.push(format!(
                "docs/abi.md:{line}:\n  document {document:?}\n  code     {code:?}"
            ));
        }
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        if !self.0.is_empty() && !std::thread::panicking() {
            panic!("{}", self.0.join("\n"));
        }
    }
}

// --- The document as a whole ---

#[test]
fn every_block_is_of_a_known_kind() {
    let checked = [
        "wit", "wire", "shared", "invalid", "core", "verdict", "bytes", "hash", "call", "log",
    ];
    for block in blocks() {
        let kind = *block.info.first().unwrap_or(&"");
        assert!(
            checked.contains(&kind) || kind == "text",
            "docs/abi.md:{}: a `{kind}` block, which nothing checks",
            block.line
        );
        assert!(!block.text.trim().is_empty(), "docs/abi.md:{}", block.line);
    }
    for kind in checked {
        blocks_of(kind);
    }
    assert!(
        !DOCUMENT
            .lines()
            .any(|line| line.starts_with(' ') && line.trim_start().starts_with("```")),
        "an indented code block would not be found"
    );
    let marked = DOCUMENT.matches("<!-- checked:").count();
    assert_eq!(marked, 3, "a table is marked as checked, and is not");
}

#[test]
fn every_wit_text_is_used() {
    let named: BTreeSet<&str> = blocks_of("wit").iter().map(|block| block.info[1]).collect();
    assert_eq!(
        named,
        BTreeSet::from(["greeter", "log", "speaker", "types"])
    );
}

// --- Tables ---

#[test]
fn constants() {
    let limits = Limits::DEFAULT;
    let code = |text: &str| format!("`{text}`");
    let import = |(module, name): (&str, &str)| format!("`{module}` `{name}`");
    let expected: BTreeMap<&str, String> = [
        ("format version", FORMAT_VERSION.to_string()),
        ("default depth limit", limits.depth.to_string()),
        ("default node limit", limits.nodes.to_string()),
        ("default byte limit", limits.bytes.to_string()),
        ("most levels of a dynamic value", MAX_LEVELS.to_string()),
        ("most types", MAX_TYPES.to_string()),
        ("most nesting", MAX_NESTING.to_string()),
        ("custom section", code(metadata::SECTION)),
        ("magic", code(str::from_utf8(&metadata::MAGIC).unwrap())),
        ("most metadata", metadata::MAX_LENGTH.to_string()),
        (
            "most core parameters",
            convention::MAX_CORE_PARAMS.to_string(),
        ),
        ("world's own functions", code(ROOT)),
        ("allocation export", code(convention::ALLOC)),
        ("release export", code(convention::FREE)),
        ("metadata export", code(convention::TYPES)),
        ("start export", code(convention::INITIALIZE)),
        ("panic import", import(convention::PANIC)),
        ("fetch import", import(convention::TAKE_RESULT)),
        ("drop import", import(convention::DROP_IMPORT)),
        ("drop export", code(convention::DROP_EXPORT)),
        ("log import", import(convention::LOG)),
        ("most handles", MAX_HANDLES.to_string()),
        ("area alignment", convention::AREA_ALIGN.to_string()),
    ]
    .into();
    let expected: BTreeMap<&str, &str> = expected.iter().map(|(k, v)| (*k, v.as_str())).collect();
    assert_eq!(table("constants"), expected);
}

/// The bytes of a table of one entry, from the entry's kind on: what comes before is empty.
fn entry_bytes(kind: TypeKind) -> Vec<u8> {
    let def = TypeDef {
        name: None,
        kind,
        docs: String::new(),
    };
    let schema = Schema {
        types: vec![def],
        ..Schema::default()
    };
    schema.to_bytes()[4 + 4 + 1 + 4..].to_vec()
}

#[test]
fn tags() {
    let ty = Type::U8;
    let kinds = [
        ("record", TypeKind::Record(Vec::new())),
        ("variant", TypeKind::Variant(Vec::new())),
        ("enum", TypeKind::Enum(Vec::new())),
        ("flags", TypeKind::Flags(Vec::new())),
        ("tuple", TypeKind::Tuple(Vec::new())),
        ("list", TypeKind::List(ty)),
        ("fixed-list", TypeKind::FixedList(ty, 1)),
        ("option", TypeKind::Option(ty)),
        (
            "result",
            TypeKind::Result {
                ok: None,
                err: None,
            },
        ),
        ("map", TypeKind::Map(ty, ty)),
        ("alias", TypeKind::Alias(ty)),
        ("resource", TypeKind::Resource(Provider::Host)),
        ("own", TypeKind::Own(ty)),
        ("borrow", TypeKind::Borrow(ty)),
        ("stream", TypeKind::Stream(None)),
        ("future", TypeKind::Future(None)),
    ];
    let found: BTreeMap<String, &str> = kinds
        .into_iter()
        .map(|(name, kind)| (entry_bytes(kind)[0].to_string(), name))
        .collect();
    let documented = table("kind tags");
    assert!(found.iter().map(|(k, v)| (k.as_str(), *v)).eq(documented));

    let references = [
        ("bool", Type::Bool),
        ("u8", Type::U8),
        ("u16", Type::U16),
        ("u32", Type::U32),
        ("u64", Type::U64),
        ("s8", Type::S8),
        ("s16", Type::S16),
        ("s32", Type::S32),
        ("s64", Type::S64),
        ("f32", Type::F32),
        ("f64", Type::F64),
        ("char", Type::Char),
        ("string", Type::String),
        ("an entry of the type table", Type::Id(TypeId(0))),
    ];
    let found: BTreeMap<String, &str> = references
        .into_iter()
        .map(|(name, ty)| (entry_bytes(TypeKind::List(ty))[1].to_string(), name))
        .collect();
    let documented = table("reference tags");
    assert!(found.iter().map(|(k, v)| (k.as_str(), *v)).eq(documented));
}

// --- Claims in the text that no example shows ---

#[test]
fn discriminants_grow_where_the_text_says() {
    let width = |cases, recursive| Contract::discriminant_width(cases, recursive).bytes();
    for (cases, plain, recursive) in [
        (1, 1, 1),
        (255, 1, 1),
        (256, 1, 2),
        (257, 2, 2),
        (65_535, 2, 2),
        (65_536, 2, 4),
        (65_537, 4, 4),
    ] {
        assert_eq!(
            (width(cases, false), width(cases, true)),
            (plain, recursive)
        );
    }
}

#[test]
fn flattening_gives_up_where_the_text_says() {
    let def = |kind| TypeDef {
        name: (!matches!(kind, TypeKind::Tuple(_))).then(|| TypeName {
            owner: String::new(),
            name: "part".to_owned(),
        }),
        kind,
        docs: String::new(),
    };
    let flags = |count| {
        let label = |at| Label {
            name: format!("f{at}"),
            docs: String::new(),
        };
        TypeKind::Flags((0..count).map(label).collect())
    };
    // (the type, what it flattens to)
    let table = [
        (TypeKind::Record(Vec::new()), None),
        (TypeKind::Tuple(Vec::new()), None),
        (flags(0), None),
        (flags(1), Some(vec![CoreType::I32])),
        (flags(32), Some(vec![CoreType::I32])),
        (flags(33), Some(vec![CoreType::I64])),
        (flags(64), Some(vec![CoreType::I64])),
        (flags(65), None),
    ];
    for (kind, expected) in table {
        let (has, of_it) = (format!("{kind:?}"), Type::Id(TypeId(0)));
        let contract = Contract::new(Schema {
            types: vec![def(kind), def(TypeKind::Tuple(vec![Type::U8, of_it]))],
            ..Schema::default()
        })
        .unwrap();
        assert_eq!(convention::flatten(&contract, of_it), expected, "{has}");
        let whole = expected.map(|core| [vec![CoreType::I32], core].concat());
        let found = convention::flatten(&contract, Type::Id(TypeId(1)));
        assert_eq!(found, whole, "a tuple with {has}");
    }
    let types: Vec<String> = [16, 17]
        .map(|count| format!("tuple<{}>", vec!["u8"; count].join(", ")))
        .to_vec();
    let (contract, types) =
        contract_of_types(&types.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(
        convention::flatten(&contract, types[0]).map(|core| core.len()),
        Some(16)
    );
    assert_eq!(convention::flatten(&contract, types[1]), None);
}

/// A schema of one alias `of` to `ty`, and one function.
fn small_schema(ty: Type) -> Schema {
    let name = |name: &str| name.to_owned();
    Schema {
        world: name("any thing"),
        types: vec![
            TypeDef {
                name: Some(TypeName {
                    owner: String::new(),
                    name: name("of"),
                }),
                kind: TypeKind::Alias(ty),
                docs: String::new(),
            },
            TypeDef {
                name: None,
                kind: TypeKind::Map(Type::Id(TypeId(0)), Type::U8),
                docs: String::new(),
            },
        ],
        exports: vec![Interface {
            name: name("a:b/c@1.0.0-rc+1"),
            functions: vec![Function {
                name: name("run"),
                params: vec![Param {
                    name: name("p"),
                    ty: Type::U8,
                }],
                ..Function::default()
            }],
            ..Interface::default()
        }],
        ..Schema::default()
    }
}

#[test]
fn map_keys_have_one_form_for_each_value() {
    let sound = [Type::Bool, Type::U8, Type::S64, Type::Char, Type::String];
    for key in sound {
        assert!(Contract::new(small_schema(key)).is_ok(), "{key:?}");
    }
    let tuple = TypeDef {
        name: None,
        kind: TypeKind::Tuple(vec![Type::U8]),
        docs: String::new(),
    };
    for key in [Type::F32, Type::F64, Type::Id(TypeId(2))] {
        let mut schema = small_schema(key);
        schema.types.push(tuple.clone());
        let error = Contract::new(schema).unwrap_err();
        assert!(matches!(error, SchemaError::Key { .. }), "{error:?}");
    }
}

#[test]
fn names_are_of_the_characters_the_text_says() {
    fn owner(schema: &mut Schema) -> &mut TypeName {
        schema.types[0].name.as_mut().unwrap()
    }
    let check = |put: &dyn Fn(&mut Schema, &str), name: &str| {
        let mut schema = small_schema(Type::U8);
        put(&mut schema, name);
        match Contract::new(schema) {
            Ok(_) => true,
            Err(SchemaError::Name { .. }) => false,
            Err(other) => panic!("{other:?}"),
        }
    };
    type Place<'a> = &'a dyn Fn(&mut Schema, &str);
    let plain: [Place<'_>; 6] = [
        &|schema, name| owner(schema).name = name.to_owned(),
        &|schema, name| schema.exports[0].functions[0].name = name.to_owned(),
        &|schema, name| schema.exports[0].functions[0].params[0].name = name.to_owned(),
        &|schema, name| {
            schema.types[0].kind = TypeKind::Enum(vec![Label {
                name: name.to_owned(),
                docs: String::new(),
            }]);
            schema.types.truncate(1);
        },
        &|schema, name| {
            schema.types[0].kind = TypeKind::Variant(vec![Case {
                name: name.to_owned(),
                ty: None,
                docs: String::new(),
            }]);
            schema.types.truncate(1);
        },
        &|schema, name| {
            schema.types[0].kind = TypeKind::Record(vec![Field {
                name: name.to_owned(),
                ty: Type::U8,
                docs: String::new(),
            }]);
            schema.types.truncate(1);
        },
    ];
    let qualified: [Place<'_>; 2] = [
        &|schema, name| schema.exports[0].name = name.to_owned(),
        &|schema, name| owner(schema).owner = name.to_owned(),
    ];
    for (at, put) in plain.iter().chain(&qualified).enumerate() {
        let is_plain = at < plain.len();
        for byte in 0..=u8::MAX {
            let name = format!("a{}", char::from(byte));
            let inner = byte.is_ascii_alphanumeric() || byte == b'-';
            let outer = match at {
                // A function.
                1 => b"[].".contains(&byte),
                _ => !is_plain && b":/@.+$".contains(&byte),
            };
            assert_eq!(check(put, &name), inner || outer, "{at}: {name:?}");
        }
        // An owner may be empty.
        assert_eq!(check(put, ""), at == plain.len() + 1, "{at}");
    }
}

// --- Values ---

/// Reads a value as the document writes it.
fn read(contract: &Contract, ty: Type, text: &str) -> Value {
    Value::from_wave(contract, ty, text).unwrap_or_else(|error| panic!("{error}"))
}

fn encoded(contract: &Contract, ty: Type, value: &Value) -> Vec<u8> {
    encode_value(contract, ty, value, Limits::DEFAULT).unwrap()
}

fn decoded(contract: &Contract, ty: Type, bytes: &[u8]) -> Result<Value, DecodeError> {
    decode_value(contract, ty, bytes, Limits::DEFAULT)
}

#[test]
fn values() {
    let rows = rows("wire", 3);
    assert!(rows.len() >= 20, "{} examples", rows.len());
    let types: Vec<&str> = rows.iter().map(|(_, cells)| cells[0]).collect();
    let (contract, types) = contract_of_types(&types);
    let mut report = Report::default();
    for ((line, cells), ty) in rows.iter().zip(types) {
        let value = read(&contract, ty, cells[1]);
        let bytes = encoded(&contract, ty, &value);
        report.equal(*line, cells[2], &hex(&bytes));
        assert_eq!(decoded(&contract, ty, &bytes), Ok(value), "{line}");
    }
}

#[test]
fn every_kind_of_type_has_an_example() {
    let rows = rows("wire", 3);
    let types: Vec<&str> = rows.iter().map(|(_, cells)| cells[0]).collect();
    let (contract, types) = contract_of_types(&types);
    let kinds: BTreeSet<String> = types
        .iter()
        .map(|ty| match contract.kind(*ty) {
            Some(kind @ TypeKind::FixedList(..)) => format!("fixed {}", kind.keyword()),
            Some(kind) if contract.is_recursive(*ty) => format!("recursive {}", kind.keyword()),
            Some(kind) => kind.keyword().to_owned(),
            None => "primitive".to_owned(),
        })
        .collect();
    let expected = [
        "enum",
        "fixed list",
        "flags",
        "list",
        "map",
        "option",
        "primitive",
        "record",
        "recursive record",
        "recursive variant",
        "result",
        "tuple",
        "variant",
    ];
    assert_eq!(kinds, expected.map(str::to_owned).into());
}

#[derive(Debug, Clone, PartialEq, GraphValueDerive, PackTypeDerive)]
enum Expr {
    Literal(i8),
    Negate(Rc<Expr>),
    Add(Operands),
}

#[derive(Debug, Clone, PartialEq, GraphValueDerive, PackTypeDerive)]
struct Operands {
    left: Rc<Expr>,
    right: Rc<Expr>,
}

#[derive(Debug, Clone, PartialEq, GraphValueDerive, PackTypeDerive)]
struct Tree {
    value: u8,
    children: Vec<Rc<Tree>>,
}

use pack_runtime::{GraphValue as GraphValueDerive, PackType as PackTypeDerive};

/// The bytes of a value with shared parts; which come back as the same value.
fn shared_bytes<T: GraphValue + PartialEq + Debug>(value: &T) -> Vec<u8> {
    let bytes = encode(value).unwrap();
    let back: T = decode(&bytes, Limits::DEFAULT).unwrap();
    assert_eq!(back, *value);
    assert_eq!(encode(&back).unwrap(), bytes, "the sharing is restored");
    bytes
}

#[test]
fn shared_subtrees() {
    let literal = Rc::new(Expr::Literal(7));
    let negated = Rc::new(Expr::Negate(literal.clone()));
    let leaf = Rc::new(Tree {
        value: 1,
        children: Vec::new(),
    });
    let lone = Rc::new(Expr::Negate(Rc::new(Expr::Literal(7))));
    let (left, right) = (lone.clone(), lone);
    let in_rust: [(&str, Vec<u8>); 3] = [
        (
            "add({left: negate(literal(7)), right: negate(literal(7))})",
            shared_bytes(&Expr::Add(Operands { left, right })),
        ),
        (
            "{value: 0, children: [{value: 1, children: []}, {value: 1, children: []}]}",
            shared_bytes(&Tree {
                value: 0,
                children: vec![leaf.clone(), leaf],
            }),
        ),
        (
            "[literal(7), negate(literal(7)), negate(literal(7))]",
            shared_bytes(&vec![literal, negated.clone(), negated]),
        ),
    ];
    let rows = rows("shared", 3);
    assert_eq!(rows.len(), in_rust.len(), "an example is not built here");
    let types: Vec<&str> = rows.iter().map(|(_, cells)| cells[0]).collect();
    let (contract, types) = contract_of_types(&types);
    let mut report = Report::default();
    for ((line, cells), ty) in rows.iter().zip(types) {
        let (_, bytes) = in_rust
            .iter()
            .find(|(value, _)| *value == cells[1])
            .expect(cells[1]);
        report.equal(*line, cells[2], &hex(bytes));
        let value = read(&contract, ty, cells[1]);
        assert_ne!(encoded(&contract, ty, &value), *bytes);
        assert_eq!(decoded(&contract, ty, bytes), Ok(value));
    }
}

#[test]
fn refusals() {
    let rows = rows("invalid", 3);
    let types: Vec<&str> = rows.iter().map(|(_, cells)| cells[0]).collect();
    let (contract, types) = contract_of_types(&types);
    let mut report = Report::default();
    for ((line, cells), ty) in rows.iter().zip(types) {
        let outcome = decoded(&contract, ty, &unhex(cells[1]));
        let error = outcome.map_or_else(|e| e.to_string(), |value| format!("{value:?}"));
        report.equal(*line, cells[2], &error);
    }
}

#[test]
fn equal_keys_are_not_written() {
    let (contract, types) = contract_of_types(&["map<u16, bool>"]);
    let entry = |key, value| (Value::U16(key), Value::Bool(value));
    let value = Value::Map(vec![entry(2, true), entry(1, false), entry(2, true)]);
    let error = encode_value(&contract, types[0], &value, Limits::DEFAULT).unwrap_err();
    assert_eq!(*error.kind(), EncodeErrorKind::DuplicateKey);
}

/// `literal(5)` in so many `negate`.
fn negations(count: usize) -> Vec<u8> {
    let mut bytes = vec![1; count];
    bytes.extend([0, 5]);
    bytes
}

#[test]
fn dynamic_values_stop_where_the_text_says() {
    let (contract, types) = contract_of_types(&["expr"]);
    let expr = types[0];
    // The literal and its number are values as well.
    let most = usize::try_from(MAX_LEVELS).unwrap() - 2;
    for depth in [1_000, 100_000] {
        let limits = Limits::DEFAULT.with_depth(depth);
        let bytes = negations(most);
        let value = decode_value(&contract, expr, &bytes, limits).unwrap();
        let again = encode_value(&contract, expr, &value, limits).unwrap();
        assert_eq!(again, bytes);
        let error = decode_value(&contract, expr, &negations(most + 1), limits).unwrap_err();
        let limit = MAX_LEVELS;
        assert_eq!(*error.kind(), DecodeErrorKind::TooManyLevels { limit });
        let value = Value::Variant("negate".to_owned(), Some(Box::new(value)));
        let error = encode_value(&contract, expr, &value, limits).unwrap_err();
        assert_eq!(*error.kind(), EncodeErrorKind::TooManyLevels { limit });
    }
    assert!(decode::<Expr>(&negations(999), Limits::DEFAULT).is_ok());
}

#[test]
fn a_back_reference_is_as_deep_as_what_it_leads_to() {
    let negate = |inner: &Rc<Expr>| Rc::new(Expr::Negate(inner.clone()));
    let leaf = Rc::new(Expr::Literal(7));
    let left = negate(&leaf);
    // Of five levels: add, operands, negate, and the shared negate(literal(7)).
    let right = negate(&left);
    let value = Expr::Add(Operands { left, right });
    let bytes = encode(&value).unwrap();
    assert_eq!(hex(&bytes), "02 00 01 00 07 01 ff 02 00 00 00");
    let (contract, types) = contract_of_types(&["expr"]);
    for (depth, fits) in [(4, false), (5, true), (6, true)] {
        let limits = Limits::DEFAULT.with_depth(depth);
        let written = encode_into(Vec::new(), limits, &value).is_ok();
        let shared = decode::<Expr>(&bytes, limits).is_ok();
        assert_eq!((written, shared), (fits, fits), "{depth}");
        let copied = decode_value(&contract, types[0], &bytes, limits).is_ok();
        assert_eq!(copied, fits, "{depth}");
    }
}

#[test]
fn a_pointer_that_is_reused_is_as_deep_as_the_first_time() {
    let leaf = Rc::new(Expr::Literal(7));
    let left = Rc::new(Expr::Negate(leaf));
    let pair = |left: &Rc<Expr>, right: &Rc<Expr>| {
        let (left, right) = (left.clone(), right.clone());
        Rc::new(Expr::Add(Operands { left, right }))
    };
    // The second reference finds the pointer that the first one left, two levels further down.
    let inner = pair(&left, &left);
    let value = pair(&left, &inner);
    let bytes = encode(&*value).unwrap();
    for (depth, fits) in [(5, false), (6, true)] {
        let limits = Limits::DEFAULT.with_depth(depth);
        let written = encode_into(Vec::new(), limits, &*value).is_ok();
        let read = decode::<Expr>(&bytes, limits).is_ok();
        assert_eq!((written, read), (fits, fits), "{depth}");
    }
}

// --- The calling convention ---

fn core_name(core: CoreType) -> &'static str {
    match core {
        CoreType::I32 => "i32",
        CoreType::I64 => "i64",
        CoreType::F32 => "f32",
        CoreType::F64 => "f64",
    }
}

/// What each core parameter is, as the document writes it.
fn core_parameters(function: &Function, signature: &Signature) -> String {
    let mut names = Vec::new();
    let mut encoded = Vec::new();
    for (param, pass) in function.params.iter().zip(&signature.params) {
        let name = &param.name;
        match pass {
            Pass::Flat(core) => names.extend(core.iter().map(|_| name.clone())),
            Pass::Text | Pass::Elements(_) => {
                names.extend([format!("{name}*"), format!("{name}#")])
            }
            Pass::Encoded => encoded.push(name.as_str()),
        }
    }
    if signature.has_buffer() {
        names.push("buffer*".to_owned());
        names.push(format!("buffer#({})", encoded.join(", ")));
    }
    if signature.offers_space() {
        names.extend(["space*".to_owned(), "space#".to_owned()]);
    }
    names.join(", ")
}

#[test]
fn signatures() {
    let rows = rows("core", 4);
    let functions: Vec<String> = rows.iter().map(|(_, cells)| cells[1].to_owned()).collect();
    let contract = contract("types", &functions);
    let (mut sides, mut mixed, mut wide) = (BTreeSet::new(), false, false);
    let mut report = Report::default();
    for ((line, cells), function) in rows.iter().zip(added(&contract)) {
        let role = match cells[0] {
            "export" => Role::Export,
            "import" => Role::Import,
            other => panic!("{other}"),
        };
        sides.insert(cells[0]);
        let signature = Signature::of(&contract, function, role);
        let params: Vec<&str> = signature.core_params().into_iter().map(core_name).collect();
        let result = signature.core_result().map_or("()", core_name);
        report.equal(
            *line,
            cells[2],
            &format!("({}) -> {result}", params.join(", ")),
        );
        report.equal(*line, cells[3], &core_parameters(function, &signature));
        mixed |= signature.has_buffer() && signature.params.iter().any(|p| p.core_count() > 0);
        wide |= signature.has_buffer() && params.len() == convention::MAX_CORE_PARAMS;
        assert!(params.len() <= convention::MAX_CORE_PARAMS);
    }
    assert!(rows.len() >= 6 && sides.len() == 2 && mixed && wide);
}

#[test]
fn verdicts() {
    let rows = rows("verdict", 4);
    let mut types = Vec::new();
    for (_, cells) in &rows {
        types.extend([cells[1], cells[2]]);
    }
    let (contract, types) = contract_of_types(&types);
    let mut report = Report::default();
    for ((line, cells), pair) in rows.iter().zip(types.chunks(2)) {
        // A parameter goes to the callee.
        let role = match cells[0] {
            "to package" => Role::Export,
            "to host" => Role::Import,
            other => panic!("{other}"),
        };
        let function = |ty: Type| {
            let wanted = added(&contract).iter().find(|f| f.params[0].ty == ty);
            wanted.unwrap()
        };
        let (host, package) = (function(pair[0]), function(pair[1]));
        let comparison = compare_function((&contract, host), (&contract, package), role, "f");
        let verdict = match comparison.verdict {
            Verdict::Identical => "identical",
            Verdict::Compatible => "compatible",
            Verdict::Breaking => "breaking",
        };
        report.equal(*line, cells[3], verdict);
    }
}

fn number(text: &str) -> u32 {
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).unwrap(),
        None => text.parse().unwrap(),
    }
}

#[test]
fn calls() {
    for block in blocks_of("call") {
        let contract = contract(block.info[1], &[]);
        let mut parts: BTreeMap<&str, &str> = BTreeMap::new();
        let mut memory: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
        for line in block.text.lines() {
            let (key, text) = line.split_once('|').unwrap();
            let (key, text) = (key.trim(), text.trim());
            if let Some(place) = key.strip_prefix("memory ") {
                assert!(memory.insert(number(place), unhex(text)).is_none());
            } else {
                assert!(parts.insert(key, text).is_none());
            }
        }
        let mut part = |name: &str| parts.remove(name).expect(name);
        let name = part("function");
        let (interface, function) = name.split_once('#').unwrap();
        assert_eq!(core_export_name(interface, function), name);
        let function = contract.export(interface).unwrap();
        let function = function.function(name.split_once('#').unwrap().1).unwrap();
        let signature = Signature::of(&contract, function, Role::Export);
        let call = format!("{}({})", function.name, part("arguments"));
        let values = Call::parse(&call).and_then(|call| call.arguments(&contract, function));
        let values = values.unwrap_or_else(|error| panic!("{error}"));
        let mut core = part("core arguments").split(", ").map(number);

        let mut buffer = Vec::new();
        for ((param, pass), value) in function.params.iter().zip(&signature.params).zip(&values) {
            let bytes = encoded(&contract, param.ty, value);
            match pass {
                Pass::Encoded => buffer.extend(bytes),
                Pass::Text | Pass::Elements(_) => {
                    let (place, count) = (core.next().unwrap(), core.next().unwrap());
                    assert_eq!(bytes[..4], count.to_le_bytes());
                    assert_eq!(place as usize % AREA_ALIGN, 0);
                    assert_eq!(memory.remove(&place).unwrap(), bytes[4..]);
                }
                Pass::Flat(_) => panic!("no example has one: add it here"),
            }
        }
        if signature.has_buffer() {
            let (place, length) = (core.next().unwrap(), core.next().unwrap());
            assert_eq!(place as usize % AREA_ALIGN, 0);
            assert_eq!(hex(&memory.remove(&place).unwrap()), hex(&buffer));
            assert_eq!(buffer.len(), length as usize);
        }
        assert_eq!(core.next(), None);

        let ty = function.result.unwrap();
        let result = read(&contract, ty, part("result"));
        let packed = part("core result").strip_prefix("0x").unwrap();
        let packed = u64::from_str_radix(packed, 16).unwrap();
        let (place, length) = convention::unpack_pointer(packed);
        let bytes = memory.remove(&place).unwrap();
        let message = encoded(&contract, ty, &result);
        match signature.result {
            Return::Encoded => {
                assert_eq!(hex(&bytes), hex(&message));
                assert_eq!(bytes.len(), length as usize);
            }
            Return::Contents(width) => {
                assert_eq!(message[..4], length.to_le_bytes());
                assert_eq!(hex(&bytes), hex(&message[4..]));
                assert_eq!(bytes.len(), (length * width) as usize);
            }
            other => panic!("no example is {other:?}: add it here"),
        }
        assert_eq!(convention::pack_pointer(place, length), packed);
        assert!(
            parts.is_empty() && memory.is_empty(),
            "{parts:?} {memory:?}"
        );
    }
}

/// The type of messages for the log.
fn event_type(contract: &Contract) -> Type {
    let is_event = |def: &TypeDef| def.name.as_ref().is_some_and(|name| name.name == "event");
    let at = contract.types.iter().position(is_event).unwrap();
    Type::Id(TypeId(u32::try_from(at).unwrap()))
}

#[test]
fn events() {
    let contract = contract("log", &[]);
    let ty = event_type(&contract);
    for block in blocks_of("log") {
        let (value, bytes) = block.text.split_once("\n=\n").unwrap();
        let bytes = dump(bytes);
        let value = read(&contract, ty, value);
        assert_eq!(hex(&encoded(&contract, ty, &value)), hex(&bytes));

        let text = |text: &'static str| FieldValue::from(text);
        let event: Record<'_> = Record {
            level: Level::Warn,
            target: "shop::cart".into(),
            message: "a price is missing".into(),
            file: Some("src/cart.rs".into()),
            line: Some(12),
            fields: vec![
                ("item".into(), text("pear")),
                ("at".into(), 3_u64.into()),
                ("change".into(), (-0.5).into()),
            ],
            spans: vec![
                Span {
                    name: "order".into(),
                    fields: vec![
                        ("number".into(), (-7).into()),
                        ("express".into(), true.into()),
                    ],
                },
                Span {
                    name: "total".into(),
                    fields: Vec::new(),
                },
            ],
        };
        assert_eq!(hex(&encode(&event).unwrap()), hex(&bytes));
        assert_eq!(Record::read(&bytes, Limits::DEFAULT).unwrap(), event);
    }
}

/// Whatever the WIT of the document allows is read, and written back the same.
#[test]
fn the_types_of_events_are_those_of_the_text() {
    let contract = contract("log", &[]);
    let ty = event_type(&contract);
    for level in ["error", "warn", "info", "debug", "trace"] {
        for field in [
            "bool(false)",
            "s64(-1)",
            "u64(18446744073709551615)",
            "f64(1.5)",
            "text(\"\")",
        ] {
            let text = format!(
                "{{level: {level}, target: \"t\", message: \"\", file: none, line: none, \
                  fields: [(\"f\", {field})], spans: [{{name: \"s\", fields: [(\"g\", {field})]}}]}}"
            );
            let bytes = encoded(&contract, ty, &read(&contract, ty, &text));
            let event = Record::read(&bytes, Limits::DEFAULT).unwrap();
            assert_eq!(event.level.to_string().to_lowercase(), level);
            assert_eq!(hex(&encode(&event).unwrap()), hex(&bytes));
        }
    }
}

// --- Schema, metadata, hashes ---

/// Reads a dump: bytes in hexadecimal, text in quotes, `sha256(…)` of more of that; remarks after semicolons.
fn dump(text: &str) -> Vec<u8> {
    let lines: Vec<&str> = text
        .lines()
        .map(|line| line.split_once(';').map_or(line, |(bytes, _)| bytes))
        .collect();
    let text = lines.join(" ");
    let mut rest = text.as_str();
    let bytes = dump_until(&mut rest);
    assert_eq!(rest, "");
    bytes
}

fn dump_until(rest: &mut &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        *rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("sha256(") {
            *rest = after;
            bytes.extend(sha256(&dump_until(rest)));
            *rest = rest.strip_prefix(')').expect("a closing parenthesis");
        } else if let Some(after) = rest.strip_prefix('"') {
            let (text, after) = after.split_once('"').unwrap();
            bytes.extend(text.bytes());
            *rest = after;
        } else if rest.is_empty() || rest.starts_with(')') {
            return bytes;
        } else {
            let (byte, after) = rest.split_at(2);
            bytes.extend(unhex(byte));
            *rest = after;
        }
    }
}

#[test]
fn dumps() {
    let mut seen = BTreeSet::new();
    for block in blocks_of("bytes") {
        let contract = contract(block.info[1], &[]);
        let (schema, all) = (contract.to_bytes(), metadata::write(contract.schema()));
        let expected = match block.info[2] {
            "schema" => schema,
            "metadata" => all[..all.len() - schema.len()].to_vec(),
            other => panic!("{other}"),
        };
        assert_eq!(hex(&dump(block.text)), hex(&expected));
        seen.insert(block.info[2]);
    }
    assert_eq!(seen, BTreeSet::from(["schema", "metadata"]));
}

#[test]
fn hashes() {
    for block in blocks_of("hash") {
        let contract = contract(block.info[1], &[]);
        let (interface, function) = block.info[2].split_once('#').unwrap();
        let found = contract.export(interface).unwrap();
        let found = found.function(function).unwrap();
        let (input, digest) = block.text.split_once("\n=").unwrap();
        let expected = hash::function(&contract, interface, found);
        assert_eq!(hex(&sha256(&dump(input))), hex(&expected), "the input");
        assert_eq!(hex(&dump(digest)), hex(&expected), "the digest");
    }
}

/// The text says what the input of SHA-256 is, so it is hashed here once more.
fn sha256(input: &[u8]) -> [u8; 32] {
    let primes = || (2_u32..).filter(|n| (2..*n).all(|d| n % d != 0));
    // The first 32 bits of the fractional part of a root.
    let fraction = |root: f64| (root.fract() * 4_294_967_296.0) as u32;
    let k: Vec<u32> = primes()
        .take(64)
        .map(|p| fraction(f64::from(p).cbrt()))
        .collect();
    let start = primes().take(8).map(|p| fraction(f64::from(p).sqrt()));
    let mut state: Vec<u32> = start.collect();
    let mut message = input.to_vec();
    message.push(0x80);
    message.resize(message.len().next_multiple_of(64), 0);
    if message.len() - input.len() < 9 {
        message.resize(message.len() + 64, 0);
    }
    let length = message.len() - 8;
    message[length..].copy_from_slice(&(input.len() as u64 * 8).to_be_bytes());
    for chunk in message.chunks_exact(64) {
        let mut w: Vec<u32> = chunk
            .chunks_exact(4)
            .map(|word| u32::from_be_bytes(word.try_into().unwrap()))
            .collect();
        for i in 16..64 {
            let (a, b) = (w[i - 15], w[i - 2]);
            let s0 = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
            let s1 = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
            w.push(
                w[i - 16]
                    .wrapping_add(s0)
                    .wrapping_add(w[i - 7])
                    .wrapping_add(s1),
            );
        }
        let mut v = state.clone();
        for i in 0..64 {
            let s1 = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
            let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
            let t1 = v[7]
                .wrapping_add(s1)
                .wrapping_add(choice)
                .wrapping_add(k[i])
                .wrapping_add(w[i]);
            let s0 = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
            let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
            v.rotate_right(1);
            v[4] = v[4].wrapping_add(t1);
            v[0] = t1.wrapping_add(s0).wrapping_add(majority);
        }
        for (state, v) in state.iter_mut().zip(v) {
            *state = state.wrapping_add(v);
        }
    }
    let mut digest = [0; 32];
    for (to, word) in digest.chunks_exact_mut(4).zip(state) {
        to.copy_from_slice(&word.to_be_bytes());
    }
    digest
}

#[test]
fn sha256_is_sha256() {
    let expected = "ba 78 16 bf 8f 01 cf ea 41 41 40 de 5d ae 22 23 b0 03 61 a3 96 17 7a 9c b4 10 ff 61 f2 00 15 ad";
    assert_eq!(hex(&sha256(b"abc")), expected);
}

#[test]
fn names() {
    assert_eq!(core_export_name("a:b/c@1.0.0", "d"), "a:b/c@1.0.0#d");
    assert_eq!(core_export_name(schema::ROOT, "d"), "$root#d");
}
