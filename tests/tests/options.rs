//! What the options make of a host's side, with a package that knows nothing of them. For the guest's side see
//! `macros/tests/options.rs`; here is only what takes another crate.

use std::rc::Rc;

use own::{Point, Tree};

/// As in the WIT, but with shared parts, and not comparable.
mod own {
    use std::rc::Rc;

    use pack_runtime::{GraphValue, PackType};

    #[derive(Debug, Clone, GraphValue, PackType)]
    #[pack(recursive)]
    pub struct Tree {
        pub(crate) value: u32,
        pub(crate) children: Vec<Rc<Tree>>,
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub struct Point {
        pub(crate) x: f64,
        pub(crate) y: f64,
        pub(crate) z: f64,
    }
}

pack_runtime::bindgen!({
    path: "wit/shapes.wit",
    with: { "tree": self::own::Tree, "test:shapes/types/point": crate::own::Point },
    ownership: "owned",
    derives: { "*": [PartialEq], "color": [PartialOrd] },
    debug: true,
});

use test::shapes::types::{Json, Mixed};

struct Host;

impl imports::test::shapes::Host for Host {
    fn no_result(&mut self, _: String) {}

    fn sum(&mut self, values: Vec<u32>) -> u64 {
        values.into_iter().map(u64::from).sum()
    }

    fn flat(&mut self, _: Point, color: test::shapes::types::Color) -> test::shapes::types::Color {
        color
    }

    fn nested(&mut self, value: Json, _: Option<test::shapes::types::Person>) -> Json {
        value
    }

    fn repeat(&mut self, text: String, times: u32) -> String {
        text.repeat(usize::try_from(times).unwrap())
    }

    fn paint(
        &mut self,
        _: Vec<Point>,
        colors: Vec<test::shapes::types::Color>,
        _: Vec<bool>,
    ) -> Vec<test::shapes::types::Color> {
        colors
    }
}

impl imports::Shapes for Host {
    fn world_level(&mut self, value: u32) -> u32 {
        value
    }
}

#[test]
fn own_types_and_owned_arguments_go_there_and_back() {
    let package = pack_tests::load("shapes");
    let mut shapes = Shapes::instantiate(&package, Host).unwrap();
    let mut echo = shapes.echo();

    let leaf = Rc::new(Tree {
        value: 1,
        children: Vec::new(),
    });
    let tree = Tree {
        value: 2,
        children: vec![leaf.clone(), leaf],
    };
    let back = echo.one_tree(tree).unwrap();
    let values: Vec<u32> = back.children.iter().map(|child| child.value).collect();
    assert_eq!((back.value, values), (2, vec![1, 1]));

    let point = Point {
        x: 1.0,
        y: 2.0,
        z: 3.0,
    };
    let mixed = Mixed {
        flag: true,
        small: 1,
        letter: 'a',
        inner: point.clone(),
    };
    assert_eq!(echo.one_mixed(mixed.clone()).unwrap(), mixed);
    assert_eq!(echo.points(vec![point.clone()]).unwrap(), vec![point]);
    assert_eq!(echo.text("text".to_owned()).unwrap(), "text");
    assert_eq!(echo.blob(vec![1, 2]).unwrap(), vec![1, 2]);
    assert_eq!(echo.texts(vec!["a".to_owned()]).unwrap(), ["a"]);
    let json = Json::Array(vec![Json::Null]);
    assert_eq!(shapes.callback().nested(json.clone(), None).unwrap(), json);
    assert_eq!(shapes.greet("you".to_owned()).unwrap(), "Hello, you!");
}

/// Host functions that can fail.
mod fallible {
    use pack_runtime::{Error, HostError, HostProblem};

    /// What it cannot do is an error of its own.
    struct Full;

    #[derive(Debug, PartialEq)]
    struct DiskFull(usize);

