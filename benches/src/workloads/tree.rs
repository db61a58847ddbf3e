//! A recursive value: there and back, and only there.

use std::hint::black_box;

use bench_model::{Json, tree};
use pack_abi::wire::{decode, encode};
use pack_runtime::{MessageLimits, Value};
use wasmtime::{Result, ensure};

use crate::component::{flatten, unflatten};
use crate::harness::{Bench, FLOOR, Workload};
use crate::pack::viewing;
use crate::setup::{COMPONENT, Setup};

pub(crate) fn run(bench: &mut Bench, setup: &Setup) -> Result<()> {
    for nodes in bench.sizes([100, 1000, 10_000, 100_000, 1_000_000], 10_000) {
        // The whole field at the size that everything is compared at, and what it grows like for the others.
        let is_whole = nodes == 10_000;
        bench.workload(&format!("echo tree of {nodes}"), |w| {
            echo(w, setup, &tree(nodes), is_whole)
        })?;
    }
    bench.workload("total of tree of 10000", |w| total(w, setup, &tree(10_000)))
}

fn echo(w: &mut Workload<'_>, setup: &Setup, tree: &Json, is_whole: bool) -> Result<()> {
    let is_right = {
        let tree = tree.clone();
        move |answer: &Json| *answer == tree
    };
    let data = tree.clone();
    w.contender(FLOOR, is_right.clone(), move || Ok(data.clone()));
    let mut pack = setup.owned.typed()?;
    let data = tree.clone();
    w.contender("Pack typed", is_right.clone(), move || {
        Ok(pack.echo_json(&data)?)
    });
    let mut pack = setup.borrowed.typed()?;
    let data = tree.clone();
    w.contender("Pack borrowed", is_right.clone(), move || {
        Ok(pack.echo_json(&data)?)
    });
    if is_whole {
        let data = decode::<viewing::Json>(&encode(tree)?, MessageLimits::DEFAULT)?;
        let mut pack = setup.owned.viewed()?;
        ensure!(
            pack.echo_json(&data)?.to_owned() == data,
            "the view shows something else"
        );
        w.contender(
            "Pack viewed",
            |()| true,
            move || {
                black_box(pack.echo_json(&data)?.get());
                Ok(())
            },
        );
        let mut pack = setup.owned.waiting()?;
        let data = tree.clone();
        w.waiting("Pack typed async", is_right.clone(), async move || {
            Ok(pack.echo_json(&data).await?)
        });
        let mut pack = setup.owned.dynamic()?;
        let data = [to_value(tree)];
        let expected = data[0].clone();
        w.contender(
            "Pack Value",
            move |answer| *answer == Some(expected.clone()),
            move || Ok(pack.call("$root", "echo-json", &data)?),
        );
    }
    for (name, component) in setup
        .components()
        .into_iter()
        .take(if is_whole { 2 } else { 1 })
    {
        let mut component = component.instantiate()?;
        let data = tree.clone();
        w.contender(format!("{name}, flattened"), is_right.clone(), move || {
            let answer = component
                .calls
                .call_echo_flat(&mut component.store, &flatten(&data))?;
            Ok(unflatten(answer))
        });
    }
    let mut component = setup.component.instantiate()?;
    let data = tree.clone();
    w.contender(format!("{COMPONENT}, packed bytes"), is_right, move || {
        let data = borsh::to_vec(&data)?;
        let answer = component
            .calls
            .call_echo_packed(&mut component.store, &data)?;
        Ok(borsh::from_slice(&answer)?)
    });
    Ok(())
}

fn total(w: &mut Workload<'_>, setup: &Setup, tree: &Json) -> Result<()> {
    let expected = tree.total();
    let is_right = move |total: &f64| *total == expected;
    let (data, same) = (tree.clone(), tree.clone());
    w.contender(
        FLOOR,
        move |answer: &Json| *answer == same,
        move || Ok(data.clone()),
    );
    let mut pack = setup.owned.typed()?;
    let data = tree.clone();
    w.contender("Pack typed", is_right, move || Ok(pack.total(&data)?));
    let mut pack = setup.borrowed.typed()?;
    let data = tree.clone();
    w.contender("Pack borrowed", is_right, move || Ok(pack.total(&data)?));
    let mut pack = setup.owned.waiting()?;
    let data = tree.clone();
    w.waiting("Pack typed async", is_right, async move || {
        Ok(pack.total(&data).await?)
    });
    let mut pack = setup.owned.dynamic()?;
    let data = [to_value(tree)];
    w.contender(
        "Pack Value",
        move |total: &Option<Value>| *total == Some(Value::F64(expected)),
        move || Ok(pack.call("$root", "total", &data)?),
    );
    for (name, component) in setup.components() {
        let mut component = component.instantiate()?;
        let data = tree.clone();
        w.contender(format!("{name}, flattened"), is_right, move || {
            let data = flatten(&data);
            component.calls.call_total_flat(&mut component.store, &data)
        });
    }
    let mut component = setup.component.instantiate()?;
    let data = tree.clone();
    w.contender(format!("{COMPONENT}, packed bytes"), is_right, move || {
        let data = borsh::to_vec(&data)?;
        component
            .calls
            .call_total_packed(&mut component.store, &data)
    });
    Ok(())
}

fn to_value(tree: &Json) -> Value {
    let (case, payload) = match tree {
        Json::Null => ("null", None),
        Json::Boolean(value) => ("boolean", Some(Value::Bool(*value))),
        Json::Number(number) => ("number", Some(Value::F64(*number))),
        Json::Text(text) => ("text", Some(Value::from(text.as_str()))),
        Json::Array(items) => (
            "array",
            Some(Value::List(items.iter().map(to_value).collect())),
        ),
        Json::Object(members) => {
            let member = |(key, value): &(String, Json)| {
                Value::Tuple(vec![Value::from(key.as_str()), to_value(value)])
            };
            (
                "object",
                Some(Value::List(members.iter().map(member).collect())),
            )
        }
    };
    Value::Variant(case.to_owned(), payload.map(Box::new))
}
