//! Every shape of type, sent to a real guest and back: typed, and by name.

use std::collections::BTreeMap;

use pack_runtime::{Error, Instance, Limits, Value};

pack_runtime::bindgen!("wit/shapes.wit");

use test::shapes::types::*;

/// The host: answers the guest, and remembers.
#[derive(Debug, Default)]
struct Host {
    heard: Vec<String>,
}

impl imports::test::shapes::Host for Host {
    fn no_result(&mut self, text: String) {
        self.heard.push(text);
    }

    fn sum(&mut self, values: Vec<u32>) -> u64 {
        values.into_iter().map(u64::from).sum()
    }

    fn flat(&mut self, point: Point, color: Color) -> Color {
        self.heard.push(format!("{point:?} {color:?}"));
        Color::Blue
    }

    fn nested(&mut self, value: Json, person: Option<Person>) -> Json {
        self.heard.push(format!("{person:?}"));
        value
    }

    fn repeat(&mut self, text: String, times: u32) -> String {
        text.repeat(times as usize)
    }

    fn paint(&mut self, points: Vec<Point>, colors: Vec<Color>, shown: Vec<bool>) -> Vec<Color> {
        self.heard.push(format!("{points:?}"));
        let colors = colors.into_iter().zip(shown);
        colors
            .filter_map(|(color, shown)| shown.then_some(color))
            .collect()
    }
}

impl imports::Shapes for Host {
    fn world_level(&mut self, value: u32) -> u32 {
        value + 1
    }
}

fn shapes() -> Shapes<Host> {
    load("shapes")
}

fn load(guest: &'static str) -> Shapes<Host> {
    Shapes::instantiate(&pack_tests::load(guest), Host::default()).unwrap()
}

/// Three guests that send shapes back: one that has them, one that reads them where they lie, and one that passes them on
/// from there.
fn for_all(test: impl Fn(&mut Shapes<Host>)) {
    for guest in ["shapes", "borrowed", "viewed"] {
        test(&mut load(guest));
    }
}

fn person(id: u64) -> Person {
    Person {
        id,
        name: format!("person {id} ✓"),
        tags: vec!["a".into(), String::new(), "ü".into()],
        score: id.is_multiple_of(2).then_some(0.5),
    }
}

fn json(depth: u32) -> Json {
    let mut value = Json::Text("leaf".into());
    for at in 0..depth {
        value = match at % 3 {
            0 => Json::Array(vec![Json::Null, value, Json::Boolean(true)]),
            1 => Json::Object(vec![("k".into(), value), ("n".into(), Json::Number(1.5))]),
            _ => Json::Array(vec![value]),
        };
    }
    value
}

fn expr(depth: u32) -> Expr {
    if depth == 0 {
        return Expr::Literal(-7);
    }
    let binary = Binary {
        op: 3,
        left: Box::new(expr(depth - 1)),
        right: Box::new(Expr::Literal(1)),
    };
    Expr::Neg(Box::new(Expr::Binary(Box::new(binary))))
}

