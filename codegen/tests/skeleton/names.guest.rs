/// Has the exports of this package.
pub struct PackageImpl;

#[pack::export]
impl exports::Run for PackageImpl {
    fn run() -> Result<(), ()> {
        todo!("write `run`")
    }
}

#[pack::export]
#[expect(unused_variables, reason = "until it is written")]
fn take(option: Option, package: Package) -> std::option::Option<Vec<String>> {
    todo!("write `take`")
}

/// A `Counter` of this package.
pub struct Counter;

#[pack::export]
impl exports::demo::names::one::CounterResource for Counter {
    fn new() -> Self {
        todo!("write `new`")
    }

    #[expect(unused_variables, reason = "until it is written")]
    fn add(&self, by: std::option::Option<u32>) {
        todo!("write `add`")
    }
}

/// A `Counter` of this package.
pub struct CounterImpl;

#[pack::export]
impl exports::demo::names::two::CounterResource for CounterImpl {
    fn new() -> Self {
        todo!("write `new`")
    }
}

/// A `Vec` of this package.
pub struct VecImpl;

#[pack::export]
impl exports::demo::names::two::VecResource for VecImpl {
    #[expect(unused_variables, reason = "until it is written")]
    fn new(items: Vec<String>) -> Self {
        todo!("write `new`")
    }
}
