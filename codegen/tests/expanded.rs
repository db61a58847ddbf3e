//! What is generated, as text in `tests/expanded`, to be read and to be compared. The same WIT is compiled for
//! both sides in the guests and hosts of `tests/` and `examples/` at the top of the repository.
#![allow(
    clippy::unwrap_used,
    reason = "in a test, also outside of its function, a panic is a failure"
)]

mod snapshot;

use std::path::Path;

use pack_codegen::{Config, Side, export};
use proc_macro2::TokenStream;
use quote::quote;
use snapshot::Snapshots;

#[test]
fn generated_code_is_as_expected() {
    let mut snapshots = Snapshots::default();
    for (name, wit) in [
        ("calc", "../tests/wit/calc.wit"),
        ("json-query", "../examples/json-query/wit"),
    ] {
        for (side, suffix) in [(Side::Guest, "guest"), (Side::Host, "host")] {
            let generated = Config::path(wit).generate(side).unwrap();
            let path = format!("tests/expanded/{name}.{suffix}.rs");
            snapshots.compare(Path::new(&path), &generated.to_source().unwrap());
        }
    }
    snapshots.finish();
}

#[test]
fn a_package_without_wit_is_as_expected() {
    let package = quote!("demo:greeter@1.2.0");
    let exported = quote! {
        /// Says hello.
        fn greet(name: String, times: u8) -> Result<String, u32> {
            Err(1)
        }
    };
    let attribute = export::expand(TokenStream::new(), exported.clone()).unwrap();
    // What the hidden macro hands over.
    let inferred = quote! {
        { ::pack::__private, "demo:greeter/greeter@1.2.0" } (exports)
        /// Says hello.
        fn greet(name: String, times: u8) -> Result<String, u32>
    };
    let steps = [
        ("pack::package!(…)", export::package(package).unwrap()),
        ("#[pack::export] fn …", attribute),
        (
            "exports::__export! { … }",
            export::inferred(inferred).unwrap(),
        ),
    ];
    let text = steps.map(|(step, tokens)| {
        let code = prettyplease::unparse(&syn::parse2(tokens).unwrap());
        format!("// {step}\n\n{code}")
    });
    let mut snapshots = Snapshots::default();
    let path = Path::new("tests/expanded/without-wit.guest.rs");
    snapshots.compare(path, &text.join("\n"));
    snapshots.finish();
}

#[test]
fn generated_code_names_everything_by_absolute_path() {
    let text = |side| {
        let config = Config::path("../tests/wit/calc.wit").crate_path("::somewhere::else_");
        config.generate(side).unwrap().to_source().unwrap()
    };
    for side in [Side::Guest, Side::Host] {
        // What is in quotation marks is in words, for people.
        let text = text(side);
        let text: String = text.split('"').step_by(2).collect();
        assert!(text.contains("::somewhere::else_::__private::Result"));
        for word in [
            " Vec<",
            " String",
            " Option<",
            " Result<",
            " Box<",
            "::pack::",
            "::pack_runtime::",
            "wasmtime",
        ] {
            assert!(!text.contains(word), "`{word}` in\n{text}");
        }
    }
}
