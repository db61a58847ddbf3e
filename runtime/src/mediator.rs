//! What stands between a package and whom it calls or is called by: interceptors, and in a composition the way to
//! another package.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use pack_abi::__private::from_i64;
use pack_abi::Limits;
use pack_abi::convention::{Return, pack_pointer};
use wasmtime::{AsContextMut as _, Caller};

use crate::callee::Callee;
use crate::core_func::CoreFunc;
use crate::core_value::Slots;
use crate::error::{Error, HostProblem};
use crate::failure::{
    Described, HostFailure, call_site, describe, import_error, unknown, unreadable,
};
use crate::function::CalledFunction;
use crate::guest::Guest;
use crate::host_call::{HostCall, panic_message};
use crate::interceptor::{Action, Call, Direction, Interceptor, Outcome};
use crate::mode::Mode;
use crate::package::Package;
use crate::payload::{Payload, ResultProblem, split_count};
use crate::state::State;

/// The interceptors of a package, outermost first.
pub(crate) type Interceptors<T> = Arc<[Arc<dyn Interceptor<T>>]>;

/// Stands in the place of one function.
pub(crate) struct Mediator<T: 'static> {
    /// Seen from the package.
    pub(crate) function: CalledFunction,
    pub(crate) package: Package,
    /// The package's name.
    pub(crate) part: Arc<str>,
    pub(crate) target: Target,
    pub(crate) interceptors: Interceptors<T>,
}

/// Where a call goes.
pub(crate) enum Target {
    /// From the package to the host.
    Host(CoreFunc),
    /// From the package to another one.
    Part(Callee),
    /// To the package itself.
    Export(CoreFunc, Arc<Guest>),
}

