//! The calls, by hand on core values: what nothing that does more can be faster than.

use std::alloc::{Layout, alloc, dealloc};
use std::slice;

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    fn log_len(text: *const u8, length: usize) -> u32;
}

fn layout(length: usize) -> Layout {
    Layout::from_size_align(length, 16).unwrap()
}

#[unsafe(no_mangle)]
extern "C" fn room(length: usize) -> *mut u8 {
    // SAFETY: nobody asks for no bytes.
    unsafe { alloc(layout(length)) }
}

#[unsafe(no_mangle)]
extern "C" fn release(place: *mut u8, length: usize) {
    // SAFETY: it came from `room`.
    unsafe { dealloc(place, layout(length)) }
}

#[unsafe(no_mangle)]
extern "C" fn nop() {}

#[unsafe(no_mangle)]
extern "C" fn add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

/// Where the text lies, and how long it is: the argument is the answer.
#[unsafe(no_mangle)]
extern "C" fn echo(text: usize, length: usize) -> u64 {
    text as u64 | (length as u64) << 32
}

/// The text once more, checked: what a person would write who wants a `String`.
#[unsafe(no_mangle)]
extern "C" fn echo_owned(text: *const u8, length: usize) -> u64 {
    // SAFETY: the host has written so many bytes there.
    let text = str::from_utf8(unsafe { slice::from_raw_parts(text, length) }).unwrap();
    let answer = text.to_owned().into_boxed_str();
    let length = answer.len();
    Box::into_raw(answer).cast::<u8>() as u64 | (length as u64) << 32
}

/// Takes the answer of `echo_owned` back.
#[unsafe(no_mangle)]
extern "C" fn release_text(text: *mut u8, length: usize) {
    // SAFETY: it came from `echo_owned`.
    drop(unsafe { Vec::from_raw_parts(text, length, length) });
}

#[unsafe(no_mangle)]
extern "C" fn sum(bytes: *const u8, length: usize) -> u64 {
    // SAFETY: the host has written so many bytes there.
    let bytes = unsafe { slice::from_raw_parts(bytes, length) };
    bytes.iter().map(|byte| u64::from(*byte)).sum()
}

#[unsafe(no_mangle)]
extern "C" fn sum_numbers(numbers: *const u32, count: usize) -> u64 {
    // SAFETY: the host has written so many numbers there.
    let numbers = unsafe { slice::from_raw_parts(numbers, count) };
    numbers.iter().map(|number| u64::from(*number)).sum()
}

/// In place.
#[unsafe(no_mangle)]
extern "C" fn translate(points: *mut [f64; 3], count: usize, x: f64, y: f64, z: f64) {
    // SAFETY: the host has written so many points there.
    for point in unsafe { slice::from_raw_parts_mut(points, count) } {
        point[0] += x;
        point[1] += y;
        point[2] += z;
    }
}

#[unsafe(no_mangle)]
extern "C" fn log_all(times: u32) -> u64 {
    let text = "sixteen bytes ..";
    // SAFETY: the host reads the text and returns.
    (0..times)
        .map(|_| u64::from(unsafe { log_len(text.as_ptr(), text.len()) }))
        .sum()
}