    impl std::fmt::Display for DiskFull {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "no room for {} bytes", self.0)
        }
    }

    impl std::error::Error for DiskFull {}

    fn write(line: &str) -> Result<(), HostError> {
        Err(Box::new(DiskFull(line.len())))
    }

    /// The host finds its own error, whatever lies between.
    fn assert_full(error: &Error) {
        let Error::HostFunction(failure) = error else {
            panic!("{error}");
        };
        let HostProblem::Failed(source) = &*failure.problem else {
            panic!("{error}");
        };
        assert_eq!(source.downcast_ref(), Some(&DiskFull(18)));
        assert_eq!(
            error.to_string(),
            "eval.evaluate: the host function `log` of `$root` failed: no room for 18 bytes"
        );
    }

    mod at_once {
        pack_runtime::bindgen!({ path: "wit/calc.wit", fallible_imports: true });

        use test::calc::eval::{Expr, Precision};

        impl imports::Calc for super::Full {
            fn log(&mut self, line: String) -> Result<(), pack_runtime::HostError> {
                super::write(&line)
            }
        }

        #[test]
        fn a_host_function_that_fails_ends_the_call() {
            let package = pack_tests::load("calc");
            let mut calc = Calc::instantiate(&package, super::Full).unwrap();
            let error = calc.eval().evaluate(&Expr::Number(1.0), Precision::Double);
            super::assert_full(&error.unwrap_err());
            let poisoned = calc.instance().poisoned();
            assert_eq!(poisoned, Some(pack_runtime::PoisonedBy::HostFunction));
        }
    }

    mod later {
        pack_runtime::bindgen!({ path: "wit/calc.wit", fallible_imports: true, async: true });

        use test::calc::eval::{Expr, Precision};

        impl imports::Calc for super::Full {
            async fn log(&mut self, line: String) -> Result<(), pack_runtime::HostError> {
                super::write(&line)
            }
        }

        #[test]
        fn a_host_function_that_fails_later_ends_the_call() {
            let package = pack_tests::load("calc");
            let error = pollster::block_on(async {
                let mut calc = Calc::instantiate(&package, super::Full).await.unwrap();
                let mut eval = calc.eval();
                let value = eval.evaluate(&Expr::Number(1.0), Precision::Double);
                value.await.unwrap_err()
            });
            super::assert_full(&error);
        }
    }
}

mod traced {
    use std::sync::{Arc, Mutex};

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    pack_runtime::bindgen!({ path: "wit/calc.wit", tracing: true });

    use test::calc::eval::{Expr, Precision};

    /// Writes down what is entered and left: calls, or everything of the runtime.
    #[derive(Default, Clone)]
    struct Log(Arc<Mutex<Vec<String>>>, bool);

    impl Log {
        fn push(&self, line: String) {
            self.0.lock().unwrap().push(line);
        }
    }

