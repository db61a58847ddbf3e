//! Host functions that are put together one by one, for a guest that calls them in every way there is.

use std::error::Error as _;
use std::fmt;

use pack_runtime::{
    Error, GraphValue, HostInterface, HostProblem, Instance, Linker, PackType, Package, Value,
};

pack_runtime::bindgen!("wit/shapes.wit");

use test::shapes::types::{Color, Json, Person, Point};

mod waiting {
    pack_runtime::bindgen!({ path: "wit/shapes.wit", async: true });
}

/// What the host's functions have heard. It implements none of the traits that `bindgen!` made.
type Heard = Vec<String>;

/// The types of the interface once more, as a library without WIT has them.
mod own {
    use super::{GraphValue, PackType};

    #[derive(Debug, Clone, GraphValue, PackType)]
    pub(crate) struct Point {
        pub(crate) x: f64,
        pub(crate) y: f64,
        pub(crate) z: f64,
    }

    #[derive(Debug, Clone, Copy, GraphValue, PackType)]
    pub(crate) enum Color {
        Red,
        Green,
        Blue,
    }

    #[derive(Debug, Clone, GraphValue, PackType)]
    pub(crate) enum Json {
        Null,
        Boolean(bool),
        Number(f64),
        Text(String),
        Array(Vec<Json>),
        Object(Vec<(String, Json)>),
    }

    #[derive(Debug, Clone, GraphValue, PackType)]
    pub(crate) struct Person {
        pub(crate) id: u64,
        pub(crate) name: String,
        pub(crate) tags: Vec<String>,
        pub(crate) score: Option<f64>,
    }
}

const HOST: &str = "test:shapes/host@0.1.0";

fn package() -> Package {
    pack_tests::load("shapes")
}

fn typed() -> HostInterface<Heard> {
    let mut host = HostInterface::new(HOST);
    host.function("no-result", |heard: &mut Heard, (text,): (String,)| {
        heard.push(text)
    })
    .function("sum", |_, (values,): (Vec<u32>,)| {
        values.into_iter().map(u64::from).sum::<u64>()
    })
    .function(
        "flat",
        |heard: &mut Heard, (point, color): (own::Point, own::Color)| {
            heard.push(format!("{point:?} {color:?}"));
            own::Color::Blue
        },
    )
    .function(
        "nested",
        |heard: &mut Heard, (value, person): (own::Json, Option<own::Person>)| {
            heard.push(format!("{:?}", person.map(|person| person.name)));
            value
        },
    )
    .function("repeat", |_, (text, times): (String, u32)| {
        text.repeat(times as usize)
    })
    .function("paint", paint);
    host
}

fn paint(
    heard: &mut Heard,
    (points, colors, shown): (Vec<own::Point>, Vec<own::Color>, Vec<bool>),
) -> Vec<own::Color> {
    heard.push(format!("{points:?} {shown:?}"));
    colors
}

fn dynamic() -> HostInterface<Heard> {
    let mut host = HostInterface::new(HOST);
    host.dynamic_function("no-result", |heard: &mut Heard, arguments| {
        heard.push(format!("{arguments:?}"));
        Ok::<_, Never>(None)
    })
    .dynamic_function("sum", |_, arguments| match &arguments[..] {
        [Value::List(items)] => {
            let items = items.iter().map(|item| match item {
                Value::U32(number) => u64::from(*number),
                _ => 0,
            });
            Ok(Some(Value::U64(items.sum())))
        }
        _ => Err("no list"),
    })
    .dynamic_function("flat", |heard: &mut Heard, arguments| {
        heard.push(format!("{arguments:?}"));
        Ok::<_, Never>(Some(Value::Enum("blue".into())))
    })
    .dynamic_function("nested", |heard: &mut Heard, mut arguments| {
        heard.push(format!("{:?}", arguments.pop()));
        Ok::<_, Never>(arguments.pop())
    })
    .dynamic_function("repeat", |_, arguments| match &arguments[..] {
        [Value::String(text), Value::U32(times)] => {
            Ok(Some(Value::String(text.repeat(*times as usize))))
        }
        _ => Err("no text"),
    })
    .dynamic_function("paint", |heard: &mut Heard, mut arguments| {
        let shown = arguments.pop();
        let colors = arguments.pop();
        heard.push(format!("{arguments:?} {shown:?}"));
        Ok::<_, Never>(colors)
    });
    host
}