#[test]
fn every_shape_comes_back() {
    for_all(|shapes| {
        macro_rules! same {
        ($($function:ident($($value:expr),* $(,)?);)*) => {
            $($(
                let value = $value;
                let returned = shapes.echo().$function(value.clone()).unwrap();
                assert_eq!(returned, value, stringify!($function));
            )*)*
        };
    }
        same! {
            bools(true, false);
            bytes(0_u8, 255);
            shorts(0_u16, u16::MAX);
            words(0_u32, u32::MAX);
            longs(0_u64, u64::MAX);
            sbytes(i8::MIN, -1, i8::MAX);
            sshorts(i16::MIN, -1, i16::MAX);
            swords(i32::MIN, -1, i32::MAX);
            slongs(i64::MIN, -1, i64::MAX);
            floats(f32::MIN, -0.0, f32::INFINITY);
            doubles(f64::MIN, -0.0, f64::INFINITY);
            chars('a', 'ß', '\u{10ffff}', '\0');
            flat_pair((7_u8, 1.5_f32));
            one_point(Point { x: 1.0, y: -2.0, z: f64::MAX });
            one_mixed(Mixed { flag: true, small: -3, letter: 'µ', inner: Point { x: 0.0, y: 1.0, z: 2.0 } });
            one_empty(Empty {});
            one_color(Color::Red, Color::Green, Color::Blue);
            one_access(Access::empty(), Access::READ | Access::EXECUTE, Access::all());
            one_many(Many::empty(), Many::M69 | Many::M0, Many::all());
            maybe_maybe(None::<Option<u8>>, Some(None), Some(Some(3)));
            outcome_none(Ok::<(), ()>(()), Err(()));
            quad([1_u16, 2, 3, 65535]);
        }
        macro_rules! same_by_reference {
        ($($function:ident($($value:expr),* $(,)?);)*) => {
            $($(
                let value = $value;
                assert_eq!(shapes.echo().$function(&value).unwrap(), value, stringify!($function));
            )*)*
        };
    }
        same_by_reference! {
            text(String::new(), "grüße".to_owned(), "x".repeat(100_000));
            blob(Vec::<u8>::new(), vec![0_u8, 255, 3], vec![7_u8; 3_000_000]);
            numbers(Vec::<f64>::new(), vec![1.0, -0.0, f64::INFINITY]);
            bool_list(vec![true, false, true]);
            char_list(vec!['a', 'ß', '\u{10ffff}']);
            texts(Vec::<String>::new(), vec![String::new(), "two".into()]);
            points(Vec::<Point>::new(), vec![Point { x: 1.0, y: 2.0, z: 3.0 }; 1000]);
            colors(Vec::<Color>::new(), vec![Color::Red, Color::Green, Color::Blue]);
            one_person(person(1), person(2));
            people((0..500).map(person).collect::<Vec<_>>());
            empties(vec![Empty {}; 3]);
            one_shape(
                Shape::Nothing,
                Shape::Circle(2.5),
                Shape::Polygon(vec![Point { x: 1.0, y: 2.0, z: 3.0 }]),
                Shape::Labelled(("name".into(), Color::Green)),
            );
            one_json(Json::Null, json(1), json(20), json(900));
            one_expr(Expr::Literal(1), expr(1), expr(300));
            one_tree(Tree { value: 1, children: vec![Tree { value: 2, children: vec![] }, Tree { value: 3, children: vec![] }] });
            one_folder(Folder {
                name: "root".into(),
                entries: vec![Entry::File("a".into()), Entry::Folder(Folder { name: "b".into(), entries: vec![] })],
            });
            one_chain(Chain { value: 1, next: Some(Box::new(Chain { value: 2, next: None })) });
            table(BTreeMap::from([("a".to_owned(), vec![1, 2]), (String::new(), vec![])]));
        }
        assert_eq!(
            shapes.echo().maybe(Some("x")).unwrap().as_deref(),
            Some("x")
        );
        assert_eq!(shapes.echo().maybe(None).unwrap(), None);
        for count in [0_u8, 1, 2, 255] {
            let mixed = (0..count).map(|at| Mixed {
                flag: true,
                small: -3,
                letter: 'µ',
                inner: Point {
                    x: f64::from(at),
                    y: 1.0,
                    z: 2.0,
                },
            });
            let mixed: Vec<Mixed> = mixed.collect();
            let last: Vec<Point> = mixed.last().map(|mixed| mixed.inner).into_iter().collect();
            assert_eq!(shapes.echo().inner(&mixed).unwrap(), last);
        }
        assert_eq!(
            shapes.echo().outcome(Ok("fine")).unwrap(),
            Ok("fine".to_owned())
        );
        assert_eq!(shapes.echo().outcome(Err(9)).unwrap(), Err(9));
        assert_eq!(shapes.echo().outcome_ok(Err(())).unwrap(), Err(()));
        assert_eq!(shapes.echo().pair((1, "x")).unwrap(), (1, "x".to_owned()));
        let link = Some(Box::new(Chain {
            value: 1,
            next: None,
        }));
        assert_eq!(shapes.echo().one_link(link.as_deref()).unwrap(), link);
        shapes.echo().nothing().unwrap();
        assert!(shapes.echo().doubles(f64::NAN).unwrap().is_nan());
    });
}