impl<T: 'static> Mediator<T> {
    fn direction(&self) -> Direction {
        match self.target {
            Target::Host(_) | Target::Part(_) => Direction::Import,
            Target::Export(..) => Direction::Export,
        }
    }

    pub(crate) async fn call<M: Mode<T>>(
        &self,
        mut caller: Caller<'_, State<T>>,
        slots: &Slots,
    ) -> wasmtime::Result<Option<u64>> {
        if caller.data().guest.memory.is_none() {
            // While the module's start function runs.
            let memory = caller.get_export("memory");
            caller.data_mut().guest.memory = memory.and_then(wasmtime::Extern::into_memory);
        }
        if self.interceptors.is_empty() {
            return self.forward::<M>(&mut caller, slots).await;
        }
        self.intercepted::<M>(&mut caller, slots).await
    }

    async fn forward<M: Mode<T>>(
        &self,
        caller: &mut Caller<'_, State<T>>,
        slots: &Slots,
    ) -> wasmtime::Result<Option<u64>> {
        match &self.target {
            Target::Host(function) => M::call_core(function, caller.as_context_mut(), slots).await,
            Target::Export(function, _) => {
                let state = caller.data_mut();
                state.calls.has_entered = true;
                state.guest.handles.message_sent();
                M::call_core(function, caller.as_context_mut(), slots).await
            }
            Target::Part(callee) => callee.call::<M, T>(caller, &self.function, slots).await,
        }
    }

    async fn intercepted<M: Mode<T>>(
        &self,
        caller: &mut Caller<'_, State<T>>,
        slots: &Slots,
    ) -> wasmtime::Result<Option<u64>> {
        let payload = HostCall::new(caller).and_then(|call| {
            let limits = match self.direction() {
                Direction::Import => call.limits(),
                // They are the host's, and have been counted when they were put there.
                Direction::Export => Limits {
                    bytes: usize::MAX,
                    ..call.limits()
                },
            };
            call.payload(&self.function, slots, limits)
        });
        let payload = payload.map_err(|problem| self.stopped(problem).into_engine())?;
        let state = caller.data_mut();
        state.calls.count += 1;
        let call = Call {
            id: state.calls.count,
            parent: state.calls.open.last().copied(),
            direction: self.direction(),
            instance: state.calls.instance,
            part: &self.part,
            package: &self.package,
            function: &self.function,
            payload: &payload,
            limits: state.guest.limits,
        };
        state.calls.open.push(call.id);
        let mut passed = Passed::new(&self.interceptors, call);
        let mut result = None;
        let ended = match self.before(&mut state.host, &mut passed) {
            Ok(Some(answer)) => {
                self.withhold(state);
                Ended::Answered(answer)
            }
            Ok(None) => match self.forward::<M>(caller, slots).await {
                Ok(slot) => {
                    result = slot;
                    self.made(caller, slots, slot)
                }
                Err(error) => Ended::Failed(self.failed(caller, error)),
            },
            Err(failure) => {
                self.withhold(state);
                Ended::Failed(failure)
            }
        };
        let state = caller.data_mut();
        let told = passed.end(&mut state.host, ended.result());
        let _ = state.calls.open.pop();
        match (ended, told) {
            // Whatever else goes wrong, this is what the call has come to.
            (Ended::Failed(failure), _) => Err(failure.into_engine()),
            (_, Err(problem)) => Err(self.stopped(problem).into_engine()),
            (Ended::Made(_) | Ended::Unreadable(_), Ok(())) => Ok(result),
            (Ended::Answered(answer), Ok(())) => self.answer::<M>(caller, slots, answer).await,
        }
    }

    /// The guest does not get what it is called with: the resources in it are dropped, for the caller has parted with them.
    fn withhold(&self, state: &mut State<T>) {
        if self.direction() == Direction::Export {
            state.guest.handles.message_abandoned();
        }
    }

    /// Asks the interceptors, until one answers.
    fn before(&self, host: &mut T, passed: &mut Passed<'_, T>) -> Result<Option<Payload>, Failure> {
        let call = passed.call;
        for interceptor in &*self.interceptors {
            let action = caught(|| interceptor.before(host, &call));
            let action = action
                .and_then(|action| action.map_err(HostProblem::Interceptor))
                .map_err(|problem| self.stopped(problem))?;
            match action {
                Action::Continue => passed.count += 1,
                Action::AnswerPayload(payload) => return Ok(Some(payload)),
                Action::Answer(value) => {
                    let answer = Payload::of_result(&self.function, value.as_ref(), call.limits);
                    let problem = |problem| match problem {
                        ResultProblem::Value(error) => HostProblem::Result(error),
                        problem => HostProblem::Interceptor(problem.into()),
                    };
                    let answer = answer.map_err(problem);
                    return answer.map(Some).map_err(|problem| self.stopped(problem));
                }
            }
        }
        Ok(None)
    }

    /// What stands in the way of a call.
    fn stopped(&self, problem: HostProblem) -> Failure {
        let problem = Arc::new(problem);
        let call = call_site(&self.package, self.function.full_name());
        match self.direction() {
            Direction::Export => {
                let error = Error::Interceptor { call, problem };
                Failure::Own(self.package.runtime().observed(error))
            }
            Direction::Import => {
                let failure = HostFailure {
                    interface: Arc::clone(&self.function.interface),
                    function: Arc::clone(&self.function.name),
                    problem,
                };
                self.import_failure(failure.into())
            }
        }
    }

    /// What it means that the call itself failed.
    fn failed(&self, caller: &mut Caller<'_, State<T>>, error: wasmtime::Error) -> Failure {
        match self.direction() {
            Direction::Import => self.import_failure(error),
            Direction::Export => Failure::Own(describe(
                &mut caller.data_mut().guest,
                &self.package,
                self.function.full_name(),
                error,
            )),
        }
    }

    fn import_failure(&self, error: wasmtime::Error) -> Failure {
        let call = call_site(&self.package, self.function.full_name());
        let shown = import_error(&call, &error).unwrap_or_else(|| unknown(call, &error));
        Failure::Other { shown, error }
    }

    /// The result of a call that was made.
    fn made(&self, caller: &mut Caller<'_, State<T>>, slots: &Slots, slot: Option<u64>) -> Ended {
        let payload = match (&self.target, self.function.signature.result) {
            (Target::Export(_, guest), _) => {
                let memory = guest.memory.data(&*caller);
                let name = self.function.full_name();
                Payload::read_result(&self.function, slot, memory)
                    .map_err(|error| unreadable(&self.package, name, error))
            }
            (_, Return::Encoded) => {
                let bytes = HostCall::new(caller)
                    .and_then(|call| call.answered(&self.function, slots, slot));
                let payload = bytes.map(|bytes| Payload {
                    slots: Vec::new(),
                    bytes,
                });
                payload.map_err(|problem| self.stopped(problem).into_shown())
            }
            _ => Ok(Payload {
                slots: slot.into_iter().collect(),
                bytes: Vec::new(),
            }),
        };
        match payload {
            Ok(payload) => Ended::Made(payload),
            Err(error) => Ended::Unreadable(error),
        }
    }

    /// Gives an interceptor's answer to who called.
    async fn answer<M: Mode<T>>(
        &self,
        caller: &mut Caller<'_, State<T>>,
        slots: &Slots,
        answer: Payload,
    ) -> wasmtime::Result<Option<u64>> {
        let Target::Export(_, guest) = &self.target else {
            let given = HostCall::new(caller)
                .and_then(|mut call| call.answer_payload(&self.function, slots, answer));
            return given.map_err(|problem| self.stopped(problem).into_engine());
        };
        Ok(match self.function.signature.result {
            Return::Nothing => None,
            Return::Flat(_) => {
                let slot = answer.core_value();
                Some(slot.map_err(|problem| self.stopped(problem).into_engine())?)
            }
            Return::Contents(_) | Return::Encoded => {
                let name = self.function.full_name();
                let mut store = caller.as_context_mut();
                let (count, bytes) = match self.function.signature.result {
                    Return::Contents(width) => {
                        let (count, contents) = split_count(&answer.bytes);
                        let length = count.checked_mul(width).map(usize::try_from);
                        // Who reads it has the count alone, and reads so many.
                        if length != Some(Ok(contents.len())) {
                            let bytes = contents.len();
                            let problem = format!(
                                "its answer has {bytes} bytes of contents, and says that they are {count} elements"
                            );
                            let problem = HostProblem::Failed(problem.into());
                            return Err(self.stopped(problem).into_engine());
                        }
                        (Some(count), contents)
                    }
                    _ => (None, &*answer.bytes),
                };
                let placed = guest.place::<M, T>(&mut store, name, bytes).await;
                let (pointer, length) =
                    placed.map_err(|error| wasmtime::Error::new(Described(error)))?;
                let place = pack_pointer(pointer, count.unwrap_or(length));
                Some(from_i64(place.cast_signed()))
            }
        })
    }
}

