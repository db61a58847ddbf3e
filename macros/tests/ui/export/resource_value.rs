//! A resource is made of what has its functions.

pack::world!({ inline: "
    package demo:counting;
    interface counters {
        resource counter { get: func() -> u32; }
        start: func() -> counter;
    }
    world counting { export counters; }
" });

use demo::counting::counters::Counter;

struct Package;
struct Count;

#[pack::export]
impl exports::demo::counting::Counters for Package {
    fn start() -> Counter {
        Counter::new("no count")
    }
}

#[pack::export]
impl exports::demo::counting::counters::CounterResource for Count {
    fn get(&self) -> u32 {
        0
    }
}

fn is_count(counter: &Counter) -> bool {
    counter.get::<Count>().is_some() || counter.get::<String>().is_some()
}

fn main() {
    is_count(&Counter::new(Count));
}