#[test]
fn more_parameters_than_core_values_are_split() {
    let point = Point {
        x: 1.0,
        y: 2.0,
        z: 3.0,
    };
    for_all(|shapes| {
        let text = shapes
            .echo()
            .many_params(
                1,
                2,
                3,
                4,
                -5,
                -6,
                -7,
                -8,
                9.5,
                10.5,
                'k',
                true,
                "m",
                &[13, 14],
                Some(15),
                Color::Blue,
                point,
            )
            .unwrap();
        assert_eq!(
            text,
            "1 2 3 4 -5 -6 -7 -8 9.5 10.5 k true m [13, 14] Some(15) Blue Point { x: 1.0, y: 2.0, z: 3.0 }"
        );
    });
}

#[test]
fn the_world_itself_has_functions() {
    let mut shapes = shapes();
    assert_eq!(shapes.add(i64::MAX, 1).unwrap(), i64::MIN);
    assert_eq!(shapes.greet("you").unwrap(), "Hello, you!");
    assert_eq!(shapes.through_world_level(41).unwrap(), 42);
}

#[test]
fn the_guest_calls_the_host() {
    let mut shapes = shapes();
    let mut callback = shapes.callback();
    callback.no_result("quiet").unwrap();
    assert_eq!(
        callback.sum(&[1, u32::MAX, 3]).unwrap(),
        u64::from(u32::MAX) + 4
    );
    let point = Point {
        x: 1.0,
        y: 2.0,
        z: 3.0,
    };
    assert_eq!(callback.flat(point, Color::Red).unwrap(), Color::Blue);
    assert_eq!(
        callback.nested(&json(30), Some(&person(1))).unwrap(),
        json(30)
    );
    // Results that fit the space the guest offers, and that do not.
    for times in [0, 1, 10, 1000, 1_000_000, 10] {
        assert_eq!(
            callback.repeat("ab", times).unwrap(),
            "ab".repeat(times as usize)
        );
    }
    // Lists of elements that are in the guest's memory as they are on the wire, and that are not.
    let colors = [Color::Red, Color::Green, Color::Blue];
    let painted = callback.paint(&[point; 2], &colors, &[true, false, true]);
    assert_eq!(painted.unwrap(), [Color::Red, Color::Blue]);
    assert_eq!(callback.paint(&[], &[], &[]).unwrap(), []);
    let heard = &shapes.instance().host().heard;
    assert_eq!(heard[0], "quiet");
    assert_eq!(heard[1], "Point { x: 1.0, y: 2.0, z: 3.0 } Red");
    assert!(heard[2].contains("person 1"));
    assert_eq!(heard[3], format!("{:?}", [point; 2]));
}

/// Short ones, those about the sizes at which the guest's allocator goes other ways, and those that fill pages.
#[test]
fn texts_and_lists_of_every_size_come_back() {
    for_all(|shapes| {
        let edges = [
            127, 128, 129, 255, 256, 257, 511, 512, 513, 4095, 4096, 4097,
        ];
        for length in (0..70).chain(edges).chain([65_536, 262_143]) {
            let text: String = "abcdefg".chars().cycle().take(length).collect();
            assert_eq!(shapes.echo().text(&text).unwrap(), text, "{length}");
            let wide: String = text
                .chars()
                .chain(['ß'])
                .chain(text.chars().take(9))
                .collect();
            assert_eq!(shapes.echo().text(&wide).unwrap(), wide, "{length}");
            let blob = wide.as_bytes();
            assert_eq!(shapes.echo().blob(blob).unwrap(), blob, "{length}");
            let texts = [text.clone(), wide.clone(), text];
            assert_eq!(shapes.echo().texts(&texts).unwrap(), texts, "{length}");
            let numbers: Vec<f64> = (0..10_000).take(length).map(f64::from).collect();
            assert_eq!(
                shapes.echo().numbers(&numbers).unwrap(),
                numbers,
                "{length}"
            );
        }
    });
}

