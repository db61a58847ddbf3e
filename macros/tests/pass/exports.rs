//! All the ways to write exports that are right.
#![deny(warnings, missing_docs)]
#![deny(clippy::all)]

/// Types through other names are the same types.
pub mod names {
    /// Another name.
    pub type Text = String;
    pub use std::option::Option as Maybe;
}

pack::world!({ inline: "
    package demo:accepted;
    interface types {
        record item { name: string, price: f64 }
    }
    interface whole {
        use types.{item};
        rename: func(item: item, name: string) -> item;
        parse: func(text: string) -> result<u32, string>;
        sum: func(pair: tuple<u32, u32>) -> u32;
        %type: func(%fn: u8) -> u8;
        nothing: func();
        unit: func();
        deep: func(depth: u32) -> u32;
        first: func(items: list<item>) -> option<item>;
        guarded: func() -> bool;
    }
    interface single {
        %export: func(%self: u8) -> u8;
        is: func(text: string) -> string;
        value: func() -> u64;
    }
    interface itself {
        use types.{item};
        make: func(name: string) -> item;
    }
    interface by-macro {
        one: func(v: u8) -> u8;
        two: func(v: string) -> string;
    }
    interface inner-macro { three: func() -> u8; }
    interface counters {
        resource counter {
            constructor(start: u32);
            parse: static func(text: string) -> result<counter, string>;
            add: func(by: u32) -> u32;
            drain: func();
        }
        resource even { constructor(number: u32) -> result<even, u32>; half: func() -> u32; }
        larger: func(one: counter, other: counter) -> counter;
    }
    world accepted {
        export counters;
        export whole;
        export single;
        export itself;
        export by-macro;
        export inner-macro;
        export plain: func(name: string) -> option<string>;
        export constant: func() -> u8;
        export abi: func(v: u8) -> u8;
        export old: func();
        export patterns: func(pair: tuple<u32, u32>, numbers: list<u32>) -> u32;
        export in-a-function: func() -> bool;
        export both-ways: func() -> bool;
    }
" });

use demo::accepted::types::Item;
use exports::demo::accepted::Whole;

/// The package.
pub struct Package;

impl Package {
    fn default_name() -> String {
        "nameless".to_owned()
    }
}

#[pack::export]
impl Whole for Package
where
    Item: Clone,
{
    /// Documented.
    #[inline]
    fn rename(mut item: Item, #[allow(unused_mut, reason = "it is tested")] mut name: names::Text) -> self::demo::accepted::types::Item {
        #![allow(clippy::needless_return, reason = "it is tested")]
        if name.is_empty() {
            item.name = Self::default_name();
            return item;
        }
        item.name = name;
        return item;
    }

    fn parse(text: ::std::string::String) -> std::result::Result<u32, String> {
        let number: u64 = text.parse().map_err(|_| "no number")?;
        u32::try_from(number).map_err(|error| error.to_string())
    }

    fn sum((a, b): (u32, u32)) -> u32 {
        a + b
    }

    fn r#type(r#fn: u8) -> u8 {
        r#fn
    }

    fn nothing() {}

    #[allow(clippy::unused_unit, reason = "it is tested")]
    fn unit() -> () {}

    fn deep(depth: u32) -> u32 {
        match depth.checked_sub(1) {
            Some(less) => Self::deep(less) + <Self as Whole>::sum((0, 1)),
            None => 0,
        }
    }

    fn first(items: Vec<Item>) -> names::Maybe<Item> {
        let first = items.into_iter().next()?;
        Some(first)
    }

    #[cfg(any())]
    fn guarded() -> bool {
        false
    }

    #[cfg(not(any()))]
    fn guarded() -> bool {
        true
    }
}

/// Functions one by one.
mod single {
    use super::exports;
    use super::exports::demo::accepted::single as functions;

    #[pack::export(functions)]
    fn export(self_: u8) -> u8 {
        self_
    }

    #[pack::export(exports::demo::accepted::single)]
    fn is(text: String) -> String {
        text
    }

    #[pack::export(crate::exports::demo::accepted::single)]
    fn value() -> u64 {
        u64::MAX
    }
}

// An interface may be implemented by a type of the WIT; then `Self` is that.
#[pack::export]
impl exports::demo::accepted::Itself for Item {
    fn make(name: String) -> Self {
        Self { name, price: 0.0 }
    }
}

/// Resources are exported each on its own, and methods take `&self`.
mod resources {
    use super::demo::accepted::counters::Counter;
    use super::exports;
    use super::exports::demo::accepted::counters::{CounterResource, EvenResource};
    use std::cell::Cell;

    struct Count(Cell<u32>);

    #[pack::export]
    impl CounterResource for Count {
        fn new(start: u32) -> Count {
            Self(Cell::new(start))
        }

        fn parse(text: String) -> Result<Counter, String> {
            let start = text.parse().map_err(|_| text)?;
            Ok(Counter::new(<Self as CounterResource>::new(start)))
        }

        fn add(&self, by: u32) -> u32 {
            self.0.set(self.0.get() + by);
            self.0.get()
        }

        fn drain(&self) {
            self.0.set(0);
        }
    }

    struct Even(u32);

    #[pack::export]
    impl EvenResource for Even {
        fn new(number: u32) -> Result<Self, u32> {
            if number.is_multiple_of(2) {
                return Ok(Self(number));
            }
            Err(number)
        }

        fn half(&self) -> u32 {
            self.0 / 2
        }
    }

    #[pack::export(exports::demo::accepted::counters)]
    fn larger(one: Counter, _: Counter) -> Counter {
        one
    }
}

macro_rules! by_macro {
    ($package:ident: $($name:ident($ty:ty)),*) => {
        #[pack::export]
        impl exports::demo::accepted::ByMacro for $package {
            $(fn $name(v: $ty) -> $ty { v })*
        }
    };
}

by_macro!(Package: one(u8), two(String));

macro_rules! three {
    () => {
        fn three() -> u8 {
            3
        }
    };
}

#[pack::export]
impl exports::demo::accepted::InnerMacro for Package {
    three!();
}

#[pack::export]
fn plain(name: String) -> Option<String> {
    Some(name).filter(|name| !name.is_empty())
}

#[pack::export]
const fn constant() -> u8 {
    7
}

#[pack::export]
extern "C" fn abi(v: u8) -> u8 {
    v
}

#[pack::export]
#[deprecated]
#[allow(clippy::unused_unit, reason = "it is tested")]
fn old() -> () {}

#[pack::export]
fn patterns((a, mut b): (u32, u32), numbers: Vec<u32>) -> u32
where
    u32: Copy,
{
    b += numbers.iter().sum::<u32>();
    a + b
}

#[cfg(any())]
#[pack::export]
fn both_ways() -> u32 {
    1
}

#[pack::export]
#[cfg(any())]
fn both_ways() -> String {
    String::new()
}

#[pack::export]
#[cfg(not(any()))]
fn both_ways() -> bool {
    true
}

/// A double for tests needs no attribute.
struct Double;

impl exports::demo::accepted::Itself for Double {
    fn make(name: String) -> Item {
        Item { name, price: 1.0 }
    }
}

/// A world without exports of its own.
pub mod types_only {
    pack::world!({ partial_exports: true, inline: "
        package demo:types-only;
        interface whole { record item { name: string } get: func() -> item; }
        world types-only { export whole; export run: func(); }
    " });
}

fn main() {
    #[pack::export]
    fn in_a_function() -> bool {
        true
    }

    use exports::demo::accepted::{ByMacro, InnerMacro, Itself};

    let item = Package::rename(Item::make("a".into()), String::new());
    assert_eq!(item.name, "nameless");
    assert_eq!(Double::make("b".into()).price, 1.0);
    assert_eq!(Package::parse("7".into()), Ok(7));
    assert_eq!(Package::parse("x".into()), Err("no number".to_owned()));
    assert_eq!((Package::sum((1, 2)), Package::r#type(3)), (3, 3));
    assert_eq!((Package::nothing(), Package::unit()), ((), ()));
    assert_eq!(Package::deep(5), 5);
    assert_eq!(Package::first(vec![item.clone()]), Some(item));
    assert!(Package::guarded() && both_ways() && in_a_function());
    assert_eq!((Package::one(1), Package::two("2".into()), Package::three()), (1, "2".into(), 3));
    assert_eq!(plain(String::new()), None);
    assert_eq!((constant(), abi(3)), (7, 3));
    assert_eq!(patterns((1, 2), vec![3]), 6);
}
