//! The two ways to enter a guest. What is written once for both is generic over them; the calls themselves, where every
//! nanosecond counts, are written twice.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use wasmtime::{Func, Instance, InstancePre, Store, TypedFunc, Val, WasmParams, WasmResults};

use crate::instance::State;

/// A way to enter a guest.
pub(crate) trait Mode<T: 'static> {
    /// Makes an instance, and runs its start function.
    fn instantiate(
        pre: &InstancePre<State<T>>,
        store: &mut Store<State<T>>,
    ) -> impl Future<Output = wasmtime::Result<Instance>>;

    /// Calls a function.
    fn call<P: WasmParams + Sync, R: WasmResults + Sync>(
        function: &TypedFunc<P, R>,
        store: &mut Store<State<T>>,
        params: P,
    ) -> impl Future<Output = wasmtime::Result<R>>;

    /// Calls a function whose types are not known at compile time.
    fn call_untyped(
        function: Func,
        store: &mut Store<State<T>>,
        params: &[Val],
        results: &mut [Val],
    ) -> impl Future<Output = wasmtime::Result<()>>;
}

/// On the caller's stack. The futures are ready when they are first asked.
#[derive(Debug)]
pub(crate) enum Blocking {}

impl<T: 'static> Mode<T> for Blocking {
    async fn instantiate(
        pre: &InstancePre<State<T>>,
        store: &mut Store<State<T>>,
    ) -> wasmtime::Result<Instance> {
        pre.instantiate(store)
    }

    async fn call<P: WasmParams + Sync, R: WasmResults + Sync>(
        function: &TypedFunc<P, R>,
        store: &mut Store<State<T>>,
        params: P,
    ) -> wasmtime::Result<R> {
        function.call(store, params)
    }

    async fn call_untyped(
        function: Func,
        store: &mut Store<State<T>>,
        params: &[Val],
        results: &mut [Val],
    ) -> wasmtime::Result<()> {
        function.call(store, params, results)
    }
}

/// On a stack of its own, so that host functions can wait.
#[derive(Debug)]
pub(crate) enum Waiting {}

impl<T: Send + 'static> Mode<T> for Waiting {
    async fn instantiate(
        pre: &InstancePre<State<T>>,
        store: &mut Store<State<T>>,
    ) -> wasmtime::Result<Instance> {
        pre.instantiate_async(store).await
    }

    async fn call<P: WasmParams + Sync, R: WasmResults + Sync>(
        function: &TypedFunc<P, R>,
        store: &mut Store<State<T>>,
        params: P,
    ) -> wasmtime::Result<R> {
        function.call_async(store, params).await
    }

    async fn call_untyped(
        function: Func,
        store: &mut Store<State<T>>,
        params: &[Val],
        results: &mut [Val],
    ) -> wasmtime::Result<()> {
        function.call_async(store, params, results).await
    }
}

/// What comes of a future of [`Blocking`] alone.
pub(crate) fn now<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