/// The interceptors that let a call pass, which learn how it ends.
struct Passed<'a, T> {
    interceptors: &'a [Arc<dyn Interceptor<T>>],
    call: Call<'a>,
    /// How many of them, in the order in which they are asked.
    count: usize,
}

impl<'a, T> Passed<'a, T> {
    fn new(interceptors: &'a [Arc<dyn Interceptor<T>>], call: Call<'a>) -> Self {
        Self {
            interceptors,
            call,
            count: 0,
        }
    }

    /// Those that have not been told yet, the last that was asked first.
    fn next(&mut self) -> Option<&'a dyn Interceptor<T>> {
        self.count = self.count.checked_sub(1)?;
        let interceptor = self.interceptors.get(self.count)?;
        Some(&**interceptor)
    }

    fn end(mut self, host: &mut T, result: Result<&Payload, &Error>) -> Result<(), HostProblem> {
        let call = self.call;
        let outcome = Outcome {
            function: call.function,
            result,
            limits: call.limits,
        };
        let mut told = Ok(());
        while let Some(interceptor) = self.next() {
            told = told.and(caught(|| interceptor.after(host, &call, &outcome)));
        }
        told
    }
}

impl<T> Drop for Passed<'_, T> {
    fn drop(&mut self) {
        let call = self.call;
        while let Some(interceptor) = self.next() {
            // There is nobody left to tell of a panic.
            let _ = caught(|| interceptor.abandoned(&call));
        }
    }
}

/// What a panic leaves half done is the host's own.
fn caught<R>(body: impl FnOnce() -> R) -> Result<R, HostProblem> {
    let outcome = catch_unwind(AssertUnwindSafe(body));
    outcome.map_err(|panic: Box<dyn Any + Send>| HostProblem::Panic(panic_message(&*panic)))
}

/// How a call ended.
enum Ended {
    Made(Payload),
    /// Who called will find that the result is none.
    Unreadable(Error),
    Answered(Payload),
    Failed(Failure),
}

impl Ended {
    fn result(&self) -> Result<&Payload, &Error> {
        match self {
            Self::Made(payload) | Self::Answered(payload) => Ok(payload),
            Self::Unreadable(error) => Err(error),
            Self::Failed(Failure::Own(error) | Failure::Other { shown: error, .. }) => Err(error),
        }
    }
}

/// Why a call failed.
enum Failure {
    /// The package did.
    Own(Error),
    /// What the package called did. It goes on through the engine.
    Other {
        shown: Error,
        error: wasmtime::Error,
    },
}

impl Failure {
    fn into_engine(self) -> wasmtime::Error {
        match self {
            Self::Own(error) => wasmtime::Error::new(Described(error)),
            Self::Other { error, .. } => error,
        }
    }

    fn into_shown(self) -> Error {
        match self {
            Self::Own(error) | Self::Other { shown: error, .. } => error,
        }
    }
}
