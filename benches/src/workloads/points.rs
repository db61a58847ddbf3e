//! Records of numbers there and back, changed on the way.

use bench_model::{Point, points};
use pack_runtime::Value;
use wasmtime::Result;

use crate::component;
use crate::harness::{Bench, FLOOR};
use crate::setup::Setup;

const COUNT: usize = 10_000;

/// By how much points are moved.
const BY: Point = Point {
    x: 1.0,
    y: 2.0,
    z: 3.0,
};

pub(crate) fn run(bench: &mut Bench, setup: &Setup) -> Result<()> {
    bench.workload("translate 10000 points", |w| {
        let before = points(COUNT);
        let moved = |point: &Point| Point {
            x: point.x + BY.x,
            y: point.y + BY.y,
            z: point.z + BY.z,
        };
        let after: Vec<Point> = before.iter().map(moved).collect();

        // Only the copies: nothing is moved.
        let mut floor = setup.floor.instantiate()?;
        let bytes = to_bytes(&before);
        let at = floor.room(bytes.len())?;
        let expected = bytes.clone();
        w.contender(
            FLOOR,
            move |answer: &Vec<u8>| *answer == expected,
            move || {
                floor.put(at, &bytes);
                floor.nop.call(&mut floor.store, ())?;
                Ok(floor.bytes(at, bytes.len()).to_vec())
            },
        );
        let mut floor = setup.floor.instantiate()?;
        let bytes = to_bytes(&before);
        let at = floor.room(bytes.len())?;
        let expected = to_bytes(&after);
        w.contender(
            "hand-written",
            move |answer: &Vec<u8>| *answer == expected,
            move || {
                floor.put(at, &bytes);
                let arguments = (at, COUNT as u32, BY.x, BY.y, BY.z);
                floor.translate.call(&mut floor.store, arguments)?;
                Ok(floor.bytes(at, bytes.len()).to_vec())
            },
        );

        let is_right = {
            let after = after.clone();
            move |answer: &Vec<Point>| *answer == after
        };
        let mut pack = setup.owned.typed()?;
        let data = before.clone();
        w.contender("Pack typed", is_right.clone(), move || {
            Ok(pack.translate(&data, &BY)?)
        });
        let mut pack = setup.borrowed.typed()?;
        let data = before.clone();
        w.contender("Pack borrowed", is_right.clone(), move || {
            Ok(pack.translate(&data, &BY)?)
        });
        let mut pack = setup.owned.waiting()?;
        let data = before.clone();
        w.waiting("Pack typed async", is_right, async move || {
            Ok(pack.translate(&data, &BY).await?)
        });
        let mut pack = setup.owned.dynamic()?;
        let data = [
            Value::List(before.iter().map(to_value).collect()),
            to_value(&BY),
        ];
        let expected = Some(Value::List(after.iter().map(to_value).collect()));
        w.contender(
            "Pack Value",
            move |answer| *answer == expected,
            move || Ok(pack.call("$root", "translate", &data)?),
        );
        for (name, component) in setup.components() {
            let mut component = component.instantiate()?;
            let data: Vec<_> = before.iter().map(to_component).collect();
            let expected: Vec<_> = after.iter().map(to_component).collect();
            w.contender(
                name,
                move |answer| *answer == expected,
                move || {
                    let by = to_component(&BY);
                    component
                        .calls
                        .call_translate(&mut component.store, &data, by)
                },
            );
        }
        Ok(())
    })
}

fn to_bytes(points: &[Point]) -> Vec<u8> {
    let numbers = points.iter().flat_map(|point| [point.x, point.y, point.z]);
    numbers.flat_map(f64::to_le_bytes).collect()
}

fn to_value(point: &Point) -> Value {
    let fields = [("x", point.x), ("y", point.y), ("z", point.z)];
    Value::Record(
        fields
            .map(|(name, number)| (name.to_owned(), Value::F64(number)))
            .into(),
    )
}

fn to_component(point: &Point) -> component::Point {
    let Point { x, y, z } = *point;
    component::Point { x, y, z }
}
