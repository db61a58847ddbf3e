//! Derives where nothing has its usual name.

/// No prelude, every name it would bring taken, and those of generated code as well.
#[no_implicit_prelude]
#[allow(
    dead_code,
    non_camel_case_types,
    unused_imports,
    unused_macros,
    reason = "they are there to be in the way"
)]
pub(crate) mod taken {
    struct Option;
    struct Result;
    struct Some;
    struct None;
    struct Ok;
    struct Err;
    struct Vec;
    struct String;
    struct Box;
    struct Sized;
    struct Self_;
    trait Clone {}
    trait Default {}
    trait Into {}
    trait Encode {
        fn encode(&self) {}
    }
    trait GraphValue {
        fn decode() {}
    }
    trait PackType {}
    trait Part {
        fn encode_part(&self) {}
    }
    impl<T> Encode for T {}
    impl<T> GraphValue for T {}
    impl<T> Part for T {}
    struct u8;
    struct u32;
    struct u64;
    struct usize;
    struct bool;
    mod core {}
    mod std {}
    mod alloc {}
    mod pack {}
    mod __pack {}
    const INFO: () = ();
    const IDENTITY: () = ();
    const NODE: () = ();
    struct value;
    struct error;
    struct reason;
    struct width;
    struct other;
    struct f0;
    macro_rules! concat {
        () => {};
    }
    macro_rules! line {
        () => {};
    }
    pub(crate) use {concat, line};

    #[derive(::core::fmt::Debug, ::core::cmp::PartialEq, ::pack::GraphValue, ::pack::PackType)]
    pub(crate) struct Record<T> {
        pub(crate) part: ::std::string::String,
        pub(crate) more: ::std::vec::Vec<Record<T>>,
        pub(crate) item: T,
        #[pack(skip)]
        pub(crate) skipped: ::std::primitive::usize,
        #[pack(with = in_words)]
        pub(crate) flag: ::std::primitive::bool,
        pub(crate) of: ::core::marker::PhantomData<T>,
    }

    #[derive(::core::fmt::Debug, ::core::cmp::PartialEq, ::pack::GraphValue, ::pack::PackType)]
    pub(crate) enum Choice {
        One,
        Two(::std::string::String, ::core::primitive::char),
        Three {
            next: ::std::boxed::Box<Self>,
            #[pack(with = in_words)]
            flag: ::std::primitive::bool,
        },
    }

    #[derive(::core::fmt::Debug, ::core::cmp::PartialEq, ::pack::GraphValue, ::pack::PackType)]
    pub(crate) enum Plain {
        One,
        #[pack(skip)]
        Two,
    }

    #[derive(::core::fmt::Debug, ::core::cmp::PartialEq, ::pack::GraphValue, ::pack::PackType)]
    pub(crate) struct Newtype(pub(crate) ::core::primitive::f64);

    #[derive(::core::fmt::Debug, ::core::cmp::PartialEq, ::pack::GraphValue, ::pack::PackType)]
    pub(crate) struct Array<const N: ::std::primitive::usize>(
        pub(crate) [::core::primitive::u8; N],
        pub(crate) ::core::primitive::i8,
    );

    pub(crate) mod in_words {
        pub(crate) type Wire = ::std::string::String;

        pub(crate) fn to_wire(value: &::std::primitive::bool) -> Wire {
            ::std::string::ToString::to_string(value)
        }

        pub(crate) fn from_wire(
            wire: Wire,
        ) -> ::core::result::Result<::std::primitive::bool, ::std::str::ParseBoolError> {
            wire.parse()
        }
    }
}

#[test]
fn nothing_is_looked_up_where_the_type_is() {
    use super::same;
    use std::marker::PhantomData;
    use taken::*;

    let leaf = Record {
        part: "leaf".into(),
        more: vec![],
        item: 1_u8,
        skipped: 0,
        flag: true,
        of: PhantomData,
    };
    let record = Record {
        part: "root".into(),
        more: vec![leaf],
        item: 2_u8,
        skipped: 0,
        flag: false,
        of: PhantomData,
    };
    same(&record);
    same(&Choice::Three {
        next: Box::new(Choice::Two("x".into(), 'y')),
        flag: true,
    });
    same(&Choice::One);
    same(&Plain::One);
    same(&Newtype(1.5));
    same(&Array([1, 2, 3], -1));
}
