//! The calls, as a Pack package that takes values of its own.

pack::world!("../../../wit/calls.wit");

use bench::calls::host;

#[pack::export]
fn nop() {}

#[pack::export]
fn add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

#[pack::export]
fn echo(text: String) -> String {
    text
}

#[pack::export]
fn sum(bytes: Vec<u8>) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte)).sum()
}

#[pack::export]
fn sum_numbers(numbers: Vec<u32>) -> u64 {
    numbers.iter().map(|number| u64::from(*number)).sum()
}

#[pack::export]
fn translate(mut points: Vec<Point>, by: Point) -> Vec<Point> {
    for point in &mut points {
        point.x += by.x;
        point.y += by.y;
        point.z += by.z;
    }
    points
}

#[pack::export]
fn echo_records(records: Vec<Entry>) -> Vec<Entry> {
    records
}

#[pack::export]
fn echo_json(doc: Json) -> Json {
    doc
}

#[pack::export]
fn total(doc: Json) -> f64 {
    sum_of(&doc)
}

fn sum_of(doc: &Json) -> f64 {
    match doc {
        Json::Number(number) => *number,
        Json::Array(items) => items.iter().map(sum_of).sum(),
        Json::Object(members) => members.iter().map(|(_, value)| sum_of(value)).sum(),
        Json::Null | Json::Boolean(_) | Json::Text(_) => 0.0,
    }
}

#[pack::export]
fn log_all(times: u32) -> u64 {
    (0..times)
        .map(|_| u64::from(host::log_len("sixteen bytes ..")))
        .sum()
}
