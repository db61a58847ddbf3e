//! What answers imports natively: the mocks of each thread, for [`mock`](crate::mock) and for generated code.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::any::{Any, TypeId};
use core::cell::{Cell, RefCell};

use crate::mock::Mock;

std::thread_local! {
    /// In the order in which they were set.
    static ANSWERS: RefCell<Vec<Answer>> = const { RefCell::new(Vec::new()) };
}

struct Answer {
    /// The type of the import's function, which no other function has.
    import: TypeId,
    /// A `RefCell<Box<F>>`, borrowed while it runs.
    function: Rc<dyn Any>,
    /// How often it was called. It is the mock's own, by which it is found.
    calls: Rc<Cell<usize>>,
}

/// Has a function answer an import on this thread, for as long as the mock lives.
pub fn set<I: 'static, F: ?Sized + 'static>(_: &I, function: Box<F>) -> Mock {
    let mock = Mock::new();
    let answer = Answer {
        import: TypeId::of::<I>(),
        function: Rc::new(RefCell::new(function)),
        calls: Rc::clone(&mock.calls),
    };
    ANSWERS.with_borrow_mut(|answers| answers.push(answer));
    mock
}

/// Ends what [`set`] began.
pub(crate) fn unset(calls: &Rc<Cell<usize>>) {
    let removed = ANSWERS.try_with(|answers| {
        let mut answers = answers.borrow_mut();
        let at = answers
            .iter()
            .position(|answer| Rc::ptr_eq(&answer.calls, calls))?;
        Some(answers.remove(at))
    });
    // Only now: it may own other mocks, which come here as well.
    drop(removed);
}

/// Calls the mock of an import that has no result, if there is one.
pub fn tell<I: 'static, F: ?Sized + 'static>(_: &I, call: impl FnOnce(&mut F)) {
    answer::<I, F, ()>(call);
}

/// Calls the mock of an import that has a result.
///
/// # Panics
///
/// If there is none.
#[track_caller]
pub fn ask<I: 'static, F: ?Sized + 'static, R>(
    _: &I,
    function: &str,
    setter: &str,
    call: impl FnOnce(&mut F) -> R,
) -> R {
    match answer::<I, F, R>(call) {
        Some(result) => result,
        None => unanswered(TypeId::of::<I>(), function, setter),
    }
}

/// The mock that was set last answers, of those that are not about to: a mock that calls what it answers comes to the
/// one before it.
fn answer<I: 'static, F: ?Sized + 'static, R>(call: impl FnOnce(&mut F) -> R) -> Option<R> {
    let idle = |answer: &Answer| {
        let function = Rc::clone(&answer.function).downcast::<RefCell<Box<F>>>();
        let function = function.ok()?;
        let is_idle = function.try_borrow_mut().is_ok();
        is_idle.then(|| (function, Rc::clone(&answer.calls)))
    };
    // While it runs, the table is free: it may call other imports, and set mocks itself.
    let found = ANSWERS.try_with(|answers| {
        let answers = answers.borrow();
        of_import(&answers, TypeId::of::<I>()).find_map(idle)
    });
    let (function, calls) = found.ok()??;
    calls.set(calls.get() + 1);
    let result = call(&mut function.borrow_mut());
    Some(result)
}

/// Those of an import, the last one first.
fn of_import(answers: &[Answer], import: TypeId) -> impl Iterator<Item = &Answer> {
    let answers = answers.iter().rev();
    answers.filter(move |answer| answer.import == import)
}

#[track_caller]
#[allow(clippy::panic, reason = "there is nothing to answer with")]
fn unanswered(import: TypeId, function: &str, setter: &str) -> ! {
    let is_set = |answers: &RefCell<Vec<Answer>>| {
        let answers = answers.borrow();
        of_import(&answers, import).next().is_some()
    };
    if ANSWERS.try_with(is_set).unwrap_or_default() {
        panic!(
            "the mock of {function} calls {function} itself, and there is no mock before it to answer: set another first, with `{setter}`"
        )
    }
    panic!(
        "{function} is a function of the host, and there is none outside WebAssembly: answer it with `{setter}`"
    )
}
