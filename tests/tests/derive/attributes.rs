//! What `#[pack(...)]` does to the wire and the schema.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::marker::PhantomData;

use pack::{GraphValue, PackType};
use pack_abi::schema::{SchemaError, TypeKind};
use pack_abi::{EncodeErrorKind, Limits, decode, encode, schema_of};

use super::same;

/// Name and shape of a type, in WIT words.
fn shape<T: PackType>() -> String {
    let (contract, ty) = schema_of::<T>().unwrap();
    let part = |ty| contract.display(ty).to_string();
    let parts: Vec<String> = match contract.kind(ty).unwrap() {
        TypeKind::Record(fields) => fields
            .iter()
            .map(|f| format!("{}: {}", f.name, part(f.ty)))
            .collect(),
        TypeKind::Variant(cases) => cases
            .iter()
            .map(|c| match c.ty {
                Some(ty) => format!("{}({})", c.name, part(ty)),
                None => c.name.clone(),
            })
            .collect(),
        TypeKind::Enum(labels) => labels.iter().map(|l| l.name.clone()).collect(),
        other => vec![other.keyword().to_owned()],
    };
    format!("{} {{ {} }}", contract.describe(ty), parts.join(", "))
}

#[derive(Debug, PartialEq, GraphValue, PackType)]
#[pack(rename_all = "SCREAMING-KEBAB-CASE")]
struct Loud {
    http_error: u8,
    #[pack(rename = "quiet")]
    loud: u8,
}

#[derive(Debug, PartialEq, GraphValue, PackType)]
#[pack(rename = "status", rename_all = "lowercase")]
enum Code {
    NotFound,
    Ok,
}

#[derive(Debug, PartialEq, GraphValue, PackType)]
#[pack(rename_all = "UPPERCASE")]
enum Figure {
    BigCircle {
        inner_radius: f32,
    },
    #[pack(rename = "none")]
    Nothing,
}

#[test]
fn names() {
    let table = [
        (shape::<Loud>(), "record loud { HTTP-ERROR: u8, quiet: u8 }"),
        (shape::<Code>(), "enum status { notfound, ok }"),
        (
            shape::<Figure>(),
            "variant figure { BIGCIRCLE(figure-BIGCIRCLE), none }",
        ),
    ];
    for (found, expected) in table {
        assert_eq!(found, expected);
    }
    same(&Figure::BigCircle { inner_radius: 1.0 });
}

#[derive(Debug, PartialEq, GraphValue, PackType)]
struct Cached {
    text: String,
    #[pack(skip)]
    length: usize,
    #[pack(skip, default = fresh)]
    made: String,
    #[pack(skip, default)]
    hits: u32,
    id: u8,
}

fn fresh() -> String {
    "fresh".into()
}

