//! A string there and back.

use std::hint::black_box;

use pack_runtime::Value;
use wasmtime::Result;

use crate::floor::place;
use crate::harness::{Bench, FLOOR};
use crate::setup::Setup;

pub(crate) fn run(bench: &mut Bench, setup: &Setup) -> Result<()> {
    echo(bench, setup, "echo 16 B", 16)?;
    echo(bench, setup, "echo 64 KiB", 64 << 10)
}

fn echo(bench: &mut Bench, setup: &Setup, name: &str, length: usize) -> Result<()> {
    let text = &*"sixteen bytes ..".repeat(length / 16);
    bench.workload(name, |w| {
        let is_right = |answer: &String| answer == text;
        let mut floor = setup.floor.instantiate()?;
        let at = floor.room(length)?;
        w.contender(FLOOR, |answer: &Vec<u8>| answer == text.as_bytes(), move || {
            floor.put(at, text.as_bytes());
            let answer = floor.echo.call(&mut floor.store, (at, length as u32))?;
            let (at, length) = place(answer);
            Ok(floor.bytes(at, length).to_vec())
        });
        let mut floor = setup.floor.instantiate()?;
        let at = floor.room(length)?;
        w.contender("hand-written", is_right, move || {
            floor.put(at, text.as_bytes());
            let answer = floor.echo_owned.call(&mut floor.store, (at, length as u32))?;
            let (at, length) = place(answer);
            let answer = str::from_utf8(floor.bytes(at, length))?.to_owned();
            floor.release_text.call(&mut floor.store, (at, length as u32))?;
            Ok(answer)
        });
        let mut pack = setup.owned.typed()?;
        w.contender("Pack owned", is_right, move || Ok(pack.echo(text)?));
        let mut pack = setup.borrowed.typed()?;
        w.contender("Pack typed", is_right, move || Ok(pack.echo(text)?));
        let mut pack = setup.borrowed.viewed()?;
        w.contender("Pack viewed", |is_right: &bool| *is_right, move || {
            let answer = pack.echo(text)?;
            Ok(black_box(answer.get()).len() == text.len())
        });
        let mut pack = setup.borrowed.waiting()?;
        w.waiting("Pack typed async", is_right, async move || Ok(pack.echo(text).await?));
        let mut pack = setup.borrowed.dynamic()?;
        let arguments = [Value::String(text.to_owned())];
        let is_right_value = |answer: &Option<Value>| {
            matches!(answer, Some(Value::String(answer)) if answer == text)
        };
        w.contender("Pack Value", is_right_value, move || {
            Ok(pack.call("$root", "echo", &arguments)?)
        });
        for (name, component) in setup.components() {
            let mut component = component.instantiate()?;
            w.contender(name, is_right, move || {
                component.calls.call_echo(&mut component.store, text)
            });
        }
        Ok(())
    })
}
