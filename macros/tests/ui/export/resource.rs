//! A resource is exported on its own, with a trait of its own.

pack::world!({ inline: "
    package demo:counting;
    interface counters {
        resource counter {
            constructor(start: u32);
            checked: static func(start: s32) -> result<counter, string>;
            add: func(by: u32) -> u32;
            get: func() -> u32;
        }
        resource even {
            constructor(number: u32) -> result<even, string>;
            half: func() -> u32;
        }
        resource lost {
            constructor();
        }
        sum: func(counters: list<borrow<counter>>) -> u32;
    }
    world counting { export counters; }
" });

use exports::demo::counting::Counters;
use exports::demo::counting::counters::{CounterResource, EvenResource};

struct Package;
struct Count;
struct Even;

#[pack::export]
impl Counters for Package {
    type Counter = Count;

    fn sum(counters: Vec<u32>) -> u32 {
        counters.into_iter().sum()
    }
}

#[pack::export]
impl CounterResource for Count {
    fn new(start: u64) -> Self {
        let _ = start;
        Self
    }

    fn checked(&self, _: i32) -> Result<demo::counting::counters::Counter, String> {
        Err(String::new())
    }

    fn add(by: u32) -> u32 {
        by
    }

    fn get(&mut self) -> u32 {
        3
    }
}

#[pack::export]
impl EvenResource for Even {
    fn new(_: u32) -> Self {
        Self
    }

    fn haff(&self) -> u32 {
        3
    }
}

fn main() {}