fn root() -> HostInterface<Heard> {
    let mut root = HostInterface::new("$root");
    root.function("world-level", |_, (value,): (u32,)| value + 1);
    root
}

/// An error that does not happen.
#[derive(Debug)]
enum Never {}

impl fmt::Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Never {}

fn linker(host: &HostInterface<Heard>) -> Linker<Heard> {
    let linker = Linker::new(&package()).unwrap();
    linker.offer(host).unwrap().offer(&root()).unwrap()
}

#[test]
fn a_typed_client_calls_a_guest_that_calls_them_in_every_way() {
    for (host, flat, nested, painted) in [
        (
            typed(),
            "Point { x: 1.0, y: 2.0, z: 3.0 } Red",
            r#"Some("Ann")"#,
            "[Point { x: 1.0, y: 2.0, z: 3.0 }] [true, false]",
        ),
        (
            dynamic(),
            r#"[Record([("x", F64(1.0)), ("y", F64(2.0)), ("z", F64(3.0))]), Enum("red")]"#,
            r#"Some(Option(Some(Record([("id", U64(7)), ("name", String("Ann")), ("tags", List([])), ("score", Option(None))]))))"#,
            r#"[List([Record([("x", F64(1.0)), ("y", F64(2.0)), ("z", F64(3.0))])])] Some(List([Bool(true), Bool(false)]))"#,
        ),
    ] {
        let linked = linker(&host).link::<Shapes<Heard>>().unwrap();
        let mut shapes = linked.instantiate(Vec::new()).unwrap();
        let mut callback = shapes.callback();
        callback.no_result("quiet").unwrap();
        assert_eq!(callback.sum(&[u32::MAX, 1, 2]).unwrap(), (1 << 32) + 2);
        let point = Point {
            x: 1.0,
            y: 2.0,
            z: 3.0,
        };
        assert_eq!(callback.flat(point, Color::Red).unwrap(), Color::Blue);
        let person = Person {
            id: 7,
            name: "Ann".into(),
            tags: Vec::new(),
            score: None,
        };
        let json = Json::Array(vec![
            Json::Object(vec![("k".into(), Json::Null)]),
            Json::Boolean(true),
        ]);
        assert_eq!(callback.nested(&json, Some(&person)).unwrap(), json);
        assert_eq!(callback.nested(&json, None).unwrap(), json);
        let colors = [Color::Green, Color::Red];
        let returned = callback.paint(&[point], &colors, &[true, false]).unwrap();
        assert_eq!(returned, colors);
        // With and without room for the result in the space that the guest offers.
        for times in [0, 1, 100_000] {
            let repeated = callback.repeat("äb", times).unwrap();
            assert_eq!(repeated, "äb".repeat(times as usize));
        }
        let heard = shapes.instance().host();
        assert!(heard[0].contains("quiet"), "{heard:?}");
        assert_eq!(heard[1], flat);
        assert_eq!(heard[2], nested);
        assert_eq!(heard.last().unwrap(), painted);
    }
}

#[test]
fn an_instance_is_a_client_by_itself() {
    let linked = linker(&typed()).link::<Instance<Heard>>().unwrap();
    let mut instance = linked.instantiate(Vec::new()).unwrap();
    let callback = "test:shapes/callback@0.1.0";
    let text = Value::String("by name".into());
    assert_eq!(instance.call(callback, "no-result", &[text]).unwrap(), None);
    assert_eq!(instance.into_host(), ["by name"]);
}

