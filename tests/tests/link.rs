//! Hosts whose contract is, or is not, that of the package `calc`.

use pack_runtime::Error;

/// A host compiled with `$wit`. Its functions have no part in the tests but their types.
macro_rules! host {
    ($name:ident, $wit:literal) => {
        mod $name {
            pack_runtime::bindgen!({ inline: $wit });
            pub(crate) fn link() -> Result<(), pack_runtime::Error> {
                Calc::<super::Host>::link(&pack_tests::load("calc")).map(|_| ())
            }
        }
    };
}

/// Made by the build script.
mod built {
    include!(concat!(env!("OUT_DIR"), "/calc.rs"));
}

struct Host;

macro_rules! log {
    ($($host:ident),*) => {
        $(impl $host::imports::Calc for Host {
            fn log(&mut self, _: String) {}
        })*
    };
}

host!(
    same,
    "
    package test:calc@1.2.0;
    interface eval {
        record binary { op: string, left: expr, right: expr }
        variant expr { number(f64), binary(binary) }
        enum precision { single, double }
        evaluate: func(expr: expr, precision: precision) -> result<f64, string>;
        count: func(expr: expr) -> u32;
    }
    world calc { import log: func(line: string); export eval; }
"
);
host!(
    renamed_types_and_parameters,
    "
    package test:calc@1.2.0;
    interface eval {
        variant tree { number(f64), binary(node) }
        record node { op: string, left: tree, right: tree }
        enum width { single, double }
        evaluate: func(tree: tree, width: width) -> result<f64, string>;
    }
    world calc { import log: func(text: string); import more: func(); export eval; }
"
);
host!(
    fewer_cases_sent,
    "
    package test:calc@1.2.0;
    interface eval {
        record binary { op: string, left: expr, right: expr }
        variant expr { number(f64), binary(binary) }
        enum precision { single }
        evaluate: func(expr: expr, precision: precision) -> result<f64, string>;
    }
    world calc { import log: func(line: string); export eval; }
"
);
host!(
    changed_field,
    "
    package test:calc@1.2.0;
    interface eval {
        record binary { op: u32, left: expr, right: expr }
        variant expr { number(f64), binary(binary) }
        enum precision { single, double }
        evaluate: func(expr: expr, precision: precision) -> result<f64, string>;
    }
    world calc { import log: func(line: string); export eval; }
"
);
host!(
    removed_field,
    "
    package test:calc@1.2.0;
    interface eval {
        record binary { op: string, left: expr, right: expr, note: string }
        variant expr { number(f64), binary(binary) }
        enum precision { single, double }
        evaluate: func(expr: expr, precision: precision) -> result<f64, string>;
    }
    world calc { import log: func(line: string); export eval; }
"
);
host!(
    reordered_cases,
    "
    package test:calc@1.2.0;
    interface eval {
        record binary { op: string, left: expr, right: expr }
        variant expr { binary(binary), number(f64) }
        enum precision { single, double }
        evaluate: func(expr: expr, precision: precision) -> result<f64, string>;
    }
    world calc { import log: func(line: string); export eval; }
"
);
host!(
    more_cases_sent,
    "
    package test:calc@1.2.0;
    interface eval {
        record binary { op: string, left: expr, right: expr }
        variant expr { number(f64), binary(binary) }
        enum precision { single, double, quadruple }
        evaluate: func(expr: expr, precision: precision) -> result<f64, string>;
    }
    world calc { import log: func(line: string); export eval; }
"
);
host!(
    missing_function,
    "
    package test:calc@1.2.0;
    interface eval { simplify: func(text: string) -> string; count: func(expr: u32) -> u32; }
    world calc { import log: func(line: string); export eval; }
"
);
host!(
    other_version,
    "
    package test:calc@2.0.0;
    interface eval { count: func(n: u32) -> u32; }
    world calc { import log: func(line: string); export eval; }
"
);
host!(
    changed_import,
    "
    package test:calc@1.2.0;
    world calc { import log: func(line: list<u8>) -> bool; }
"
);
host!(
    no_import,
    "
    package test:calc@1.2.0;
    world calc { }
"
);

