//! Modules in bytes, with everything that stays in them: names of functions, metadata.

use std::fs;

use wasmtime::Result;

use crate::component;
use crate::harness::{Bench, FLOOR};

pub(crate) fn run(bench: &mut Bench) -> Result<()> {
    let name = "module with one scalar export";
    if bench.wants(name) {
        let wrapped = component::wrapped(&fs::read(env!("GUEST_COMPONENT_SCALAR"))?)?;
        let sizes = [
            (FLOOR, length(env!("GUEST_FLOOR_SCALAR"))?),
            ("Pack", length(env!("GUEST_PACK_SCALAR"))?),
            ("Pack, no std", length(env!("GUEST_PACK_LEAST"))?),
            (
                "Pack, and a recursive type",
                length(env!("GUEST_PACK_TREE"))?,
            ),
            (
                "Pack, and two recursive types",
                length(env!("GUEST_PACK_TREES"))?,
            ),
            (
                "Pack, no std, and a recursive type",
                length(env!("GUEST_PACK_SMALL"))?,
            ),
            ("Component Model", wrapped.len() as u64),
        ];
        bench.report.sizes(name, &sizes);
    }
    let name = "module of all calls";
    if bench.wants(name) {
        let wrapped = component::wrapped(&fs::read(env!("GUEST_COMPONENT_CALLS"))?)?;
        let sizes = [
            (FLOOR, length(env!("GUEST_FLOOR_CALLS"))?),
            ("Pack", length(env!("GUEST_PACK_OWNED"))?),
            ("Component Model", wrapped.len() as u64),
        ];
        bench.report.sizes(name, &sizes);
    }
    Ok(())
}

fn length(path: &str) -> Result<u64> {
    Ok(fs::metadata(path)?.len())
}
