//! Has resources of its own, and uses those of the host, also in ways that it must not.
#![no_std]

extern crate alloc;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::fmt::Debug;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use exports::test::resources::counters::{CounterResource, EvenResource};
use exports::test::resources::nodes::{Node, NodeResource};
use exports::test::resources::{Counters, Mischief, Nodes};
use pack::__private::{Decoder, Limits};
use pack::{Borrow, GraphValue};
use test::resources::counters::{Counter, Labelled};
use test::resources::files::{self, Entry, File, Found, Token, Two};

pack::world!("../../wit/resources.wit");

struct Guest;

static LIVE: AtomicU32 = AtomicU32::new(0);
static EVER: AtomicU32 = AtomicU32::new(0);

struct Count(Cell<u32>);

impl Count {
    fn at(start: u32) -> Self {
        LIVE.fetch_add(1, Relaxed);
        EVER.fetch_add(1, Relaxed);
        Self(Cell::new(start))
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Relaxed);
    }
}

fn value(counter: &Counter) -> u32 {
    counter.get::<Count>().map_or(0, |count| count.0.get())
}

#[pack::export]
impl CounterResource for Count {
    fn new(start: u32) -> Self {
        Self::at(start)
    }

    fn checked(start: i32) -> Result<Counter, String> {
        match u32::try_from(start) {
            Ok(start) => Ok(Counter::new(Self::at(start))),
            Err(_) => Err(format!("{start} is below zero")),
        }
    }

    fn add(&self, by: u32) -> u32 {
        self.0.set(self.0.get() + by);
        self.0.get()
    }

    fn fork(&self, count: u32) -> Vec<Counter> {
        (0..count)
            .map(|_| Counter::new(Self::at(self.0.get())))
            .collect()
    }

    fn max(one: Counter, other: Counter) -> Counter {
        if value(&one) < value(&other) {
            other
        } else {
            one
        }
    }

    fn log_to(&self, file: Borrow<File>) {
        file.append(&self.0.get().to_string());
    }
}

/// Has the functions of a counter, and is not what is exported as one.
struct Double;

impl CounterResource for Double {
    fn new(_: u32) -> Self {
        Self
    }

    fn checked(_: i32) -> Result<Counter, String> {
        Ok(Counter::new(Self))
    }

    fn add(&self, by: u32) -> u32 {
        by
    }

    fn fork(&self, _: u32) -> Vec<Counter> {
        Vec::new()
    }

    fn max(one: Counter, _: Counter) -> Counter {
        one
    }

    fn log_to(&self, _: Borrow<File>) {}
}

struct EvenNumber(u32);

#[pack::export]
impl EvenResource for EvenNumber {
    fn new(number: u32) -> Result<Self, String> {
        if number.is_multiple_of(2) {
            Ok(Self(number))
        } else {
            Err(format!("{number} is odd"))
        }
    }

    fn half(&self) -> u32 {
        self.0 / 2
    }
}

#[pack::export]
impl Counters for Guest {
    fn sum(counters: Vec<Borrow<Counter>>) -> u32 {
        counters.iter().map(|counter| value(counter)).sum()
    }

    fn take(labelled: Vec<Labelled>, extra: Option<Counter>) -> u32 {
        labelled
            .iter()
            .map(|labelled| &labelled.counter)
            .chain(&extra)
            .map(value)
            .sum()
    }

    fn give(label: String) -> (Labelled, Option<Counter>) {
        let counter = |start| Counter::new(Count::at(start));
        let labelled = Labelled {
            label,
            counter: counter(1),
        };
        (labelled, Some(counter(2)))
    }

    fn census() -> (u32, u32) {
        (LIVE.load(Relaxed), EVER.load(Relaxed))
    }

    fn use_files(lent: Borrow<File>, given: File, entry: Entry) -> Vec<File> {
        let two = Two {
            left: lent.clone(),
            right: Borrow::from(&given),
        };
        let of_all = [lent.clone(), Borrow::from(&entry.file)];
        let length = files::total_length(&of_all, &Some(two));
        lent.append(&format!("{length} {}", lent.is_same(&given)));
        let opened = File::open("missing").unwrap_or_else(|error| File::new(&error));
        let joined = files::join(given, File::new("made by the guest"));
        let extra = match files::find("a") {
            Found::Nothing => None,
            Found::One(file) => Some(file),
            Found::Many(mut entries) => {
                let first = (!entries.is_empty()).then(|| entries.remove(0));
                files::put(entries, first.map(|entry| entry.file));
                None
            }
        };
        let token = files::new_token();
        assert!(files::check_token(&token));
        [joined, entry.file, opened]
            .into_iter()
            .chain(extra)
            .collect()
    }
}

