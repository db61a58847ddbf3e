//! Mocks of what guests import, as tests of guests use them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "in a test, also outside of its function, a panic is a failure, and numbers are small"
)]

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::thread;

pack::world!({ inline: "
    package demo:mocked@1.0.0;
    interface api {
        variant tree { leaf(string), pair(tuple<tree, tree>) }
        record point { x: u32, y: u32 }
        now: func() -> u64;
        note: func(note: string);
        borrows: func(text: string, bytes: list<u8>, tree: tree, at: point, maybe: option<string>, both: tuple<string, tree>, or: result<tree, list<tree>>) -> list<tree>;
        fails: func(%type: u32) -> result<_, string>;
    }
    interface counters {
        resource counter {
            constructor(start: u32);
            open: static func(name: string) -> result<counter, string>;
            add: func(by: u32) -> u32;
            is-same: func(other: borrow<counter>) -> bool;
        }
        record named { name: string, counter: borrow<counter> }
        merge: func(one: counter, other: counter) -> counter;
        total: func(all: list<named>) -> u32;
    }
    world mocked {
        import api;
        import counters;
        import now: func() -> u32;
        import self: func(answer: u32, mock: string) -> u32;
        resource session { id: func() -> u32; }
        import open-session: func() -> session;
        import local: interface { twice: func(n: u32) -> u32; }
    }
" });

use demo::mocked::api::{self, Point, Tree};
use demo::mocked::counters::{self, Counter, Named};
use mocks::demo::mocked::api as mock;

/// The message of a panic.
fn panic_of<R>(work: impl FnOnce() -> R) -> String {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(_) => panic!("there was no panic"),
        Err(panic) => match panic.downcast::<String>() {
            Ok(message) => *message,
            Err(panic) => (*panic.downcast::<&str>().unwrap()).to_owned(),
        },
    }
}

#[test]
fn a_mock_answers_until_it_is_dropped() {
    let now = mock::now(|| 42);
    assert_eq!((api::now(), api::now()), (42, 42));
    assert_eq!(now.calls(), 2);
    drop(now);
    panic_of(api::now);
}

#[test]
fn of_imports_with_the_same_name_each_has_its_own() {
    let _now = mock::now(|| 42);
    panic_of(now);
    let _other = mocks::now(|| 7);
    assert_eq!((api::now(), now()), (42, 7));
}

#[test]
fn what_has_no_result_needs_no_mock_and_can_have_one() {
    api::note("nobody hears");
    let notes = Rc::new(RefCell::new(Vec::new()));
    let heard = Rc::clone(&notes);
    let mock = mock::note(move |note| heard.borrow_mut().push(note.to_owned()));
    api::note("one");
    api::note("two");
    assert_eq!(mock.calls(), 2);
    drop(mock);
    api::note("nobody hears");
    assert_eq!(*notes.borrow(), ["one", "two"]);
}

#[test]
fn arguments_are_passed_as_they_are() {
    let leaf = |text: &str| Tree::Leaf(text.to_owned());
    let _mock = mock::borrows(|text, bytes, tree, at, maybe, both, or| {
        assert_eq!(
            (text, bytes, at),
            ("text", &[1, 2][..], Point { x: 3, y: 4 })
        );
        assert_eq!(or, Err(&[][..]));
        let (name, other) = both;
        vec![
            tree.clone(),
            other.clone(),
            Tree::Leaf(format!("{name}{maybe:?}")),
        ]
    });
    let answer = api::borrows(
        "text",
        &[1, 2],
        &leaf("a"),
        Point { x: 3, y: 4 },
        Some("maybe"),
        ("name", &leaf("b")),
        Err(&[]),
    );
    assert_eq!(answer, [leaf("a"), leaf("b"), leaf("nameSome(\"maybe\")")]);
}

#[test]
fn a_mock_may_remember_and_fail() {
    let mut left = 2;
    let _mock = mock::fails(move |kind| {
        left -= 1;
        match left {
            0 => Err(format!("no more of {kind}")),
            _ => Ok(()),
        }
    });
    assert_eq!(api::fails(5), Ok(()));
    assert_eq!(api::fails(5), Err("no more of 5".to_owned()));
}

#[test]
fn what_was_there_before_comes_back() {
    let _outer = mock::now(|| 1);
    {
        let _inner = mock::now(|| 2);
        assert_eq!(api::now(), 2);
    }
    assert_eq!(api::now(), 1);
}

#[test]
fn mocks_are_dropped_in_any_order() {
    let first = mock::now(|| 1);
    let second = mock::now(|| 2);
    let third = mock::now(|| 3);
    drop(second);
    assert_eq!(api::now(), 3);
    drop(third);
    assert_eq!(api::now(), 1);
    drop(first);
    panic_of(api::now);
}

#[test]
fn a_mock_may_own_others() {
    let inner = mocks::now(|| 7);
    let outer = mock::now(move || inner.calls() as u64);
    now();
    assert_eq!(api::now(), 1);
    drop(outer);
    panic_of(now);
}

#[test]
fn each_thread_has_its_own() {
    let here = mock::now(|| 1);
    let there = thread::spawn(|| {
        let message = panic_of(api::now);
        let _there = mock::now(|| 2);
        (message, api::now())
    });
    let (message, answer) = there.join().unwrap();
    assert!(message.contains("is a function of the host"), "{message}");
    assert_eq!((api::now(), answer, here.calls()), (1, 2, 1));
}

#[test]
fn who_calls_an_import_without_a_mock_is_told_what_to_do() {
    let messages = [
        (
            panic_of(api::now),
            "demo:mocked/api@1.0.0#now",
            "mocks::demo::mocked::api::now(|| …)",
        ),
        (
            panic_of(|| api::fails(1)),
            "demo:mocked/api@1.0.0#fails",
            "mocks::demo::mocked::api::fails(|r#type| …)",
        ),
        (panic_of(now), "now", "mocks::now(|| …)"),
        (
            panic_of(|| self_(1, "")),
            "self",
            "mocks::self_(|answer, mock| …)",
        ),
        (
            panic_of(|| local::twice(1)),
            "local#twice",
            "mocks::local::twice(|n| …)",
        ),
        (
            panic_of(|| Counter::new(1)),
            "demo:mocked/counters@1.0.0#[constructor]counter",
            "mocks::demo::mocked::counters::counter::new(|start| …)",
        ),
        (
            panic_of(|| pack::mock::resource::<Counter>(1).add(2)),
            "demo:mocked/counters@1.0.0#[method]counter.add",
            "mocks::demo::mocked::counters::counter::add(|self_, by| …)",
        ),
    ];
    for (message, function, setter) in messages {
        let expected = format!(
            "{function} is a function of the host, and there is none outside WebAssembly: answer it with `{setter}`"
        );
        assert_eq!(message, expected);
    }
}

#[test]
fn the_panic_is_where_the_import_is_called() {
    thread_local! {
        static LINE: Cell<u32> = const { Cell::new(0) };
    }
    let before = panic::take_hook();
    // Other tests panic meanwhile.
    panic::set_hook(Box::new(move |info| {
        LINE.set(info.location().unwrap().line());
        before(info);
    }));
    let (expected, _) = (line!(), panic_of(|| api::now()));
    assert_eq!(LINE.get(), expected);
    let counter = pack::mock::resource::<Counter>(1);
    let (expected, _) = (line!(), panic_of(|| counter.add(1)));
    assert_eq!(LINE.get(), expected);
}

#[test]
fn a_mock_that_calls_what_it_answers_comes_to_the_one_before() {
    let first = mock::now(|| 1);
    let second = mock::now(|| api::now() + 10);
    let third = mock::now(|| api::now() + api::now());
    assert_eq!(api::now(), 22);
    assert_eq!((first.calls(), second.calls(), third.calls()), (2, 2, 1));
    drop(first);
    let message = panic_of(api::now);
    assert_eq!(
        message,
        "the mock of demo:mocked/api@1.0.0#now calls demo:mocked/api@1.0.0#now itself, and there is no mock before it to \
         answer: set another first, with `mocks::demo::mocked::api::now(|| …)`"
    );
    // Without a result, nothing comes of it.
    let note = mock::note(|note| api::note(note));
    api::note("again");
    assert_eq!(note.calls(), 1);
}

#[test]
fn a_mock_may_set_and_drop_mocks_of_what_it_answers() {
    let own = Rc::new(RefCell::new(None));
    let kept = Rc::clone(&own);
    *own.borrow_mut() = Some(mock::now(move || {
        let _other = mock::now(|| 5);
        drop(kept.borrow_mut().take());
        api::now()
    }));
    assert_eq!(api::now(), 5);
    panic_of(api::now);
}

#[test]
fn a_panic_in_a_mock_passes_through() {
    let mut calls = 0;
    let mock = mock::now(move || {
        calls += 1;
        assert_ne!(calls, 1, "the first time");
        calls
    });
    assert!(panic_of(api::now).contains("the first time"));
    assert_eq!(api::now(), 2);
    assert_eq!(mock.calls(), 2);
    let _other = mock::now(|| 3);
    assert_eq!(api::now(), 3);
}

#[test]
fn resources_are_numbers_that_mocks_know() {
    use mocks::demo::mocked::counters as mock;
    use pack::mock::{number, resource};

    let sums = Rc::new(RefCell::new(vec![0, 0]));
    let (of_new, of_add) = (Rc::clone(&sums), sums);
    let _new = mock::counter::new(move |start| {
        of_new.borrow_mut().push(start);
        resource(of_new.borrow().len() as u32 - 1)
    });
    let _open = mock::counter::open(|name| match name {
        "" => Err("no name".to_owned()),
        _ => Ok(resource(0)),
    });
    let _add = mock::counter::add(move |this, by| {
        let sum = &mut of_add.borrow_mut()[number(this) as usize];
        *sum += by;
        *sum
    });
    let _same =
        mock::counter::is_same(|this: &Counter, other: &Counter| number(this) == number(other));
    let _merge = mock::merge(|one, other| resource(number(&one) + number(&other)));
    let _total = mock::total(|all| {
        all.iter()
            .map(|named| number::<Counter>(&named.counter))
            .sum()
    });

    let (two, three) = (Counter::new(10), Counter::new(20));
    assert_eq!((two.add(1), three.add(2), two.add(1)), (11, 22, 12));
    assert!(two.is_same(&two) && !two.is_same(&three));
    assert_eq!(Counter::open("").unwrap_err(), "no name");
    let zero = Counter::open("zero").unwrap();
    assert_eq!((zero.add(5), number(&zero)), (5, 0));
    let all = [&two, &three].map(|counter| Named {
        name: String::new(),
        counter: counter.into(),
    });
    assert_eq!(counters::total(&all), 5);
    assert_eq!(number(&counters::merge(two, three)), 5);
}

#[test]
fn what_the_world_itself_imports_has_mocks_too() {
    let _open = mocks::open_session(|| pack::mock::resource(3));
    let _id = mocks::session::id(|session| pack::mock::number(session) * 2);
    assert_eq!(open_session().id(), 6);
    let _twice = mocks::local::twice(|n| 2 * n);
    assert_eq!(local::twice(4), 8);
    let _self = mocks::self_(|answer, mock| answer + mock.len() as u32);
    assert_eq!(self_(1, "four"), 5);
}

mod owned {
    pack::world!({
        inline: "
            package demo:owned;
            interface api {
                record leaf { name: string }
                all: func(text: string, bytes: list<u8>, leaf: leaf) -> leaf;
            }
            world w { import api; }
        ",
        ownership: "owned",
    });

    #[test]
    fn mocks_take_by_value_what_imports_do() {
        use demo::owned::api::{Leaf, all};

        let _mock = mocks::demo::owned::api::all(|text: String, bytes: Vec<u8>, leaf: Leaf| Leaf {
            name: text + &leaf.name + &format!("{bytes:?}"),
        });
        let leaf = Leaf {
            name: "b".to_owned(),
        };
        assert_eq!(all("a".to_owned(), vec![1], leaf).name, "ab[1]");
    }
}

/// Types and resources of another world: there are the mocks of its methods.
mod elsewhere {
    use pack::{GraphValue, PackType};

    /// One that the user has.
    #[derive(Debug, Clone, GraphValue, PackType)]
    struct Point {
        x: u32,
    }

    mod first {
        pack::world!({ inline: "
            package demo:io;
            interface files { resource file { constructor(); read: func() -> u8; } }
            world first { import files; }
        " });
    }

    pack::world!({
        inline: "
            package demo:io;
            interface files { resource file { constructor(); read: func() -> u8; } }
            interface draw {
                record point { x: u32 }
                use files.{file};
                print: func(at: point, to: borrow<file>) -> file;
            }
            world second { import draw; import files; import move: func(point: draw-point) -> draw-point; use draw.{point as draw-point}; }
        ",
        with: { "demo:io/files": self::first::demo::io::files, "point": self::Point },
    });

    #[test]
    fn mocks_have_the_types_from_elsewhere() {
        use self::first::demo::io::files::File;
        use self::first::mocks::demo::io::files::file;
        use pack::mock::{number, resource};

        let _new = file::new(|| resource(1));
        let _read = file::read(|file| number(file) as u8);
        let _print =
            mocks::demo::io::draw::print(|at: &Point, to: &File| resource(number(to) + at.x));
        let _move = mocks::r#move(|point| Point { x: point.x + 1 });
        let at = r#move(&Point { x: 6 });
        assert_eq!(demo::io::draw::print(&at, &File::new()).read(), 8);
    }
}

/// Two worlds that import the same have mocks of their own.
mod twins {
    mod one {
        pack::world!({ inline: "package demo:twin; world w { import f: func() -> u8; }" });
    }
    mod other {
        pack::world!({ inline: "package demo:twin; world w { import f: func() -> u8; }" });
    }

    #[test]
    fn each_world_has_mocks_of_its_own() {
        let _one = one::mocks::f(|| 1);
        let _other = other::mocks::f(|| 2);
        assert_eq!((one::f(), other::f()), (1, 2));
    }
}
