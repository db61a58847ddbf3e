//! Calls of host functions that lie.

use pack_runtime::{Error, HostProblem, Limits};

use crate::world::*;

/// Has the host answer with 111 bytes, more than there is space for: they are kept. The argument, at 64, is `null`.
fn change(space: &str) -> String {
    format!(
        "(i32.store8 (i32.const 64) (i32.const 0)) (drop (call $change (i32.const 64) (i32.const 1) {space}))"
    )
}

#[test]
fn calls_of_host_functions_that_lie_are_errors() {
    let kept = change("(i32.const 128) (i32.const 4)");
    let cases = [
        (
            "(call $listen (i32.const -1) (i32.const 1))".to_owned(),
            "are outside the guest's memory",
        ),
        (
            "(call $listen (i32.const 0) (i32.const -1))".to_owned(),
            "are outside the guest's memory",
        ),
        (
            "(call $listen (i32.const 0x7fffffff) (i32.const 0x7fffffff))".to_owned(),
            "are outside the guest's memory",
        ),
        (
            "(call $listen (i32.const 0x40001) (i32.const 0))".to_owned(),
            "0 bytes at 0x40001 are outside the guest's memory",
        ),
        (
            "(i32.store8 (i32.const 9) (i32.const 255)) (call $listen (i32.const 8) (i32.const 3))"
                .to_owned(),
            "the host function `listen` of `test:hostile/host` failed: the guest's arguments are not what the contract \
             says: the string is not valid UTF-8 (byte 1)",
        ),
        (
            // The metadata begins with "P".
            "(drop (call $change (i32.const 4096) (i32.const 3) (i32.const 0) (i32.const 0)))"
                .to_owned(),
            "value: discriminant 80 stands for none of the 3 cases (byte 0)",
        ),
        (
            change("(i32.const 262140) (i32.const 8)"),
            "8 bytes at 0x3fffc are outside the guest's memory",
        ),
        (
            change("(i32.const -1) (i32.const -1)"),
            "are outside the guest's memory",
        ),
        (
            "(call $take (i32.const 0) (i32.const 8))".to_owned(),
            "the host function `take-result` of `$pack` failed: the guest fetches a result of 8 bytes, and that of 0 is kept",
        ),
        (
            format!("{kept} (call $take (i32.const 128) (i32.const 4))"),
            "the guest fetches a result of 4 bytes, and that of 111 is kept",
        ),
        (
            format!("{kept} (call $take (i32.const 128) (i32.const -1))"),
            "the guest fetches a result of 4294967295 bytes",
        ),
        (
            format!("{kept} (call $take (i32.const 262140) (i32.const 111))"),
            "111 bytes at 0x3fffc are outside the guest's memory",
        ),
        (
            format!(
                "{kept} {0} {0}",
                "(call $take (i32.const 128) (i32.const 111))"
            ),
            "the guest fetches a result of 111 bytes, and that of 0 is kept",
        ),
    ];
    for (body, words) in cases {
        let package = running(Limits::DEFAULT, &body);
        let mut hostile = instance(&package);
        let error = hostile.run().unwrap_err();
        assert!(matches!(error, Error::HostFunction(_)), "{error}");
        assert_says(&error, words);
        assert!(matches!(hostile.number(), Err(Error::Poisoned(_))));
        next_works(&package);
    }
}

#[test]
fn a_result_that_did_not_fit_is_fetched_once() {
    let kept = change("(i32.const 128) (i32.const 4)");
    let fetched = format!(
        "{kept} (call $take (i32.const 128) (i32.const 111)) (call $listen (i32.const 139) (i32.const 3))"
    );
    let mut hostile = instance(&running(Limits::DEFAULT, &fetched));
    hostile.run().unwrap();
    assert_eq!(hostile.instance().host().heard, ["xxx"]);
    // One that is not fetched does not outlive the next.
    let left = format!("{kept} {}", change("(i32.const 128) (i32.const 200)"));
    let again = format!("{left} (call $take (i32.const 128) (i32.const 111))");
    let mut hostile = instance(&running(Limits::DEFAULT, &again));
    assert_says(&hostile.run().unwrap_err(), "and that of 0 is kept");
}

/// What a host function is given is its own: the guest may add memory as it likes, before and after.
#[test]
fn memory_may_grow_between_the_calls_of_host_functions() {
    let grow = "(drop (memory.grow (i32.const 10)))";
    let body = format!(
        r#"{grow} (i32.store8 (i32.const 0x90000) (i32.const 0)) {grow}
        (if (i32.ne (call $change (i32.const 0x90000) (i32.const 1) (i32.const 0x100000) (i32.const 200)) (i32.const 111))
            (then unreachable))
        {grow} (call $listen (i32.const 0x10000b) (i32.const 3))"#
    );
    let mut hostile = instance(&running(Limits::DEFAULT, &body));
    hostile.run().unwrap();
    assert_eq!(hostile.instance().host().heard, ["xxx"]);
}

/// The failure says whose it is: the words of the guest's mistake are not those of the host's.
#[test]
fn a_host_function_is_not_called_with_what_is_not_of_its_types() {
    let package = running(
        Limits::DEFAULT,
        "(call $listen (i32.const -1) (i32.const 1))",
    );
    // It would panic.
    let mut hostile = Hostile::instantiate(&package, Host::that(Deed::Panic)).unwrap();
    let Err(Error::HostFunction(failure)) = hostile.run() else {
        panic!("it was called")
    };
    assert!(matches!(&*failure.problem, HostProblem::Arguments(_)));
    assert_eq!(
        (
            failure.import_interface.as_str(),
            failure.import_function.as_str()
        ),
        ("test:hostile/host", "listen")
    );
    assert!(hostile.instance().host().heard.is_empty());
}
