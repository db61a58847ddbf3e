//! Metadata of packages.

use pack_abi::metadata::{MAGIC, read, section};
use pack_abi::schema::FORMAT_VERSION;

use crate::contract::{assert_is_in_what_is_printed, assert_reads_the_same_when_written, use_up};
use crate::cost::bounded;
use crate::input::Input;

/// Memory that reading metadata may take: so many times its length, and what errors need.
const MULTIPLE: usize = 64;
const SLACK: usize = 64 << 10;

/// The first byte says what follows: metadata, a module, or one or several schemas in blocks.
pub fn metadata(data: &[u8]) {
    let mut input = Input::new(data);
    let bytes = match input.below(4) {
        0 => input.rest().to_vec(),
        1 => match section(input.rest()) {
            Ok(metadata) => metadata.to_vec(),
            Err(error) => return assert!(!error.to_string().is_empty()),
        },
        2 => piece(input.rest()),
        _ => {
            let mut pieces = Vec::new();
            while !input.is_empty() {
                pieces.extend(piece(input.block()));
            }
            pieces
        }
    };
    match bounded(MULTIPLE * bytes.len() + SLACK, &data, || read(&bytes)) {
        Err(error) => {
            let words = error.to_string();
            assert!(
                !words.is_empty() && words.len() < bytes.len() + 4096,
                "{words}"
            );
        }
        Ok(contract) => {
            use_up(&contract);
            assert_reads_the_same_when_written(&contract);
            assert_is_in_what_is_printed(&contract);
        }
    }
}

/// A head that is right in front of a body that need not be.
fn piece(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap();
    [
        &MAGIC[..],
        &FORMAT_VERSION.to_le_bytes(),
        &length.to_le_bytes(),
        body,
    ]
    .concat()
}
