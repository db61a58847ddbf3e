//! What interceptors see, and what they can do.

use std::sync::{Arc, Mutex};

use pack_runtime::{
    Action, Call, Error, HostError, Instance, Interceptor, Limits, Outcome, Payload, PoisonedBy,
    Value,
};

use super::{Lines, STAGE, chain, start};

/// Writes down what it sees; answers, stops or panics at calls that it is told.
#[derive(Default)]
pub(super) struct Witness {
    seen: Mutex<Vec<String>>,
    answer: Option<(&'static str, Option<Value>)>,
    stop: Option<&'static str>,
    panic: Option<&'static str>,
}

impl Witness {
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

impl Interceptor<Lines> for Witness {
    fn before(&self, host: &mut Lines, call: &Call<'_>) -> Result<Action, HostError> {
        let arguments: Vec<String> = call
            .arguments()
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        let line = format!("{call}({}) in {:?}", arguments.join(", "), call.parent());
        self.seen.lock().unwrap().push(line);
        if self.panic == Some(call.function()) {
            panic!("the witness panics");
        }
        if self.stop == Some(call.function()) {
            return Err("that is not allowed".into());
        }
        match &self.answer {
            Some((function, answer)) if *function == call.function() => {
                host.push(format!("answered {call}"));
                Ok(Action::Answer(answer.clone()))
            }
            _ => Ok(Action::Continue),
        }
    }

    fn after(&self, _: &mut Lines, call: &Call<'_>, outcome: &Outcome<'_>) {
        let outcome = outcome.to_string();
        let line = format!("#{} {}", call.id(), outcome.lines().next().unwrap());
        self.seen.lock().unwrap().push(line);
    }

