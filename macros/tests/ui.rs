//! Every diagnostic of the macros, as the compiler shows it. `TRYBUILD=overwrite` blesses.

#[test]
fn diagnostics() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/pass/*.rs");
    cases.compile_fail("tests/ui/*/*.rs");
}