#[test]
fn functions_can_wait() {
    let mut waiting = some();
    waiting
        .async_function("no-result", |heard: &mut Heard, (text,): (String,)| {
            Box::pin(async move {
                pause().await;
                heard.push(text);
            })
        })
        .try_async_function("sum", |_, (values,): (Vec<u32>,)| {
            Box::pin(async move {
                pause().await;
                match values.len() {
                    0 => Err("nothing to sum"),
                    count => Ok(count as u64),
                }
            })
        })
        .dynamic_async_function("repeat", |_, mut arguments| {
            Box::pin(async move {
                pause().await;
                arguments.truncate(1);
                Ok::<_, Never>(arguments.pop())
            })
        });
    let linked = linker(&waiting).link::<waiting::Shapes<Heard>>().unwrap();
    pollster::block_on(async {
        let mut shapes = linked.instantiate_async(Vec::new()).await.unwrap();
        shapes.callback().no_result("later").await.unwrap();
        assert_eq!(shapes.callback().sum(&[5, 6]).await.unwrap(), 2);
        assert_eq!(shapes.callback().repeat("x", 3).await.unwrap(), "x");
        assert_eq!(shapes.instance().host(), &["later"]);
        let error = shapes.callback().sum(&[]).await.unwrap_err();
        let words = "callback.sum: the host function `sum` of `test:shapes/host@0.1.0` failed: nothing to sum";
        assert_eq!(error.to_string(), words);
    });

    // Who calls in the wrong way is told, and nothing is spoilt.
    let linked = linker(&waiting).link::<Instance<Heard>>().unwrap();
    let error = linked.instantiate(Vec::new()).unwrap_err();
    assert!(matches!(error, Error::Setting { .. }), "{error}");
    assert!(error.to_string().contains("`instantiate_async`"), "{error}");
    pollster::block_on(async {
        let mut instance = linked.instantiate_async(Vec::new()).await.unwrap();
        let arguments = [Value::from("x")];
        let error = instance.call("test:shapes/callback@0.1.0", "no-result", &arguments);
        let error = error.unwrap_err();
        assert!(error.to_string().contains("`call_async`"), "{error}");
        assert_eq!(instance.poisoned(), None);
        let called = instance.call_async("test:shapes/callback@0.1.0", "no-result", &arguments);
        assert_eq!(called.await.unwrap(), None);
    });
}

/// Lets others run once.
async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut paused, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

/// Those of the functions that nobody changes.
fn some() -> HostInterface<Heard> {
    let mut host = HostInterface::new(HOST);
    host.function(
        "flat",
        |_: &mut Heard, (_, color): (own::Point, own::Color)| color,
    )
    .function(
        "nested",
        |_, (value, _): (own::Json, Option<own::Person>)| value,
    )
    .function("paint", paint);
    host
}

#[test]
fn a_failure_ends_the_guests_call_and_keeps_its_cause() {
    #[derive(Debug)]
    struct NoDisk;

    impl fmt::Display for NoDisk {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the disk is gone")
        }
    }

    impl std::error::Error for NoDisk {}

    let mut host = some();
    host.try_function("no-result", |_, (_,): (String,)| Err::<(), _>(NoDisk))
        .function("sum", |_, (_,): (Vec<u32>,)| -> u64 {
            panic!("no sums today")
        })
        .dynamic_function("repeat", |_, _| Ok::<_, Never>(Some(Value::U8(1))));
    let linked = linker(&host).link::<Shapes<Heard>>().unwrap();
    let mut shapes = linked.instantiate(Vec::new()).unwrap();
    let error = shapes.callback().no_result("x").unwrap_err();
    let words = "callback.no-result: the host function `no-result` of `test:shapes/host@0.1.0` failed: the disk is gone";
    assert_eq!(error.to_string(), words);
    let Error::HostFunction(failure) = &error else {
        panic!()
    };
    let HostProblem::Failed(cause) = &*failure.problem else {
        panic!()
    };
    assert!(cause.is::<NoDisk>());
    assert!(failure.source().is_some());

    let again = || linked.instantiate(Vec::new()).unwrap();
    let error = again().callback().sum(&[1]).unwrap_err().to_string();
    assert!(
        error.ends_with("failed: it panicked: no sums today"),
        "{error}"
    );
    let error = again().callback().repeat("x", 1).unwrap_err().to_string();
    assert!(
        error.contains("its result cannot be sent: expected string, found a u8"),
        "{error}"
    );
}