    fn abandoned(&self, call: &Call<'_>) {
        let line = format!("#{} abandoned", call.id());
        self.seen.lock().unwrap().push(line);
    }
}

#[test]
fn interceptors_see_every_call_with_its_arguments_and_its_end() {
    let witness = Arc::new(Witness::default());
    let mut link = start(chain(1, Limits::DEFAULT).intercept(Arc::clone(&witness)));
    assert_eq!(link.stage().echo("x").unwrap(), "x");
    assert_eq!(
        witness.take(),
        [
            "#1 0 <- stage.echo(\"x\") in None",
            "#2 0 -> stage.echo(\"x\") in Some(1)",
            "#3 end <- stage.echo(\"x\") in Some(2)",
            "#4 end -> log.write(\"x\") in Some(3)",
            "#4 returned ok(1)",
            "#3 returned \"x\"",
            "#2 returned \"x\"",
            "#1 returned \"x\"",
        ]
    );
    // By name, and with results that do not fit the space that is offered for them.
    let long = "y".repeat(100_000);
    let arguments = [Value::from(long.as_str())];
    let result = link.instance_mut().call(STAGE, "echo", &arguments).unwrap();
    assert_eq!(result, Some(long.into()));
    assert_eq!(witness.take().len(), 8);
    let error = link.stage().fail("panic").unwrap_err();
    assert!(matches!(error, Error::Callee(_)), "{error}");
    let seen = witness.take();
    assert!(
        seen[3].starts_with("#11 failed: stage.fail: the package panicked at"),
        "{seen:#?}"
    );
    assert!(
        seen[4].starts_with("#10 failed: stage.fail: it called `fail`"),
        "{seen:#?}"
    );
    assert!(
        seen[5].starts_with("#9 failed: stage.fail: it called `fail`"),
        "{seen:#?}"
    );
    assert_eq!(seen.len(), 6, "{seen:#?}");
}

#[test]
fn interceptors_can_answer_and_stop_calls() {
    // An import, and an export, of every sort of result.
    for links in [0, 1] {
        let main = if links == 0 { "end" } else { "0" };
        let run = |witness: Witness| {
            let witness = Arc::new(witness);
            let chain = chain(links, Limits::DEFAULT).intercept(Arc::clone(&witness));
            let linked = chain.link::<Instance<Lines>>(main).unwrap();
            (linked.instantiate(Vec::new()).unwrap(), witness)
        };
        let long = Value::from("z".repeat(50_000).as_str());
        let answers = [
            ("add", Value::S32(-1), vec![Value::S32(1), Value::S32(2)]),
            ("echo", "short".into(), vec!["x".into()]),
            ("echo", long, vec!["x".into()]),
            ("name", "nobody".into(), vec![]),
        ];
        for (function, answer, arguments) in answers {
            let (mut instance, witness) = run(Witness {
                answer: Some((function, Some(answer.clone()))),
                ..Witness::default()
            });
            let result = instance.call(STAGE, function, &arguments).unwrap();
            assert_eq!(result, Some(answer), "{function}");
            assert_eq!(witness.take().len(), 1, "the one that answers is not told");
            assert_eq!(instance.host().len(), 1);
            // The guest was not called, and works.
            assert_eq!(
                instance.call(STAGE, "count", &[]).unwrap(),
                Some(Value::U32(1))
            );
        }
        let (mut instance, _) = run(Witness {
            answer: Some(("add", Some(Value::U8(1)))),
            ..Witness::default()
        });
        let error = instance
            .call(STAGE, "add", &[Value::S32(1), Value::S32(2)])
            .unwrap_err();
        assert!(matches!(error, Error::Interceptor { .. }), "{error}");
        assert!(error.to_string().contains("u8"), "{error}");

        let (mut instance, _) = run(Witness {
            stop: Some("echo"),
            ..Witness::default()
        });
        let error = instance.call(STAGE, "echo", &["x".into()]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "stage.echo: the call was stopped: an interceptor stopped the call: that is not allowed"
        );
        assert_eq!(instance.poisoned(), None);
        assert_eq!(
            instance.call(STAGE, "count", &[]).unwrap(),
            Some(Value::U32(1))
        );

        let (mut instance, _) = run(Witness {
            panic: Some("echo"),
            ..Witness::default()
        });
        let error = instance.call(STAGE, "echo", &["x".into()]).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("it panicked: the witness panics"),
            "{error}"
        );
    }
    // An import that is stopped ends the guest's call.
    let witness = Witness {
        stop: Some("write"),
        ..Witness::default()
    };
    let mut link = start(chain(1, Limits::DEFAULT).intercept(witness));
    let error = link.stage().echo("x").unwrap_err();
    assert!(
        error.to_string().ends_with(
            "the host function `write` of `test:chain/log` failed: an interceptor stopped the call: that is not allowed"
        ),
        "{error}"
    );
    assert_eq!(link.instance().poisoned(), Some(PoisonedBy::HostFunction));
}

/// Does one thing after a call.
struct After(fn(&Call<'_>, &Outcome<'_>));

impl Interceptor<Lines> for After {
    fn after(&self, _: &mut Lines, call: &Call<'_>, outcome: &Outcome<'_>) {
        (self.0)(call, outcome);
    }
}

/// Answers `name` with what `scale` has returned.
#[derive(Default)]
struct Swapper(Mutex<Option<Payload>>);

impl Interceptor<Lines> for Swapper {
    fn before(&self, _: &mut Lines, call: &Call<'_>) -> Result<Action, HostError> {
        match (call.function(), self.0.lock().unwrap().take()) {
            ("name", Some(payload)) => Ok(Action::AnswerPayload(payload)),
            _ => Ok(Action::Continue),
        }
    }