#[derive(Debug, PartialEq, GraphValue, PackType)]
struct Wrapper(String, #[pack(skip)] usize);

#[derive(Debug, PartialEq, GraphValue, PackType)]
struct Typed<T> {
    id: u8,
    of: PhantomData<T>,
}

/// Neither sent nor described: it has none of the traits.
#[derive(Debug, PartialEq, Default)]
struct Local;

#[derive(Debug, PartialEq, GraphValue, PackType)]
enum Command {
    Go {
        to: String,
        #[pack(skip)]
        tries: usize,
    },
    #[pack(skip)]
    Internal(Local),
    Stop(u8, #[pack(skip)] Local),
    Wait(#[pack(skip)] Local),
}

#[derive(Debug, PartialEq, GraphValue, PackType)]
enum Level {
    Low,
    #[pack(skip)]
    Secret,
    High,
}

#[test]
fn skipped_fields_do_not_travel() {
    assert_eq!(shape::<Cached>(), "record cached { text: string, id: u8 }");
    let value = Cached {
        text: "x".into(),
        length: 1,
        made: "old".into(),
        hits: 9,
        id: 7,
    };
    let bytes = encode(&value).unwrap();
    assert_eq!(bytes, [1, 0, 0, 0, b'x', 7]);
    let back: Cached = decode(&bytes, Limits::DEFAULT).unwrap();
    let expected = Cached {
        length: 0,
        made: "fresh".into(),
        hits: 0,
        ..value
    };
    assert_eq!(back, expected);

    let (contract, ty) = schema_of::<Wrapper>().unwrap();
    assert_eq!(contract.describe(ty), "string");
    let back: Wrapper = decode(&encode(&Wrapper("x".into(), 5)).unwrap(), Limits::DEFAULT).unwrap();
    assert_eq!(back, Wrapper("x".into(), 0));

    assert_eq!(shape::<Typed<Local>>(), "record typed { id: u8 }");
    let typed = Typed::<Local> {
        id: 1,
        of: PhantomData,
    };
    assert_eq!(encode(&typed).unwrap(), [1]);
    same(&typed);
}

#[test]
fn skipped_variants_do_not_travel() {
    assert_eq!(
        shape::<Command>(),
        "variant command { go(command-go), stop(u8), wait }"
    );
    for (value, bytes) in [
        (
            Command::Go {
                to: "x".into(),
                tries: 0,
            },
            &[0, 1, 0, 0, 0, b'x'][..],
        ),
        (Command::Stop(3, Local), &[1, 3]),
        (Command::Wait(Local), &[2]),
    ] {
        assert_eq!(encode(&value).unwrap(), bytes);
        same(&value);
    }
    let error = encode(&Command::Internal(Local)).unwrap_err();
    assert_eq!(
        error.kind(),
        &EncodeErrorKind::SkippedVariant { name: "Internal" }
    );
    assert_eq!(shape::<Level>(), "enum level { low, high }");
    same(&Level::Low);
    assert_eq!(encode(&Level::High).unwrap(), [1]);
    assert!(
        encode(&Level::Secret)
            .unwrap_err()
            .to_string()
            .contains("Secret")
    );
    let mut slots = [0];
    let mut writer = pack_abi::wire::FlatWriter::new(&mut slots);
    pack_abi::Encode::flatten(&Level::Secret, &mut writer);
    let error = writer.finish().unwrap_err();
    assert_eq!(
        error.kind(),
        &EncodeErrorKind::SkippedVariant { name: "Secret" }
    );
}

/// A type of another crate, without any of the traits.
mod foreign {
    #[derive(Debug, PartialEq, Clone, Copy)]
    pub(super) struct Temperature {
        pub(super) celsius: f64,
    }
}

mod celsius {
    use super::foreign::Temperature;

    pub(super) type Wire = f64;

    pub(super) fn to_wire(value: &Temperature) -> Wire {
        value.celsius
    }

    pub(super) fn from_wire(wire: Wire) -> Result<Temperature, String> {
        if wire < -273.15 {
            return Err(format!("{wire} °C is colder than cold"));
        }
        Ok(Temperature { celsius: wire })
    }
}

#[derive(Debug, PartialEq, GraphValue, PackType)]
struct Weather {
    #[pack(with = celsius)]
    now: foreign::Temperature,
    wind: u8,
}

#[derive(Debug, PartialEq, GraphValue, PackType)]
enum Reading {
    Air(#[pack(with = self::celsius)] foreign::Temperature),
    Water {
        #[pack(with = celsius, rename = "degrees")]
        surface: foreign::Temperature,
    },
}

#[test]
fn fields_travel_as_other_types() {
    let warm = foreign::Temperature { celsius: 20.5 };
    let weather = Weather { now: warm, wind: 3 };
    assert_eq!(shape::<Weather>(), "record weather { now: f64, wind: u8 }");
    same(&weather);
    same(&Reading::Air(warm));
    same(&Reading::Water { surface: warm });
    same(&vec![weather]);

    fn refusal<T: pack_abi::GraphValue + Debug>(value: &impl pack_abi::Encode) -> String {
        let bytes = encode(value).unwrap();
        decode::<T>(&bytes, Limits::DEFAULT)
            .unwrap_err()
            .to_string()
    }
    let table = [
        (
            refusal::<Weather>(&(-300.0, 1_u8)),
            "now: -300 °C is colder than cold (byte 8)",
        ),
        (
            refusal::<Vec<Weather>>(&vec![(0.0, 1_u8), (-300.0, 1)]),
            "[1].now: -300 °C is colder than cold (byte 21)",
        ),
        (
            refusal::<Reading>(&(0_u8, -300.0)),
            "air: -300 °C is colder than cold (byte 9)",
        ),
        (
            refusal::<Reading>(&(1_u8, -300.0)),
            "water.degrees: -300 °C is colder than cold (byte 9)",
        ),
    ];
    for (found, expected) in table {
        assert_eq!(found, expected);
    }
    let slots = [(-300.0_f64).to_bits(), 1];
    let error =
        <Weather as pack_abi::GraphValue>::unflatten(&mut pack_abi::wire::FlatReader::new(&slots));
    assert!(error.unwrap_err().to_string().contains("colder"));
}

trait Phase {
    type Note: pack_abi::GraphValue + Debug + PartialEq;
}

#[derive(Debug, PartialEq)]
struct Parsed;

impl Phase for Parsed {
    type Note = String;
}

/// `P` is used as `P::Note` only, and needs no trait but its own.
#[derive(Debug, PartialEq, GraphValue, PackType)]
struct Noted<P: Phase> {
    note: P::Note,
}

/// What the derive would ask for is not needed here.
#[derive(Debug, PartialEq, GraphValue, PackType)]
#[pack(bound = "P: Phase")]
struct Explicit<P>
where
    P: Phase,
{
    notes: Vec<<P as Phase>::Note>,
}

#[test]
fn bounds_are_on_what_is_used() {
    same(&Noted::<Parsed> { note: "x".into() });
    same(&Explicit::<Parsed> {
        notes: vec!["x".into()],
    });
    assert_eq!(
        shape::<Noted<Parsed>>(),
        "record noted-string { note: string }"
    );
}

mod one {
    #[derive(pack::GraphValue, pack::PackType)]
    pub(super) struct Twin {
        pub(super) part: u8,
    }
}

mod other {
    #[derive(pack::GraphValue, pack::PackType)]
    pub(super) struct Twin {
        pub(super) part: u8,
    }
}

mod elsewhere {
    #[derive(pack::GraphValue, pack::PackType)]
    #[pack(interface = "demo:twins/types@1.0.0")]
    pub(super) struct Twin {
        pub(super) part: u8,
    }
}

#[test]
fn two_types_of_one_name_are_refused() {
    let error = schema_of::<(one::Twin, other::Twin)>().unwrap_err();
    assert_eq!(
        error,
        SchemaError::SameName {
            owner: String::new(),
            name: "twin".into()
        }
    );
    let message = error.to_string();
    assert!(
        message.contains("`twin`") && message.contains("#[pack(rename"),
        "{message}"
    );
    assert!(schema_of::<(one::Twin, one::Twin, elsewhere::Twin)>().is_ok());
    let part = one::Twin { part: 1 }.part + other::Twin { part: 1 }.part;
    assert_eq!(part + elsewhere::Twin { part: 1 }.part, 3);
}

#[derive(Debug, PartialEq, GraphValue, PackType)]
struct Pair<A, B> {
    first: A,
    second: B,
}

#[derive(Debug, PartialEq, GraphValue, PackType)]
struct Table<T, const WIDTH: usize, const WIDE: bool> {
    rows: Vec<[T; WIDTH]>,
}

#[test]
fn generic_types_are_named_by_their_parameters() {
    fn name<T: PackType>() -> String {
        let (contract, ty) = schema_of::<T>().unwrap();
        contract.describe(ty)
    }
    let table = [
        (
            name::<Pair<u32, Vec<String>>>(),
            "record pair-u32-list-string",
        ),
        (
            name::<Pair<Box<Pair<(), char>>, BTreeMap<u8, Level>>>(),
            "record pair-pair-tuple-char-map-u8-level",
        ),
        (
            name::<Pair<Result<(), i8>, Option<f32>>>(),
            "record pair-result-tuple-s8-option-f32",
        ),
        (name::<Table<u8, 3, true>>(), "record table-u8-3-1"),
        (
            name::<Table<[u8; 4], 3, false>>(),
            "record table-list-4-u8-3-0",
        ),
    ];
    for (found, expected) in table {
        assert_eq!(found, expected);
    }
    // Pointers are not seen in WIT, and so make no difference.
    let (contract, _) = schema_of::<(Pair<u8, Box<u8>>, Pair<Box<u8>, u8>)>().unwrap();
    assert_eq!(contract.types.len(), 2);
    same(&Table::<u8, 2, true> { rows: vec![[1, 2]] });
}

/// No type travels that a parameter stands for, and so none has to.
mod markers {
    use super::*;
    use std::marker::PhantomData;

    pub(super) struct Marker;

    pub(super) trait Phase {
        type Note;
    }

    impl Phase for Marker {
        type Note = u8;
    }

    #[derive(Debug, PartialEq, GraphValue, PackType)]
    pub(super) struct Tagged<T> {
        pub(super) tag: PhantomData<T>,
        pub(super) parts: Vec<Tagged<T>>,
    }

    #[derive(GraphValue, PackType)]
    pub(super) enum Expr<P: Phase> {
        Literal(P::Note),
        Sum(Box<Self>, Box<Expr<P>>),
    }

    /// What the second parameter stands for travels after one turn.
    #[derive(Debug, PartialEq, GraphValue, PackType)]
    pub(super) struct Turn<A, B> {
        pub(super) first: A,
        pub(super) rest: Option<Box<Turn<B, A>>>,
    }
}

#[test]
fn parameters_that_do_not_travel_need_nothing() {
    use markers::{Expr, Marker, Tagged, Turn};
    fn travels<T: GraphValue>() {}
    travels::<Tagged<Marker>>();
    travels::<Expr<Marker>>();
    let parts = vec![];
    let tag = std::marker::PhantomData;
    same(&Tagged::<u8> { tag, parts });
    let rest = Some(Box::new(Turn {
        first: 'x',
        rest: None,
    }));
    same(&Turn { first: 1_u8, rest });
}

/// A skipped field is made by `Default`, which is then a condition.
#[derive(Debug, PartialEq, GraphValue, PackType)]
struct Memo<T> {
    value: u8,
    #[pack(skip)]
    cache: (T, u8),
}

/// The number has the name of a type, and `Self` stands where it means nothing outside.
#[derive(Debug, PartialEq, GraphValue, PackType)]
struct Rows<const WIDTH: usize>
where
    Self: Sized,
{
    all: Vec<[u8; WIDTH]>,
}

#[allow(
    dead_code,
    non_camel_case_types,
    reason = "it is there to be in the way"
)]
#[allow(clippy::upper_case_acronyms, reason = "it is called as the parameter")]
struct WIDTH;

#[derive(Debug, PartialEq, GraphValue, PackType)]
struct Digest {
    bytes: [u8; Self::LENGTH],
    more: Vec<Self>,
}

impl Digest {
    const LENGTH: usize = 3;
}

/// The derives use what nobody else should.
mod deprecations {
    #![deny(warnings, reason = "users see them")]
    #![allow(dead_code, reason = "that it compiles is what is tested")]
    use super::{GraphValue, PackType};

    #[deprecated]
    #[derive(GraphValue, PackType)]
    pub(super) struct Old {
        pub(super) part: u8,
    }

    #[derive(GraphValue, PackType)]
    pub(super) enum Half {
        #[deprecated]
        Old,
        Other {
            #[deprecated]
            old: u8,
            parts: Vec<Half>,
        },
    }
}

#[test]
fn what_is_unusual_for_a_derive() {
    same(&Memo {
        value: 1,
        cache: (String::new(), 0),
    });
    same(&Rows::<2> {
        all: vec![[1, 2], [3, 4]],
    });
    same(&Digest {
        bytes: [1, 2, 3],
        more: vec![],
    });
    assert!(schema_of::<deprecations::Half>().is_ok());
}