struct Kept(RefCell<Option<Borrow<File>>>);

// SAFETY: a package has one thread.
unsafe impl Sync for Kept {}

static KEPT: Kept = Kept(RefCell::new(None));

/// Handles by number, as a guest that keeps to no rules makes them.
mod raw {
    #[link(wasm_import_module = "$pack")]
    unsafe extern "C" {
        #[link_name = "drop"]
        pub(crate) fn drop_resource(number: i32);
    }
    #[link(wasm_import_module = "test:resources/files@0.1.0")]
    unsafe extern "C" {
        #[link_name = "[method]file.contents"]
        pub(crate) fn contents(number: i32, space: i32, length: i32) -> i32;
    }
}

/// The number inside a handle, which its debug form shows.
fn number(handle: &dyn Debug) -> i32 {
    let text = format!("{handle:?}");
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(-1)
}

fn contents(number: i32) -> String {
    let mut space = [0; 64];
    // SAFETY: the host checks the number, and writes at most so many bytes.
    unsafe { raw::contents(number, space.as_mut_ptr() as i32, 64) };
    String::new()
}

#[pack::export]
impl Mischief for Guest {
    fn use_after_drop(file: File) {
        let number = number(&file);
        drop(file);
        contents(number);
    }

    fn drop_twice(file: File) {
        // SAFETY: the host checks the number.
        unsafe { raw::drop_resource(number(&file)) };
    }

    fn drop_borrowed(file: Borrow<File>) {
        // SAFETY: the host checks the number.
        unsafe { raw::drop_resource(number(&file)) };
    }

    fn give_borrowed(file: Borrow<File>) {
        // A handle of its own with the number of the borrowed one.
        let forged = forge(number(&file));
        files::put(Vec::new(), Some(forged));
    }

    fn keep_borrowed(file: Borrow<File>) {
        *KEPT.0.borrow_mut() = Some(file);
    }

    fn use_kept() -> String {
        KEPT.0
            .borrow()
            .as_ref()
            .map_or_else(String::new, |file| file.name())
    }

    fn guess(number: u32) -> String {
        contents(number.cast_signed())
    }

    fn wrong_type(token: Token) -> String {
        contents(number(&token))
    }

    fn same_twice(file: File) -> (File, File) {
        let twin = forge(number(&file));
        (file, twin)
    }

    fn drop_in_panic(file: File) {
        let _file = file;
        panic!("with a file in hand");
    }

    fn wrong_value() -> Counter {
        Counter::new(Double)
    }
}

/// What reads messages makes a handle of any number. It means something only to the host.
fn forge(number: i32) -> File {
    let bytes = number.to_le_bytes();
    let mut decoder = Decoder::new(&bytes, Limits::DEFAULT);
    File::decode(&mut decoder).unwrap_or_else(|error| panic!("{error}"))
}

struct GuestNode {
    label: String,
    children: RefCell<Vec<Box<dyn Fn() -> Node>>>,
}

#[pack::export]
impl NodeResource for GuestNode {
    fn new(label: String) -> Self {
        Self {
            label,
            children: RefCell::default(),
        }
    }

    fn label(&self) -> String {
        self.label.clone()
    }

    /// The children are new nodes each time, with the same labels.
    fn children(&self) -> Vec<Node> {
        self.children.borrow().iter().map(|child| child()).collect()
    }
}

#[pack::export]
impl Nodes for Guest {
    /// The host has a node of this label as well.
    fn adopt(parent: Borrow<Node>, child: Node) {
        let (Some(parent), Some(child)) = (parent.get::<GuestNode>(), child.get::<GuestNode>())
        else {
            panic!("a node that is none");
        };
        let hosts = test::resources::nodes::Node::new(&child.label);
        let label = hosts.label();
        parent
            .children
            .borrow_mut()
            .push(Box::new(move || Node::new(GuestNode::new(label.clone()))));
    }
}

#[pack::export]
fn session_id(session: Borrow<Session>) -> u32 {
    session.id()
}

#[pack::export]
fn new_session() -> Session {
    open_session()
}
