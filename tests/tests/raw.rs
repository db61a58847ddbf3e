//! Instances without their contract: memory and core functions.

#[path = "common/module.rs"]
mod module;

use module::module;
use pack_runtime::value::{decode_value, encode_value};
use pack_runtime::wasmtime::Caller;
use pack_runtime::wasmtime::Val;
use pack_runtime::{
    CoreCall, Error, HostInterface, Instance, LinkProblem, Linker, MessageLimits, PoisonedBy,
    Runtime, Value,
};

fn instance() -> Instance<()> {
    let parts = [
        ("run", r#"(func (export "$root#run") unreachable)"#),
        (
            "more",
            r#"(func $swap (export "swap") (param i32 f64) (result f64 i32) (local.get 1) (local.get 0))
            (elem declare func $swap)
            (func (export "reference") (result funcref) (ref.func $swap))
            (func (export "take") (param funcref))"#,
        ),
    ];
    let wasm = wat::parse_str(module(&parts)).unwrap();
    let package = Runtime::new().unwrap().load(&wasm).unwrap();
    let mut host = HostInterface::new("test:hostile/host");
    for name in ["listen", "change"] {
        host.dynamic_function(name, |(): &mut (), _| Err("no one calls it"));
    }
    let linker = Linker::new(&package).unwrap().offer(&host).unwrap();
    linker
        .link::<Instance<()>>()
        .unwrap()
        .instantiate(())
        .unwrap()
}

#[test]
fn memory_is_read_and_written_within_its_bounds() {
    let mut instance = instance();
    let size = u32::try_from(instance.memory().len()).unwrap();
    assert_eq!(size, 4 << 16);
    instance.write_memory(100, b"hello").unwrap();
    assert_eq!(instance.read_memory(98, 8).unwrap(), b"\0\0hello\0");
    assert_eq!(instance.read_memory(size, 0).unwrap(), b"");
    instance.write_memory(size - 2, b"ab").unwrap();
    for (pointer, length) in [
        (size, 1),
        (size - 1, 2),
        (u32::MAX, u32::MAX),
        (0, size + 1),
    ] {
        let error = instance.read_memory(pointer, length).unwrap_err();
        assert!(matches!(error, Error::OutsideMemory { .. }), "{error}");
    }
    let error = instance
        .write_memory(size - 1, b"xy")
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "2 bytes at 0x3ffff are not in the guest's memory of 262144 bytes"
    );
    assert_eq!(
        instance.read_memory(size - 2, 2).unwrap(),
        b"ab",
        "nothing is half done"
    );
}

#[test]
fn core_functions_are_called_with_what_they_take() {
    let mut instance = instance();
    let swapped = instance.call_core("swap", &[Val::I32(7), Val::F64(1.5_f64.to_bits())]);
    let swapped = swapped.unwrap();
    assert_eq!((swapped[0].unwrap_f64(), swapped[1].unwrap_i32()), (1.5, 7));
    let cases: [(&str, &[Val], &str); 3] = [
        (
            "swop",
            &[],
            "the core function `swop`: the module exports none",
        ),
        (
            "swap",
            &[Val::I32(7)],
            "the core function `swap`: the wrong number of core values: it takes 2, and is given 1",
        ),
        (
            "swap",
            &[Val::I32(7), Val::I64(1)],
            "the core function `swap`: core value 1 is no f64 that can be passed",
        ),
    ];
    for (name, params, words) in cases {
        assert_eq!(
            instance.call_core(name, params).unwrap_err().to_string(),
            words
        );
    }
    // References stay where they are.
    let reference = self::instance().call_core("reference", &[]).unwrap();
    for mut instance in [self::instance(), self::instance()] {
        let error = instance.call_core("take", &reference).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the core function `take`: core value 0 is no (ref null func) that can be passed"
        );
        assert_eq!(instance.poisoned(), None);
    }
    // None of that was a call.
    let place = instance.call_core("__pack_alloc", &[Val::I32(16)]).unwrap();
    assert_eq!(place[0].unwrap_i32(), 65536);
    let error = instance.call_core("$root#run", &[]).unwrap_err();
    assert!(matches!(error, Error::Trap(_)), "{error}");
    assert_eq!(instance.poisoned(), Some(PoisonedBy::Trap));
    assert!(matches!(
        instance.call_core("swap", &[]),
        Err(Error::Core { .. })
    ));
}