    impl Visit for Log {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            self.push(format!("{field}: {value:?}"));
        }
    }

    impl Subscriber for Log {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.name() == "call" || self.1 && metadata.target().starts_with("pack_runtime")
        }

        fn new_span(&self, span: &Attributes<'_>) -> Id {
            if self.1 {
                self.push(span.metadata().name().to_owned());
            }
            span.record(&mut self.clone());
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, _: &Event<'_>) {}

        fn enter(&self, _: &Id) {
            self.push("enter".to_owned());
        }

        fn exit(&self, _: &Id) {
            self.push("exit".to_owned());
        }
    }

    struct Host;

    impl imports::Calc for Host {
        fn log(&mut self, _: String) {}
    }

    #[test]
    fn calls_in_both_directions_are_in_spans() {
        let package = pack_tests::load("calc");
        let log = Log::default();
        tracing::subscriber::with_default(log.clone(), || {
            let mut calc = Calc::instantiate(&package, Host).unwrap();
            let value = calc.eval().evaluate(&Expr::Number(1.0), Precision::Double);
            assert_eq!(value.unwrap(), Ok(1.0));
        });
        let log = log.0.lock().unwrap().join(", ");
        let (eval, host) = (
            "interface: \"test:calc/eval@1.2.0\"",
            "interface: \"$root\"",
        );
        let expected = format!(
            "{eval}, function: \"evaluate\", enter, {host}, function: \"log\", enter, exit, exit"
        );
        assert_eq!(log, expected);
    }

    #[test]
    fn loading_instantiating_and_calls_by_name_are_in_spans() {
        let wasm = std::fs::read(pack_tests::guest("calc")).unwrap();
        let runtime = pack_runtime::Runtime::new().unwrap();
        let log = Log(Arc::default(), true);
        tracing::subscriber::with_default(log.clone(), || {
            let package = runtime.load(&wasm).unwrap();
            let mut calc = Calc::instantiate(&package, Host).unwrap();
            let number = pack_runtime::Value::Variant("number".into(), Some(Box::new(1.0.into())));
            let count = calc
                .instance_mut()
                .call("test:calc/eval@1.2.0", "count", &[number]);
            assert_eq!(count.unwrap(), Some(pack_runtime::Value::U32(1)));
        });
        let mut log = std::mem::take(&mut *log.0.lock().unwrap());
        assert_eq!(log.remove(1), format!("bytes: {}", wasm.len()));
        assert_eq!(
            log.join(", "),
            // Futures are in their spans also when they are dropped.
            "load, enter, exit, instantiate, world: \"test:calc/calc@1.2.0\", enter, exit, enter, exit, call, interface: \
             \"test:calc/eval@1.2.0\", function: \"count\", enter, exit, enter, exit"
        );
    }

    mod asynchronous {
        pack_runtime::bindgen!({ path: "wit/calc.wit", tracing: true, async: true });

        use test::calc::eval::{Expr, Precision};

        impl imports::Calc for super::Host {
            async fn log(&mut self, _: String) {}
        }

        #[test]
        fn futures_are_in_spans() {
            let package = pack_tests::load("calc");
            let log = super::Log::default();
            tracing::subscriber::with_default(log.clone(), || {
                pollster::block_on(async {
                    let mut calc = Calc::instantiate(&package, super::Host).await.unwrap();
                    let mut eval = calc.eval();
                    let value = eval.evaluate(&Expr::Number(1.0), Precision::Double);
                    assert_eq!(value.await.unwrap(), Ok(1.0));
                });
            });
            let mut log = std::mem::take(&mut *log.0.lock().unwrap());
            let entered = log.iter().filter(|line| *line == "enter").count();
            assert_eq!(log.iter().filter(|line| *line == "exit").count(), entered);
            // A span is entered as often as its future is polled.
            log.retain(|line| line != "enter" && line != "exit");
            let expected = [
                "interface: \"test:calc/eval@1.2.0\"",
                "function: \"evaluate\"",
                "interface: \"$root\"",
                "function: \"log\"",
            ];
            assert_eq!(log, expected);
        }
    }

    /// Natively, where an import without a result does nothing.
    mod guest {
        pack::world!({ path: "wit/calc.wit", tracing: true });

        use exports::test::calc::eval as function;
        use test::calc::eval::{Expr, Precision, Sample};

        #[pack::export(function)]
        fn evaluate(_: Expr, _: Precision) -> Result<f64, String> {
            log("evaluating");
            Ok(1.0)
        }

        #[pack::export(function)]
        fn count(_: Expr) -> u32 {
            1
        }

        #[pack::export(function)]
        fn differences(samples: &[Sample]) -> &[Sample] {
            samples
        }

        #[test]
        fn calls_in_both_directions_are_in_spans() {
            let all = super::Log::default();
            tracing::subscriber::with_default(all.clone(), || log("hello"));
            let all = all.0.lock().unwrap().join(", ");
            let expected = "interface: \"$root\", function: \"log\", enter, exit";
            assert_eq!(all, expected);
        }
    }
}
