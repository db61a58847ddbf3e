//! Names in WIT that meet names in generated code. What is tested is mostly that it compiles.
#![allow(dead_code, reason = "it compiles, which is what is tested")]

/// Names of the world's own functions and types that generated code uses too.
mod of_the_world {
    mod host {
        pack_runtime::bindgen!({ inline: "
            package test:names;
            interface q { f: func(); }
            world w {
                record t { %type: u8, self: u8 }
                import log: func(area: string, call: string, %import: list<t>) -> t;
                export link: func(t: t) -> t;
                export instantiate: func(host: string) -> option<t>;
                export instance: func() -> list<t>;
                export instance-mut: func();
                export q;
                export %q: func();
                export match: interface { f: func(); }
            }
        " });

        fn every_name(w: &mut W<()>) {
            let t = T {
                r#type: 1,
                self_: 2,
            };
            let _ = (
                w.link_(t),
                w.instantiate_("x"),
                w.instance_(),
                w.instance_mut_(),
                w.q(),
            );
            let _ = (w.test_names_q().f(), w.r#match().f(), w.instance());
        }
    }

    mod guest {
        pack::world!({ inline: "
            package test:names;
            interface q { record %export { a: u8 } f: func(e: %export); i32: func(i32: u8) -> s32; a0: func(a0: u32) -> u32; }
            world w { export q; import area: func(area: string, encoder: list<u8>) -> string; }
        " });

        use exports::test::names::q as function;
        use test::names::q::Export;

        #[pack::export(function)]
        fn f(e: Export) {
            drop(area(&e.a.to_string(), &[]));
        }

        #[pack::export(function)]
        fn i32(i32: u8) -> core::primitive::i32 {
            i32.into()
        }

        #[pack::export(function)]
        fn a0(a0: u32) -> u32 {
            a0
        }
    }
}

/// Two versions of one package, and two interfaces of one name, side by side.
mod versions {
    mod host {
        pack_runtime::bindgen!({ path: "wit/versions", world: "both" });

        fn every_name(both: &mut Both<()>) {
            let _ = both.a_lib1_0_0_q().f(a::lib1_0_0::q::R { x: 1 });
            let _ = both.a_lib2_0_0_q().f(a::lib2_0_0::q::R { y: 1 });
        }
    }

    mod guest {
        pack::world!({ path: "wit/versions", world: "both", partial_exports: true });
    }
}