log!(
    built,
    same,
    fewer_cases_sent,
    changed_field,
    removed_field,
    reordered_cases,
    more_cases_sent,
    missing_function,
    other_version
);

impl renamed_types_and_parameters::imports::Calc for Host {
    fn log(&mut self, _: String) {}
    fn more(&mut self) {}
}

impl changed_import::imports::Calc for Host {
    fn log(&mut self, _: Vec<u8>) -> bool {
        true
    }
}

#[test]
fn bindings_from_a_build_script_are_those_of_the_macro() {
    let mut calc = built::Calc::instantiate(&pack_tests::load("calc"), Host).unwrap();
    let number = built::test::calc::eval::Expr::Number(1.0);
    assert_eq!(calc.eval().count(&number).unwrap(), 1);
}

#[test]
fn a_package_that_fits_is_linked() {
    same::link().unwrap();
    renamed_types_and_parameters::link().unwrap();
    fewer_cases_sent::link().unwrap();
}

#[test]
fn a_package_that_does_not_fit_is_refused_with_the_difference() {
    let cases = [
        (
            changed_field::link(),
            r#"eval.evaluate: record binary, field "op": host has u32, package has string"#,
        ),
        (
            removed_field::link(),
            r#"eval.evaluate: record binary, field "note": host has it, package has no such field"#,
        ),
        (
            reordered_cases::link(),
            r#"eval.evaluate: variant expr, case number 1: host has case "binary", package has case "number""#,
        ),
        (
            more_cases_sent::link(),
            r#"eval.evaluate: enum precision, case "quadruple": host has it, package has no such case"#,
        ),
        (
            missing_function::link(),
            "eval.simplify: host has function, package has no such function",
        ),
        (
            missing_function::link(),
            r#"eval.count: parameter "expr": host has u32, package has variant expr"#,
        ),
        (
            other_version::link(),
            "test:calc/eval@2.0.0: host has interface, package has no such interface; it has test:calc/eval@1.2.0",
        ),
        (
            changed_import::link(),
            r#"log: parameter "line": host has list<u8>, package has string"#,
        ),
        (
            changed_import::link(),
            "log: result: host has bool, package has none",
        ),
        (
            no_import::link(),
            "log: host has no such function, package has function",
        ),
    ];
    for (outcome, words) in cases {
        let Error::Contract(error) = outcome.unwrap_err() else {
            panic!("another error for {words}")
        };
        assert!(
            error.to_string().contains(words),
            "{words}\nis not in\n{error}"
        );
    }
}

#[test]
fn a_package_with_the_standard_library_says_why_it_panics() {
    use same::test::calc::eval::{Binary, Expr, Precision};
    let mut calc = same::Calc::instantiate(&pack_tests::load("calc"), Host).unwrap();
    let number = |n| Box::new(Expr::Number(n));
    let apply = |op: &str| {
        Expr::Binary(Box::new(Binary {
            op: op.into(),
            left: number(0.1),
            right: number(2.0),
        }))
    };
    assert_eq!(
        calc.eval()
            .evaluate(&apply("+"), Precision::Double)
            .unwrap(),
        Ok(0.1 + 2.0)
    );
    assert_eq!(
        calc.eval()
            .evaluate(&apply("+"), Precision::Single)
            .unwrap(),
        Ok(f64::from(2.1_f32))
    );
    assert_eq!(
        calc.eval()
            .evaluate(&apply("?"), Precision::Double)
            .unwrap(),
        Err("unknown operator \"?\"".into())
    );
    let error = calc
        .eval()
        .evaluate(&apply("!"), Precision::Double)
        .unwrap_err();
    let Error::Panic(panic) = error else {
        panic!("{error}")
    };
    assert_eq!(
        (panic.message.as_str(), panic.call.function()),
        ("no idea what ! means", "evaluate")
    );
    assert!(panic.file.ends_with("calc/src/lib.rs"), "{}", panic.file);
}
