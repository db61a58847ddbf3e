//! Records of text there and back.

use bench_model::{Entry, entries};
use pack_runtime::Value;
use wasmtime::Result;

use crate::component;
use crate::harness::{Bench, FLOOR};
use crate::setup::Setup;

pub(crate) fn run(bench: &mut Bench, setup: &Setup) -> Result<()> {
    bench.workload("echo 1000 records", |w| {
        let records = entries(1000);
        let is_right = {
            let records = records.clone();
            move |answer: &Vec<Entry>| *answer == records
        };
        let data = records.clone();
        w.contender(FLOOR, is_right.clone(), move || Ok(data.clone()));
        let mut pack = setup.owned.typed()?;
        let data = records.clone();
        w.contender("Pack typed", is_right.clone(), move || {
            Ok(pack.echo_records(&data)?)
        });
        let mut pack = setup.borrowed.typed()?;
        let data = records.clone();
        w.contender("Pack borrowed", is_right.clone(), move || {
            Ok(pack.echo_records(&data)?)
        });
        let mut pack = setup.owned.waiting()?;
        let data = records.clone();
        w.waiting("Pack typed async", is_right, async move || {
            Ok(pack.echo_records(&data).await?)
        });
        let mut pack = setup.owned.dynamic()?;
        let data = [Value::List(records.iter().map(to_value).collect())];
        let expected = data[0].clone();
        w.contender(
            "Pack Value",
            move |answer| *answer == Some(expected.clone()),
            move || Ok(pack.call("$root", "echo-records", &data)?),
        );
        for (name, component) in setup.components() {
            let mut component = component.instantiate()?;
            let data: Vec<_> = records.iter().map(to_component).collect();
            let expected = data.clone();
            w.contender(
                name,
                move |answer| *answer == expected,
                move || {
                    component
                        .calls
                        .call_echo_records(&mut component.store, &data)
                },
            );
        }
        Ok(())
    })
}

fn to_value(entry: &Entry) -> Value {
    let tags = entry
        .tags
        .iter()
        .map(|tag| Value::from(tag.as_str()))
        .collect();
    let score = entry.score.map(|score| Box::new(Value::F64(score)));
    let fields = [
        ("id", Value::U64(entry.id)),
        ("name", Value::from(entry.name.as_str())),
        ("tags", Value::List(tags)),
        ("score", Value::Option(score)),
    ];
    Value::Record(fields.map(|(name, value)| (name.to_owned(), value)).into())
}

fn to_component(entry: &Entry) -> component::Entry {
    component::Entry {
        id: entry.id,
        name: entry.name.clone(),
        tags: entry.tags.clone(),
        score: entry.score,
    }
}