    fn after(&self, _: &mut Lines, call: &Call<'_>, outcome: &Outcome<'_>) {
        if call.function() == "scale" {
            *self.0.lock().unwrap() = outcome.payload().cloned();
        }
    }
}

/// A list of two numbers has sixteen bytes, and a string of length two has not.
#[test]
fn an_answer_whose_count_is_another_is_refused() {
    let chain = chain(0, Limits::DEFAULT).intercept(Swapper::default());
    let linked = chain.link::<Instance<Lines>>("end").unwrap();
    let mut end = linked.instantiate(Vec::new()).unwrap();
    let numbers = Value::List(vec![Value::F64(1.0), Value::F64(2.0)]);
    end.call(STAGE, "scale", &[numbers, Value::F64(3.0)])
        .unwrap();
    let error = end.call(STAGE, "name", &[]).unwrap_err();
    let words = "its answer has 16 bytes of contents, and says that they are 2 elements";
    assert!(error.to_string().contains(words), "{error}");
}

/// Answers calls of `add`, of imports or of exports, with nothing.
pub(super) struct Blank {
    pub(super) is_import: bool,
}

impl Interceptor<Lines> for Blank {
    fn before(&self, _: &mut Lines, call: &Call<'_>) -> Result<Action, HostError> {
        match (call.function(), call.is_import()) {
            ("add", is_import) if is_import == self.is_import => {
                Ok(Action::AnswerPayload(Payload::default()))
            }
            _ => Ok(Action::Continue),
        }
    }
}

pub(super) const NO_ANSWER: &str = "its answer has no core value, and the result is one";

#[test]
fn an_answer_without_the_core_value_that_the_result_is_is_refused() {
    for is_import in [false, true] {
        let mut link = start(chain(1, Limits::DEFAULT).intercept(Blank { is_import }));
        let error = link.stage().add(1, 2).unwrap_err();
        assert!(error.to_string().contains(NO_ANSWER), "{error}");
    }
}

#[test]
fn an_interceptor_that_panics_afterwards_does_not_make_a_trap_undone() {
    for (how, poisoned) in [("trap", PoisonedBy::Trap), ("panic", PoisonedBy::Panic)] {
        let after = After(|_, outcome| assert!(outcome.error().is_none(), "it has failed"));
        let chain = chain(0, Limits::DEFAULT).intercept(after);
        let linked = chain.link::<Instance<Lines>>("end").unwrap();
        let mut end = linked.instantiate(Vec::new()).unwrap();
        let error = end.call(STAGE, "fail", &[how.into()]).unwrap_err();
        assert!(matches!(error, Error::Trap(_) | Error::Panic(_)), "{error}");
        assert_eq!(end.poisoned(), Some(poisoned));
    }
    // The guest ran, and nobody knows what the host makes of that.
    let chain = chain(0, Limits::DEFAULT).intercept(After(|_, _| panic!("afterwards")));
    let linked = chain.link::<Instance<Lines>>("end").unwrap();
    let mut end = linked.instantiate(Vec::new()).unwrap();
    let error = end.call(STAGE, "count", &[]).unwrap_err();
    assert!(matches!(error, Error::Interceptor { .. }), "{error}");
    assert_eq!(end.poisoned(), Some(PoisonedBy::HostFunction));
}

#[test]
fn interceptors_are_around_a_package_as_skins_are_around_an_onion() {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();

    struct Skin(&'static str, Arc<Mutex<Vec<String>>>);

    impl Interceptor<Lines> for Skin {
        fn before(&self, _: &mut Lines, call: &Call<'_>) -> Result<Action, HostError> {
            let line = format!("{} before {}", self.0, call.function());
            self.1.lock().unwrap().push(line);
            Ok(Action::Continue)
        }

        fn after(&self, _: &mut Lines, call: &Call<'_>, _: &Outcome<'_>) {
            let line = format!("{} after {}", self.0, call.function());
            self.1.lock().unwrap().push(line);
        }
    }

    let skin = |name| Skin(name, Arc::clone(&seen));
    let linker = super::linker(&pack_tests::load("chain-end"));
    let linker = linker.intercept(skin("middle")).intercept(skin("inner"));
    let composition = pack_runtime::Composition::new().part("end", linker);
    let linked = composition
        .intercept(skin("outer"))
        .link::<Instance<Lines>>("end");
    let mut end = linked.unwrap().instantiate(Vec::new()).unwrap();
    end.call(STAGE, "echo", &["x".into()]).unwrap();
    assert_eq!(
        *seen.lock().unwrap(),
        [
            "outer before echo",
            "middle before echo",
            "inner before echo",
            "inner before write",
            "middle before write",
            "outer before write",
            "outer after write",
            "middle after write",
            "inner after write",
            "inner after echo",
            "middle after echo",
            "outer after echo",
        ]
    );
}