/// There is memory for the arguments, and for the value that is made of them, which the result then is; but not for the last
/// result as well.
#[test]
fn the_last_result_makes_way_for_the_next_call() {
    let limits = Limits::DEFAULT.with_memory(10 << 20);
    let package = pack_tests::load("shapes").with_limits(limits).unwrap();
    let mut shapes = Shapes::instantiate(&package, Host::default()).unwrap();
    let blob = vec![7; 4 << 20];
    for _ in 0..3 {
        assert!(shapes.echo().blob(&blob).unwrap() == blob);
    }
}

#[test]
fn a_panic_reaches_the_host_with_its_message_and_place() {
    let mut shapes = shapes();
    let Error::Panic(panic) = shapes.trouble().panic("mind the gap").unwrap_err() else {
        panic!()
    };
    assert_eq!(panic.message, "mind the gap");
    assert_eq!(panic.call.to_string(), "trouble.panic");
    assert!(
        panic.file.ends_with("besides.rs") && panic.line > 0,
        "{panic:?}"
    );
    // The instance is not used again.
    assert!(matches!(shapes.greet("you"), Err(Error::Poisoned(_))));

    let mut shapes = self::shapes();
    let error = shapes.trouble().index_out_of_bounds(7).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("index out of bounds: the len is 3 but the index is 7"),
        "{error}"
    );
}

#[test]
fn a_trap_is_told_apart_from_a_panic() {
    let mut shapes = shapes();
    let Error::Trap(trap) = shapes.trouble().overflow_stack(1_000_000).unwrap_err() else {
        panic!()
    };
    assert_eq!(trap.call.to_string(), "trouble.overflow-stack");
    let recursing = |frame: &String| frame.ends_with("::overflow_stack");
    assert!(
        trap.backtrace.iter().any(recursing),
        "{:#?}",
        trap.backtrace
    );
}

#[test]
fn an_error_of_the_contract_is_a_result_and_not_a_failure() {
    assert_eq!(
        shapes().trouble().fail().unwrap(),
        Err("as asked".to_owned())
    );
}

#[test]
fn values_nested_as_deep_as_the_limit_pass_in_both_directions() {
    for_all(|shapes| {
        assert_eq!(shapes.trouble().deep(999).unwrap(), [1]);
        assert_eq!(shapes.echo().one_json(&json(999)).unwrap(), json(999));
        let error = shapes.echo().one_json(&json(1000)).unwrap_err();
        assert!(matches!(error, Error::Encode { .. }), "{error}");
        // Refused before anything was called: the instance is still good.
        assert_eq!(shapes.greet("you").unwrap(), "Hello, you!");
        let Error::Panic(panic) = shapes.trouble().deep(1000).unwrap_err() else {
            panic!()
        };
        assert!(
            panic.message.contains("the depth limit"),
            "{}",
            panic.message
        );
    });
}

const ECHO: &str = "test:shapes/echo@0.1.0";

fn call(instance: &mut Instance<Host>, function: &str, argument: Value) -> Result<Value, Error> {
    instance
        .call(ECHO, function, &[argument])
        .map(|result| result.unwrap())
}

fn text(text: &str) -> Value {
    Value::String(text.into())
}

fn some(value: Value) -> Value {
    Value::Option(Some(Box::new(value)))
}

