//! Everyone under the same conditions: one engine for all, with the settings that Pack makes.

use std::{env, fs};

use pack_runtime::{Limits, Runtime, RuntimeBuilder};
use wasmtime::{ProfilingStrategy, Result};

use crate::component;
use crate::floor;
use crate::pack::Pack;

/// More ticks than there are.
pub(crate) const FAR_AWAY: u64 = 1 << 40;

/// All contenders that are modules, for one setting of time.
pub(crate) struct Setup {
    pub(crate) floor: floor::Calls,
    /// Of a guest that has values of its own.
    pub(crate) owned: Pack,
    /// Of one that borrows what it is passed.
    pub(crate) borrowed: Pack,
    pub(crate) component: component::Calls,
    /// In an engine of its own, whose `Config::concurrency_support` is on, which is wasmtime's default.
    pub(crate) concurrent: component::Calls,
}

/// Whether guests look at the clock: at wasmtime's epoch, at the begin of loops and functions.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Time {
    /// As Pack has it from the start.
    Limited,
    /// As wasmtime has it from the start.
    Unlimited,
}

impl Setup {
    pub(crate) fn new(time: Time) -> Result<Self> {
        let runtime = builder(time, false).build()?;
        let concurrent = builder(time, true).build()?;
        let engine = runtime.engine();
        let wrapped = component::wrapped(&fs::read(env!("GUEST_COMPONENT_CALLS"))?)?;
        Ok(Self {
            floor: floor::Calls::new(engine, &fs::read(env!("GUEST_FLOOR_CALLS"))?)?,
            owned: Pack::new(runtime.load_file(env!("GUEST_PACK_OWNED"))?)?,
            borrowed: Pack::new(runtime.load_file(env!("GUEST_PACK_BORROWED"))?)?,
            component: component::Calls::new(engine, &wrapped)?,
            concurrent: component::Calls::new(concurrent.engine(), &wrapped)?,
        })
    }

    /// The Component Model without and with support of concurrency, by the names they have in the table.
    pub(crate) fn components(&self) -> [(&'static str, &component::Calls); 2] {
        [(COMPONENT, &self.component), (CONCURRENT, &self.concurrent)]
    }
}

pub(crate) const COMPONENT: &str = "Component Model";

pub(crate) const CONCURRENT: &str = "Component Model, concurrent";

/// A runtime. All that is compiled, also for others than Pack, is compiled with its engine.
pub(crate) fn builder(time: Time, is_concurrent: bool) -> RuntimeBuilder {
    let mut limits = Limits::DEFAULT;
    if let Time::Unlimited = time {
        limits = limits.with_time(None);
    }
    Runtime::builder().limits(limits).engine(move |config| {
        config.concurrency_support(is_concurrent);
        if env::var_os("PACK_BENCH_PERF").is_some() {
            config.profiler(ProfilingStrategy::PerfMap);
        }
    })
}
