//! Mocks in crates that want everything documented, and nothing public that is not reached. Names of the WIT are those that
//! the code of mocks uses itself.
#![deny(warnings, missing_docs, unreachable_pub, let_underscore_drop, unused_results)]

pack::world!({ inline: "
    package demo:mocks;
    interface mocks {
        variant answer { yes(string), both(tuple<answer, answer>) }
        resource mock { constructor(answer: answer); set: func(mock: string) -> answer; box: static func(); }
        dyn: func(answer: answer, self: string) -> u32;
        fn-mut: func(fn-mut: u32);
    }
    interface api {
        resource mocks { mock: func(answer: u32) -> u32; }
        set: func(mocks: borrow<mocks>) -> u32;
    }
    world w {
        import mocks;
        import api;
        import mocks: func(pack: u32) -> u32;
        import pack: func(mocks: u32);
        export run: func() -> u32;
    }
" });

#[pack::export]
fn run() -> u32 {
    let mock = demo::mocks::mocks::Mock::new(&demo::mocks::mocks::Answer::Yes(String::new()));
    demo::mocks::mocks::r#dyn(&mock.set("text"), "self") + mocks(1)
}

/// Another package of that name: its module is `mocks_`.
pub mod namespace {
    pack::world!({ inline: "
        package mocks:mocks;
        interface mocks { mocks: func() -> u32; }
        world w { import mocks; import pack: interface { mocks: func() -> u32; } }
    " });

    /// Imports called.
    pub fn both() -> u32 {
        mocks_::mocks::mocks::mocks() + pack_::mocks()
    }
}

fn main() {
    use demo::mocks::api::Mocks;
    use demo::mocks::mocks::Answer;
    use mocks::demo::mocks::{api, mocks as mock};
    use pack::mock::{number, resource};

    let _new = mock::mock::new(|answer| {
        assert_eq!(answer, &Answer::Yes(String::new()));
        resource(1)
    });
    let _set = mock::mock::set(|mock, text| Answer::Yes(format!("{text} {}", number(mock))));
    let _dyn = mock::r#dyn(|answer, text| {
        assert_eq!((answer, text), (&Answer::Yes("text 1".to_owned()), "self"));
        1
    });
    let _mocks = crate::mocks::mocks(|n| n + 1);
    assert_eq!(run(), 3);

    let _method = api::mocks::mock(|mocks, n| number(mocks) + n);
    let _function = api::set(|mocks| mocks.mock(1));
    assert_eq!(demo::mocks::api::set(&resource::<Mocks>(2)), 3);

    let _one = namespace::mocks::mocks_::mocks::mocks::mocks(|| 1);
    let _other = namespace::mocks::pack_::mocks(|| 2);
    assert_eq!(namespace::both(), 3);
}