#[test]
fn every_shape_comes_back_by_name() {
    let mut shapes = shapes();
    let instance = shapes.instance_mut();
    let point = |x| {
        let fields = [("x", x), ("y", 2.0), ("z", 3.0)];
        Value::Record(
            fields
                .map(|(name, value)| (name.into(), Value::F64(value)))
                .into(),
        )
    };
    let variant =
        |case: &str, payload: Option<Value>| Value::Variant(case.into(), payload.map(Box::new));
    let json = variant(
        "array",
        Some(Value::List(vec![
            variant("null", None),
            variant(
                "object",
                Some(Value::List(vec![Value::Tuple(vec![
                    text("k"),
                    variant("boolean", Some(Value::Bool(true))),
                ])])),
            ),
        ])),
    );
    let cases = [
        ("bools", Value::Bool(true)),
        ("sbytes", Value::S8(-3)),
        ("slongs", Value::S64(i64::MIN)),
        ("floats", Value::F32(1.5)),
        ("doubles", Value::F64(-0.5)),
        ("chars", Value::Char('ß')),
        ("text", text("grüße")),
        ("blob", Value::Bytes(vec![1, 2, 3])),
        ("numbers", Value::List(vec![Value::F64(1.0)])),
        ("texts", Value::List(vec![text("a"), text("")])),
        ("maybe", some(text("x"))),
        ("maybe", Value::Option(None)),
        ("maybe-maybe", some(Value::Option(None))),
        ("outcome", Value::Result(Err(Some(Box::new(Value::U32(9)))))),
        ("outcome-none", Value::Result(Ok(None))),
        ("pair", Value::Tuple(vec![Value::U8(1), text("x")])),
        (
            "flat-pair",
            Value::Tuple(vec![Value::U8(1), Value::F32(2.0)]),
        ),
        ("points", Value::List(vec![point(1.0), point(2.0)])),
        ("one-point", point(7.0)),
        ("one-empty", Value::Record(vec![])),
        ("one-color", Value::Enum("green".into())),
        (
            "one-access",
            Value::Flags(vec!["read".into(), "execute".into()]),
        ),
        ("one-many", Value::Flags(vec!["m0".into(), "m69".into()])),
        (
            "one-shape",
            variant(
                "labelled",
                Some(Value::Tuple(vec![text("n"), Value::Enum("red".into())])),
            ),
        ),
        ("one-json", json),
        (
            "table",
            Value::Map(vec![(text("a"), Value::Bytes(vec![1]))]),
        ),
        ("quad", Value::List([1, 2, 3, 4].map(Value::U16).into())),
    ];
    for (function, value) in cases {
        assert_eq!(
            call(instance, function, value.clone()).unwrap(),
            value,
            "{function}"
        );
    }
    assert_eq!(instance.call(ECHO, "nothing", &[]).unwrap(), None);
    let added = instance
        .call(
            pack_abi::schema::ROOT,
            "add",
            &[Value::S64(40), Value::S64(2)],
        )
        .unwrap();
    assert_eq!(added, Some(Value::S64(42)));
}

#[test]
fn a_call_by_name_is_checked_against_the_package() {
    let mut shapes = shapes();
    let instance = shapes.instance_mut();
    let cases = [
        (
            call(instance, "nope", Value::Bool(true)),
            "the package exports no function `nope`",
        ),
        (
            call(instance, "bytes", Value::U16(3)),
            "echo.bytes: the arguments cannot be sent: v: expected u8, found a u16",
        ),
        (
            call(
                instance,
                "texts",
                Value::List(vec![text("a"), Value::U8(1)]),
            ),
            "v[1]: expected string, found a u8",
        ),
        (
            call(instance, "one-color", Value::Enum("pink".into())),
            "expected enum color, found the case pink",
        ),
        (
            instance.call(ECHO, "bools", &[]).map(|_| Value::Bool(true)),
            "echo.bools: the wrong number of arguments: it takes 1, and is given 0",
        ),
    ];
    for (outcome, message) in cases {
        let error = outcome.unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}