#[test]
fn what_does_not_fit_is_one_report() {
    let mut host = HostInterface::new(HOST);
    host.function("no-resutl", |_: &mut Heard, (_,): (String,)| ())
        .function("sum", |_, (_,): (Vec<u64>,)| 0_u64)
        .function("flat", |_, (_,): (own::Point,)| own::Color::Red)
        .function(
            "nested",
            |_, (value, _): (own::Json, Option<own::Person>)| value,
        )
        .function("unused", |_, ()| {});
    let linker = Linker::new(&package()).unwrap().offer(&host).unwrap();
    let error = linker.link::<Shapes<Heard>>().unwrap_err();
    let Error::Contract(error) = error else {
        panic!("{error}")
    };
    let found: Vec<String> = error.mismatches.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "host.no-result: host has no such function, package has function (the host has host.no-resutl)",
            "host.sum: parameter \"p0\", element: host has u64, package has u32",
            "host.flat: parameters: host has (p0: point), package has (point: point, color: color)",
            "host.repeat: host has no such function, package has function",
            "host.paint: host has no such function, package has function",
            "world-level: host has no such function, package has function",
        ]
    );
    assert_eq!(error.unused, ["host.no-resutl", "host.unused"]);
    let text = error.to_string();
    assert!(
        text.contains(
            "\n  the host also has host.no-resutl, host.unused, which the package does not import\n"
        ),
        "{text}"
    );
    let other: HostInterface<Heard> = HostInterface::new("test:shapes/host@0.2.0");
    let linker = Linker::new(&package()).unwrap();
    let linker = linker.offer(&other).unwrap().offer(&root()).unwrap();
    let error = linker.link::<Instance<Heard>>().unwrap_err().to_string();
    let words = "test:shapes/host@0.1.0: host has no such interface, package has interface";
    assert!(error.contains(words), "{error}");
}

#[test]
fn what_cannot_be_offered_is_an_error() {
    let twice = |host: &mut HostInterface<Heard>| {
        let linker = Linker::new(&package())?.offer(host)?;
        linker.offer(host).map(|_| ())
    };
    let error = twice(&mut typed()).unwrap_err().to_string();
    let words =
        "the host's interface `test:shapes/host@0.1.0`: the function `no-result` is offered twice";
    assert_eq!(error, words);

    mod other {
        #[derive(super::GraphValue, super::PackType)]
        pub(super) struct Point {
            pub(super) x: u8,
        }
    }
    let mut host = HostInterface::new(HOST);
    host.function(
        "flat",
        |_: &mut Heard, (point, _): (own::Point, other::Point)| point.x,
    );
    let error = Linker::new(&package())
        .unwrap()
        .offer(&host)
        .unwrap_err()
        .to_string();
    assert!(error.contains("point"), "{error}");
}

#[test]
fn an_interface_is_a_contract_of_its_own() {
    let contract = typed().types().unwrap();
    let package = package();
    let interface = contract.import(HOST).unwrap();
    for function in &interface.functions {
        let theirs = package.types().import(HOST).unwrap();
        let theirs = theirs.function(&function.name).unwrap();
        let comparison = pack_runtime::schema::diff::compare_function(
            (&contract, function),
            (package.types(), theirs),
            pack_runtime::schema::diff::Role::Import,
            &function.name,
        );
        assert_eq!(comparison.mismatches, [], "{}", function.name);
    }
}

#[test]
fn a_function_can_have_sixteen_parameters() {
    type Many = (
        u8,
        u16,
        u32,
        u64,
        i8,
        i16,
        i32,
        i64,
        f32,
        f64,
        char,
        bool,
        String,
        Vec<u32>,
        Option<u8>,
        (u8, u8),
    );
    let mut host: HostInterface<()> = HostInterface::new("a:b/c");
    host.function("many", |(): &mut (), many: Many| many.0);
    let contract = host.types().unwrap();
    assert_eq!(
        contract.import("a:b/c").unwrap().functions[0].params.len(),
        16
    );
}
