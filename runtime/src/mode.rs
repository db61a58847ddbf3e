//! The two ways to enter a guest. What is written once for both is generic over them; the calls themselves, where every
//! nanosecond counts, are written twice.

#[cfg(feature = "async")]
use std::future::poll_fn;
use std::pin::pin;
#[cfg(feature = "async")]
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use wasmtime::{
    Extern, Func, Instance, InstancePre, Module, StoreContextMut, TypedFunc, Val, WasmParams,
    WasmResults,
};

use crate::core_func::{CoreFunc, CoreTypes, provide};
#[cfg(feature = "async")]
use crate::core_value::{put_result, slots};
#[cfg(feature = "async")]
use crate::failure::OutOfTime;
use crate::instance::Way;
use crate::mediator::Mediator;
use crate::state::State;
#[cfg(feature = "async")]
use crate::ticker::{Clock, Deadline};

/// A way to enter a guest.
pub(crate) trait Mode<T: 'static> {
    /// Which it is. Guest code that is called in the waiting way can be left for a while, so that others can run.
    const WAY: Way;

    /// Makes an instance, and runs its start function.
    fn instantiate(
        pre: &InstancePre<State<T>>,
        store: StoreContextMut<'_, State<T>>,
    ) -> impl Future<Output = wasmtime::Result<Instance>>;

    /// Makes an instance of a module with these imports, and runs its start function.
    fn instantiate_with(
        module: &Module,
        imports: &[Extern],
        store: StoreContextMut<'_, State<T>>,
    ) -> impl Future<Output = wasmtime::Result<Instance>>;

    /// Calls a function.
    fn call<P: WasmParams + Sync, R: WasmResults + Sync>(
        function: &TypedFunc<P, R>,
        store: StoreContextMut<'_, State<T>>,
        params: P,
    ) -> impl Future<Output = wasmtime::Result<R>>;

    /// Calls a function whose types are not known at compile time.
    fn call_untyped(
        function: Func,
        store: StoreContextMut<'_, State<T>>,
        params: &[Val],
        results: &mut [Val],
    ) -> impl Future<Output = wasmtime::Result<()>>;

    /// Calls a function with core values in slots.
    fn call_core(
        function: &CoreFunc,
        store: StoreContextMut<'_, State<T>>,
        slots: &[u64],
    ) -> impl Future<Output = wasmtime::Result<Option<u64>>>;

    /// The function that calls through the mediator.
    fn mediate(mediator: Mediator<T>, store: StoreContextMut<'_, State<T>>) -> Func;
}

/// On the caller's stack. The futures are ready when they are first asked.
#[derive(Debug)]
pub(crate) enum Blocking {}

impl<T: 'static> Mode<T> for Blocking {
    const WAY: Way = Way::Blocking;

    async fn instantiate(
        pre: &InstancePre<State<T>>,
        store: StoreContextMut<'_, State<T>>,
    ) -> wasmtime::Result<Instance> {
        pre.instantiate(store)
    }

    async fn instantiate_with(
        module: &Module,
        imports: &[Extern],
        store: StoreContextMut<'_, State<T>>,
    ) -> wasmtime::Result<Instance> {
        Instance::new(store, module, imports)
    }

    fn mediate(mediator: Mediator<T>, store: StoreContextMut<'_, State<T>>) -> Func {
        let types = CoreTypes::of(&mediator.function);
        provide(store, types, move |caller, slots| {
            now(mediator.call::<Self>(caller, slots))
        })
    }

    async fn call<P: WasmParams + Sync, R: WasmResults + Sync>(
        function: &TypedFunc<P, R>,
        store: StoreContextMut<'_, State<T>>,
        params: P,
    ) -> wasmtime::Result<R> {
        function.call(store, params)
    }

    async fn call_untyped(
        function: Func,
        store: StoreContextMut<'_, State<T>>,
        params: &[Val],
        results: &mut [Val],
    ) -> wasmtime::Result<()> {
        function.call(store, params, results)
    }

    async fn call_core(
        function: &CoreFunc,
        store: StoreContextMut<'_, State<T>>,
        slots: &[u64],
    ) -> wasmtime::Result<Option<u64>> {
        function.call(store, slots)
    }
}

/// On a stack of its own, so that host functions can wait.
#[cfg(feature = "async")]
#[derive(Debug)]
pub(crate) enum Waiting {}

#[cfg(feature = "async")]
impl<T: Send + 'static> Mode<T> for Waiting {
    const WAY: Way = Way::Waiting;

    async fn instantiate(
        pre: &InstancePre<State<T>>,
        store: StoreContextMut<'_, State<T>>,
    ) -> wasmtime::Result<Instance> {
        let deadline = deadline(&store);
        in_time(deadline, pre.instantiate_async(store)).await
    }

    async fn instantiate_with(
        module: &Module,
        imports: &[Extern],
        store: StoreContextMut<'_, State<T>>,
    ) -> wasmtime::Result<Instance> {
        let deadline = deadline(&store);
        in_time(deadline, Instance::new_async(store, module, imports)).await
    }

    fn mediate(mediator: Mediator<T>, store: StoreContextMut<'_, State<T>>) -> Func {
        let ty = mediator.function.core_type(store.engine());
        let mediator = Arc::new(mediator);
        Func::new_async(store, ty, move |caller, params, results| {
            let mediator = Arc::clone(&mediator);
            Box::new(async move {
                let slot = mediator.call::<Self>(caller, &slots(params)).await?;
                put_result(mediator.function.signature.core_result(), slot, results);
                Ok(())
            })
        })
    }

    async fn call<P: WasmParams + Sync, R: WasmResults + Sync>(
        function: &TypedFunc<P, R>,
        store: StoreContextMut<'_, State<T>>,
        params: P,
    ) -> wasmtime::Result<R> {
        let deadline = deadline(&store);
        in_time(deadline, function.call_async(store, params)).await
    }

    async fn call_untyped(
        function: Func,
        store: StoreContextMut<'_, State<T>>,
        params: &[Val],
        results: &mut [Val],
    ) -> wasmtime::Result<()> {
        let deadline = deadline(&store);
        in_time(deadline, function.call_async(store, params, results)).await
    }

    async fn call_core(
        function: &CoreFunc,
        store: StoreContextMut<'_, State<T>>,
        slots: &[u64],
    ) -> wasmtime::Result<Option<u64>> {
        let deadline = deadline(&store);
        in_time(deadline, function.call_async(store, slots)).await
    }
}

#[cfg(feature = "async")]
fn deadline<T>(store: &StoreContextMut<'_, State<T>>) -> Option<Deadline> {
    store.data().clock.as_ref().map(Clock::deadline)
}

/// The engine looks at the clock while guest code runs; this does so while a host function waits.
#[cfg(feature = "async")]
async fn in_time<R>(
    deadline: Option<Deadline>,
    call: impl Future<Output = wasmtime::Result<R>>,
) -> wasmtime::Result<R> {
    let Some(mut deadline) = deadline else {
        return call.await;
    };
    let mut call = pin!(call);
    poll_fn(|context| {
        let outcome = call.as_mut().poll(context);
        if outcome.is_pending() {
            if let Some(limit) = deadline.over() {
                return Poll::Ready(Err(OutOfTime(limit).into()));
            }
            deadline.wake_at_end(context.waker());
        }
        outcome
    })
    .await
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
