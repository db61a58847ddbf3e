//! One mistake in the WIT is one error, whatever is built on it. What is left is a warning of an import that only an
//! `impl` uses, for that is not looked at.

pack::world!({ inline: "
    package demo:counting;
    interface types {
        record person { name: strin, age: u32 }
        variant shape { circle(f64), dot }
    }
    interface log { log: func(text: string); }
    interface counters {
        use types.{person, shape as form};
        resource counter { constructor(start: u32); add: func(by: u32) -> u32; }
        sum: func(persons: list<person>, form: form) -> u32;
    }
    world counting {
        import log;
        export counters;
        export greet: func(name: string) -> string;
    }
" });

use demo::counting::counters::{Counter, Form};
use demo::counting::log;
use demo::counting::types::{Person, Shape};
use exports::demo::counting::Counters;
use exports::demo::counting::counters::CounterResource;

struct Package;
struct Count(u32);

#[pack::export]
impl Counters for Package {
    fn sum(persons: Vec<Person>, form: Form) -> u32 {
        u32::try_from(persons.len()).unwrap_or_default() + age(&persons[0]) + matches!(form, Form::Dot) as u32
    }
}

#[pack::export]
impl CounterResource for Count {
    fn new(start: u32) -> Self {
        Self(start)
    }

    fn add(&self, by: u32) -> u32 {
        self.0 + by
    }
}

fn age(person: &Person) -> u32 {
    log::log("asked");
    let other = Person { name: String::new(), age: 3 };
    match shape(person) {
        Shape::Circle(radius) => radius as u32,
        Shape::Dot => person.age + other.age,
    }
}

fn shape(_: &Person) -> Shape {
    Shape::Dot
}

fn counter() -> Counter {
    Counter::new(Count(1))
}

#[pack::export]
fn greet(name: String) -> String {
    format!("{name} {:?}", counter())
}

#[pack::export(exports::demo::counting::counters)]
fn sum(persons: Vec<Person>) -> u32 {
    persons.iter().map(age).sum()
}

#[test]
fn it_is_logged() {
    let log = mocks::demo::counting::log::log(|text| assert_eq!(text, "asked"));
    assert_eq!(age(&Person { name: String::new(), age: 3 }), 6);
    assert_eq!(log.calls(), 1);
}

fn main() {
    let _log = mocks::demo::counting::log::log(|_| ());
}
