//! The calls, as a component. What the Component Model has no type for goes through one that it has, both ways.

wit_bindgen::generate!({ path: "../../../wit/component.wit", world: "calls" });

use bench::calls::host;
use bench_model::Json;

bench_model::flat_conversions!(Flat);

struct Package;

export!(Package);

impl Guest for Package {
    fn nop() {}

    fn add(a: i64, b: i64) -> i64 {
        a.wrapping_add(b)
    }

    fn echo(text: String) -> String {
        text
    }

    fn sum(bytes: Vec<u8>) -> u64 {
        bytes.iter().map(|byte| u64::from(*byte)).sum()
    }

    fn sum_numbers(numbers: Vec<u32>) -> u64 {
        numbers.iter().map(|number| u64::from(*number)).sum()
    }

    fn translate(mut points: Vec<Point>, by: Point) -> Vec<Point> {
        for point in &mut points {
            point.x += by.x;
            point.y += by.y;
            point.z += by.z;
        }
        points
    }

    fn echo_records(records: Vec<Entry>) -> Vec<Entry> {
        records
    }

    fn echo_flat(doc: Vec<Flat>) -> Vec<Flat> {
        flatten(&unflatten(doc))
    }

    fn total_flat(doc: Vec<Flat>) -> f64 {
        unflatten(doc).total()
    }

    fn echo_packed(doc: Vec<u8>) -> Vec<u8> {
        borsh::to_vec(&unpacked(&doc)).unwrap()
    }

    fn total_packed(doc: Vec<u8>) -> f64 {
        unpacked(&doc).total()
    }

    fn log_all(times: u32) -> u64 {
        (0..times)
            .map(|_| u64::from(host::log_len("sixteen bytes ..")))
            .sum()
    }
}

fn unpacked(doc: &[u8]) -> Json {
    borsh::from_slice(doc).unwrap()
}
