//! The calls, as a Pack package that borrows what it is passed.

use pack::view::ListRef;

pack::world!("../../../wit/calls.wit");

use bench::calls::host;

#[pack::export]
fn nop() {}

#[pack::export]
fn add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

#[pack::export]
fn echo(text: &str) -> &str {
    text
}

#[pack::export]
fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte)).sum()
}

#[pack::export]
fn sum_numbers(numbers: &[u32]) -> u64 {
    numbers.iter().map(|number| u64::from(*number)).sum()
}

#[pack::export]
fn translate(points: &mut [Point], by: Point) -> &[Point] {
    for point in &mut *points {
        point.x += by.x;
        point.y += by.y;
        point.z += by.z;
    }
    points
}

#[pack::export]
fn echo_records(records: ListRef<'_, Entry>) -> ListRef<'_, Entry> {
    records
}

#[pack::export]
fn echo_json(doc: JsonRef<'_>) -> JsonRef<'_> {
    doc
}

#[pack::export]
fn total(doc: JsonRef<'_>) -> f64 {
    match doc {
        JsonRef::Number(number) => number,
        JsonRef::Array(items) => items.iter().map(total).sum(),
        JsonRef::Object(members) => members.iter().map(|(_, value)| total(value)).sum(),
        JsonRef::Null | JsonRef::Boolean(_) | JsonRef::Text(_) => 0.0,
    }
}

#[pack::export]
fn log_all(times: u32) -> u64 {
    (0..times)
        .map(|_| u64::from(host::log_len("sixteen bytes ..")))
        .sum()
}