#[test]
fn one_value_is_written_and_read_by_its_type() {
    let mut instance = instance();
    let contract = instance.types().clone();
    let send = contract.export("$root").unwrap().function("send").unwrap();
    let ty = send.params[0].ty;
    let value = Value::from_wave(&contract, ty, r#"array([text("x"), null])"#).unwrap();
    let bytes = encode_value(&contract, ty, &value, MessageLimits::DEFAULT).unwrap();
    instance.write_memory(2000, &bytes).unwrap();
    let length = u32::try_from(bytes.len()).unwrap();
    let read = instance.read_memory(2000, length).unwrap();
    assert_eq!(
        decode_value(&contract, ty, read, MessageLimits::DEFAULT).unwrap(),
        value
    );
    let core = [Val::I32(2000), Val::I32(length.cast_signed())];
    assert_eq!(
        instance.call_core("$root#send", &core).unwrap()[0].unwrap_i32(),
        1
    );
}

/// Imports of the contract and of none.
const IMPORTS: &str = r#"
    (import "test:hostile/host" "listen" (func $listen (param i32 i32)))
    (import "env" "now" (func $now (result i64)))
    (import "env" "later" (func $later (param i64)))
"#;

#[test]
fn host_functions_can_work_on_core_values_and_beside_the_contract() {
    let run = r#"(func (export "$root#run")
        (call $listen (i32.const 4096) (i32.const 8))
        (call $later (i64.add (call $now) (i64.const 1))))"#;
    let wasm = wat::parse_str(module(&[("imports", IMPORTS), ("run", run)])).unwrap();
    let package = Runtime::new().unwrap().load(&wasm).unwrap();
    let mut host = HostInterface::new("test:hostile/host");
    host.core_function(
        "listen",
        |call: &mut CoreCall<'_, '_, Vec<String>>, params: &[Val], _: &mut [Val]| {
            let [Val::I32(pointer), Val::I32(length)] = *params else {
                return Err("a string is a pointer and a length".to_owned());
            };
            let (pointer, length) = (pointer.cast_unsigned(), length.cast_unsigned());
            let text = call.read(pointer, length).map_err(|e| e.to_string())?;
            let text = String::from_utf8_lossy(text).into_owned();
            assert!(call.read(u32::MAX, 2).is_err() && call.write(262_143, b"xy").is_err());
            call.write(pointer, b"written!").unwrap();
            call.host().push(text);
            Ok(())
        },
    )
    .dynamic_function("change", |_, _| Err("no one calls it"));
    let linker = || {
        Linker::<Vec<String>>::new(&package)
            .unwrap()
            .offer(&host)
            .unwrap()
    };

    let error = linker().link::<Instance<Vec<String>>>().unwrap_err();
    let Error::Link(error) = error else {
        panic!("{error}");
    };
    let missing = error.problems.iter().map(|problem| match problem {
        LinkProblem::MissingImport { module, name, .. } => format!("{module} {name}"),
        other => other.to_string(),
    });
    assert_eq!(missing.collect::<Vec<_>>(), ["env now", "env later"]);

    let with_now = || {
        linker().define(|linker| {
            linker.func_wrap("env", "now", || 41_i64)?;
            Ok(())
        })
    };
    let error = with_now()
        .unwrap()
        .link::<Instance<Vec<String>>>()
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("`later` from `env`") && !text.contains("`now`"),
        "{text}"
    );

    let linked = with_now().unwrap().define(|linker| {
        linker.func_wrap("env", "later", |mut caller: Caller<'_, _>, time: i64| {
            let state: &mut pack_runtime::State<Vec<String>> = caller.data_mut();
            state.host_mut().push(time.to_string());
        })?;
        Ok(())
    });
    let linked = linked.unwrap().link::<Instance<Vec<String>>>().unwrap();
    let mut instance = linked.instantiate(Vec::new()).unwrap();
    instance.call("$root", "run", &[]).unwrap();
    assert_eq!(instance.host(), &["PACKMETA", "42"]);
    assert_eq!(instance.read_memory(4096, 8).unwrap(), b"written!");

    // What is there already cannot be defined again, and of another type it does not fit.
    let again = with_now().unwrap().define(|linker| {
        linker.func_wrap("$pack", "panic", || ())?;
        Ok(())
    });
    assert!(matches!(again, Err(Error::Engine(_))));
    let other = with_now().unwrap().define(|linker| {
        linker.func_wrap("env", "later", |_: i32| ())?;
        Ok(())
    });
    let error = other.unwrap().link::<Instance<Vec<String>>>().unwrap_err();
    assert!(
        error.to_string().contains("incompatible import type"),
        "{error}"
    );
}
