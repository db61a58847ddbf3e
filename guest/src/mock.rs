//! Tests of guests without a host: mocks answer what the guest imports.
//!
//! Compiled natively, a guest's exports are ordinary functions, and [`world!`](crate::world) makes a module `mocks`
//! beside the imports. It has a function for each import, at the same path, that takes a closure of the import's own
//! parameters and result:
//!
//! ```
//! pack::world!({ inline: "
//!     package demo:shop;
//!     interface prices {
//!         price: func(item: string) -> option<u32>;
//!     }
//!     world shop {
//!         import prices;
//!         import tell: func(message: string);
//!         export total: func(items: list<string>) -> u32;
//!     }
//! " });
//!
//! use demo::shop::prices::price;
//!
//! #[pack::export]
//! fn total(items: Vec<String>) -> u32 {
//!     let price = |item: &String| {
//!         price(item).unwrap_or_else(|| {
//!             tell(&format!("{item} has no price"));
//!             0
//!         })
//!     };
//!     items.iter().map(price).sum()
//! }
//!
//! # fn main() {
//! // In a test:
//! let prices = mocks::demo::shop::prices::price(|item| match item {
//!     "apple" => Some(2),
//!     "pear" => Some(3),
//!     _ => None,
//! });
//! let told = mocks::tell(|message| assert_eq!(message, "stone has no price"));
//!
//! assert_eq!(total(vec!["apple".into(), "stone".into(), "pear".into()]), 5);
//! assert_eq!((prices.calls(), told.calls()), (3, 1));
//! # }
//! ```
//!
//! An import without a mock does nothing if it has no result. If it has one, it panics, and says what to call.
//!
//! # How long, and where
//!
//! A mock answers until its [`Mock`] is dropped; then what was there before answers again. Of several, the one that was
//! set last answers. A mock that calls the import that it answers comes to the one before it.
//!
//! It answers on the thread that set it, and on no other: each test has a thread of its own, so that tests that run at
//! the same time do not see each other's mocks. A test that calls the guest on further threads sets mocks there.
//!
//! # Resources
//!
//! What a resource of the host can do is mocked in a module of its name: its constructor is `new`, and methods are
//! passed the resource. All that a guest has of it is a number, of which [`resource`] makes one, and by which a mock
//! keeps what it needs to know:
//!
//! ```
//! pack::world!({ inline: "
//!     package demo:counting;
//!     interface counters {
//!         resource counter {
//!             constructor(start: u32);
//!             add: func(by: u32) -> u32;
//!         }
//!     }
//!     world counting {
//!         import counters;
//!         export count: func(words: list<string>) -> u32;
//!     }
//! " });
//!
//! use demo::counting::counters::Counter;
//!
//! #[pack::export]
//! fn count(words: Vec<String>) -> u32 {
//!     let counter = Counter::new(100);
//!     words.iter().map(|_| counter.add(1)).last().unwrap_or_default()
//! }
//!
//! # fn main() {
//! use std::cell::RefCell;
//! use std::rc::Rc;
//!
//! // What each counter has come to, by number.
//! let sums = Rc::new(RefCell::new(Vec::new()));
//! let all = Rc::clone(&sums);
//! let _new = mocks::demo::counting::counters::counter::new(move |start| {
//!     all.borrow_mut().push(start);
//!     pack::mock::resource(all.borrow().len() as u32 - 1)
//! });
//! let _add = mocks::demo::counting::counters::counter::add(move |counter, by| {
//!     let sum = &mut sums.borrow_mut()[pack::mock::number(counter) as usize];
//!     *sum += by;
//!     *sum
//! });
//!
//! assert_eq!(count(vec!["one".into(), "two".into()]), 102);
//! # }
//! ```
//!
//! # The log
//!
//! What the guest tells the log of its host arrives at [`log()`].

use alloc::boxed::Box;
use alloc::rc::Rc;
use core::cell::Cell;

use pack_abi::Resource;
use pack_abi::resource::Own;
use pack_abi::wire::Limits;

use crate::answers;
use crate::resource::ImportedHandle;

pub use pack_abi::log::{Field, Record, Span};

/// Has a mock answer for as long as it lives.
#[derive(Debug)]
#[must_use = "the mock answers only until this is dropped: keep it, `let _mock = …`"]
pub struct Mock {
    pub(crate) calls: Rc<Cell<usize>>,
}

impl Mock {
    pub(crate) fn new() -> Self {
        Self {
            calls: Rc::default(),
        }
    }

    /// How often it was called. A call that panicked counts as well.
    pub fn calls(&self) -> usize {
        self.calls.get()
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        answers::unset(&self.calls);
    }
}

/// Hears what the guest tells the log of its host with [`log::write`](crate::log::write). What it says with the crates `log`
/// and `tracing` is heard too, if the test has set up the `Logger` or the `Subscriber` of [`log`](crate::log): natively `init`
/// does not.
///
/// ```
/// use pack::log::{Level, write};
///
/// let heard = pack::mock::log(|record| {
///     assert_eq!((record.level, &*record.message), (Level::Warn, "a price is missing"));
///     assert_eq!(record.fields, [("item".into(), "pear".into())]);
/// });
/// write(Level::Warn, "shop::cart", "a price is missing", &[("item", "pear".into())]);
/// assert_eq!(heard.calls(), 1);
/// ```
pub fn log(hear: impl FnMut(&Record<'_>) + 'static) -> Mock {
    answers::set::<_, dyn FnMut(&Record<'_>)>(&crate::log::write, Box::new(hear))
}

/// The guest logs: a message as the host would be sent it.
pub(crate) fn logged(message: &[u8]) {
    answers::tell::<_, dyn FnMut(&Record<'_>)>(&crate::log::write, |hear| {
        if let Ok(record) = Record::read(message, Limits::DEFAULT) {
            hear(&record);
        }
    });
}

/// A resource that the host provides, as [`world!`](crate::world) makes it of the WIT.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a resource of the host",
    label = "not a resource of the host",
    note = "mocks make resources that the package imports: for its own there is `new`"
)]
pub trait HostResource: Sized {
    #[doc(hidden)]
    fn of_number(number: u32) -> Self;
    #[doc(hidden)]
    fn to_number(&self) -> u32;
}

impl<R: Resource<Raw = ImportedHandle>> HostResource for R {
    fn of_number(number: u32) -> Self {
        Self::from_handle(Own::new(ImportedHandle::new(number, true)))
    }

    fn to_number(&self) -> u32 {
        self.handle().raw().number()
    }
}

/// A resource of the host with this number, for a mock to return or a test to pass. What the number means is for mocks
/// to say.
pub fn resource<R: HostResource>(number: u32) -> R {
    R::of_number(number)
}

/// The number of a resource of the host. That of a [`Borrow`](crate::Borrow) has the type of the resource said:
/// `number::<Counter>(&borrowed)`.
pub fn number<R: HostResource>(resource: &R) -> u32 {
    resource.to_number()
}
